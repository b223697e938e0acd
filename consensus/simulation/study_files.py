"""What a rehearsed study leaves in its folder: the parcel of each session, and the tables of the study.

Plain files, the same bytes for the same figures. Nothing is counted here: figures come from results.study.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from consensus.export.sheets import Sheet, json_bytes, sheet
from consensus.house import House
from consensus.results.study import Comparison, Pooled, StudyResults, as_data, compared, pooled
from consensus.results.study.comparing import BY
from consensus.results.study.moments import moments_of
from consensus.results.study.panels import panels_of
from consensus.results.study.reading import Answers, read_study

RESULTS, POOLED, PANELS, MOMENTS = "study.json", "pooled.json", "panels.json", "moments.json"


def parcel_name(number: int, key: str) -> str:
    """In the order in which they were held."""
    return f"{number:02}-{key}.zip"


async def write_study(house: House, study_id: int, out: Path) -> list[str]:
    """The tables of a study into a folder; a line for each file. Here a parcel of the study itself would be added."""
    files = await asyncio.to_thread(tables, *await read_study(study_id))
    for name, data in files.items():
        await asyncio.to_thread((out / name).write_bytes, data)
    return [f"{name}: {len(data) // 1024 + 1} KB" for name, data in files.items()]


def tables(results: StudyResults, answers: Answers) -> dict[str, bytes]:
    """By the name of the file. answers: of which agreement and moments tell what may be told; none is written."""
    pool = pooled(results)
    told = {
        RESULTS: results,
        POOLED: pool,
        PANELS: panels_of(results, pool, answers),
        MOMENTS: moments_of(results, answers),
    }
    files = {name: json_bytes(as_data(one)) for name, one in told.items() if one}
    files["pooled.csv"] = _pooled(results, pool).csv()
    for by in BY:
        comparison = compared(results, pool, by)
        if comparison.columns:
            files[f"compared-by-{by}.json"] = json_bytes(as_data(comparison))
            files[f"compared-by-{by}.csv"] = _compared(results, comparison).csv()
    return files


def _pooled(results: StudyResults, pool: Pooled) -> Sheet:
    """A row for each statement and way of counting. under: statements that stand under it, in the mean."""
    words = {one.key: one.wordings for one in results.statements}
    texts = [f"text_{language}" for language in results.languages]
    fields = ["statement", *texts, "weight", "rank", "share", "under", "verdict", "n", "sessions"]

    def rows() -> Iterator[dict[str, str]]:
        for row in (*pool.rows, *pool.apart):
            said = {f"text_{language}": words[row.statement].get(language, "") for language in results.languages}
            for scheme, one in row.by_scheme.items():
                yield {
                    "statement": row.statement,
                    **said,
                    "weight": scheme,
                    "rank": _cell(one.rank),
                    "share": _cell(one.share),
                    "under": _cell(one.points),
                    "verdict": one.verdict,
                    "n": str(row.n),
                    "sessions": " ".join(row.asked),
                }

    return sheet(fields, rows())


def _compared(results: StudyResults, comparison: Comparison) -> Sheet:
    """A row for each statement and column."""
    fields = ["statement", "column", "groups", "state", "n", "share", "median", "rank", "verdict", "certainty"]

    def rows() -> Iterator[dict[str, str]]:
        for row in comparison.rows:
            for column, one in zip(comparison.columns, row.figures, strict=True):
                yield {
                    "statement": row.statement,
                    "column": column.key,
                    "groups": "+".join(column.groups),
                    "state": one.state,
                    "n": _cell(one.n),
                    "share": _cell(one.share),
                    "median": _cell(one.median),
                    "rank": _cell(one.rank),
                    "verdict": one.verdict,
                    "certainty": one.certainty,
                }

    return sheet(fields, rows())


def _cell(value: Fraction | int | None) -> str:
    """An exact fraction, or nothing."""
    return "" if value is None else str(value)
