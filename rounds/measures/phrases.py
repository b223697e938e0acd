"""Which plain sentence says a figure: a key of en.po and fr.po with the values that fill it, for people who vote.

What a participant reads holds counts of people and names of groups: no coefficient, decimal or p belongs here, and
no sentence in any language. Thresholds are compared on integers. Keys are found under "measures." by who says them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from rounds.contract import Decision
from rounds.measures.result import Result
from rounds.measures.verdicts import ROUNDING, group_stance, undecided_cause
from rounds.rules import Box, RatingRule, Share, meets, shortfall, votes_needed

Phrase = tuple[str, dict[str, object]]

CRITERIA = ("importance", "feasibility", "agreement", "clarity", "appropriateness")
ANY = "score"  # whatever was asked

# Answers spread evenly over neighbouring points of a scale have A = 1 - (share of the scale's length they cover):
# under 1/3 they cover more than two thirds of it, and nobody can say which way the group leans.
SPREAD_BELOW = 1 / 3

FIRM, LIKELY, NEAR = Fraction(9, 10), Fraction(1, 2), Fraction(1, 10)  # of the resamples: among the first
FEW_CHANGED = 15  # percent of the people: the limit under which a distribution counts as stable
FEW_BALLOTS, FEW_IN = 5, 5  # so many others are a few, where they are at most one in five of all
AGREED = Fraction(2, 3)  # of all answers, and asked for by the rule: less is no agreement in plain words

# What is said of a group beside a verdict that it does not come to: who is against it first.
STRONGEST = ("low", "high", "divided", "middle", "short")

PLACES = {
    "edge.tied": "top.tied",
    "in.firm": "top.firm",
    "in.likely": "top.likely",
    "in.unsure": "top.unsure",
    "in.unknown": "top.unknown",
    "out.close": "top.close",
    "out.near": "top.near",
    "out.clear": "top.outside",
    "out.unknown": "top.outside",
}


@dataclass(frozen=True, slots=True)
class Groups:
    """Blocks that may be shown, with their answers and what the rule says of each by itself. is_whole: there are no
    others, so that "every group" may be said."""

    alone: Mapping[str, tuple[Box, Decision]]
    is_whole: bool = True


NOBODY = Groups({}, is_whole=False)


def sentence(
    verdict: Decision,
    box: Box,
    a: float | None,
    *,
    floor: int,
    rule: RatingRule | None,
    groups: Groups = NOBODY,
    is_wide: bool = False,
    criterion: str = ANY,
) -> Phrase:
    """What to tell the room about one statement of a round of scores.

    verdict: the rule's, on all answers together. box: votes in the high and the low band, of n valid answers.
    a: van der Eijk's A of the same answers, -1..1; None where undefined. floor: answers under which nothing is said.
    is_wide: without a verdict, whether it is only the spread of the answers that is in its way (verdicts.is_wide).
    Nothing is said of groups where there is one only. The value "blocks" holds groups by key: the page writes their
    names; "each", beside it, what fills the sentence "holding.each" or "holding.against" of each of them.
    ValueError for an unknown criterion.
    """
    if criterion not in (*CRITERIA, ANY):
        raise ValueError(f"no sentence for {criterion}; one of {', '.join(CRITERIA)}")
    if box.n < max(1, floor):
        return too_few()
    several = groups if len(groups.alone) > 1 else NOBODY
    if verdict is Decision.UNDECIDED:
        return _holding(box, rule, several) or _undecided(box, a, rule, is_wide)
    stances = {
        name: group_stance(own, verdict, rule, floor, is_with=alone is verdict)
        for name, (own, alone) in several.alone.items()
    }
    if any(stance not in ("with", "too_few") for stance in stances.values()):
        return _apart(verdict, box, rule, several, stances)
    side, votes = ("in", box.high) if verdict is Decision.KEPT else ("out", box.low)
    is_every = several.is_whole and set(stances.values()) == {"with"}
    end = "every" if is_every else "alone"
    values: dict[str, object] = {"votes": votes, "n": box.n}
    if _is_agreement(rule, votes, box.n):
        return f"{side}.{end}.{criterion}", values
    return f"{side}.{rule.name if rule else 'share'}.{end}", values


def _is_agreement(rule: RatingRule | None, votes: int, n: int) -> bool:
    """Enough to be called so, whatever the rule is called; and the rule asked for no less."""
    is_asked = isinstance(rule, Share) and bool(meets(AGREED * 100, 100, rule.percent, "<="))
    return is_asked and votes >= AGREED * n


def _apart(verdict: Decision, box: Box, rule: RatingRule | None, groups: Groups, stances: Mapping[str, str]) -> Phrase:
    """Which groups do not come to the verdict by themselves: those furthest from it."""
    stance = next(each for each in STRONGEST if each in stances.values())
    side, votes = ("in", box.high) if verdict is Decision.KEPT else ("out", box.low)
    values: dict[str, object] = {"votes": votes, "n": box.n}
    if 2 * votes <= box.n:
        blocks = tuple(name for name, each in stances.items() if each not in ("with", "too_few"))
        return f"{side}.met.{_number(blocks)}", {**values, "blocks": blocks}
    blocks = tuple(name for name, each in stances.items() if each == stance)
    boxes = [groups.alone[name][0] for name in blocks]
    values["blocks"] = blocks
    if stance in ("low", "high"):
        values |= {"against": sum(getattr(each, stance) for each in boxes), "of": sum(each.n for each in boxes)}
    if stance == "short" and len(blocks) == 1 and isinstance(rule, Share):
        into = boxes[0].high if verdict is Decision.KEPT else boxes[0].low
        if into < rule.needed(boxes[0].n):
            return f"{side}.most.short.by", {**values, "more": rule.needed(boxes[0].n) - into}
    return f"{side}.most.{stance}.{_number(blocks)}", values


def _number(blocks: Sequence[str]) -> str:
    return "one" if len(blocks) == 1 else "several"


def _holding(box: Box, rule: RatingRule | None, groups: Groups) -> Phrase | None:
    """Where every group is asked, or some: those that hold back, with what each has and needs. On the side to which
    all answers lean. None where it is not for the groups."""
    if not isinstance(rule, Share) or rule.scope not in ("every", "some") or not groups.alone:
        return None
    verdicts = {alone for _, alone in groups.alone.values()}
    if rule.scope == "some" and {Decision.KEPT, Decision.DROPPED} <= verdicts:
        return "sides", {}
    is_high = box.high >= box.low
    lacks = {}
    for name, (own, _) in groups.alone.items():
        into, against = (own.high, own.low) if is_high else (own.low, own.high)
        lack = shortfall(replace(rule, scope="every"), {name: Box(into, against, own.n)}).get(name)
        if lack and lack.votes:
            lacks[name] = ("holding.each", {"votes": into, "of": own.n, "needed": rule.needed(own.n)})
        elif lack:
            lacks[name] = ("holding.against", {"against": against, "of": own.n, "allowed": against - lack.against})
    if not lacks:
        return None
    key = f"holding.{'high' if is_high else 'low'}.{_number(tuple(lacks))}"
    return key, {"blocks": tuple(lacks), "each": tuple(lacks.values())}


def _undecided(box: Box, a: float | None, rule: RatingRule | None, is_wide: bool) -> Phrase:
    """Where no group is to be named. At equal weight per group the votes of all together are not what was compared."""
    is_pooled = isinstance(rule, Share) and rule.scope == "pooled"
    if isinstance(rule, Share) and is_pooled and _is_both(rule, box):
        return "both", {"high": box.high, "low": box.low, "n": box.n}
    cause = undecided_cause(box, a, rule if is_pooled else None)
    if cause in ("camps", "middle"):
        return {"camps": "camps", "middle": "between.middle"}[cause], {}
    if cause.startswith("against.") and isinstance(rule, Share) and rule.opposite is not None:
        votes, against = (box.high, box.low) if cause == "against.high" else (box.low, box.high)
        allowed = votes_needed(box.n, rule.opposite) - 1
        return cause, {"votes": votes, "n": box.n, "against": against, "allowed": allowed}
    if cause == "spread" and a is not None and a < SPREAD_BELOW - ROUNDING:
        return "spread", {}
    if box.high == box.low:
        return "between.even", {}
    side, votes = ("high", box.high) if box.high > box.low else ("low", box.low)
    how = "leaning" if rule is None else "wide" if is_wide and cause != "spread" else "between"
    return f"{how}.{side}", {"votes": votes, "n": box.n}


def _is_both(rule: Share, box: Box) -> bool:
    """Do enough lie on either side, where half of the answers are enough?"""
    least, most = sorted((box.high, box.low))
    return least >= rule.needed(box.n) and (rule.opposite is None or bool(meets(most, box.n, rule.opposite, "<")))


def beyond(verdict: Decision, box: Box) -> Phrase:
    """What to tell of answers from which the verdict does not follow, because others that are not shown count in it."""
    side, votes = _leans(box) if verdict is Decision.UNDECIDED else _sided(verdict, box)
    return f"beyond.{side}", {"votes": votes, "n": box.n}


def _sided(verdict: Decision, box: Box) -> tuple[str, int]:
    return ("high", box.high) if verdict is Decision.KEPT else ("low", box.low)


def _leans(box: Box) -> tuple[str, int]:
    return ("high", box.high) if box.high >= box.low else ("low", box.low)


def middle_half(q1: Fraction | int, q3: Fraction | int) -> Phrase:
    """Where half of the answers lie, in whole points of the scale: the quartiles, rounded away from each other."""
    low, high = floor(q1), ceil(q3)
    return ("middle.same", {"at": low}) if low == high else ("middle", {"low": low, "high": high})


def too_few() -> Phrase:
    """Nothing can be said yet."""
    return "too_few", {}


def place_code(first: int, last: int, k: int, p_top: Fraction | None) -> str:
    """How sure a place is, of a statement tied from place `first` to `last` of a list whose first k matter.

    p_top: share of the resamples in which it was among them; None: not known. Both are needed: what stands inside is
    never said to be outside, whatever its chance. One of PLACES.
    """
    if first <= k < last:
        return "edge.tied"
    if last <= k:
        words, sure, maybe = ["in.firm", "in.likely", "in.unsure"], FIRM, LIKELY
    else:
        words, sure, maybe = ["out.close", "out.near", "out.clear"], LIKELY, NEAR
    if p_top is None:
        return f"{words[0].partition('.')[0]}.unknown"
    return words[0] if p_top >= sure else words[1] if p_top >= maybe else words[2]


def certainty(first: int, last: int, k: int, p_top: Fraction | None) -> Phrase:
    """place_code() as a sentence; n: the length of the list."""
    return PLACES[place_code(first, last, k, p_top)], {"n": k}


def certainty_of(sure: Result, place: tuple[int, int] | None = None) -> Phrase | None:
    """certainty() of one statement's bootstrap: p_top among the resamples that ranked it at all, of all of them.

    place: the first and last place of its tie in the list that is printed, where answers that are not shown count too;
    without it, in the list of the bootstrap. None where all of the list are among the first, or where the place was
    not kept with the chance.
    """
    more, k = sure.more, sure.parameters["k"]
    if more.get("p_top") is None or "first" not in more or more["listed"] <= k:
        return None
    times = Fraction(more["p_top"]).limit_denominator(10**6) * int(more["ranked"])
    first, last = place or (int(more["first"]), int(more["last"]))
    return certainty(first, last, k, times / sure.parameters["resamples"])


def is_few(margin: int | None, n: int) -> bool:
    """May so many ballots of n be called a few? One, or up to five where they are at most a fifth; only if counted."""
    return margin is not None and (margin <= 1 or (margin <= FEW_BALLOTS and FEW_IN * margin <= n))


def edge(margin: Result | None) -> Phrase | None:
    """That a few other answers would change the list, with their counted number (margins.edge_margin)."""
    if margin is None or margin.value is None or not is_few(margin.value, margin.n or 0):
        return None
    return "edge.set", {"n": margin.value, "of": margin.n}


def stability(
    stable: bool, changed: int, pairs: int, *, is_same_verdict: bool = True, why: Result | None = None
) -> Phrase:
    """What changed since the round before. stable: the distribution. changed: people, of the pairs who answered both
    times. Opposite moves can leave a distribution as it was: then both are said. why: verdicts.verdict_change, where
    it may be told: a verdict can change though nobody's mind did."""
    if not pairs:
        return "change.nobody", {}
    values: dict[str, object] = {"changed": changed, "n": pairs}
    if is_same_verdict:
        if stable:
            return ("change.few", {}) if changed * 100 < FEW_CHANGED * pairs else ("change.hidden", values)
        return "change.moved", values
    if why is not None and why.value in ("people", "both"):
        return f"change.{why.value}", {**values, "left": why.more["left"], "joined": why.more["joined"]}
    is_opinions = why is not None and why.value == "opinions"
    return "change.moved" if changed and (is_opinions or not stable) else "change.verdict", values


def tied(statements: int) -> Phrase | None:
    """That statements share a place; None where one has it alone."""
    return ("tied", {"n": statements}) if statements > 1 else None


def no_band(result: Result) -> Phrase | None:
    """Why people drawn again say nothing: no interval, or one of no width; None where that is not why."""
    why = result.reason or result.more.get("interval_reason", "")
    why = "no_variation" if "no_variation" in result.flags else why
    return (f"interval.{why}", {}) if why in ("n1", "no_variation") else None


def reason(result: Result) -> Phrase | None:
    """Why a figure is undefined, for those who study it; None where it is defined."""
    return (f"reason.{result.reason}", {}) if result.reason else None


def flags(result: Result) -> tuple[Phrase, ...]:
    """What must be said beside a figure, in the order of its flags."""
    return tuple((f"flag.{flag}", {}) for flag in result.flags)
