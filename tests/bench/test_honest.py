"""What the bench would notice: a vote that was lost, a count that lacks one, how old a figure is, a slow server."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from bench.serve.figures import Sample, line, quantile
from bench.serve.people import NotAnswered, Person, Votes, paced
from bench.serve.reading import ages, cards_of, shown_by
from bench.serve.stage import look_for
from bench.serve.watching import Frames
from bench.serve.wire import Socket

BAR = '<svg role="img" aria-label="low: {}; middle: {}; high: {}"></svg>'


def _kept(folder: Path, ballots: list[tuple[int, str]], counted: int) -> Path:
    file = folder / "kept.db"
    with sqlite3.connect(file) as base:
        base.execute("CREATE TABLE ballot (seat_id, slot)")
        base.execute("CREATE TABLE round (outcome)")
        base.executemany("INSERT INTO ballot VALUES (?, ?)", ballots)
        base.execute("INSERT INTO round VALUES (?)", (json.dumps({"ballots": counted}),))
    base.close()
    return file


THREE = [(1, "P001"), (1, "P001"), (2, "P001")]  # one of them changed what they said


def test_what_is_stored_and_counted_passes(tmp_path: Path) -> None:
    look_for(_kept(tmp_path, THREE, counted=2), taken=3)


def test_a_lost_vote_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(NotAnswered, match="4 votes were acknowledged, 3 are stored"):
        look_for(_kept(tmp_path, THREE, counted=2), taken=4)


def test_a_vote_that_the_close_did_not_count_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(NotAnswered, match="2 answers stand, 1 are counted"):
        look_for(_kept(tmp_path, THREE, counted=1), taken=3)


def _frame(**cards: tuple[int, int, int]) -> bytes:
    lines = [_line(n, *bar) for n, bar in enumerate(cards.values(), 1)]
    return "".join(f'<span class="id">{card}</span>{line}' for card, line in zip(cards, lines, strict=True)).encode()


def _line(number: int, *bar: int) -> str:
    return f'<ul id="line-{number}">{BAR.format(*bar)}</ul>'


def test_a_frame_is_read_as_a_person_reads_it() -> None:
    nothing_yet = b'<span class="id">P003</span><ul id="line-3"><b>&ndash;</b></ul>'
    whole = _frame(P001=(3, 4, 5), P002=(0, 0, 10)) + nothing_yet
    cards = cards_of([whole])
    assert shown_by(whole, cards) == {"P001": 12, "P002": 10}
    assert shown_by(_line(3, 2, 2, 2).encode(), cards) == {"P003": 6}  # what changed comes alone
    assert shown_by(b"", cards) == {}


def test_an_age_begins_with_the_answer_that_lets_the_figure_move() -> None:
    """Five wait: a count of ten is told from the fifteenth answer on."""
    frames, first, second = Frames(), Socket(), Socket()
    at = {"P001": [float(moment) for moment in range(1, 21)]}
    frames.heard(first, _frame(P001=(5, 5, 0)), 15.5)
    frames.heard(second, _frame(P001=(5, 5, 0)), 16.0)
    frames.heard(second, _frame(P001=(5, 5, 5)), 20.25)
    every, last = ages(frames, at, 5, since=0.0)
    assert sorted(every) == [0.25, 0.5, 1.0]
    assert sorted(last) == [0.25, 1.0]
    assert ages(frames, at, 5, since=15.0)[0] == [0.25]


async def test_a_slow_server_is_asked_no_less_often() -> None:
    """One asker at a time waits for the one before: the waits are from when each would have asked."""
    votes, asked = Votes(), asyncio.Lock()

    async def slow(person: Person, votes: Votes, due: float | None) -> None:
        async with asked:
            await asyncio.sleep(0.03)
        votes.waits.append(asyncio.get_running_loop().time() - (due or 0))

    people = [Person(number, 0, 0, ["P001"], "") for number in range(10)]
    await paced(people, slow, every=0.1, seconds=0.4, votes=votes)
    assert len(votes) + votes.unasked == 40
    assert votes.unasked > 0


def test_a_quantile_is_a_value_that_was_measured() -> None:
    assert [quantile([4.0, 1.0, 3.0, 2.0], share) for share in (25, 50, 99)] == [1.0, 2.0, 4.0]
    assert quantile([1.0], 99) == 1.0


def test_ratios_are_made_turn_by_turn() -> None:
    """A busy moment of the machine meets both, and leaves the ratio alone."""
    ours = [Sample(10, 1.0, cpu) for cpu in (2.0, 20.0, 2.0)]
    limits = [Sample(10, 1.0, cpu) for cpu in (1.0, 10.0, 1.0)]
    told = line("vote", ours, "no-op", limits)
    assert told["ratio_cpu_ms"] == 2.0
    assert (told["cpu_ms"], told["cpu_ms_most"], told["n"]) == (200.0, 2000.0, 30)
