"""Whatever people answer, the sentence beside a figure says no more than the figure bears out, in both languages.

Each claim is held against the answers by a second way of counting, written here: no rule, stance or cause of the
program is asked whether it was right. Some blocks are hidden, as a small group's are: the verdict counts them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.text import LANGUAGES, Texts
from rounds.contract import Decision, Line, Round
from rounds.measures.phrases import certainty_of, stability
from rounds.measures.result import Result
from rounds.rating.reading import said
from rounds.rules import SCOPES, Majority, Ram, Share, Spread
from tests.rounds.test_rating import BLOCKS, a_ballot, a_round, counted

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

TEXTS = Texts.load()
KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED
Answers = dict[str, list[int]]  # by block

limits = st.sampled_from([1, 20, 34, 50, 51, 60, "66.6", "66.7", 67, 70, 75, 80, 100])
rules = st.one_of(
    st.builds(Share, limits, st.one_of(st.none(), limits), st.sampled_from(SCOPES), st.integers(1, 3)),
    st.sampled_from([None, Ram(), Ram("classic"), Spread(), Spread(3, 1), Majority()]),
)


@st.composite
def panels(draw: Any) -> tuple[Answers, list[str]]:
    """Answers on 1..9, near the ends more often than not; and the blocks whose answers are hidden."""
    names = BLOCKS[: draw(st.integers(1, len(BLOCKS)))]
    answer = st.sampled_from(draw(st.sampled_from([(1, 2, 8, 9), (4, 5, 6), (1, 9), tuple(range(1, 10)), (7, 8, 9)])))
    given = {name: draw(st.lists(answer, max_size=9)) for name in names}
    return given, draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names) - 1))


def read(answers: Answers, hidden: Sequence[str], rule: Any) -> tuple[tuple[str, dict[str, Any]], Line]:
    """The sentence, and the line it stands beside: figures of what is shown, the verdict of all."""
    panel = a_round(("S01",), tuple((name, 9) for name in answers), rule=rule)
    everyone, shown = (_line(panel, answers, without) for without in ((), hidden))
    line = replace(shown, decision=everyone.decision)
    return said(line, panel, 1), line


def _line(panel: Round, answers: Answers, without: Sequence[str]) -> Line:
    told = [(name, value) for name, values in answers.items() if name not in without for value in values]
    ballots = [a_ballot(n, f"p{n}", name, "S01", {"importance": value}) for n, (name, value) in enumerate(told)]
    line = counted(ballots, panel).line("S01")
    assert line is not None
    return line


def split(values: Sequence[int]) -> tuple[int, int, int]:
    """How many low, in the middle, high: 1-3, 4-6, 7-9."""
    return sum(v <= 3 for v in values), sum(3 < v < 7 for v in values), sum(v >= 7 for v in values)


def holds(rule: Share, into: int, against: int, n: int) -> bool:
    limit = None if rule.opposite is None else Fraction(str(rule.opposite))
    return into * 100 >= Fraction(str(rule.percent)) * n and (limit is None or against * 100 < limit * n)


def seen(answers: Answers, hidden: Sequence[str]) -> dict[str, list[int]]:
    return {name: values for name, values in answers.items() if values and name not in hidden}


@given(panels(), rules)
def test_numbers_in_the_sentence_are_those_of_the_figures(panel: tuple[Answers, list[str]], rule: Any) -> None:
    answers, hidden = panel
    (key, values), line = read(answers, hidden, rule)
    low, _, high = split([v for each in seen(answers, hidden).values() for v in each])
    n = sum(map(len, seen(answers, hidden).values()))
    if "n" in values:
        assert values["n"] == n == line.values["n"]
    if "votes" in values:
        assert values["votes"] == (low if re.search(r"^out|\.low$", key) else high), key
    if key == "both":
        assert (values["low"], values["high"]) == (low, high)
    for name, values_of in zip(values.get("blocks", ()), values.get("each", ()), strict=False):
        own_low, _, own_high = split(answers[name])
        more = values_of[1]
        assert more["of"] == len(answers[name]) and name not in hidden
        assert more.get("votes", own_high) in {own_low, own_high} and more.get("against", own_low) in {
            own_low,
            own_high,
        }


@given(panels(), rules)
def test_an_agreement_is_one_and_every_group_is_every_group(panel: tuple[Answers, list[str]], rule: Any) -> None:
    answers, hidden = panel
    (key, values), line = read(answers, hidden, rule)
    side, _, what = key.partition(".")
    if side in ("in", "out") and what.partition(".")[0] in ("alone", "every"):
        assert isinstance(rule, Share) and Fraction(str(rule.percent)) * 3 >= 200
        assert values["votes"] * 3 >= values["n"] * 2
    if side in ("in", "out"):
        assert line.decision is (KEPT if side == "in" else DROPPED)
    if "every" in key and isinstance(rule, Share):
        assert not hidden and all(answers.values()), "of a block that answered nothing, nothing is said"
        for values_of in answers.values():
            low, _, high = split(values_of)
            into, against = (high, low) if side == "in" else (low, high)
            assert holds(rule, into, against, len(values_of))


@given(panels(), rules)
def test_a_group_is_called_what_most_of_it_are(panel: tuple[Answers, list[str]], rule: Any) -> None:
    """Divided never where more than half lie on one side, unless too many lie on the other."""
    answers, hidden = panel
    (key, values), _ = read(answers, hidden, rule)
    found = re.fullmatch(r"(in|out)\.most\.(\w+)\.\w+", key)
    if not found:
        return
    assert 2 * values["votes"] > values["n"]
    for name in values["blocks"]:
        low, middle, high = split(answers[name])
        into, against, n = (*((high, low) if found[1] == "in" else (low, high)), len(answers[name]))
        assert name not in hidden and len({low, middle, high} - {0}) >= 1
        stance = found[2]
        if stance in ("low", "high"):
            assert 2 * against > n and stance == ("low" if found[1] == "in" else "high")
        elif stance == "middle":
            assert 2 * middle > n
        elif stance == "short":
            assert 2 * into > n
            if key.endswith("by"):
                assert len(values["blocks"]) == 1 and holds(rule, into + values["more"], 0, n)
                assert not holds(rule, into + values["more"] - 1, 0, n)
        else:
            assert max(against, middle) * 2 <= n
            assert 2 * into <= n or not holds(Share(1, rule.opposite), into, against, n)
    if found[2] in ("low", "high"):
        assert values["against"] == sum(split(answers[name])[0 if found[1] == "in" else 2] for name in values["blocks"])
        assert values["of"] == sum(len(answers[name]) for name in values["blocks"])


@given(panels(), rules)
def test_without_a_verdict_the_reason_said_is_one(panel: tuple[Answers, list[str]], rule: Any) -> None:
    answers, hidden = panel
    (key, values), line = read(answers, hidden, rule)
    shown = [v for each in seen(answers, hidden).values() for v in each]
    (low, middle, high), n = split(shown), len(shown)
    name, _, side = key.partition(".")
    if name in ("camps", "spread", "against", "between", "wide", "leaning", "both", "holding", "sides"):
        assert line.decision in (None, UNDECIDED)
    votes, others = (high, low) if side == "high" else (low, high)
    if name == "spread":
        assert 2 * max(low, middle, high) <= n, "16 of 20 are not spread out"
    if name == "camps":
        assert low or middle, "of one mind are no two camps"
        assert high or middle
    if name == "against":
        assert holds(replace(rule, opposite=None), votes, others, n) and not holds(rule, votes, others, n)
        assert values["against"] == others > values["allowed"]
        assert values["allowed"] < 0 or holds(rule, n, values["allowed"], n)
        assert not holds(rule, n, values["allowed"] + 1, n)
    if name == "both":
        assert holds(rule, high, low, n) and holds(rule, low, high, n)
    if name in ("between", "wide", "leaning") and side in ("high", "low"):
        assert votes > others
        if isinstance(rule, Share) and rule.scope == "pooled":
            assert not holds(rule, votes, others, n), "enough is not called too little"
    if name == "wide":
        assert 2 * votes > n
    if key == "between.middle":
        assert middle * 2 > n or middle > max(low, high) or low == high == 0
    if key == "between.even":
        assert low == high
    if name == "holding":
        for block, (_, more) in zip(values["blocks"], values["each"], strict=True):
            own_low, _, own_high = split(answers[block])
            into, against = (own_high, own_low) if key.startswith("holding.high") else (own_low, own_high)
            assert not holds(rule, into, against, len(answers[block]))
            if "needed" in more:
                assert holds(rule, more["needed"], 0, more["of"]) and not holds(rule, more["needed"] - 1, 0, more["of"])


@given(panels(), st.builds(Share, limits, st.one_of(st.none(), limits), st.sampled_from(SCOPES), st.integers(1, 3)))
def test_a_verdict_that_the_figures_shown_do_not_bear_out_is_not_said_of_them(
    panel: tuple[Answers, list[str]], rule: Share
) -> None:
    answers, hidden = panel
    (key, _), line = read(answers, hidden, rule)
    if not seen(answers, hidden):
        return
    alone = _line(a_round(("S01",), tuple((name, 9) for name in answers), rule=rule), answers, hidden)
    assert key.startswith("beyond.") == (alone.decision is not line.decision)


@given(panels(), rules)
def test_both_languages_say_these_numbers_and_no_others(panel: tuple[Answers, list[str]], rule: Any) -> None:
    answers, hidden = panel
    (key, values), _ = read(answers, hidden, rule)
    for language in LANGUAGES:
        each = [TEXTS.say(language, f"measures.{name}", **more, block="x") for name, more in values.get("each", ())]
        told = TEXTS.say(language, f"measures.{key}", **values | {"blocks": ", ".join(each) or "x"})
        known = {int(v) for v in values.values() if isinstance(v, int)}
        known |= {int(v) for _, more in values.get("each", ()) for v in more.values()}
        assert set(map(int, re.findall(r"\d+", told))) <= known


@pytest.mark.parametrize(
    ("shown", "hidden", "key", "votes"),
    [
        ([8] * 5, [2] * 4, "beyond.high", 5),  # no verdict: where more of those shown lie
        ([2] * 5, [8] * 4, "beyond.low", 5),
        ([8, 8, 2, 2, 2], [8] * 9, "beyond.high", 2),  # a verdict: those who bear it out
        ([2, 2, 8, 8, 8], [2] * 9, "beyond.low", 2),
    ],
)
def test_a_verdict_of_hidden_answers_is_told_with_those_shown(
    shown: list[int], hidden: list[int], key: str, votes: int
) -> None:
    phrase, _ = read({BLOCKS[0]: shown, BLOCKS[1]: hidden}, [BLOCKS[1]], Share(60))
    assert phrase == (key, {"votes": votes, "n": 5})


def test_a_group_that_stands_against_is_named_with_how_many_may() -> None:
    phrase, _ = read({BLOCKS[0]: [9] * 8 + [1] * 2, BLOCKS[1]: [9] * 10}, [], Share(60, 20, "every"))
    assert phrase[0] == "holding.high.one"
    assert phrase[1]["each"] == (("holding.against", {"against": 2, "of": 10, "allowed": 1}),)


def test_where_every_group_has_enough_on_both_sides_none_holds_back() -> None:
    phrase, line = read({BLOCKS[0]: [9] * 5 + [1] * 5, BLOCKS[1]: [9] * 5 + [1] * 5}, [], Share(50, None, "every"))
    assert line.decision is UNDECIDED and not phrase[0].startswith("holding")


def test_enough_on_both_sides_is_said_with_both_counts() -> None:
    phrase, _ = read({BLOCKS[0]: [9] * 5 + [1] * 5}, [], Share(50))
    assert phrase == ("both", {"high": 5, "low": 5, "n": 10})


places = st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(1, n), st.integers(1, n), st.just(n)))


@given(places, places, st.integers(1, 12), st.integers(0, 1000), st.sampled_from(LANGUAGES))
def test_what_stands_inside_is_never_called_outside(
    printed: tuple[int, int, int], drawn: tuple[int, int, int], k: int, times: int, language: str
) -> None:
    """The place is that of the list people read, also where the resamples know fewer answers."""
    place, (first, last) = sorted(printed[:2]), sorted(drawn[:2])
    more = {"p_top": Fraction(times, 1000), "ranked": 1000, "first": first, "last": last, "listed": 12}
    sure = Result((1.0, 2.0), 9, "rank_bootstrap", {"k": k, "resamples": 1000}, more)
    phrase = certainty_of(sure, (place[0], place[1]))
    if k >= 12:
        assert phrase is None, "everything is among the first"
        return
    assert phrase is not None and phrase[1] == {"n": k}
    word = phrase[0].partition(".")[2]
    where = "in" if place[1] <= k else "out" if place[0] > k else "across"
    assert word in {"in": ("firm", "likely", "unsure"), "out": ("close", "near", "outside"), "across": ("tied",)}[where]
    text = TEXTS.say(language, f"measures.{phrase[0]}", **phrase[1])
    assert bool(re.search("Après|après|Derrière|derrière|extérieur|utside|ehind", text)) is (where == "out")
    assert not re.search("votes?|bulletin|ballot", text), "a chance counts nobody"


@given(st.booleans(), st.integers(0, 40), st.integers(0, 40), st.booleans(), st.sampled_from(LANGUAGES))
def test_a_change_of_mind_is_said_of_people_who_changed_it(
    stable: bool, changed: int, others: int, is_same: bool, language: str
) -> None:
    pairs = changed + others
    key, values = stability(stable, changed, pairs, is_same_verdict=is_same)
    text = TEXTS.say(language, f"measures.{key}", **values)
    if key == "change.few":
        assert changed * 100 < 15 * pairs
    if key in ("change.moved", "change.hidden"):
        assert (values["changed"], values["n"]) == (changed, pairs)
    assert not re.search(r"\b1 personnes\b|\b0 personnes\b", text)
