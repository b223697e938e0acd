#!/usr/bin/env python3
"""Recount the pooled list of a study, in the folder of the unzipped file:

    python3 -I recount.py        in the language of the machine (LANG), English or French
    python3 -I recount.py fr     en français

Plain Python, standard library only, and no code shared with the software that wrote the file. It
compares each figure of study.json that is summed with the parcel of the session that told it, adds
them up under each of the five ways of counting and compares every share, weight, point and place
with pooled.csv, and with the lists of some sessions alone. It prints what it checked and ends with
0, or the first difference and ends with 1.
"""

import csv
import hashlib
import io
import json
import os
import sys
import textwrap
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

csv.field_size_limit(2**31 - 1)
COLUMNS = {"chosen": "chosen", "given": "mean", "wins": "per_showing"}  # by the way of a list
SCHEMES = ("person", "group", "session", "site", "nested")
SAID = {
    "en": {
        "session": "sessions/{session}.zip is not the file that manifest.json names.",
        "cell": "study.json, session {session}: {statement}, {groups}: {told}, told there: {again}",
        "figure": "{file}: {statement}, {column}: {told!r}, counted again: {again!r}",
        "done": "{cells} figures found in {sessions} parcels; {figures} figures of {lists} lists added up again.",
        "cut": "Places are of ballots cut to the statements that all sessions ranked: added up "
        "again, not found in a parcel.",
        "agree": "All agree.",
    },
    "fr": {
        "session": "sessions/{session}.zip n’est pas le fichier que nomme manifest.json.",
        "cell": "study.json, séance {session} : {statement}, {groups} : {told}, dit là : {again}",
        "figure": "{file} : {statement}, {column} : {told!r}, recompté : {again!r}",
        "done": "{cells} chiffres retrouvés dans {sessions} colis; {figures} chiffres de {lists} listes recomptés.",
        "cut": "Les rangs viennent de bulletins réduits aux énoncés que toutes les séances ont "
        "classés : recomptés, mais dans aucun colis.",
        "agree": "Tout concorde.",
    },
}
Cell = dict[str, Any]
Told = dict[str, dict[tuple[str, str], dict[str, Any]]]  # round: statement, block: figures
Sites = dict[str, str]  # by session


