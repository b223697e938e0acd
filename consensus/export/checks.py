"""What the files of a parcel must say together: rounds, list, statements; and of individual answers: every row against
the root of its round, tables made again, measures, the recount.

Each check is given the parcel and raises the first breach that it finds. No database, and no code of the parcel is
run: recount.py must be the one that this program writes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from consensus import __version__, leaves
from consensus.export import readings
from consensus.export.evidence import FILE as EVIDENCE
from consensus.export.evidence import evidence_sheet, is_from_k_on
from consensus.export.following import BLANKED, PERSON, PLACES
from consensus.export.manifest import FORMAT, head_lines
from consensus.export.measures import MEASURES, Frozen, is_same, measure_sheet, worked_out
from consensus.export.opened import Breach
from consensus.export.opinions import MAPS, is_few
from consensus.export.participants import FILE, figures, participant_sheet
from consensus.export.people import is_anybody_alone, people_sheet
from consensus.export.readings import reading_sheet
from consensus.export.recounting import joined
from consensus.export.results import result_sheet
from consensus.export.rows import (
    Opened,
    answer_sheet,
    ballots_of,
    in_order,
    leaf_sheet,
    move_sheet,
    sealed_sheet,
    word_sheet,
)
from consensus.export.sheets import Row, Sheet, json_bytes
from consensus.export.tables import order_sheet
from consensus.outcome import block_from, digest, findings_from, seal
from rounds import KINDS
from rounds.contract import Round, Statement
from rounds.rules import rule_from

LISTED = "results.json"
PATIENCE = 300  # seconds for a recount
HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel, read. sheets: its tables by file name. listed: its list as results.json tells it. opened: the leaves of
    which it has the salt."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    sheets: Mapping[str, Sheet]
    listed: Mapping[str, Any]
    opened: tuple[Opened, ...] = ()

    @property
    def is_of_this_program(self) -> bool:
        told = self.manifest
        return bool(told["software"]["version"] == __version__ and told["format"] == FORMAT)

    @property
    def rounds(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.manifest["rounds"]
        return found

    @property
    def kinds(self) -> dict[str, str]:
        return {round["key"]: round["kind"] for round in self.rounds}

    def is_whole(self, round: Mapping[str, Any]) -> bool:
        """Is every answer that counted in this round in the file?"""
        return round["seal"] is not None and round["key"] not in self.manifest["left_out"]


def head(parcel: Parcel) -> None:
    """Both files tell one head, and whether nobody was there."""
    number, last = parcel.manifest["chain"]["entries"], parcel.manifest["chain"]["head"]
    told, is_simulated = parcel.files["chain_head.txt"].decode("utf-8", "replace"), parcel.manifest["rehearsal"]
    if told != head_lines(number, last, is_simulated):
        is_denied = told == head_lines(number, last, not is_simulated)
        raise Breach("verify.denied_rehearsal" if is_denied else "verify.other_head", file="chain_head.txt")
    if not isinstance(number, int) or not HASH.fullmatch(last):
        raise Breach("verify.unreadable", file="manifest.json")


def rounds(parcel: Parcel) -> None:
    """Kinds that this version knows, the hash under which each round was opened, and a root where it was sealed."""
    for round in parcel.rounds:
        if round["kind"] not in KINDS:
            raise Breach("verify.unknown_kind", file="manifest.json", kind=round["kind"])
        if round["hash"] != seal({**round, "blocks": round["planned"]}, round["statements_hash"]):
            raise Breach("verify.other_hash", file="manifest.json", round=round["key"])
        if round["seal"] is not None and not HASH.fullmatch(round["seal"]["root"]):
            raise Breach("verify.unreadable", file="manifest.json")


def order(parcel: Parcel) -> None:
    """order.csv is what the root covers."""
    told = [(round["key"], round["seal"]["order"]) for round in parcel.rounds if round["seal"]]
    _same("order.csv", parcel.sheets["order.csv"], order_sheet(told))


def over_rounds(parcel: Parcel) -> None:
    """The figures of measures.csv that rest on two rounds, or on the order, are those that the root covers."""
    rows = parcel.sheets["measures.csv"].rows
    if parcel.sheets["measures.csv"].columns != MEASURES:
        raise Breach("verify.columns", file="measures.csv")
    for round in parcel.rounds:
        told = findings_from(round["seal"]["findings"] if round["seal"] else ())
        own = [(number, row) for number, row in enumerate(rows, start=2) if row["round"] == round["key"]]
        sealed = measure_sheet({round["key"]: told}).rows
        for (number, one), other in zip(own[len(own) - len(sealed) :], sealed, strict=True):
            if one != other:
                raise Breach("verify.row", file="measures.csv", row=number)


def read_otherwise(parcel: Parcel) -> None:
    """sensitivity.csv, where there is one, says what measures.csv does."""
    if readings.FILE in parcel.sheets:
        _same(readings.FILE, parcel.sheets[readings.FILE], reading_sheet(parcel.sheets["measures.csv"].rows))


def evidence(parcel: Parcel) -> None:
    """evidence.csv, where there is one, says what manifest.json does, and nothing of 1 to k - 1 sources."""
    if EVIDENCE not in parcel.sheets:
        return
    told = parcel.manifest["evidence"]
    _same(EVIDENCE, parcel.sheets[EVIDENCE], evidence_sheet(told))
    if not is_from_k_on(told, parcel.manifest["floor"]):
        raise Breach("verify.few_alike", file=EVIDENCE)


def participants(parcel: Parcel) -> None:
    """participants.csv, where there is one, says what manifest.json does: no count of 1 to k - 1 people, and as many
    people in every question."""
    if FILE not in parcel.sheets:
        return
    told = parcel.manifest["participants"]
    _same(FILE, parcel.sheets[FILE], participant_sheet(told, parcel.manifest["languages"]))
    counts = [found for found in map(figures, told) if found]
    if any(0 < n < parcel.manifest["floor"] for found in counts for n in found) or len(set(map(sum, counts))) > 1:
        raise Breach("verify.few_alike", file=FILE)


def opinions(parcel: Parcel) -> None:
    """opinions.json, where there is one, is what manifest.json says, and tells of nobody and of no few people."""
    if "opinions" not in parcel.manifest:
        return
    charted = json.loads(parcel.files[MAPS])
    if parcel.files[MAPS] != json_bytes(charted) or digest(charted) != parcel.manifest["opinions"]:
        raise Breach("verify.unreadable", file=MAPS)
    if any(is_few(told) for told in charted.values()):
        raise Breach("verify.few_alike", file=MAPS)


def against_the_root(parcel: Parcel) -> None:
    """Every row is a leaf, none twice, and the leaves of each round give its root."""
    hashes: dict[str, list[str]] = {round["key"]: [] for round in parcel.rounds}
    for row in parcel.sheets["leaves.csv"].rows:
        hashes[row["round"]].append(row["leaf"])
    _same("leaves.csv", parcel.sheets["leaves.csv"], leaf_sheet(hashes))
    for round in parcel.rounds:
        sealed, found = round["seal"], hashes[round["key"]]
        if sealed is None:
            if found:
                raise Breach("verify.other_leaves", file="leaves.csv", round=round["key"])
            continue
        if leaves.root(round["key"], found, sealed["order"], sealed["findings"]) != sealed["root"]:
            raise Breach("verify.other_leaves", file="leaves.csv", round=round["key"])
    unused = {key: Counter(found) for key, found in hashes.items()}
    for number, one in enumerate(parcel.opened, start=2):
        if one.data["round"] != one.round or not unused[one.round][one.hash]:
            raise Breach("verify.no_leaf", file="sealed.csv", row=number)
        unused[one.round][one.hash] -= 1


def tables(parcel: Parcel) -> None:
    """answers.csv, words.csv and moves.csv are what the leaves say."""
    kinds = parcel.kinds
    _same("sealed.csv", parcel.sheets["sealed.csv"], sealed_sheet(in_order(parcel.opened, kinds)))
    _same("answers.csv", parcel.sheets["answers.csv"], answer_sheet(parcel.opened, kinds))
    _same("words.csv", parcel.sheets["words.csv"], word_sheet(parcel.opened))
    _same("moves.csv", parcel.sheets["moves.csv"], move_sheet(parcel.opened, kinds))


def _same(name: str, given: Sheet, again: Sheet) -> None:
    if given.columns != again.columns:
        raise Breach("verify.columns", file=name)
    for number, (one, other) in enumerate(zip_longest(given.rows, again.rows), start=2):
        if one != other:
            raise Breach("verify.row", file=name, row=number)


def measures(parcel: Parcel) -> None:
    """What measures.csv tells of one round is what its rows give, to the last digits of a fraction; by the program that
    wrote it only, and where no answer was left out."""
    if not parcel.is_of_this_program:
        return  # another may work a measure out otherwise: the sums alone speak for the file
    rows = parcel.sheets["measures.csv"].rows
    for round in filter(parcel.is_whole, parcel.rounds):
        key = round["key"]
        given = [(number, row) for number, row in enumerate(rows, start=2) if row["round"] == key]
        again = measure_sheet({key: worked_out(ballots_of(parcel.opened, key), _frozen(round))}).rows
        given = given[: len(given) - len(round["seal"]["findings"])]
        if not any(row["measure"] == readings.MEASURE for _, row in given):  # of a round that was worked out before
            again = tuple(row for row in again if row["measure"] != readings.MEASURE)
        for (number, one), other in zip_longest(given, again, fillvalue=(0, None)):
            if not one or not isinstance(other, Mapping) or not is_same(one, other):
                raise Breach("verify.row", file="measures.csv", row=number)


def people(parcel: Parcel) -> None:
    """people.csv is what the leaves say, and points to nobody by what it says about people."""
    told, given = parcel.manifest["people"], parcel.sheets["people.csv"]
    _same("people.csv", given, people_sheet(parcel.opened, parcel.kinds))
    empty = [what for what in BLANKED if not any(row.get(what) for row in given.rows)]
    blank = [what for what in empty if what not in PLACES or what in told["blank"]]  # not every session has some
    if (told["followed"], told["blank"]) != (len(given.rows), blank):
        raise Breach("verify.other_table", file="people.csv")
    if is_anybody_alone(given, parcel.opened, parcel.manifest["floor"]):
        raise Breach("verify.few_alike", file="people.csv")


def over_again(parcel: Parcel) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The rounds whose figures over two rounds can be worked out again, each with the one before it of its kind: every
    answer of both is in the file, and everybody is followed."""
    if not parcel.is_of_this_program:
        return []
    named = {(one.round, one.data["alias"]) for one in parcel.opened if one.is_person and PERSON in one.data}
    alone = {one.round for one in parcel.opened if one.is_answer and (one.round, one.data["alias"]) not in named}
    found, last = [], dict[str, Mapping[str, Any]]()
    for round in parcel.rounds:
        earlier = last.get(round["kind"])
        both = [one for one in (earlier, round) if one and parcel.is_whole(one) and one["key"] not in alone]
        if earlier and len(both) == 2 and KINDS[round["kind"]].across:
            found.append((earlier, round))
        last[round["kind"]] = round
    return found


