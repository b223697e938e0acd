"""The freeze: told before, done once, binding only who agreed to its day; and the cells that a file leaves out."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.conduct import Guest, Refused
from consensus.export import individual
from consensus.export.left_out import Answered, closed_cells
from consensus.freeze import is_draft, is_frozen, left_out, readme_keys
from consensus.house import build, open_house
from consensus.journal import HOUSE, head_of
from consensus.settings import Settings
from rounds import KINDS
from rounds.contract import Role
from tests.conftest import PASSWORD, SECRET, Table, lay_table
from tests.consensus.test_export import inside
from tests.consensus.test_export import rows as told_in
from tests.consensus.test_main import at, consensus, here
from tests.freezing import freeze, move_day, tell_day
from tests.older import go_back_to


async def over(table: Table) -> Table:
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    return table


async def lines(table: Table, act: str) -> list[models.Entry]:
    return await models.Entry.filter(head=head_of(table.session.id), act=act).order_by("seq")


# The day


async def test_a_day_is_a_new_version_of_the_consent_and_everybody_is_asked(table: Table) -> None:
    day = await tell_day(table)
    assert not await models.Seat.exists(session_id=table.session.id, role=Role.PARTICIPANT, consented=True)
    line = await models.Entry.filter(head=HOUSE, act="write_consent").first()
    assert line is not None and json.loads(line.payload)["until"] == day.isoformat()
    study, staff = await models.Study.get(id=table.session.study_id), await models.Staff.get(id=table.fay.staff_id)
    texts = {"fr": "Autre texte.", "en": "Another text."}
    await conduct.write_consent(table.house, staff, study.id, texts, texts)
    assert (await models.Study.get(id=study.id)).versions[-1]["until"] == day.isoformat()


@pytest.mark.parametrize(("days", "why"), [(13, "freeze_soon"), (20, "freeze_same"), (9999, "freeze_late")])
async def test_a_day_that_tells_nobody_in_time_is_refused(table: Table, days: int, why: str) -> None:
    await tell_day(table, 20)
    with pytest.raises(Refused, match=why):
        await tell_day(table, days)
    await tell_day(table, 14)


async def test_once_a_session_is_frozen_the_day_stands(table: Table) -> None:
    await over(table)
    await freeze(table)
    with pytest.raises(Refused, match="freeze_done"):
        await tell_day(table, 30)
    row = await table.row("rating")
    with pytest.raises(Refused, match="frozen_session"):
        await conduct.reopen_round(table.house, table.fay, row.id, "Why not")


# The act


async def test_a_session_is_frozen_once_its_day_is_past_and_it_is_over(table: Table) -> None:
    await tell_day(table)
    for seat in table.seats:
        await conduct.consent(table.house, seat)
    await table.open("rating")
    await move_day(table, -1)
    await conduct.freeze_due(table.house)
    assert not await is_frozen(await models.Session.get(id=table.session.id))  # a step is open
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    await move_day(table, 0)
    await conduct.freeze_due(table.house)
    assert not await is_frozen(await models.Session.get(id=table.session.id))  # the last day is theirs to its end
    await move_day(table, -1)
    for _ in range(2):
        await conduct.freeze_due(table.house)
    assert await is_frozen(await models.Session.get(id=table.session.id))
    (line,) = await lines(table, "freeze")
    assert (line.role, line.alias) == ("clock", "")
    assert not await is_frozen(await models.Session.get(id=table.odile.session_id))  # another study


async def test_after_it_only_the_name_can_go(table: Table) -> None:
    await over(table)
    mine = models.Ballot.filter(seat_id=table.aline.id, marks__isnull=False)
    person = await models.Person.create(name="Aline Roy", mail="aline@example.org")
    await models.Seat.filter(id=table.aline.id).update(person_id=person.id)
    await freeze(table)
    aline = await models.Seat.get(id=table.aline.id)
    with pytest.raises(Refused, match="frozen_answers"):
        await conduct.withdraw(table.house, aline, erase=True)
    assert await mine.count() == 1 and not (await models.Seat.get(id=aline.id)).withdrawn
    await conduct.withdraw(table.house, aline, erase=False)
    assert await mine.count() == 1 and not await models.Person.exists(id=person.id)


async def test_who_agreed_to_no_day_keeps_erasure_and_is_left_out_until_they_accept(table: Table) -> None:
    await over(table)
    early, other, *rest = table.seats
    await freeze(table, rest)
    assert await left_out(table.session) == {early.id, other.id} and await is_draft(table.session)
    await conduct.withdraw(table.house, early, erase=True)
    assert await left_out(table.session) == {other.id}
    await conduct.consent(table.house, other)
    await conduct.freeze_due(table.house)
    assert not await left_out(table.session) and not await is_draft(table.session)
    with pytest.raises(Refused, match="frozen_answers"):
        await conduct.withdraw(table.house, await models.Seat.get(id=other.id), erase=True)
    assert len(await lines(table, "freeze")) == 1


async def test_who_never_answered_makes_no_draft(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    await freeze(table, [table.aline])
    assert not await is_draft(table.session)


async def test_a_rehearsal_is_frozen_at_its_last_close_and_leaves_out_nobody(table: Table) -> None:
    await models.Session.filter(id=table.session.id).update(rehearses=table.odile.session_id)
    session = await models.Session.get(id=table.session.id)
    await table.open("rating")
    assert not await is_frozen(session)
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    assert await is_frozen(session) and not await is_draft(session)


# Told by mail


async def test_two_weeks_before_the_day_everybody_who_agreed_to_it_is_told_once(table: Table) -> None:
    guests = [Guest(Role.PARTICIPANT, "patients", "fr", name, f"{name}@example.org") for name in ("zoe", "max", "lea")]
    zoe, _, lea = await conduct.add_seats(table.house, table.fay, guests)
    await tell_day(table, 20)
    for seat in (zoe, lea):
        await conduct.consent(table.house, seat)
    await conduct.withdraw(table.house, lea, erase=False)
    await conduct.tell_freezes(table.house)
    assert not await models.Mail.filter(what="freeze").exists()  # too early
    day = await move_day(table, 14)
    for _ in range(2):
        await conduct.tell_freezes(table.house)
    assert [mail.seat_id for mail in await models.Mail.filter(what="freeze")] == [zoe.id]
    (line,) = await lines(table, "tell_freeze")
    assert json.loads(line.payload) == {"until": day.isoformat()} and "zoe" not in line.payload
    await move_day(table, -1)
    await conduct.tell_freezes(table.house)
    assert await models.Mail.filter(what="freeze").count() == 1


# Which rows may be given


@pytest.mark.parametrize("k", [3, 5])
def test_a_cell_from_which_fewer_than_k_people_are_missing_gives_no_row(k: int) -> None:
    marks = {"card": "P001", "values": {"importance": 7}, "reason": ""}
    answers = [Answered(seat, seat, "a", "P001", marks) for seat in range(3 * k)]
    for lost in range(3 * k + 1):
        closed = closed_cells(KINDS["rating"], answers, set(range(lost)), k)
        assert closed == (frozenset({("a", "P001")}) if 0 < lost < k else frozenset())
    erased = [Answered(99, 99, "a", "P001", None)]
    assert closed_cells(KINDS["rating"], [*answers, *erased], set(), k) == {("a", "P001")}


# To whom


async def test_individual_answers_are_given_signed_and_accepted_each_with_a_line(table: Table) -> None:
    await over(table)
    (rita,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.RESEARCHER, name="Rita", mail="r@x.org")])
    with pytest.raises(Refused, match="not_given"):
        await conduct.accept_conditions(table.house, rita)
    grant = await conduct.give_answers(table.house, table.fay, table.session.id, rita.id)
    with pytest.raises(Refused, match="given_already"):
        await conduct.give_answers(table.house, table.fay, table.session.id, rita.id)
    with pytest.raises(Refused, match="no_freeze"):
        await conduct.may_fetch(table.session, grant)
    await freeze(table)
    await conduct.may_fetch(table.session, grant)
    for _ in range(2):
        await conduct.accept_conditions(table.house, rita)
    (gave,), (accepted,) = await lines(table, "give_answers"), await lines(table, "accept_conditions")
    assert (gave.by_id, gave.about_id, accepted.by_id) == (table.fay.id, rita.id, rita.id)
    assert "Rita" not in gave.payload + accepted.payload and gave.alias != accepted.alias
    for seat in (table.aline, table.odile):
        with pytest.raises(Refused, match=r"not_a_researcher|no_such_seat"):
            await conduct.give_answers(table.house, table.fay, table.session.id, seat.id)


async def test_one_of_the_team_needs_a_second_person_after_the_freeze(table: Table) -> None:
    await over(table)
    guests = [Guest(Role.RESEARCHER, mail="FAY@example.org"), Guest(Role.OBSERVER)]
    twin, _ = await conduct.add_seats(table.house, table.fay, guests)
    ada = await conduct.add_staff(table.house, "ada@example.org", "Ada", PASSWORD)
    fay = await models.Staff.get(id=table.fay.staff_id)
    for seat in (table.fay, twin):  # one who sat on the team is known by the address, in whatever seat
        assert (await conduct.give_answers(table.house, table.fay, table.session.id, seat.id)).is_team
    grant = await models.Grant.get(seat_id=table.fay.id)
    with pytest.raises(Refused, match="sign_after_freeze"):
        await conduct.sign_answers(table.house, ada, table.session.id, grant.id)
    await freeze(table)
    with pytest.raises(Refused, match="not_signed"):
        await conduct.may_fetch(table.session, grant)
    with pytest.raises(Refused, match="sign_yourself"):
        await conduct.sign_answers(table.house, fay, table.session.id, grant.id)
    with pytest.raises(Refused, match="nothing_to_sign"):
        await conduct.sign_answers(table.house, ada, table.odile.session_id, grant.id)
    await conduct.sign_answers(table.house, ada, table.session.id, grant.id)
    with pytest.raises(Refused, match="signed_already"):
        await conduct.sign_answers(table.house, ada, table.session.id, grant.id)
    await conduct.may_fetch(table.session, await models.Grant.get(id=grant.id))
    (line,) = await lines(table, "sign_answers")
    assert (line.role, line.alias, line.about_id) == ("staff", str(ada.id), table.fay.id)
    assert readme_keys(is_draft=False, is_for_team=True)[-1] == "individual.readme.team"
    assert len(readme_keys(is_draft=True, is_for_team=False)) == 2


# The command line


async def test_the_command_line_asks_for_whom_and_writes_the_line(tmp_path: Path) -> None:
    settings = Settings(database=at(tmp_path)["CONSENSUS_DATABASE"], secret=SECRET)
    async with open_house(build(settings)) as house:
        table = await over(await lay_table(house))
        await conduct.add_seats(house, table.fay, [Guest(Role.RESEARCHER, name="Rita Côté", mail="rita@example.org")])
        await freeze(table)
    out = tmp_path / "p.zip"
    asked = ("export", str(table.session.id), "--out", str(out))
    for more, why in (((), "--for"), (("--for", "Zoé"), "--for"), (("--for", "fay@example.org"), "second person")):
        code, said = await asyncio.to_thread(partial(here, *asked, *more, **at(tmp_path)))
        assert code == 2 and why in said and not out.exists()
    code, said = consensus(*asked, "--for", "rita côté", **at(tmp_path))
    assert code == 0 and out.exists() and "I pass the file on to nobody" in said
    code, said = consensus(*asked, "--released", **at(tmp_path))
    assert code == 0
    async with open_house(build(settings)):
        (line,) = await lines(table, "give_answers")
        assert line.role == "shell" and line.about_id is not None and "Rita" not in line.payload


# Databases of before


async def test_nobody_is_bound_and_nothing_is_given_in_a_database_of_before(database: str) -> None:
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await over(await lay_table(house))
        await go_back_to("0014_names")
    async with open_house(build(settings)) as house:
        table.house, table.session = house, await models.Session.get(id=table.session.id)
        assert not await is_frozen(table.session) and len(await left_out(table.session)) == len(table.seats)
        with pytest.raises(Refused, match="no_freeze"):
            await conduct.file_exists(table.session)
        await freeze(table)
        await conduct.file_exists(table.session)


async def test_a_rehearsal_thrown_away_takes_what_was_given_in_it_along(table: Table) -> None:
    rehearsal = await conduct.rehearse(table.house, table.fay, [], [])
    desk = await models.Seat.get(session_id=rehearsal.id, role=Role.FACILITATOR)
    await conduct.give_answers(table.house, desk, rehearsal.id, desk.id)
    await conduct.discard_rehearsal(table.house, desk)
    assert not await models.Grant.all().exists()


async def test_the_file_leaves_out_whom_the_freeze_did_not_bind_and_says_that_it_is_a_draft(table: Table) -> None:
    """Five patients of five: their rows are missing together."""
    await over(table)
    await freeze(table, table.seats[5:])
    files = inside(await individual(table.house, table.session, is_for_team=True))
    assert {row["block"] for row in told_in(files, "answers.csv")} == {"caregivers+clinicians"}
    readme = files["README.txt"].decode()
    for language in ("en", "fr"):
        for key in ("what", "frozen", "draft", "team"):
            assert table.house.texts.say(language, f"individual.readme.{key}") in readme
    for seat in table.seats[:5]:
        await conduct.consent(table.house, seat)
    await conduct.freeze_due(table.house)
    files = inside(await individual(table.house, table.session))
    assert {row["block"] for row in told_in(files, "answers.csv")} == {"patients", "caregivers+clinicians"}
    assert table.house.texts.say("en", "individual.readme.draft") not in files["README.txt"].decode()
    assert table.house.texts.say("en", "individual.readme.team") not in files["README.txt"].decode()


async def test_one_person_whom_the_freeze_did_not_bind_takes_the_whole_group_out_of_the_file(table: Table) -> None:
    await over(table)
    await freeze(table, table.seats[1:])
    files = inside(await individual(table.house, table.session))
    assert {row["block"] for row in told_in(files, "answers.csv")} == {"caregivers+clinicians"}