class Difference(Exception):
    """The first that is found."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def exact(value: Any) -> Any:
    return Fraction(*value["of"]) if isinstance(value, dict) else value


def told_by(session: dict[str, Any]) -> Told:
    """By round: the figures of each statement and block, as the parcel of the session tells them."""
    data = Path("sessions", session["key"] + ".zip").read_bytes()
    if hashlib.sha256(data).hexdigest() != session["sha256"]:
        raise Difference("session", session=session["key"])
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        listed = json.loads(parcel.read("results.json"))
    found: Told = {}
    for one in listed["columns"]:
        cells = found.setdefault(one["round"], {})
        for statement in listed["statements"]:
            if one["block"] and one["name"] in statement["figures"]:
                figures = cells.setdefault((statement["statement"], one["block"]), {})
                figures[one["column"]] = exact(statement["figures"][one["name"]])
    return found


def round_of(session: dict[str, Any], statement: str, what: str) -> str:
    """In which it was asked (scored, placed); a session may have several lists, each with its own."""
    lists = (one for one in session.get("lists", ()) if statement in one["statements"])
    return str(next(lists, session)[what])


def lists_of(study: dict[str, Any], sessions: list[str]) -> list[set[str]]:
    """The statements of each list, where one of these sessions has several; else all of one."""
    several = any(one.get("lists") for one in study["sessions"] if one["key"] in sessions)
    every = [one["key"] for one in study["statements"]]
    return [set(keys) for keys in (study.get("lists", [every]) if several else [every])]


def find(study: dict[str, Any], manifest: dict[str, Any]) -> tuple[int, bool]:
    """Every cell that is summed stands in the parcel of its session. How many; and whether places
    do too."""
    asked = {one["key"]: one["asked"] for one in study["statements"]}
    sessions = {one["key"]: one for one in manifest["sessions"]}
    rounds = {one["key"]: one for one in study["sessions"]}
    told = {key: told_by(one) for key, one in sessions.items()}
    whole = {key for keys in lists_of(study, list(rounds)) if is_whole(study, told, keys) for key in keys}
    found = 0
    for what in ("cells", "placed", "ordered"):
        for cell in study[what]:
            found += what == "cells" or cell["statement"] in whole or what == "ordered"
            if cell["session"] not in sessions or (what == "placed" and cell["statement"] not in whole):
                continue
            words = sessions[cell["session"]]["groups"]
            block = "+".join(words[group] for group in cell["groups"])
            name = "scored" if what == "cells" else "placed"
            key = cell.get("round") or round_of(rounds[cell["session"]], cell["statement"], name)
            there = told[cell["session"]].get(key, {})
            names = asked[cell["statement"]][cell["session"]].split()
            figures = next((there[name, block] for name in names if (name, block) in there), {})
            again = as_cell(figures, len({name for name, _ in there}), cell.get("way", what))
            mine = {name: exact(cell[name]) for name in again}
            if mine != again:
                said = {"session": cell["session"], "statement": cell["statement"], "groups": block}
                raise Difference("cell", **said, told=plain(mine), again=plain(again))
    return found, all(cell["statement"] in whole for cell in study["placed"])


def is_whole(study: dict[str, Any], told: dict[str, Told], keys: set[str]) -> bool:
    """Did all sessions that place statements of this list place the same ones, and no others?"""
    asked = {one["key"]: one["asked"] for one in study["statements"]}
    rounds = {one["key"]: one for one in study["sessions"]}
    places = {
        (cell["session"], round_of(rounds[cell["session"]], cell["statement"], "placed"))
        for cell in study["placed"]
        if cell["statement"] in keys
    }
    named = [{asked_in(asked, session, name) for name, _ in told[session][key]} for session, key in places]
    return all(those == named[0] and those <= keys for those in named)


def plain(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def asked_in(asked: dict[str, dict[str, str]], session: str, name: str) -> str:
    there = (key for key, those in asked.items() if name in those.get(session, "").split())
    return next(there, name)


def as_cell(figures: dict[str, Any], m: int, what: str) -> dict[str, Any]:
    if what == "cells":
        votes: list[int] = []
        while f"v{len(votes) + 1}" in figures:
            votes.append(figures[f"v{len(votes) + 1}"])
        return {**{name: figures.get(name) for name in ("n", "high", "low")}, "votes": votes}
    n, total = figures.get("n"), "under" if what == "placed" else "total"
    column = COLUMNS.get(what.split()[0], "mean_rank")
    if n is None or figures.get(column) is None:
        return {"n": None, total: None}
    value = Fraction(figures[column])
    if column == "mean_rank":
        return {"n": n, total: n * (m - value)}
    return {"n": n, total: value if column == "chosen" else n * value}


def path_of(cell: Cell, scheme: str, sites: Sites) -> tuple[Any, ...]:
    """Who shares one voice, from the whole study inwards."""
    session, groups = cell["session"], tuple(cell["groups"])
    if scheme == "site":
        return (sites[session],)
    named = {"person": (), "group": (groups,), "session": (session,), "nested": (session, groups)}
    return named[scheme]


def weights(cells: list[Cell], scheme: str, sites: Sites) -> list[Fraction]:
    """What each cell weighs, all of one statement together 1."""
    paths = [path_of(cell, scheme, sites) for cell in cells]
    people: dict[tuple[Any, ...], Fraction] = {}
    for path, cell in zip(paths, cells, strict=True):
        people[path] = people.get(path, Fraction(0)) + cell["voices"]
    inner = {path[:depth] for path in people for depth in range(1, len(path) + 1)}
    found = []
    for path, cell in zip(paths, cells, strict=True):
        weight = Fraction(1)
        for depth in range(1, len(path) + 1):
            weight /= sum(1 for one in inner if one[:-1] == path[: depth - 1] and len(one) == depth)
        found.append(weight * cell["voices"] / people[path])
    return found


def merit(cell: Cell) -> Fraction:
    """What its people give the statement in the mean."""
    if "under" in cell:
        return Fraction(Fraction(cell["under"]), cell["n"])
    return Fraction(cell["high"], cell["n"])


def with_weights(cells: list[Cell], scheme: str, sites: Sites) -> list[tuple[Fraction, Cell]]:
    return list(zip(weights(cells, scheme, sites), cells, strict=True))


def mean(cells: list[Cell], scheme: str, sites: Sites) -> Fraction:
    """What orders a statement."""
    return sum((w * merit(cell) for w, cell in with_weights(cells, scheme, sites)), Fraction(0))


def weighed(scored: list[Cell], placed: list[Cell], scheme: str, sites: Sites) -> dict[str, Any]:
    """The figures of one statement under one way of counting, but for its place and verdict."""
    found: dict[str, Any] = {}
    if scored:
        each = with_weights(scored, scheme, sites)
        for name, column in (("high", "share"), ("low", "low")):
            found[column] = sum(w * Fraction(cell[name], cell["n"]) for w, cell in each)
    if placed:
        found["under"] = mean(placed, scheme, sites)
    if cells := scored or placed:
        each = with_weights(cells, scheme, sites)
        found["n_eff"] = 1 / sum((w**2 / cell["voices"] for w, cell in each), Fraction(0))
        total = sum((cell["voices"] for cell in cells), Fraction(0))
        found["heaviest"] = max(w / cell["voices"] for w, cell in each) * total
    return found


def by_statement(cells: list[Cell], is_whole: bool = True) -> dict[str, list[Cell]]:
    """is_whole: of all sessions; else, where one alone is left, each of its people is one."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell["statement"], []).append({k: exact(v) for k, v in cell.items()})
    for own in found.values():
        if not is_whole and len({cell["session"] for cell in own}) == 1:
            own[:] = [{**cell, "voices": Fraction(cell["n"])} for cell in own]
    return found