def across(parcel: Parcel) -> None:
    """Change, attrition and stability, which the root covers, are what the rows of the people give."""
    names = {
        (one.round, one.data["alias"]): one.data[PERSON]
        for one in parcel.opened
        if one.is_person and PERSON in one.data
    }
    before: dict[str, Round] = {}
    rows = parcel.sheets["measures.csv"].rows
    for earlier, later in over_again(parcel):
        first = before.get(earlier["key"]) or _frozen(earlier).round
        second = before[later["key"]] = replace(_frozen(later).round, earlier=first)
        given = [
            [one._replace(seat=names[key, one.seat]) for one in ballots_of(parcel.opened, key) if one.block]
            for key in (second.key, first.key)
        ]
        over = KINDS[second.kind].across
        found = over(second, *given) if over else ()
        sealed = [one for one in later["seal"]["findings"] if one["method"] != "order_effect"]
        again = measure_sheet({second.key: found}).rows
        for one, other in zip_longest(measure_sheet({second.key: findings_from(sealed)}).rows, again):
            if not one or not other or not is_same(one, other):
                own = [number for number, row in enumerate(rows, start=2) if row == one]
                raise Breach("verify.row", file="measures.csv", row=own[0] if own else len(rows) + 1)


def _frozen(told: Mapping[str, Any]) -> Frozen:
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
    return Frozen(round, told["hash"])


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
    proposed = parcel.sheets.get("proposals.csv")
    for name in sorted(begun ^ _by_name(proposed, "proposals.csv").keys()) if proposed else ():
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
    if parcel.files["recount.py"] != program and parcel.is_of_this_program:
        raise Breach("verify.other_recount", file="recount.py")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("manifest.json", "results.csv", "statements.csv", "codebook.csv", "sealed.csv", "leaves.csv"):
            (Path(folder) / name).write_bytes(parcel.files[name])
        (Path(folder) / "recount.py").write_bytes(program)
        command = [sys.executable, "-I", "recount.py", "en"]
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
    """What follows of the ranks: the order, who is tied; every band is that of measures.csv."""
    if parcel.listed["ranked_by"] != parcel.manifest["ranked_by"]:
        raise Breach("verify.unreadable", file=LISTED)
    stands = [one for one in parcel.listed["statements"] if not one["became"]]
    lists = list(dict.fromkeys(one.get("list", "") for one in stands))
    places = {name: [one["rank"] for one in stands if one.get("list", "") == name] for name in lists}
    in_order = [rank for name in lists for rank in _in_order(places[name])]
    bands = _bands(parcel)
    for number, one in enumerate(parcel.listed["statements"]):
        is_same = one["band"] == bands.get(one["statement"])
        if number < len(stands):
            rank, own = one["rank"], places[one.get("list", "")]
            is_same = is_same and rank == in_order[number]
            is_same = is_same and one["tied"] == (None if rank is None else own.count(rank) > 1)
        if not is_same:
            raise Breach("verify.row", file="results.csv", row=number + 2)


