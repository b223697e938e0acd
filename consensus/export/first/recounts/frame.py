#!/usr/bin/env python3
"""Recount a parcel: python3 -I recount.py, in the folder of the unzipped parcel.

Plain Python, standard library only: it reads ballots.csv, manifest.json and journal.jsonl, counts every ballot again
and compares each figure that codebook.csv marks as counted with results.csv. It shares no code with the software
that wrote the parcel. It prints what it checked and ends with 0, or prints the first difference and ends with 1.

Recompter un colis : python3 -I recount.py, dans le dossier du colis décompressé. Bibliothèque standard seulement :
chaque bulletin est compté de nouveau, chaque chiffre marqué « counted » est comparé. Fin 0 : tout concorde. Fin 1 :
la première différence est écrite.
"""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from consensus.export.first.recounts.shared import shown, standing

csv.field_size_limit(2**31 - 1)
FEW = 3  # once a round was reopened, answers of fewer people are set aside

Found = dict[tuple[str, str, str], Any]  # (statement, column, block) -> figure; block "" is everyone
Kinds = dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], Found]]


def table(name: str) -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def ballot(row: dict[str, str]) -> dict[str, Any]:
    marks = json.loads(row["marks"]) if row["marks"] else None
    told = {"replaces": row["replaces"] == "yes", "aside": row["set_aside"] == "yes"}
    return {**row, **told, "seq": int(row["seq"]), "marks": marks}


def closes(key: str) -> list[tuple[int, list[int] | None]]:
    """Each close of a round: its number in the journal, and the ballots that it set aside; None: it sets none aside."""
    found = []
    for line in Path("journal.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        entry = json.loads(line)
        said = json.loads(entry["payload"])
        if entry["act"] == "closed" and said["round"] == key:
            found.append((entry["seq"], said.get("set_aside")))
    return found


def counted_columns(key: str, ranked_by: str) -> list[tuple[str, str, str]]:
    """The columns of one round that are counted again: (name in results.csv, column, block)."""
    found = []
    for row in table("codebook.csv"):
        name = row["column"]
        if row["file"] != "results.csv" or row["counted"] != "yes":
            continue
        if name in ("rank", "rank_balanced") and key == ranked_by:
            found.append((name, name, ""))
        elif name.startswith(key + "."):
            column, _, block = name[len(key) + 1 :].removesuffix("]").partition("[")
            found.append((name, column, block))
    return found


def first_difference(columns: list[tuple[str, str, str]], found: Found, results: list[dict[str, str]]) -> str:
    for row in results:
        for name, column, block in columns:
            again = shown(found.get((row["statement"], column, block)))
            if row[name] != again:
                return f"results.csv: {row['statement']}, {name}: {row[name]!r}, counted again: {again!r}"
    return ""


def anew(cast: list[dict[str, Any]], since: dict[str, int], until: int) -> dict[str, list[dict[str, Any]]]:
    """By slot, the ballots of participants that came before this close, and after the last that counted the slot."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in cast:
        if one["role"] == "participant" and one["replaces"] and since[one["slot"]] < one["seq"] < until:
            found.setdefault(one["slot"], []).append(one)
    return found


def wrong_aside(cast: list[dict[str, Any]], closed: list[tuple[int, list[int] | None]]) -> str:
    """Does each later close set aside, slot by slot, the answers of one or two people, and no others? Somebody whose
    answers were erased may have left before that close or after it: there both are right."""
    since = {one["slot"]: closed[0][0] for one in cast if closed}
    for number, aside in closed[1:]:
        found = anew(cast, since, number)
        if aside is None:
            continue
        strange = set(aside) - {one["seq"] for here in found.values() for one in here}
        for slot, here in found.items():
            known = [one for one in here if one["marks"] is not None]
            most, least = len({one["alias"] for one in here}), len({one["alias"] for one in known})
            if any(one["seq"] in aside for one in here):
                strange |= {one["seq"] for one in known if least >= FEW or one["seq"] not in aside}
            else:
                strange |= {one["seq"] for one in known if most < FEW}
                since[slot] = number
        if strange:
            return f"journal.jsonl: entry {number}, set_aside: ballot {min(strange)}"
    last = set(closed[-1][1] or ()) if closed else set()
    for one in cast:
        if one["aside"] != (one["seq"] in last):
            return f"ballots.csv: ballot {one['seq']}, set_aside: {one['set_aside']!r}"
    return ""


def wrong_standing(cast: list[dict[str, Any]], counts: list[dict[str, Any]]) -> str:
    """Does the file say of each ballot whether it counts, as it follows from the ballots?"""
    those = {ballot["seq"] for ballot in counts}
    for one in cast:
        again = "yes" if one["seq"] in those else "no"
        if one["standing"] != again:
            return f"ballots.csv: ballot {one['seq']}, standing: {one['standing']!r}, counted again: {again!r}"
    return ""


def main(kinds: Kinds) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    results, ballots = table("results.csv"), [ballot(row) for row in table("ballots.csv")]
    checked: list[str] = []
    for round in manifest["rounds"]:
        cast = [one for one in ballots if one["round"] == round["key"]]
        counts = standing(cast)
        columns = counted_columns(round["key"], manifest["ranked_by"])
        difference = wrong_aside(cast, closes(round["key"])) or wrong_standing(cast, counts)
        difference = difference or first_difference(columns, kinds[round["kind"]](round, counts), results)
        if difference:
            sys.stdout.write(difference + "\n")
            return 1
        checked += [name for name, _, _ in columns]
    figures = len(checked) * len(results)
    sys.stdout.write(f"{len(ballots)} ballots, {len(checked)} columns, {figures} figures counted again: all agree.\n")
    sys.stdout.write(f"{len(ballots)} bulletins, {len(checked)} colonnes, {figures} chiffres recomptés : ")
    sys.stdout.write("tout concorde.\n" + ", ".join(checked) + "\n")
    return 0
