"""Change between rounds: published tests, every sign flipped by hand, opposite moves, who left."""

from fractions import Fraction
from itertools import product
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from rounds.measures.change import (
    attrition,
    between_rounds,
    bowker,
    is_stable,
    mcnemar,
    movement,
    movement_of_table,
    scheibe,
    scheibe_of_table,
    spearman,
    stuart_maxwell,
    transitions,
    turnout,
    weighted_kappa,
    wilcoxon,
)
from rounds.measures.result import REASONS

settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")

NAN = np.nan
TOP = 5
pairs = st.lists(st.tuples(st.integers(0, TOP), st.integers(0, TOP)), max_size=12)
answered = st.lists(st.tuples(st.integers(1, TOP), st.integers(1, TOP)), min_size=1, max_size=8)
tables = (
    st.integers(2, 4)
    .flatmap(lambda top: st.lists(st.lists(st.integers(0, 6), min_size=top, max_size=top), min_size=top, max_size=top))
    .map(np.array)
)
DEPRESSION = (
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
    [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3],
)
MAIZE = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
LIKERT = ([3, 4, 4, 5, 2, 3, 4, 4, 3, 5, 4, 2, 3, 4, 5], [4, 4, 5, 5, 4, 3, 4, 5, 4, 5, 3, 3, 5, 4, 5])
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
PRIME_MINISTER = [[794, 150], [86, 570]]


def sides(rows):
    return [row[0] for row in rows], [row[1] for row in rows]


# Transitions


@given(pairs)
def test_transitions_count_the_people_who_answered_both(rows):
    before, after = sides(rows)
    expected = np.zeros((TOP, TOP), int)
    for a, b in rows:
        if a and b:
            expected[a - 1, b - 1] += 1
    assert (transitions(before, after, TOP) == expected).all()


@given(st.integers(0, 4), st.integers(0, 3), st.integers(0, 99))
def test_a_round_of_transitions_is_its_statements_one_by_one(people, statements, seed):
    before, after = np.random.default_rng(seed).integers(0, TOP + 1, (2, people, statements), dtype=np.uint8)
    together = transitions(before, after, TOP)
    assert together.shape == (statements, TOP, TOP)
    for statement in range(statements):
        assert (together[statement] == transitions(before[:, statement], after[:, statement], TOP)).all()


@pytest.mark.parametrize("wrong", [([6], [1]), ([1], [6]), ([-1], [1])])
def test_an_answer_off_the_scale_is_an_error(wrong):
    with pytest.raises(ValueError, match="scale 1..5"):
        transitions(*wrong, TOP)


def test_rounds_of_other_people_are_an_error():
    with pytest.raises(ValueError, match="shape"):
        transitions([1, 2], [1], TOP)


# Movement and stability


@given(pairs)
def test_movement_follows_its_definition(rows):
    both = [(a, b) for a, b in rows if a and b]
    result = movement(*sides(rows))
    if not both:
        assert result.reason == "no_pairs"
        return
    middle = median(a for a, _ in both)
    assert result.n == len(both) and result.value == sum(a != b for a, b in both) / len(both)
    assert result.more == {
        "changed": sum(a != b for a, b in both),
        "toward": sum(abs(b - middle) < abs(a - middle) for a, b in both),
        "away": sum(abs(b - middle) > abs(a - middle) for a, b in both),
        "median_before": middle,
        "median_move": median(abs(a - b) for a, b in both),
    }


def test_people_can_change_and_stay_as_far_from_the_median():
    more = movement([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]).more
    assert more["changed"] == 4 and more["toward"] == more["away"] == 0


def test_opposite_moves_cancel_in_the_histogram_but_not_in_people():
    result = scheibe([1, 2, 3, 4, 5, 5, 0, 3, 4, 4], [2, 2, 3, 4, 5, 4, 3, 0, 4, 5], 5)
    assert result.value == 0.125 and result.more == {"pairs": 8, "changed": 0.375}


