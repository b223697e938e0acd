"""What a close would do is foretold from people and validity, and it is what the close then does."""

from __future__ import annotations

from random import Random

import pytest

from consensus.closing import Fate, People, foretell
from rounds.blocks import Apart, made, planned
from rounds.contract import Block

KEYS = ("patients", "managers", "community", "clinicians")


def _people(*answered: int) -> list[People]:
    return [People(key, 6, n) for key, n in zip(KEYS, answered, strict=False)]


def _apart(*pairs: str) -> Apart:
    return frozenset(frozenset(pair.split("+")) for pair in pairs)


def _fates(fates: tuple[Fate, ...]) -> list[tuple[str, bool]]:
    return [("+".join(group.key for group in fate.groups), fate.is_aside) for fate in fates]


def test_a_group_under_k_is_counted_with_another_and_that_is_said_of_it_alone() -> None:
    found = foretell(_people(6, 1, 5), 5)
    assert _fates(found.fates) == [("patients", False), ("managers+community", False)]
    assert [group.key for group in found.joins(found.fates[1])] == ["managers"]
    assert not found.joins(found.fates[0]) and not found.is_plain and not found.is_empty


@pytest.mark.parametrize(("answered", "is_aside"), [(4, True), (5, False)])
def test_exactly_k_stand_alone_and_one_less_does_not(answered: int, is_aside: bool) -> None:
    found = foretell(_people(6, answered), 5, apart=_apart("patients+managers"))
    assert _fates(found.fates) == [("patients", False), ("managers", is_aside)]
    assert found.is_plain is not is_aside


def test_who_is_set_aside_reads_with_whom_of_those_who_answered_they_are_never_counted() -> None:
    found = foretell(
        _people(6, 1, 0, 5), 5, apart=_apart("patients+managers", "managers+clinicians", "managers+community")
    )
    aside = next(fate for fate in found.fates if fate.is_aside)
    assert aside.never_with == ("patients", "clinicians")


def test_fewer_than_k_people_in_all_give_no_figures() -> None:
    for people in (_people(2, 2), _people(0, 0), []):
        found = foretell(people, 5)
        assert found.is_empty and found.answered == sum(group.answered for group in people)
    assert not foretell(_people(3, 2), 5).is_empty


def test_once_figures_were_seen_a_small_group_joins_nobody() -> None:
    blocks = [Block("patients", ("patients",), 6), Block("managers", ("managers",), 6), Block("c", ("community",), 6)]
    found = foretell(_people(6, 1, 0), 5, planned=blocks, is_fixed=True)
    assert _fates(found.fates) == [("patients", False), ("managers", True)]
    assert found.fates[1].never_with == ()


def test_everybody_together_is_one_group_or_nothing() -> None:
    (block,) = [Block("all", KEYS, 24)]
    assert _fates(foretell(_people(2, 1, 2), 5, planned=[block], is_fixed=True).fates) == [
        ("patients+managers+community", False)
    ]
    assert foretell(_people(2, 1, 1), 5, planned=[block], is_fixed=True).is_empty


def test_where_everybody_is_one_group_by_plan_nobody_is_told_to_join_another() -> None:
    found = foretell(_people(6, 1, 5), 5, planned=[Block("all", KEYS, 24)], is_fixed=True, is_together=True)
    assert found.is_plain and not found.joins(found.fates[0])


def test_statements_on_which_few_of_a_group_gave_an_answer_are_counted_once_whatever_the_part() -> None:
    cells = [("S1", "a"), ("S1", "b"), ("S2", "a"), ("S2", "b")]
    valid = [6, 4, 6, 6]
    found = foretell([People("patients", 6, 6, dict(zip(cells, valid, strict=True)))], 5, of=2)
    assert found.fates[0].thin == 1 and not found.is_plain
    low = foretell([People("patients", 6, 6, dict(zip(cells, [4, 4, 5, 5], strict=True)))], 5, of=2)
    assert low.fates[0].thin == 1
    full = foretell([People("patients", 6, 6, dict.fromkeys(cells, 5))], 5, of=2)
    assert full.is_plain


def test_groups_counted_together_are_thin_together() -> None:
    few, many = {("S1", ""): 1, ("S2", ""): 0}, {("S1", ""): 4, ("S2", ""): 4}
    found = foretell([People("patients", 6, 4, many), People("managers", 6, 1, few)], 5, of=2)
    assert [(len(fate.groups), fate.thin) for fate in found.fates] == [(2, 1)]


@pytest.mark.parametrize("k", [3, 5])
def test_every_group_that_answered_is_told_once_and_as_the_close_makes_it(k: int) -> None:
    chance = Random(k)
    for _ in range(300):
        answered = [chance.randrange(8) for _ in KEYS]
        pairs = _apart(*("+".join(chance.sample(KEYS, 2)) for _ in range(chance.randrange(3))))
        is_whole, is_fixed = chance.random() < 0.3, chance.random() < 0.3
        people = _people(*answered)
        blocks = planned([(key, 6) for key in KEYS], k, pairs)
        found = foretell(people, k, apart=pairs, planned=blocks, is_fixed=is_fixed, is_whole=is_whole)
        told = sorted(group.key for fate in found.fates for group in fate.groups)
        assert told == sorted(group.key for group in people if group.answered)
        counted = {frozenset(g.key for g in fate.groups) for fate in found.fates if not fate.is_aside}
        if not is_fixed:
            closed = made([(group.key, group.answered) for group in people], k, pairs, is_whole=is_whole)
            assert counted == {frozenset(block.groups) for block in closed.blocks}
        for fate in found.fates:
            assert (sum(group.answered for group in fate.groups) < k) <= fate.is_aside
