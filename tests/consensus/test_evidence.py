"""What is told of where a statement comes from: to the team all of it, to everybody else no quotation without a yes and
a reader, and never site and kind of person of fewer than k."""

from __future__ import annotations

import asyncio
import csv
import io
import random
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.conduct.evidence import Came
from consensus.evidence import Whence, counted, family_of, whence
from consensus.export import released
from consensus.export.verify import verify
from consensus.imports import coded
from consensus.outcome import statement_from
from rounds.contract import Role
from tests.conftest import RATING, Site, Table, lay_table

HEAD = ("statement", "text_en", "nature", "theme", "quotation", "kind", "site", "informant", "source", "may_quote")


def table_of(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue()


def interviews(n: int, quotations: int, seed: int = 1) -> str:
    """So many invented interviews, each under a name that nobody at the table may read."""
    chance = random.Random(seed)
    rows = []
    for place in range(quotations):
        source, code = place % n, chance.randrange(40)
        rows.append(
            (
                f"C{code:02}",
                f"Something number {code} helps.",
                "helps",
                f"Theme {code % 5}",
                f"Quotation {place} said aloud.",
                "interview",
                f"Clinic {source % 4}",
                ("patients", "clinicians", "caregivers")[source % 3],
                f"Interview with Zenobia {source}",
                "yes" if source % 2 else "no",
            )
        )
    return table_of(rows)


async def bring(table: Table, text: str) -> Came:
    reading = coded.parse(text, coded.Asking(("fr", "en")))
    assert not reading.problems
    staff = await models.Staff.get(id=table.fay.staff_id)
    return await conduct.bring_coded(table.house, table.fay, staff, reading)


async def judge(table: Table, act: str, *numbers: int) -> int:
    staff = await models.Staff.get(id=table.fay.staff_id)
    return await conduct.judge_quotations(table.house, staff, table.session.study_id, act, numbers)


FEW = table_of(
    [
        ("P1", "Statement 1.", "", "", "She had time for me.", "interview", "Saguenay", "patients", "Ann Rare", "yes"),
        ("P1", "Statement 1.", "", "", "No yes was said.", "interview", "Saguenay", "patients", "Ann Rare", "no"),
    ]
)


MOST = 0.25  # seconds that the event loop is held at once, on a busy machine; by itself 50 ms


@asynccontextmanager
async def beating() -> AsyncIterator[list[float]]:
    """How long each of a row of short sleeps took."""
    waits = [0.0, 0.0]

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - before)

    watch = asyncio.create_task(beat())
    yield waits
    watch.cancel()


@pytest.fixture
async def table(site: Site) -> Table:
    return await lay_table(site.house)


async def seen(table: Table, is_team: bool = False) -> Whence:
    session = await models.Session.get(id=table.session.id)
    study = await models.Study.get(id=session.study_id)
    family = await family_of(session, "P001", is_team)
    assert family is not None
    return await whence(study, family, is_team)


async def test_a_statement_that_is_there_gets_its_quotations_and_does_not_come_twice(table: Table) -> None:
    came = await bring(table, FEW)
    assert (came.statements, came.there, came.quotations) == (0, 1, 2)
    assert len((await models.Session.get(id=table.session.id)).imported) == 3
    assert (await seen(table, is_team=True)).kinds == (("interview", 1),)


async def test_a_quotation_needs_a_yes_a_reader_and_k_people_or_an_act(table: Table) -> None:
    await bring(table, FEW)
    good, bad = await models.Quotation.filter().order_by("id")
    assert not (await seen(table)).said
    with pytest.raises(Refused, match="not_read"):
        await judge(table, "release", good.id)
    await judge(table, "read", good.id, bad.id)
    told = await seen(table)
    assert (told.said, told.held_back) == ((), 1)
    with pytest.raises(Refused, match="not_read"):
        await judge(table, "release", good.id, bad.id)
    await judge(table, "release", good.id)
    (said,) = (await seen(table)).said
    assert (said.text, said.kind, said.site, said.informant, said.label) == (
        "She had time for me.", "interview", "", "", "",
    )  # fmt: skip
    await judge(table, "forbid", good.id)
    assert not (await seen(table)).said


async def test_site_and_kind_of_person_are_told_from_k_people_on(table: Table) -> None:
    for n in range(1, 6):
        row = ("P1", "Statement 1.", "", "", f"Said {n}.", "interview", "Saguenay", "patients", f"Somebody {n}", "yes")
        await bring(table, table_of([row]))
        await judge(table, "read", *[one.id for one in await models.Quotation.all()])
        told = await seen(table)
        assert len(told.said) == (5 if n == 5 else 0)
    assert {said.site for said in told.said} == {"Saguenay"}


async def test_the_same_statement_elsewhere_in_the_study_has_the_same_evidence(table: Table) -> None:
    await bring(table, FEW)
    staff = await models.Staff.get(id=table.fay.staff_id)
    study = await models.Study.get(id=table.session.study_id)
    other = await conduct.create_session(table.house, staff, study, {"en": "Other", "fr": "Autre"}, RATING)
    desk = await models.Seat.get(session_id=other.id, role="facilitator")
    held = (await models.Session.get(id=table.session.id)).imported
    await conduct.import_statements(table.house, desk, [statement_from(one) for one in held])
    family = await family_of(await models.Session.get(id=other.id), "P001", is_team=False)
    assert family is not None and (table.session.id, "P001") in family.roots


