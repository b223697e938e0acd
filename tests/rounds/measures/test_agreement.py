"""Agreement: published tables, plain definitions, laws, intervals, and what is undefined."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f as fisher
from scipy.stats import friedmanchisquare, spearmanr

from rounds.measures.agreement import (
    COEFFICIENTS,
    FORMS,
    LEVELS,
    WEIGHTS,
    alpha_kernel,
    chance_corrected,
    chance_corrected_kernel,
    disagreement,
    fleiss,
    icc,
    icc_kernel,
    kendall_w,
    krippendorff,
    krippendorff_of_counts,
    panel_measures,
    w_kernel,
    weighted_counts,
    with_interval,
)
from rounds.measures.result import REASONS

settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")

NAN = np.nan
TOP = 4
MEASURES = panel_measures(TOP)
ANXIETY = [
    [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
    [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
    [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
]
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]
FLEISS_TABLE = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
SIX_RATERS = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1],
]  # fmt: skip
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def panels(low=0, people=(1, 5), statements=(1, 5)):
    return st.tuples(st.integers(*people), st.integers(*statements)).flatmap(
        lambda size: st.lists(
            st.lists(st.integers(low, TOP), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        ).map(np.array)
    )


def counted(ratings, top=TOP):
    return np.array([[(column == value).sum() for value in range(1, top + 1)] for column in np.asarray(ratings).T])


def same(value, expected):
    return (value is None and expected is None) or value == pytest.approx(expected, abs=1e-9)


# Kendall's W


def test_three_executives_rank_six_applicants():
    result = kendall_w([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]])
    assert result.value == pytest.approx(0.161904761905, abs=1e-11) and result.n == 3
    assert result.more["chi2"] == pytest.approx(2.428571428571) and result.more["df"] == 5
    assert result.more["p"] == pytest.approx(0.787211813884)


def test_ties_are_corrected_for_as_published():
    result = kendall_w(ANXIETY)
    assert result.value == pytest.approx(0.5396568759544, abs=1e-12)
    assert result.more["p"] == pytest.approx(0.0428834731269, abs=1e-12)


@given(panels(low=1, people=(2, 5), statements=(3, 6)))
def test_chi_square_of_concordance_is_friedmans(ratings):
    result = kendall_w(ratings)
    if result.value is None:
        assert result.reason == "constant"
    else:
        statistic, p = friedmanchisquare(*ratings.T)
        assert result.more["chi2"] == pytest.approx(statistic) and result.more["p"] == pytest.approx(p)


@given(st.integers(2, 4).flatmap(lambda m: st.lists(st.permutations(range(5)), min_size=m, max_size=m)))
def test_without_ties_concordance_is_the_mean_rank_correlation(rankings):
    result = kendall_w(rankings, missing=NAN)
    pairs = [spearmanr(rankings[a], rankings[b])[0] for a in range(len(rankings)) for b in range(a)]
    assert result.more["mean_spearman"] == pytest.approx(np.mean(pairs), abs=1e-9)


def test_the_f_of_concordance_has_its_own_degrees_of_freedom():
    more = kendall_w(ANXIETY).more
    w = 0.5396568759544
    assert more["F"] == pytest.approx(2 * w / (1 - w)) and more["df_f"] == pytest.approx((19 - 2 / 3, 2 * (19 - 2 / 3)))
    assert more["p_f"] == pytest.approx(fisher.sf(more["F"], *more["df_f"]))


def test_one_order_given_by_all_is_complete_concordance():
    result = kendall_w([[1, 2, 3, 4]] * 3)
    assert result.value == 1 and result.more["F"] is None and result.more["p_f"] == 0


def test_two_people_on_two_statements_leave_no_f():
    assert kendall_w([[1, 2], [1, 2]]).more["p_f"] is None


def test_a_person_without_preferences_counts_with_their_ties():
    plain, diluted = kendall_w([[1, 2, 3]] * 2), kendall_w([[1, 2, 3], [1, 2, 3], [2, 2, 2]])
    assert plain.value == 1 and diluted.value == pytest.approx(2 / 3) and diluted.n == 3


def test_people_with_gaps_are_left_out_and_said_to_be():
    result = kendall_w([*ANXIETY, [0] + [3] * 19, [NAN] + [1] * 19])
    assert result.value == kendall_w(ANXIETY).value and result.n == 3
    assert result.more["dropped"] == 2 and result.flags == ("dropped_people",)


def test_zero_is_an_answer_where_another_mark_is_missing():
    assert kendall_w([[0, 1, 2], [0, 1, 2]], missing=NAN).value == 1
    assert kendall_w([[0, 1, 2], [0, 1, 2]]).reason == "incomplete"


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.zeros((0, 3)), "empty"),
        (np.zeros((3, 0)), "empty"),
        ([[0, 0]], "empty"),
        ([[1, 0], [0, 2]], "incomplete"),
        ([[1, 2, 3]], "n1"),
        ([[5, 5, 5], [5, 5, 5]], "constant"),
        ([[1], [2]], "one_statement"),
        ([[1, 0], [0, 2], [1, 2]], "incomplete"),
        ([[1, 0], [0, 0]], "n1"),
    ],
)
def test_concordance_is_undefined_with_a_reason(ratings, reason):
    result = kendall_w(ratings)
    assert result.value is None and result.reason == reason in REASONS


# Krippendorff's alpha


def naive_alpha(ratings, level):
    """Every ordered pair of answers: inside a statement against over all statements."""
    units = [[value for value in column if value] for column in np.asarray(ratings).T.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    answers = sorted(value for unit in units for value in unit)

    def rank(value):
        return answers.index(value) + Fraction(answers.count(value), 2)

    def apart(a, b):
        if level == "nominal":
            return Fraction(a != b)
        if level == "ordinal":
            return (rank(a) - rank(b)) ** 2
        return (Fraction(a - b) if level == "interval" else Fraction(a - b, a + b)) ** 2

    n = len(answers)
    within = sum(apart(a, b) / (len(unit) - 1) for unit in units for a in unit for b in unit)
    between = sum(apart(a, b) for a in answers for b in answers)
    return None if not between else float(1 - (n - 1) * within / between)


@pytest.mark.parametrize(
    ("level", "alpha"),
    [
        ("nominal", 0.743421052631579),
        ("ordinal", 0.815387503754881),
        ("interval", 0.849107142857143),
        ("ratio", 0.797402774711612),
    ],
)
def test_four_observers_as_published(level, alpha):
    result = krippendorff(FOUR_OBSERVERS, level)
    assert result.value == pytest.approx(alpha, abs=1e-12) and result.n == 40 and result.more["statements"] == 11


def test_two_observers_of_a_binary_mark_as_published():
    marks = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert krippendorff(marks, "nominal", missing=NAN).value == pytest.approx(2 / 21, abs=1e-12)


@given(panels(), st.sampled_from(LEVELS))
def test_alpha_is_its_pairwise_definition(ratings, level):
    expected = naive_alpha(ratings, level)
    assert same(krippendorff(ratings, level).value, expected)
    assert same(krippendorff_of_counts(counted(ratings), level).value, expected)


@given(panels(low=1, people=(2, 4), statements=(2, 4)))
def test_alpha_keeps_what_its_level_keeps(ratings):
    assert same(krippendorff(ratings, "interval").value, krippendorff(ratings * 2.5 - 9, "interval", NAN).value)
    assert same(krippendorff(ratings, "ratio").value, krippendorff(ratings * 0.5, "ratio").value)
    assert same(krippendorff(ratings, "ordinal").value, krippendorff(ratings**3, "ordinal").value)


def test_ratios_know_zero_but_nothing_below():
    assert krippendorff([[0, 1], [0, 3]], "ratio", NAN).value == pytest.approx(naive_zero_ratio())
    with pytest.raises(ValueError, match="negative"):
        krippendorff([[-1, 1], [1, 3]], "ratio")


def naive_zero_ratio():
    values = [0, 0, 1, 3]
    apart = {(a, b): 0 if a == b else ((a - b) / (a + b)) ** 2 for a in values for b in values}
    return 1 - 3 * 2 * apart[1, 3] / sum(apart[a, b] for a in values for b in values)


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [([[0, 0]], "empty"), ([[1, 2, 3]], "n1"), ([[4, 4, 4], [4, 4, 0]], "constant"), (np.zeros((0, 2)), "empty")],
)
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_is_undefined_with_a_reason(ratings, reason, level):
    result = krippendorff(ratings, level)
    assert result.value is None and result.reason == reason in REASONS


# Corrected for chance


def naive_chance_corrected(counts, coefficient, weights):
    top = counts.shape[1]
    largest = Fraction(int(disagreement(top, weights).max()))
    credit = [[1 - Fraction(int(apart)) / largest for apart in row] for row in disagreement(top, weights)]
    rated = [np.repeat(np.arange(top), row).tolist() for row in counts if row.sum()]
    paired = [row for row in rated if len(row) > 1]
    if not paired:
        return None
    agreed = sum(
        Fraction(sum(credit[a][b] for a, b in permutations(row, 2)), len(row) * (len(row) - 1)) for row in paired
    ) / len(paired)
    used = [sum(Fraction(row.count(k), len(row)) for row in rated) / len(rated) for k in range(top)]
    total = sum(map(sum, credit))
    chance = {
        "ac": total / (top * (top - 1)) * sum(share * (1 - share) for share in used),
        "fleiss": sum(credit[a][b] * used[a] * used[b] for a in range(top) for b in range(top)),
        "bp": total / top**2,
    }[coefficient]
    return None if chance == 1 else float((agreed - chance) / (1 - chance))


@pytest.mark.parametrize(
    ("coefficient", "weights", "value"),
    [
        ("ac", "identity", 0.4448007),
        ("fleiss", "identity", 0.4139265),
        ("bp", "identity", 0.4388889),
        ("ac", "quadratic", 0.4837438),
        ("fleiss", "quadratic", 0.2511909),
        ("bp", "quadratic", 0.4177778),
    ],
)
def test_six_raters_as_published(coefficient, weights, value):
    assert chance_corrected(SIX_RATERS, coefficient, weights).value == pytest.approx(value, abs=6e-8)


def test_four_raters_with_gaps_as_published():
    raters = np.array(FOUR_OBSERVERS)
    raters[1, 11], raters[2, 11] = 0, 3
    values = [chance_corrected(counted(raters, 5), name).value for name in COEFFICIENTS]
    assert values == pytest.approx([0.77544, 0.76117, 0.77273], abs=6e-6)


def test_fourteen_raters_of_ten_subjects_as_published():
    result = fleiss(FLEISS_TABLE)
    assert result.value == pytest.approx(0.209930704422, abs=1e-12) and result.method == "fleiss" and result.n == 140
    assert result.more["p_a"] == pytest.approx(0.378021978) and result.more["p_e"] == pytest.approx(0.212755102)


@given(panels(), st.sampled_from(COEFFICIENTS), st.sampled_from(WEIGHTS))
def test_correction_for_chance_is_its_pairwise_definition(ratings, coefficient, weights):
    counts = counted(ratings)
    assert same(
        chance_corrected(counts, coefficient, weights).value, naive_chance_corrected(counts, coefficient, weights)
    )


def test_credit_falls_with_the_distance_as_named():
    assert disagreement(4, "identity")[0].tolist() == [0, 1, 1, 1]
    assert disagreement(4, "linear")[0].tolist() == [0, 1, 2, 3]
    assert disagreement(4, "quadratic")[0].tolist() == [0, 1, 4, 9]
    ordinal = disagreement(4, "ordinal")[0]
    assert (ordinal / ordinal[-1]).tolist() == pytest.approx([0, 1 / 6, 3 / 6, 1])


def test_unused_points_of_the_scale_count():
    used = [[3, 1], [2, 2], [0, 4]]
    assert chance_corrected(used, "bp").value < chance_corrected(np.pad(used, ((0, 0), (0, 3))), "bp").value


def test_near_unanimity_is_agreement_for_gwet_and_chance_for_alpha():
    high = np.zeros((10, 9), int)
    high[:, 7], high[:, 8] = [11, 9] * 5, [9, 11] * 5
    assert chance_corrected(high, "ac", "quadratic").value > 0.98
    assert krippendorff_of_counts(high).value < 0


def test_one_value_only_is_agreement_except_for_fleiss():
    counts = [[0, 5, 0], [0, 3, 0]]
    assert chance_corrected(counts, "ac").value == chance_corrected(counts, "bp").value == 1
    assert fleiss(counts).reason == "constant"


@pytest.mark.parametrize(("counts", "reason"), [([[0, 0]], "empty"), ([[1, 0], [0, 1]], "n1")])
@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_correction_for_chance_is_undefined_with_a_reason(counts, reason, coefficient):
    assert chance_corrected(counts, coefficient).reason == reason in REASONS


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: chance_corrected([[3]]),
        lambda: chance_corrected([[3, 1]], "kappa"),
        lambda: chance_corrected([[3, 1]], "ac", "cubic"),
        lambda: krippendorff([[1, 2]], "cardinal"),
        lambda: icc([[1, 2], [2, 1]], "4,1"),
        lambda: weighted_counts([[1, 5]], [[1]], TOP),
        lambda: weighted_counts([[1, -1]], [[1]], TOP),
    ],
)
def test_unknown_choices_and_answers_off_the_scale_are_errors(wrong):
    with pytest.raises(ValueError, match="unknown|two points|scale 1..4"):
        wrong()


# Intraclass correlation


def naive_icc(ratings, form):
    """Two-way analysis of variance by means, in fractions; rows of x are statements."""
    x = [[Fraction(int(value)) for value in row] for row in np.asarray(ratings).T]
    n, k = len(x), len(x[0])
    grand = sum(map(sum, x)) / (n * k)
    rows, columns = [sum(row) / k for row in x], [sum(column) / n for column in zip(*x, strict=True)]
    between = k * sum((mean - grand) ** 2 for mean in rows) / (n - 1)
    judges = n * sum((mean - grand) ** 2 for mean in columns) / (k - 1)
    within = sum((x[i][j] - rows[i]) ** 2 for i in range(n) for j in range(k)) / (n * (k - 1))
    cells = [(x[i][j] - rows[i] - columns[j] + grand) ** 2 for i in range(n) for j in range(k)]
    error = sum(cells) / ((n - 1) * (k - 1))
    noise = within if form[0] == "1" else error
    shift = (judges - error) / n if form[0] == "2" else 0
    below = between + shift if form[2] == "k" else between + (k - 1) * noise + k * shift
    return None if below <= 0 else float((between - noise) / below)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("1,1", 0.165741768405475),
        ("2,1", 0.289763779527559),
        ("3,1", 0.714840714840715),
        ("1,k", 0.442797133679269),
        ("2,k", 0.620050547598989),
        ("3,k", 0.909315542377069),
    ],
)
def test_six_forms_as_published(form, value):
    result = icc(np.transpose(SHROUT_FLEISS), form)
    assert result.value == pytest.approx(value, abs=1e-12) and result.n == 4 and result.more["statements"] == 6


def test_the_analysis_of_variance_is_shown_as_published():
    more = icc(np.transpose(SHROUT_FLEISS)).more
    squares = [more[key] for key in ("ms_statements", "ms_people", "ms_error", "ms_within")]
    assert squares == pytest.approx([11.24, 32.49, 1.02, 6.26], abs=0.006)


@given(panels(low=1, people=(2, 5), statements=(2, 5)), st.sampled_from(FORMS))
def test_intraclass_correlation_is_its_analysis_of_variance(ratings, form):
    result = icc(ratings, form)
    assert same(result.value, naive_icc(ratings, form))
    assert result.value is not None or result.reason == ("constant" if len(np.unique(ratings)) == 1 else "flat")


@given(panels(low=1, people=(2, 4), statements=(2, 4)), st.sampled_from(FORMS))
def test_intraclass_correlation_does_not_depend_on_the_unit(ratings, form):
    value = icc(ratings, form).value
    if value is not None:
        assert icc(ratings * 4.0 + 100, form).value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        (np.zeros((0, 2)), "empty"),
        ([[0, 0]], "empty"),
        ([[1, 0], [2, 3]], "incomplete"),
        ([[1, NAN], [2, 3]], "incomplete"),
        ([[1, 2, 3]], "n1"),
        ([[1], [2]], "one_statement"),
        ([[1, 2], [0, 0]], "n1"),
        ([[2, 2], [2, 2]], "constant"),
        ([[1, 2], [2, 1]], "flat"),
    ],
)
def test_intraclass_correlation_is_undefined_with_a_reason(ratings, reason):
    result = icc(ratings, "3,k")
    assert result.value is None and result.reason == reason in REASONS


# All of them


@given(st.sampled_from(sorted(MEASURES)), panels(), st.randoms(use_true_random=False))
def test_names_of_people_and_statements_change_nothing(name, ratings, shuffler):
    people, statements = list(range(ratings.shape[0])), list(range(ratings.shape[1]))
    shuffler.shuffle(people)
    shuffler.shuffle(statements)
    here, there = MEASURES[name].figure(ratings), MEASURES[name].figure(ratings[people][:, statements])
    assert same(here.value, there.value) and (here.reason, here.n) == (there.reason, there.n)


@given(st.sampled_from(sorted(MEASURES)), panels(low=1), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_person_drawn_twice_counts_as_two_alike(name, ratings, times):
    times = times[: len(ratings)]
    again = np.repeat(ratings, times, axis=0)
    expected = MEASURES[name].figure(again).value if len(again) else None
    figure = MEASURES[name].kernel(ratings, np.array([times, times]))
    assert figure.shape == (2,) and np.array_equal(figure[:1], figure[1:], equal_nan=True)
    assert same(None if np.isnan(figure[0]) else float(figure[0]), expected)


@given(panels())
def test_kernels_give_many_tables_at_once(ratings):
    counts = counted(ratings)
    stacked = np.stack([counts, np.zeros_like(counts), counts])
    for kernel in (alpha_kernel, chance_corrected_kernel):
        alone = kernel(counts)
        assert np.array_equal(kernel(stacked), [alone, NAN, alone], equal_nan=True)


@given(st.sampled_from(sorted(MEASURES)), st.integers(2, 4), st.permutations(range(1, TOP + 1)))
def test_people_who_answer_alike_agree_completely(name, people, answers):
    assert MEASURES[name].figure(np.array([answers] * people)).value == pytest.approx(1)


@given(panels(), st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_weighted_counts_count_people_that_often(ratings, times):
    times = times[: len(ratings)]
    assert (weighted_counts(ratings, [times], TOP)[0] == counted(np.repeat(ratings, times, axis=0))).all()


def test_nobody_leaves_every_kernel_undefined():
    ratings = np.array([[1, 2], [2, 3]])
    nobody = np.zeros((1, 2))
    assert np.isnan(w_kernel(ratings, nobody)).all() and np.isnan(icc_kernel(ratings, nobody)).all()


# Intervals


def test_an_interval_is_made_again_by_its_seed():
    chance = np.random.default_rng(4)
    ratings, groups = chance.integers(1, TOP + 1, (12, 6)), np.arange(12) % 3
    for name, measure in MEASURES.items():
        result = with_interval(measure, ratings, groups, resamples=250, seed=7)
        if result.value is None:
            continue
        assert with_interval(measure, ratings, groups, resamples=250, seed=7) == result, name
        low, high = result.more["interval_percentile"]
        assert low < high and result.more["resamples"] == 250 and result.more["seed"] == 7
        assert result.more["interval"] == pytest.approx((low - result.more["bias"], high - result.more["bias"]))


def test_people_who_repeat_pull_agreement_up():
    ratings = np.random.default_rng(1).integers(1, TOP + 1, (8, 10))
    more = with_interval(MEASURES["krippendorff:ordinal"], ratings, np.zeros(8)).more
    assert more["bias"] > 0 and more["interval"][1] < more["interval_percentile"][1]


def test_an_interval_holds_the_truth_about_as_often_as_it_says():
    """Twelve people from a panel of known agreement; plain percentiles would hold it in fewer than 0.85."""
    chance = np.random.default_rng(5)
    worth = chance.normal(0, 1.3, 15)

    def panel(people):
        return np.clip(np.round(5 + worth + chance.normal(0, 1.7, (people, 15))), 1, 9).astype(int)

    measure = panel_measures(9)["krippendorff:ordinal"]
    truth = measure.figure(panel(3000)).value
    shown = [with_interval(measure, panel(12), np.zeros(12), resamples=200).more for _ in range(150)]
    held = [sum(low <= truth <= high for low, high in (more[key] for more in shown)) for key in
            ("interval", "interval_percentile")]  # fmt: skip
    assert held[1] / 150 < 0.85 < 0.89 < held[0] / 150


def test_groups_of_one_give_no_interval_of_no_width():
    ratings = np.array([[1, 2, 3], [1, 3, 2], [2, 1, 3]])
    result = with_interval(MEASURES["kendall_w"], ratings, ["a", "b", "c"], resamples=20)
    assert result.value is not None and result.more["interval"] is result.more["interval_percentile"] is None
    assert result.more["interval_reason"] == "n1" and "small_group" in result.flags


def test_people_who_answer_alike_give_no_interval_of_no_width():
    result = with_interval(MEASURES["ac:ordinal"], np.full((9, 2), 4), np.zeros(9), resamples=20)
    assert result.value == 1 and result.more["interval"] is None and result.more["interval_reason"] == "no_variation"


def test_answers_are_not_people():
    """Thirteen answers of four people, of whom two answered all."""
    ratings = np.array([[9, 8, 0, 7], [8, 0, 5, 0], [9, 7, 7, 4], [0, 0, 0, 0], [7, 7, 6, 5]])
    measures = panel_measures(9)
    people = {name: measure.people(ratings, measure.figure(ratings)) for name, measure in measures.items()}
    assert {people["krippendorff:ordinal"], people["ac:identity"]} == {4} and people["kendall_w"] == 2
    told = with_interval(measures["krippendorff:ordinal"], ratings, np.zeros(5), resamples=20)
    assert told.n == 13 and told.more["people"] == 4


def test_who_answered_nothing_is_in_no_draw():
    ratings = np.array([[1, 2, 3], [1, 3, 2], [2, 1, 3], [3, 1, 2], [1, 2, 3]])
    beside = np.vstack([ratings, np.zeros((3, 3), dtype=int)])
    for name in ("icc:2,1", "kendall_w", "krippendorff:interval"):
        one, other = (with_interval(MEASURES[name], t, np.zeros(len(t)), 50, 3) for t in (ratings, beside))
        assert one.value == other.value and one.more["interval"] == other.more["interval"], name


def test_resamples_without_a_figure_are_counted():
    ratings = np.array([[1, 2, 3], [1, 3, 2], [2, 2, 0]])
    result = with_interval(MEASURES["kendall_w"], ratings, np.zeros(3), resamples=100)
    assert result.more["resamples_undefined"] > 0 and result.more["interval_percentile"][1] == 1


def test_no_resamples_give_no_interval():
    result = with_interval(MEASURES["kendall_w"], [[1, 2, 3], [1, 3, 2]], [0, 0], resamples=0)
    assert result.value == 0.75 and result.more["interval"] is None is result.more["interval_percentile"]


def test_without_a_figure_there_is_no_interval():
    result = with_interval(MEASURES["kendall_w"], [[1, 2, 3]], [0])
    assert result.reason == "n1" and "interval" not in result.more
