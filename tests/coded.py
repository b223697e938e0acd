"""Invented interviews on two statements, for pages that must not be looked at empty: quotations in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from consensus import conduct, models
from consensus.conduct.evidence import READ, RELEASE
from consensus.house import House
from consensus.imports.coded import CodedQuotation, CodedSource, Reading
from rounds.contract import REALIST, Statement

SPREAD = "different"
# language, a yes, the place of the source, how many of the statements: told with its place, released alone, held back,
# without a yes; the last is left unread.
QUOTED = (("en", True, 0, 2), ("fr", True, 1, 1), ("en", True, 2, 1), ("en", False, 0, 1), ("fr", True, 0, 1))
RELEASED, UNREAD = 1, 4


def explained(card: Statement, marked: Callable[[str], str]) -> Statement:
    """With what a realist says of it, and where it is to go."""
    return replace(card, spread=SPREAD, **{name: marked(f"Its {name}, as somebody told it.") for name in REALIST})


def reading(
    cards: list[Statement], marked: Callable[[str], str], informant: str, sites: tuple[str, str] = ("s2", "s1")
) -> Reading:
    """informant: a key of a group; one source says a kind of person that is none."""
    sources = (
        CodedSource(marked("First talk"), "focus_group", sites[0], informant, people=6),
        CodedSource(marked("Second talk"), "interview", marked("Gaspé"), marked("volunteers")),
        CodedSource(marked("Third talk"), "interview", sites[1], informant),
    )
    quotations = tuple(
        CodedQuotation(marked(f"Somebody said this in talk {place}."), language, may, source, _ids(cards[:n]))
        for place, (language, may, source, n) in enumerate(QUOTED, 1)
    )
    return Reading(tuple(cards), sources, quotations, ((cards[0].id, 2),))


def _ids(cards: list[Statement]) -> tuple[str, ...]:
    return tuple(card.id for card in cards)


async def bring(house: House, desk: models.Seat, staff: models.Staff, what: Reading) -> None:
    """All but the last quotation are read, one is released."""
    await conduct.bring_coded(house, desk, staff, what)
    study = (await models.Session.get(id=desk.session_id)).study_id
    rows = models.Quotation.filter(study_id=study).order_by("-id").limit(len(QUOTED))
    numbers = sorted([row.id for row in await rows])
    read = [number for place, number in enumerate(numbers) if place != UNREAD]
    await conduct.judge_quotations(house, staff, study, READ, read)
    await conduct.judge_quotations(house, staff, study, RELEASE, [numbers[RELEASED]])