def _in_order(places: Sequence[int | None]) -> list[int | None]:
    return [*sorted(rank for rank in places if rank is not None), *[None] * places.count(None)]


def _bands(parcel: Parcel) -> dict[str, dict[str, Any]]:
    found = {}
    for row in parcel.sheets["measures.csv"].rows:
        is_of_list = row["round"] in parcel.manifest["ranked_by"].split() and row["statement"] and row["value"]
        if row["measure"] == "bootstrap" and is_of_list:
            low, high = json.loads(row["value"])
            found[row["statement"]] = {"low": low, "high": high, "n": int(row["n"]), "method": row["method"]}
    return found


Checks = Mapping[str, Callable[[Parcel], None]]
OF_BOTH: Checks = {
    "chain_head.txt": head,
    "manifest.json": rounds,
    "order.csv": order,
    FILE: participants,
    "sensitivity.csv": read_otherwise,
    EVIDENCE: evidence,
    MAPS: opinions,
    "measures.csv": over_rounds,
    "lineage.csv": conservation,
    "results.csv": list_again,
}
OF_ANSWERS: Checks = {
    "sealed.csv": against_the_root,
    "answers.csv": tables,
    "measures.csv": measures,
    "results.csv": recount,
}
OF_PEOPLE: Checks = {"people.csv": people, "measures.csv": across}