@given(pairs)
def test_net_change_is_never_more_than_the_people_who_changed(rows):
    before, after = sides(rows)
    result = scheibe(before, after, TOP)
    both = [(a, b) for a, b in rows if a and b]
    if both:
        first, second = sides(both)
        net = sum(abs(first.count(value) - second.count(value)) for value in range(1, TOP + 1))
        assert result.value == net / 2 / len(both) <= result.more["changed"]
        assert scheibe(after, before, TOP).value == result.value
    else:
        assert result.reason == "no_pairs" in REASONS


def test_fifteen_percent_is_not_under_fifteen_percent():
    before = [1] * 20
    assert not is_stable(before, [2] * 3 + [1] * 17, 5, same_verdict=True).value
    assert is_stable(before, [2] * 2 + [1] * 18, 5, same_verdict=True).value
    assert is_stable(before, [2] * 3 + [1] * 17, 5, same_verdict=True, percent=16).value


def test_another_verdict_is_never_stable():
    result = is_stable([1, 2], [1, 2], 5, same_verdict=False)
    assert result.value is False and result.more == {"scheibe": 0, "changed": 0, "same_verdict": False}


def test_stability_needs_somebody_who_answered_twice():
    assert is_stable([1, 0], [0, 1], 5, same_verdict=True).reason == "no_pairs"


# Wilcoxon


def naive_wilcoxon(x, y, zero):
    """Doubled rank sums up and down, and the exact shares over all flips of signs."""
    differences = [b - a for a, b in zip(x, y, strict=True) if zero == "pratt" or a != b]
    sizes = sorted(abs(d) for d in differences)
    ranked = [(2 * sizes.index(abs(d)) + sizes.count(abs(d)) + 1, d > 0) for d in differences if d]
    up = sum(rank for rank, risen in ranked if risen)
    every = [
        sum(rank for (rank, _), sign in zip(ranked, signs, strict=True) if sign)
        for signs in product([0, 1], repeat=len(ranked))
    ]
    whole = sum(rank for rank, _ in ranked)
    two_sided = sum(abs(2 * other - whole) >= abs(2 * up - whole) for other in every)
    greater, less = sum(other >= up for other in every), sum(other <= up for other in every)
    return up, whole, *(Fraction(cases, len(every)) for cases in (two_sided, greater, less))


def test_a_published_test_of_depression_scores():
    result = wilcoxon(*DEPRESSION, zero="wilcox", p="exact")
    assert (result.more["w_plus"], result.more["w_minus"]) == (40, 5) and result.n == 9
    assert result.more["p_greater"] == 0.01953125


def test_darwins_maize():
    result = wilcoxon([0] * 15, MAIZE, zero="wilcox")
    assert result.value == 0.6 and result.more["p_two_sided"] == 0.041259765625 and result.more["p_kind"] == "exact"


def test_ties_and_zeros_on_a_rating_scale():
    assert wilcoxon(*LIKERT, zero="wilcox", p="exact").more["p_two_sided"] == 0.0546875
    more = wilcoxon(*LIKERT).more
    assert (more["w_plus"], more["w_minus"], more["changed"]) == (81.5, 10.5, 8)


@given(answered, st.sampled_from(["pratt", "wilcox"]))
def test_exact_p_counts_every_flip_of_signs(rows, zero):
    x, y = sides(rows)
    result = wilcoxon(x, y, zero=zero)
    up, whole, two_sided, greater, less = naive_wilcoxon(x, y, zero)
    if not whole:
        assert result.reason == "no_change" and result.n == len(rows)
        return
    assert result.value == (2 * up - whole) / whole
    assert (result.more["w_plus"], result.more["w_minus"]) == (up / 2, (whole - up) / 2)
    assert [result.more[key] for key in ("p_two_sided", "p_greater", "p_less")] == [two_sided, greater, less]


@given(answered)
def test_back_again_is_the_opposite_change(rows):
    x, y = sides(rows)
    there, back = wilcoxon(x, y), wilcoxon(y, x)
    if there.value is not None:
        assert back.value == -there.value and back.more["p_greater"] == there.more["p_less"]
        assert back.more["p_two_sided"] == there.more["p_two_sided"]


