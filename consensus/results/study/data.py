"""What the sessions of a study told, side by side: frozen, plain, in an order that nothing but the study decides.

The page, the files and a recount begin here. Every number is a count that a closed round told of a block of at least k
people, or an exact fraction of such counts. Nothing is read, summed or drawn here, no language is chosen, and no number
of the database leaves as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

TOLD, WITHHELD, UNDEFINED, NOT_ASKED = "told", "withheld", "undefined", "not_asked"
OTHERS = "others"  # stands for a session: people of several sites who are told in no session of their own
HIDDEN = "id"  # a field that never leaves as data
RARE = {"rare": True}  # a field that leaves where something is in it: files of studies without it stay as they were

Bands = tuple[int, tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class OneList:
    """One of several lists of a session, or what it rated and put on none. statements: of the study. The others: what
    the session has, of this list alone."""

    statements: tuple[str, ...]
    scale: str
    bands: Bands | None
    rule: Mapping[str, Any] | None
    top: int | None
    scored: str
    placed: str


@dataclass(frozen=True, slots=True)
class StudySession:
    """A session of which a closed round told figures. key: its place among the sessions of the study, from "1".

    site, province, arm: keys of the study's, "" where none; province: the site of the level above, or the site itself.
    groups: of its told blocks, each as the keys of its groups. people: who answered, None where fewer than k. scale:
    what people rated on, "" without a rating; bands: its highest value, its low and its high band. rule: of that
    rating, as stored. top: how long its list of first places is, None where nothing says so. scored,
    placed: the keys of the rounds that are summed, or "". follows: the key of the
    session of which it is the next moment, or "". lists: where it has several, each; then the session has what all of
    these share, and nothing else, and all keys of rounds with a space between.
    """

    id: int
    key: str
    title: Mapping[str, str]
    site: str
    province: str
    arm: str
    groups: tuple[tuple[str, ...], ...]
    people: int | None
    scale: str
    bands: Bands | None
    rule: Mapping[str, Any] | None
    top: int | None
    scored: str
    placed: str
    follows: str
    is_frozen: bool
    lists: tuple[OneList, ...] = field(default=(), metadata=RARE)

    @property
    def parts(self) -> tuple[StudySession, ...]:
        """As it is by one list after another; itself where it has one."""
        return tuple(map(self._as, self.lists)) or (self,)

    def of(self, statement: str) -> StudySession:
        """As it is by the list of this statement."""
        return next((self._as(one) for one in self.lists if statement in one.statements), self)

    def _as(self, one: OneList) -> StudySession:
        own = {each.name: getattr(one, each.name) for each in fields(one) if each.name != "statements"}
        return replace(self, lists=(), **own)


@dataclass(frozen=True, slots=True)
class StudyStatement:
    """key: its number in the study, or session and number there where it has none. asked: by the key of each session
    that asked people about it, what it is called there; where it got another name between two rounds, both, with a
    space between."""

    key: str
    number: int | None
    wordings: Mapping[str, str]
    original: str
    asked: Mapping[str, str]
    theme: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one block of a session told of one statement: how many answered, how many in the high and low band, and each
    value of the scale. voices: people, of whom somebody who answered it in two sessions is half a one in each."""

    session: str
    groups: tuple[str, ...]
    statement: str
    n: int
    high: int
    low: int
    votes: tuple[int, ...]
    voices: Fraction


@dataclass(frozen=True, slots=True)
class Part(Cell):
    """A cell cut by what its people are. by: language, own_arm or own_site. label: theirs;
    of several sites, their keys with +."""

    by: str
    label: str


@dataclass(frozen=True, slots=True)
class Placed:
    """What one block of a session told of the place of one statement, among those that every session placed. under:
    the sum over its people of how many of these stand under it, a tie as half."""

    session: str
    groups: tuple[str, ...]
    statement: str
    n: int
    under: Fraction
    voices: Fraction


@dataclass(frozen=True, slots=True)
class Ordered:
    """What one block of a session told of the place of one statement in the session's own list. way: what figure it is,
    and the settings that it hangs on. total: the sum of it over n people."""

    session: str
    round: str
    way: str
    groups: tuple[str, ...]
    statement: str
    n: int
    total: Fraction
    voices: Fraction


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session as a whole told of a statement that it asked about. state: told, withheld (too few people) or
    undefined (no valid answer). verdict: "" where no rule decided. sure: between which places its rank lay in nine of
    ten resamples; certainty: the code of the words for it, or ""."""

    session: str
    statement: str
    state: str
    n: int | None
    high: int | None
    low: int | None
    median: Fraction | None
    verdict: str
    rank: int | None
    is_tied: bool
    sure: tuple[float, float] | None
    certainty: str


@dataclass(frozen=True)
class StudyResults:
    """All of it. k: people under whom nothing is told. groups, sites, known, arms: as the study has them. headline: the
    way of counting that leads. sessions: that told figures; waiting: how many others the study has. parts: of cells, as
    the last kept table cut them. is_frozen: all sessions are frozen, and the last kept table holds them. ordered: each
    session's own list. lists: where sessions have several, which statements are of one list, each in one of them."""

    k: int
    title: Mapping[str, str]
    languages: tuple[str, ...]
    headline: str
    groups: tuple[Mapping[str, Any], ...]
    sites: tuple[Mapping[str, Any], ...]
    known: tuple[Mapping[str, Any], ...]
    arms: tuple[Mapping[str, Any], ...]
    sessions: tuple[StudySession, ...]
    waiting: int
    statements: tuple[StudyStatement, ...]
    outcomes: tuple[Outcome, ...]
    cells: tuple[Cell, ...]
    placed: tuple[Placed, ...]
    parts: tuple[Part, ...]
    is_frozen: bool
    ordered: tuple[Ordered, ...] = ()
    lists: tuple[tuple[str, ...], ...] = field(default=(), metadata=RARE)

    def session(self, key: str) -> StudySession:
        return next(one for one in self.sessions if one.key == key)

    def site(self, key: str) -> Mapping[str, Any]:
        return next((site for site in self.sites if site["key"] == key), {"key": key, "names": {}})

    @property
    def people(self) -> int:
        """Who answered, session by session; those of whom no number may be told left out."""
        return sum(one.people or 0 for one in self.sessions)


def as_data(told: Any) -> Any:
    """Plain JSON. A fraction is {"of": [numerator, denominator]}."""
    if is_dataclass(told) and not isinstance(told, type):
        there = {one.name: getattr(told, one.name) for one in fields(told) if one.name != HIDDEN}
        rare = {one.name for one in fields(told) if one.metadata == RARE}
        return {name: as_data(value) for name, value in there.items() if value or name not in rare}
    if isinstance(told, Mapping):
        return {str(key): as_data(value) for key, value in told.items()}
    if isinstance(told, Sequence) and not isinstance(told, str):
        return [as_data(value) for value in told]
    if isinstance(told, Fraction):
        return {"of": [told.numerator, told.denominator]}
    return told
