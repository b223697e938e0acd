"""What a page is drawn from is of one moment, whatever the team does while it is read."""

from __future__ import annotations

import asyncio

from consensus import models
from consensus.house import House
from consensus.states import RoundState
from consensus.web.state import load_state, scene_of
from tests.consensus.test_reopening import rated


async def test_a_round_that_is_opened_again_while_it_is_read_is_read_again(house: House) -> None:
    session = (await rated(house)).session
    assert (await scene_of(house, session)).rounds  # from here on they are remembered
    is_reopened, may_commit = asyncio.Event(), asyncio.Event()

    async def reopen_slowly() -> None:
        await models.Round.filter(session_id=session.id, state=RoundState.CLOSED).update(
            state=RoundState.OPEN, outcome=None
        )
        is_reopened.set()
        await may_commit.wait()

    act = asyncio.create_task(house.act(session.id, reopen_slowly))
    await is_reopened.wait()
    reading = asyncio.create_task(load_state(house, session))
    await asyncio.sleep(0)  # it has the rounds of before, and waits for the whole of the closed one
    may_commit.set()
    await act
    state = await reading
    assert state.row is not None and state.row.state == RoundState.OPEN
    assert [row.state for row in state.rounds if row.id == state.row.id] == [RoundState.OPEN]
