"""The demo: a study on scaling up case management, with one session finished, and two that go on while somebody looks.

In one people meet, and what they signal is told by group; in the other each answers alone, and the figures of the whole
room move. The panel is synthetic. The server answers at once, a link is printed when what it leads to is there. Nothing
here knows a kind of round, nor plays one: that is the player's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from signal import SIGINT, SIGTERM
from tempfile import TemporaryDirectory

from consensus import conduct, models, protocol, seats
from consensus.conduct import Guest, Refused
from consensus.house import House, build
from consensus.server import origin_of, running
from consensus.settings import Settings, stored_secret
from consensus.simulation import panel
from consensus.simulation.people import SimulatedPeople
from consensus.simulation.player import is_answered_alone, is_meeting, open_round, play_round, simulated_in
from consensus.states import RoundState
from consensus.text import LANGUAGES
from consensus.web.app import make_app
from rounds.contract import Role, Statement
from rounds.disclosure import Mode

PAUSE = 1.2  # seconds between two signals where people meet
SHORT = 0.6  # and between two answers of people who answer alone
PROTOCOL = "triage"
PLACES = ("Estrie", "Montréal", "Moncton")  # finished, where people meet, where each answers alone
BRIEF = 12  # statements of the last: so few that each of their figures moves while somebody looks
BEGUN, UNASKED = 12, 3  # people who have answered there before anyone looks, all statements but so many
STAFF = {"facilitator": "Claire Roy", "cofacilitator": "An Tran", "researcher": "Maya Côté", "observer": "Projection"}
ACTS = 60  # of the team before anyone looks

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """meeting, room: where people meet, and where each answers alone. visitor: the seat there that is nobody's but
    whoever's who looks."""

    finished: models.Session
    meeting: models.Session
    room: models.Session
    staff: dict[str, models.Staff]
    at_meeting: SimulatedPeople
    in_room: SimulatedPeople
    visitor: models.Seat


def settings_for(folder: Path, listener: socket.socket) -> Settings:
    database = str(folder / "demo.db")
    return Settings(database=database, secret=stored_secret(database), origin=origin_of(listener), staff_keys=True)


async def laid(house: House) -> Demo:
    """Three sessions of one study, everybody seated, nothing begun; or those of this folder, as they were left."""
    staff = {member.mail.partition("@")[0]: member for member in await models.Staff.all()}
    if not staff:
        staff = await hired(house)
        study = await conduct.create_study(house, staff["facilitator"], **panel.STUDY)
        for place in PLACES:
            is_brief = place == PLACES[-1]
            await seated(house, study, staff, place, panel.statements()[: BRIEF if is_brief else None])
    finished, meeting, room = await models.Session.all().order_by("id").limit(len(PLACES))
    in_room = await simulated_in(house, room)
    visitor, *in_room.people = in_room.people
    return Demo(finished, meeting, room, staff, await simulated_in(house, meeting), in_room, visitor)


async def hired(house: House) -> dict[str, models.Staff]:
    """One member of staff a role. Nobody knows their passwords: they come in by their links."""
    return {
        role: await conduct.add_staff(house, f"{role}@demo.example", name, token_urlsafe(24))
        for role, name in STAFF.items()
    }


