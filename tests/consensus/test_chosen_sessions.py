"""A list of some sessions alone: sums of whole told cells, whoever chooses, and no word that the file has not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus import models
from consensus.export.study import study_parcel
from consensus.export.study.tables import pooled_sheet
from consensus.export.verify import verify
from consensus.house import House
from consensus.protocol import Plan
from consensus.results.study.alike import alike_of
from consensus.results.study.audit import is_made_of, people_of
from consensus.results.study.chosen import chosen, narrowed, pooled_of, proposed
from consensus.results.study.data import OTHERS, StudyResults, as_data
from consensus.results.study.pooled import pooled
from consensus.results.study.reading import study_results
from consensus.results.study.restored import restored
from consensus.results.study.working import Studies, Worked, worked_out
from consensus.simulation import player
from rounds.audit import given_away, reduced
from tests.attacks.test_study_tables import drawn, frozen
from tests.consensus.test_study_parcel import again, agrees, counted, inside
from tests.studies import RANKING, RATING, Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}
LISTS = ((1, 2, 3, 4), (1, 2, 3, 4), (5, 6, 7), (5, 6, 7, 8))  # factors, factors, strategies, strategies
APPROVAL = Plan(key="approval", kind="approval", disclosure="at_close", grace=0, settings={"most": 2})
POINTS = Plan(key="points", kind="points", disclosure="at_close", grace=0, settings={"total": 10})
COMPARISON = Plan(key="comparison", kind="comparison", disclosure="at_close", grace=0, settings={})
BORDA = replace(RANKING, settings={"top": 3, "order": "borda"})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([3, 5]), st.sets(st.integers(1, 5), min_size=1, max_size=4))
def test_any_choice_is_a_sum_of_told_cells_and_gives_nothing_away(seed: int, k: int, sessions: set[int]) -> None:
    """Beside every told cell the sums of a choice raise no rank: whoever has the cells has them already."""
    results, told, unseen = drawn(seed, k)
    results = frozen(results, told, unseen)
    of = chosen(results, [str(one) for one in sessions])
    own, pool = narrowed(results, of), pooled_of(results, of)
    assert is_made_of(own, of, pool)
    known = {(cell.session, cell.groups, cell.statement, cell.n, cell.votes) for cell in results.cells}
    assert {(cell.session, cell.groups, cell.statement, cell.n, cell.votes) for cell in own.cells} <= known
    people = people_of(results.cells, told)
    for key in {cell.statement for cell in own.cells}:
        every = [people[place] for place in people if place[2] == key]
        mine = [people[cell.session, cell.groups, key] for cell in own.cells if cell.statement == key]
        rows = [*every, frozenset().union(*mine)]
        assert not given_away(rows, k)
        columns = sorted(frozenset().union(*every), key=str)
        tables = [
            np.array([[one in row for one in columns] for row in those], dtype=np.int64) for those in (every, rows)
        ]
        assert len(reduced(tables[0])) == len(reduced(tables[1]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sets(st.integers(1, 5), min_size=1, max_size=4))
def test_a_choice_is_worked_out_of_the_file_of_the_study_alone(seed: int, sessions: set[int]) -> None:
    """No answer of anybody is asked again: the file gives the same list, to the last digit."""
    results = frozen(*drawn(seed, 3))
    of = chosen(results, [str(one) for one in sessions])
    read = restored(StudyResults, json.loads(json.dumps(as_data(results))))
    assert pooled_of(read, of) == pooled_of(results, of)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_all_sessions_are_the_study_and_those_told_only_together_are_in_no_choice(seed: int) -> None:
    results = frozen(*drawn(seed, 3))
    everything = tuple(one.key for one in results.sessions)
    assert narrowed(results, everything) is results and chosen(results, ["99", ""]) == everything
    assert pooled_of(results, everything) == pooled(results)
    for of in combinations(everything, 2):
        own = narrowed(results, of)
        assert {cell.session for cell in own.cells} <= set(of) and OTHERS not in of
        assert pooled(own).headline == results.headline and not own.parts and not own.placed


async def two_lists(house: House, *plans: Plan, lists: tuple[tuple[int, ...], ...] = LISTS) -> Played:
    played = await lay_study(house)
    for at, numbers in enumerate(lists):
        await played.add(Panel(f"c{1 + at % 5}", FULL, numbers, plans=plans or (RATING,)), by_chance(at))
    return played


async def test_a_study_of_two_lists_has_both(house: House) -> None:
    results = await study_results((await two_lists(house)).study.id)
    assert not pooled(results).rows
    found = {one.of: [row.statement for row in one.pool.rows] for one in proposed(results)}
    assert {of: set(keys) for of, keys in found.items()} == {
        ("1", "2"): {"1", "2", "3", "4"},
        ("3", "4"): {"5", "6", "7"},
    }
    only = pooled_of(results, ("3",))
    assert {row.statement for row in only.rows} == {"5", "6", "7"} and all(row.people == row.n for row in only.rows)


@pytest.mark.parametrize(
    ("plan", "basis"),
    [(RANKING, "places"), (BORDA, "borda"), (APPROVAL, "chosen"), (POINTS, "given"), (COMPARISON, "wins")],
)
async def test_each_way_of_a_list_has_its_own_order(house: House, tmp_path: Path, plan: Plan, basis: str) -> None:
    played = await lay_study(house)
    lists = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), (6, 7, 8, 9, 10), (6, 7, 8, 9, 10))
    for at, numbers in enumerate(lists):
        await played.lay(Panel(f"c{1 + at}", FULL, numbers, plans=(plan,)))
        await play(played, at, plan)
    results = await study_results(played.study.id)
    for of in (("1", "2"), ("3", "4")):
        pool = pooled_of(results, of)
        assert pool.basis == basis and len(pool.rows) == 5 and not pool.left_out
        merits = [row.by_scheme[pool.headline].under for row in pool.rows]
        assert None not in merits and merits == sorted(merits, reverse=True, key=lambda one: one or 0)
    mixed = pooled_of(results, ("1", "2", "3"))
    assert [(one.session, one.reason) for one in mixed.left_out] == [("3", "list")]
    await asyncio.to_thread(agrees, await study_parcel(house, played.study.id), tmp_path)


async def play(played: Played, at: int, plan: Plan) -> None:
    """By simulated people, who know every kind."""
    session = played.sessions[at]
    await models.Seat.filter(session_id=session.id, role="participant").update(is_simulated=True)
    simulated = await player.simulated_in(played.house, session)
    simulated.seed = at
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        await player.play_round(played.house, simulated, row)


async def test_two_ways_are_never_in_one_order(house: House) -> None:
    played = await lay_study(house)
    for at, plan in enumerate((APPROVAL, APPROVAL, POINTS, replace(APPROVAL, settings={"most": 3}))):
        await played.lay(Panel(f"c{1 + at}", FULL, (1, 2, 3, 4, 5), plans=(plan,)))
        await play(played, at, plan)
    pool = pooled(await study_results(played.study.id))
    assert pool.basis == "chosen"
    assert [(one.session, one.reason) for one in pool.left_out] == [("3", "way"), ("4", "way")]
    rated = await lay_study(house)
    for at, plan in enumerate((APPROVAL, POINTS)):
        await rated.lay(Panel(f"c{1 + at}", FULL, (1, 2, 3), plans=(RATING, plan)))
        await play(rated, at, plan)
    pool = pooled(await study_results(rated.study.id))
    assert pool.basis == "shares" and not pool.left_out


async def test_the_parcel_has_each_proposed_list_and_the_second_count_makes_it_again(
    house: House, tmp_path: Path
) -> None:
    played = await two_lists(house, RATING, RANKING)
    data = await study_parcel(house, played.study.id)
    files = inside(data)
    results = await study_results(played.study.id)
    for at, one in enumerate(proposed(results), 1):
        assert files[f"pooled-{at}.csv"] == pooled_sheet(results, pooled_of(results, one.of), {})
    assert "pooled-2.csv" in files
    await asyncio.to_thread(agrees, data, tmp_path)
    await asyncio.to_thread(_finds, files, tmp_path)


def _finds(files: dict[str, bytes], tmp_path: Path) -> None:
    changed = files["pooled-1.csv"].replace(b",1/", b",2/", 1).replace(b",1,", b",2,", 1)
    (tmp_path / "changed.zip").write_bytes(again(files, **{"pooled-1.csv": changed}))
    assert verify(tmp_path / "changed.zip").key == "verify.other_study_table"
    manifest = json.loads(files["manifest.json"])
    manifest["chosen"].pop()
    more = again(files, **{"manifest.json": json.dumps(manifest).encode()})
    (tmp_path / "changed.zip").write_bytes(more)
    assert verify(tmp_path / "changed.zip").key == "verify.extra"
    lines = files["pooled-1.csv"].decode().splitlines()
    head = lines[0].split(",")
    row = lines[1].split(",")
    row[head.index("rank[person]")] = "7"
    (tmp_path / "recounted").mkdir()
    told = {**files, "pooled-1.csv": "\n".join([lines[0], ",".join(row), *lines[2:]]).encode()}
    code, said = counted(told, tmp_path / "recounted")
    assert code == 1 and "pooled-1.csv" in said


async def test_a_choice_is_worked_out_once_and_few_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    played = await two_lists(house)
    studies: Studies = house.studies
    worked = await studies.of(played.study.id, 30)
    assert isinstance(worked, Worked)
    assert await studies.of_some(worked, ("1", "2", "3", "4")) is worked.pool
    first = await studies.of_some(worked, ("1", "3"), 30)
    assert first is not None and await studies.of_some(worked, ("1", "3"), 30) is first
    monkeypatch.setattr("consensus.results.study.working.CHOICES", 1)
    await studies.of_some(worked, ("1", "4"), 30)
    assert len(studies._choices) == 1
    assert await studies.of_some(worked, ("2", "3"), 0) is None  # the page says that it is being worked out


async def test_how_alike_sessions_are_says_why_where_it_cannot(house: House) -> None:
    results = await study_results((await two_lists(house)).study.id)
    found = {one.statement: one for one in alike_of(results)}
    assert set(found) == {"1", "2", "3", "4", "5", "6", "7"}, "8 was asked once"
    for one in found.values():
        own = [cell for cell in results.cells if cell.statement == one.statement]
        assert one.n == sum(cell.n for cell in own) and one.sessions == 2
        assert one.state == "told" or one.reason == "constant"
    assert (await worked_out((await two_lists(house)).study.id, "")).alike
    held = replace(results, cells=tuple(cell for cell in results.cells if (cell.session, cell.statement) != ("1", "1")))
    states = tuple(
        replace(one, state="withheld") if (one.session, one.statement) == ("1", "1") else one
        for one in results.outcomes
    )
    assert next(iter(alike_of(replace(held, outcomes=states)))).state == "withheld"
    bare = replace(results, sessions=tuple(replace(one, rule=None) for one in results.sessions))
    assert {one.margin_reason for one in alike_of(bare)} == {"no_rule"}
