"""A kind of round: what each one says, what some add, and what holds where one adds nothing.

The one place where anything optional of a kind has its type and its default: callers ask for it by name, and a name
that is not here is refused when the kind is imported. Nothing here counts, decides, reads a clock or a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rounds.contract import (
    Answer,
    Ballot,
    BallotError,
    By,
    Card,
    Column,
    Count,
    Finding,
    Form,
    Marks,
    Role,
    Round,
    Tally,
)
from rounds.measures.order_effect import Third
from rounds.play import Book, Chance
from rounds.rules import Rule

Ballots = Sequence[Ballot]


def no_findings(round: Round, ballots: Ballots, earlier: Ballots, seed: int) -> tuple[Finding, ...]:
    return ()


def no_parts(marks: Marks) -> Mapping[str, bool]:
    return {}


def no_places(settings: Any, rule: Rule | None) -> tuple[str, ...]:
    return ()


def no_scale(settings: Any) -> None:
    return None


def never(settings: Any) -> bool:
    return False


def no_limit(settings: Any) -> int | None:
    return None


def as_named(settings: Any) -> str:
    return "means"


def statements_of(round: Round) -> Sequence[Card]:
    return round.statements


def uncut(marks: Marks, parts: Set[str]) -> Marks:
    """Never the whole ballot in its place, of which some is not told."""
    raise TypeError("a kind whose slots have several parts says how a ballot is cut to some of them")


def not_narrowed(ballots: Ballots, k: int) -> Ballots:
    raise TypeError("a kind that is narrowed says how its ballots are cut to what may be told")


def in_minutes(seconds: int | Fraction) -> int:
    """Rounded up: nobody is told less than it takes."""
    return ceil(Fraction(seconds, 60))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """How one kind of round reads a ballot and counts the ballots, as plain functions of its module.

    A count depends only on the set of standing ballots, never on the order in which they came. Kinds whose order
    matters (ordered) keep their ballots in the count and replay them by seq in tally().
    """

    # What every kind says.
    cast_by: frozenset[Role]
    disclosure: str  # the mode proposed at set-up: live, after_own, facilitator or at_close
    # A frozen dataclass: every knob, with its default. __post_init__ refuses with BallotError.
    Settings: type[Any]
    # (settings): the figures of a line: table header, results, codebook.
    columns: Callable[[Any], tuple[Column, ...]]
    # (form, round, by, now): what a form says. BallotError names the sentence where it cannot be taken; now is the
    # tally of this very moment, given if ordered.
    read: Callable[[Form, Round, By, Tally | None], Marks]
    # (marks): a later ballot of the same seat in the same slot replaces the earlier. None: nothing is replaced.
    slot: Callable[[Marks], str | None]
    start: Callable[[Round], Count]
    # (count, ballot, sign): count a ballot in (+1) or out (-1), in place; the cost follows the size of the ballot.
    add: Callable[[Count, Ballot, int], None]
    tally: Callable[[Count, Round], Tally]
    # (round, now): the slots a participant is asked to fill: who has filled all of them has finished.
    asked: Callable[[Round, Tally | None], tuple[str, ...]]
    # (round, now): why the round cannot close yet, or None.
    leftover: Callable[[Round, Tally], BallotError | None]
    # (settings, cards): about how long one person needs, for the estimate at set-up.
    seconds: Callable[[Any, int], int]
    # (marks): the tidy rows of one ballot.
    answers: Callable[[Marks], Iterable[Answer]]
    # (round, now, by, chance, book): the forms that a synthetic person sends: all of a participant's answers, or the
    # team's next act.
    play: Callable[[Round, Tally | None, By, Chance, Book], Iterable[Form]]

    # What some add.
    ordered: bool = False  # a ballot builds on those before it
    reading: ModuleType | None = None  # what its template asks for: rows of what may be seen
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by setting: what it may be, or may name
    fewest: int = 1  # the statements without which nobody could answer; 0 where people write them
    # (settings): the statements above which its figures could not be worked out for sure, or None.
    most: Callable[[Any], int | None] = no_limit
    # (settings): the key of the sentence that says what its list is in the order of.
    means: Callable[[Any], str] = as_named
    words_a_card: int = 0  # characters that one form takes in words for each card: it may be as large
    rules: tuple[str, ...] = ()  # that may decide beside those which its verdicts tell
    reads_back: bool = False  # the list is read back to everybody: who has answered it has checked it
    # (settings): does each person meet the cards in another order? Do people see what they answered last time?
    is_rotated: Callable[[Any], bool] = never
    has_feedback: Callable[[Any], bool] = never
    # (settings): the scale that people answer on (top, low, high), or None.
    scale: Callable[[Any], Any] = no_scale

    # What is asked. (round): the cards in the order of the form, where they are something else than the statements;
    # (settings, statements): their number, told at set-up under the kind's key "asked".
    cards: Callable[[Round], Sequence[Card]] = statements_of
    how_many: Callable[[Any, int], int] | None = None
    # (round, own): the slots that one may fill where none is asked for, and whether they are filled.
    slots: Callable[[Round, Mapping[str, Marks]], Mapping[str, bool]] | None = None
    # What is on the table. (act): the slot that an act of the team opens, and how many are there to answer, by block;
    # (marks): does an act end what was asked until then?
    asks: Callable[[Ballot], tuple[str, Mapping[str, int]] | None] | None = None
    ends: Callable[[Marks], bool] | None = None

    # What is counted and told. (marks): the parts of its slot that a ballot answers, and whether with a valid answer:
    # "I don't know" is none. Without it texts are handed on, and nothing is counted.
    parts: Callable[[Marks], Mapping[str, bool]] = no_parts
    # (marks, parts): the same ballot, with these of its parts alone.
    cut: Callable[[Marks, Set[str]], Marks] = uncut
    fewest_told: int = 1  # of a block, the answers under which nothing is told, whatever the study's floor
    is_whole: bool = False  # no group is told apart where one of them is too small
    # (settings): do its figures on a statement rest on those who spoke of it alone? Then it counts everybody together,
    # tells nothing before its close, and closes once. (ballots, k): the ballots cut to what may be told of them.
    is_narrowed: Callable[[Any], bool] = never
    narrowed: Callable[[Ballots, int], Ballots] = not_narrowed

    # Of a closed round. (settings, rule): the places in which statements stand, said under "zone.<name>"; the next
    # round takes all of them, or those of one place.
    leaves: Callable[[Any, Rule | None], tuple[str, ...]] = no_places
    # (round, ballots, earlier, seed): slow figures, worked out once, apart from everything live. ballots: those that
    # may be counted in what is told, in any order. earlier: likewise of the last round of this kind before this one, by
    # the same seats; () without one. seed: of every random step.
    analyse: Callable[[Round, Ballots, Ballots, int], tuple[Finding, ...]] = no_findings
    # (round, ballots, earlier): those of them that need to know who answered both rounds.
    across: Callable[[Round, Ballots, Ballots], tuple[Finding, ...]] | None = None
    # (round, ballots, thirds, k): sums by thirds of the order in which people met the cards.
    by_order: Callable[[Round, Ballots, Mapping[int, int], int], Mapping[str, Sequence[Third]]] | None = None
    # One person's marks as +1, 0 or -1 by statement, NaN for none, for a map of opinions.
    as_votes: Callable[[Round, Iterable[Marks]], NDArray[np.float64]] | None = None

    # What is shown of the team's work. (todo): what everybody may follow; without it, no one does. (todo, cover): the
    # same under the names that cover gives to the numbers of ballots. (marks, names): marks as files tell them.
    for_all: Callable[[Any], Any] | None = None
    covered: Callable[[Any, Callable[[Any], str]], Any] | None = None
    renumbered: Callable[[Marks, Mapping[int, int]], Marks] | None = None

    @property
    def is_counted(self) -> bool:
        """Are its answers counted? Else they are texts that are handed on."""
        return self.parts is not no_parts

    def minutes(self, round: Round, left: int, of: int) -> int:
        """About how long one person needs for so many of the slots that are asked."""
        return in_minutes(Fraction(self.seconds(round.settings, len(round.statements)) * left, of))
