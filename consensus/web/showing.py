"""How much of what was answered is in the figures that are shown, and why the rest is not.

The one place that tells withheld from zero. Only how many answered comes in here, never what they said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consensus.count import Counted
from consensus.counting import Counting, told_of
from consensus.results.stages import held_by
from consensus.states import RoundState
from consensus.web.state import State
from rounds.contract import Tally, says
from rounds.disclosure import tells


@dataclass(frozen=True, slots=True)
class Shown:
    """n: people whose answers are in the figures. of: people who answered; None where it would tell how many answered
    of a group that is not shown. k: answers under which nothing is told, and by which figures move. at: answers of the
    whole room, where it is one group, from which on there are any.

    held: the statements of which answers were given and none is shown; "" stands for all of them. parts: of statements
    of which something is shown, the parts that are not.
    """

    n: int
    of: int | None
    k: int
    at: int
    is_closed: bool
    held: frozenset[str] = frozenset()
    parts: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_whole(self) -> bool:
        return self.n == self.of

    def holds(self, statement: str, part: str = "") -> bool:
        """Are all answers to it, or to this part of it, held back? Where nobody answered nothing is held: that is a
        true zero."""
        return self.is_any and (not self.n or bool(self.held & {"", statement}) or (statement, part) in self.parts)

    @property
    def is_any(self) -> bool:
        """Did anybody answer?"""
        return bool(self.of or self.n or self.held)


def shown_of(state: State, tally: Tally | None) -> Shown | None:
    """tally: what this audience sees; None where it sees no figures, and then nothing is to be said of them."""
    if tally is None or state.row is None or state.counted is None or state.kind is None:
        return None
    counting = Counting.of(state.row)
    k = counting.k if counting else state.study.floor
    if state.row.state != RoundState.CLOSED:
        return _now(state.counted, k, sum(state.seats.values()))
    answered: Mapping[str, int] = state.row.outcome.get("answered", {})
    seen = {block for line in tally.lines for block, row in line.by_block.items() if says(row)}
    n = sum(people for block, people in answered.items() if block in seen)
    told, held = told_of(state.row), held_by(state.row.outcome)
    has_rest = bool(told.aside) if told else any(block.key not in seen for block in state.blocks)
    of = None if has_rest and state.kind.is_counted else sum(answered.values())
    columns = state.kind.columns(state.counted.round.settings)
    lines = [line for line in tally.lines if line.by_block]
    parts = {(line.statement, one.part) for line in lines for one in columns if not tells(line, columns, one.part)}
    return Shown(n, of, k, k, True, held, frozenset(parts))


def _now(counted: Counted, k: int, seats: int) -> Shown:
    """By person and slot: an open round moves by steps, so that newer answers wait."""
    all_given, told = counted.given, counted.told
    waiting, parts = frozenset(all_given.slots - told.slots), frozenset(all_given.cells - told.cells)
    is_told = all(block.seats >= k for block in counted.round.blocks)
    of = all_given.people if is_told else None
    return Shown(told.people, of, k, min(2 * k, max(k, seats)), False, waiting, parts)
