"""Which sentence says a figure: the right one, in both languages, in plain words and without a coefficient."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.text import LANGUAGES, Texts
from rounds.contract import Decision
from rounds.measures.phrases import (
    CRITERIA,
    Groups,
    certainty,
    edge,
    flags,
    middle_half,
    no_band,
    reason,
    sentence,
    stability,
    tied,
    too_few,
)
from rounds.measures.result import FLAGS, REASONS, Result, undefined
from rounds.rules import SCOPES, Box, Majority, Ram, Share, Spread
from tests.consensus import test_text as texts_of

FOLDER = Path(__file__).parents[3] / "rounds" / "measures"
TEXTS = Texts.load()
KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED
MIRROR = {KEPT: DROPPED, DROPPED: KEPT, UNDECIDED: UNDECIDED}

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

SHARE = Share(70, 15)

boxes = st.builds(lambda high, low, rest: Box(high, low, high + low + rest), *[st.integers(0, 40)] * 3)
rules_ = st.one_of(
    st.none(),
    st.builds(
        Share,
        percent=st.integers(1, 100),
        opposite=st.one_of(st.none(), st.integers(1, 100)),
        scope=st.sampled_from(SCOPES),
    ),
    st.sampled_from([Ram(), Spread(), Majority()]),
)
situations = st.fixed_dictionaries(
    {
        "floor": st.integers(0, 9),
        "rule": rules_,
        "groups": st.builds(
            Groups,
            st.dictionaries(st.sampled_from("abcdef"), st.tuples(boxes, st.sampled_from(Decision))),
            st.booleans(),
        ),
        "is_wide": st.booleans(),
        "criterion": st.sampled_from(CRITERIA),
    }
)


def key(verdict: Decision, high: int, low: int, n: int, a: float | None, **more: Any) -> str:
    given = {"floor": 5, "rule": SHARE, "criterion": "importance"} | more
    return sentence(verdict, Box(high, low, n), a, **given)[0]


def among(rule: Share = SHARE, is_whole: bool = True, **blocks: tuple[int, int, int]) -> Groups:
    """Blocks with their boxes, and what a share says of each by itself."""
    alone = replace(rule, scope="pooled")
    return Groups({name: (Box(*box), alone.decide({"": Box(*box)})) for name, box in blocks.items()}, is_whole)


def say(language: str, phrase: tuple[str, dict[str, Any]]) -> str:
    name, values = phrase
    if "blocks" in values:
        blocks, each = values["blocks"], values.get("each")
        if each:
            told = zip(blocks, each, strict=True)
            blocks = [TEXTS.say(language, f"measures.{key}", **more, block=block) for block, (key, more) in told]
        values = values | {"blocks": ", ".join(blocks)}
    return TEXTS.say(language, f"measures.{name}", **values)


def test_both_languages_hold_the_same_sentences_set_as_the_house_sets_them() -> None:
    texts_of.test_no_sentence_is_in_one_language_only(FOLDER)
    texts_of.test_both_languages_say_the_same_things(FOLDER)
    texts_of.test_no_key_stands_twice(FOLDER)
    texts_of.test_french_is_set_as_in_quebec(FOLDER)


def test_an_agreement_of_every_group_is_said_with_its_votes() -> None:
    groups = among(a=(9, 0, 10), b=(8, 1, 10))
    phrase = sentence(KEPT, Box(17, 1, 20), 0.8, floor=5, rule=SHARE, groups=groups, criterion="importance")
    assert say("en", phrase) == "Agreed: 17 of 20 find this important, and so does every group."
    told = "cet énoncé est jugé important (17 sur 20), et c’est aussi le cas dans chaque groupe."
    assert say("fr", phrase) == f"Accord\u00a0: {told}"
    hidden = sentence(KEPT, Box(17, 1, 20), 0.8, floor=5, rule=SHARE, groups=replace(groups, is_whole=False))
    assert hidden[0] == "in.alone.score", "of a group that is not shown nothing is said"
    few = among(a=(9, 0, 10), b=(2, 0, 2))
    assert key(KEPT, 11, 0, 12, 0.8, groups=few) == "in.alone.importance", "nor of two people"


def test_a_group_that_is_united_against_is_not_called_divided() -> None:
    groups = among(x=(15, 0, 15), managers=(0, 5, 5))
    phrase = sentence(KEPT, Box(15, 5, 20), 0.2, floor=5, rule=Share(75), groups=groups)
    said = "Most people rate this high (15 of 20), but this group scores it low (5 of 5): managers."
    assert say("en", phrase) == said
    out = sentence(DROPPED, Box(5, 15, 20), 0.2, floor=5, rule=Share(75), groups=among(x=(0, 15, 15), y=(5, 0, 5)))
    assert out == ("out.most.high.one", {"votes": 15, "n": 20, "blocks": ("y",), "against": 5, "of": 5})


@pytest.mark.parametrize(
    ("box", "stance"),
    [((0, 5, 5), "low.one"), ((0, 0, 5), "middle.one"), ((3, 2, 5), "divided.one"), ((3, 0, 5), "short.by")],
)
def test_how_a_group_stands_beside_a_verdict_has_its_own_word(box: tuple[int, int, int], stance: str) -> None:
    groups = among(many=(30, 0, 30), few=box)
    phrase = sentence(KEPT, Box(30 + box[0], box[1], 35), 0.5, floor=5, rule=SHARE, groups=groups)
    assert phrase[0] == f"in.most.{stance}" and phrase[1]["blocks"] == ("few",)
    turned = {name: (Box(own.low, own.high, own.n), MIRROR[alone]) for name, (own, alone) in groups.alone.items()}
    mirrored = Groups(turned)
    out = sentence(DROPPED, Box(box[1], 30 + box[0], 35), 0.5, floor=5, rule=SHARE, groups=mirrored)
    assert out[0] == f"out.most.{stance.replace('low', 'high')}"


def test_of_several_groups_those_furthest_from_the_verdict_are_named() -> None:
    groups = among(a=(30, 0, 30), b=(0, 5, 5), c=(1, 4, 5), d=(3, 2, 5))
    phrase = sentence(KEPT, Box(34, 11, 45), 0.5, floor=5, rule=Share(70), groups=groups)
    assert phrase == ("in.most.low.several", {"votes": 34, "n": 45, "blocks": ("b", "c"), "against": 9, "of": 10})
    short = among(a=(30, 0, 30), b=(3, 0, 5), c=(3, 0, 5))
    assert key(KEPT, 36, 0, 40, 0.5, groups=short) == "in.most.short.several"


def test_answers_short_of_the_rule_are_counted_where_the_rule_counts_them() -> None:
    groups = among(a=(30, 0, 30), b=(6, 0, 10))
    assert sentence(KEPT, Box(36, 0, 40), 0.5, floor=5, rule=SHARE, groups=groups)[1]["more"] == 1
    by_median = Groups({"a": (Box(30, 0, 30), KEPT), "b": (Box(6, 0, 10), UNDECIDED)})
    assert key(KEPT, 36, 0, 40, 0.5, rule=Spread(), groups=by_median) == "in.most.short.one"
    lenient = Groups({"a": (Box(30, 0, 30), KEPT), "b": (Box(6, 4, 10), UNDECIDED)})
    assert key(KEPT, 36, 4, 40, 0.5, rule=Share(40), groups=lenient) == "in.most.short.one", "nothing is missing there"


def test_most_is_said_of_more_than_half_only() -> None:
    rule = Share(60, None, "some", 1)
    groups = among(rule, a=(5, 0, 5), b=(1, 0, 10), c=(0, 0, 10))
    assert sentence(KEPT, Box(6, 0, 25), 0.5, floor=5, rule=rule, groups=groups) == (
        "in.met.several",
        {"votes": 6, "n": 25, "blocks": ("b", "c")},
    )
    one = among(rule, a=(0, 6, 6), b=(0, 1, 10))
    assert key(DROPPED, 0, 7, 16, 0.5, rule=rule, groups=one) == "out.met.one"


def test_agreement_is_only_said_where_the_rule_asks_for_two_thirds_and_they_are_there() -> None:
    assert key(KEPT, 17, 1, 20, 0.8) == "in.alone.importance"
    assert key(DROPPED, 1, 17, 20, 0.8, criterion="clarity") == "out.alone.clarity"
    assert key(KEPT, 17, 1, 20, 0.8, rule=Share("66.6")) == "in.share.alone"
    assert key(KEPT, 12, 0, 20, 0.8, rule=Share(60)) == "in.share.alone"
    assert key(KEPT, 12, 0, 20, 0.8, rule=Share(70, None, "balanced")) == "in.share.alone", "12 of 20 are no two thirds"
    assert key(KEPT, 14, 0, 20, 0.8, rule=Share("66.7")) == "in.alone.importance"
    assert key(KEPT, 14, 0, 20, 0.8, rule=None) == "in.share.alone"


@pytest.mark.parametrize("rule", [Ram(), Ram("classic"), Spread(), Majority()])
def test_other_rules_say_what_they_found_and_never_that_anybody_agreed(rule: Any) -> None:
    phrase = sentence(KEPT, Box(5, 0, 9), 0.5, floor=5, rule=rule)
    assert phrase == (f"in.{rule.name}.alone", {"votes": 5, "n": 9})
    assert "greed" not in say("en", phrase) and "ccord" not in say("fr", phrase).replace("désaccord", "")
    both = Groups({"a": (Box(5, 0, 9), KEPT), "b": (Box(5, 0, 9), KEPT)})
    assert key(KEPT, 10, 0, 18, 0.5, rule=rule, groups=both) == f"in.{rule.name}.every"


@pytest.mark.parametrize(
    ("a", "expected"),
    [(-1.0, "camps"), (-0.01, "camps"), (-1e-12, "spread"), (0.0, "spread"), (0.33, "spread"), (1 / 3, "between.high")],
)
def test_without_a_verdict_the_shape_of_the_answers_chooses_the_sentence(a: float, expected: str) -> None:
    assert key(UNDECIDED, 9, 5, 20, a) == expected


def test_sixteen_of_twenty_are_not_spread_out() -> None:
    phrase = sentence(UNDECIDED, Box(16, 4, 20), 0.2, floor=5, rule=SHARE)
    assert phrase == ("against.high", {"votes": 16, "n": 20, "against": 4, "allowed": 2})
    assert say("en", phrase) == "Scored high: 16 of 20. Scored low: 4; the rule allows at most 2."
    assert key(UNDECIDED, 4, 16, 20, 0.2) == "against.low"
    assert key(UNDECIDED, 13, 1, 20, 0.2) == "between.high", "over half, whatever the spread"
    balanced = Share(70, 15, "balanced")
    assert key(UNDECIDED, 16, 4, 20, 0.2, rule=balanced) == "between.high", "it compares other shares"


def test_between_says_the_side_that_the_answers_lean_to() -> None:
    assert key(UNDECIDED, 12, 2, 20, 0.5) == "between.high"
    assert key(UNDECIDED, 2, 12, 20, 0.5) == "between.low"
    assert key(UNDECIDED, 4, 3, 20, 0.5) == "between.middle"
    assert key(UNDECIDED, 9, 9, 20, 0.5) == "between.even"
    assert key(UNDECIDED, 12, 2, 20, None) == "between.high"  # a scale of two points has no A
    assert key(UNDECIDED, 12, 2, 20, 0.5, rule=None) == "leaning.high", "where nothing decides, nothing is missing"
    assert key(UNDECIDED, 12, 2, 20, 0.5, rule=Ram(), is_wide=True) == "wide.high"
    assert key(UNDECIDED, 9, 2, 20, 0.5, rule=Ram(), is_wide=True) == "between.high"


def test_groups_that_hold_back_are_named_with_what_each_needs() -> None:
    rule = Share(70, 15, "every")
    groups = among(rule, a=(9, 0, 10), b=(3, 0, 5), c=(4, 1, 5))
    phrase = sentence(UNDECIDED, Box(16, 1, 20), 0.5, floor=5, rule=rule, groups=groups)
    assert phrase == (
        "holding.high.several",
        {
            "blocks": ("b", "c"),
            "each": (
                ("holding.each", {"votes": 3, "of": 5, "needed": 4}),
                ("holding.against", {"against": 1, "of": 5, "allowed": 0}),
            ),
        },
    )
    assert "b (3 of 5; needed: 4), c (against: 1 of 5; allowed: 0)" in say("en", phrase)
    low = among(rule, a=(0, 9, 10), b=(0, 3, 5))
    assert key(UNDECIDED, 0, 12, 15, 0.5, rule=rule, groups=low) == "holding.low.one"
    some = Share(70, None, "some", 1)
    assert key(UNDECIDED, 5, 5, 10, -1, rule=some, groups=among(some, a=(5, 0, 5), b=(0, 5, 5))) == "sides"
    agreed = among(rule, a=(9, 0, 10), b=(5, 0, 5))
    assert key(UNDECIDED, 14, 0, 20, 0.5, rule=rule, groups=agreed) == "between.high", "who holds back is hidden"


def test_a_verdict_outweighs_the_shape() -> None:
    assert key(KEPT, 15, 5, 20, -0.2, rule=Share(70)) == "in.alone.importance"


def test_too_few_answers_say_nothing_else() -> None:
    assert sentence(KEPT, Box(3, 0, 3), 1.0, floor=5, rule=SHARE) == too_few()
    assert sentence(UNDECIDED, Box(0, 0, 0), None, floor=0, rule=None) == too_few()


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(ValueError, match="beauty"):
        key(KEPT, 1, 0, 1, 1.0, criterion="beauty")


@pytest.mark.parametrize(
    ("times", "inside", "outside"),
    [
        (1000, "top.firm", "top.close"),
        (900, "top.firm", "top.close"),
        (Fraction(1799, 2), "top.likely", "top.close"),
        (500, "top.likely", "top.close"),
        (499, "top.unsure", "top.near"),
        (100, "top.unsure", "top.near"),
        (99, "top.unsure", "top.outside"),
        (0, "top.unsure", "top.outside"),
    ],
)
def test_certainty_has_exact_edges_and_never_contradicts_the_rank(times: Any, inside: str, outside: str) -> None:
    p_top = Fraction(times) / 1000
    assert certainty(10, 10, 10, p_top) == certainty(2, 5, 10, p_top) == (inside, {"n": 10})
    assert certainty(11, 11, 10, p_top) == (outside, {"n": 10})
    assert certainty(10, 11, 10, p_top) == ("top.tied", {"n": 10}), "a tie across the edge, whatever its chance"


def test_without_a_chance_only_the_place_is_said() -> None:
    assert certainty(1, 1, 3, None)[0] == "top.unknown" and certainty(4, 4, 3, None)[0] == "top.outside"


def test_certainty_is_said_of_a_list_and_of_a_first_place() -> None:
    assert say("en", certainty(1, 1, 10, Fraction(95, 100))) == "Firmly in the top 10."
    assert say("fr", certainty(1, 1, 10, Fraction(60, 100))) == "Probablement dans les 10 premiers."
    assert say("en", certainty(1, 1, 1, Fraction(95, 100))) == "Firmly in first place."


def test_a_few_are_only_said_where_they_were_counted_and_are_few() -> None:
    def margin(value: int | None, n: int) -> Result:
        return Result(value, n, "edge_margin") if value else undefined("no_edge", n=n, method="edge_margin")

    assert edge(None) is edge(margin(None, 9)) is None, "nothing counted, nothing said"
    assert edge(margin(40, 1000)) is edge(margin(2, 9)) is None, "forty are not a few, nor are two of nine"
    assert edge(margin(2, 10)) == ("edge.set", {"n": 2, "of": 10}) and edge(margin(1, 2)) is not None
    assert say("en", edge(margin(2, 10))) == "2 answers of 10, given otherwise, would be enough to change this list."
    assert edge(margin(5, 25)) is not None and edge(margin(6, 600)) is None


def test_the_middle_half_is_said_in_whole_points() -> None:
    assert middle_half(Fraction(25, 4), Fraction(17, 2)) == ("middle", {"low": 6, "high": 9})
    assert middle_half(7, 7) == ("middle.same", {"at": 7})


def test_few_changes_are_only_said_where_few_people_changed() -> None:
    assert stability(True, 2, 20)[0] == "change.few"
    assert stability(True, 3, 20)[0] == "change.hidden"  # 15 % are not under 15 %
    assert stability(False, 3, 8) == ("change.moved", {"changed": 3, "n": 8})
    assert stability(True, 0, 0)[0] == "change.nobody"


def test_a_verdict_can_change_though_no_opinion_did() -> None:
    def why(cause: str) -> Result:
        return Result(cause, 18, "verdict_change", more={"left": 6, "joined": 0})

    told = stability(True, 0, 18, is_same_verdict=False, why=why("people"))
    assert told == ("change.people", {"changed": 0, "n": 18, "left": 6, "joined": 0})
    assert stability(True, 2, 18, is_same_verdict=False, why=why("both"))[0] == "change.both"
    assert stability(True, 2, 18, is_same_verdict=False, why=why("opinions"))[0] == "change.moved"
    assert stability(True, 0, 18, is_same_verdict=False)[0] == "change.verdict", "two left, and why is not told"
    withheld_ = undefined("withheld", n=18, method="verdict_change")
    assert stability(True, 2, 18, is_same_verdict=False, why=withheld_)[0] == "change.verdict"
    assert stability(False, 9, 18, is_same_verdict=False, why=why("none"))[0] == "change.moved"
    for language in LANGUAGES:
        assert not re.search("bougé|moved", say(language, told))


def test_statements_that_share_a_place_are_tied() -> None:
    assert tied(1) is None
    assert tied(2) == ("tied", {"n": 2})


def test_why_people_drawn_again_say_nothing_is_said_of_intervals_and_of_bands() -> None:
    agreed = Result(1, 9, "ac", more={"interval": None, "interval_reason": "no_variation"})
    for found, why in (
        (agreed, "no_variation"),
        (undefined("n1", n=3, method="rank_bootstrap"), "n1"),
        (Result(((0,),), 9, "rank_bootstrap", flags=("no_variation",)), "no_variation"),
    ):
        phrase = no_band(found)
        assert phrase == (f"interval.{why}", {}) and all(say(language, phrase) for language in LANGUAGES)
    assert no_band(Result(1, 9, "ac")) is no_band(undefined("empty", n=0, method="ac")) is None


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
        parts = re.split(r"[.;]\s", said.split(":")[0] if "each" in phrase[1] else said)
        assert max(len(re.findall(r"\w[\w’'-]*", part)) for part in parts) <= 20 + len(phrase[1].get("blocks", ()))
        assert not re.search(r"\d[.,]\d|%|\bp\b|alpha|kappa", said)
        if "blocks" not in phrase[1] and "allowed" not in phrase[1]:
            assert {int(figure) for figure in re.findall(r"\d+", said)} <= {box.high, box.low, box.n}


@given(st.integers(1, 5000).flatmap(lambda b: st.tuples(st.integers(0, b), st.just(b))), st.integers(1, 50))
def test_doubling_the_resamples_changes_no_certainty(times_of, first) -> None:
    times, resamples = times_of
    once, twice = Fraction(times, resamples), Fraction(2 * times, 2 * resamples)
    assert certainty(first, first, first, once) == certainty(first, first, first, twice)
