"""Seven groups, one of them the study's own, of which two are never pooled: from the form of the study to the files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from html import unescape
from pathlib import Path

import httpx2
import pytest

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House
from consensus.outcome import statement_from
from rounds.contract import Role
from tests.conftest import RATING, STATEMENTS, Site, Table
from tests.consensus.test_small_cells import inside, rows
from tests.web.test_setup_pages import STUDY, newcomer
from tests.web.test_study_groups import ALL_SIX, PHARMACY

# As a list of people has it: who is in each group, in either language and in any case.
SEATED = {
    "Patients": 5,
    "personnes proches aidantes": 5,
    "Community organisations": 5,
    "Cliniciens et cliniciennes": 5,
    "MANAGERS": 5,
    "Ministère": 3,
    "pharmacy staff": 2,
    "Personnel en pharmacie": 1,
}


async def brings(nora: httpx2.AsyncClient, here: str, seated: Mapping[str, int]) -> None:
    people = "".join(f"{group[:4]} {n};;{group};en\n" for group, size in seated.items() for n in range(size))
    taken = await nora.post(f"{here}/roster?by=list", data={"roster": people, "do": "confirm"})
    assert taken.status_code == 303, taken.text


@pytest.fixture
async def table(site: Site) -> Table:
    nora = await newcomer(site)
    study = STUDY | ALL_SIX | PHARMACY | {"floor": "5", "apart.ministry": "g7"}
    assert (await nora.post("/studies/new", data=study)).status_code == 303
    staff, made = await models.Staff.get(mail="nora@example.org"), await models.Study.get()
    session = await conduct.create_session(site.house, staff, made, {"en": "Estrie", "fr": "Estrie"}, RATING)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    await conduct.import_statements(site.house, desk, [statement_from(data) for data in STATEMENTS])
    await brings(nora, f"/sessions/{session.id}", SEATED)
    people = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT).order_by("id")
    for seat in people:
        await conduct.consent(site.house, seat)
    await nora.aclose()
    return Table(site.house, session, desk, people, people[0])


async def answered(table: Table) -> models.Round:
    await table.open("rating")
    for n, seat in enumerate(table.seats):
        for data in STATEMENTS:
            await table.cast(seat, "rating", card=data["id"], importance=str(5 + n % 4))
    return await table.close("rating")


async def test_a_list_of_people_names_the_groups_in_either_language(table: Table) -> None:
    found = [seat.group for seat in table.seats]
    assert {group: found.count(group) for group in found} == {
        "patients": 5, "informal_caregivers": 5, "community_organisations": 5, "clinicians": 5, "managers": 5,
        "ministry": 3, "g7": 3,
    }  # fmt: skip


async def test_two_groups_that_are_never_pooled_count_in_no_block_together(table: Table) -> None:
    """The last of the list is small and may not join its neighbour: each joins another group, and nobody is left."""
    blocks = [set(block["groups"]) for block in (await answered(table)).blocks]
    assert {"patients", "ministry"} in blocks and {"informal_caregivers", "g7"} in blocks
    assert sum(map(len, blocks)) == 7


async def test_pages_speak_of_an_own_group_by_its_name_and_sign(site: Site, table: Table) -> None:
    await answered(table)
    nora = await site.sign_in("nora@example.org")
    for language, name in (("en", "Pharmacy staff"), ("fr", "Personnel en pharmacie")):
        for page in ("results", "console", "setup", "seats"):
            text = unescape((await nora.get(f"/sessions/{table.session.id}/{page}?lang={language}")).text)
            assert name in text, page
        assert 'class="f-g7"' in text
    await nora.aclose()


@pytest.mark.parametrize("write", [individual, released])
async def test_files_speak_of_an_own_group_by_its_name_and_hold_no_key(
    site: Site, table: Table, tmp_path: Path, write: Callable[[House, models.Session], Awaitable[bytes]]
) -> None:
    await answered(table)
    data = await write(site.house, table.session)
    path = tmp_path / "parcel.zip"
    path.write_bytes(data)
    code, said = await asyncio.to_thread(verify_file, path)
    assert code == 0, said
    files = inside(data)
    assert "rating.median[informal_caregivers+pharmacy_staff]" in rows(files, "results.csv")[0]
    told = {row["column"]: row for row in rows(files, "codebook.csv")}["rating.n[informal_caregivers+pharmacy_staff]"]
    assert "Informal caregivers and Pharmacy staff" in told["meaning_en"]
    assert "Personnes proches aidantes et Personnel en pharmacie" in told["meaning_fr"]
    assert not [name for name, text in files.items() if re.search(rb"\bg7\b", text)]
