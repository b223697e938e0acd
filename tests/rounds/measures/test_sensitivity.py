"""A list is read again in other ways: each reading is one that somebody could have made, and each is counted once."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.orders import borda, top
from rounds.measures.pairwise import balanced_weights
from rounds.measures.result import Result
from rounds.measures.sensitivity import METHODS, USUAL, Weigh, sensitivity

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

NAMES = 4
people = st.tuples(st.permutations(range(1, NAMES + 1)), st.integers(0, 2), st.integers(0, 2))
studies = st.lists(people, min_size=1, max_size=8)


def even(labels: Sequence[int]) -> Weigh:
    return lambda present: balanced_weights(np.array(labels), present=present)[0]


def read(study: Sequence[tuple[Sequence[int], int, int]], k: int = 2, **options: Any) -> Result:
    rows, groups, sessions = zip(*study, strict=True)
    weights = {"person": even([0] * len(rows)), "group": even(groups), "session": even(sessions)}
    return sensitivity(np.array(rows), k, weights, groups=groups, sessions=sessions, **options)


@given(studies, st.integers(1, NAMES - 1))
def test_the_list_is_the_one_that_people_get(study: Any, k: int) -> None:
    found = read(study, k)
    assert found.value == top(borda(np.array([row for row, *_ in study])).value, k)
    assert found.n == len(study) and found.reason == ""


@given(studies, st.integers(1, NAMES - 1))
def test_every_family_has_its_own_readings(study: Any, k: int) -> None:
    more = read(study, k).more
    groups, sessions = (len({person[at] for person in study}) for at in (1, 2))
    without = {"leave_group": groups, "leave_session": sessions, "leave_person": len(study)}
    sizes = {"method": 3, "weight": 3, **{family: size if size > 1 else None for family, size in without.items()}}
    sizes["all"] = 9 * (1 + (sizes["leave_group"] or 0) + (sizes["leave_session"] or 0))
    assert more["scenarios"] == sizes
    for family, size in sizes.items():
        stays = more["stays"][family]
        assert (stays is None) == (size is None)
        if size:
            assert len(stays) == NAMES and all(0 <= number <= size for number in stays) and sum(stays) >= k * size


@given(studies, st.integers(1, NAMES - 1))
def test_what_is_left_without_somebody_is_read_as_if_they_had_never_come(study: Any, k: int) -> None:
    more = read(study, k).more
    for family, at in (("leave_group", 1), ("leave_session", 2)):
        stays = np.zeros(NAMES, dtype=int)
        for one in {person[at] for person in study}:
            left = [row for row, *labels in study if labels[at - 1] != one]
            if left:
                stays[list(top(borda(np.array(left)).value, k))] += 1
        assert more["stays"][family] in (tuple(stays), None)


@given(studies, st.integers(1, NAMES - 1))
def test_what_is_always_there_is_in_each_family_and_never_means_none(study: Any, k: int) -> None:
    found = read(study, k)
    families = [
        (stays, found.more["scenarios"][family]) for family, stays in found.more["stays"].items() if stays is not None
    ]
    for a in range(NAMES):
        assert (a in found.more["always"]) == all(stays[a] == size for stays, size in families)
        assert (a in found.more["never"]) == all(stays[a] == 0 for stays, _ in families)
    assert set(found.more["always"]) <= set(found.value) and not set(found.more["never"]) & set(found.value)


@given(studies, st.integers(1, NAMES - 1), st.randoms(use_true_random=False))
def test_neither_people_nor_labels_nor_statements_have_an_order(study: Any, k: int, chance: Any) -> None:
    found = read(study, k).more
    new = chance.sample(range(3), 3)
    shuffled = [(row, new[group], 9 - session) for row, group, session in chance.sample(study, len(study))]
    assert read(shuffled, k).more == found
    places = chance.sample(range(NAMES), NAMES)
    moved = read([([row[a] for a in places], group, session) for row, group, session in study], k).more
    for family, stays in found["stays"].items():
        assert moved["stays"][family] == (stays and tuple(stays[a] for a in places))


@given(studies, st.integers(1, NAMES - 1))
def test_every_ballot_twice_changes_only_who_can_be_left_out(study: Any, k: int) -> None:
    once, twice = read(study, k), read([*study, *study], k)
    assert once.value == twice.value
    for family in set(once.more["stays"]) - {"leave_person"}:
        assert once.more["stays"][family] == twice.more["stays"][family]


@given(studies)
def test_one_group_and_one_session_weigh_as_people_do(study: Any) -> None:
    found = read([(row, 0, 0) for row, *_ in study])
    assert found.more["stays"]["weight"] == tuple(3 * (a in found.value) for a in range(NAMES))
    assert found.more["scenarios"]["leave_group"] is found.more["scenarios"]["leave_session"] is None


@given(studies)
def test_weights_are_proportions(study: Any) -> None:
    rows, groups, sessions = zip(*study, strict=True)
    whole, shares = (
        sensitivity(np.array(rows), 2, {"group": weigh}, groups=groups, sessions=sessions)
        for weigh in (even(groups), lambda present: [Fraction(int(one), 7) for one in even(groups)(present)])
    )
    assert whole == shares


def test_a_large_group_holds_a_statement_in_the_list_and_two_small_ones_do_not() -> None:
    study = [([1, 2, 3, 4], 0, 0)] * 5 + [([4, 3, 2, 1], 1, 1)] * 2 + [([4, 3, 1, 2], 2, 2)]
    found = read(study, 1)
    assert found.value == (0,)
    assert found.more["stays"]["weight"] == (1, 0, 2, 0), "with one voice for each group the third comes first"
    assert found.more["stays"]["leave_group"] == (2, 0, 0, 1), "only without the large one it is another"


def test_a_tie_across_the_edge_is_in_as_a_whole() -> None:
    found = read([([1, 2, 3, 4], 0, 0), ([2, 1, 4, 3], 0, 0)], 1)
    assert found.value == (0, 1) and found.more["stays"]["method"] == (3, 3, 0, 0)


def test_ballots_that_rank_nothing_take_no_part() -> None:
    study = [([1, 2, 0, 0], 0, 0), ([1, 2, 3, 0], 1, 0), ([0, 0, 0, 0], 2, 1)]
    found = read(study)
    assert found.n == 2 and found.more["scenarios"]["leave_person"] == 2
    assert found.more["scenarios"]["leave_session"] is None


def test_people_who_tied_everything_gave_an_order_all_the_same() -> None:
    found = read([([1, 1, 1, 1], 0, 0)] * 2)
    assert found.value == (0, 1, 2, 3) == found.more["always"]


def test_kemenys_order_counts_only_where_it_is_the_only_one() -> None:
    methods = ("borda", "kemeny")
    alone = [([1, 2, 3, 4], 0, 0)] * 2 + [([1, 3, 2, 4], 0, 0)]
    assert read(alone, methods=methods).more["scenarios"]["method"] == 2
    assert read(alone[1:], methods=methods).more["scenarios"]["method"] == 1, "2 and 3 are level"
    assert set(METHODS) - set(USUAL) == {"kemeny"}


@pytest.mark.parametrize(
    ("study", "options", "reason"),
    [
        ([([0, 0, 0, 0], 0, 0)], {}, "empty"),
        ([([1, 2, 3, 4], 0, 0)], {"k": 4}, "no_edge"),
        ([([1, 0, 0, 0], 0, 0), ([0, 1, 0, 0], 0, 0)], {"unranked": "absent"}, "no_pairs"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(study: Any, options: Any, reason: str) -> None:
    assert read(study, **options).reason == reason


@pytest.mark.parametrize(
    "options", [{"k": 0}, {"methods": ()}, {"methods": ("lot",)}, {"methods": ("kemeny", "borda")}]
)
def test_what_makes_no_list_is_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="comes first"):
        read([([1, 2, 3, 4], 0, 0)], **options)


def test_there_is_a_weighting_and_a_label_for_each_person() -> None:
    ranks = np.array([[1, 2, 3]])
    with pytest.raises(ValueError, match="there is a weighting"):
        sensitivity(ranks, 1, {}, groups=[0], sessions=[0])
    with pytest.raises(ValueError, match="groups and sessions"):
        sensitivity(ranks, 1, {"person": even([0])}, groups=[0, 1], sessions=[0])
