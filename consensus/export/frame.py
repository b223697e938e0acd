#!/usr/bin/env python3
"""Recount a file of individual answers, in the folder of the unzipped file:

    python3 -I recount.py        in the language of the machine (LANG), English or French
    python3 -I recount.py fr     en français

Plain Python, standard library only, and no code shared with the software that wrote the file. It
compares every row of sealed.csv with leaves.csv and these with the root of each round, makes the
blocks again where the rows allow it, counts every answer again and compares each figure that
codebook.csv marks as counted with results.csv. It prints what it checked and ends with 0, or the
first difference and ends with 1.
"""

import csv
import hashlib
import json
import os
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rounds.recount import shown

csv.field_size_limit(2**31 - 1)
RANKS = ("rank", "rank_balanced")
VERDICTS = ("rank", "rank_balanced", "decision", "zone", "how")  # told, whatever is not

SAID = {
    "en": {
        "leaf": "sealed.csv, row {row}: it is no leaf of this round.",
        "root": "leaves.csv, {round}: the leaves do not give the root.",
        "blocks": "manifest.json, {round}: counted again, the blocks are others: {why}.",
        "taken": "manifest.json, {round}: it took {statement}, which is none of those it takes.",
        "figure": "results.csv: {statement}, {column}: {told!r}, counted again: {again!r}",
        "proved": "{rows} rows proved against the roots.",
        "done": "{columns} columns, {figures} figures counted again: all agree.",
        "left": "Not counted again, because some answers are in no file: {rounds}.",
        "old": "Without a seal, closed by an earlier version: {rounds}.",
        "columns": "Columns: {columns}.",
    },
    "fr": {
        "leaf": "sealed.csv, ligne {row} : ce n’est pas une feuille de ce tour.",
        "root": "leaves.csv, {round} : les feuilles ne donnent pas la racine.",
        "blocks": "manifest.json, {round} : recomptés, les blocs sont autres : {why}.",
        "taken": "manifest.json, {round} : {statement} n’est pas de ceux que ce tour prend.",
        "figure": "results.csv : {statement}, {column} : {told!r}, recompté : {again!r}",
        "proved": "{rows} lignes prouvées par les racines.",
        "done": "{columns} colonnes, {figures} chiffres recomptés : tout concorde.",
        "left": "Non recompté, car des réponses ne sont dans aucun fichier : {rounds}.",
        "old": "Sans sceau, fermé par une version antérieure : {rounds}.",
        "columns": "Colonnes : {columns}.",
    },
}

Column = tuple[str, str, str, str]  # name in results.csv, column, block, part: question of several
Found = dict[tuple[str, str, str], Any]  # (statement, column, block); block "" is everyone
Ballots = list[dict[str, Any]]
Kinds = dict[str, Callable[[dict[str, Any], Ballots], Found]]


