"""What every kind of round gives and gets: the data that pass between the method and the application.

Everything here is frozen and can be written as JSON. Nothing here counts, decides, reads a clock or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from rounds.blank import is_blank
from rounds.measures.result import Result

if TYPE_CHECKING:
    from rounds.rules import Rule

REALIST = ("context", "mechanism", "outcome", "limits")  # of a statement; words, in the language it was written in
LATER = ("source_id", "site", "spread", *REALIST)  # fields of a statement that are left out where they are empty
SPREADS = ("similar", "different")
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
    source_id: what it was called in the file that it came from, so that both can be laid side by side. site: from
    which site of the study it comes, by its key; of several, parted by "; ". spread: it is to go to contexts that are
    similar to those it comes from, or different. context, mechanism, outcome: why it works where it does, as a realist
    says it; limits: where it would not hold. One whose author erased it has no words any more, in any language.
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
    source_id: str = ""
    site: str = ""
    spread: str = ""  # similar, different
    context: str = ""
    mechanism: str = ""
    outcome: str = ""
    limits: str = ""

    @property
    def is_erased(self) -> bool:
        return not any(self.wordings.values())

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
    """Who casts: role, an opaque seat, the block the seat counts in (None for the team), reading language.

    present: people with a page open, by block; given to the team where ballots build on one another.
    """

    role: Role
    seat: str
    block: str | None
    language: str
    present: Mapping[str, int] = field(default_factory=dict)


class Ballot(NamedTuple):  # there are hundreds of thousands, and nothing is made faster
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
    list is in its order, so it stands beside the ranks. is_share: a part of one, shown as a percentage. is_text:
    in people's own words. part: of a slot's parts (Kind.parts) the one that it counts; "" where there are not several.
    """

    name: str
    counted: bool = True
    verdict: bool = False
    by_block: bool = True
    orders: bool = False
    is_share: bool = False
    is_text: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement's figures, whole and by block; keys are the names of the kind's columns. As it is told, a block
    has no key of what is withheld of it."""

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


@dataclass(frozen=True)
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

    @cached_property
    def ids(self) -> frozenset[str]:
        """Of its statements."""
        return frozenset(statement.id for statement in self.statements)

    def line_before(self, statement: str) -> Line | None:
        """What this statement was given in the last round of this kind, as anyone may see it."""
        tally = self.before.get(self.earlier.key) if self.earlier else None
        return tally.line(statement) if tally else None


class Card(Protocol):
    """One thing that a person is asked about: a statement, or what a kind makes of statements. id: its slot."""

    @property
    def id(self) -> str: ...


def joined(parts: Iterable[str]) -> str:
    """What several statements say that became one, each once: sources, and numbers in a file."""
    return "; ".join(dict.fromkeys(part for text in parts for part in text.split("; ") if part))


def is_answered(line: Line) -> bool:
    """Does any block say anything of it?"""
    return any(map(says, line.by_block.values()))


def says(row: Mapping[str, object]) -> bool:
    """Is any of its figures a number of people, answers or points?"""
    return any(isinstance(value, int) and value for value in row.values())


def one(form: Form, name: str, default: str = "") -> str:
    """The single value of a field, without surrounding space; default where it is absent, "" where nothing shows."""
    values = form.get(name) or ()
    # PostgreSQL keeps no NUL in a text, and no keyboard types one.
    said = values[0].replace("\0", "").strip() if values else default
    return "" if is_blank(said) else said


def number_in(said: str, digits: int = 9) -> int | None:
    """A whole number, 0 or more, of so many digits at most; None for anything else."""
    return int(said) if said.isdecimal() and len(said) <= digits else None


def figure(value: Value) -> str:
    """A figure as text for a machine: "" where undefined, fractions as decimals rounded half up to 3 places."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        thousandths = (abs(value.numerator) * 2000 + value.denominator) // (2 * value.denominator)
        text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
        return f"-{text}" if value < 0 and thousandths else text
    return str(value)
