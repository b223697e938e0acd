"""What the pages of a study's figures show, in the reader's words: names of columns, figures of cells, sentences.

Figures come from consensus/results/study and are only put into words here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from consensus.facts import group_name, pair_name
from consensus.results.study import Comparison, StudyResults
from consensus.results.study.comparing import ARM, GROUP, SESSION, Column, Row
from consensus.results.study.people import CUTS
from consensus.text import Texts, number, pick

LANGUAGE, OWN_ARM, _ = CUTS


@dataclass(frozen=True, slots=True)
class Words:
    """A study in one language."""

    results: StudyResults
    texts: Texts
    language: str

    def say(self, key: str, /, **values: object) -> str:
        return self.texts.say(self.language, key, **values)

    def session(self, key: str) -> str:
        """A session is called as its study calls it; two of one name by their number too."""
        titles = [pick(one.title, self.language) for one in self.results.sessions]
        title = pick(self.results.session(key).title, self.language)
        return title if titles.count(title) == 1 else self.say("compare.numbered", title=title, key=key)

    def sessions(self, keys: Sequence[str]) -> list[str]:
        return [self.session(key) for key in keys]

    def site(self, key: str) -> str:
        return pick(self.results.site(key)["names"], self.language) or key

    def arm(self, key: str) -> str:
        return next((pick(arm["names"], self.language) for arm in self.results.arms if arm["key"] == key), key)

    def groups(self, keys: Sequence[str]) -> str:
        return pair_name(self.results.groups, keys, self.language)

    def group(self, key: str) -> str:
        return group_name(self.results.groups, key, self.language)

    def shape(self, keys: Sequence[str]) -> int:
        first = (int(group["shape"]) for group in self.results.groups if group["key"] in keys[:1])
        return next(first, 1)

    def column(self, by: str, column: Column) -> str:
        if by == GROUP:
            return self.groups(column.groups)
        if by == SESSION:
            return self.session(column.key)
        if by == LANGUAGE:
            return self.say(f"language.{column.key}")
        return self.arm(column.key) if by in {ARM, OWN_ARM} else self.site(column.key)

    def name_of(self, statement: str) -> str:
        """Its number in the study; one that a session has alone is called as there."""
        one = next(one for one in self.results.statements if one.key == statement)
        return str(one.number) if one.number else statement.partition(".")[2]

    def text_of(self, statement: str) -> tuple[str, str]:
        """Its words, and the language that they are in."""
        one = next(one for one in self.results.statements if one.key == statement)
        words = one.wordings.get(self.language, "")
        return (words, self.language) if words else (one.wordings.get(one.original, ""), one.original)

    def known(self, known: Mapping[str, Any], about: Mapping[str, object]) -> str:
        """What the study knows of a site, or a dash."""
        said = str(about.get(str(known["key"]), "") or "")
        try:
            return number(self.language, Fraction(said), 2) if said and known.get("is_number") else said or "–"
        except (ValueError, ZeroDivisionError):
            return said


def along(side: Comparison, known: Sequence[Mapping[str, Any]], wanted: str) -> Comparison:
    """The same with its columns in the order of a figure that was brought; those without it come last."""
    one = next((one for one in known if one["key"] == wanted), None)
    if one is None:
        return side

    def place(at: int) -> tuple[bool, Fraction, str, int]:
        said = str(side.columns[at].about.get(wanted, "") or "")
        try:
            return (not said, Fraction(said) if one.get("is_number") and said else Fraction(), said, at)
        except (ValueError, ZeroDivisionError):
            return (not said, Fraction(), said, at)

    order = sorted(range(len(side.columns)), key=place)
    rows = tuple(_arranged(row, order) for row in side.rows)
    return Comparison(
        side.by,
        tuple(side.columns[at] for at in order),
        rows,
        side.opposed,
        side.unite,
        side.divide,
        side.apart,
        side.top,
    )


def _arranged(row: Row, order: Sequence[int]) -> Row:
    return Row(row.statement, row.rank, tuple(row.figures[at] for at in order), row.first)