@given(answered, st.sampled_from(["pratt", "wilcox"]), st.booleans())
def test_normal_p_is_that_of_scipy(rows, zero, continuity):
    x, y = np.array(sides(rows))
    more = wilcoxon(x, y, zero=zero, p="normal", continuity=continuity).more
    if more["changed"] and more["w_plus"] != more["w_minus"]:  # scipy's correction is not kept at the mean
        expected = stats.wilcoxon(y, x, zero_method=zero, correction=continuity, method="asymptotic").pvalue
        assert more["p_two_sided"] == pytest.approx(min(expected, 1), abs=1e-9) and more["p_kind"] == "normal"


@pytest.mark.parametrize("changed", [60, 61, 80])
def test_many_changes_are_approximated_unless_asked_otherwise(changed):
    steps = np.arange(1, changed + 1) * np.random.default_rng(changed).choice([-1, 1], changed, p=[0.4, 0.6])
    auto, exact = wilcoxon(0 * steps, steps).more, wilcoxon(0 * steps, steps, p="exact").more
    assert auto["p_kind"] == ("exact" if changed == 60 else "normal")
    assert exact["p_two_sided"] == pytest.approx(stats.wilcoxon(steps, method="exact").pvalue, abs=1e-12)
    assert auto["p_two_sided"] == pytest.approx(exact["p_two_sided"], abs=0.005)


def test_decimal_differences_that_look_equal_tie():
    assert wilcoxon([0.1, 0.2, 0.5], [0.2, 0.3, 0.4]).more["w_plus"] == 4


def test_few_changes_can_be_left_untested():
    few, enough = ([1] * 7, [2] * 5 + [1] * 2), ([1] * 7, [2] * 6 + [1])
    assert wilcoxon(*few).more["p_two_sided"] == 0.0625
    assert wilcoxon(*few, least=6).more["p_two_sided"] is None and wilcoxon(*few, least=6).value == 1
    assert wilcoxon(*enough, least=6).more["p_two_sided"] == 0.03125


def test_people_missing_from_one_round_are_not_compared():
    assert wilcoxon([1, 0, 3, NAN], [2, 5, 0, 1], missing=0).n == 1
    assert wilcoxon([], []).reason == wilcoxon([NAN], [1]).reason == "no_pairs" in REASONS


@pytest.mark.parametrize("wrong", [{"zero": "zsplit"}, {"p": "bayes"}])
def test_unknown_choices_are_errors(wrong):
    with pytest.raises(ValueError, match="unknown"):
        wilcoxon([1], [2], **wrong)


# Square tables


def test_one_against_eight():
    result = mcnemar(1, 8)
    assert result.value == 0.0390625 and result.n == 9 and result.more["p_kind"] == "exact"


@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_is_a_binomial_below_twenty_five_and_chi_square_above(b, c):
    result = mcnemar(b, c)
    if not b + c:
        assert result.reason == "no_change" in REASONS
    elif b + c < 25:
        assert result.value == pytest.approx(stats.binomtest(b, b + c).pvalue, abs=1e-12)
    else:
        assert result.value == pytest.approx(stats.chi2.sf((b - c) ** 2 / (b + c), 1), abs=1e-12)
        assert mcnemar(b, c, p="exact").value == pytest.approx(stats.binomtest(b, b + c).pvalue, abs=1e-12)


def test_where_nobody_changed_there_is_nothing_to_test():
    assert mcnemar(0, 0).reason == "no_change"


def test_mcnemar_knows_its_two_ways():
    with pytest.raises(ValueError, match="unknown p"):
        mcnemar(1, 2, p="mid")


def test_eyes_of_7477_women():
    symmetry, margins = bowker(VISION), stuart_maxwell(VISION)
    assert symmetry.value == pytest.approx(19.10655022) and symmetry.n == 7477
    assert (symmetry.more["df"], symmetry.more["p"]) == (6, pytest.approx(0.00398741984))
    assert margins.value == pytest.approx(11.9565696229826)
    assert (margins.more["df"], margins.more["p"]) == (3, pytest.approx(0.0075334250548))