class Difference(Exception):
    """The first that is found."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def table(name: str) -> list[dict[str, str]]:
    with Path(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def one_spelling(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def prove(rounds: list[dict[str, Any]], rows: list[dict[str, str]]) -> None:
    """Every row is a leaf of its round, none twice; the leaves, the sums by order and over rounds
    give the root."""
    found: dict[str, list[str]] = {}
    for row in table("leaves.csv"):
        found.setdefault(row["round"], []).append(row["leaf"])
    for round in rounds:
        seal, key = round["seal"], round["key"]
        if seal is None:
            continue
        said = {"round": key, "leaves": sorted(found.get(key, []))}
        said.update(order=seal["order"], findings=seal["findings"])
        if digest(one_spelling(said)) != seal["root"]:
            raise Difference("root", round=key)
    unused = {key: Counter(those) for key, those in found.items()}
    for number, row in enumerate(rows, start=2):
        leaf = digest(row["salt"] + row["said"])
        if not unused.get(row["round"], {}).get(leaf):
            raise Difference("leaf", row=number)
        unused[row["round"]][leaf] -= 1


def ballots_in(key: str, rows: list[dict[str, str]]) -> Ballots:
    said = [json.loads(row["said"]) for row in rows if row["round"] == key]
    return [{**one, "seq": one["number"] or 0} for one in said if "marks" in one]


def check_blocks(round: dict[str, Any], ballots: Ballots) -> None:
    """Blocks that the close made of people: in the declared order, each with k people, no pair in
    one block that is never counted together, and no group alone that is too small."""
    counting = round["counting"]
    if not counting or not round["made_of_people"]:
        return
    people: dict[str, set[str]] = {block["key"]: set() for block in round["blocks"]}
    for ballot in ballots:
        if ballot["block"]:
            people.setdefault(ballot["block"], set()).add(ballot["alias"])
    order, k = counting["order"], counting["k"]
    places = [order.index(block["groups"][0]) for block in round["blocks"]]
    groups = [group for block in round["blocks"] for group in block["groups"]]
    small = [key for key, those in people.items() if 0 < len(those) < k]
    apart = [set(pair) for pair in counting["apart"]]
    if places != sorted(places) or len(groups) != len(set(groups)):
        raise Difference("blocks", round=round["key"], why="order")
    if small or set(people) - {block["key"] for block in round["blocks"]}:
        raise Difference("blocks", round=round["key"], why=", ".join(small))
    if any(pair <= set(block["groups"]) for block in round["blocks"] for pair in apart):
        raise Difference("blocks", round=round["key"], why="never_pool")


def check_taken(rounds: list[dict[str, Any]]) -> None:
    """Where a round took the statements of one decision, nature or level, they are those: of the
    round that it took them of, as results.csv tells it."""
    stands = {row["statement"]: row for row in table("statements.csv")}
    told = {row["statement"]: row for row in table("results.csv")}
    for number, round in enumerate(rounds):
        place, natures, levels = (round["takes"].split("/") + ["", ""])[:3]
        of = round.get("takes_of") or (rounds[number - 1]["key"] if number else "")
        decided = {card: row.get(of + ".decision", "") for card, row in told.items()}
        for card in round["statements"]:
            # Where a round decided nothing, all went on.
            is_such = place not in decided.values() or decided.get(card, place) == place
            for name, several in (("nature", natures), ("level", levels)):
                is_such = is_such and (not several or stands[card][name] in several.split(","))
            if not is_such:
                raise Difference("taken", round=round["key"], statement=card)


def counted_columns(key: str, ranked_by: str) -> list[Column]:
    """The columns of one round that are counted again."""
    found = []
    for row in table("codebook.csv"):
        name = row["column"]
        if row["file"] != "results.csv" or row["counted"] != "yes":
            continue
        if name in RANKS and key in ranked_by.split():
            found.append((name, name, "", ""))
        elif name.startswith(key + "."):
            column, _, block = name[len(key) + 1 :].removesuffix("]").partition("[")
            found.append((name, column, block, row["part"]))
    return found


def told_in(found: Found, nothing: Found, parts: dict[str, str]) -> set[tuple[str, str, str]]:
    """Of each statement the parts and blocks of which anything is told: what is as if nobody had
    answered is withheld. Block "" where that is any block."""
    told = set()
    for (card, column, block), figure in found.items():
        is_same = (card, column, block) in nothing and nothing[card, column, block] == figure
        if block and not is_same:
            told |= {(card, parts.get(column, ""), where) for where in (block, "")}
    return told


def compare(key: str, columns: list[Column], found: Found, nothing: Found) -> None:
    parts = {column: part for _, column, _, part in columns}
    told, known = told_in(found, nothing, parts), {card for card, _, _ in nothing}
    for row in table("results.csv"):
        card = row["statement"]
        for name, column, block, part in columns:
            if name in RANKS and row.get("list", key) != key:
                continue  # it stands on another list of this session
            is_told = column in VERDICTS or card not in known or (card, part, block) in told
            figure = found.get((card, column, block)) if is_told else None
            if row[name] != shown(figure):
                said = {"statement": card, "column": name, "told": row[name]}
                raise Difference("figure", **said, again=shown(figure))


def spoken() -> str:
    """The language of the reader: the argument, or that of the machine."""
    names = [os.getenv(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    first = next((name for name in [*sys.argv[1:2], *names] if name), "en")
    return "fr" if first.lower().startswith("fr") else "en"


def tell(key: str, **values: object) -> None:
    told = SAID[spoken()][key].format(**values)
    lines = textwrap.wrap(told, 100, break_on_hyphens=False)
    sys.stdout.write("\n".join(lines) + "\n")


def main(kinds: Kinds) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        recount(kinds)
    except Difference as difference:
        tell(difference.key, **difference.values)
        return 1
    return 0


def recount(kinds: Kinds) -> None:
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    rows, statements = table("sealed.csv"), len(table("results.csv"))
    prove(manifest["rounds"], rows)
    check_taken(manifest["rounds"])
    checked: list[str] = []
    left, old = [], []
    for round in manifest["rounds"]:
        key = round["key"]
        if round["seal"] is None:
            old.append(key)
            continue
        ballots, out = ballots_in(key, rows), manifest["left_out"].get(key, [])
        columns = counted_columns(key, manifest["ranked_by"])
        if out:
            columns = [one for one in columns if one[2] and one[2] not in out]
            left.append(f"{key} ({', '.join(out)})")
        else:
            check_blocks(round, ballots)
        count = kinds[round["kind"]]
        compare(key, columns, count(round, ballots), count(round, []))
        checked += [name for name, *_ in columns]
    tell("proved", rows=len(rows))
    tell("done", columns=len(checked), figures=len(checked) * statements)
    for key, rounds in (("left", left), ("old", old)):
        if rounds:
            tell(key, rounds=", ".join(rounds))
    if checked:
        tell("columns", columns=", ".join(checked))
