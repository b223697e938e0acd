"""Counts as tables: order.csv, by thirds of the order of the cards, and double_entry.csv, of what was entered twice.

The same functions write a file and check one: they know no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consensus.export.sheets import Row, Sheet, decimal, sheet, text

ORDER = ("round", "statement", "criterion", "third", "n", "median", "high")
ENTRIES = ("round", "phone", "paper", "twice", "compared", "different", "settled", "same_hand")


def order_sheet(rounds: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> Sheet:
    """rounds: their keys, and their sums by thirds as the close sealed them."""
    rows = []
    for key, order in rounds:
        for one in order:
            shown = {name: text(one[name]) for name in ("statement", "criterion", "third", "n", "high")}
            rows.append({"round": key, **shown, "median": decimal(one["median"])})
    return sheet(ORDER, rows)


def entry_sheet(entries: Sequence[Row]) -> Sheet:
    """What the team entered for people, and entered again: counts only, a row a round."""
    return sheet(ENTRIES, entries)
