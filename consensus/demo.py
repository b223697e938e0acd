"""The demo: a study on scaling up case management, with one session finished, one at the wall, one not begun.

The panel is synthetic; at the wall it goes on signalling while somebody looks. Links are printed once the server
answers. Nothing here knows a kind of round, nor plays one: that is troupe's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

from consensus import conduct, models, panel, protocol, seats
from consensus.conduct import Guest, Refused
from consensus.house import House, build
from consensus.server import origin_of, running
from consensus.settings import Settings, stored_secret
from consensus.troupe import Troupe
from consensus.web import make_app
from rounds import KINDS
from rounds.contract import TEAM, Form, Role

SEED = 7
PAUSE = 1.2  # seconds between two signals at the wall
PROTOCOL = "triage"
PLACES = ("Estrie", "Montréal", "Moncton")  # finished, at the wall, not begun

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    finished: models.Session
    running: models.Session
    staff: dict[str, models.Staff]
    troupe: Troupe


def settings_for(folder: Path, listener: socket.socket) -> Settings:
    database = str(folder / "demo.db")
    return Settings(database=database, secret=stored_secret(database), origin=origin_of(listener), staff_keys=True)


async def build_demo(house: House) -> Demo:
    """Three sessions of one study; the first is played to its end, the second up to where people meet."""
    staff = {}
    for role, name in (
        ("facilitator", "Claire Roy"),
        ("cofacilitator", "An Tran"),
        ("researcher", "Maya Côté"),
        ("observer", "Projection"),
    ):
        staff[role] = await conduct.add_staff(house, f"{role}@demo.example", name, token_urlsafe(24))
    study = await conduct.create_study(house, staff["facilitator"], **panel.STUDY)
    sessions = []
    for title in (
        {"en": "Estrie", "fr": "Estrie"},
        {"en": "Montréal", "fr": "Montréal"},
        {"en": "Moncton", "fr": "Moncton"},
    ):
        sessions.append(await _session(house, study, staff, title))
    troupes = [await _troupe(house, session) for session in sessions[:2]]
    await _play(house, sessions[0], troupes[0], meeting=False)
    await _play(house, sessions[1], troupes[1], meeting=True)
    return Demo(sessions[0], sessions[1], staff, troupes[1])


async def _session(
    house: House, study: models.Study, staff: dict[str, models.Staff], title: dict[str, str]
) -> models.Session:
    plans = protocol.read(PROTOCOL, is_imported=True)
    session = await conduct.create_session(house, staff["facilitator"], study, title, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    await conduct.import_statements(house, desk, panel.statements())
    team = [
        Guest(Role(role), language="fr", staff_id=member.id) for role, member in staff.items() if role != "facilitator"
    ]
    made = await conduct.add_seats(house, desk, [*team, *panel.guests(sum(panel.SIZES.values()))])
    await asyncio.gather(*(conduct.consent(house, seat) for seat in made if seat.role == Role.PARTICIPANT))
    return session


async def _troupe(house: House, session: models.Session) -> Troupe:
    seated = await models.Seat.filter(session_id=session.id).order_by("id")
    people = [seat for seat in seated if seat.role == Role.PARTICIPANT]
    team = [seat for seat in seated if Role(seat.role) in TEAM]

    async def send(seat: models.Seat, row: models.Round, form: Form) -> None:
        envelope = conduct.Envelope(form, token_urlsafe(8), seat.language)
        await conduct.cast(house, seat.id, row.id, envelope)

    return Troupe(house, people, team, SEED, send)


async def _play(house: House, session: models.Session, troupe: Troupe, meeting: bool) -> None:
    """Round after round; with meeting, stop in the first one in which team and participants act together."""
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        await conduct.open_round(house, troupe.team[0], row.id)
        await row.refresh_from_db()
        cast_by = KINDS[row.kind].cast_by
        if meeting and Role.PARTICIPANT in cast_by and cast_by & TEAM:
            await _begin_meeting(troupe, row)
            return
        await troupe.play(row)
        await conduct.close_round(house, troupe.team[0], row.id, at_once=True)


async def _begin_meeting(troupe: Troupe, row: models.Round) -> None:
    """The first half of the team's acts is done before anyone looks, so that there is something to see."""
    acts = 0
    asked = await troupe.asked(row)
    while acts < 60:
        forms = list(await troupe.forms(row, troupe.team[acts % len(troupe.team)]))
        if not forms:
            return
        await troupe.send(troupe.team[acts % len(troupe.team)], row, forms[0])
        now = await troupe.asked(row)
        if now and now != asked:
            await troupe.all_answer(row)
        asked, acts = now, acts + 1


async def go_on(demo: Demo) -> None:
    """People go on answering what is asked of them, one now and then, as long as the round is open."""
    turn = 0
    while True:
        await asyncio.sleep(PAUSE)
        row = await models.Round.filter(session_id=demo.running.id, state="open").first()
        if row is None:
            continue
        seat = demo.troupe.people[turn % len(demo.troupe.people)]
        turn += 1
        for form in list(await demo.troupe.forms(row, seat, str(turn)))[:1]:
            with suppress(Refused):  # the card was taken off the table meanwhile
                await demo.troupe.send(seat, row, form)


async def links(house: House, demo: Demo) -> list[str]:
    """One link a line: facilitator, one participant of each group, researcher, projector, results."""
    origin, settings = house.settings.origin, house.settings

    def key(role: str, to: str) -> str:
        member = demo.staff[role]
        return f"{origin}/staff/key/{seats.token(settings, 'staff', member.id, member.issue)}?to={to}"

    lines = [f"facilitator: {key('facilitator', f'console-{demo.running.id}')}"]
    for group in panel.GROUPS:
        seat = await models.Seat.filter(session_id=demo.running.id, group=group["key"]).order_by("id").first()
        assert seat is not None
        lines.append(f"{group['key']}: {origin}/j/{seats.token(settings, 'seat', seat.id, seat.issue)}")
    lines.append(f"researcher: {key('researcher', f'results-{demo.finished.id}')}")
    lines.append(f"projector: {key('observer', f'projector-{demo.running.id}')}")
    lines.append(f"results: {key('observer', f'results-{demo.finished.id}')}")
    return lines


@asynccontextmanager
async def shown(folder: Path, listener: socket.socket, say: Say) -> AsyncIterator[House]:
    """The demo's server, answering, with its panel going on."""
    house = build(settings_for(folder, listener))
    async with running(make_app(house.settings, house), listener):
        known = await models.Session.all().order_by("id")
        demo = await _again(house, known) if known else await build_demo(house)
        for line in await links(house, demo):
            say(line)
        panel_goes_on = asyncio.create_task(go_on(demo), name="panel")
        try:
            yield house
        finally:
            panel_goes_on.cancel()
            with suppress(asyncio.CancelledError):
                await panel_goes_on


async def _again(house: House, known: list[models.Session]) -> Demo:
    """A demo folder that was used before: the same sessions, as they were left."""
    staff = {member.mail.partition("@")[0]: member for member in await models.Staff.all()}
    return Demo(known[0], known[1], staff, await _troupe(house, known[1]))


async def show(folder: Path | None, listener: socket.socket, say: Say) -> None:
    """Serve the demo until the process is told to stop."""
    with TemporaryDirectory(prefix="table-ronde-") as temporary:
        async with shown(folder or Path(temporary), listener, say):
            await asyncio.Event().wait()
