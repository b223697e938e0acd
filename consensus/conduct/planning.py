"""Acts on the plan of a session as a whole: its rounds change places and are given names.

What a round asks, and which rounds there are, is changed in sessions.py; nothing is opened here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consensus import models, store
from consensus.conduct.acting import Refused, actor, round_in
from consensus.house import House
from consensus.journal import head_of, write
from consensus.outcome import digest
from consensus.states import RoundState
from rounds import KINDS
from rounds.sequence import faults

WAYS = {"up": -1, "down": 1}
LONGEST_NAME = 60


async def move_round(house: House, by: models.Seat, round_id: int, way: str) -> None:
    """One place up or down among the rounds that have not opened. Refused where the new order makes no sense and the
    old one did; each keeps what it takes, so that a way back leads to the same plan."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        row = await round_in(by.session_id, round_id)
        if row.state != RoundState.DRAFT:
            raise Refused("refused.frozen")
        rows = await models.Round.filter(session_id=by.session_id).order_by("position")
        here = [one.id for one in rows].index(row.id)
        there = here + WAYS.get(way, 0)
        if there == here or not 0 <= there < len(rows):
            raise Refused("refused.no_further")
        other = rows[there]
        if other.state != RoundState.DRAFT:
            raise Refused("refused.opened_stays")
        _refuse_nonsense(rows, here, there)
        places = row.position, other.position
        # No two rounds stand in one place, not even for a moment.
        for one, place in ((row, -1), (other, places[0]), (row, places[1])):
            one.position = place
            await one.save(update_fields=["position"])
        await write(head_of(by.session_id), actor(by), "move_round", {"round": row.key, "way": way})

    await house.act(by.session_id, job)


def _refuse_nonsense(rows: Sequence[models.Round], here: int, there: int) -> None:
    def planned(rows: Sequence[models.Round]) -> frozenset[tuple[str, str]]:
        kinds = [(row.key, KINDS[row.kind], row.settings) for row in rows]
        return faults([(key, kind, kind.Settings(**settings)) for key, kind, settings in kinds])

    changed = list(rows)
    changed[here], changed[there] = changed[there], changed[here]
    if new := sorted(planned(changed) - planned(rows)):
        raise Refused(f"refused.order.{new[0][0]}")


def named(title: Mapping[str, str], languages: Sequence[str]) -> dict[str, str] | None:
    """A name as it is stored: in each language, or None for none at all."""
    found = {language: title.get(language, "").strip() for language in languages}
    if not any(found.values()):
        return None
    if not all(found.values()):
        raise Refused("refused.half_a_name")
    if any(len(name) > LONGEST_NAME for name in found.values()):
        raise Refused("refused.long_name", n=LONGEST_NAME)
    return found


async def refuse_namesakes(row: models.Round, title: Mapping[str, str] | None) -> None:
    """Inside a job: no two rounds of a session have one name in a language."""
    others = await models.Round.filter(session_id=row.session_id).exclude(id=row.id).only("id", "title")
    taken = {(language, name.casefold()) for one in others for language, name in (one.title or {}).items()}
    if any((language, name.casefold()) in taken for language, name in (title or {}).items()):
        raise Refused("refused.name_taken")


async def name_round(house: House, by: models.Seat, round_id: int, title: Mapping[str, str]) -> None:
    """What pages and files call a round, by language; {} for the name of its kind. No part of its seal: it may change
    after the round has opened, until the session is frozen."""

    async def job() -> None:
        row = await round_in(by.session_id, round_id)
        session = await models.Session.get(id=by.session_id)
        if session.frozen_at:
            raise Refused("refused.frozen_session")
        row.title = named(title, session.languages)
        await refuse_namesakes(row, row.title)
        await row.save(update_fields=["title"])
        said = {"round": row.key, "hash": digest(row.title or {})}
        await write(head_of(by.session_id), actor(by), "name_round", said)

    await house.act(by.session_id, job)
