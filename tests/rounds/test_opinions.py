"""A rating as a map of opinions: its bands as votes, from a hundred people on, and one person's place."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from rounds import KINDS
from rounds.contract import Ballot, Block, Role, Round, Statement
from rounds.measures.landscape import components
from rounds.opinions import charted, own_place
from rounds.rating import KIND, Settings
from rounds.rating.opinions import as_votes
from tests.rounds.test_contract import empty_round

CARDS = tuple(Statement(id=f"P{n}", wordings={"en": f"{n}"}, original="en") for n in range(8))


def asked(scale: str = "1-9") -> Round:
    blocks = (Block("all", ("all",), 120),)
    return replace(empty_round("rating"), settings=Settings(scale=scale), statements=CARDS, blocks=blocks)


def said(card: str, value: Any) -> dict[str, Any]:
    return {"card": card, "values": {"importance": value}}


def camps(people: int, block: str | None = "all") -> list[Ballot]:
    found = []
    for person in range(people):
        for place, card in enumerate(CARDS):
            value = 9 if (place % 2 == 0) == (person % 3 == 0) else 1
            value = 5 if Random(f"{person} {place}").random() < 0.1 else value
            found.append(Ballot(len(found), str(person), Role.PARTICIPANT, block, card.id, said(card.id, value)))
    return found


@pytest.mark.parametrize(("scale", "values"), [("1-9", (3, 5, 7)), ("agree", (1, 2, 3))])
def test_bands_are_votes_and_no_answer_is_none(scale: str, values: tuple[int, ...]) -> None:
    marks = [said(f"P{place}", value) for place, value in enumerate(values)]
    row = as_votes(asked(scale), [*marks, said("P5", "dont_know"), said("gone", 9)])
    assert tuple(row[:3]) == (-1, 0, 1) and np.isnan(row[3:]).all()


def test_under_a_hundred_people_with_an_answer_there_is_no_map() -> None:
    silent = Ballot(9999, "silent", Role.PARTICIPANT, "all", "P0", said("P0", "dont_know"))
    assert charted(KIND, asked(), [*camps(99), silent], 5, 1) is None
    assert charted(KIND, asked(), camps(120, block=None), 5, 1) is None
    assert charted(KIND, asked(), camps(100), 5, 1) is not None


def test_a_kind_without_votes_has_no_map_and_no_place() -> None:
    wall = KINDS["wall"]
    assert charted(wall, asked(), camps(120), 5, 1) is None
    assert own_place(wall, asked(), [], [[0.0]], [0.0]) is None


def test_two_camps_are_found_whoever_comes_first() -> None:
    ballots = camps(120)
    one, other = charted(KIND, asked(), ballots, 5, 1), charted(KIND, asked(), ballots[::-1], 5, 1)
    assert one is not None and other is not None
    assert [group.people for group in one.told.value] == [80, 40]
    assert one.told == other.told


def test_a_person_stands_where_the_map_has_them() -> None:
    ballots = camps(120)
    found = charted(KIND, asked(), ballots, 5, 1)
    assert found is not None
    mine = [ballot.marks for ballot in ballots if ballot.seat == "7"]
    table = np.array([as_votes(asked(), [b.marks for b in ballots if b.seat == str(n)]) for n in range(120)])
    at = own_place(KIND, asked(), mine, found.loadings.tolist(), found.means.tolist())
    assert at == pytest.approx(components(table).value[7])
    assert own_place(KIND, asked(), [], found.loadings.tolist(), found.means.tolist()) is None


def test_where_no_group_stands_out_nobody_is_placed() -> None:
    drawn = [(b, said(b.slot or "", Random(b.seq).choice([1, 5, 9]))) for b in camps(110)]
    ballots = [Ballot(b.seq, b.seat, b.role, b.block, b.slot, marks) for b, marks in drawn]
    found = charted(KIND, asked(), ballots, 5, 1)
    assert found is not None and found.told.reason == "noise"
    assert np.isnan(found.means).all() and not found.loadings.any()
