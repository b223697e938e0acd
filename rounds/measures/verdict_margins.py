"""How many answers would have to be others for a share rule to come to another verdict: counted, never guessed.

Exact: of so many acts, the ones that lead furthest to one side are taken, and a verdict never moves against them. A
verdict is asked of rounds.rules, never made here; of the first of a list: margins.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Literal

from rounds.contract import Decision
from rounds.measures.result import Result, undefined
from rounds.rules import Box, Share

Act = Literal["change", "leave", "join"]
Way = tuple[Fraction, Fraction, list[Box]]  # sums of the blocks' shares on the high and on the low side
Reached = dict[Decision, int]  # the fewest acts towards the high side with which a verdict comes about

KEPT, DROPPED, UNDECIDED = Decision.KEPT, Decision.DROPPED, Decision.UNDECIDED
MIRROR = {KEPT: DROPPED, DROPPED: KEPT, UNDECIDED: UNDECIDED}
TRIED = 10  # people leaving or joining, where blocks weigh the same: beyond, it takes long to find out


def share_margin(boxes: Mapping[str, Box], rule: Share) -> Result:
    """How many of the answers to one statement, given otherwise, would change the verdict. Value: the fewest.

    boxes: answers by block. n: answers. more: verdict; to_in, to_out (answers changed until it is kept, dropped; 0
    where it is); leave, join (people taken out, or added, until the verdict is another, in the blocks where fewest are
    needed; None: no number does it, since somebody has to stay); tried: up to how many these two were looked for with
    the scope "balanced", where None says no more than that fewer do not do it; else None.
    Undefined: empty; too_few (fewer blocks answered than the rule asks: no answers change that; more all the same).
    """
    n, now = sum(box.n for box in boxes.values()), rule.decide(boxes)
    chosen = {"percent": rule.percent, "opposite": rule.opposite, "scope": rule.scope, "blocks": rule.blocks}
    if not n:
        return undefined("empty", n=0, method="share_margin", parameters=chosen, more={"verdict": now})
    answered = [box for box in boxes.values() if box.n]
    if rule.scope == "pooled":
        answered = [Box(*(sum(getattr(box, part) for box in answered) for part in ("high", "low", "n")))]
    sides = {act: _both_sides(answered, rule, act) for act in ("change", "leave", "join")}
    fewest = {
        act: min((acts for side in both for verdict, acts in side.items() if verdict is not now), default=None)
        for act, both in sides.items()
    }
    up, down = sides["change"]
    more = {"verdict": now, "leave": fewest["leave"], "join": fewest["join"]}
    more |= {"to_in": up.get(KEPT), "to_out": down.get(DROPPED), "tried": TRIED if rule.scope == "balanced" else None}
    if fewest["change"] is None:
        return undefined("too_few", n=n, method="share_margin", parameters=chosen, more=more)
    return Result(fewest["change"], n, "share_margin", chosen, more)


def _both_sides(boxes: Sequence[Box], rule: Share, act: Act) -> tuple[Reached, Reached]:
    """Towards high answers, and towards low ones: the mirror."""
    reached = _by_block if rule.scope != "balanced" else _by_steps if act == "change" else _by_trying
    down = reached([Box(box.low, box.high, box.n) for box in boxes], rule, act)
    return reached(boxes, rule, act), {MIRROR[verdict]: acts for verdict, acts in down.items()}


def _after(box: Box, act: Act, acts: int) -> Box:
    """The answers that so many acts leave at best: none of as many gives more high and fewer low ones."""
    if act == "change":
        return Box(box.high + acts, max(0, box.low - acts), box.n)
    if act == "join":
        return Box(box.high + acts, box.low, box.n + acts)
    n = box.n - acts
    return Box(min(box.high, n), max(0, box.low - acts), n)


def _most(box: Box, rule: Share, act: Act) -> int:
    """Acts beyond which one more changes nothing for a block."""
    if act != "join":
        return box.n - box.high if act == "change" else box.n - 1
    percent, opposite = Fraction(str(rule.percent)), Fraction(str(rule.opposite or 100))
    return ceil(100 * box.n / min(gap for gap in (100 - percent, percent, opposite) if gap)) + 1


def _by_block(boxes: Sequence[Box], rule: Share, act: Act) -> Reached:
    """Where blocks are counted (or all answers are one block): the cheapest way to each number of blocks that pass."""
    ways: dict[tuple[int, int, int], tuple[int, list[Box]]] = {(0, 0, 0): (0, [])}
    for box in boxes:
        grown: dict[tuple[int, int, int], tuple[int, list[Box]]] = {}
        for (kept, dropped, answered), (spent, others) in ways.items():
            for acts, own in _turns(box, rule, act):
                is_kept, is_dropped = _passes(own, rule)
                key = kept + is_kept, dropped + is_dropped, answered + (own.n > 0)
                if key not in grown or spent + acts < grown[key][0]:
                    grown[key] = spent + acts, [*others, own]
        ways = grown
    return _cheapest(rule, ways.values())


def _turns(box: Box, rule: Share, act: Act) -> Iterator[tuple[int, Box]]:
    """The fewest acts after which a block passes on the high side, or on the low side no more; or is gone."""

    def passes(acts: int) -> tuple[bool, bool]:
        return _passes(_after(box, act, acts), rule)

    most = _most(box, rule, act)
    turns = _first(lambda acts: passes(acts)[0], most), _first(lambda acts: not passes(acts)[1], most)
    yield from ((acts, _after(box, act, acts)) for acts in {0, *turns} if acts is not None)
    if act == "leave":
        yield box.n, Box(0, 0, 0)


def _passes(box: Box, rule: Share) -> tuple[bool, bool]:
    return rule.passes(box.high, box.low, box.n), rule.passes(box.low, box.high, box.n)


def _by_steps(boxes: Sequence[Box], rule: Share, act: Act) -> Reached:
    """Blocks that weigh the same: an answer moves the mean of shares by one of its block, so the smallest come first.

    From low to high serves both limits, from the middle to high one of them: for each number of the first, the fewest
    of the second.
    """
    small = sorted(boxes, key=lambda box: box.n)
    lows, middles = sum(box.low for box in small), sum(box.n - box.high - box.low for box in small)

    def fewest(turned: int, verdicts: Collection[Decision]) -> int | None:
        return _first(lambda raised: rule.decide(_numbered(_stepped(small, turned, raised))) in verdicts, middles)

    found = [
        (turned + raised, _stepped(small, turned, raised))
        for turned in range(lows + 1)
        for verdicts in ((UNDECIDED, KEPT), (KEPT,))
        if (raised := fewest(turned, verdicts)) is not None
    ]
    return _cheapest(rule, found)


def _stepped(boxes: Sequence[Box], turned: int, raised: int) -> list[Box]:
    """So many answers turned from low to high and raised from the middle, in the first blocks first."""
    after = []
    for box in boxes:
        from_low, from_middle = min(turned, box.low), min(raised, box.n - box.high - box.low)
        after.append(Box(box.high + from_low + from_middle, box.low - from_low, box.n))
        turned, raised = turned - from_low, raised - from_middle
    return after


def _by_trying(boxes: Sequence[Box], rule: Share, act: Act) -> Reached:
    """The same where somebody leaves or joins, which moves the mean by no fixed step: the best ways to share a few
    people out over the blocks, block by block.
    """
    ways: dict[tuple[int, int], list[Way]] = {(0, 0): [(Fraction(), Fraction(), [])]}
    for box in boxes:
        grown: dict[tuple[int, int], list[Way]] = {}
        for (spent, answered), found in ways.items():
            for acts in range(min(TRIED - spent, box.n if act == "leave" else TRIED) + 1):
                own = _after(box, act, acts)
                high, low = (Fraction(votes, max(own.n, 1)) for votes in (own.high, own.low))
                further = [(into + high, against + low, [*others, own]) for into, against, others in found]
                grown.setdefault((spent + acts, answered + (own.n > 0)), []).extend(further)
        ways = {key: _best(found) for key, found in grown.items()}
    return _cheapest(rule, ((acts, after) for (acts, _), found in ways.items() for *_, after in found))


def _best(ways: Iterable[Way]) -> list[Way]:
    """Those that no other one beats on both sides."""
    kept: list[Way] = []
    for way in sorted(ways, key=lambda way: (-way[0], way[1])):
        if not kept or way[1] < kept[-1][1]:
            kept.append(way)
    return kept


def _cheapest(rule: Share, found: Iterable[tuple[int, list[Box]]]) -> Reached:
    """By verdict; where nobody is left there is none."""
    reached: Reached = {}
    for acts, boxes in found:
        if any(box.n for box in boxes):
            verdict = rule.decide(_numbered(boxes))
            reached[verdict] = min(acts, reached.get(verdict, acts))
    return reached


def _numbered(boxes: Sequence[Box]) -> dict[str, Box]:
    return {str(place): box for place, box in enumerate(boxes)}


def _first(holds: Callable[[int], bool], most: int) -> int | None:
    """The smallest number for which it holds, of what holds from there on; None where it does not even at most."""
    if not holds(most):
        return None
    low = 0
    while low < most:
        middle = (low + most) // 2
        low, most = (low, middle) if holds(middle) else (middle + 1, most)
    return low
