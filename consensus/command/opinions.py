"""consensus map: a Polis export of participants' votes in; its groups of opinion out, as JSON, and as a picture.

The file is Polis' participants-votes.csv: a row a person, first what is known of them, then a column for each comment,
named by its number, holding 1 (agrees), -1 (disagrees), 0 (passes) or nothing. Nobody's place or vote comes out.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from consensus.command.map_picture import picture
from consensus.command.reading import LIMITS, malformed
from consensus.command.tidy import Malformed
from consensus.imports.numbers import shown
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Row, read
from rounds.measures.landscape import landscape
from rounds.measures.opinions import named, told
from rounds.measures.result import Result

VOTES = {"": np.nan, "1": 1.0, "0": 0.0, "-1": -1.0}
PERSON = "participant"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="Polis' participants-votes.csv: a row a person, a column a comment, 1, 0 or -1")
    parser.add_argument("--least", type=int, default=5, help="people, under which no group or part of one is told")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--permutations", type=int, default=100, help="of votes, for the silhouette that chance gives")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw the map too")


def lines(args: Namespace, data: bytes) -> Iterator[str]:
    """tidy.Malformed for a file that cannot be taken, ValueError for an option that makes no sense."""
    if args.least < 2:
        raise ValueError("--least is at least 2: one would be a person")
    if args.permutations < 1:
        raise ValueError("--permutations is at least 1")
    statements, votes = _votes(data)
    found = mapped(votes, args.least, args.seed, args.permutations)
    yield json.dumps(named(found, statements), ensure_ascii=False, indent=1, allow_nan=False)
    if args.picture:
        args.picture.write_text(picture(found), encoding="utf-8")


def mapped(votes: NDArray[np.float64], least: int, seed: int, permutations: int) -> Result:
    """votes: (people, statements), NaN for none."""
    return told(votes, landscape(votes, seed=seed, permutations=permutations), least)


def _votes(data: bytes) -> tuple[list[str], NDArray[np.float64]]:
    try:
        head, *rows = read(data, LIMITS, names=(PERSON,)).rows
    except Unreadable as wrong:
        raise malformed(wrong) from None
    at = {place: name for place, name in enumerate(head.cells) if name.isdecimal()}
    if PERSON not in head.cells or not at:
        why = f"no column {PERSON} and a column for each comment, named by its number"
        raise Malformed(head.line, f"{why}; Polis calls this file participants-votes.csv")
    if len(set(at.values())) < len(at):
        raise Malformed(head.line, "two columns have the same number")
    if not rows:
        raise Malformed(head.line, "nobody is in this file")
    return list(at.values()), np.array([[_vote(row, place) for place in at] for row in rows])


def _vote(row: Row, place: int) -> float:
    cell = row.cells[place] if place < len(row.cells) else ""
    if cell not in VOTES:
        raise Malformed(row.line, f"a vote is 1, 0, -1 or nothing, and {shown(cell)} is none of them")
    return VOTES[cell]
