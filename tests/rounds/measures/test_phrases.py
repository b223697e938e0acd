"""Which sentence says a figure: the right one, in both languages, in plain words and without a coefficient."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.text import LANGUAGES, Texts
from rounds.contract import Decision
from rounds.measures.phrases import (
    CRITERIA,
    certainty,
    flags,
    middle_half,
    reason,
    sentence,
    stability,
    tied,
    too_few,
)
from rounds.measures.result import FLAGS, REASONS, Result, undefined
from rounds.rules import Box
from tests.consensus import test_text as texts_of

FOLDER = Path(__file__).parents[3] / "rounds" / "measures"
TEXTS = Texts.load()
KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

boxes = st.builds(lambda high, low, rest: Box(high, low, high + low + rest), *[st.integers(0, 40)] * 3)
situations = st.fixed_dictionaries(
    {
        "enough": st.booleans(),
        "holding_back": st.one_of(st.none(), st.lists(st.sampled_from("abcdef"), unique=True)),
        "criterion": st.sampled_from(CRITERIA),
    }
)


def key(verdict: Decision, high: int, low: int, n: int, a: float | None, **more: object) -> str:
    return sentence(verdict, Box(high, low, n), a, **({"enough": True} | more))[0]


def say(language: str, phrase: tuple[str, dict[str, object]]) -> str:
    name, values = phrase
    if "blocks" in values:
        values = values | {"blocks": ", ".join(values["blocks"])}
    return TEXTS.say(language, f"measures.{name}", **values)


def test_both_languages_hold_the_same_sentences_set_as_the_house_sets_them() -> None:
    texts_of.test_no_sentence_is_in_one_language_only(FOLDER)
    texts_of.test_both_languages_say_the_same_things(FOLDER)
    texts_of.test_no_key_stands_twice(FOLDER)
    texts_of.test_french_is_set_as_in_quebec(FOLDER)


def test_an_agreement_of_every_group_is_said_with_its_votes() -> None:
    phrase = sentence(KEPT, Box(17, 1, 20), 0.8, enough=True, holding_back=())
    assert say("en", phrase) == "Agreed: 17 of 20 find this important, and so does every group."
    assert say("fr", phrase) == "Accord\u00a0: 17 personnes sur 20 jugent cet énoncé important, et chaque groupe aussi."


def test_a_divided_group_is_named() -> None:
    phrase = sentence(KEPT, Box(17, 1, 20), 0.8, enough=True, holding_back=["managers"])
    assert say("en", phrase) == "Most agree (17 of 20), but this group is divided: managers."
    two = sentence(DROPPED, Box(1, 17, 20), 0.8, enough=True, holding_back=["managers", "patients"])
    assert say("en", two) == "Most score this low (17 of 20), but these groups are divided: managers, patients."


def test_where_groups_are_not_shown_nothing_is_said_of_them() -> None:
    assert key(KEPT, 17, 1, 20, 0.8) == "in.alone.importance"
    assert key(DROPPED, 1, 17, 20, 0.8, criterion="clarity") == "out.alone.clarity"


@pytest.mark.parametrize(
    ("a", "expected"),
    [(-1.0, "camps"), (-0.01, "camps"), (-1e-12, "spread"), (0.0, "spread"), (0.33, "spread"), (1 / 3, "between.high")],
)
def test_without_a_verdict_the_shape_of_the_answers_chooses_the_sentence(a: float, expected: str) -> None:
    assert key(UNDECIDED, 9, 5, 20, a) == expected


def test_between_says_the_side_that_the_answers_lean_to() -> None:
    assert key(UNDECIDED, 12, 3, 20, 0.5) == "between.high"
    assert key(UNDECIDED, 3, 12, 20, 0.5) == "between.low"
    assert key(UNDECIDED, 4, 3, 20, 0.5) == "between.middle"
    assert key(UNDECIDED, 9, 9, 20, 0.5) == "between.even"
    assert key(UNDECIDED, 12, 3, 20, None) == "between.high"  # a scale of two points has no A


def test_a_verdict_outweighs_the_shape() -> None:
    assert key(KEPT, 15, 5, 20, -0.2, holding_back=()) == "in.every.importance"


def test_too_few_answers_say_nothing_else() -> None:
    assert sentence(KEPT, Box(3, 0, 3), 1.0, enough=False) == too_few()
    assert sentence(UNDECIDED, Box(0, 0, 0), None, enough=True) == too_few()


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(ValueError, match="beauty"):
        key(KEPT, 1, 0, 1, 1.0, criterion="beauty")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (1000, "top.firm"),
        (900, "top.firm"),
        (Fraction(1799, 2), "top.likely"),
        (500, "top.likely"),
        (499, "top.near"),
        (100, "top.near"),
        (99, "top.outside"),
        (0, "top.outside"),
    ],
)
def test_certainty_has_exact_edges(times: int | Fraction, expected: str) -> None:
    assert certainty(times, 1000, 10) == (expected, {"n": 10})


def test_certainty_is_said_of_a_list_and_of_a_first_place() -> None:
    assert say("en", certainty(95, 100, 10)) == "Firmly in the top 10."
    assert say("fr", certainty(60, 100, 10)) == "Probablement dans les 10 premiers."
    assert say("en", certainty(95, 100, 1)) == "Firmly in first place."
    with pytest.raises(ValueError, match="none"):
        certainty(0, 0, 10)


def test_the_middle_half_is_said_in_whole_points() -> None:
    assert middle_half(Fraction(25, 4), Fraction(17, 2)) == ("middle", {"low": 6, "high": 9})
    assert middle_half(7, 7) == ("middle.same", {"at": 7})


def test_few_changes_are_only_said_where_few_people_changed() -> None:
    assert stability(True, 2, 20)[0] == "change.few"
    assert stability(True, 3, 20)[0] == "change.hidden"  # 15 % are not under 15 %
    assert stability(False, 3, 8) == ("change.moved", {"changed": 3, "n": 8})
    assert stability(True, 0, 0)[0] == "change.nobody"


def test_statements_that_share_a_place_are_tied() -> None:
    assert tied(1) is None
    assert tied(2) == ("tied", {"n": 2})


def test_every_reason_and_flag_has_its_words() -> None:
    for name in REASONS:
        assert all(say(language, reason(undefined(name, n=0, method="m"))) for language in LANGUAGES)
    result = Result(1, 1, "m", flags=tuple(FLAGS))
    assert reason(result) is None
    for phrase in flags(result):
        assert all(say(language, phrase) for language in LANGUAGES)


@given(boxes, st.sampled_from(Decision), st.one_of(st.none(), st.floats(-1, 1)), situations)
def test_what_people_read_is_short_and_has_no_figure_but_counts(box, verdict, a, situation) -> None:
    phrase = sentence(verdict, box, a, **situation)
    for language in LANGUAGES:
        said = say(language, phrase)
        assert len(re.findall(r"\w[\w’'-]*", said)) <= 20 + len(situation["holding_back"] or ())
        assert not re.search(r"\d[.,]\d|%|\bp\b|alpha|kappa", said)
        assert {int(figure) for figure in re.findall(r"\d+", said)} <= {box.high, box.low, box.n}


@given(st.integers(1, 5000).flatmap(lambda b: st.tuples(st.integers(0, b), st.just(b))), st.integers(1, 50))
def test_doubling_the_resamples_changes_no_certainty(times_of, first) -> None:
    times, resamples = times_of
    assert certainty(times, resamples, first) == certainty(2 * times, 2 * resamples, first)