async def test_an_import_can_be_taken_back_until_something_rests_on_it(table: Table) -> None:
    staff = await models.Staff.get(id=table.fay.staff_id)
    await bring(table, FEW)
    await conduct.take_back_coded(table.house, staff, table.session.study_id, 1)
    assert not await models.Source.exists() and not await models.Evidence.exists()
    await bring(table, FEW)
    await judge(table, "read", *[one.id for one in await models.Quotation.all()])
    with pytest.raises(Refused, match="evidence_rests"):
        await conduct.take_back_coded(table.house, staff, table.session.study_id, 1)


async def test_a_list_with_evidence_is_not_replaced_under_it(table: Table) -> None:
    await bring(table, FEW)
    with pytest.raises(Refused, match="has_evidence"):
        await conduct.import_statements(table.house, table.fay, [])


async def test_a_file_for_anyone_tells_kinds_from_k_sources_on(table: Table) -> None:
    rows = [("P1", "Statement 1.", "", "", f"Said {n}.", "interview", "", "", f"Somebody {n}", "") for n in range(5)]
    rows += [("P1", "Statement 1.", "", "", f"Read {n}.", "document", "", "", f"Paper {n}", "") for n in range(4)]
    await bring(table, table_of(rows))
    session = await models.Session.get(id=table.session.id)
    assert await counted(session.study_id, session, ["P001", "P002"], 5) == [("P001", "interview", 5)]


async def test_a_hundred_and_thirty_interviews_come_in_and_hold_nobody_up(table: Table) -> None:
    text, staff = interviews(130, 800), await models.Staff.get(id=table.fay.staff_id)
    async with beating() as waits:
        reading = await asyncio.to_thread(coded.parse, text, coded.Asking(("fr", "en")))
    assert (len(reading.sources), len(reading.quotations), len(reading.statements)) == (130, 800, 40)
    assert sorted(waits)[-2] < MOST
    async with beating() as waits:
        came = await conduct.bring_coded(table.house, table.fay, staff, reading)
    assert (came.statements, came.sources, came.quotations) == (40, 130, 800)
    assert sorted(waits)[-2] < MOST
    numbers = [one.id for one in await models.Quotation.all()]
    async with beating() as waits:
        assert await judge(table, "read", *numbers) == 800
    assert sorted(waits)[-2] < MOST


async def test_the_parcel_tells_kinds_of_sources_and_no_quotation_and_verifies(table: Table, tmp_path: Path) -> None:
    await bring(
        table,
        table_of(
            [
                ("P1", "Statement 1.", "", "", f"Said {n}.", "interview", "", "", f"Somebody {n}", "yes")
                for n in range(6)
            ]
        ),
    )
    await table.open("rating")
    await table.close("rating")
    data = await released(table.house, table.session)
    (tmp_path / "parcel.zip").write_bytes(data)
    assert (await asyncio.to_thread(verify, tmp_path / "parcel.zip")).is_whole
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        assert parcel.read("evidence.csv") == b"statement,kind,sources\r\nP001,interview,6\r\n"
        everything = b"".join(parcel.read(name) for name in parcel.namelist())
    assert b"Said 1" not in everything and b"Somebody" not in everything


# Attacks


async def test_nobody_but_the_team_reads_a_name_a_place_of_few_or_a_quotation_without_yes(
    site: Site, table: Table
) -> None:
    await bring(table, FEW)
    await judge(table, "read", *[one.id for one in await models.Quotation.all()])
    await table.open("rating")
    page = f"/sessions/{table.session.id}/where/P001"
    (observer,) = await conduct.add_seats(site.house, table.fay, [conduct.Guest(Role.OBSERVER)])
    for seat in (table.aline, table.bob, observer):
        browser = await site.sit(seat)
        answer = await browser.get(page)
        assert answer.status_code == 200 and "held back" in answer.text or "pas montrée" in answer.text
        for secret in ("Ann Rare", "Saguenay", "She had time", "No yes was said"):
            assert secret not in answer.text
        assert (await browser.get(f"/studies/{table.session.study_id}/evidence")).status_code in {401, 403, 404}
        await browser.aclose()
    elsewhere = await lay_table(site.house, title="Elsewhere")
    outsider = await site.sit(elsewhere.aline)
    assert (await outsider.get(page)).status_code == 404
    await outsider.aclose()
    fay = await site.sign_in()
    told = (await fay.get(page)).text
    assert "Ann Rare" in told and "She had time" in told
    await fay.aclose()


async def test_the_journal_and_the_card_page_say_no_word_of_a_quotation(site: Site, table: Table) -> None:
    await bring(table, FEW)
    await judge(table, "read", *[one.id for one in await models.Quotation.all()])
    lines = " ".join(one.payload for one in await models.Entry.all())
    assert "She had time" not in lines and "Ann Rare" not in lines and "Saguenay" not in lines
    await table.open("rating")
    browser = await site.sit(table.aline)
    card = (await browser.get(f"/sessions/{table.session.id}/take?card=P001")).text
    assert f"/sessions/{table.session.id}/where/P001" in card and "Saguenay" not in card
    await browser.aclose()
