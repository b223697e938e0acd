"""The slow figures of a rating round: each statement, the panel's agreement, groups, and the round before.

Worked out once, after the close. Rows of people are put in an order of their own first, so that neither the order of
the ballots nor the names of the seats can move a figure. No formula belongs here: those are in rounds.measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rounds.contract import Ballot, Finding, Round
from rounds.measures.agreement import panel_measures, with_interval
from rounds.measures.change import attrition, between_rounds
from rounds.measures.contrast import contrasts
from rounds.measures.counts import count_table
from rounds.measures.ram import ram_order
from rounds.measures.report import Report, report
from rounds.measures.result import Result, undefined
from rounds.rating.scales import SCALES, Scale

Ratings = NDArray[np.int64]

GRADED = ("median", "iqr", "cqv", "ram")  # make sense only where the answers are points of a scale
EACH = ("wilson", "iqr", "mean", "modes", "eijk", "tastle_wierman", "leik", "cqv", "ram")
BALANCED = ("balanced_share", "balanced_mean")
PANEL = ("kendall_w", "krippendorff:ordinal", "ac:ordinal", "ac:quadratic", "icc:2,1", "icc:2,k")
RESAMPLES, PERMUTATIONS = 1000, 999
FEWEST = 5  # people whose change may be told: the median of those who left is the answer of one who left alone
# Where a few people answered in one of the rounds only, everybody's answers, which each round tells, less those of the
# people who answered both are theirs: then only what says little of the latter is told.
BESIDE_FEW = ("movement",)


def analyse(round: Round, ballots: Sequence[Ballot], earlier: Sequence[Ballot], seed: int) -> tuple[Finding, ...]:
    """Of each criterion, whole; the second one's measures are named second_... . No figure of one block alone."""
    found: list[Finding] = []
    for prefix, criterion in zip(("", "second_"), round.settings.criteria, strict=False):
        panel = _Panel(round, criterion, ballots, earlier)
        for finding in panel.findings(seed):
            found.append(Finding(finding.statement, prefix + finding.measure, finding.result))
    return tuple(found)


class _Panel:
    """The answers to one criterion. ratings: (people, statements), 0 = none; groups: the block of each of them.

    before, after, again: of everybody of either round, whatever their block was then; again: they answered now, be it
    that they do not know.
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
        told = {(b.seat, b.marks["card"]) for b in ballots if criterion in b.marks["values"]}
        nothing = (0,) * len(self.cards)
        counted = sorted((block[seat], answers) for seat, answers in now.items() if block[seat] >= 0)
        both = sorted(
            (then.get(seat, nothing), now.get(seat, nothing), tuple((seat, card) in told for card in self.cards))
            for seat in {**then, **now}
            if block.get(seat, 0) >= 0  # who left is in no block any more, who is here and in none counts nowhere
        )
        self.groups = np.array([block for block, _ in counted], dtype=np.int64)
        self.ratings = self._table([answers for _, answers in counted])
        self.before, self.after, self.again = (self._table([person[side] for person in both]) for side in range(3))

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
        yield from self._each()
        yield from self._panel(seed)
        yield from self._contrasts(seed)
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
        measures = panel_measures(self.scale.top)
        for name in PANEL:
            found = with_interval(measures[name], self.ratings, self.groups, RESAMPLES, seed)
            yield Finding("", name, found if found.value is None or found.n >= FEWEST else _too_few(found))

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
            for name, result in between_rounds(before, after, self.scale.top).items():
                is_told = result.n >= FEWEST and (name in BESIDE_FEW or not has_few)
                yield Finding(card, name, result if is_told else _too_few(result))
            left = attrition(before, self.again[:, place] > 0)
            is_told = min(left.more.get("n_left", 0), left.more.get("n_stayed", 0)) >= FEWEST
            yield Finding(card, "attrition", left if is_told else _too_few(left))


def _too_few(result: Result) -> Result:
    return undefined("too_few", n=0, method=result.method, parameters={**result.parameters, "fewest": FEWEST})


def _named(order: Result, cards: Sequence[str]) -> Result:
    """An order of places as one of statements; the classes stand beside each of them anyway."""
    more = {"unanswered": tuple(cards[place] for place in order.more["unanswered"])}
    if order.value is None:
        return replace(order, more=more)
    return replace(order, value=tuple(tuple(cards[place] for place in tied) for tied in order.value), more=more)
