"""Where a card left out of a ballot says nothing: what is told of each card speaks of k people who placed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from random import Random

import numpy as np
import pytest

from rounds import ranking
from rounds.contract import Ballot
from rounds.disclosure import told
from rounds.ranking.few import cards_of, narrowed, told_cards
from tests.rounds.test_ranking import a_ballot, a_round, counted

Orders = Sequence[str]  # "AB" of one person: A first, B second


def of(orders: Iterable[str], block: str = "patients") -> list[Ballot]:
    return [a_ballot(n, f"p{n}", block, {"order": list(order)}) for n, order in enumerate(orders, 1)]


def orders_of(ballots: Iterable[Ballot]) -> list[str]:
    return ["".join(tier[0] if isinstance(tier, list) else tier for tier in b.marks["order"]) for b in ballots]


def test_a_card_is_told_from_k_people_on_who_placed_it() -> None:
    assert told_cards([frozenset("AB")] * 4 + [frozenset("AC")], 4) == {"A", "B"}
    assert told_cards([frozenset("AB")] * 3, 4) == frozenset()


def test_ballots_are_cut_to_the_told_cards_and_one_of_which_nothing_is_left_is_not_counted() -> None:
    cut = narrowed(of(["CAB", "AB", "BA", "C", "BAC"]), 4)
    assert orders_of(cut) == ["AB", "AB", "BA", "BA"]
    tied = a_ballot(9, "p9", "patients", {"order": [["A", "C"], ["C"]]})
    assert narrowed([*of(["A"] * 3), tied], 4)[-1].marks["order"] == [["A"]]


def test_each_block_is_a_cell_of_its_own() -> None:
    cut = narrowed([*of(["AB"] * 3), *of(["A"] * 2, "clinicians")], 3)
    assert {ballot.block for ballot in cut} == {"patients"}


def test_two_sides_that_few_people_tie_together_are_not_both_told() -> None:
    """One person placed A and C: from the places of A and of B, who were placed together, hers would follow."""
    few = ["AB"] * 5 + ["CD"] * 6
    assert told_cards([frozenset(order) for order in few], 5) == set("ABCD"), "nobody ties them: nothing follows"
    assert told_cards([*map(frozenset, few), frozenset("AC")], 5) == set("CD"), "the side with fewer people goes"
    assert told_cards([*map(frozenset, few), *[frozenset("AC")] * 5], 5) == set("ABCD")


def placed_by(dice: Random, k: int) -> list[str]:
    cards = "ABCDEFG"[: dice.randint(2, 7)]
    drawn = sorted(cards, key=lambda _: dice.random())
    leaning = [
        dice.choices(drawn, range(len(drawn), 0, -1), k=dice.randint(1, 3)) for _ in range(dice.randint(k, 2 * k + 2))
    ]
    return ["".join(dict.fromkeys(order)) for order in leaning]


def ties_across(ballots: Sequence[Ballot]) -> set[int]:
    """For each way to part the told cards in two: how many people placed cards on both sides."""
    placed = [cards_of(ballot.marks) for ballot in ballots]
    cards = sorted(frozenset[str]().union(*placed))
    sides = [set(side) for n in range(1, len(cards)) for side in combinations(cards, n)]
    return {sum(1 for those in placed if those & side and those - side) for side in sides}


def few_told(ballots: Sequence[Ballot], k: int) -> bool:
    """Does any sum of fewer than k people's answers follow from the figures, by somebody who knows who placed what?

    Unknown is each first place and each place of each person and card; equations are the figures of each card, and that
    a person's places are one of each. If leaving out the columns of fewer than k people lowers the rank of the figures
    beside what is known of each person, a combination of figures speaks of them alone.
    """
    people = [sorted(cards_of(ballot.marks)) for ballot in ballots]
    columns = [(person, card) for person, cards in enumerate(people) for card in cards]
    cards = sorted({card for _, card in columns})
    figures = np.array([[float(card == of) for _, of in columns] for card in cards])
    known = np.array([[float(person == whose) for whose, _ in columns] for person in range(len(people))])
    free = np.linalg.matrix_rank(np.vstack([figures, known])) - len(people) if columns else 0
    for n in range(1, k):
        for out in combinations(range(len(people)), n) if columns else ():
            keep = [at for at, (person, _) in enumerate(columns) if person not in out]
            left = [row for person, row in enumerate(known) if person not in out]
            rest = np.vstack([figures, *([left] if left else [])])[:, keep] if keep else np.zeros((1, 1))
            if np.linalg.matrix_rank(rest) - (len(people) - n) < free:
                return True
    return False


@pytest.mark.parametrize("k", [3, 5])
def test_no_sum_of_fewer_than_k_people_follows_from_all_that_is_told(k: int) -> None:
    cut = [narrowed(of(placed_by(Random(seed), k)), k) for seed in range(150)]
    assert sum(bool(ballots) for ballots in cut) > 60, "something is told of most"
    for ballots in cut:
        assert not ties_across(ballots) & set(range(1, k))
    for ballots in cut[: 60 if k == 3 else 12]:
        assert not few_told(ballots, k)


def test_the_same_search_finds_what_the_cards_alone_would_tell() -> None:
    leaks = 0
    for seed in range(60):
        ballots = of(placed_by(Random(seed), 3))
        enough = {card for card in "ABCDEFG" if sum(card in order for order in orders_of(ballots)) >= 3}
        orders = ["".join(card for card in order if card in enough) for order in orders_of(ballots)]
        leaks += few_told(of([order for order in orders if order]), 3)
    assert leaks > 5


@pytest.mark.parametrize("k", [3, 5])
def test_whoever_placed_only_cards_that_few_placed_changes_nothing_that_is_told(k: int) -> None:
    """Taken away, or changed to any other order of such cards."""
    tried = 0
    for seed in range(400):
        orders = placed_by(Random(seed), k)
        n = {card: sum(card in order for order in orders) for card in "ABCDEFG"}
        whole = narrowed(of(orders), k)
        for at, order in enumerate(orders):
            rare = [card for card in n if 0 < n[card] < k - 1]
            if all(n[card] < k for card in order):
                tried += 1
                others = ["", *("".join(two) for two in product(rare, rare) if two[0] != two[1])]
                for other in others:
                    again = narrowed(of([*orders[:at], other, *orders[at + 1 :]]), k)
                    assert [b.marks for b in again] == [b.marks for b in whole]
    assert tried > 20


def test_a_card_that_few_placed_and_one_that_nobody_placed_read_alike() -> None:
    round = a_round(cards=("A", "B", "C", "D"), blocks=(("patients", 9),), unranked="absent")
    ballots = narrowed(of(["AB", "BA", "ABC", "BAC", "AB"]), 5)
    seen = told(counted(ballots, round), counted([], round), ranking.columns(round.settings))
    for card in "CD":
        line = seen.line(card)
        assert line is not None and not line.by_block and {*line.values.values()} == {None}
    first = seen.line("A")
    assert first is not None and (first.values["n"], first.values["placed"], first.values["rank"]) == (5, 5, 1)


def test_only_where_a_card_left_out_says_nothing_are_ballots_cut() -> None:
    assert [ranking.is_narrowed(ranking.Settings(unranked=one)) for one in ("below", "absent")] == [False, True]
