"""A statement has one number in its study, whatever sessions it enters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus import conduct, models, protocol
from consensus.conduct import Refused
from consensus.count import recount
from consensus.house import House
from consensus.numbers import kept_by, number, numbers_of, twins_of
from consensus.outcome import statement_from
from consensus.protocol import Plan
from consensus.simulation import player
from rounds.contract import Role, Statement
from tests.conftest import RATING, STATEMENTS, Table, lay_table

LIST = [statement_from(data) for data in STATEMENTS]


async def another(table: Table, title: str = "Montréal", plans: list[Plan] | None = None) -> models.Seat:
    """The facilitator's seat in one more session of the study, with nothing brought to it."""
    staff = await models.Staff.get(id=table.fay.staff_id)
    study = await models.Study.get(id=table.session.study_id)
    session = await conduct.create_session(table.house, staff, study, {"en": title, "fr": title}, plans or RATING)
    return await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)


async def brought(table: Table, desk: models.Seat, *statements: Statement) -> dict[str, int]:
    numbered = [replace(one, id=f"P{n:03}") for n, one in enumerate(statements, start=1)]
    await conduct.import_statements(table.house, desk, numbered)
    return await numbers_of(desk.session_id)


async def test_statements_that_are_brought_are_numbered_in_their_order(table: Table) -> None:
    assert await numbers_of(table.session.id) == {"P001": 1, "P002": 2, "P003": 3}
    assert await numbers_of(table.odile.session_id) == {"P001": 1, "P002": 2, "P003": 3}, "each study from one"


async def test_the_same_statement_in_another_session_has_the_same_number(table: Table) -> None:
    desk = await another(table)
    new = Statement("", {"en": "A new one."}, "en")
    assert await brought(table, desk, new, LIST[2], LIST[0]) == {"P001": 4, "P002": 3, "P003": 1}


async def test_other_words_or_another_number_of_the_file_are_another_statement(table: Table) -> None:
    first, second = await another(table), await another(table, "Laval")
    here = replace(LIST[0], source_id="B7")
    assert await brought(table, first, here, replace(LIST[1], wordings={"en": "Statement 2."})) == {
        "P001": 4,
        "P002": 5,
    }
    assert await brought(table, second, here, replace(here, source_id="B8")) == {"P001": 4, "P002": 6}


async def test_a_list_that_has_one_twice_has_two_of_it_everywhere(table: Table) -> None:
    first, second = await another(table), await another(table, "Laval")
    assert await brought(table, first, LIST[0], LIST[0]) == {"P001": 1, "P002": 4}
    assert await brought(table, second, LIST[0], LIST[0], LIST[0]) == {"P001": 1, "P002": 4, "P003": 5}


async def test_a_list_brought_again_keeps_its_numbers(table: Table) -> None:
    added = Statement("", {"en": "One more."}, "en")
    assert await brought(table, table.fay, LIST[2], added, LIST[0]) == {"P001": 3, "P002": 4, "P003": 1}
    assert await brought(table, table.fay, LIST[0], LIST[2], added) == {"P001": 1, "P002": 3, "P003": 4}


async def test_a_wrong_list_leaves_no_hole(table: Table) -> None:
    wrong = [Statement("", {"en": f"Wrong {n}."}, "en") for n in range(3)]
    assert await brought(table, table.fay, *wrong) == {"P001": 1, "P002": 2, "P003": 3}
    assert await brought(table, table.fay, LIST[1]) == {"P001": 1}


async def test_what_has_a_number_keeps_it(table: Table) -> None:
    async def job() -> dict[str, int]:
        study, session = table.session.study_id, table.session.id
        await number(study, session, ["P002", "S01"], {"P002": 9, "S01": 1})
        return await number(study, session, ["S02", "P002", "S01"])

    assert await table.house.act(None, job) == {"S02": 4, "P002": 2, "S01": 1}


