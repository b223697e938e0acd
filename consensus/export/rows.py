"""What the second seal covers, as tables: sealed.csv, and what follows from it: answers.csv, words.csv, moves.csv.

The same functions write a file and check one: they know leaves as the file opens them, and no database. No row has a
minute, a place in the journal, a language or who typed it: a leaf covers none of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from consensus import leaves
from consensus.export.sheets import Row, Sheet, sheet, text
from rounds import KINDS
from rounds.contract import Ballot, Role

SEALED = ("round", "salt", "said")
ANSWERS = ("round", "alias", "block", "statement", "criterion", "value", "salt")
WORDS = ("round", "statement", "text", "salt")
MOVES = ("round", "number", "alias", "statement", "act", "value", "text", "salt")
LEAVES = ("round", "leaf")
Kinds = Mapping[str, str]  # round -> kind, in the order of the session


@dataclass(frozen=True)
class Opened:
    """A leaf of which the file has the salt. said: what it covers, as canonical JSON."""

    round: str
    salt: str
    said: str

    @cached_property
    def data(self) -> Mapping[str, Any]:
        return dict(json.loads(self.said))

    @property
    def hash(self) -> str:
        return leaves.leaf(self.salt, self.said)

    @property
    def is_words(self) -> bool:
        return "alias" not in self.data

    @property
    def is_person(self) -> bool:
        """Something about a person, who has this alias in the round."""
        return not self.is_words and "marks" not in self.data

    @property
    def about(self) -> str:
        """What it is that is said of a person."""
        return next(iter(self.data.keys() - {"round", "alias"}))

    @property
    def is_ballot(self) -> bool:
        return "marks" in self.data

    @property
    def is_answer(self) -> bool:
        return self.is_ballot and bool(self.data["block"])

    @property
    def order(self) -> tuple[str, str]:
        """By alias, as its text begins; a text by what was written of which statement."""
        return self.said, self.salt


def in_order(opened: Iterable[Opened], kinds: Kinds) -> tuple[Opened, ...]:
    places = {key: place for place, key in enumerate(kinds)}
    return tuple(sorted(opened, key=lambda one: (places[one.round], one.order)))


def sealed_sheet(opened: Sequence[Opened]) -> Sheet:
    return sheet(SEALED, ({"round": one.round, "salt": one.salt, "said": one.said} for one in opened))


def opened_from(row: Row) -> Opened:
    return Opened(row["round"], row["salt"], row["said"])


def answer_sheet(opened: Sequence[Opened], kinds: Kinds) -> Sheet:
    """Tidy: of each participant, round, statement and criterion the answer that was counted."""
    rows: list[Row] = []
    for one in opened:
        if not one.is_answer:
            continue
        head = {"round": one.round, "alias": one.data["alias"], "block": one.data["block"]}
        for answer in KINDS[kinds[one.round]].answers(one.data["marks"]):
            told = {"statement": answer.statement, "criterion": answer.criterion, "value": text(answer.value)}
            rows.append({**head, **told, "salt": one.salt})
    return sheet(ANSWERS, rows)


def word_sheet(opened: Sequence[Opened]) -> Sheet:
    """What people wrote, without whose it is, in the order of the texts."""
    found = [one for one in opened if one.is_words]
    rows = ({"statement": one.data["statement"], "text": one.data["text"], "salt": one.salt} for one in found)
    told = [{"round": one.round, **row} for one, row in zip(found, rows, strict=True)]
    order = {key: place for place, key in enumerate(dict.fromkeys(one.round for one in found))}
    return sheet(WORDS, sorted(told, key=lambda row: (order[row["round"]], row["text"], row["statement"], row["salt"])))


def move_sheet(opened: Sequence[Opened], kinds: Kinds) -> Sheet:
    """Every act of the team, a row for each statement that it touches, numbered within its round."""
    order = {key: place for place, key in enumerate(kinds)}
    acts = sorted(
        (one for one in opened if one.is_ballot and not one.is_answer), key=lambda one: (order[one.round], _number(one))
    )
    rows: list[Row] = []
    for one in acts:
        head = {"round": one.round, "number": str(_number(one)), "alias": one.data["alias"]}
        for answer in KINDS[kinds[one.round]].answers(one.data["marks"]):
            told = {"statement": answer.statement, "act": answer.criterion, "value": text(answer.value)}
            rows.append({**head, **told, "text": answer.text, "salt": one.salt})
    return sheet(MOVES, rows)


def leaf_sheet(hashes: Mapping[str, Iterable[str]]) -> Sheet:
    """Every leaf of each round, whether the file opens it or not."""
    return sheet(LEAVES, ({"round": key, "leaf": one} for key, found in hashes.items() for one in sorted(found)))


def ballots_of(opened: Iterable[Opened], round: str) -> list[Ballot]:
    """What was counted in a round, as the file tells it."""
    found = []
    for one in opened:
        if one.round == round and one.is_ballot:
            said, role = one.data, Role.PARTICIPANT if one.is_answer else Role.FACILITATOR
            block = said["block"] or None
            found.append(Ballot(_number(one), said["alias"], role, block, said["slot"], said["marks"]))
    return found


def _number(one: Opened) -> int:
    return int(one.data["number"] or 0)