def cells_of(study: dict[str, Any], asked: list[str], rows: list[dict[str, str]]) -> list[Any]:
    """By statement, what was rated and what orders, in the sessions that were asked for; [] all."""
    scored = [one for one in study["cells"] if not asked or one["session"] in asked]
    basis, of = (rows[0]["basis"], rows[0]["of"].split()) if rows else ("shares", [])
    keys = {row["statement"] for row in rows}
    ordered = [] if asked else [one for one in study["placed"] if one["statement"] in keys]
    if basis != "shares" and not ordered:
        own = [one for one in study["ordered"] if not asked or one["session"] in asked]
        voiced = by_statement(own, is_whole=not asked)  # of all that order, also of those left out
        placed = {key: [under(one) for one in cells if one["session"] in of] for key, cells in voiced.items()}
        ordered_by = {key: cells for key, cells in placed.items() if cells}
    else:
        ordered_by = by_statement(ordered)
    return [by_statement(scored, is_whole=not asked), ordered_by]


def under(cell: Cell) -> Cell:
    return {**cell, "under": cell["total"]}


def add_up(study: dict[str, Any], rows: list[dict[str, str]], file: str, asked: list[str]) -> int:
    """Every figure of a list again. How many were compared. asked: its sessions; [] all."""
    sites = {one["key"]: one["site"] or "session " + one["key"] for one in study["sessions"]}
    sites["others"] = "others"  # people who are told in no session of their own: a site more
    scored, placed = cells_of(study, asked, rows)
    ordering, compared = placed or scored, 0
    common = [row["statement"] for row in rows if row["listed"] == "list"]
    for scheme in SCHEMES:
        there = [key for key in common if ordering.get(key)]
        merits = {key: mean(ordering[key], scheme, sites) for key in there}
        for row in rows:
            key = row["statement"]
            again = weighed(scored.get(key, []), placed.get(key, []), scheme, sites)
            if row["listed"] == "list" and key in merits:
                again["rank"] = 1 + sum(1 for other in merits.values() if other > merits[key])
                again["is_tied"] = int(list(merits.values()).count(merits[key]) > 1)
            for name, value in again.items():
                column = f"{name}[{scheme}]"
                if row[column] != str(value):
                    said = {"file": file, "statement": key, "column": column, "told": row[column]}
                    raise Difference("figure", **said, again=str(value))
                compared += 1
    return compared


def spoken() -> str:
    """The language of the reader: the argument, or that of the machine."""
    names = [os.getenv(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    first = next((name for name in [*sys.argv[1:2], *names] if name), "en")
    return "fr" if first.lower().startswith("fr") else "en"


def tell(key: str, **values: object) -> None:
    lines = textwrap.wrap(SAID[spoken()][key].format(**values), 100, break_on_hyphens=False)
    sys.stdout.write("\n".join(lines) + "\n")


def recount() -> None:
    manifest = json.loads(Path("manifest.json").read_text(encoding="utf-8"))
    study = json.loads(Path("study.json").read_text(encoding="utf-8"))
    cells, is_whole = find(study, manifest)
    lists: dict[str, list[str]] = {"pooled.csv": []}
    lists.update((one["file"], one["of"]) for one in manifest["chosen"])
    figures = 0
    for file, asked in lists.items():
        with Path(file).open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        for keys in lists_of(study, asked or [one["key"] for one in study["sessions"]]):
            figures += add_up(study, [row for row in rows if row["statement"] in keys], file, asked)
    counted = {"figures": figures, "lists": len(lists)}
    tell("done", cells=cells, sessions=len(manifest["sessions"]), **counted)
    if not is_whole:
        tell("cut")
    tell("agree")


def main() -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        recount()
    except Difference as difference:
        tell(difference.key, **difference.values)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