def made(name: str, words: dict[str, str], *parents: str) -> Statement:
    return Statement(name, words, "en", parents=parents)


def test_a_statement_taken_over_as_it_was_stays_the_same_also_with_a_language_more() -> None:
    came = [made("P001", {"en": "One."}), made("P002", {"en": "Two."}), made("P003", {"en": "Three.", "fr": ""})]
    numbers = {"P001": 1, "P002": 2, "P003": 3}
    left = [
        made("S01", {"en": "One.", "fr": "Un."}, "P001"),
        made("S02", {"en": "Two, and more."}, "P002"),
        made("S03", {"en": "Three."}, "P003"),
    ]
    assert kept_by(left, came, numbers) == {"S01": 1, "S03": 3}


def test_what_was_merged_or_split_is_new() -> None:
    came = [made("P001", {"en": "One."}), made("P002", {"en": "Two."})]
    left = [
        made("S01", {"en": "One."}, "P001", "P002"),
        made("S02", {"en": "Two."}, "P002"),
        made("S03", {"en": "Not two."}, "P002"),
    ]
    assert kept_by(left, came, {"P001": 1, "P002": 2}) == {}
    assert kept_by([made("S01", {"en": "One."}, "P001")], came, {}) == {}, "what people wrote has no number"


async def test_what_people_wrote_is_numbered_once_the_team_has_made_statements(house: House) -> None:
    plans = [
        Plan("gather", "gather", "at_close", grace=0),
        Plan("compilation", "compilation", "live", grace=0),
        *RATING,
    ]
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="One idea.")
    await table.cast(table.bob, "gather", card="1", text="Another idea.")
    await table.close("gather")
    assert await numbers_of(table.session.id) == {}
    await table.open("compilation")
    await table.cast(table.fay, "compilation", act="accept_all", looked="1")
    await table.close("compilation")
    assert await numbers_of(table.session.id) == {"S01": 1, "S02": 2}


async def test_a_rehearsal_takes_no_number_of_the_study(table: Table) -> None:
    await another(table)
    before = await models.StudyNumber.all().order_by("id").values()
    rehearsal = await player.rehearse(table.house, table.fay)
    assert rehearsal.imported and await models.StudyNumber.all().order_by("id").values() == before


async def test_a_triage_is_numbered_whole(house: House) -> None:
    table = await lay_table(house, protocol.read("triage", is_imported=True))
    row = await table.open("compilation")
    await table.cast(table.fay, "compilation", act="accept", of="P002")
    await table.cast(table.fay, "compilation", act="accept", of="P001", wording__en="In other words.", wording__fr="X.")
    await table.cast(table.fay, "compilation", act="reject", of="P003", reason="Said twice.")
    await table.close("compilation")
    assert await numbers_of(row.session_id) == {"P001": 1, "P002": 2, "P003": 3, "S01": 2, "S02": 4}


async def test_a_session_of_before_gets_the_numbers_that_it_would_have_got(house: House) -> None:
    table = await lay_table(house, protocol.read("triage", is_imported=True))
    await brought(table, await another(table), LIST[2], Statement("", {"en": "A new one."}, "en"))
    await table.open("compilation")
    await table.cast(table.fay, "compilation", act="accept_all", looked="1")
    await table.close("compilation")
    await player.rehearse(house, table.fay)
    values = ("session_id", "statement", "number", "passed_from")
    before = await models.StudyNumber.all().order_by("session_id", "id").values(*values)
    await models.StudyNumber.all().delete()
    assert await conduct.number_older(house) == 2
    assert await models.StudyNumber.all().order_by("session_id", "id").values(*values) == before
    lines = await models.Entry.all().count()
    assert await conduct.number_older(house) == 0 and await models.Entry.all().count() == lines


# The same words elsewhere


async def test_case_spaces_and_the_last_point_make_no_other_words(table: Table) -> None:
    desk = await another(table)
    same = {language: f"  {text.upper().rstrip('.')}" for language, text in LIST[1].wordings.items()}
    assert await brought(table, desk, replace(LIST[1], wordings=same)) == {"P001": 2}


