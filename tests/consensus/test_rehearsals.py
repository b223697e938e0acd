"""A rehearsal inside the app: simulated people, every protocol to its end, and nothing of it left."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from zipfile import ZipFile

import pytest

from consensus import conduct, models, protocol, store
from consensus.conduct import Refused
from consensus.count import recount
from consensus.export import individual
from consensus.house import House, build, open_house
from consensus.journal import first_breach, head_of
from consensus.running import RunningTask
from consensus.settings import Settings
from consensus.simulation import panel, player
from consensus.web.app import make_app
from rounds.contract import Role
from tests.conftest import RATING, Table, lay_table

LONG = 120  # seconds that a whole protocol may take on a busy machine


@pytest.fixture(autouse=True)
def the_protocols_are_read_before_anybody_waits() -> Iterator[None]:
    for name in protocol.names():
        protocol.read(name)
    yield


async def over(house: House, session: models.Session) -> None:
    """Wait until the simulated people have played."""

    async def is_over() -> bool:
        return not house.running.is_running(session.id)

    await until(is_over)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LONG * 50):
        if await is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it took too long")


async def played(house: House, session: models.Session, what: str) -> None:
    await player.start(house, session, what)
    await over(house, session)
    play = house.running.of(session.id)
    assert play is None, play


async def everything() -> dict[str, str]:
    """Every row of every table, but the house's own chain."""
    tables = await store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    found = {name: await store.rows(f'SELECT * FROM "{name}"') for name in (table["name"] for table in tables)}
    found["entry"] = [row for row in found["entry"] if row["head"] != "house"]
    found["head"] = [row for row in found["head"] if row["key"] != "house"]
    return {name: json.dumps(rows, default=str) for name, rows in found.items()}


@pytest.mark.parametrize("name", protocol.names())
async def test_a_rehearsal_of_each_protocol_plays_to_its_end_and_leaves_the_real_session_alone(
    house: House, name: str
) -> None:
    table = await lay_table(house, protocol.read(name))
    await models.Session.filter(id=table.session.id).update(imported=[])
    before = await everything()
    rehearsal = await player.rehearse(house, table.fay)
    await played(house, rehearsal, "all")
    rows = await models.Round.filter(session_id=rehearsal.id).order_by("position")
    assert [row.key for row in rows] == [plan.key for plan in protocol.read(name)]
    assert {row.state for row in rows} == {"closed"}
    for row in rows:
        assert (await recount(row)).take_stock().ballots == row.outcome["ballots"] > 0
    lines = await models.Entry.filter(head=head_of(rehearsal.id)).order_by("seq").values()
    assert first_breach(lines) is None
    assert await models.Mail.all().count() == 0
    await conduct.discard_rehearsal(house, await desk_of(rehearsal))
    assert await everything() == before


async def desk_of(session: models.Session) -> models.Seat:
    return await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)


