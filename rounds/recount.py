#!/usr/bin/env python3
"""Recount a parcel: python3 -I recount.py, in the folder of the unzipped parcel.

Plain Python, standard library only: it reads ballots.csv and manifest.json, counts every ballot again and
compares each figure that codebook.csv marks as counted with results.csv. It shares no code with the software
that wrote the parcel. It prints what it checked and ends with 0, or prints the first difference and ends with 1.
"""

import csv
import json
from fractions import Fraction
from pathlib import Path

csv.field_size_limit(10**9)


def table(name):
    with Path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def shown(value):
    """A figure as results.csv writes it: nothing where undefined, three decimals rounded half up."""
    if value is None:
        return ""
    if isinstance(value, Fraction):
        thousandths = int(abs(value) * 1000 + Fraction(1, 2))
        text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
        return "-" + text if value < 0 and thousandths else text
    return str(value)


def standing(ballots):
    """The ballots that count: of each seat and slot the latest, and none that was erased."""
    latest = {}
    for ballot in sorted(ballots, key=lambda ballot: ballot["seq"]):
        latest[(ballot["alias"], ballot["slot"]) if ballot["slot"] else ballot["seq"]] = ballot
    return sorted((b for b in latest.values() if b["marks"] is not None), key=lambda ballot: ballot["seq"])


def share_decision(rule, boxes):
    """boxes: (in the band, in the opposite band, answers) of each block."""
    if not rule or rule["name"] != "share":
        return None
    boxes = [box for box in boxes if box[2]]
    if not boxes:
        return "undecided"

    def passes(into, against, n):
        return into * 100 >= rule["percent"] * n and (rule["opposite"] is None or against * 100 < rule["opposite"] * n)

    def holds(flip):
        sides = [(against, into, n) if flip else (into, against, n) for into, against, n in boxes]
        if rule["scope"] == "pooled":
            return passes(*(sum(side) for side in zip(*sides, strict=True)))
        if rule["scope"] == "balanced":
            into = sum(Fraction(side[0], side[2]) for side in sides)
            against = sum(Fraction(side[1], side[2]) for side in sides)
            return passes(into, against, len(sides))
        number = sum(1 for side in sides if passes(*side))
        return number == len(sides) if rule["scope"] == "every" else number >= rule["blocks"]

    kept, dropped = holds(False), holds(True)
    return "undecided" if kept == dropped else "kept" if kept else "dropped"


def main(kinds):
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    results = {row["statement"]: row for row in table("results.csv")}
    counted = [
        row["column"] for row in table("codebook.csv") if row["file"] == "results.csv" and row["counted"] == "yes"
    ]
    cast = {}
    for row in table("ballots.csv"):
        marks = json.loads(row["marks"]) if row["marks"] else None
        cast.setdefault(row["round"], []).append({**row, "seq": int(row["seq"]), "marks": marks})
    checked = 0
    for round in manifest["rounds"]:
        if round["kind"] not in kinds:
            continue
        found = kinds[round["kind"]](round, standing(cast.get(round["key"], [])))
        for (statement, column, block), value in found.items():
            name = f"{round['key']}.{column}" + (f"[{block}]" if block else "")
            if name not in counted or statement not in results:
                continue
            if results[statement][name] != shown(value):
                print(
                    f"results.csv: {statement}, {name}: {results[statement][name]!r}, counted again: {shown(value)!r}"
                )
                return 1
            checked += 1
    print(f"{len(counted)} columns counted again, {checked} figures, all agree:")
    print(", ".join(counted))
    return 0