async def _under_two_numbers(table: Table) -> models.Seat:
    """A session whose P001 has the words of number 1 under another number of the file."""
    desk = await another(table)
    assert await brought(table, desk, replace(LIST[0], source_id="B7")) == {"P001": 4}
    return desk


async def test_what_another_session_has_in_the_same_words_takes_its_number_when_asked(table: Table) -> None:
    desk = await _under_two_numbers(table)
    (twin,) = await twins_of(await models.Session.get(id=desk.session_id))
    assert (twin.statement, twin.own, twin.number, twin.sessions) == ("P001", 4, 1, (table.session.id,))
    assert await twins_of(table.session) == [], "the earlier number is offered, never the later one"
    assert await conduct.take_number(table.house, desk, "P001") == 1
    assert await numbers_of(desk.session_id) == {"P001": 1}
    with pytest.raises(Refused):
        await conduct.take_number(table.house, desk, "P001")


async def _compiled_in(house: House) -> tuple[Table, models.Session, tuple[Statement, ...]]:
    """A session in which somebody wrote what another has as number 1; its compilation is open and took in both."""
    plans = [
        Plan("gather", "gather", "at_close", grace=0),
        Plan("compilation", "compilation", "live", grace=0),
        *RATING,
    ]
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="One idea.")
    await table.cast(table.bob, "gather", card="1", text="Another idea.")
    await table.close("gather")
    language = table.aline.language
    await brought(table, await another(table), Statement("", {language: " one IDEA"}, language))
    row = await table.open("compilation")
    await table.cast(table.fay, "compilation", act="accept_all", looked="1")
    return table, await models.Session.get(id=table.session.id), (await recount(row)).take_stock().official.statements


async def test_what_is_being_compiled_takes_the_number_of_the_same_words_elsewhere(house: House) -> None:
    table, session, standing = await _compiled_in(house)
    (twin,) = await twins_of(session, standing)
    assert (twin.own, twin.number) == (None, 1)
    assert await conduct.take_number(house, table.fay, twin.statement) == 1
    assert await twins_of(session, standing) == []
    await table.close("compilation")
    assert sorted((await numbers_of(session.id)).items()) == [("S01", 1), ("S02", 2)]


async def test_words_that_change_after_that_are_another_statement_again(house: House) -> None:
    table, session, standing = await _compiled_in(house)
    (twin,) = await twins_of(session, standing)
    await conduct.take_number(house, table.fay, twin.statement)
    words = {f"wording__{table.aline.language}": "Quite another."}
    await table.cast(table.fay, "compilation", act="reword", of=twin.statement, seen="0", **words)
    await table.close("compilation")
    assert sorted((await numbers_of(session.id)).values()) == [2, 3]


async def test_what_was_given_up_after_that_has_no_number(house: House) -> None:
    table, session, standing = await _compiled_in(house)
    (twin,) = await twins_of(session, standing)
    await conduct.take_number(house, table.fay, twin.statement)
    await table.cast(table.fay, "compilation", act="reject", of=twin.statement, reason="Said twice.")
    await table.close("compilation")
    assert list((await numbers_of(session.id)).values()) == [2]


async def test_other_words_are_never_offered_and_a_frozen_session_keeps_its_numbers(table: Table) -> None:
    other = await another(table, "Laval")
    await brought(table, other, replace(LIST[0], wordings={"en": "Other words."}))
    assert await twins_of(await models.Session.get(id=other.session_id)) == []
    desk = await another(table, "Gatineau")
    await brought(table, desk, replace(LIST[0], source_id="B7"))
    await models.Session.filter(id=desk.session_id).update(frozen_at="2026-01-01T00:00Z")
    with pytest.raises(Refused, match="twin_stands"):
        await conduct.take_number(table.house, desk, "P001")
