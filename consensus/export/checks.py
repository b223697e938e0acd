"""What the files of a row-level parcel must say together: chain, ballots, tables, conservation, recount.

Each check is given the parcel and raises the first breach that it finds. No database, and no code of the parcel is
run: recount.py must be the one that this program writes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from consensus import __version__, reopening
from consensus.entries import SELF
from consensus.export.measures import Opened, is_same, measure_sheet
from consensus.export.opened import Breach
from consensus.export.recounting import joined
from consensus.export.sheets import Row, Sheet
from consensus.export.tables import Cast, answer_sheet, ballot_sheet, move_sheet
from consensus.journal import commitment, first_breach
from consensus.outcome import block_from, seal
from rounds import KINDS
from rounds.contract import Role, Round, Statement
from rounds.rules import rule_from
from rounds.words import bare, words

PATIENCE = 300  # seconds for a recount


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row-level parcel, read. casts: its ballots; entries: its journal; sheets: its tables by file name."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    sheets: Mapping[str, Sheet]
    casts: tuple[Cast, ...]
    entries: tuple[Mapping[str, Any], ...]

    @property
    def kinds(self) -> dict[str, str]:
        return {round["key"]: round["kind"] for round in self.manifest["rounds"]}


def chain(parcel: Parcel) -> None:
    """Every entry follows from the one before it, to the head that the manifest tells."""
    broken = first_breach(parcel.entries)
    if broken is not None:
        number = broken.split()[1]
        key = "verify.entry_missing" if broken.endswith("missing") else "verify.entry_changed"
        raise Breach(key, file="journal.jsonl", entry=number)
    said = {"entries": len(parcel.entries), "head": parcel.entries[-1]["hash"] if parcel.entries else ""}
    if parcel.manifest["chain"] != said:
        raise Breach("verify.other_head", file="manifest.json")


def rounds(parcel: Parcel) -> None:
    """Kinds that this version knows, and the hash under which each round was opened."""
    opened = {said["round"]: said["hash"] for said in _payloads(parcel, "open_round").values()}
    for round in parcel.manifest["rounds"]:
        if round["kind"] not in KINDS:
            raise Breach("verify.unknown_kind", file="manifest.json", kind=round["kind"])
        if not opened.get(round["key"]) == round["hash"] == seal(round, round["statements_hash"]):
            raise Breach("verify.other_hash", file="manifest.json", round=round["key"])
        _closes(parcel, round)


def _closes(parcel: Parcel, round: Mapping[str, Any]) -> None:
    """Every reopening is told as a deviation, and each close after one says what it sets aside."""
    turns, n = reopening.turns(parcel.entries, round["key"]), reopening.times(round["notes"])
    kind = KINDS[round["kind"]]
    says = [False, *[reopening.sets_aside(kind, kind.Settings(**round["settings"]))] * n]
    closed = [said for act, _, said in turns if act == reopening.CLOSED]
    in_turn = [act for act, _, _ in turns] == [reopening.CLOSED, *[reopening.REOPEN, reopening.CLOSED] * n]
    if not in_turn or [reopening.SET_ASIDE in said for said in closed] != says:
        raise Breach("verify.other_close", file="journal.jsonl", round=round["key"])


def _payloads(parcel: Parcel, act: str) -> dict[int, Any]:
    return {entry["seq"]: entry["said"] for entry in parcel.entries if entry["act"] == act}


def ballots(parcel: Parcel) -> None:
    """Each ballot is the one that its journal line sealed; none is missing, none erased without a withdrawal."""
    sealed = _payloads(parcel, "cast")
    for cast in parcel.casts:
        line = sealed.pop(cast.seq, None)
        if line is None or line["round"] != cast.round:
            raise Breach("verify.ballot_unknown", file="ballots.csv", ballot=cast.seq)
        if line.get("entered_by", SELF) != cast.entered_by:
            raise Breach("verify.ballot_changed", file="ballots.csv", ballot=cast.seq)
        if cast.marks is not None and not _is_sealed(cast, line):
            raise Breach("verify.ballot_changed", file="ballots.csv", ballot=cast.seq)
    if sealed:
        raise Breach("verify.ballot_missing", file="ballots.csv", ballot=min(sealed))
    _erased(parcel)
    _withheld(parcel)


def _is_sealed(cast: Cast, line: Mapping[str, Any]) -> bool:
    """Marks and words are sealed apart, so that words can be left out; a line from before that seals both at once."""
    said, salt = {"round": cast.round, "slot": cast.slot}, cast.salt or ""
    if "words" not in line:
        return cast.is_withheld or commitment(salt, {**said, "marks": cast.marks}) == line["commitment"]
    if commitment(salt, {**said, "marks": bare(cast.marks)}) != line["commitment"]:
        return False
    return cast.is_withheld or commitment(cast.words_salt or "", words(cast.marks)) == line["words"]


def _withheld(parcel: Parcel) -> None:
    """Of somebody who may not be quoted no word is told, and the journal has a consent without it for each of them."""
    rows = _by_name(parcel.sheets["people.csv"], "people.csv", "alias")
    told = {cast.alias for cast in parcel.casts if cast.marks is not None and cast.role == Role.PARTICIPANT}
    for alias in sorted(told ^ rows.keys()):
        raise Breach("verify.other_people", file="people.csv", alias=alias)
    for cast in parcel.casts:
        may_quote = cast.alias not in rows or rows[cast.alias]["quote"] != "no"
        if cast.marks is not None and (cast.is_withheld if may_quote else words(bare(cast.marks)) != words(cast.marks)):
            raise Breach("verify.half_withheld", file="ballots.csv", ballot=cast.seq)
    silent = sum(row["quote"] == "no" for row in rows.values())
    if silent > sum("quote" not in said.get("purposes", ()) for said in _payloads(parcel, "consent").values()):
        raise Breach("verify.withheld_alone", file="people.csv")


def _erased(parcel: Parcel) -> None:
    """Somebody who erased their answers erased all of them, and the journal has a line for each such person."""
    gone = {cast.alias for cast in parcel.casts if cast.marks is None}
    for cast in parcel.casts:
        if cast.alias in gone and cast.marks is not None:
            raise Breach("verify.half_erased", file="ballots.csv", ballot=cast.seq)
    if len(gone) > sum(bool(said["erased"]) for said in _payloads(parcel, "withdraw").values()):
        raise Breach("verify.erased_alone", file="ballots.csv")


def tables(parcel: Parcel) -> None:
    """ballots.csv, answers.csv and moves.csv are what the ballots give."""
    derived = {
        "ballots.csv": ballot_sheet(parcel.casts),
        "answers.csv": answer_sheet(parcel.casts, parcel.kinds),
        "moves.csv": move_sheet(parcel.casts, parcel.kinds),
    }
    for name, again in derived.items():
        if again.columns != parcel.sheets[name].columns:
            raise Breach("verify.columns", file=name)
        given = parcel.sheets[name].rows
        for number, (one, other) in enumerate(zip(given, again.rows, strict=False), start=2):
            if one != other:
                raise Breach("verify.row", file=name, row=number)
        if len(given) != len(again.rows):
            raise Breach("verify.row", file=name, row=min(len(given), len(again.rows)) + 2)


def measures(parcel: Parcel) -> None:
    """measures.csv is what the ballots give, to the last digits of a fraction; by the program that wrote it only."""
    if parcel.manifest["software"]["version"] != __version__:
        return  # another version may work a measure out otherwise: the sums alone speak for the file
    rounds = [_opened(told) for told in parcel.manifest["rounds"]]
    given, again = parcel.sheets["measures.csv"], measure_sheet(parcel.casts, rounds)
    if given.columns != again.columns:
        raise Breach("verify.columns", file="measures.csv")
    for number, (one, other) in enumerate(zip_longest(given.rows, again.rows), start=2):
        if one is None or other is None or not is_same(one, other):
            raise Breach("verify.row", file="measures.csv", row=number)


def _opened(told: Mapping[str, Any]) -> Opened:
    """A round of the manifest: statements by number only, which is all that a measure knows of them."""
    round = Round(
        key=told["key"],
        kind=told["kind"],
        settings=KINDS[told["kind"]].Settings(**told["settings"]),
        languages=(),
        blocks=tuple(map(block_from, told["blocks"])),
        statements=tuple(Statement(name, {}, "") for name in told["statements"]),
        rule=rule_from(told["rule"]),
    )
    return Opened(round, told["hash"])


def conservation(parcel: Parcel) -> None:
    """Every statement ends in exactly one place or became others; nothing appears without a parent or an act."""
    statements = _by_name(parcel.sheets["statements.csv"], "statements.csv")
    ends = _by_name(parcel.sheets["results.csv"], "results.csv")
    children: dict[str, list[str]] = {}
    has_parents: set[str] = set()
    for row in parcel.sheets["lineage.csv"].rows:
        children.setdefault(row["parent"], []).append(row["child"])
        has_parents.add(row["child"])
    for name in sorted({*children, *has_parents, *ends} - statements.keys()):
        raise Breach("verify.unknown_statement", file="statements.csv", statement=name)
    for name, row in statements.items():
        if (name in has_parents) == bool(row["origin"]):
            raise Breach("verify.from_nowhere", file="lineage.csv", statement=name)
        _one_end(name, row, ends.get(name), children.get(name, []))
    _reached(children, ends)
    begun = {name for name, row in statements.items() if row["origin"] in {"imported", "written"}}
    for name in sorted(begun ^ _by_name(parcel.sheets["proposals.csv"], "proposals.csv").keys()):
        raise Breach("verify.unknown_statement", file="proposals.csv", statement=name)


def _by_name(sheet: Sheet, file: str, column: str = "statement") -> dict[str, Row]:
    twice = [name for name, n in Counter(row[column] for row in sheet.rows).items() if n > 1]
    if twice:
        raise Breach("verify.statement_twice", file=file, statement=twice[0])
    return {row[column]: row for row in sheet.rows}


def _one_end(name: str, row: Row, end: Row | None, children: list[str]) -> None:
    is_ended = end is not None and bool(end["ended_at"])
    if is_ended == bool(children):
        raise Breach("verify.ends", file="results.csv", statement=name, n=2 if is_ended else 0)
    shared = ("ended_in", "ended_at", "became", *(column for column in row if column.startswith("text_")))
    if row["became"].split() != children or (end and any(end[column] != row[column] for column in shared)):
        raise Breach("verify.two_stories", file="statements.csv", statement=name)


def _reached(children: Mapping[str, list[str]], ends: Mapping[str, Row]) -> None:
    """No circle: from every statement the way leads to an end."""
    good: set[str] = {name for name, row in ends.items() if row["ended_at"]}
    waiting = set(children)
    while waiting:
        done = {name for name in waiting if all(child in good for child in children[name])}
        if not done:
            raise Breach("verify.ends", file="lineage.csv", statement=min(waiting), n=0)
        good |= done
        waiting -= done


def recount(parcel: Parcel) -> None:
    """The second count agrees with every figure that the codebook marks as counted."""
    program = joined(parcel.kinds.values())
    if parcel.files["recount.py"] != program and parcel.manifest["software"]["version"] == __version__:
        raise Breach("verify.other_recount", file="recount.py")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest.json", "results.csv", "codebook.csv", "ballots.csv", "journal.jsonl"):
            (Path(folder) / name).write_bytes(parcel.files[name])
        (Path(folder) / "recount.py").write_bytes(program)
        command = [sys.executable, "-I", "recount.py"]
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    if done.returncode:
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        raise Breach("verify.recount", file="results.csv", why=lines[-1] if lines else "")


CHECKS: dict[str, Callable[[Parcel], None]] = {
    "journal.jsonl": chain,
    "manifest.json": rounds,
    "ballots.csv": ballots,
    "answers.csv": tables,
    "measures.csv": measures,
    "lineage.csv": conservation,
    "results.csv": recount,
}
