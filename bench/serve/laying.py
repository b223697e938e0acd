"""A throw-away database with one rating round under way: its people seated, agreed and signed in, by the real acts.

    python -m bench.serve.laying FILE SECRET PEOPLE STATEMENTS BALLOTS MODE

MODE: "room" (everybody is one group and sees the figures live) or "groups" (six groups, told at the close). One line
of JSON says what was laid. Stored ballots are put in by stored.py, since a hundred thousand acts would take an hour.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from typing import Any

from bench.serve import stored
from consensus import conduct, models, seats
from consensus.conduct import Guest
from consensus.house import House, build, open_house
from consensus.protocol import Plan
from consensus.settings import Settings
from consensus.simulation import panel
from rounds.contract import Role, Statement

MODES = {
    "room": Plan("rating", "rating", "live", grace=0, is_together=True),
    "groups": Plan("rating", "rating", "at_close", grace=0),
}
AT_ONCE = 200  # acts that wait for the writer together


@dataclass(frozen=True, slots=True)
class Laid:
    """What the bench must know of a database. cookies: one for each person's device; desk: of the facilitator. k: by
    how many answers figures move."""

    session: int
    round: int
    cookies: list[str]
    desk: str
    cards: list[str]
    cookie: str
    k: int


def cards_of(number: int) -> list[Statement]:
    """So many statements: those of the panel, and again with a number behind."""
    book = panel.statements()
    found = []
    for place in range(number):
        base, turn = book[place % len(book)], place // len(book)
        words = {name: f"{text} ({turn})" if turn else text for name, text in base.wordings.items()}
        found.append(replace(base, id=f"P{place + 1:03}", wordings=words))
    return found


async def lay(house: House, people: int, statements: int, mode: str) -> Laid:
    staff = await conduct.add_staff(house, "bench@example.org", "Bench", "a password for measuring", True)
    study = await conduct.create_study(house, staff, **panel.STUDY)
    session = await conduct.create_session(house, staff, study, {"en": "Bench", "fr": "Banc"}, [MODES[mode]])
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    await conduct.import_statements(house, desk, cards_of(statements))
    guests = [Guest(Role.PARTICIPANT, guest.group, guest.language) for guest in panel.guests(people)]
    made = await conduct.add_seats(house, desk, guests)
    cookies: list[str] = []
    for first in range(0, people, AT_ONCE):
        cookies += await asyncio.gather(*(_come_in(house, seat) for seat in made[first : first + AT_ONCE]))
    row = await models.Round.get(session_id=session.id)
    await conduct.open_round(house, desk, row.id)
    team, _ = await seats.sign_in(house.store, staff=staff)
    cards = [card.id for card in cards_of(statements)]
    return Laid(session.id, row.id, cookies, team, cards, house.settings.cookie, study.floor)


async def _come_in(house: House, seat: models.Seat) -> str:
    """Agree, and sign in on a device of one's own."""
    await conduct.consent(house, seat)
    cookie, _ = await seats.sign_in(house.store, seat=seat)
    await seats.own_device(house.store, cookie, True)
    return cookie


def told(laid: Laid) -> dict[str, Any]:
    return {name: getattr(laid, name) for name in Laid.__slots__}


async def main(file: str, secret: str, people: str, statements: str, ballots: str, mode: str) -> None:
    async with open_house(build(Settings(database=file, secret=secret))) as house:
        laid = await lay(house, int(people), int(statements), mode)
    stored.put(file, laid.session, laid.round, laid.cards, int(ballots))
    print(json.dumps(told(laid)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