async def test_every_group_is_a_block_of_its_own_in_both_languages(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    people = await models.Seat.filter(session_id=rehearsal.id, role=Role.PARTICIPANT)
    assert all(seat.is_simulated and seat.consented for seat in people)
    assert len(people) == 15  # three groups, five at least in each
    for group in ("patients", "caregivers", "clinicians"):
        assert {seat.language for seat in people if seat.group == group} == {"fr", "en"}
    assert [(block.groups, block.seats) for block in await conduct.blocks_now(rehearsal)] == [
        (("patients",), 5),
        (("caregivers",), 5),
        (("clinicians",), 5),
    ]


async def test_a_study_with_one_small_group_still_gets_twelve_people(table: Table) -> None:
    study = await models.Study.get(id=table.session.study_id)
    study.groups, study.floor = study.groups[:1], 3
    guests = player.simulated(study, ["fr"])
    assert len(guests) == 13 and {guest.language for guest in guests} == {"fr"}


async def test_the_rounds_are_those_that_are_set_up_now(table: Table) -> None:
    row = await table.row("rating")
    settings = {**row.settings, "scale": "1-5"}
    plan = replace(protocol.plan_of(row), settings=settings, disclosure="live", grace=7)
    await conduct.plan_round(table.house, table.fay, row.id, plan)
    rehearsal = await player.rehearse(table.house, table.fay)
    copied = await models.Round.get(session_id=rehearsal.id, key="rating")
    assert protocol.plan_of(copied) == protocol.plan_of(await table.row("rating"))
    assert copied.grace == 7 and rehearsal.imported == (await models.Session.get(id=table.session.id)).imported


async def test_examples_stand_in_for_statements_that_are_not_there_yet(house: House) -> None:
    table = await lay_table(house, protocol.read("triage", is_imported=True))
    await models.Session.filter(id=table.session.id).update(imported=[])
    rehearsal = await player.rehearse(house, table.fay)
    assert [data["id"] for data in rehearsal.imported] == [s.id for s in panel.statements()[: player.EXAMPLES]]
    written = await lay_table(house, protocol.read("triage"), title="Written here")
    await models.Session.filter(id=written.session.id).update(imported=[])
    assert (await player.rehearse(house, written.fay)).imported == []


async def test_a_session_has_one_rehearsal_and_its_team_meets_there(table: Table) -> None:
    other = await conduct.add_staff(table.house, "coco@example.org", "Coco", "correct horse battery")
    guest = conduct.Guest(Role.COFACILITATOR, staff_id=other.id)
    (coco,) = await conduct.add_seats(table.house, table.fay, [guest])
    first, second = await asyncio.gather(*(player.rehearse(table.house, seat) for seat in (table.fay, coco)))
    assert first.id == second.id
    assert (await player.rehearse(table.house, coco)).id == first.id
    desks = await models.Seat.filter(session_id=first.id, role=Role.FACILITATOR)
    assert {seat.staff_id for seat in desks} == {table.fay.staff_id, other.id} and len(desks) == 2


async def test_a_rehearsal_is_never_rehearsed_and_a_real_session_never_thrown_away(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    with pytest.raises(Refused, match=r"refused\.is_rehearsal"):
        await player.rehearse(table.house, await desk_of(rehearsal))
    before = await everything()
    with pytest.raises(Refused, match=r"refused\.no_rehearsal"):
        await conduct.discard_rehearsal(table.house, table.fay)
    assert await everything() == before


async def test_who_has_no_account_makes_no_rehearsal(table: Table) -> None:
    (seat,) = await conduct.add_seats(table.house, table.fay, [conduct.Guest(Role.COFACILITATOR)])
    with pytest.raises(Refused, match=r"refused\.rehearse_account"):
        await player.rehearse(table.house, seat)


async def test_the_chain_of_the_house_tells_that_it_was_made_and_thrown_away(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    await conduct.discard_rehearsal(table.house, await desk_of(rehearsal))
    lines = await models.Entry.filter(head="house").order_by("seq").values()
    assert [line["act"] for line in lines][-2:] == ["rehearse", "discard_rehearsal"]
    assert json.loads(lines[-1]["payload"]) == {"session": table.session.id, "rehearsal": rehearsal.id}
    assert first_breach(lines) is None


async def test_people_answer_the_open_step_once_and_the_team_closes_it(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    with pytest.raises(Refused, match=r"refused\.nothing_to_answer"):
        await player.start(table.house, rehearsal, "answer")
    row = await models.Round.get(session_id=rehearsal.id)
    await conduct.open_round(table.house, await desk_of(rehearsal), row.id)
    for _ in range(2):
        await played(table.house, rehearsal, "answer")
        assert await models.Ballot.filter(round_id=row.id).count() == 45  # three cards, fifteen people
    await row.refresh_from_db()
    assert row.state == "open"
    await played(table.house, rehearsal, "step")
    with pytest.raises(Refused, match=r"refused\.all_played"):
        await player.start(table.house, rehearsal, "all")


async def test_in_a_meeting_people_go_on_answering_what_the_team_asks(house: House) -> None:
    table = await lay_table(house, protocol.read("triage", is_imported=True))
    rehearsal = await player.rehearse(house, table.fay)
    while not player.is_meeting(row := await open_next(house, rehearsal)):
        await played(house, rehearsal, "step")
    await player.start(house, rehearsal, "answer")
    simulated = await player.simulated_in(house, rehearsal)
    team, asked = simulated.team[0], 0

    async def all_answered() -> bool:
        return sum((await house.counts.now(row)).answered.values()) == len(simulated.people)

    while asked < 2:
        (form,) = list(await simulated.forms(row, team))[:1]
        await simulated.send(team, row, form)
        if await simulated.asked(row):
            asked += 1
            await until(all_answered)
    assert house.running.is_running(rehearsal.id)
    await house.running.stop(rehearsal.id)
    assert not house.running.is_running(rehearsal.id)


async def open_next(house: House, session: models.Session) -> models.Round:
    row = await models.Round.filter(session_id=session.id, state="draft").order_by("position").first()
    assert row is not None
    await conduct.open_round(house, await desk_of(session), row.id)
    return await models.Round.get(id=row.id)


async def test_a_play_is_stopped_between_two_acts_and_goes_on_from_there(house: House) -> None:
    table = await lay_table(house, protocol.read("triage"))
    rehearsal = await player.rehearse(house, table.fay)
    await player.start(house, rehearsal, "all")
    await until(models.Ballot.all().exists)
    await house.running.stop(rehearsal.id)
    assert house.running.of(rehearsal.id) is None
    await asyncio.sleep(0.3)  # acts that were under way
    stopped = await models.Ballot.all().count()
    await asyncio.sleep(0.3)
    assert await models.Ballot.all().count() == stopped
    await played(house, rehearsal, "all")


async def test_what_an_act_refuses_is_told(house: House) -> None:
    """People whose consent was taken back meanwhile, by whatever defect."""
    table = await lay_table(house, protocol.read("triage"))
    rehearsal = await player.rehearse(house, table.fay)
    await models.Seat.filter(session_id=rehearsal.id, is_simulated=True, role=Role.PARTICIPANT).update(consented=False)
    await player.start(house, rehearsal, "all")
    await over(house, rehearsal)
    play = house.running.of(rehearsal.id)
    assert play is not None and (play.n, play.failed) == (1, "refused.consent_first")


async def test_of_two_plays_that_begin_at_once_one_goes_on(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    ended = []

    async def for_ever(play: RunningTask) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(play.what)

    await table.house.running.start(rehearsal.id, RunningTask("first"), for_ever)
    await asyncio.sleep(0)
    await asyncio.gather(*(table.house.running.start(rehearsal.id, RunningTask(name), for_ever) for name in ("a", "b")))
    await asyncio.sleep(0)
    assert "first" in ended and len(ended) <= 2
    await table.house.running.stop(rehearsal.id)
    others = [task for task in asyncio.all_tasks() if task.get_name() == f"play {rehearsal.id}"]
    assert others == []


async def test_a_process_ends_while_simulated_people_play(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await lay_table(house, protocol.read("triage"))
        rehearsal = await player.rehearse(house, table.fay)
        await player.start(house, rehearsal, "all")
        await asyncio.sleep(0.05)
    async with open_house(build(settings)) as house:
        await played(house, rehearsal, "all")


async def test_a_new_consent_is_not_asked_of_simulated_people(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    staff = await models.Staff.get(id=table.fay.staff_id)
    words = {"fr": "Nouveau.", "en": "New."}
    await conduct.write_consent(table.house, staff, table.session.study_id, words, words)
    await played(table.house, rehearsal, "all")


async def test_nobody_is_written_to_from_a_rehearsal(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    desk = await desk_of(rehearsal)
    await conduct.add_seats(table.house, desk, [conduct.Guest(Role.PARTICIPANT, "patients", mail="a@example.org")])
    for queue in (conduct.queue_invitations, conduct.queue_reminders):
        with pytest.raises(Refused, match=r"refused\.rehearsal_mails"):
            await queue(table.house, desk)
    assert await models.Mail.all().count() == 0


async def test_who_comes_in_by_the_door_is_thrown_away_too(table: Table) -> None:
    before = await everything()
    rehearsal = await player.rehearse(table.house, table.fay)
    desk = await desk_of(rehearsal)
    await conduct.open_door(table.house, desk, takes_newcomers=False)
    code = (await models.Session.get(id=rehearsal.id)).room
    newcomer = await conduct.join(table.house, code, "patients", "fr")
    assert (newcomer.session_id, newcomer.is_simulated) == (rehearsal.id, False)
    await conduct.consent(table.house, newcomer)
    await conduct.call(table.house, newcomer, "question")
    await conduct.add_seats(table.house, desk, [conduct.Guest(Role.PARTICIPANT, "patients", name="Ann")])
    await conduct.discard_rehearsal(table.house, desk)
    assert await everything() == before


async def test_a_forgotten_rehearsal_is_thrown_away_when_the_process_starts(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        old, new = [await lay_table(house, RATING, title) for title in ("old", "new")]
        rehearsals = [await player.rehearse(house, table.fay) for table in (old, new)]
        await models.Entry.filter(head=head_of(rehearsals[0].id), seq=1).update(at="2026-01-01T00:00Z")
    app = make_app(settings)
    async with app.router.lifespan_context(app):
        assert await models.Session.filter(rehearses__isnull=False).values_list("id", flat=True) == [rehearsals[1].id]
        assert await models.Session.filter(rehearses__isnull=True).count() == 2


def manifest(parcel: bytes) -> dict[str, object]:
    with ZipFile(io.BytesIO(parcel)) as opened:
        told: dict[str, object] = json.loads(opened.read("manifest.json"))
    return told


async def test_a_parcel_of_a_rehearsal_says_so(table: Table) -> None:
    rehearsal = await player.rehearse(table.house, table.fay)
    await played(table.house, rehearsal, "all")
    parcel = await individual(table.house, rehearsal)
    assert manifest(parcel)["rehearsal"] is True
    await table.open("rating")
    await table.close("rating")
    assert manifest(await individual(table.house, table.session))["rehearsal"] is False
