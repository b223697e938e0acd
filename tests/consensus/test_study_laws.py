"""Laws of a study's figures, on studies drawn by chance: what must not change them does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.results.study import StudyResults, compared, pooled
from consensus.results.study.comparing import BY
from consensus.results.study.data import NOT_ASKED, Cell, StudySession, StudyStatement
from consensus.results.study.pooled import Pooled
from rounds.measures.pooling import SCHEMES, Origin, pooling
from rounds.measures.pooling import Cell as OneCell
from rounds.rules import Box, Share
from tests.attacks.test_study_tables import drawn

SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=12)  # a study takes a while to be pooled


def study_of(seed: int) -> StudyResults:
    return drawn(seed, 3, sessions=Random(seed).randint(1, 4))[0]


def order(pool: Pooled, scheme: str) -> dict[str, int | None]:
    return {row.statement: row.by_scheme[scheme].rank for row in pool.rows}


def shares(pool: Pooled) -> dict[str, Mapping[str, Fraction | None]]:
    rows = (*pool.rows, *pool.apart)
    return {row.statement: {scheme: row.by_scheme[scheme].share for scheme in SCHEMES} for row in rows}


@FEW
@given(SEEDS)
def test_it_is_the_measure_of_the_method_that_is_told(seed: int) -> None:
    """Every share, verdict, n_eff and heaviest weight, against rounds.measures.pooling."""
    results = study_of(seed)
    sites = {one.key: ("site", one.site) for one in results.sessions}
    for row in pooled(results).rows:
        own = [cell for cell in results.cells if cell.statement == row.statement]
        cells = [OneCell(Origin(c.session, sites[c.session], c.groups), Box(c.high, c.low, c.n)) for c in own]
        found = pooling(cells, Share(75))
        for scheme, weighed in row.by_scheme.items():
            if found.value is None:
                assert weighed.share is None
                continue
            assert weighed.share == found.value[scheme]
            assert (weighed.low, weighed.verdict) == (found.more["low"][scheme], found.more["verdict"][scheme])
            assert (weighed.n_eff, weighed.heaviest) == (found.more["n_eff"][scheme], found.more["heaviest"][scheme])


@FEW
@given(SEEDS)
def test_one_session_has_one_list_however_it_is_counted(seed: int) -> None:
    results = drawn(seed, 3, sessions=1)[0]
    pool = pooled(results)
    for one in shares(pool).values():
        assert one["person"] == one["session"] == one["site"]
    side = compared(results, pool)
    for row, figures in ((row, row.figures) for row in side.rows):
        told = next(one for one in results.outcomes if one.statement == row.statement)
        assert (figures[0].n, figures[0].high) == (told.n, told.high)


@FEW
@given(SEEDS)
def test_a_session_copied_changes_no_order_at_equal_weight_for_each_session(seed: int) -> None:
    """All sessions twice: each has the same part of the whole as before."""
    results = study_of(seed)
    names = {one.key: str(100 + int(one.key)) for one in results.sessions}
    copied = replace(
        results,
        sessions=(*results.sessions, *(replace(one, key=names[one.key]) for one in results.sessions)),
        cells=(*results.cells, *(replace(cell, session=names[cell.session]) for cell in results.cells)),
        outcomes=(*results.outcomes, *(replace(one, session=names[one.session]) for one in results.outcomes)),
        statements=tuple(
            replace(one, asked={**one.asked, **{names[key]: name for key, name in one.asked.items()}})
            for one in results.statements
        ),
    )
    for scheme in ("session", "nested", "person", "group", "site"):
        assert order(pooled(copied), scheme) == order(pooled(results), scheme)


@FEW
@given(SEEDS)
def test_one_session_copied_beside_itself_changes_nothing(seed: int) -> None:
    results = drawn(seed, 3, sessions=1)[0]
    twin = replace(
        results,
        sessions=(*results.sessions, *(replace(one, key="2") for one in results.sessions)),
        cells=(*results.cells, *(replace(cell, session="2") for cell in results.cells)),
        outcomes=(*results.outcomes, *(replace(one, session="2") for one in results.outcomes)),
        statements=tuple(replace(one, asked={"1": "P001", "2": "P001"}) for one in results.statements),
    )
    assert shares(pooled(twin)) == shares(pooled(results))


@FEW
@given(SEEDS)
def test_what_sites_are_called_changes_nothing(seed: int) -> None:
    results = study_of(seed)
    called = {site["key"]: f"z{at}" for at, site in enumerate(reversed(results.sites))}
    renamed = replace(
        results,
        sites=tuple({**site, "key": called[site["key"]]} for site in results.sites),
        sessions=tuple(replace(one, site=called[one.site], province=called[one.province]) for one in results.sessions),
    )
    assert pooled(renamed) == pooled(results)
    for by in BY:
        one, other = (compared(of, pooled(of), by) for of in (results, renamed))
        assert [row.figures for row in one.rows] == [row.figures for row in other.rows]


@FEW
@given(SEEDS)
def test_what_nobody_answered_changes_nothing(seed: int) -> None:
    """A statement that was put to all and that nobody answered, beside the study without it."""
    results = study_of(seed)
    asked = {one.key: "P009" for one in results.sessions}
    silent = StudyStatement("9", 9, {"en": "9"}, "en", asked)
    whole = replace(results, statements=(*results.statements, silent))
    left = {key: value for key, value in shares(pooled(whole)).items() if key != "9"}
    assert left == shares(pooled(results))
    for scheme in SCHEMES:
        ranks = order(pooled(whole), scheme)
        assert ranks.pop("9", None) is None
        assert ranks == order(pooled(results), scheme)


@FEW
@given(SEEDS)
def test_not_asked_never_lowers(seed: int) -> None:
    """A session that was not asked about a statement is no voice against it: its share is that of the others."""
    results = study_of(seed)
    more = StudySession(
        **{**{name: getattr(results.sessions[0], name) for name in results.sessions[0].__slots__}, "key": "9", "id": 9}
    )
    asked = {"9": "P002"}
    fresh = StudyStatement("8", 8, {"en": "8"}, "en", asked)
    own = Cell("9", ("patients",), "8", 5, 5, 0, (0,) * 8 + (5,), Fraction(5))
    whole = replace(
        results,
        sessions=(*results.sessions, more),
        statements=(*results.statements, fresh),
        cells=(*results.cells, own),
    )
    before, after = shares(pooled(results)), shares(pooled(whole))
    for key, found in before.items():
        assert after[key] == found
    assert set(after["8"].values()) == {Fraction(1)}
    rows = pooled(whole)
    assert "8" in {row.statement for row in rows.apart}


def test_not_asked_is_told_as_such_and_withheld_otherwise() -> None:
    results = drawn(1, 3)[0]
    first = results.statements[0]
    some = {key: name for key, name in first.asked.items() if key != "1"}
    cut = replace(
        results,
        statements=(replace(first, asked=some), *results.statements[1:]),
        cells=tuple(cell for cell in results.cells if (cell.session, cell.statement) != ("1", first.key)),
        outcomes=tuple(one for one in results.outcomes if (one.session, one.statement) != ("1", first.key)),
    )
    row = next(row for row in compared(cut, pooled(cut)).rows if row.statement == first.key)
    assert row.figures[0].status == NOT_ASKED
    assert row.figures[0].n is row.figures[0].share is row.figures[0].rank is None


@pytest.mark.parametrize("seed", range(5))
def test_readings_are_counted_over_all_ways(seed: int) -> None:
    results = drawn(seed, 3)[0]
    pool = pooled(results)
    sessions, groups = ({getattr(cell, name) for cell in results.cells} for name in ("session", "groups"))
    assert pool.readings <= len(SCHEMES) * (1 + len(sessions) + len(groups))
    assert all(0 <= row.stays <= pool.readings for row in pool.rows)
