"""The reasons of a closed round, for whoever facilitates: read, made safe to show, and ticked, card by card.

Nobody's group or name is here. A reason that is not ticked is shown to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.limits import A_SIGN, FORM, Limits
from consensus.reasons import MOST, Reason, written
from consensus.states import RoundState
from consensus.web.asking import Ask
from consensus.web.covered import cover_of
from consensus.web.state import load_state
from consensus.web.view import plain
from rounds.contract import Statement
from rounds.written import LONGEST as MOST_WRITTEN
from rounds.written import plain as plain_text

LONGEST = 500  # characters of a reason as it is shown


@dataclass(frozen=True, slots=True)
class Written:
    """A reason on its page. chosen: the words that are shown of it, None where it is not."""

    name: str
    text: str
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A statement with what people wrote about it."""

    statement: Statement
    reasons: tuple[Written, ...]

    @property
    def shown(self) -> int:
        return sum(reason.chosen is not None for reason in self.reasons)


async def reasons(ask: Ask) -> Response:
    row = await _closed(ask)
    found: dict[str, list[Written]] = {}
    chosen = {shown["seq"]: shown["text"] for shown in row.reasons or []}
    for name, reason in (await _named(ask, row)).items():
        found.setdefault(reason.statement, []).append(Written(name, reason.text, chosen.get(reason.seq)))
    state = await load_state(ask.house, ask.here, row.key)
    statements = state.counted.round.statements if state.counted else ()
    return ask.page(
        "facilitator/reasons.html",
        view=(view := plain(state)),
        row=view.row,
        cards=[Reasoned(card, tuple(found[card.id])) for card in statements if card.id in found],
        most=MOST,
        longest=LONGEST,
        card=ask.typed.one("card"),
        saved=ask.request.query_params.get("saved", ""),
    )


async def _named(ask: Ask, row: models.Round) -> dict[str, Reason]:
    """What people wrote, by the names that the page gives it."""
    cover = cover_of(ask.house.settings.secret, row.id)
    return {cover(reason.seq): reason for reason in await written(ask.house, row)}


async def _closed(ask: Ask) -> models.Round:
    row = await models.Round.get_or_none(
        session_id=ask.here.id, key=ask.request.path_params["round"], state=RoundState.CLOSED
    )
    if row is None:
        raise HTTPException(404)
    return row


def _shown(ask: Ask, name: str) -> str:
    text = plain_text(ask.typed.one(name))
    if len(text) > LONGEST:
        raise Refused("too_long", n=LONGEST, now=len(text))
    return text


async def reasons_of_here(ask: Ask) -> Limits:
    """Every reason to one statement comes back with the form, also those that stay unseen."""
    people = await models.Seat.filter(session_id=ask.here.id).count()
    return Limits(FORM.fields + 2 * people, FORM.size + A_SIGN * MOST_WRITTEN * people)


async def choose(ask: Ask) -> Response:
    row, card = await _closed(ask), ask.typed.one("card")
    known = await _named(ask, row)
    ticked = {name: known[name].seq if name in known else 0 for name in ask.typed.many("show")}
    chosen = {seq: _shown(ask, f"text.{name}") for name, seq in ticked.items()}
    await conduct.show_reasons(ask.house, ask.mine, row.id, card, chosen)
    return ask.go("reasons", session=ask.here.id, round=row.key, query=f"saved={card}")
