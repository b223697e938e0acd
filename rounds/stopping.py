"""The rule that ends a series of rounds of one kind, fixed before: until all is settled, at most so many rounds.

Pure: what a round decided and how far its answers moved goes in, whether to stop comes out. Nothing is opened here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rounds.contract import BallotError

VERDICT, STABLE, ROUNDS = "verdict", "stable", "rounds"
UNTIL = (VERDICT, STABLE, ROUNDS)
FEWEST, MOST = 1, 9
SETTLED = 15  # percent of the answers that two distributions do not have in common (rounds.measures.change.is_stable)


@dataclass(frozen=True, slots=True)
class Stopping:
    """until: every statement has a verdict; or no distribution moved and no verdict changed since the round before; or
    nothing but the number of rounds. most: of them, whatever is settled."""

    until: str
    most: int

    def __post_init__(self) -> None:
        if self.until not in UNTIL or not FEWEST <= self.most <= MOST:
            raise BallotError("bad_stopping", name="stopping", value=self.most, fewest=FEWEST, most=MOST)


@dataclass(frozen=True, slots=True)
class Said:
    """What the rule says of a round that is over. n: statements that are settled, of so many; nth: the round in its
    series."""

    is_over: bool
    until: str
    n: int
    of: int
    nth: int
    most: int


def says(
    rule: Stopping,
    nth: int,
    decisions: Mapping[str, str | None],
    before: Mapping[str, str | None],
    moved: Mapping[str, Any],
) -> Said:
    """decisions: by statement, of the round that is over; before: of the one before it; moved: Scheibe's measure since
    then, part of one, None where it is not known."""
    n = sum(_is_settled(rule.until, card, decisions, before, moved) for card in decisions)
    is_over = nth >= rule.most or (rule.until != ROUNDS and 0 < n == len(decisions))
    return Said(is_over, rule.until, n, len(decisions), nth, rule.most)


def _is_settled(
    until: str,
    card: str,
    decisions: Mapping[str, str | None],
    before: Mapping[str, str | None],
    moved: Mapping[str, Any],
) -> bool:
    if until == VERDICT:
        return decisions[card] in {"kept", "dropped"}
    net = moved.get(card)
    return until == STABLE and net is not None and net * 100 < SETTLED and decisions[card] == before.get(card)


def nth_of(kinds: Sequence[str]) -> int:
    """The place of the last of these rounds among those of its kind that stand right before it, from 1."""
    same = 0
    for kind in reversed(kinds):
        if kind != kinds[-1]:
            break
        same += 1
    return same


def stopping_from(data: Mapping[str, Any] | None) -> Stopping | None:
    return Stopping(data["until"], data["most"]) if data else None
