"""sensitivity.csv: every list in every other reading, a row a statement and a reading.

Made of the rows of measures.csv by the same function when it is written and when it is checked, so that page, file and
measures hold one number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from consensus.export.sheets import Row, Sheet, sheet, text

FILE = "sensitivity.csv"
MEASURE = "readings"
COLUMNS = ("round", "first", "statement", "family", "way", "place", "among_first", "redrawn")


def reading_sheet(measures: Sequence[Mapping[str, str]]) -> Sheet:
    """measures: rows of measures.csv. redrawn: the share of redrawings, beside the list itself alone."""
    drawn = {
        (row["round"], row["statement"]): text(json.loads(row["more"]).get("p_top"))
        for row in measures
        if row["measure"] == "bootstrap" and row["statement"] and row["more"]
    }
    return sheet(COLUMNS, list(_rows(measures, drawn)))


def _rows(measures: Sequence[Mapping[str, str]], drawn: Mapping[tuple[str, str], str]) -> Iterator[Row]:
    for row in measures:
        if row["measure"] != MEASURE or not row["value"]:
            continue
        k, more = json.loads(row["parameters"])["k"], json.loads(row["more"])
        for one in more["readings"]:
            for name, place in zip(more["statements"], one["places"], strict=True):
                is_list = one["family"] == "list"
                yield {
                    "round": row["round"],
                    "first": text(k),
                    "statement": name,
                    "family": one["family"],
                    "way": one["way"],
                    "place": text(place),
                    "among_first": "yes" if place is not None and place <= k else "no",
                    "redrawn": drawn.get((row["round"], name), "") if is_list else "",
                }
