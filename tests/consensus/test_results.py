"""The list as data: its ranks are counted twice, what is not told is not empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given

from consensus.facts import RoundFacts
from consensus.results import ClosedRound
from consensus.results.stages import ABSENT, UNDEFINED, WITHHELD, held_back
from rounds import rating
from rounds.contract import Ballot, Round
from rounds.disclosure import told
from tests.rounds.test_rating import CARDS, a_ballot, a_round, counted, counted_again, played


def closed(round: Round, ballots: Sequence[Ballot], shown: Sequence[Ballot]) -> ClosedRound:
    tally = told(counted(shown, round), counted([], round), rating.columns(round.settings))
    state: dict[str, Any] = {
        "state": "closed",
        "disclosure": "",
        "grace": 0,
        "is_looked": False,
        "is_shown": False,
        "hash": "",
    }
    of_session: dict[str, Any] = {
        "id": 1,
        "position": 0,
        "notes": (),
        "nth": 0,
        "can_reopen": False,
        "blocks": round.blocks,
        "is_together": False,
        "k": 1,
        "counted_as": None,
        "closes_once": False,
    }
    facts = RoundFacts(key="rating", kind="rating", settings={"scale": round.settings.scale}, **state, **of_session)
    return ClosedRound(facts, round.statements, tally, round.blocks, held=held_back(tally, counted(ballots, round)))


@given(played())
def test_where_no_round_ranks_the_second_count_finds_the_same_ranks(play: tuple[Round, list[Ballot]]) -> None:
    round, ballots = play
    again = counted_again(ballots, round)
    assert closed(round, ballots, ballots).merits == {card: again[card, "rank", ""] for card in CARDS}


def test_absent_withheld_and_undefined_never_look_alike() -> None:
    """Two patients and three clinicians rate S01, the patients alone S02; nobody rates S03, and one cannot judge."""
    round = a_round()
    patients, clinicians = (block.key for block in round.blocks[:2])
    few = [a_ballot(n, f"p{n}", patients, card, {"importance": 5}) for n, card in ((1, "S01"), (2, "S02"))]
    many = [a_ballot(9, "c9", clinicians, "S01", {"importance": "dont_know"})]
    stage = closed(round, [*few, *many], many)
    median = next(column for column in stage.columns if column.name == "median")
    assert stage.reason("S01", median, patients) == WITHHELD
    assert stage.reason("S01", median, clinicians) == stage.reason("S01", median) == UNDEFINED
    assert stage.reason("S02", median, patients) == stage.reason("S02", median) == WITHHELD
    assert stage.reason("S03", median, patients) == stage.reason("S03", median) == UNDEFINED
    assert stage.reason("S99", median) == ABSENT
    n = next(column for column in stage.columns if column.name == "n")
    assert stage.reason("S01", n) == "" and stage.lines["S01"].values["n"] == 0
