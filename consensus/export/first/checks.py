"""What the files of a row-level parcel of /1 must say together: chain, ballots, tables, conservation, recount.

Each check is given the parcel and raises the first breach that it finds. No database, and no code of the parcel is
run: the second count is the one kept in recounts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from consensus.export.first.ballots import PARTICIPANT, SELF, Cast, answer_sheet, ballot_sheet, move_sheet
from consensus.export.first.kinds import KINDS
from consensus.export.first.recounting import joined
from consensus.export.first.results import result_sheet
from consensus.export.first.sealed import (
    CLOSED,
    REOPEN,
    SET_ASIDE,
    bare,
    commitment,
    first_breach,
    opened_hash,
    turns,
    words,
)
from consensus.export.opened import Breach
from consensus.export.sheets import Row, Sheet, json_bytes

NEWER = "table-ronde/1.1"  # results.json, results.csv made of it, and one recount.py for all that were written
LISTED = "results.json"
PATIENCE = 300  # seconds for a recount


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row-level parcel, read. casts: its ballots; entries: its journal; sheets: its tables by file name. listed: its
    list as results.json tells it, {} in the format before."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    sheets: Mapping[str, Sheet]
    casts: tuple[Cast, ...]
    entries: tuple[Mapping[str, Any], ...]
    listed: Mapping[str, Any]

    @property
    def is_newer(self) -> bool:
        return bool(self.manifest["format"] == NEWER)

    @property
    def kinds(self) -> dict[str, str]:
        return {round["key"]: round["kind"] for round in self.manifest["rounds"]}


def chain(parcel: Parcel) -> None:
    """Every entry follows from the one before it, to the head that the manifest tells."""
    broken = first_breach(parcel.entries)
    if broken is not None:
        key = "verify.entry_missing" if broken.is_missing else "verify.entry_changed"
        raise Breach(key, file="journal.jsonl", entry=broken.entry)
    said = {"entries": len(parcel.entries), "head": parcel.entries[-1]["hash"] if parcel.entries else ""}
    if parcel.manifest["chain"] != said:
        raise Breach("verify.other_head", file="manifest.json")


def _rehearsal(parcel: Parcel) -> None:
    """Where the journal seats simulated people, the manifest says so."""
    simulated = sum(int(said.get("simulated", 0)) for said in _payloads(parcel, "add_seats").values())
    if simulated and parcel.manifest["rehearsal"] is not True:
        raise Breach("verify.denied_rehearsal", file="manifest.json")


def rounds(parcel: Parcel) -> None:
    """Kinds that this version knows, and the hash under which each round was opened; and who is no person."""
    _rehearsal(parcel)
    opened = {said["round"]: said["hash"] for said in _payloads(parcel, "open_round").values()}
    for round in parcel.manifest["rounds"]:
        if round["kind"] not in KINDS:
            raise Breach("verify.unknown_kind", file="manifest.json", kind=round["kind"])
        if not opened.get(round["key"]) == round["hash"] == opened_hash(round):
            raise Breach("verify.other_hash", file="manifest.json", round=round["key"])
        _closes(parcel, round)


def _closes(parcel: Parcel, round: Mapping[str, Any]) -> None:
    """Every reopening is told as a deviation, and each close after one says what it sets aside."""
    told, n = turns(parcel.entries, round["key"]), sum(note["act"] == REOPEN for note in round["notes"])
    says = [False, *[KINDS[round["kind"]].sets_aside] * n]
    in_turn = [act for act, _ in told] == [CLOSED, *[REOPEN, CLOSED] * n]
    if not in_turn or [SET_ASIDE in said for act, said in told if act == CLOSED] != says:
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
    told = {cast.alias for cast in parcel.casts if cast.marks is not None and cast.role == PARTICIPANT}
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
    parents: dict[str, list[str]] = {}
    for name, those in children.items():
        for child in those:
            parents.setdefault(child, []).append(name)
    open_ends = {name: len(those) for name, those in children.items()}
    reached = [name for name, row in ends.items() if row["ended_at"]]
    while reached:
        for name in parents.get(reached.pop(), ()):
            open_ends[name] -= 1
            if not open_ends[name]:
                reached.append(name)
    for name in sorted(name for name, n in open_ends.items() if n):
        raise Breach("verify.ends", file="lineage.csv", statement=name, n=0)


def recount(parcel: Parcel) -> None:
    """The second count agrees with every figure that the codebook marks as counted."""
    program = joined(parcel.kinds.values())
    if parcel.files["recount.py"] != program and parcel.is_newer:
        raise Breach("verify.other_recount", file="recount.py")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest.json", "results.csv", "codebook.csv", "ballots.csv", "journal.jsonl"):
            (Path(folder) / name).write_bytes(parcel.files[name])
        (Path(folder) / "recount.py").write_bytes(program)
        command = [sys.executable, "-I", "recount.py"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise Breach("verify.too_slow", n=PATIENCE) from None
    if done.returncode:
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        raise Breach("verify.recount", file="results.csv", why=lines[-1] if lines else "")


def same_list(files: Mapping[str, bytes], given: Sheet) -> Mapping[str, Any]:
    """results.json, of which results.csv is made."""
    listed: Mapping[str, Any] = dict(json.loads(files[LISTED]))
    again = result_sheet(listed)
    if json_bytes(listed) != files[LISTED] or again.columns != given.columns:
        raise Breach("verify.columns", file="results.csv")
    for number, (one, other) in enumerate(zip_longest(given.rows, again.rows), start=2):
        if one != other:
            raise Breach("verify.row", file="results.csv", row=number)
    return listed


def list_again(parcel: Parcel) -> None:
    """The recount, and what follows of its ranks: the order, who is tied; every band is that of measures.csv."""
    recount(parcel)
    if not parcel.listed:
        return
    if parcel.listed["ranked_by"] != parcel.manifest["ranked_by"]:
        raise Breach("verify.unreadable", file=LISTED)
    places = [one["rank"] for one in parcel.listed["statements"] if not one["became"]]
    in_order = [*sorted(rank for rank in places if rank is not None), *[None] * places.count(None)]
    bands = _bands(parcel)
    for number, one in enumerate(parcel.listed["statements"]):
        is_same = one["band"] == bands.get(one["statement"])
        if number < len(places):
            rank, tied = one["rank"], None if one["rank"] is None else places.count(one["rank"]) > 1
            is_same = is_same and rank == in_order[number] and one["tied"] == tied
        if not is_same:
            raise Breach("verify.row", file="results.csv", row=number + 2)


def _bands(parcel: Parcel) -> dict[str, dict[str, Any]]:
    found = {}
    for row in parcel.sheets["measures.csv"].rows:
        is_of_list = row["round"] == parcel.manifest["ranked_by"] and row["statement"] and row["value"]
        if row["measure"] == "bootstrap" and is_of_list:
            low, high = json.loads(row["value"])
            found[row["statement"]] = {"low": low, "high": high, "n": int(row["n"]), "method": row["method"]}
    return found


CHECKS: dict[str, Callable[[Parcel], None]] = {
    "journal.jsonl": chain,
    "manifest.json": rounds,
    "ballots.csv": ballots,
    "answers.csv": tables,
    "lineage.csv": conservation,
    "results.csv": list_again,
}
