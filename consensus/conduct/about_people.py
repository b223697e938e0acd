"""What the second seal covers about people, for the analysis file, where the study asked for one before anybody agreed.

Of each person whose answers a round counts: which name they have over rounds, and, each apart, their group, their
language, how their answers came, and, where a session has any, their sites and arm, as these are when it closes. A leaf
each, so that a file may leave a column out and still prove the others. Where a card stood is forgotten by then, and
stands in no leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from consensus import leaves, models
from consensus.sites import all_of
from rounds.contract import Ballot, Role

OWN = "page"  # what was answered by the person, beside phone and paper
About = tuple[Ballot, str]  # one of a person's ballots, and what a leaf says of the person


async def facts_of(session_id: int, secret: str) -> dict[str, dict[str, str]]:
    """By seat, as ballots name it: what the file may say of each person."""
    ways: dict[int, set[str]] = {}
    seats = await models.Seat.filter(session_id=session_id, role=Role.PARTICIPANT)
    given = models.Ballot.filter(seat_id__in=[seat.id for seat in seats])
    for one in await given.distinct().values("seat_id", "entered_by"):
        ways.setdefault(one["seat_id"], set()).add(OWN if one["entered_by"] == "self" else one["entered_by"])
    session = await models.Session.get(id=session_id)
    sites = {seat.id: " ".join(sorted(all_of(session.site, seat.sites))) for seat in seats}
    arms = {seat.id: seat.arm or session.arm for seat in seats}
    places = {name: of for name, of in (("site", sites), ("arm", arms)) if any(of.values())}
    return {
        str(seat.id): {
            "person": leaves.person_of(secret, session_id, seat.id),
            "group": seat.group,
            "language": seat.language,
            "entered": "+".join(sorted(ways.get(seat.id, ()))),
            **{name: of[seat.id] for name, of in places.items()},
        }
        for seat in seats
    }


def about(
    round: str, ballots: Sequence[Ballot], facts: dict[str, dict[str, str]], named: Callable[[str], str]
) -> Iterable[About]:
    """named: the alias of a seat in this round."""
    first: dict[str, Ballot] = {}
    for ballot in ballots:
        if ballot.role == Role.PARTICIPANT:
            first.setdefault(ballot.seat, ballot)
    for seat, ballot in first.items():
        for name, value in facts[seat].items():
            yield ballot, leaves.person_said(round, named(seat), name, value)