def test_on_two_answers_all_three_tests_are_one():
    expected = mcnemar(150, 86).more["statistic"]
    assert bowker(PRIME_MINISTER).value == pytest.approx(expected) == pytest.approx(17.3559322)
    assert stuart_maxwell(PRIME_MINISTER).value == pytest.approx(expected)
    assert mcnemar(150, 86).value == pytest.approx(bowker(PRIME_MINISTER).more["p"])


def test_empty_pairs_cost_no_degree_of_freedom_and_gain_no_half():
    table = [[5, 5, 0], [0, 3, 0], [0, 0, 2]]
    result = bowker(table)
    assert result.value == 5 and result.more["df"] == 1


@given(tables)
def test_symmetry_is_its_sum_over_pairs_of_answers(table):
    top = len(table)
    used = [(i, j) for i in range(top) for j in range(i) if table[i, j] + table[j, i]]
    result = bowker(table)
    if used:
        assert result.more["df"] == len(used) and bowker(table.T).value == result.value
        assert result.value == pytest.approx(
            sum((table[i, j] - table[j, i]) ** 2 / (table[i, j] + table[j, i]) for i, j in used)
        )
    else:
        assert result.reason == ("no_change" if table.any() else "no_pairs")


@given(tables, st.integers(0, 2), st.randoms(use_true_random=False))
def test_unused_answers_and_names_of_answers_leave_the_margins_alone(table, unused, shuffler):
    wider = np.pad(table, ((0, unused), (0, unused)))
    order = shuffler.sample(range(len(wider)), len(wider))
    here, there = stuart_maxwell(table), stuart_maxwell(wider[np.ix_(order, order)])
    assert here.reason == there.reason and here.more.get("df") == there.more.get("df")
    assert here.value is None or here.value == pytest.approx(there.value, abs=1e-9)


@given(tables)
def test_margins_are_tested_by_the_usual_inverse_where_it_exists(table):
    moves = table + table.T
    covariance = (np.diag(moves.sum(axis=1)) - moves)[1:, 1:]
    shift = (table.sum(axis=1) - table.sum(axis=0))[1:]
    result = stuart_maxwell(table)
    if np.linalg.matrix_rank(covariance) == len(covariance):
        assert result.value == pytest.approx(shift @ np.linalg.solve(covariance, shift), abs=1e-9)
        assert result.more["df"] == len(covariance)


def test_moves_in_two_separate_sets_are_two_tests():
    table = np.zeros((4, 4), int)
    table[0, 1], table[1, 0], table[2, 3], table[3, 2] = 9, 1, 2, 6
    result = stuart_maxwell(table)
    assert result.value == pytest.approx(64 / 10 + 16 / 8) and result.more["df"] == 2


@pytest.mark.parametrize("test", [bowker, stuart_maxwell])
def test_square_tables_are_undefined_with_a_reason(test):
    assert test(np.diag([3, 4])).reason == "no_change" and test(np.zeros((2, 2))).reason == "no_pairs"


# Spearman and kappa


