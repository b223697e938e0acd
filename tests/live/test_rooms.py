"""Everybody who watches sees the newest state; nobody waits for anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from consensus.live import BEHIND, Audience, Picture, Rooms, Watcher

FR, EN, CARD = Audience("room", "fr"), Audience("room", "en"), Audience("room", "fr", "P001")
TEAM = Audience("console", "fr", role="facilitator")
PAUSE = 0.02


@dataclass(frozen=True)
class Sign:
    """What is drawn: words, and a number that changes them."""

    words: str
    number: int

    def whole(self) -> str:
        return f"{self.words} {self.number}"

    def since(self, older: Sign) -> str:
        return f"{self.words} {older.number} to {self.number}" if older != self else ""


class Board:
    """Something that is drawn: a number, and how often it was."""

    def __init__(self) -> None:
        self.number = 0
        self.drawn: list[set[Audience]] = []
        self.is_broken = self.is_gone = False
        self.name: Callable[[Audience], str] = lambda audience: audience.language

    async def draw(self, session: int, wanted: Mapping[Audience, Picture | None]) -> dict[Audience, Sign]:
        self.drawn.append(set(wanted))
        if self.is_broken:
            raise RuntimeError("broken on purpose")
        return {} if self.is_gone else {audience: Sign(self.name(audience), self.number) for audience in wanted}


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
async def rooms(board: Board) -> AsyncIterator[Rooms]:
    made = Rooms(pause=PAUSE)
    made.draw = board.draw
    yield made
    await made.close()


async def _next(watcher: Watcher) -> str:
    async with asyncio.timeout(5):
        return await anext(watcher.drawings())


async def _ends(watcher: Watcher) -> bool:
    async with asyncio.timeout(5):
        return [drawing async for drawing in watcher.drawings()] == [] or watcher.is_over


async def test_whoever_joins_gets_the_last_drawing_at_once_and_nothing_is_drawn(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as first:
        assert await _next(first) == "fr 0"
        with rooms.watch(1, FR, seat=2) as second:
            assert second.bell.is_set() and await _next(second) == "fr 0"
            await asyncio.sleep(PAUSE * 3)
            assert len(board.drawn) == 1 and not first.bell.is_set()


async def test_whoever_joins_after_a_change_gets_no_older_drawing(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as first:
        await _next(first)
        board.number = 1
        rooms.touch(1)
        with rooms.watch(1, FR, seat=2) as second:
            assert await _next(second) == "fr 1"
            assert await _next(first) == "fr 0 to 1"


async def test_whatever_moves_without_a_touch_is_drawn_for_whoever_joins(board: Board) -> None:
    moved: list[int | None] = [1]
    rooms = Rooms(PAUSE, lambda: moved[0])
    rooms.draw = board.draw
    with rooms.watch(1, FR, seat=1) as first:
        await _next(first)
        for moved[0] in (2, None, None):  # None: nobody can tell
            board.number += 1
            with rooms.watch(1, FR, seat=2) as second:
                assert await _next(second) == f"fr {board.number}"
            assert await _next(first) == f"fr {board.number - 1} to {board.number}"
    await rooms.close()


async def test_minutes_that_are_written_in_a_drawing_do_not_grow_old(
    rooms: Rooms, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consensus.live.LIFE", PAUSE)
    with rooms.watch(1, FR, seat=1) as first:
        await _next(first)
        await asyncio.sleep(PAUSE * 3)
        board.number = 1
        with rooms.watch(1, FR, seat=2) as second:
            assert await _next(second) == "fr 1"


async def test_who_is_here_is_drawn_for_the_team_alone(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, TEAM, seat=9) as console, rooms.watch(1, FR, 1, "a") as first:
        await _next(console)
        await _next(first)
        before = len(board.drawn)
        with rooms.watch(1, FR, 2, "a") as second:
            assert await _next(second) == "fr 0"
            await asyncio.sleep(PAUSE * 3)
        await asyncio.sleep(PAUSE * 3)
        assert board.drawn[before:] == [{TEAM}, {TEAM}]  # it came, it went


async def test_a_page_that_only_asks_gets_the_whole_and_all_who_ask_at_once_one_drawing(
    rooms: Rooms, board: Board
) -> None:
    assert await asyncio.gather(*(rooms.drawn(1, FR) for _ in range(20))) == ["fr 0"] * 20
    assert board.drawn == [{FR}]
    board.number = 1
    rooms.touch(1)
    assert await rooms.drawn(1, FR) == "fr 1"


async def test_an_audience_that_has_nothing_to_see_is_let_go(rooms: Rooms, board: Board) -> None:
    board.is_gone = True
    with rooms.watch(1, FR, seat=1) as watcher:
        assert await _ends(watcher)
    assert await rooms.drawn(1, FR) is None


async def test_many_changes_in_a_moment_are_one_drawing(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as watcher:
        await _next(watcher)
        before = len(board.drawn)
        for number in range(1, 101):
            board.number = number
            rooms.touch(1)
        assert await _next(watcher) == "fr 0 to 100"
        await asyncio.sleep(PAUSE * 3)
        assert len(board.drawn) == before + 1


async def test_one_drawing_serves_all_of_one_audience_and_language(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, 1) as one, rooms.watch(1, FR, 2) as two, rooms.watch(1, EN, 3) as three:
        assert {await _next(one), await _next(two)} == {"fr 0"}
        assert await _next(three) == "en 0"
        assert board.drawn[0] == {FR, EN}
    with rooms.watch(1, FR, 1) as one, rooms.watch(1, FR, 2) as two:
        whole = await _next(one), await _next(two)
        assert whole[0] is whole[1]  # the same text to all who saw the same
        board.number = 1
        rooms.touch(1)
        change = await _next(one), await _next(two)
        assert change[0] == "fr 0 to 1" and change[0] is change[1]


async def test_a_slow_reader_skips_to_the_newest_and_holds_nobody_up(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as slow, rooms.watch(1, FR, seat=2) as quick:
        assert await _next(slow) == await _next(quick) == "fr 0"
        for number in range(1, 6):
            board.number = number
            rooms.touch(1)
            assert await _next(quick) == f"fr {number - 1} to {number}"
        assert await _next(slow) == "fr 0 to 5"


async def test_whoever_was_told_something_misses_one_beat_and_no_more(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as watcher:
        drawings = watcher.drawings(every=PAUSE)
        async with asyncio.timeout(5):
            assert [await anext(drawings) for _ in range(3)] == ["fr 0", "", ""]
            board.number = 1
            rooms.touch(1)
            while await anext(drawings) != "fr 0 to 1":
                pass
            assert await anext(drawings) == ""


async def test_languages_cards_and_roles_are_told_apart_whatever_changes(rooms: Rooms, board: Board) -> None:
    apart = [FR, EN, CARD, TEAM, Audience("console", "fr", role="cofacilitator"), Audience("console", "fr", "", "wall")]
    board.name = str

    with ExitStack() as stack:
        watchers = {audience: stack.enter_context(rooms.watch(1, audience, seat=1)) for audience in apart}
        for change in ("0", "0 to 1", "1 to 2"):
            for audience, watcher in watchers.items():
                assert await _next(watcher) == f"{audience} {change}"
            board.number += 1
            rooms.touch(1)


async def test_whoever_was_away_too_long_gets_the_whole(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as slow, rooms.watch(1, FR, seat=2) as quick:
        assert await _next(slow) == await _next(quick) == "fr 0"
        for board.number in range(1, BEHIND + 2):
            rooms.touch(1)
            await _next(quick)
            assert len(slow.following.earlier) <= BEHIND  # what is kept for the slow does not grow
        assert await _next(slow) == f"fr {BEHIND + 1}"


async def test_a_state_that_looks_the_same_is_not_sent_again(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as watcher:
        await _next(watcher)
        rooms.touch(1)
        await asyncio.sleep(PAUSE * 3)
        assert len(board.drawn) >= 2 and not watcher.bell.is_set()


async def test_a_failing_drawing_ends_the_pages_is_logged_and_they_may_come_back(
    rooms: Rooms, board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    board.is_broken = True
    with caplog.at_level(logging.ERROR), rooms.watch(1, FR, seat=1) as watcher:
        assert await _ends(watcher)
        assert not watcher.is_dismissed
    assert "drawing a room failed" in caplog.text and "broken on purpose" not in caplog.text
    board.is_broken = False
    with rooms.watch(1, FR, seat=1) as again:
        assert await _next(again) == "fr 0"


async def test_a_failure_in_one_room_leaves_the_others_alone(rooms: Rooms, board: Board) -> None:
    with rooms.watch(2, FR, seat=9) as elsewhere:
        await _next(elsewhere)
        board.is_broken = True
        with rooms.watch(1, FR, seat=1) as watcher:
            assert await _ends(watcher)
        board.is_broken, board.number = False, 1
        rooms.touch(2)
        assert await _next(elsewhere) == "fr 0 to 1"


async def test_a_dismissed_seat_loses_all_its_pages_and_nobody_else_one(rooms: Rooms) -> None:
    with rooms.watch(1, FR, 1) as phone, rooms.watch(1, EN, 1) as laptop, rooms.watch(1, FR, 2) as other:
        rooms.dismiss(1, seat=1)
        assert await _ends(phone) and await _ends(laptop)
        assert phone.is_dismissed and laptop.is_dismissed
        assert await _next(other) == "fr 0" and not other.is_over


async def test_a_seat_of_the_same_number_in_another_room_stays(rooms: Rooms) -> None:
    with rooms.watch(1, FR, 1) as here, rooms.watch(2, FR, 1) as there:
        rooms.dismiss(1, seat=1)
        assert await _ends(here)
        assert await _next(there) == "fr 0"


async def test_people_online_are_counted_by_block_and_two_devices_are_one(rooms: Rooms) -> None:
    with rooms.watch(1, FR, 1, "a"), rooms.watch(1, FR, 1, "a"), rooms.watch(1, EN, 2, "a"), rooms.watch(1, FR, 3, "b"):
        with rooms.watch(1, FR, 4, None):
            assert rooms.online(1) == {"a": 2, "b": 1}
        assert rooms.online(2) == {}
    assert rooms.online(1) == {}


async def test_a_card_of_ones_own_is_an_audience_of_its_own(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, 1) as all_cards, rooms.watch(1, CARD, 2) as one_card:
        await _next(all_cards)
        await _next(one_card)
        assert board.drawn[0] == {FR, CARD}


async def test_an_empty_room_is_given_up_and_found_again(rooms: Rooms, board: Board) -> None:
    for _ in range(3):
        with rooms.watch(1, FR, seat=1) as watcher:
            await _next(watcher)
        await asyncio.sleep(PAUSE * 3)
        drawn = len(board.drawn)
        rooms.touch(1)
        await asyncio.sleep(PAUSE * 3)
        assert len(board.drawn) == drawn and not rooms._rooms


async def test_everyone_is_sent_home_when_the_house_closes_and_may_come_back(rooms: Rooms) -> None:
    with rooms.watch(1, FR, seat=1) as watcher:
        await rooms.close()
        assert await _ends(watcher) and not watcher.is_dismissed
