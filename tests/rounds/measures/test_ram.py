"""The RAND/UCLA classes: the manual's table, a published panel, every panel of nine, and the order made of them."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.describe import KINDS, quantile
from rounds.measures.ram import CLASSES, apmo, panel_rule, ram, ram_classes, ram_order

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

kinds = st.sampled_from(sorted(KINDS))
nine = st.lists(st.integers(0, 4), min_size=9, max_size=9).filter(any)
scales = st.lists(st.integers(0, 4), min_size=2, max_size=9).filter(any)
boxes = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)).map(lambda b: (b[0], b[1], sum(b)))


def plain_ram(answers, kind):
    """(disagreement by IPRAS, disagreement by the classic rule) of ratings on nine points, in the manual's words."""
    p30, p70 = (quantile(Counter(answers), p, kind).value for p in ("0.3", "0.7"))
    asymmetry = abs(5 - (p30 + p70) / 2)
    outer = min(sum(value <= 3 for value in answers), sum(value >= 7 for value in answers))
    return p70 - p30 > Fraction("2.35") + Fraction("1.5") * asymmetry, outer >= max(1, round(len(answers) / 3))


def test_the_published_panel_is_accepted():
    """doi 10.1136/bmjopen-2012-001431, Table 1."""
    found = ram([0, 0, 0, 1, 1, 1, 5, 5, 2])
    assert found.value == "appropriate" and found.n == 15 and found.flags == () and found.parameters == {"kind": 7}
    assert found.more == {
        "median": 7,
        "p30": 7,
        "p70": 8,
        "ipr": 1,
        "ai": Fraction(5, 2),
        "ipras": Fraction("6.1"),
        "di": Fraction(10, 61),
        "disagreement_ipras": False,
        "disagreement_classic": False,
        "agreement_classic": True,
        "cls_ipras": "appropriate",
        "cls_classic": "appropriate",
    }


@pytest.mark.parametrize(
    ("row", "median", "cls"),
    [
        ([0, 0, 0, 0, 2, 3, 3, 2, 0], Fraction(13, 2), "appropriate"),
        ([1, 2, 2, 3, 2, 0, 0, 0, 0], Fraction(7, 2), "uncertain"),
        ([2, 3, 3, 0, 0, 0, 0, 0, 0], 2, "inappropriate"),
    ],
)
def test_a_median_between_two_classes_belongs_to_the_higher(row, median, cls):
    found = ram(row).more
    assert (found["median"], found["cls_ipras"], found["cls_classic"]) == (median, cls, cls)


def test_three_camps_disagree_by_both_rules():
    found = ram([3, 0, 0, 0, 3, 0, 0, 0, 3])
    assert found.value == "uncertain"
    assert [found.more[key] for key in ("p30", "p70", "ipr", "ai", "ipras")] == [
        Fraction("2.6"),
        Fraction("7.4"),
        Fraction("4.8"),
        0,
        Fraction("2.35"),
    ]
    assert found.more["disagreement_ipras"] and found.more["disagreement_classic"]


def test_a_range_exactly_as_wide_as_allowed_is_no_disagreement():
    """Four 3s, four 4s and four 7s: P30 3.3, P70 6.1, a range of 2.8 against 2.35 + 1.5 x 0.3."""
    found = ram([0, 0, 4, 4, 0, 0, 4, 0, 0]).more
    assert found["ipr"] == found["ipras"] == Fraction("2.8") and found["di"] == 1
    assert found["disagreement_ipras"] is False
    assert ram([0, 0, 4, 4, 0, 0, 0, 4, 0]).more["disagreement_ipras"] is True


def test_the_panel_rule_is_the_manuals_and_goes_on_to_both_sides():
    table = {8: 3, 9: 3, 10: 3, 11: 4, 12: 4, 13: 4, 14: 5, 15: 5, 16: 5, 17: 6, 20: 7, 23: 8, 5: 2, 2: 1, 1: 1}
    assert {n: panel_rule(n) for n in table} == {n: (least, least - 1) for n, least in table.items()}


def test_the_two_rules_differ_on_the_known_number_of_panels_of_nine():
    """1,818 of the 24,310 ways in which nine people can rate, percentiles of type 7."""
    differ = 0
    for answers in combinations_with_replacement(range(1, 10), 9):
        row = [answers.count(value) for value in range(1, 10)]
        found = ram(row).more
        differ += found["disagreement_ipras"] is not found["disagreement_classic"]
    assert differ == 1818


@given(nine, kinds)
def test_disagreement_is_what_the_plain_reading_finds(row, kind):
    answers = [value for value, n in enumerate(row, 1) for _ in range(n)]
    found = ram(row, kind).more
    assert (found["disagreement_ipras"], found["disagreement_classic"]) == plain_ram(answers, kind)


@given(scales, kinds)
def test_many_statements_at_once_have_the_class_of_each(row, kind):
    classes, di = ram_classes(np.array([[row, [0] * len(row)]]), kind)
    found = ram(row, kind)
    assert CLASSES[classes[0, 0]] == found.value and di[0, 0] == pytest.approx(float(found.more["di"]), abs=1e-12)
    assert classes[0, 1] == -1 and np.isnan(di[0, 1])


