"""Everybody who watches sees the newest state; nobody waits for anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from consensus.live import Audience, Rooms, Watcher

FR, EN, CARD = Audience("room", "fr"), Audience("room", "en"), Audience("room", "fr", "P001")
PAUSE = 0.02


class Board:
    """Something that is drawn: a number, and how often it was."""

    def __init__(self) -> None:
        self.number = 0
        self.drawn: list[frozenset[Audience]] = []
        self.is_broken = False

    async def draw(self, session: int, audiences: frozenset[Audience]) -> dict[Audience, str]:
        self.drawn.append(audiences)
        if self.is_broken:
            raise RuntimeError("broken on purpose")
        return {audience: f"{audience.language} {self.number}" for audience in audiences}


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


async def test_whoever_joins_gets_the_full_state_at_once(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as first:
        assert await _next(first) == "fr 0"
        board.number = 1
        with rooms.watch(1, FR, seat=2) as second:
            assert await _next(second) == "fr 1"
            assert await _next(first) == "fr 1"


async def test_many_changes_in_a_moment_are_one_drawing(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as watcher:
        await _next(watcher)
        before = len(board.drawn)
        for number in range(1, 101):
            board.number = number
            rooms.touch(1)
        assert await _next(watcher) == "fr 100"
        await asyncio.sleep(PAUSE * 3)
        assert len(board.drawn) == before + 1


async def test_one_drawing_serves_all_of_one_audience_and_language(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, 1) as one, rooms.watch(1, FR, 2) as two, rooms.watch(1, EN, 3) as three:
        assert {await _next(one), await _next(two)} == {"fr 0"}
        assert await _next(three) == "en 0"
        assert board.drawn[0] == {FR, EN}
        assert one.newest is two.newest


async def test_a_slow_reader_skips_to_the_newest_and_holds_nobody_up(rooms: Rooms, board: Board) -> None:
    with rooms.watch(1, FR, seat=1) as slow, rooms.watch(1, FR, seat=2) as quick:
        for number in range(1, 6):
            board.number = number
            rooms.touch(1)
            while await _next(quick) != f"fr {number}":
                pass
        assert await _next(slow) == "fr 5"


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
    assert "drawing a room failed" in caplog.text and "broken on purpose" in caplog.text
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
        assert await _next(elsewhere) == "fr 1"


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


async def test_every_touch_is_told_on(rooms: Rooms) -> None:
    heard: list[int] = []
    rooms.heard.append(heard.append)
    rooms.touch(7)
    assert heard == [7]
