"""Synthetic people who play a round: everybody answers what is asked, the team acts until nothing is left to do.

What they send is said by each kind's play; how it travels (a form over HTTP, an act within the house) is handed in.
Nothing here knows a kind of round, or checks a law.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from consensus import models
from consensus.count import block_of
from consensus.house import House
from consensus.simulation import panel
from rounds import KINDS
from rounds.contract import TEAM, By, Form, Role

MANY_ACTS = 2000  # a team that acts so often in one round is caught in a loop

Send = Callable[[models.Seat, models.Round, Form], Awaitable[None]]
Meanwhile = Callable[[int, models.Round, Form], Awaitable[bool]]


async def _nothing(number: int, row: models.Round, form: Form) -> bool:
    return False


@dataclass
class SimulatedPeople:
    """people: participants who have not left. team: who runs the session, facilitator first."""

    house: House
    people: list[models.Seat]
    team: Sequence[models.Seat]
    seed: int
    send: Send
    book: list[dict[str, str]] = field(default_factory=panel.book)

    async def play(self, row: models.Round, meanwhile: Meanwhile = _nothing) -> None:
        """Everything that this round asks of anyone."""
        cast_by = KINDS[row.kind].cast_by
        if Role.PARTICIPANT in cast_by:
            await self.all_answer(row)
        if cast_by & TEAM:
            await self._team_acts(row, meanwhile)

    async def all_answer(self, row: models.Round) -> None:
        """All at once: order cannot matter here. Whoever has answered all that is asked is left in peace."""
        counted = await self.house.counts.now(row)  # counted once, before everybody asks for it
        asked = set(counted.asked)
        said = {seat: set(slots) for seat, slots in counted.own.items()}
        waiting = [seat for seat in self.people if not (own := said.get(str(seat.id), set())) or asked - own]
        await asyncio.gather(*(self.answer(row, seat) for seat in waiting))

    async def answer(self, row: models.Round, seat: models.Seat) -> None:
        for form in await self.forms(row, seat):
            await self.send(seat, row, form)

    async def forms(self, row: models.Round, seat: models.Seat, why: str = "") -> Iterable[Form]:
        """What this person sends now. why: another occasion, another mind."""
        counted = await self.house.counts.now(row)
        block = block_of(counted.round.blocks, seat.group) if seat.role == Role.PARTICIPANT else None
        by = By(Role(seat.role), str(seat.id), block, seat.language)
        asked = len(counted.own.get(str(seat.id), {})) if block else ""
        chance = panel.chance(self.seed, row.key, seat.role, self._place(seat), why, asked)
        return KINDS[row.kind].play(counted.round, counted.official, by, chance, self.book)

    def _place(self, seat: models.Seat) -> int:
        """The same number for the same person whatever the database calls them."""
        return seat.id - min(s.id for s in (*self.team, *self.people))

    async def _team_acts(self, row: models.Round, meanwhile: Meanwhile) -> None:
        """One after another, since order matters; whenever people are asked something new, they answer."""
        asked = await self.asked(row)
        for number in range(MANY_ACTS):
            seat = self.team[number % len(self.team)]
            forms = list(await self.forms(row, seat))
            if not forms:
                return
            if await meanwhile(number, row, forms[0]):
                forms = list(await self.forms(row, seat))
            await self.send(seat, row, forms[0])
            now = await self.asked(row)
            if now and now != asked:
                await self.all_answer(row)
            asked = now
        raise RuntimeError(f"{row.key}: the team acted {MANY_ACTS} times and did not finish")

    async def asked(self, row: models.Round) -> tuple[str, ...]:
        return (await self.house.counts.now(row)).asked