@given(nine, st.sampled_from([2, 5, 6, 7]))
def test_the_mirrored_panel_disagrees_as_much(row, kind):
    one, other = ram(row, kind).more, ram(row[::-1], kind).more
    for key in ("di", "disagreement_ipras", "disagreement_classic"):
        assert one[key] == other[key]
    assert one["median"] + other["median"] == 10


def test_a_united_panel_has_the_class_of_its_answer_and_no_disagreement():
    for value in range(9):
        row = [0] * 9
        row[value] = 8
        found = ram(row)
        assert found.value == found.more["cls_classic"] == CLASSES[value // 3]
        assert found.more["di"] == 0 and found.more["agreement_classic"]


def test_other_scales_are_stretched_and_flagged():
    """On 1-5 the thirds are 1-2, 3 and 4-5; on 1-7 they are 1-2, 3-5 and 6-7."""
    assert ram([0, 0, 0, 1, 9]).flags == ("non_standard_scale",)
    for top, thirds in {5: "00122", 7: "0011122", 3: "012", 2: "02"}.items():
        found = [ram([8 if at == value else 0 for at in range(top)]).value for value in range(top)]
        assert found == [CLASSES[int(third)] for third in thirds]
    assert ram([1, 0, 0, 0, 1]).more["median"] == 5 and ram([0, 1, 0, 0, 0]).more["p30"] == 3


def test_a_panel_under_eight_is_outside_the_manual():
    assert ram([0, 0, 0, 0, 0, 0, 3, 4, 0]).flags == ("outside_manual",)
    assert ram([0, 0, 0, 0, 0, 0, 4, 4, 0]).flags == ()


def test_one_rating_agrees_with_itself():
    found = ram([0, 0, 0, 0, 0, 0, 0, 1, 0])
    assert found.value == found.more["cls_classic"] == "appropriate" and found.more["agreement_classic"]


def test_without_ratings_there_is_no_class_but_a_reason():
    assert ram([0] * 9).reason == "empty" and ram([0] * 9).value is None
    with pytest.raises(ValueError, match="1 points"):
        ram([3])


def rows_of(*panels):
    return np.array([[[answers.count(value) for value in range(1, 10)] for answers in panels]])


def test_the_order_goes_by_class_then_median_then_disagreement_then_mean():
    statements = [
        [5] * 9,  # uncertain
        [9] * 9,
        [2] * 9,  # inappropriate
        [7, 7, 7, 8, 8, 8, 9, 9, 9],
        [8] * 9,
        [8] * 9,
        [7] + [8] * 8,  # same percentiles, lower mean
        [],
    ]
    found = ram_order(rows_of(*statements))
    assert found.value == ((1,), (4, 5), (6,), (3,), (0,), (2,))
    assert found.more["unanswered"] == (7,) and found.more["classes"][7] is None and found.n == 9


def test_the_mean_that_orders_gives_each_group_one_voice():
    first = [[8] * 6, [8] * 6]
    second = [[7], [8, 9]]
    found = ram_order(np.concatenate([rows_of(*first), rows_of(*second)]))
    assert found.value == ((1,), (0,)) and found.flags == ("outside_manual",)


@given(st.lists(st.lists(st.integers(0, 3), min_size=9, max_size=9), max_size=6), st.randoms(use_true_random=False))
def test_another_order_of_statements_is_only_another_order(rows, chance):
    mixed = chance.sample(range(len(rows)), len(rows))
    counts = np.array(rows, int).reshape(1, len(rows), 9)
    found, again = ram_order(counts), ram_order(counts[:, mixed])
    if found.value is None:
        assert found.reason == again.reason == "empty"
        return
    assert [{mixed[at] for at in tied} for tied in again.value] == [set(tied) for tied in found.value]


def test_the_cut_off_is_the_share_of_opinions_on_a_majoritys_side():
    found = apmo([[20, 5, 30], [9, 18, 30], [12, 12, 30], [28, 1, 30]])
    assert found.value == 55 and found.n == 120 and found.more == {"in": (0, 3), "out": (1,)}


def test_exactly_half_is_no_majority():
    assert apmo([[10, 10, 20], [5, 0, 10]]).value == 0 and apmo([[10, 10, 20]]).more == {"in": (), "out": ()}


def test_a_round_in_which_everyone_agrees_keeps_it_all():
    assert apmo([[9, 0, 9], [4, 0, 4], [0, 0, 0]]).more == {"in": (0, 1), "out": ()}


@given(st.lists(boxes, max_size=6))
def test_the_cut_off_reads_the_same_from_the_other_side(items):
    found, mirrored = apmo(items), apmo([(against, into, n) for into, against, n in items])
    assert (found.value, found.more.get("in")) == (mirrored.value, mirrored.more.get("out"))
    assert (found.value is None) == (found.reason == "empty") == (not sum(n for _, _, n in items))
    if found.value is not None:
        plain = sum(max(into, against) for into, against, n in items if max(into, against) * 2 > n)
        assert found.value == Fraction(100 * plain, found.n) <= 100
