"""The demo: a study on scaling up case management, with one session finished, one at the wall, one not begun.

The panel is synthetic; at the wall it goes on signalling while somebody looks. The server answers at once, a link is
printed when what it leads to is there. Nothing here knows a kind of round, nor plays one: that is playing's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from signal import SIGINT, SIGTERM
from tempfile import TemporaryDirectory

from consensus import conduct, models, panel, protocol, seats
from consensus.conduct import Guest, Refused
from consensus.house import House, build
from consensus.playing import is_meeting, open_round, play_round, troupe_of
from consensus.server import origin_of, running
from consensus.settings import Settings, stored_secret
from consensus.troupe import Troupe
from consensus.web import make_app
from rounds.contract import Role, Statement

PAUSE = 1.2  # seconds between two signals at the wall
PROTOCOL = "triage"
PLACES = ("Estrie", "Montréal", "Moncton")  # finished, where people meet, not begun
STAFF = {"facilitator": "Claire Roy", "cofacilitator": "An Tran", "researcher": "Maya Côté", "observer": "Projection"}
ACTS = 60  # of the team before anyone looks

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


async def laid(house: House) -> Demo:
    """Three sessions of one study, everybody seated, nothing begun; or those of this folder, as they were left."""
    staff = {member.mail.partition("@")[0]: member for member in await models.Staff.all()}
    if not staff:
        staff = await hired(house)
        study = await conduct.create_study(house, staff["facilitator"], **panel.STUDY)
        for place in PLACES:
            await seated(house, study, staff, place, panel.statements())
    finished, running, _ = await models.Session.all().order_by("id").limit(len(PLACES))
    return Demo(finished, running, staff, await troupe_of(house, running))


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


async def play_to_meeting(house: House, session: models.Session, troupe: Troupe) -> None:
    """Up to the first round in which team and participants act together, and some way into it; once only."""
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    meeting = next(number for number, row in enumerate(rows) if is_meeting(row))
    if rows[meeting].state != "draft":
        return
    for row in rows[:meeting]:
        await play_round(house, troupe, row)
    await open_round(house, troupe, rows[meeting])
    await begin_meeting(troupe, rows[meeting], ACTS)


async def play_to_end(house: House, session: models.Session) -> None:
    troupe = await troupe_of(house, session)
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        await play_round(house, troupe, row)


async def begin_meeting(troupe: Troupe, row: models.Round, acts: int) -> None:
    """The team acts so often at least, and then until people are asked something: now there is something to see."""
    asked = await troupe.asked(row)
    for number in range(acts + ACTS):
        if number >= acts and asked:
            return
        seat = troupe.team[number % len(troupe.team)]
        forms = list(await troupe.forms(row, seat))
        if not forms:
            return
        await troupe.send(seat, row, forms[0])
        now = await troupe.asked(row)
        if now and now != asked:
            await troupe.all_answer(row)
        asked = now


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


def _key(house: House, member: models.Staff, to: str) -> str:
    return f"{house.settings.origin}/staff/key/{seats.token(house.settings, 'staff', member.id, member.issue)}?to={to}"


async def links_in(house: House, demo: Demo) -> list[str]:
    """Into the running session, one link a line: its facilitator, one participant of each group."""
    lines = [f"facilitator: {_key(house, demo.staff['facilitator'], f'console-{demo.running.id}')}"]
    for group in panel.GROUPS:
        seat = await models.Seat.filter(session_id=demo.running.id, group=group["key"]).order_by("id").first()
        assert seat is not None
        link = seats.token(house.settings, "seat", seat.id, seat.issue)
        lines.append(f"{group['key']}: {house.settings.origin}/j/{link}")
    return lines


def links_beside(house: House, demo: Demo) -> list[str]:
    """What is looked at: the finished session as a researcher, the running one's projector, the results."""
    results = f"results-{demo.finished.id}"
    return [
        f"researcher: {_key(house, demo.staff['researcher'], results)}",
        f"projector: {_key(house, demo.staff['observer'], f'projector-{demo.running.id}')}",
        f"results: {_key(house, demo.staff['observer'], results)}",
    ]


@asynccontextmanager
async def shown(folder: Path, listener: socket.socket, say: Say) -> AsyncIterator[House]:
    """The demo's server, answering, with its panel going on."""
    house = build(settings_for(folder, listener))
    async with running(make_app(house.settings, house), listener):
        demo = await laid(house)
        await play_to_meeting(house, demo.running, demo.troupe)
        for line in await links_in(house, demo):
            say(line)
        await play_to_end(house, demo.finished)
        for line in links_beside(house, demo):
            say(line)
        panel_goes_on = asyncio.create_task(go_on(demo), name="panel")
        try:
            yield house
        finally:
            panel_goes_on.cancel()
            with suppress(asyncio.CancelledError):
                await panel_goes_on


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
