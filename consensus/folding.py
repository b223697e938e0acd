"""Stored ballots counted in many at a time, which gives what each taken by itself gives: a law, held by a test.

Where ballots do not build on one another, a count is of what stands at last, so nothing is counted in that is counted
out again; and the gate is asked place by place, in the order of the ballots there. Acts of the journal keep their
moment: what came before one is put to the gate before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from consensus.reading import Row, Stored
from rounds.contract import Ballot, Role
from rounds.gate import Put

if TYPE_CHECKING:
    from consensus.count import Warm

AT_ONCE = 1_000  # ballots before others have their turn
Acts = deque[Mapping[str, Any]]


def folded(warm: Warm, stored: Stored, acts: Acts) -> Iterator[None]:
    """All that is stored is counted into a count of nothing, acts at their own moments; a yield where others may have
    their turn."""
    one_by_one = warm.kind.ordered or not warm.kind.is_counted
    yield from _each(warm, stored, acts) if one_by_one else _Many(warm).folded(stored, acts)
    for act in acts:
        yield from warm.unsettle(act)
    warm.last = stored.last


def _each(warm: Warm, stored: Stored, acts: Acts) -> Iterator[None]:
    for number, row in enumerate(stored.ballots()):
        while acts and acts[0]["seq"] < row[0]:
            yield from warm.unsettle(acts.popleft())
        warm.take(*row)
        if number % AT_ONCE == 0:
            yield


class _Many:
    """The ballots of a kind whose answers are counted, each for itself."""

    def __init__(self, warm: Warm) -> None:
        self._warm = warm
        self._waiting: dict[tuple[str, str], list[Put]] = {}  # what the gate has not been told, by block and slot
        # Of a seat: its name in ballots, the block it counts in, and what stands of it.
        self._people: dict[int, tuple[str, str | None, dict[str | int, Ballot]]] = {}

    def folded(self, stored: Stored, acts: Acts) -> Iterator[None]:
        rows = stored.ballots()
        while some := list(islice(rows, AT_ONCE)):
            while acts and acts[0]["seq"] < some[-1][0]:
                first = next(place for place, row in enumerate(some) if row[0] > acts[0]["seq"])
                self._read(some[:first])
                yield from self._put()
                yield from self._warm.unsettle(acts.popleft())
                some = some[first:]
            self._read(some)
            yield
        yield from self._put()
        yield from self._count()

    def _read(self, rows: list[Row]) -> None:
        warm, people, waiting, participant = self._warm, self._people, self._waiting, Role.PARTICIPANT
        standing, marks_of, put = warm.standing, warm.marks_of, warm.gate.put
        for seq, seat, slot, text, role, group in rows:
            person = people.get(seat)
            if person is None:
                block = warm.block_of(seq, seat, role, group)
                person = people[seat] = str(seat), block, standing.setdefault(seat, {})
            name, block, theirs = person
            ballot = None
            if text is not None:
                is_theirs = role == participant
                ballot = Ballot(seq, name, participant if is_theirs else Role(role), block, slot, marks_of(text))
                theirs[seq if slot is None else slot] = ballot
            if block is None or slot is None:
                put(name, block, slot, ballot, seq)
                continue
            place = waiting.get((block, slot))
            if place is None:
                place = waiting[block, slot] = []
            place.append((seq, name, ballot))

    def _put(self) -> Iterator[None]:
        """Tell the gate, place by place."""
        put, number = self._warm.gate.put_all, 0
        for place in list(self._waiting):
            said = self._waiting.pop(place)  # what is told goes at once, and not all at the end
            for first in range(0, len(said), AT_ONCE):
                some = said[first : first + AT_ONCE]
                put(*place, some)
                number += len(some)
                if number >= AT_ONCE:
                    number = 0
                    yield

    def _count(self) -> Iterator[None]:
        """Count in what stands."""
        standing = self._warm.ballots()
        while some := list(islice(standing, AT_ONCE)):
            self._warm.count_in(some)
            yield
