"""A study is handed over, put away and brought back, or erased by two people, so that no word of it is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consensus import conduct, models, seats, store
from consensus.conduct import Guest, Refused
from consensus.erasure import certificates, waiting
from consensus.export.database import verify_database
from consensus.house import House, build, open_house
from consensus.journal import HOUSE, first_breach, head_of, minute
from consensus.leading import lead_of, led_by
from consensus.settings import Settings
from consensus.simulation.panel import guests
from consensus.states import Left
from rounds.contract import Role
from tests.conftest import PASSWORD, SECRET, Table, fresh, lay_table

TITLE = "Case management"
MARK = "Xylographe"  # in every word that a person of the study writes


async def fay_of(table: Table) -> models.Staff:
    return await models.Staff.get(id=table.fay.staff_id)


async def account(house: House, name: str, is_administrator: bool = False) -> models.Staff:
    return await conduct.add_staff(house, f"{name.lower()}@example.org", name, PASSWORD, is_administrator)


async def beside(table: Table, name: str = "Max") -> models.Staff:
    """Another facilitator of the study."""
    staff = await account(table.house, name)
    await conduct.add_seats(table.house, table.fay, [Guest(Role.FACILITATOR, staff_id=staff.id)])
    return staff


# Handed over


async def test_who_is_handed_a_study_leads_it_and_facilitates_every_session(table: Table) -> None:
    fay, max_ = await fay_of(table), await account(table.house, "Max")
    study = table.session.study_id
    assert await lead_of(study) == fay.id
    await conduct.hand_over(table.house, fay, study, " MAX@example.org", leaves=False)
    assert await lead_of(study) == max_.id and study in await led_by(max_.id) and study not in await led_by(fay.id)
    held = await models.Seat.get(session_id=table.session.id, staff_id=max_.id)
    assert held.role == Role.FACILITATOR
    assert await models.Seat.exists(id=table.fay.id, withdrawn=""), "who stays goes on"
    line = await models.Entry.filter(head=HOUSE).order_by("-seq").first()
    assert line is not None and json.loads(line.payload)["to"] == max_.id
    assert await models.Entry.exists(head=head_of(table.session.id), act="hand_over")


async def test_who_leaves_sits_nowhere_in_it_until_it_is_handed_back(table: Table) -> None:
    fay, max_ = await fay_of(table), await beside(table)
    study = table.session.study_id
    await conduct.rehearse(table.house, table.fay, guests(4), [])
    await conduct.hand_over(table.house, fay, study, "max@example.org", leaves=True)
    gone = await models.Seat.filter(session__study_id=study, staff_id=fay.id)
    assert {seat.withdrawn for seat in gone} == {Left.STOPPED} and len(gone) == 2
    await conduct.hand_over(table.house, max_, study, "fay@example.org", leaves=False)
    assert await models.Seat.exists(id=table.fay.id, withdrawn="", role=Role.FACILITATOR)


async def test_a_lead_who_is_gone_is_followed_by_whom_an_administrator_names(table: Table) -> None:
    ada, max_ = await account(table.house, "Ada", is_administrator=True), await account(table.house, "Max")
    await conduct.hand_over(table.house, ada, table.session.study_id, "max@example.org", leaves=True)
    assert await lead_of(table.session.study_id) == max_.id


async def test_nobody_else_hands_over_and_no_researcher_becomes_the_team(table: Table) -> None:
    fay, max_, study = await fay_of(table), await beside(table), table.session.study_id
    rita = await account(table.house, "Rita")
    await conduct.add_seats(table.house, table.fay, [Guest(Role.RESEARCHER, staff_id=rita.id)])
    for who, mail, why in (
        (max_, "max@example.org", "not_lead"),
        (rita, "rita@example.org", "not_lead"),
        (fay, "nobody@example.org", "no_such_account"),
        (fay, "fay@example.org", "leads_already"),
        (fay, "rita@example.org", "sits_beside"),
    ):
        with pytest.raises(Refused, match=why):
            await conduct.hand_over(table.house, who, study, mail, leaves=False)
    assert await lead_of(study) == fay.id


# Put away


async def test_nothing_opens_in_a_study_that_is_put_away(table: Table) -> None:
    fay, study = await fay_of(table), table.session.study_id
    await conduct.open_door(table.house, table.fay, takes_newcomers=True)
    await table.open("rating")
    with pytest.raises(Refused, match="study_open"):
        await conduct.put_away(table.house, fay, study)
    row = await table.close("rating")
    await conduct.put_away(table.house, fay, study)
    assert (await models.Session.get(id=table.session.id)).room == "", "its door is shut"
    refused = (
        conduct.reopen_round(table.house, table.fay, row.id, "Because"),
        conduct.open_door(table.house, table.fay, takes_newcomers=True),
        conduct.create_session(table.house, fay, await models.Study.get(id=study), {"fr": "S", "en": "S"}, []),
        conduct.rehearse(table.house, table.fay, guests(4), []),
        conduct.put_away(table.house, fay, study),
    )
    for act in refused:
        with pytest.raises(Refused, match="put_away"):
            await act
    await conduct.bring_back(table.house, fay, study)
    await conduct.reopen_round(table.house, table.fay, row.id, "Because")


async def test_a_round_of_a_study_put_away_does_not_open(table: Table) -> None:
    await conduct.put_away(table.house, await fay_of(table), table.session.study_id)
    with pytest.raises(Refused, match="put_away"):
        await table.open("rating")


async def test_only_its_lead_puts_it_away(table: Table) -> None:
    max_ = await beside(table)
    for act in (conduct.put_away, conduct.bring_back):
        with pytest.raises(Refused, match="not_lead"):
            await act(table.house, max_, table.session.study_id)


# Erased


async def test_one_person_alone_erases_nothing(table: Table) -> None:
    fay, max_, study = await fay_of(table), await beside(table), table.session.study_id
    eve = await account(table.house, "Eve")
    with pytest.raises(Refused, match="not_lead"):
        await conduct.ask_erasure(table.house, max_, study, TITLE)
    with pytest.raises(Refused, match="other_name"):
        await conduct.ask_erasure(table.house, fay, study, "Case")
    with pytest.raises(Refused, match="no_erasure"):
        await conduct.erase_study(table.house, max_, study, TITLE)
    await conduct.ask_erasure(table.house, fay, study, "  case   MANAGEMENT ")
    for who, name, why in ((fay, TITLE, "not_second"), (eve, TITLE, "not_second"), (max_, "Case", "other_name")):
        with pytest.raises(Refused, match=why):
            await conduct.erase_study(table.house, who, study, name)
    with pytest.raises(Refused, match="erasure_waits"):
        await conduct.hand_over(table.house, fay, study, "max@example.org", leaves=False)
    assert await models.Study.exists(id=study)


async def test_a_request_is_taken_back_or_lapses(table: Table) -> None:
    fay, max_, study = await fay_of(table), await beside(table), table.session.study_id
    for who in (fay, max_):
        await conduct.ask_erasure(table.house, fay, study, TITLE)
        await conduct.take_back_erasure(table.house, who, study)
        assert await waiting(study) is None
    await conduct.ask_erasure(table.house, fay, study, "Gestion de cas")
    line = await models.Entry.filter(head=HOUSE, act="ask_erasure").order_by("-seq").first()
    assert line is not None
    for days, is_waiting in ((6, True), (8, False)):
        await models.Entry.filter(id=line.id).update(at=minute(datetime.now(UTC) - timedelta(days=days)))
        assert (await waiting(study) is not None) is is_waiting
    with pytest.raises(Refused, match="no_erasure"):
        await conduct.erase_study(table.house, max_, study, TITLE)


async def test_a_study_that_people_answer_in_is_not_erased(table: Table) -> None:
    fay, max_, study = await fay_of(table), await beside(table), table.session.study_id
    await conduct.ask_erasure(table.house, fay, study, TITLE)
    await table.open("rating")
    with pytest.raises(Refused, match="study_open"):
        await conduct.erase_study(table.house, max_, study, TITLE)
    await conduct.take_back_erasure(table.house, fay, study)
    with pytest.raises(Refused, match="study_open"):
        await conduct.ask_erasure(table.house, fay, study, TITLE)


def settings_of(database: str) -> Settings:
    return Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")


async def lived(house: House) -> Table:
    """A study in which something stands in every table, all of it with the mark."""
    table = await lay_table(house)
    study = table.session.study_id
    words = {"fr": f"Étude {MARK}", "en": f"Study {MARK}"}
    question = {"key": "gender", "names": words, "choices": []}
    await models.Study.filter(id=study).update(title=words, question=words, profile=[question], help_name=MARK)
    person = {"name": f"Ann {MARK}", "mail": f"ann@{MARK.lower()}.org", "phone": "819 555-0101"}
    [ann] = await conduct.add_seats(house, table.fay, [Guest(Role.PARTICIPANT, "patients", **person)])
    await conduct.consent(house, ann)
    await conduct.say_profile(house, ann, {"gender": f"In {MARK} words"})
    await conduct.queue_invitations(house, table.fay, [ann.id])
    await seats.sign_in(house.store, seat=ann)
    member = await models.Person.get(name=f"Ann {MARK}")
    fields = {"study_id": study, "session_id": table.session.id}
    await models.Member.filter(study_id=study, person=member).update(sites=[MARK])
    await models.StudyNumber.create(**fields, number=9, statement="X001")
    await models.StudyTable.create(study_id=study, at="2026-01-01T00:00Z", data={"words": MARK}, hash="0" * 64)
    await table.open("rating")
    for seat in (*table.seats, ann):
        await table.cast(seat, "rating", card="P001", importance="7", reason=f"Because {MARK}")
    await conduct.call(house, ann, "speak")
    await table.close("rating")
    await conduct.analyse_due(house)
    await conduct.rehearse(house, table.fay, guests(4), [])
    return table


async def rows_of() -> dict[str, list[str]]:
    """Every table, with what its rows say."""
    names = [model._meta.db_table for model in _tables()]
    return {name: [str(dict(row)) for row in await store.rows(f'SELECT * FROM "{name}"')] for name in names}  # noqa: S608


def _tables() -> Iterator[type[models.Model]]:
    for found in vars(models).values():
        if isinstance(found, type) and issubclass(found, models.Model) and found is not models.Model:
            yield found


async def test_after_an_erasure_no_file_and_no_table_holds_a_word_of_the_study(tmp_path: Path) -> None:
    def found() -> list[str]:
        parts = (MARK.encode(), MARK.lower().encode())
        return [path.name for path in sorted(tmp_path.iterdir()) if any(part in path.read_bytes() for part in parts)]

    async with open_house(build(settings_of(str(fresh(tmp_path / "house.db"))))) as house:
        kept = await lay_table(house, title="Ailleurs")
        before = {name: len(rows) for name, rows in (await rows_of()).items()}
        table = await lived(house)
        fay, ada = await fay_of(table), await account(house, "Ada", is_administrator=True)
        assert found() and {name for name, rows in (await rows_of()).items() if len(rows) > before[name]} >= {
            *("study", "session", "round", "seat", "person", "ballot", "leaf", "login", "mail", "member", "call"),
            *("study_number", "study_table", "head", "entry"),
        }
        await conduct.ask_erasure(house, fay, table.session.study_id, f"Study {MARK}")
        made = await conduct.erase_study(house, ada, table.session.study_id, f"Étude {MARK}")
        assert found() == []
        after = await rows_of()
        assert {name: len(rows) for name, rows in after.items() if name not in {"entry", "staff"}} == {
            name: n for name, n in before.items() if name not in {"entry", "staff"}
        }
        assert {row.head for row in await models.Entry.all()} == {HOUSE, head_of(kept.session.id)}
        assert first_breach(await models.Entry.filter(head=HOUSE).order_by("seq").values()) is None
        assert (made.sessions, made.rounds, made.people, made.answers) == (1, 1, 12, 12)
        assert (await certificates())[made.study] == made and (made.asked_by, made.confirmed_by) == (fay.id, ada.id)


async def test_an_erasure_takes_what_is_of_the_study_from_either_database(database: str) -> None:
    async with open_house(build(settings_of(database))) as house:
        kept = await lay_table(house, title="Ailleurs")
        table = await lived(house)
        head = await models.Head.get(key=head_of(table.session.id))
        shared = await models.Person.create(name="Bea of both")
        await models.Seat.filter(id__in=[kept.aline.id, table.aline.id]).update(person=shared)
        of_other = await models.Person.create(name="Cal of the other panel")
        await models.Seat.filter(id=table.bob.id).update(person=of_other)
        await models.Member.create(study_id=kept.session.study_id, person=of_other, sites=[])
        fay, ada = await fay_of(table), await account(house, "Ada", is_administrator=True)
        await conduct.ask_erasure(house, fay, table.session.study_id, f"Study {MARK}")
        made = await conduct.erase_study(house, ada, table.session.study_id, f"Study {MARK}")
        assert not any(MARK in row for rows in (await rows_of()).values() for row in rows)
        assert {person.name for person in await models.Person.all()} == {"Bea of both", "Cal of the other panel"}
        assert (head.seq, head.hash) in made.heads
        await kept.open("rating")
        assert (await kept.cast(kept.aline, "rating", card="P001", importance="7")).seq, "the other study goes on"
    assert (await verify_database(database)).is_whole
