"""What is told of a map: never fewer than k people, nobody's place, and the same whoever sits where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rounds.measures import opinions as module
from rounds.measures.landscape import landscape, placed
from rounds.measures.opinions import as_plain, joined, named, tiles, told
from rounds.measures.result import Result, as_data

Floats = NDArray[np.float64]
WHOLE = 16.0


def camps(sizes: tuple[int, ...], seed: int = 3) -> Floats:
    """People of each camp mostly vote its way on twelve statements; on the last two all agree, and all disagree."""
    chance = np.random.default_rng(seed)
    ways = np.array([[1] * 12, [-1] * 12, [1, -1] * 6])[: len(sizes)]
    rows = np.repeat(ways, sizes, axis=0) * np.where(chance.random((sum(sizes), 12)) < 0.1, -1, 1)
    ends = np.where(chance.random((sum(sizes), 2)) < 0.05, -1, 1) * [1, -1]
    return np.hstack([rows, ends]).astype(np.float64)


def worked(votes: Floats, k: int = 5) -> Result:
    return told(votes, landscape(votes, seed=1, permutations=20), k)


def test_two_camps_are_told_with_what_unites_divides_and_sets_them_apart() -> None:
    found = worked(camps((80, 50)))
    first, second = found.value
    assert (first.people, second.people, found.n) == (80, 50, 130)
    assert found.more["unites"] == ((12, 1), (13, -1)) or found.more["unites"] == ((13, -1), (12, 1))
    assert found.more["divides"] == tuple(range(12))
    assert {statement for statement, sign in first.apart} == set(range(12))
    assert found.more["silhouette"] > found.more["threshold"]


def test_every_group_is_in_its_tiles_and_its_centre_comes_from_them() -> None:
    found = worked(camps((80, 50)))
    for group in found.value:
        assert sum(tile.people for tile in group.tiles) == group.people
        assert all(tile.people >= 5 for tile in group.tiles)
        assert all(abs(edge) <= found.more["side"] for edge in group.centre)


def test_chance_gives_no_group_and_says_how_near_it_came() -> None:
    votes = np.random.default_rng(2).choice([-1.0, 0.0, 1.0], (120, 12))
    found = worked(votes)
    assert found.reason == "noise"
    assert found.more["silhouette"] <= found.more["threshold"]


def test_under_a_hundred_people_there_is_no_map() -> None:
    assert worked(camps((60, 39))).reason == "too_few"
    assert worked(camps((60, 39))).more == {}


def test_a_group_under_k_joins_the_nearest() -> None:
    points = np.array([[0.0, 0]] * 6 + [[1.0, 0]] * 2 + [[9.0, 0]] * 7)
    labels = [2] * 6 + [1] * 2 + [0] * 7
    assert joined(points, labels, 5).tolist() == [0] * 8 + [1] * 7


def test_where_one_group_alone_is_left_nothing_is_told() -> None:
    votes = camps((110, 4))
    found = landscape(votes, seed=1, permutations=20)
    assert told(votes, found, 60).reason == "withheld"


@pytest.mark.parametrize(("late", "counted"), [(3, 133), (5, 130)])
def test_so_few_who_did_not_enter_join_lest_they_be_subtracted(late: int, counted: int) -> None:
    votes = np.vstack([camps((80, 50)), np.full((late, 14), np.nan)])
    votes[130:, :2] = 1
    assert worked(votes).n == counted


def test_who_cast_no_vote_is_nowhere() -> None:
    assert worked(np.vstack([camps((80, 50)), np.full((2, 14), np.nan)])).n == 130


def test_nothing_of_a_person_is_in_what_is_written_down() -> None:
    data = as_data(as_plain(worked(camps((80, 50)))))
    assert set(data["more"]) == {"silhouette", "threshold", "side", "unites", "divides", "counts"}
    assert set(data["value"][0]) == {"people", "centre", "apart", "tiles"}
    assert as_plain(worked(camps((60, 39)))).value is None


def test_a_statement_is_counted_by_group_as_people_voted() -> None:
    votes = camps((80, 50))
    found = worked(votes)
    for place, rows in enumerate(found.more["counts"]):
        assert sum(agree for agree, _, _ in rows) == (votes[:, place] > 0).sum()
        assert sum(disagree for _, disagree, _ in rows) == (votes[:, place] < 0).sum()
        assert [seen for _, _, seen in rows] == [80, 50]


def test_where_few_of_a_group_voted_on_a_statement_nothing_tells_of_it() -> None:
    votes = camps((80, 50))
    votes[83:, 0] = np.nan
    found = worked(votes)
    assert found.more["counts"][0] is None and found.more["counts"][1] is not None
    assert 0 not in found.more["divides"] and all(at != 0 for group in found.value for at, _ in group.apart)


def test_where_few_in_no_group_voted_on_a_statement_they_cannot_be_subtracted() -> None:
    votes = np.vstack([camps((80, 50)), np.full((6, 14), np.nan)])
    votes[130:, 1], votes[130, 2] = 1, 1
    found = worked(votes)
    assert found.n == 130
    assert found.more["counts"][2] is None and found.more["counts"][1][0][2] == 80


def test_nobody_votes_in_an_empty_room() -> None:
    assert worked(np.full((3, 4), np.nan)).reason == "empty"


def test_people_count_who_voted_be_it_too_little_to_enter() -> None:
    votes = np.vstack([camps((50, 45)), np.full((5, 14), np.nan)])
    votes[95:, :2] = 1
    assert worked(votes).n == 95


def test_k_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        worked(camps((80, 50)), 0)


def test_fewer_than_k_have_no_tile() -> None:
    assert tiles(np.zeros((4, 2)), WHOLE, 5) == ()


@st.composite
def places(draw: Any) -> Floats:
    size = draw(st.integers(0, 60))
    numbers = st.floats(-WHOLE, WHOLE, allow_nan=False)
    return np.array(draw(st.lists(st.tuples(numbers, numbers), min_size=size, max_size=size))).reshape(size, 2)


@given(places(), st.integers(1, 9))
def test_no_tile_ever_holds_fewer_than_k(points: Floats, k: int) -> None:
    found = tiles(points, WHOLE, k)
    assert all(tile.people >= k for tile in found)
    assert sum(tile.people for tile in found) == (len(points) if len(points) >= k else 0)


@given(places(), st.integers(1, 9), st.randoms(use_true_random=False))
def test_tiles_do_not_know_in_what_order_people_come(points: Floats, k: int, chance: Any) -> None:
    along = list(range(len(points)))
    chance.shuffle(along)
    assert tiles(points[along], WHOLE, k) == tiles(points, WHOLE, k)


@given(places(), st.integers(1, 9), st.integers(0, 59), st.floats(0, 1))
def test_a_place_inside_a_tile_cannot_be_told(points: Floats, k: int, who: int, how_far: float) -> None:
    """Whoever knows all places but one, and sees the tiles, finds every place of the last one's tile as likely, where
    the tile was cut as deep as tiles are: the same picture comes of all."""
    found = [tile for tile in tiles(points, WHOLE, k) if who < len(points) and _holds(tile, points[who])]
    for tile in found:
        if (tile.right - tile.left, tile.high - tile.low) == (2.0, 2.0):
            moved = points.copy()
            moved[who, 0] = min(tile.left + how_far * 2.0, np.nextafter(tile.right, tile.left))
            assert tiles(moved, WHOLE, k) == tiles(points, WHOLE, k)


def _holds(tile: module.Tile, place: Floats) -> bool:
    return bool(tile.left <= place[0] < tile.right and tile.low <= place[1] < tile.high)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=30, max_size=60), st.integers(1, 9), st.integers(0, 99))
def test_groups_that_are_joined_hold_k_each_and_nobody_is_lost(labels: list[int], k: int, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(len(labels), 2))
    again = joined(points, labels, k)
    sizes = np.bincount(again)
    assert sizes.min() >= min(k, len(labels))
    assert sizes.sum() == len(labels)
    assert (np.diff(sizes) <= 0).all()


@settings(max_examples=5, deadline=None)
@given(st.permutations(range(130)))
def test_relabelling_people_changes_nothing(along: list[int]) -> None:
    votes = camps((80, 50))
    first, again = worked(votes), worked(votes[along])
    assert [group.people for group in again.value] == [group.people for group in first.value]
    assert [group.tiles for group in again.value] == [group.tiles for group in first.value]
    assert [group.apart for group in again.value] == [group.apart for group in first.value]


def test_somebody_of_the_map_is_placed_where_the_map_has_them() -> None:
    votes = camps((80, 50))
    votes[0, :4] = np.nan
    votes = np.hstack([votes, np.full((130, 1), np.nan)])
    found = landscape(votes, seed=1, permutations=5)
    again = placed(votes[:3], found.more["loadings"], found.more["means"])
    assert np.allclose(again, found.more["points"][:3], rtol=0, atol=1e-12)
    unseen = np.full((1, 15), np.nan)
    unseen[0, 14] = 1
    assert np.isnan(placed(unseen, found.more["loadings"], found.more["means"])).all()


def test_written_down_statements_have_their_names() -> None:
    names = [f"P{number}" for number in range(14)]
    data = named(worked(camps((80, 50))), names)
    assert data["more"]["divides"] == names[:12] and set(data["more"]["counts"]) == set(names)
    assert {name for name, _ in data["value"][0]["apart"] + data["more"]["unites"]} == set(names)
    assert named(worked(camps((60, 39))), names)["reason"] == "too_few"
