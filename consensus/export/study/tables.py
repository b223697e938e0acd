"""The comparison and the pooled list as tables for machines: the numbers of the page, exact, in an order of their own.

A share is a fraction ("17/23"), so that nothing is lost by rounding; what is not told says why instead of a figure.
Made once for every reader: no language is chosen here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction

from consensus.export.sheets import sheet
from consensus.results.study.alike import Alike
from consensus.results.study.comparing import Comparison
from consensus.results.study.data import StudyResults
from consensus.results.study.pooled import Pooled, Weighed
from rounds.measures.pooling import SCHEMES

Row = Sequence[object]
FIGURES = ("n", "high", "low", "median", "rank", "is_far", "verdict", "certainty")
COMPARED = ("by", "column", "statement", "status", *FIGURES, "sure_from", "sure_to")
WEIGHED = tuple(one.name for one in fields(Weighed))


def comparison_sheet(results: StudyResults, sides: Mapping[str, Comparison]) -> bytes:
    """A row for each statement in each column of each way to lay them."""
    rows: list[Row] = []
    for by, side in sides.items():
        for row in side.rows:
            for column, one in zip(side.columns, row.figures, strict=True):
                figures = (getattr(one, name) for name in FIGURES)
                rows.append((by, column.key, row.statement, one.status, *figures, *(one.sure or (None, None))))
    return _written(COMPARED, rows)


def pooled_sheet(results: StudyResults, pool: Pooled, sure: Mapping[str, float]) -> bytes:
    """A row for each statement; under every way of counting its figures. of: the sessions that count; left_out: those
    that are in no order, each with the reason; basis: what orders it, of which under[...] is the mean. list: its
    number, where there are several; then ranks are among its statements."""
    heads = [f"{name}[{scheme}]" for scheme in SCHEMES for name in WEIGHED]
    told = ("kept_in", "undecided_in", "dropped_in", "stays", "readings", "stays_without", "sessions", "p_top")
    names = ("statement", "listed", "of", "left_out", "basis", "asked_in", "n", "people", *told, *heads)
    rows = [row for at, one in enumerate(pool.each, 1) for row in _pooled(one, sure, (at,) if pool.lists else ())]
    return _written((*names, "list") if pool.lists else names, rows)


def _pooled(pool: Pooled, sure: Mapping[str, float], which: tuple[int, ...]) -> Iterator[Row]:
    """which: the number of the list, where there are several."""
    of = " ".join(one for one in pool.of if one not in {out.session for out in pool.left_out})
    said = (of, " ".join(f"{one.session}:{one.reason}" for one in pool.left_out), pool.basis)
    for listed, found in (("list", pool.rows), ("some_sessions", pool.apart)):
        for row in found:
            figures = [getattr(row.by_scheme[scheme], name) for scheme in SCHEMES for name in WEIGHED]
            alone = [row.alone.get(verdict, 0) for verdict in ("kept", "undecided", "dropped")]
            stays = [row.stays, pool.readings, row.stays_without, len(pool.without), sure.get(row.statement)]
            asked = " ".join(row.asked)
            yield row.statement, listed, *said, asked, row.n, row.people, *alone, *stays, *figures, *which


def alike_sheet(alike: Iterable[Alike]) -> bytes:
    """A row for each statement: how far its shares lie apart, and how far its verdict is from turning."""
    names = [one.name for one in fields(Alike)]
    return _written(names, [[getattr(one, name) for name in names] for one in alike])


def _written(heads: Iterable[str], rows: Iterable[Row]) -> bytes:
    columns = tuple(heads)
    return sheet(columns, (dict(zip(columns, map(_cell, row), strict=True)) for row in rows)).csv()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Fraction):
        return str(value)
    return repr(value) if isinstance(value, float) else str(value)
