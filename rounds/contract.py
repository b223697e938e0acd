"""What every kind of round gives and gets: the data that pass between the method and the application.

Everything here is frozen and can be written as JSON. Nothing here counts, decides, reads a clock or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from rounds.measures.result import Result

if TYPE_CHECKING:
    from rounds.play import Book, Chance
    from rounds.rules import Rule

Form = Mapping[str, Sequence[str]]  # a submitted form: every field with all its values
Marks = Mapping[str, Any]  # what a ballot says; plain JSON
Count = Any  # a kind's own running count
Value = int | Fraction | str | None  # one figure; None is "undefined", never 0


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    FACILITATOR = "facilitator"
    COFACILITATOR = "cofacilitator"
    PARTICIPANT = "participant"
    OBSERVER = "observer"
    RESEARCHER = "researcher"


TEAM = frozenset({Role.FACILITATOR, Role.COFACILITATOR})
EVERYONE_AT_THE_TABLE = TEAM | {Role.PARTICIPANT}


class Decision(StrEnum):
    KEPT = "kept"
    DROPPED = "dropped"
    UNDECIDED = "undecided"


class BallotError(Exception):
    """A ballot that cannot be taken. key names the sentence to show, in the kind's own .po files; values fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Statement:
    """One card: its wording in each language, and where it comes from.

    original: the language it was first written in. unchecked: languages whose wording followed a change
    in another language and has not been looked at since. parents: the statements or proposals it was made of.
    """

    id: str
    wordings: Mapping[str, str]
    original: str
    unchecked: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    nature: str = ""  # helps, hinders, next_step
    level: str = ""  # macro, meso, micro
    theme: str = ""
    source: str = ""

    def wording(self, language: str) -> tuple[str, str]:
        """The text to show to a reader of this language, and the language that it is in."""
        if self.wordings.get(language):
            return self.wordings[language], language
        return self.wordings[self.original], self.original


@dataclass(frozen=True, slots=True)
class Block:
    """Stakeholder groups that are counted together in one round. seats: how many people could answer."""

    key: str
    groups: tuple[str, ...]
    seats: int


@dataclass(frozen=True, slots=True)
class By:
    """Who casts: role, an opaque seat, the block the seat counts in (None for the team), reading language."""

    role: Role
    seat: str
    block: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """One submission, never changed. seq orders all acts of a session; slot says what a later one replaces."""

    seq: int
    seat: str
    role: Role
    block: str | None
    slot: str | None
    marks: Marks