async def seated(
    house: House,
    study: models.Study,
    staff: dict[str, models.Staff],
    place: str,
    statements: Sequence[Statement],
    name: str = PROTOCOL,
) -> models.Session:
    """A session on these statements by the protocol of this name, with its team and a panel that has consented."""
    plans = protocol.read(name, is_imported=True)
    title = dict.fromkeys(study.languages, place)
    session = await conduct.create_session(house, staff["facilitator"], study, title, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    await conduct.import_statements(house, desk, statements)
    team = [
        Guest(Role(role), language="fr", staff_id=member.id) for role, member in staff.items() if role != "facilitator"
    ]
    made = await conduct.add_seats(house, desk, [*team, *panel.guests(sum(panel.SIZES.values()))])
    people = [seat for seat in made if seat.role == Role.PARTICIPANT]
    await asyncio.gather(*(conduct.consent(house, seat, panel.allowed(n)) for n, seat in enumerate(people)))
    return session


def _quiet(line: str) -> None:
    """Nobody is told how far it is."""


async def play_to_meeting(house: House, session: models.Session, simulated: SimulatedPeople, say: Say = _quiet) -> None:
    """Up to the first round in which team and participants act together, and some way into it; once only."""
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    meeting = next(number for number, row in enumerate(rows) if is_meeting(row))
    if rows[meeting].state != RoundState.DRAFT:
        return
    for number, row in enumerate(rows[:meeting], 1):
        say(f"    step {number} of {meeting + 1}: {row.key}")
        await play_round(house, simulated, row)
    say(f"    step {meeting + 1} of {meeting + 1}: {rows[meeting].key}")
    await open_round(house, simulated, rows[meeting])
    await begin_meeting(simulated, rows[meeting], ACTS)


async def play_to_room(house: House, session: models.Session, simulated: SimulatedPeople, say: Say = _quiet) -> None:
    """Up to the first round that each answers alone, opened so that the figures of the whole room move; once only."""
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    alone = next(number for number, row in enumerate(rows) if is_answered_alone(row))
    row = rows[alone]
    if row.state != RoundState.DRAFT:
        return
    for number, before in enumerate(rows[:alone], 1):
        say(f"    step {number} of {alone + 1}: {before.key}")
        await play_round(house, simulated, before)
    say(f"    step {alone + 1} of {alone + 1}: {row.key}")
    plan = replace(protocol.plan_of(row), disclosure=Mode.LIVE, is_together=True)
    await conduct.plan_round(house, simulated.team[0], row.id, plan)
    await open_round(house, simulated, row)
    for seat in simulated.people[:BEGUN]:
        for form in list(await simulated.forms(row, seat))[:-UNASKED]:
            await simulated.send(seat, row, form)


async def play_to_end(house: House, session: models.Session, say: Say = _quiet) -> None:
    simulated = await simulated_in(house, session)
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    for number, row in enumerate(rows, 1):
        say(f"    step {number} of {len(rows)}: {row.key}")
        await play_round(house, simulated, row)


async def begin_meeting(simulated: SimulatedPeople, row: models.Round, acts: int) -> None:
    """The team acts so often at least, and then until people are asked something: now there is something to see."""
    asked = await simulated.asked(row)
    for number in range(acts + ACTS):
        if number >= acts and asked:
            return
        seat = simulated.team[number % len(simulated.team)]
        forms = list(await simulated.forms(row, seat))
        if not forms:
            return
        await simulated.send(seat, row, forms[0])
        now = await simulated.asked(row)
        if now and now != asked:
            await simulated.all_answer(row)
        asked = now


async def go_on(session: models.Session, simulated: SimulatedPeople, pause: float) -> None:
    """People go on answering what is asked of them, one now and then, as long as the round is open: each begins at
    another statement, and who has answered all changes their mind."""
    turn = 0
    while True:
        await asyncio.sleep(pause)
        row = await models.Round.filter(session_id=session.id, state=RoundState.OPEN).first()
        if row is None:
            continue
        lap, place = divmod(turn, len(simulated.people))
        turn += 1
        forms = list(await simulated.forms(row, simulated.people[place], str(turn)))
        with suppress(Refused):  # the card was taken off the table meanwhile
            if forms:
                await simulated.send(simulated.people[place], row, forms[(lap + place) % len(forms)])


def _key(house: House, member: models.Staff, to: str) -> str:
    return f"{house.settings.origin}/staff/key/{seats.token(house.settings, 'staff', member.id, member.issue)}?to={to}"


async def links_in(house: House, demo: Demo) -> list[str]:
    """Into the session where people meet, one link a line: its facilitator, one participant of each group."""
    lines = [f"facilitator: {_key(house, demo.staff['facilitator'], f'console-{demo.meeting.id}')}"]
    for group in panel.GROUPS:
        seat = await models.Seat.filter(session_id=demo.meeting.id, group=group["key"]).order_by("id").first()
        assert seat is not None
        lines.append(f"{group['key']}: {_link(house, seat)}")
    return lines


def _link(house: House, seat: models.Seat) -> str:
    return f"{house.settings.origin}/j/{seats.token(house.settings, 'seat', seat.id, seat.issue)}"


def links_to_room(house: House, demo: Demo) -> list[str]:
    """Into the session where each answers alone."""
    return [
        f"room facilitator: {_key(house, demo.staff['facilitator'], f'console-{demo.room.id}')}",
        f"room projector: {_key(house, demo.staff['observer'], f'projector-{demo.room.id}')}",
        f"room person: {_link(house, demo.visitor)}",
    ]


def links_beside(house: House, demo: Demo) -> list[str]:
    """What is looked at: the finished session as a researcher, the projector where people meet, the results."""
    results = f"results-{demo.finished.id}"
    return [
        f"researcher: {_key(house, demo.staff['researcher'], results)}",
        f"projector: {_key(house, demo.staff['observer'], f'projector-{demo.meeting.id}')}",
        f"results: {_key(house, demo.staff['observer'], results)}",
    ]


@asynccontextmanager
async def shown(folder: Path, listener: socket.socket, say: Say) -> AsyncIterator[House]:
    """The demo's server, answering, with its panel going on."""
    house = build(settings_for(folder, listener))
    async with running(make_app(house.settings, house), listener):
        say(f"The demo answers at {house.settings.origin}. A synthetic panel plays; links follow as they are ready.")
        for language in LANGUAGES:
            say(house.texts.say(language, "demo.by_group"))
            say(house.texts.say(language, "demo.whole_room"))
        say("1 of 4 - seating the panel")
        demo = await laid(house)
        say("2 of 4 - playing a session up to the wall")
        await play_to_meeting(house, demo.meeting, demo.at_meeting, say)
        for line in await links_in(house, demo):
            say(line)
        say("3 of 4 - playing another up to a step that each answers alone")
        await play_to_room(house, demo.room, demo.in_room, say)
        for line in links_to_room(house, demo):
            say(line)
        say("4 of 4 - playing the last to its end")
        await play_to_end(house, demo.finished, say)
        for line in links_beside(house, demo):
            say(line)
        say("All is ready. Ctrl-C ends the demo.")
        panels = [
            asyncio.create_task(go_on(demo.meeting, demo.at_meeting, PAUSE), name="panel at the meeting"),
            asyncio.create_task(go_on(demo.room, demo.in_room, SHORT), name="panel in the room"),
        ]
        try:
            yield house
        finally:
            for going_on in panels:
                going_on.cancel()
            await asyncio.wait(panels)


async def show(folder: Path | None, listener: socket.socket, say: Say) -> None:
    """Serve the demo until the process is told to stop."""
    here = asyncio.current_task()
    assert here is not None
    with suppress(NotImplementedError):  # where there are no signals, Ctrl-C still ends the process
        for signal in (SIGINT, SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal, here.cancel)
    with TemporaryDirectory(prefix="table-ronde-") as temporary, suppress(asyncio.CancelledError):
        async with shown(folder or Path(temporary), listener, say):
            await asyncio.Event().wait()
