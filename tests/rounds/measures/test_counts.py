"""The table of counts: what it holds, what it refuses, and that a live vote and a recount agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures import counts as counts_module
from rounds.measures.counts import count_table, move

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

TOP, GROUPS = 5, 3


@st.composite
def answers(draw):
    people, statements = draw(st.integers(0, 8)), draw(st.integers(0, 4))
    rows = st.lists(st.integers(0, TOP), min_size=statements, max_size=statements)
    ratings = draw(st.lists(rows, min_size=people, max_size=people))
    groups = draw(st.lists(st.integers(0, GROUPS - 1), min_size=people, max_size=people))
    dtype = draw(st.sampled_from([np.uint8, np.int16, np.int64, np.uint64]))
    return np.array(ratings, dtype).reshape(people, statements), np.array(groups, np.int64)


def counted(ratings, groups):
    return count_table(ratings, groups, top=TOP, group_count=GROUPS)


@given(answers())
def test_every_answer_is_counted_once_in_its_group_and_a_blank_nowhere(found):
    ratings, groups = found
    table = np.zeros((GROUPS, ratings.shape[1], TOP), int)
    for person, group in enumerate(groups):
        for statement, value in enumerate(ratings[person]):
            if value:
                table[group, statement, int(value) - 1] += 1
    assert (counted(ratings, groups) == table).all()


@given(answers())
def test_people_counted_a_few_at_a_time_make_the_same_table(found):
    whole = counted(*found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "CHUNK", 7)
        assert (counted(*found) == whole).all()


@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_people_changes_nothing(found, chance):
    ratings, groups = found
    order = chance.sample(range(len(groups)), len(groups))
    assert (counted(ratings[order], groups[order]) == counted(ratings, groups)).all()


@given(answers(), st.data())
def test_a_live_vote_leaves_the_table_that_a_recount_makes(found, data):
    ratings, groups = found
    if not ratings.size:
        return
    table = counted(ratings, groups)
    for _ in range(3):
        person = data.draw(st.integers(0, len(groups) - 1))
        statement = data.draw(st.integers(0, ratings.shape[1] - 1))
        new = data.draw(st.integers(0, TOP))
        move(table, groups[person], statement, int(ratings[person, statement]), new)
        ratings[person, statement] = new
    assert (table == counted(ratings, groups)).all()


def test_a_vote_given_changed_and_taken_back_leaves_nothing():
    table = counted(np.array([[0]]), np.array([0]))
    for old, new in ((0, 2), (2, 3), (3, 0)):
        move(table, 0, 0, old, new)
        assert table.sum() == (1 if new else 0)


@pytest.mark.parametrize(
    ("ratings", "groups", "said"),
    [
        (np.array([[1, 6]]), np.array([0]), "answer 6 "),
        (np.array([[1, -2]]), np.array([0]), "answer -2 "),
        (np.array([[1.0, 2.0]]), np.array([0]), "float64"),
        (np.array([[1, 2]]), np.array([3]), "group 3 "),
        (np.array([[1, 2]]), np.array([0, 1]), "1 people"),
    ],
)
def test_an_answer_off_the_scale_is_refused_by_name(ratings, groups, said):
    with pytest.raises(ValueError, match=said):
        counted(ratings, groups)


@pytest.mark.parametrize(
    ("old", "new", "said"), [(0, 6, "6 is off"), (-1, 1, "-1 is off"), (2, 3, "nobody in group 0 gave statement 0 a 2")]
)
def test_a_vote_that_cannot_be_moves_nothing(old, new, said):
    table = counted(np.array([[1]]), np.array([0]))
    with pytest.raises(ValueError, match=said):
        move(table, 0, 0, old, new)
    assert table.sum() == table[0, 0, 0] == 1