@dataclass(frozen=True, slots=True)
class Answer:
    """A tidy row of a ballot: one statement, one criterion, one value; text where something was written."""

    statement: str
    criterion: str
    value: str | int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a line. counted: the stand-alone recount recomputes it.

    verdict: the outcome of the whole round (a rank, a decision, a place), not a sum over blocks: it is shown
    as decided, also where a block is too small to be shown. by_block: it also exists for each block. orders: the
    list is in its order, so it stands beside the ranks. is_share: a part of one, shown as a percentage.
    """

    name: str
    counted: bool = True
    verdict: bool = False
    by_block: bool = True
    orders: bool = False
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One statement's figures, whole and by block; keys are the names of the kind's columns."""

    statement: str
    values: Mapping[str, Value]
    by_block: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands when the round ends, and how it came there."""

    zone: str
    how: str = ""
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of all ballots of a round, ready to be shown, stored or compared.

    lines: figures, in the order in which the kind would list them. statements: every statement as it now
    stands, those made in this round included, those merged or split away left out. places: where each of
    them stands, and where each proposal that went no further stands. more: what only this kind's own template
    and read() need (the card on the table, what was moved). todo: what the team has to handle, shown to the
    team whatever the disclosure: texts, never figures. ended: statements that were made and came to their end
    inside this round; places says where.
    """

    lines: tuple[Line, ...] = ()
    statements: tuple[Statement, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    more: Any = None
    todo: Any = None
    ended: tuple[Statement, ...] = ()

    def line(self, statement: str) -> Line | None:
        return next((line for line in self.lines if line.statement == statement), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that is worked out once, when a round has closed. statement "": of the whole round."""

    statement: str
    measure: str
    result: Result


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it was frozen when it opened.

    before: what the earlier rounds left, as anyone may see it, newest last, by round key. earlier: the last of them
    that was of this kind, with the settings, rule and blocks of its own.
    """

    key: str
    kind: str
    settings: Any
    languages: tuple[str, ...]
    blocks: tuple[Block, ...]
    statements: tuple[Statement, ...]
    rule: Rule | None = None
    before: Mapping[str, Tally] = field(default_factory=dict)
    earlier: Round | None = None

    def line_before(self, statement: str) -> Line | None:
        """What this statement was given in the last round of this kind, as anyone may see it."""
        tally = self.before.get(self.earlier.key) if self.earlier else None
        return tally.line(statement) if tally else None


class Card(Protocol):
    """One thing that a person is asked about: a statement, or what a kind makes of statements. id: its slot."""

    @property
    def id(self) -> str: ...


class Kind(Protocol):
    """A module that says how one kind of round reads a ballot and counts the ballots. No base class, no I/O.

    A count depends only on the set of standing ballots, never on the order in which they came. Kinds whose
    order matters (ordered = True) keep their ballots in the count and replay them by seq in tally().

    A kind that asks about something else than each statement also has cards(round), those things in the order of
    the form, and how_many(settings, statements), their number, told at set-up under its key "asked".
    """

    @property
    def cast_by(self) -> frozenset[Role]: ...
    @property
    def ordered(self) -> bool:
        """True: a ballot builds on those before it, and read() is given the tally of this very moment."""

    @property
    def disclosure(self) -> str:
        """The mode proposed at set-up: live, after_own, facilitator or at_close."""

    @property
    def Settings(self) -> type[Any]:
        """A frozen dataclass: every knob, with its default. __post_init__ refuses with BallotError."""

    def columns(self, settings: Any) -> tuple[Column, ...]:
        """The figures of a line: table header, results, codebook."""

    def read(self, form: Form, round: Round, by: By, now: Tally | None) -> Marks:
        """What a form says. BallotError names the sentence where it cannot be taken; now is given if ordered."""

    def slot(self, marks: Marks) -> str | None:
        """A later ballot of the same seat in the same slot replaces the earlier. None: nothing is replaced."""

    def start(self, round: Round) -> Count: ...
    def add(self, count: Count, ballot: Ballot, sign: int) -> None:
        """Count a ballot in (+1) or out (-1), in place; the cost follows the size of the ballot."""

    def tally(self, count: Count, round: Round) -> Tally: ...
    def analyse(
        self, round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int
    ) -> tuple[Finding, ...]:
        """Slow figures of a closed round, worked out once, apart from everything live; () where there are none.

        ballots: those that may be counted in what is told, in any order. earlier: likewise of the last round of
        this kind before this one, by the same seats; () without one. seed: of every random step.
        """

    def asked(self, round: Round, now: Tally | None) -> tuple[str, ...]:
        """The slots a participant is asked to fill: who has filled all of them has finished."""

    def leftover(self, round: Round, now: Tally) -> BallotError | None:
        """Why the round cannot close yet, or None."""

    def seconds(self, settings: Any, cards: int) -> int:
        """About how long one person needs, for the estimate at set-up."""

    def answers(self, marks: Marks) -> Iterable[Answer]:
        """The tidy rows of one ballot."""

    def play(self, round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
        """The forms that a synthetic person sends: all of a participant's answers, or the team's next act."""


def cards_of(kind: Kind, round: Round) -> Sequence[Card]:
    """What a person is asked about, one after another: the statements, unless the kind makes cards of its own."""
    own = getattr(kind, "cards", None)
    cards: Sequence[Card] = own(round) if own else round.statements
    return cards


def no_findings(
    round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int
) -> tuple[Finding, ...]:
    """analyse for kinds whose tally says everything."""
    return ()


def one(form: Form, name: str, default: str = "") -> str:
    """The single value of a field, without surrounding space; default where it is absent."""
    values = form.get(name) or ()
    # PostgreSQL keeps no NUL in a text, and no keyboard types one.
    return values[0].replace("\0", "").strip() if values else default


def figure(value: Value) -> str:
    """A figure as text for a machine: "" where undefined, fractions as decimals rounded half up to 3 places."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        thousandths = (abs(value.numerator) * 2000 + value.denominator) // (2 * value.denominator)
        text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
        return f"-{text}" if value < 0 and thousandths else text
    return str(value)
