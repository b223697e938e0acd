"""A ranking in which a card left out says nothing: the cards that may be told, and the ballots cut to them.

Such a card's figures rest on who placed it, so that each card is a cell of its own, and the ballots tie the cells
together: a person's places are one of each. A card is told if at least k people of the block placed it, and if the
told cards cannot be parted in two sides so that only 1 to k - 1 people placed cards on both: sums of the places on one
side, less what follows from their number, would be theirs. Ballots are then cut to the told cards and counted as if
there were no others, so that no figure, sum or rank says anything of a card that is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from rounds.contract import Ballot, Marks

Cards = frozenset[str]


def narrowed(ballots: Iterable[Ballot], k: int) -> list[Ballot]:
    """What is counted of these ballots; nothing of those that place no told card."""
    given = list(ballots)
    placed: dict[str | None, list[Cards]] = {}
    for ballot in given:
        placed.setdefault(ballot.block, []).append(cards_of(ballot.marks))
    told = {block: told_cards(those, k) for block, those in placed.items()}
    cut = (ballot._replace(marks=_cut(ballot.marks, told[ballot.block])) for ballot in given)
    return [ballot for ballot in cut if ballot.marks["order"]]


def cards_of(marks: Marks) -> Cards:
    return frozenset(card for tier in marks["order"] for card in tier)


def _cut(marks: Marks, cards: Set[str]) -> Marks:
    tiers = ([card for card in tier if card in cards] for tier in marks["order"])
    return {**marks, "order": [tier for tier in tiers if tier]}


def told_cards(placed: Collection[Cards], k: int) -> Cards:
    """placed: the cards of each person. Where few tie two sides together, the smaller side is not told."""
    people = Counter(card for cards in placed for card in cards)
    told = frozenset(card for card, n in people.items() if n >= k)
    while side := _thin_side(placed, told, people, k):
        told -= side
    return told


def _thin_side(placed: Iterable[Cards], told: Cards, people: Counter[str], k: int) -> Cards:
    """The side to leave out of a cut that 1 to k - 1 people tie together; nothing where there is no such cut."""
    ties = [cards & told for cards in placed if len(cards & told) > 1]
    for cards in _connected(told, ties):
        across, side = _thinnest(sorted(cards), [tie for tie in ties if tie <= cards])
        if across < k:
            return min((side, cards - side), key=lambda one: (len(one), sum(people[card] for card in one), sorted(one)))
    return frozenset()


def _connected(cards: Cards, ties: Sequence[Cards]) -> Iterator[Cards]:
    """Sets of two cards or more that ties hang together; nobody ties one to another."""
    left = set(cards)
    while left:
        found, reached = set[str](), {min(left)}
        while reached:
            found |= reached
            reached = {card for tie in ties if tie & reached for card in tie} - found
        left -= found
        if len(found) > 1:
            yield frozenset(found)


def _thinnest(cards: Sequence[str], ties: Sequence[Cards]) -> tuple[int, Cards]:
    """The fewest ties across any cut in two, and one of its sides: Klimmek and Wagner, A simple hypergraph min cut
    algorithm (1996). The last of an order, in which always that one follows which most ties hold to those before, is
    best parted from all the others; then it is one with the last but one."""
    groups = [frozenset({card}) for card in cards]
    cuts = []
    while len(groups) > 1:
        order, rest, loose = [groups[0]], groups[1:], list(ties)
        held = dict.fromkeys(rest, 0)
        while rest:
            near = [tie for tie in loose if tie & order[-1]]
            loose = [tie for tie in loose if not tie & order[-1]]
            for group in rest:
                held[group] += sum(1 for tie in near if tie & group)
            order.append(max(rest, key=lambda group: held[group]))
            rest.remove(order[-1])
        last = order[-1]
        cuts.append((sum(1 for tie in ties if tie & last and tie - last), last))
        groups = [*order[:-2], order[-2] | last]
    return min(cuts, key=lambda cut: cut[0])
