"""People of the same sessions drawn again, or sessions: by the seed alone, and only where drawing says something."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.pooling import SCHEMES, Origin, weights
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.study_bootstrap import study_bootstrap

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

SITES = {"a": "east", "b": "east", "c": "west"}
SCORES = np.array([[2, 1, 0], [1, 2, 0], [2, 0, 1], [0, 1, 2], [1, 2, 0], [0, 2, 1.0]])


def of(*names: str) -> list[Origin]:
    """Origins from a session's and a group's letter."""
    return [Origin(name[0], SITES[name[0]], name[1]) for name in names]


ORIGINS = of("ap", "ap", "aq", "bp", "bp", "bp")


@st.composite
def studies(draw: st.DrawFn) -> tuple[np.ndarray, list[Origin]]:
    origins = draw(st.lists(st.sampled_from(of("ap", "aq", "bp", "cq")), min_size=1, max_size=7))
    scores = draw(
        st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=len(origins), max_size=len(origins))
    )
    return np.array(scores, dtype=float), origins


@settings(max_examples=40)
@given(studies(), st.sampled_from(SCHEMES), st.sampled_from(["person", "session"]), st.randoms(use_true_random=False))
def test_people_have_no_order_and_sites_no_name(study, scheme: str, unit: str, chance) -> None:  # type: ignore[no-untyped-def]
    scores, origins = study
    rows = chance.sample(range(len(scores)), len(scores))
    renamed = [Origin(origins[row].session, str(origins[row].site).upper(), origins[row].group) for row in rows]
    one = study_bootstrap(scores, origins, 1, scheme=scheme, unit=unit, resamples=50)
    other = study_bootstrap(scores[rows], renamed, 1, scheme=scheme, unit=unit, resamples=50)
    assert (one.reason, one.n, one.more, one.flags) == (other.reason, other.n, other.more, other.flags)
    if one.value is not None:
        assert np.array_equal(one.value, other.value) and one.value.sum() == pytest.approx(1)


@settings(max_examples=40)
@given(studies(), st.sampled_from(SCHEMES))
def test_what_not_all_sessions_were_asked_changes_nothing(study, scheme: str) -> None:  # type: ignore[no-untyped-def]
    scores, origins = study
    column = np.full((len(scores), 1), np.nan)
    column[[origin.session == origins[0].session for origin in origins]] = 9
    one = study_bootstrap(scores, origins, 1, scheme=scheme, resamples=50)
    other = study_bootstrap(np.hstack([scores, column]), origins, 1, scheme=scheme, resamples=50)
    if len({origin.session for origin in origins}) > 1 and one.value is not None:
        assert np.array_equal(one.value, other.value[:3]) and np.isnan(other.value[3])
        assert other.more["common"] == (0, 1, 2)


def test_one_session_is_drawn_as_any_panel_is() -> None:
    scores, origins = np.vstack([SCORES, SCORES]), of("ap", "ap", "ap", "aq", "aq", "aq") * 2
    groups = [origin.group == "q" for origin in origins]
    for balanced, schemes in ((False, ("person", "session", "site")), (True, ("group", "nested"))):
        own = rank_bootstrap(scores, groups, balanced=balanced, k=2, seed=3, resamples=4000).more["p_top"]
        for scheme in schemes:
            found = study_bootstrap(scores, origins, 2, scheme=scheme, seed=3, resamples=4000)
            assert found.value == pytest.approx(own, abs=0.03)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_resample_is_as_likely_as_any_other(scheme: str) -> None:
    """Against all 2 x 2 x 27 of them."""
    strata = [[0, 1], [2], [3, 4, 5]]
    each = np.array([float(weight) for weight in weights(ORIGINS, [1] * 6, scheme)])
    total = np.zeros(3)
    draws = list(product(*(product(rows, repeat=len(rows)) for rows in strata)))
    for drawn in draws:
        rows = [row for some in drawn for row in some]
        means = np.round(each[rows] @ SCORES[rows], 9)
        total += (means == means.max()) / (means == means.max()).sum()
    found = study_bootstrap(SCORES, ORIGINS, 1, scheme=scheme, resamples=8000)
    assert found.value == pytest.approx(total / len(draws), abs=0.025)
    assert found.more["singletons"] == 1 and found.flags == ("small_group",)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_session_drawn_twice_is_two(scheme: str) -> None:
    """Against all 27 draws of three sessions, a copy being a session of its own in the same site."""
    scores, origins = SCORES, of("ap", "aq", "bp", "bp", "cq", "cq")
    total = np.zeros(3)
    for drawn in product("abc", repeat=3):
        rows, copies = [], []
        for copy, session in enumerate(drawn):
            for row, origin in enumerate(origins):
                if origin.session == session:
                    rows.append(row)
                    copies.append(Origin((session, copy), origin.site, origin.group))
        each = np.array([float(weight) for weight in weights(copies, [1] * len(copies), scheme)])
        means = np.round(each @ scores[rows], 9)
        total += (means == means.max()) / (means == means.max()).sum()
    found = study_bootstrap(scores, origins, 1, scheme=scheme, unit="session", resamples=8000)
    assert found.value == pytest.approx(total / 27, abs=0.025) and found.flags == ("few_sessions",)


def test_many_resamples_are_made_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = study_bootstrap(SCORES, ORIGINS, 1, resamples=100)
    monkeypatch.setattr("rounds.measures.study_bootstrap.AT_ONCE", 50)
    assert np.array_equal(study_bootstrap(SCORES, ORIGINS, 1, resamples=100).value, whole.value)


def test_a_missing_answer_is_no_zero_and_a_resample_without_any_says_nothing() -> None:
    scores = np.array([[1, np.nan], [2, 5], [1, 3], [np.nan, np.nan]])
    found = study_bootstrap(scores, of("ap", "ap", "ap", "bp"), 1, resamples=200)
    assert found.n == 3 and found.value.tolist() == pytest.approx([1 / 27, 1], abs=0.05)
    rows = [[np.nan, 2], [np.nan, 1], [1, 0], [np.nan, 2]]
    alone = study_bootstrap(rows, of("ap", "ap", "ap", "ap"), 1, resamples=1, seed=0)
    assert np.isnan(alone.value[0]) and alone.value[1] == 1, "nobody with a point for it was drawn"


@pytest.mark.parametrize(
    ("scores", "names", "unit", "reason"),
    [
        (np.zeros((0, 2)), [], "person", "empty"),
        (np.zeros((0, 2)), [], "session", "empty"),
        ([[np.nan, np.nan]], ["ap"], "person", "empty"),
        ([[1, np.nan], [np.nan, 1]], ["ap", "bp"], "person", "no_common"),
        ([[1, np.nan], [np.nan, 1]], ["ap", "bp"], "session", "no_common"),
        ([[1, 2], [2, 1]], ["ap", "bp"], "person", "n1"),
        ([[1, 2], [1, 2]], ["ap", "ap"], "person", "no_variation"),
        ([[1, 2], [2, 1]], ["ap", "ap"], "session", "one_panel"),
    ],
)
def test_without_a_chance_there_is_the_true_reason(scores: object, names: list[str], unit: str, reason: str) -> None:
    assert study_bootstrap(scores, of(*names), 1, unit=unit, resamples=9).reason == reason


def test_eight_sessions_are_enough_to_draw_them() -> None:
    origins = [Origin(number, number, "p") for number in range(8)]
    scores = np.vstack([SCORES, SCORES[:2]])
    assert study_bootstrap(scores, origins, 1, unit="session", resamples=9).flags == ()


@pytest.mark.parametrize("wrong", [{"k": 0}, {"resamples": 0}, {"scheme": "province"}, {"unit": "group"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no such scheme"):
        study_bootstrap(SCORES, ORIGINS, **{"k": 1, **wrong})
    for scores, origins in ((SCORES[0], ORIGINS), (SCORES, ORIGINS[1:])):
        with pytest.raises(ValueError, match="origin per person"):
            study_bootstrap(scores, origins, 1)
