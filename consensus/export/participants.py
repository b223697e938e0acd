"""participants.csv: how many people answered what at entry, as it was told once, when the session was over.

Made of the table that the session keeps, by the same function when it is written and when it is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consensus.export.sheets import Row, Sheet, sheet, text
from consensus.profile import NONE, OTHERS, WITHHELD, is_withheld

FILE = "participants.csv"
Told = Sequence[Mapping[str, Any]]


def participant_sheet(told: Told, languages: Sequence[str]) -> Sheet:
    """A row for each answer of each question, then for no answer and for all others together. n is empty where people
    are among the others, or where nothing of a question is told."""
    columns = ["question", *(f"text_{name}" for name in languages), "answer"]
    columns += [*(f"answer_{name}" for name in languages), "n"]
    return sheet(columns, _rows(told, languages))


def _rows(told: Told, languages: Sequence[str]) -> Iterator[Row]:
    for one in told:
        asked = {"question": one["key"]} | {f"text_{name}": one["names"].get(name, "") for name in languages}
        cells = [(cell["key"], cell["names"], cell["n"]) for cell in one["cells"]]
        cells += [(NONE, {}, one[NONE])] if one[NONE] is not None else []
        cells += [(OTHERS, {}, one[OTHERS])] if one[OTHERS] is not None else []
        for key, names, n in [(WITHHELD, {}, None)] if is_withheld(one) else cells:
            yield asked | {"answer": key, "n": text(n)} | {f"answer_{name}": names.get(name, "") for name in languages}


def figures(one: Mapping[str, Any]) -> list[int]:
    """All that is told of a question; their sum is everybody."""
    found = [*(cell["n"] for cell in one["cells"]), one[NONE], one[OTHERS]]
    return [n for n in found if n is not None]
