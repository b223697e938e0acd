"""What people signalled, card by card, whole and by block.

Figures only: they lie beside the cards and never move one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rounds.contract import Ballot, Line, Marks, Round, Tally, Value
from rounds.wall.background import Background
from rounds.wall.replay import Board, replay, told
from rounds.wall.settings import SIGNALS, ZONES
from rounds.wall.state import Act, Wall

UNCALLED: Mapping[str, Value] = dict.fromkeys(SIGNALS)


@dataclass(slots=True)
class Count:
    """acts: the team's acts by seq, as the history tells them, each with its marks.

    signals: (call, block, signal) -> people. background: what was known before the first act; it never changes.
    laid: the wall that the acts make, kept until there is another act, since most ballots are signals.
    """

    acts: dict[int, tuple[Act, Marks]] = field(default_factory=dict)
    signals: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    background: Background = field(default_factory=Background)
    laid: tuple[Board, Wall] | None = field(default=None, compare=False)


def add(count: Count, ballot: Ballot, sign: int) -> None:
    marks = ballot.marks
    if marks["act"] == "signal":
        count.signals[marks["call"], str(ballot.block), marks["signal"]] += sign
        return
    count.laid = None
    if sign > 0:
        count.acts[ballot.seq] = (told(ballot), marks)
    else:
        del count.acts[ballot.seq]


def tally(count: Count, round: Round) -> Tally:
    """Signals of a call that does not stand count nowhere; those of a block unknown to the round neither."""
    board, wall = _laid(count, round)
    said = _Said(count, round)
    if wall.table:
        by_block = said.by_block(wall.table.call)
        wall = replace(wall, table=replace(wall.table, signals=whole(by_block), by_block=by_block))
    lines = tuple(_line(board, card, said) for zone in ZONES for card in board.zones[zone])
    statements = tuple(board.statements.values())
    return Tally(lines, statements, board.places, more=wall, todo=wall.without_figures())


def _laid(count: Count, round: Round) -> tuple[Board, Wall]:
    if count.laid is None:
        board = replay(count.acts, round)
        count.laid = board, board.wall(count.background)
    return count.laid


class _Said:
    """The signals of a count, ready to be looked up by call."""

    def __init__(self, count: Count, round: Round) -> None:
        self.blocks = [block.key for block in round.blocks]
        self._sums: dict[tuple[int, str], dict[str, int]] = {}
        for (call, block, signal), people in count.signals.items():
            if people:
                self._sums.setdefault((call, block), dict.fromkeys(SIGNALS, 0))[signal] = people

    def by_block(self, call: int) -> dict[str, dict[str, int]]:
        """block -> signal -> people, every block of the round and every signal present."""
        return {block: self._sums.get((call, block)) or dict.fromkeys(SIGNALS, 0) for block in self.blocks}


def whole(by_block: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {signal: sum(said[signal] for said in by_block.values()) for signal in SIGNALS}


def _line(board: Board, card: str, said: _Said) -> Line:
    """Signals of the card's last call; None for a card that was never called."""
    place, calls = board.places[card], board.calls.get(card, ())
    by_block: Mapping[str, Mapping[str, Value]] = dict.fromkeys(said.blocks, UNCALLED)
    values: dict[str, Value] = {"zone": place.zone, "how": place.how or None, **UNCALLED, "calls": len(calls)}
    if calls:
        sums = said.by_block(calls[-1])
        values.update(whole(sums))
        by_block = {block: {**people} for block, people in sums.items()}
    return Line(card, values, by_block)
