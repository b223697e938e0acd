"""Which plain sentence says a figure: a key of en.po and fr.po with the values that fill it, for people who vote.

What a participant reads holds counts of people and names of groups: no coefficient, decimal or p belongs here, and
no sentence in any language. Thresholds are compared on integers. Keys are found under "measures." by who says them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from rounds.contract import Decision
from rounds.measures.result import Result
from rounds.rules import Box

Phrase = tuple[str, dict[str, object]]

CRITERIA = ("importance", "feasibility", "agreement", "clarity", "appropriateness")

# Answers spread evenly over neighbouring points of a scale have A = 1 - (share of the scale's length they cover):
# under 1/3 they cover more than two thirds of it, and nobody can say which way the group leans.
SPREAD_BELOW = 1 / 3
ROUNDING = 1e-9  # A is a float; even spread must not fall into two camps by its last digit

FIRM, LIKELY, NEAR = 90, 50, 10  # percent of the resamples in which a statement is among the first
FEW_CHANGED = 15  # percent of the people: the limit under which a distribution counts as stable


def sentence(
    verdict: Decision,
    box: Box,
    a: float | None,
    *,
    enough: bool,
    holding_back: Sequence[str] | None = None,
    criterion: str = "importance",
) -> Phrase:
    """What to tell the room about one statement of a round of scores.

    verdict: the rule's, on all answers together. box: votes in the high and the low band, of n valid answers.
    a: van der Eijk's A of the same answers, -1..1; None where undefined. enough: n reaches the study's floor.
    holding_back: blocks that do not come to this verdict by themselves; () says that every block does; None says
    nothing of blocks (there is one, or one is too small to be shown). The value "blocks" holds them as given: the
    page writes their names. ValueError for an unknown criterion.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"no sentence for {criterion}; one of {', '.join(CRITERIA)}")
    if not (enough and box.n):
        return too_few()
    if verdict is Decision.UNDECIDED:
        return _undecided(box, a)
    key, votes = ("in", box.high) if verdict is Decision.KEPT else ("out", box.low)
    values: dict[str, object] = {"votes": votes, "n": box.n}
    if not holding_back:
        return f"{key}.{'alone' if holding_back is None else 'every'}.{criterion}", values
    return f"{key}.most.{'one' if len(holding_back) == 1 else 'several'}", {**values, "blocks": tuple(holding_back)}


def _undecided(box: Box, a: float | None) -> Phrase:
    if a is not None and a < -ROUNDING:
        return "camps", {}
    if a is not None and a < SPREAD_BELOW - ROUNDING:
        return "spread", {}
    if box.n - box.high - box.low > max(box.high, box.low):
        return "between.middle", {}
    if box.high == box.low:
        return "between.even", {}
    side, votes = ("high", box.high) if box.high > box.low else ("low", box.low)
    return f"between.{side}", {"votes": votes, "n": box.n}


def middle_half(q1: Fraction | int, q3: Fraction | int) -> Phrase:
    """Where half of the answers lie, in whole points of the scale: the quartiles, rounded away from each other."""
    low, high = floor(q1), ceil(q3)
    return ("middle.same", {"at": low}) if low == high else ("middle", {"low": low, "high": high})


def too_few() -> Phrase:
    """Nothing can be said yet."""
    return "too_few", {}


def certainty(times: int | Fraction, resamples: int, first: int) -> Phrase:
    """How sure a place among the first is. times: of the resamples, how often it was; a tie across the edge may count
    in part. first: length of the list, n in the sentence. ValueError without resamples."""
    if resamples < 1:
        raise ValueError("certainty comes from resamples, and there are none")
    for key, percent in (("firm", FIRM), ("likely", LIKELY), ("near", NEAR)):
        if times * 100 >= percent * resamples:
            return f"top.{key}", {"n": first}
    return "top.outside", {"n": first}


def certainty_of(sure: Result) -> Phrase:
    """certainty() of one statement's bootstrap: p_top among the resamples that ranked it at all, of all of them."""
    times = Fraction(sure.more["p_top"]).limit_denominator(10**6) * int(sure.more["ranked"])
    return certainty(times, sure.parameters["resamples"], sure.parameters["k"])


def stability(stable: bool, changed: int, pairs: int) -> Phrase:
    """What changed since the round before. stable: the distribution and the verdict are. changed: people, of the
    pairs who answered both times. Opposite moves can leave a distribution as it was: then both are said."""
    if not pairs:
        return "change.nobody", {}
    if not stable:
        return "change.moved", {"changed": changed, "n": pairs}
    if changed * 100 < FEW_CHANGED * pairs:
        return "change.few", {}
    return "change.hidden", {"changed": changed, "n": pairs}


def tied(statements: int) -> Phrase | None:
    """That statements share a place; None where one has it alone."""
    return ("tied", {"n": statements}) if statements > 1 else None


def reason(result: Result) -> Phrase | None:
    """Why a figure is undefined, for those who study it; None where it is defined."""
    return (f"reason.{result.reason}", {}) if result.reason else None


def flags(result: Result) -> tuple[Phrase, ...]:
    """What must be said beside a figure, in the order of its flags."""
    return tuple((f"flag.{flag}", {}) for flag in result.flags)
