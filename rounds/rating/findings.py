"""The slow figures of a rating round: each statement, the panel's agreement, groups, and the round before.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Finding, Round
from rounds.measures.agreement import panel_measures, with_interval
from rounds.measures.change import attrition, between_rounds, turnout
from rounds.measures.concordance import w_incomplete
from rounds.measures.contrast import contrasts
from rounds.measures.counts import count_table
from rounds.measures.order_effect import Third, by_thirds
from rounds.measures.ram import ram_order
from rounds.measures.report import Report, report
from rounds.measures.result import Result, undefined, withheld
from rounds.measures.verdicts import decider, verdict_change
from rounds.rating.scales import SCALES, Scale
from rounds.rules import Ram, Share, Spread

Ratings = NDArray[np.int64]

GRADED = ("median", "iqr", "cqv", "ram")  # make sense only where the answers are points of a scale
EACH = ("wilson", "iqr", "mean", "modes", "eijk", "tastle_wierman", "leik", "cqv", "ram")
BALANCED = ("balanced_share", "balanced_mean")
PANEL = (
    *("kendall_w", "krippendorff:ordinal", "krippendorff:interval"),
    *("ac:ordinal", "ac:quadratic", "icc:2,1", "icc:2,k"),
)
RESAMPLES, PERMUTATIONS = 1000, 999
FEWEST = 5  # people whose change may be told: the median of those who left is the answer of one who left alone
# Where a few people answered in one of the rounds only, everybody's answers, which each round tells, less those of the
# people who answered both are theirs: then only what says little of the latter is told.
BESIDE_FEW = ("movement",)
UNKNOWN = -1


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of each criterion, whole; the second one's measures are named second_... . No figure of one block alone."""
    found: list[Finding] = []
    for prefix, criterion in zip(("", "second_"), round.settings.criteria, strict=False):
        panel = _Panel(round, criterion, ballots, earlier)
        found += _prefixed(prefix, [*panel.findings(seed), *panel.changes()])
    return tuple(found)


def across(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot]) -> tuple[Finding, ...]:
    """Those of them that need to know who answered both rounds."""
    found: list[Finding] = []
    for prefix, criterion in zip(("", "second_"), round.settings.criteria, strict=False):
        found += _prefixed(prefix, _Panel(round, criterion, ballots, earlier).changes())
    return tuple(found)


def _prefixed(prefix: str, findings: Iterable[Finding]) -> list[Finding]:
    return [Finding(finding.statement, prefix + finding.measure, finding.result) for finding in findings]


def by_order(round: Round, ballots: Sequence[Ballot], thirds: Mapping[int, int], k: int) -> dict[str, list[Third]]:
    """By criterion, the statements whose thirds may be told. thirds: of a ballot's number, where its card stood."""
    scale, found = SCALES[round.settings.scale], {}
    for criterion in round.settings.criteria:
        answers: dict[str, dict[tuple[int, str], list[int]]] = {}
        for ballot in ballots:
            value = ballot.marks["values"].get(criterion)
            if isinstance(value, int) and ballot.block is not None:
                place = thirds.get(ballot.seq, 0), ballot.block
                answers.setdefault(ballot.marks["card"], {}).setdefault(place, []).append(value)
        told = (by_thirds(s.id, answers.get(s.id, {}), scale.high, scale.is_graded, k) for s in round.statements)
        found[criterion] = [third for thirds in told for third in thirds]
    return found


class _Told:
    """Who answered what now, as far as it may be seen: where a block's answers to a card are hidden, nobody of its
    groups has left because of that."""

    def __init__(self, round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], criterion: str) -> None:
        self.block_now, self.block_then = ({b.seat: b.block or "" for b in given} for given in (ballots, earlier))
        self._answers = {(b.seat, b.marks["card"]) for b in ballots if criterion in b.marks["values"]}
        self._shown = {(b.block, b.marks["card"]) for b in ballots if criterion in b.marks["values"]}
        self._groups = {block.key: block.groups for block in (round.earlier.blocks if round.earlier else ())}
        self._blocks = round.blocks

    def again(self, seat: str, card: str) -> int:
        if (seat, card) in self._answers:
            return 1
        own = {self.block_now[seat]} if seat in self.block_now else set()
        then = self.block_then.get(seat, "")
        groups = set(self._groups.get(then, (then,)))
        hidden = (block for block in self._blocks if (block.key, card) not in self._shown)
        is_hidden = any(block.key in own or (not own and groups & set(block.groups)) for block in hidden)
        return UNKNOWN if is_hidden else 0


