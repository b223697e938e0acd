"""Simulated people at work within the house: what they send goes through the same acts as anybody's.

The demo and the rehearsals inside the app play this way; the command `rehearse` sends forms over HTTP instead. Nothing
here knows a kind of round: what people send is said by each kind's play.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from secrets import token_urlsafe

from consensus import conduct, models, protocol
from consensus.conduct import Guest, Refused
from consensus.facts import RoundFacts, rounds_of
from consensus.house import House
from consensus.running import RunningTask
from consensus.simulation import panel
from consensus.simulation.people import SimulatedPeople
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import TEAM, Form, Role

SEED = 7
PEOPLE = 12  # at least; more where the study has many groups
EXAMPLES = 20  # statements, where a session is to bring some and has none yet
PAUSE = 0.5  # seconds between two looks at what a meeting asks next


def how_many(study: models.Study) -> int:
    """So many simulated people that every group of the study is a block of its own that may be shown."""
    return max(PEOPLE, len(study.groups) * study.floor)


def simulated(study: models.Study, languages: list[str]) -> list[Guest]:
    """Participants spread over the groups and the languages, and somebody of the team who acts for it."""
    groups = [str(group["key"]) for group in study.groups]
    team = Guest(Role.COFACILITATOR, language=languages[0], is_simulated=True)
    places = [divmod(n, len(groups)) for n in range(how_many(study))]
    return [team, *(_person(groups[group], languages[turn % len(languages)]) for turn, group in places)]


def _person(group: str, language: str) -> Guest:
    return Guest(Role.PARTICIPANT, group, language, is_simulated=True)


async def rehearse(house: House, by: models.Seat) -> models.Session:
    """The rehearsal of the session in which this member of the team sits."""
    session = await models.Session.get(id=by.session_id).select_related("study")
    first = await models.Round.filter(session_id=session.id).order_by("position").first()
    is_brought = await asyncio.to_thread(protocol.is_brought, first)
    examples = (await asyncio.to_thread(panel.statements))[:EXAMPLES] if is_brought else []
    return await conduct.rehearse(house, by, simulated(session.study, session.languages), examples)


async def simulated_in(house: House, session: models.Session) -> SimulatedPeople:
    """The people of a session who have not left; of a rehearsal, those who are simulated."""
    seated = await models.Seat.filter(session_id=session.id, withdrawn="").order_by("id")
    if session.rehearses is not None:
        seated = [seat for seat in seated if seat.is_simulated]
    people = [seat for seat in seated if seat.role == Role.PARTICIPANT]
    team = [seat for seat in seated if Role(seat.role) in TEAM]

    async def send(seat: models.Seat, row: models.Round, form: Form) -> None:
        submission = conduct.Submission(form, token_urlsafe(8), seat.language)
        await conduct.cast(house, seat.id, row.id, submission)

    return SimulatedPeople(house, people, team, SEED, send, await asyncio.to_thread(panel.book))


def is_meeting(row: models.Round) -> bool:
    """Do team and participants act in it together?"""
    cast_by = KINDS[row.kind].cast_by
    return Role.PARTICIPANT in cast_by and bool(cast_by & TEAM)


def is_answered_alone(row: models.Round) -> bool:
    """Does each person answer it without the others, and are the answers counted?"""
    kind = KINDS[row.kind]
    return Role.PARTICIPANT in kind.cast_by and not kind.cast_by & TEAM and kind.is_counted


async def open_round(house: House, simulated: SimulatedPeople, row: models.Round, reason: str = "") -> None:
    if row.state == RoundState.DRAFT:
        await conduct.open_round(house, simulated.team[0], row.id, reason)
        await row.refresh_from_db()


async def play_round(house: House, simulated: SimulatedPeople, row: models.Round, reason: str = "") -> None:
    """From wherever the round stands to its close. reason: why a wording may be missing."""
    if row.state == RoundState.CLOSED:
        return
    if row.state == RoundState.CLOSING:
        await conduct.keep_open(house, simulated.team[0], row.id)
    await open_round(house, simulated, row, reason)
    await simulated.play(row)
    await conduct.close_round(house, simulated.team[0], row.id, at_once=True)


# A rehearsal, played from its own pages


async def start(house: House, session: models.Session, what: str) -> None:
    """what: "answer" the step that is open, play one "step" to its end, or "all" that are left."""
    rows = await models.Round.filter(session_id=session.id).order_by("position")
    play = RunningTask(what, total=len(rows))
    if what == "answer":
        row = next((row for row in rows if row.state == RoundState.OPEN), None)
        if row is None or Role.PARTICIPANT not in KINDS[row.kind].cast_by:
            raise Refused("refused.nothing_to_answer" if row is None else "refused.only_team_works")
        play.n = rows.index(row) + 1
        play.step = rounds_of(rows)[play.n - 1]
        await house.running.start(session.id, play, lambda play: _told(play, _answer(house, session, row)))
        return
    left = [row for row in rows if row.state != RoundState.CLOSED]
    if not left:
        raise Refused("refused.all_played")
    chosen = left if what == "all" else left[:1]
    steps = rounds_of(rows)
    places = [(steps[rows.index(row)], row) for row in chosen]
    await house.running.start(session.id, play, lambda play: _told(play, _play(house, session, play, places)))


async def _told(play: RunningTask, run: Awaitable[None]) -> None:
    """What an act refuses is told to the team like any refusal."""
    try:
        await run
    except Refused as refused:
        play.failed, play.values = refused.key, refused.values


async def _answer(house: House, session: models.Session, row: models.Round) -> None:
    """What people are asked now; in a meeting also what they are asked next, until it ends."""
    simulated, asked = await simulated_in(house, session), None
    while row.state == RoundState.OPEN:
        now = await simulated.asked(row)
        if now != asked:
            await _unless_over(simulated, row)
            asked = now
        if not is_meeting(row):
            return
        await asyncio.sleep(PAUSE)
        await row.refresh_from_db()


async def _unless_over(simulated: SimulatedPeople, row: models.Round) -> None:
    """The team may close the round, or ask something else, while people are answering."""
    asked = await simulated.asked(row)
    try:
        await simulated.all_answer(row)
    except Refused:
        await row.refresh_from_db()
        if row.state == RoundState.OPEN and await simulated.asked(row) == asked:
            raise


async def _play(
    house: House, session: models.Session, play: RunningTask, places: list[tuple[RoundFacts, models.Round]]
) -> None:
    simulated = await simulated_in(house, session)
    reason = house.texts.say(session.languages[0], "rehearsal.name")
    for step, row in places:
        play.n, play.step = step.number, step
        await play_round(house, simulated, row, reason)
