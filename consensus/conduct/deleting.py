"""Every row of a session is deleted: of a rehearsal that is thrown away, of a study that is erased.

No act stands here: whoever calls it holds the session's chain, and says what happened in the chain of the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from consensus import models
from consensus.house import House
from consensus.journal import head_of


@dataclass(frozen=True, slots=True)
class Gone:
    """What processes may still hold of sessions that are gone. seats: each with its session."""

    rounds: list[int] = field(default_factory=list)
    seats: list[tuple[int, int]] = field(default_factory=list)


async def delete_session(number: int, gone: Gone) -> None:
    """In an order in which no row points at one that is gone; people whom nothing else needs go too."""
    rounds = [row.id for row in await models.Round.filter(session_id=number).only("id")]
    seats = await models.Seat.filter(session_id=number).only("id", "person_id")
    places = [seat.id for seat in seats]
    await _delete_of(number, rounds, places)
    await models.Round.filter(session_id=number).delete()
    await models.Seat.filter(session_id=number).delete()
    await delete_people({seat.person_id for seat in seats if seat.person_id is not None})
    await models.StudyNumber.filter(session_id=number).delete()
    await models.Session.filter(id=number).delete()
    await models.Entry.filter(head=head_of(number)).delete()
    await models.Head.filter(key=head_of(number)).delete()
    gone.rounds.extend(rounds)
    gone.seats.extend((number, place) for place in places)


async def _delete_of(number: int, rounds: Sequence[int], places: Sequence[int]) -> None:
    """What hangs on its rounds and seats."""
    await models.Ballot.filter(round_id__in=rounds).delete()
    await models.Leaf.filter(round_id__in=rounds).delete()
    await models.SecondEntry.filter(round_id__in=rounds).delete()
    await models.Login.filter(seat_id__in=places).delete()
    await models.Heard.filter(seat_id__in=places).delete()
    await models.Notice.filter(seat_id__in=places).delete()
    await models.Grant.filter(session_id=number).delete()
    await models.Call.filter(session_id=number).delete()
    await models.Mail.filter(session_id=number).delete()


async def delete_people(people: Iterable[int]) -> None:
    """Those who sit nowhere any more, and are on no study's panel."""
    those = set(people)
    held = {seat.person_id for seat in await models.Seat.filter(person_id__in=list(those)).only("id", "person_id")}
    held |= {one.person_id for one in await models.Member.filter(person_id__in=list(those)).only("id", "person_id")}
    await models.Person.filter(id__in=list(those - held)).delete()


def forget(house: House, gone: Gone) -> None:
    """Once it is committed: no count, picture or open page is left of it."""
    house.counts.drop(gone.rounds)
    for session, seat in gone.seats:
        house.pictures.drop(seat)
        house.rooms.dismiss(session, seat)