def _rule_of_both(round: Round) -> Share | Ram | Spread | None:
    """The rule by which both rounds decide on each statement alone, or None."""
    rule, before = round.rule, round.earlier.rule if round.earlier else None
    return rule if isinstance(rule, Share | Ram | Spread) and rule == before else None


class _Panel:
    """The answers to one criterion. ratings: (people, statements), 0 = none; groups: the block of each of them.

    before, after, again: of everybody of either round, whatever their block was then; again: 1 where they answered now,
    be it that they do not know, 0 where not, UNKNOWN where that is hidden. block_before, block_after: their blocks, ""
    for none. rule: that of both rounds, where a verdict can be held against the one before. held: the statements of
    which other answers are told and none to this criterion, so that nobody learns whether there was any.
    """

    def __init__(self, round: Round, criterion: str, ballots: Sequence[Ballot], earlier: Sequence[Ballot]) -> None:
        self.scale: Scale = SCALES[round.settings.scale]
        self.cards = [statement.id for statement in round.statements]
        self.blocks = [block.key for block in round.blocks]
        places: dict[str | None, int] = {block: place for place, block in enumerate(self.blocks)}
        block = {ballot.seat: places.get(ballot.block, -1) for ballot in ballots}
        now, then = (self._rows(given, criterion) for given in (ballots, earlier))
        is_other = round.earlier is not None and round.earlier.settings.scale != round.settings.scale
        if is_other or any(answer > self.scale.top for answers in then.values() for answer in answers):
            then = {}  # an answer on another scale is no answer on this one
        self.rule = _rule_of_both(round) if criterion == round.settings.criterion else None
        told_of = [ballot.marks for ballot in ballots if block[ballot.seat] >= 0]
        self.held = {m["card"] for m in told_of} - {m["card"] for m in told_of if criterion in m["values"]}
        told, nothing = _Told(round, ballots, earlier, criterion), (0,) * len(self.cards)
        counted = sorted((block[seat], answers) for seat, answers in now.items() if block[seat] >= 0)
        both = sorted(
            (
                (then.get(seat, nothing), now.get(seat, nothing), tuple(told.again(seat, card) for card in self.cards)),
                (told.block_then.get(seat, ""), told.block_now.get(seat, "")),
            )
            for seat in {**then, **now}
            if block.get(seat, 0) >= 0  # who left is in no block any more, who is here and in none counts nowhere
        )
        self.groups = np.array([block for block, _ in counted], dtype=np.int64)
        self.ratings = self._table([answers for _, answers in counted])
        self.before, self.after, self.again = (self._table([person[0][side] for person in both]) for side in range(3))
        self.block_before, self.block_after = (
            np.array([person[1][side] for person in both], dtype=str) for side in range(2)
        )

    def _rows(self, ballots: Sequence[Ballot], criterion: str) -> dict[str, tuple[int, ...]]:
        """By seat: the answers in the order of the cards; nobody without one."""
        places = {card: place for place, card in enumerate(self.cards)}
        found: dict[str, list[int]] = {}
        for ballot in ballots:
            card, value = ballot.marks["card"], ballot.marks["values"].get(criterion)
            if isinstance(value, int) and card in places and ballot.block is not None:
                found.setdefault(ballot.seat, [0] * len(self.cards))[places[card]] = value
        return {seat: tuple(answers) for seat, answers in found.items()}

    def _table(self, rows: Sequence[tuple[int, ...]]) -> Ratings:
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(self.cards))

    def findings(self, seed: int) -> Iterator[Finding]:
        for found in chain(self._each(), self._panel(seed), self._contrasts(seed)):
            is_held = found.statement in self.held if found.statement else self.held and not self.ratings.any()
            is_told = found.result.value is not None or not is_held
            yield found if is_told else replace(found, result=withheld(found.result, None))

    def changes(self) -> Iterator[Finding]:
        if self.before.any():
            yield from self._changes()

    def _counts(self) -> NDArray[np.int64]:
        return count_table(self.ratings, self.groups, top=self.scale.top, group_count=len(self.blocks))

    def _each(self) -> Iterator[Finding]:
        told: Report = report(self._counts(), top=self.scale.top, low=self.scale.low, high=self.scale.high)
        names = [name for name in (*EACH, *BALANCED) if self.scale.is_graded or name not in GRADED]
        for place, card in enumerate(self.cards):
            for name in names:
                yield Finding(card, name, told.result(place, name))
        if self.scale.is_graded:
            order = ram_order(self._counts())
            yield Finding("", "ram_order", _named(order, self.cards))

    def _panel(self, seed: int) -> Iterator[Finding]:
        """W* leaves nobody out; W is of those who answered all, where at least half did."""
        measures = panel_measures(self.scale.top)
        for name in PANEL:
            found = with_interval(measures[name], self.ratings, self.groups, RESAMPLES, seed)
            if name == "kendall_w" and found.value is not None and found.more["dropped"] > (found.n or 0):
                found = undefined("incomplete", n=found.n, method=found.method, parameters=found.parameters)
            is_told = found.value is None or measures[name].people(self.ratings, found) >= FEWEST
            n = found.n if measures[name].is_paired else None  # answers are told by each statement, such people are not
            yield Finding("", name, found if is_told else withheld(found, n, fewest=FEWEST))
        w = w_incomplete(self.ratings, permutations=PERMUTATIONS, seed=seed)
        is_told = w.value is None or (w.n or 0) >= FEWEST
        yield Finding("", "w_incomplete", w if is_told else withheld(w, None, fewest=FEWEST))

    def _contrasts(self, seed: int) -> Iterator[Finding]:
        found = contrasts(self._counts(), permutations=PERMUTATIONS, seed=seed)
        for card, result in zip(self.cards, found, strict=True):
            yield Finding(card, "contrast", replace(result, more={**result.more, "blocks": tuple(self.blocks)}))

    def _changes(self) -> Iterator[Finding]:
        """On the people who answered both; and whether those who left had answered otherwise. Nothing of a few."""
        for place, card in enumerate(self.cards):
            before, after = self.before[:, place], self.after[:, place]
            once = [int(((one > 0) & (other == 0)).sum()) for one, other in ((before, after), (after, before))]
            has_few = any(0 < people < FEWEST for people in once)
            for name, result in self._between(place).items():
                n = result.n or 0
                is_told = not n or (n >= FEWEST and (name in BESIDE_FEW or not has_few))
                told_n = n if n >= FEWEST else None  # who moved is told of them
                yield Finding(card, name, result if is_told else withheld(result, told_n, fewest=FEWEST))
            known = self.again[:, place] != UNKNOWN
            left = attrition(before[known], self.again[known, place] > 0)
            yield Finding(card, "attrition", left if _is_told(left.more) else withheld(left, None, fewest=FEWEST))
        yield Finding("", "attrition", self._turnout())

    def _between(self, place: int) -> dict[str, Result]:
        before, after = self.before[:, place], self.after[:, place]
        found = between_rounds(before, after, self.scale.top)
        if self.rule is not None:
            then = decider(self.rule, self.scale, before, self.block_before)
            found["verdict_change"] = verdict_change(
                before, after, then, decider(self.rule, self.scale, after, self.block_after)
            )
        return found

    def _turnout(self) -> Result:
        """Of those who answered anything then: who gave nothing now, nor may have. No numbers of a few."""
        known = self.before.any(axis=1) & ((self.again > 0).any(axis=1) | (self.again == 0).all(axis=1))
        gone = ~(self.again[known] > 0).any(axis=1)
        found = turnout(gone, self.block_before[known], FEWEST)
        sides = {"n_left": int(gone.sum()), "n_stayed": int((~gone).sum())}
        return found if _is_told(sides) else withheld(found, None, fewest=FEWEST)


def _is_told(sides: Mapping[str, int]) -> bool:
    """Of those who left and those who stayed: nobody is no person, and five are enough."""
    return all(not sides.get(side, 0) or sides[side] >= FEWEST for side in ("n_left", "n_stayed"))


def _named(order: Result, cards: Sequence[str]) -> Result:
    """An order of places as one of statements; the classes stand beside each of them anyway."""
    more = {"unanswered": tuple(cards[place] for place in order.more["unanswered"])}
    if order.value is None:
        return replace(order, more=more)
    return replace(order, value=tuple(tuple(cards[place] for place in tied) for tied in order.value), more=more)
