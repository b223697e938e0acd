"""results.csv of /1.1, made again of results.json: the same list as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from consensus.export.sheets import Sheet, sheet, text

WITHHELD = "withheld"
RANKS = ("rank", "rank_balanced", "tied", "verdict", "rank_low", "rank_high", "certainty", "withheld")
ENDED = ("ended_in", "ended_at", "how", "reason", "owner", "became")


def result_sheet(told: Mapping[str, Any]) -> Sheet:
    """told: the list as results.json tells it."""
    texts = {f"text_{language}": language for language in told["languages"]}
    rows = []
    for one in told["statements"]:
        row = {"statement": one["statement"], "source_id": one["source_id"]}
        row |= {column: one["texts"][at] for column, at in texts.items()}
        row |= {
            **_ranks(one, told["columns"]),
            **{name: one[name] for name in ENDED},
            "became": " ".join(one["became"]),
        }
        found = {name: _figure(value) for name, value in one["figures"].items()}
        rows.append({**row, **{column["name"]: found.get(column["name"], "") for column in told["columns"]}})
    named = (column["name"] for column in told["columns"])
    return sheet(["statement", "source_id", *texts, *RANKS, *ENDED, *named], rows)


def _ranks(one: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    band = one["band"] or {"low": None, "high": None}
    return {
        **{name: text(one[name]) for name in ("rank", "rank_balanced", "tied", "verdict", "certainty")},
        "rank_low": _decimal(band["low"]),
        "rank_high": _decimal(band["high"]),
        "withheld": " ".join(dict.fromkeys(_where(c) for c in columns if one["missing"].get(c["name"]) == WITHHELD)),
    }


def _where(column: Mapping[str, Any]) -> str:
    """A round, or a block of it."""
    return f"{column['round']}[{column['block']}]" if column["block"] else str(column["round"])


def _decimal(value: float | None) -> str:
    return "" if value is None else _three(Fraction(value))


def _figure(value: Any) -> str:
    """A figure as text: "" where undefined, fractions as decimals rounded half up to 3 places."""
    if isinstance(value, Mapping):
        return _three(Fraction(*value["of"]))
    return "" if value is None else str(value)


def _three(value: Fraction) -> str:
    thousandths = (abs(value.numerator) * 2000 + value.denominator) // (2 * value.denominator)
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and thousandths else text