def test_iq_and_television():
    x, y = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110], [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    assert spearman(x, y).value == pytest.approx(-29 / 165, abs=1e-15)


@given(pairs)
def test_rank_correlation_is_that_of_scipy(rows):
    x, y = sides([row for row in rows if all(row)])
    result = spearman(*sides(rows), missing=0)
    assert result.n == len(x)
    if len(set(x)) > 1 and len(set(y)) > 1:
        assert result.value == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    else:
        assert result.reason == ("constant" if len(x) > 1 else "n1" if x else "no_pairs") in REASONS


def test_the_same_order_twice_is_exactly_one():
    assert spearman([3, 1, 2, 2, 9], [30, 10, 20, 20, 90]).value == 1
    assert spearman([3, 1, 2, 9], [-3, -1, -2, -9]).value == -1


def naive_kappa(rows, apart):
    """1 less the mean distance of a person's two answers over that of all pairs of answers; fractions."""
    own = Fraction(sum(apart(a, b) for a, b in rows), len(rows))
    chance = Fraction(sum(apart(a, b) for a, _ in rows for _, b in rows), len(rows) ** 2)
    return None if not chance else float(1 - own / chance)


def test_weighted_kappa_as_published():
    x = [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3]
    y = [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4]
    result = weighted_kappa(transitions(x, y, 6))
    assert result.value == pytest.approx(0.29676511955, abs=1e-11)
    assert (result.more["p_o"] - result.more["p_e"]) / (1 - result.more["p_e"]) == pytest.approx(result.value)


@given(answered, st.sampled_from(["identity", "linear", "quadratic", "ordinal"]))
def test_kappa_compares_people_with_chance(rows, weights):
    apart = {
        "identity": lambda a, b: int(a != b),
        "linear": lambda a, b: abs(a - b),
        "quadratic": lambda a, b: (a - b) ** 2,
        "ordinal": lambda a, b: abs(a - b) * (abs(a - b) + 1) // 2,
    }[weights]
    result = weighted_kappa(transitions(*sides(rows), TOP), weights)
    expected = naive_kappa(rows, apart)
    assert result.value == (None if expected is None else pytest.approx(expected, abs=1e-12))


def test_kappa_is_undefined_with_a_reason():
    assert weighted_kappa([[0, 0], [0, 12]]).reason == "constant"
    assert weighted_kappa([[0, 0], [0, 0]]).reason == "no_pairs"


# Who left, and everything at once


def test_those_who_left_are_set_against_those_who_stayed():
    first = [1, 2, 1, 2, 8, 9, 8, 9, 7, 0, NAN]
    again = [False] * 4 + [True] * 5 + [False, True]
    result = attrition(first, again)
    assert result.value == -1 and result.n == 9 and result.more["label"] == "large"
    assert (result.more["n_left"], result.more["n_stayed"]) == (4, 5)
    assert (result.more["median_left"], result.more["median_stayed"]) == (1.5, 8)
    assert result.more["p"] == pytest.approx(2 / 126) and result.more["p_kind"] == "exact"


def test_three_leavers_are_described_but_not_tested():
    more = attrition([1, 2, 3, 7, 8, 9, 9], [False] * 3 + [True] * 4).more
    assert more["p"] is None is more["p_kind"] and more["median_left"] == 2


@pytest.mark.parametrize(
    ("first", "again", "reason"),
    [
        ([1, 2], [True, True], "one_group"),
        ([1, 2], [False, False], "one_group"),
        ([0], [True], "empty"),
        ([], [], "empty"),
    ],
)
def test_attrition_is_undefined_with_a_reason(first, again, reason):
    assert attrition(first, again).reason == reason in REASONS


@given(pairs, st.randoms(use_true_random=False))
def test_names_of_people_change_nothing(rows, shuffler):
    here = between_rounds(*sides(rows), TOP)
    assert here == between_rounds(*sides(shuffler.sample(rows, len(rows))), TOP)


@given(pairs)
def test_one_figure_whichever_way_it_is_asked(rows):
    before, after = sides(rows)
    every, table = between_rounds(before, after, TOP), transitions(before, after, TOP)
    assert every["movement"] == movement(before, after) == movement_of_table(table)
    assert every["scheibe"] == scheibe(before, after, TOP) == scheibe_of_table(table)
    assert every["wilcoxon"] == wilcoxon(before, after, least=6, missing=0)
    assert every["spearman"] == spearman(before, after, missing=0)
    assert every["bowker"] == bowker(table) and every["stuart_maxwell"] == stuart_maxwell(table)
    assert all(result.value is not None or result.reason in REASONS for result in every.values())


def test_who_left_is_told_by_block_from_enough_people_on():
    found = turnout([True, False, False, True, True], ["a", "a", "a", "b", "b"], 3)
    assert found.value == Fraction(3, 5) and found.n == 5 and found.more["left"] == 3
    assert found.more["by_block"] == {"a": {"n": 3, "left": 1}} and found.more["small_blocks"] == ("b",)
    assert turnout([], []).reason == "empty"
