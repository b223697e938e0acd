"""Ballots as tables of /1: ballots.csv, and what follows from it: answers.csv and moves.csv."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus.export.first.kinds import KINDS
from consensus.export.first.sealed import WITHHELD, canonical
from consensus.export.sheets import Row, Sheet, sheet, text

PARTICIPANT, SELF = "participant", "self"
BALLOTS = (
    *("seq", "minute", "round", "alias", "role", "block", "slot", "replaces", "language", "position", "entered_by"),
    *("late", "standing", "set_aside", "erased", "withheld", "words_salt", "salt", "marks"),
)
ANSWERS = ("alias", "block", "round", "statement", "criterion", "value", "text", "withheld")
MOVES = ("seq", "minute", "round", "alias", "role", "statement", "act", "value", "text")


@dataclass(frozen=True, slots=True)
class Cast:
    """One ballot. slot None: it replaces nothing. marks and salts None: erased by a withdrawal. block "": the team's.

    is_withheld: its words are left out, and words_salt with them, because the person did not agree to be quoted.
    is_aside: the close of a reopened round set it aside, so that the answer before it stands.
    """

    seq: int
    minute: str
    round: str
    alias: str
    role: str
    block: str
    slot: str | None
    language: str
    position: int
    entered_by: str
    is_late: bool
    salt: str | None
    marks: Any
    words_salt: str | None = None
    is_withheld: bool = False
    is_aside: bool = False

    @property
    def place(self) -> tuple[str, str, str | int]:
        """Where a later ballot takes the place of this one."""
        return (self.round, self.alias, self.seq if self.slot is None else self.slot)


def standing(casts: Sequence[Cast]) -> set[int]:
    """The numbers of the ballots that count: of each person and slot the latest, none that was erased or set aside."""
    return set({cast.place: cast.seq for cast in casts if cast.marks is not None and not cast.is_aside}.values())


def ballot_sheet(casts: Sequence[Cast]) -> Sheet:
    stands = standing(casts)
    return sheet(BALLOTS, (_ballot(cast, cast.seq in stands) for cast in casts))


def _ballot(cast: Cast, stands: bool) -> Row:
    cells = {
        "seq": cast.seq,
        "minute": cast.minute,
        "round": cast.round,
        "alias": cast.alias,
        "role": cast.role,
        "block": cast.block,
        "slot": cast.slot,
        "replaces": cast.slot is not None,
        "language": cast.language,
        "position": cast.position,
        "entered_by": cast.entered_by,
        "late": cast.is_late,
        "standing": stands,
        "set_aside": cast.is_aside,
        "erased": cast.marks is None,
        "withheld": cast.is_withheld,
        "words_salt": cast.words_salt,
        "salt": cast.salt,
        "marks": None if cast.marks is None else canonical(cast.marks),
    }
    return {name: text(value) for name, value in cells.items()}


def cast_from(row: Row) -> Cast:
    """A ballot as ballots.csv tells it. ValueError, KeyError: it is no such row."""
    return Cast(
        seq=int(row["seq"]),
        minute=row["minute"],
        round=row["round"],
        alias=row["alias"],
        role=row["role"],
        block=row["block"],
        slot=row["slot"] if row["replaces"] == "yes" else None,
        language=row["language"],
        position=int(row["position"]),
        entered_by=row["entered_by"],
        is_late=row["late"] == "yes",
        salt=row["salt"] or None,
        marks=json.loads(row["marks"]) if row["marks"] else None,
        words_salt=row["words_salt"] or None,
        is_withheld=row["withheld"] == "yes",
        is_aside=row["set_aside"] == "yes",
    )


def answer_sheet(casts: Sequence[Cast], kinds: Mapping[str, str]) -> Sheet:
    """Tidy: of each participant, round, statement and criterion the latest answer. kinds: round -> kind, in order."""
    stands, latest = standing(casts), dict[tuple[int, str, str, str], Row]()
    order = {key: place for place, key in enumerate(kinds)}
    for cast in casts:
        if cast.seq not in stands or cast.role != PARTICIPANT:
            continue
        for answer in KINDS[kinds[cast.round]].answers(cast.marks):
            row = {"alias": cast.alias, "block": cast.block, "round": cast.round, "statement": answer.statement}
            row |= {"criterion": answer.criterion, "value": text(answer.value)}
            is_withheld = cast.is_withheld and answer.text == WITHHELD
            row |= {"text": "" if is_withheld else answer.text, "withheld": text(is_withheld)}
            latest[order[cast.round], cast.alias, answer.statement, answer.criterion] = row
    return sheet(ANSWERS, (latest[key] for key in sorted(latest)))


def move_sheet(casts: Sequence[Cast], kinds: Mapping[str, str]) -> Sheet:
    """Every act of the team, a row for each statement that it touches."""
    rows: list[Row] = []
    for cast in casts:
        if cast.role == PARTICIPANT or cast.marks is None:
            continue
        head = {"seq": str(cast.seq), "minute": cast.minute, "round": cast.round, "alias": cast.alias}
        for answer in KINDS[kinds[cast.round]].answers(cast.marks):
            row = {"statement": answer.statement, "act": answer.criterion, "value": text(answer.value)}
            rows.append({**head, "role": cast.role, **row, "text": answer.text})
    return sheet(MOVES, rows)
