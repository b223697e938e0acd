"""What matters most to a person: up to so many statements, counted by block, told from k on, counted again."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds import KINDS, disclosure
from rounds.contract import Ballot, BallotError, Block, By, Role, Round, Statement
from rounds.gate import Gate
from rounds.rating.recount import rating as counted_again

RATING = KINDS["rating"]
CARDS = tuple(Statement(f"P{n:03}", {"en": f"Card {n}."}, "en") for n in range(1, 5))
IDS = [card.id for card in CARDS]
BLOCKS = (Block("patients", ("patients",), 9), Block("clinicians", ("clinicians",), 9))


def a_round(most: int = 2) -> Round:
    return Round("rating", "rating", RATING.Settings(flags=most), ("en",), BLOCKS, CARDS)


def read(*cards: str, most: int = 2) -> Any:
    form = {"flags": ["1"], **{f"flag.{card}": ["1"] for card in cards}}
    return RATING.read(form, a_round(most), By(Role.PARTICIPANT, "1", "patients", "en"), None)


def ballot(seq: int, seat: int, block: str, *cards: str) -> Ballot:
    marks = {"card": "", "values": {}, "reason": "", "flags": sorted(cards)}
    return Ballot(seq, str(seat), Role.PARTICIPANT, block, "flags", marks)


def test_up_to_so_many_are_marked_and_one_too_many_is_refused() -> None:
    assert read("P002", "P001")["flags"] == ["P001", "P002"] and read()["flags"] == []
    assert RATING.slot(read("P001")) == "flags" and RATING.parts(read()) == {"flags": True}
    for cards, key in ((("P001", "P002", "P003"), "too_many_flags"), (("P009",), "no_such_card")):
        with pytest.raises(BallotError, match=key):
            read(*cards)
    with pytest.raises(BallotError, match="no_flags"):
        read("P001", most=0)
    for most in (-1, 21):
        with pytest.raises(BallotError, match="bad_flags"):
            RATING.Settings(flags=most)


def test_a_round_without_flags_has_the_columns_that_it_always_had() -> None:
    names = [column.name for column in RATING.columns(RATING.Settings())]
    assert not {"flagged", "flag_n"} & set(names)
    assert {"flagged", "flag_n"} <= {column.name for column in RATING.columns(RATING.Settings(flags=1))}


@given(st.lists(st.tuples(st.sampled_from(["patients", "clinicians"]), st.sets(st.sampled_from(IDS), max_size=2))))
def test_the_second_count_finds_the_same_and_no_score_moves_by_it(said: list[tuple[str, set[str]]]) -> None:
    round = a_round()
    ballots = [ballot(n, n, block, *cards) for n, (block, cards) in enumerate(said, 1)]
    count, bare = RATING.start(round), RATING.tally(RATING.start(round), round)
    for one in ballots:
        RATING.add(count, one, +1)
    tally = RATING.tally(count, round)
    told = {"statements": IDS, "blocks": [{"key": block.key} for block in BLOCKS], "rule": None}
    settings = {"scale": "1-9", "criterion": "importance", "second": "", "flags": 2}
    again = counted_again({**told, "settings": settings}, [{"marks": b.marks, "block": b.block} for b in ballots])
    for line, before in zip(tally.lines, bare.lines, strict=True):
        for name in ("flagged", "flag_n"):
            assert line.values[name] == again[line.statement, name, ""]
            for block in BLOCKS:
                assert line.by_block[block.key][name] == again[line.statement, name, block.key]
        others = set(line.values) - {"flagged", "flag_n"}
        assert all(line.values[name] == before.values[name] for name in others)
    for one in ballots:
        RATING.add(count, one, -1)
    assert RATING.tally(count, round) == bare


def test_of_fewer_than_k_nothing_is_told_and_from_k_on_a_number_of_how_many() -> None:
    round, k = a_round(), 5
    empty = RATING.tally(RATING.start(round), round)
    for people in range(1, 8):
        gate = Gate(k, RATING, {block.key: block.seats for block in BLOCKS})
        for n in range(people):
            gate.put(str(n), "patients", "flags", ballot(n + 1, n, "patients", "P001"), n + 1)
        gate.speak()
        gate.close()
        count = RATING.start(round)
        for one in gate.visible():
            RATING.add(count, one, +1)
        line = disclosure.told(RATING.tally(count, round), empty, RATING.columns(round.settings)).lines[0]
        if people < k:
            assert line.values["flagged"] is None and not line.by_block
        else:
            assert (line.values["flagged"], line.values["flag_n"]) == (people, people)
            assert set(line.by_block) == {"patients"} and "n" not in line.by_block["patients"]


def test_a_synthetic_person_marks_no_more_than_may_be() -> None:
    for seed in range(20):
        by = By(Role.PARTICIPANT, "1", "patients", "en")
        forms = list(RATING.play(a_round(), None, by, Random(seed), ()))
        assert len(RATING.read(forms[-1], a_round(), by, None)["flags"]) <= 2
