"""The participants' table: made once when the session is over, told from k people on, the same on page and in file."""

from __future__ import annotations

import asyncio
import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.sheets import SUMS, parcel
from consensus.export.verify import verify
from consensus.house import build, open_house
from consensus.journal import head_of
from consensus.outcome import digest
from consensus.settings import Settings
from tests.conftest import SECRET, Site, Table, fresh, lay_table
from tests.consensus.test_export import inside, rows
from tests.freezing import freeze
from tests.web.test_questions_page import GENDER, YEARS, asking

# Of eleven people: five, three, two and nobody's answer; a text that six write, one that one writes, four without.
YEARS_SAID = ["c1"] * 5 + ["c2"] * 3 + ["c3"] * 2 + [""]
GENDER_SAID = ["Femme"] * 3 + [" femme"] * 3 + ["A word of one person"] + [""] * 4


async def said(table: Table) -> Table:
    await asking(table)
    for seat, years, gender in zip(table.seats, YEARS_SAID, GENDER_SAID, strict=True):
        await conduct.consent(table.house, seat)
        await conduct.say_profile(table.house, seat, {"years": years, "gender": gender})
    return table


async def over(table: Table) -> Table:
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    await conduct.analyse_due(table.house)
    return table


async def told(table: Table) -> Any:
    return (await models.Session.get(id=table.session.id)).participants


async def test_it_is_made_once_when_the_session_is_over(table: Table) -> None:
    await said(table)
    assert await told(table) is None
    await over(table)
    years, gender = await told(table)
    assert [cell["n"] for cell in years["cells"]] == [5, None, None] and (years["none"], years["others"]) == (None, 6)
    assert [(cell["key"], cell["n"]) for cell in gender["cells"]] == [("femme", 6)]
    assert (gender["none"], gender["others"]) == (None, 5)
    [line] = await models.Entry.filter(head=head_of(table.session.id), act="tell_participants")
    assert json.loads(line.payload) == {"hash": digest([years, gender])}


async def test_what_somebody_changes_or_erases_later_moves_no_figure(table: Table) -> None:
    await over(await said(table))
    before = await told(table)
    await conduct.say_profile(table.house, table.aline, {})
    await conduct.withdraw(table.house, table.bob, erase=True)
    assert (await models.Seat.get(id=table.bob.id)).profile is None
    await conduct.analyse_due(table.house, table.session.id)
    assert await told(table) == before


async def test_whoever_erased_before_is_in_none(table: Table) -> None:
    await said(table)
    await conduct.withdraw(table.house, table.aline, erase=True)
    await models.Seat.filter(id=table.aline.id).update(consented=True)
    table.seats = table.seats[1:]
    await over(table)
    years, gender = await told(table)
    assert years["cells"] == [] and years["others"] is None, "no answer has five: nothing of the question is told"
    assert gender["cells"][0]["n"] == 5


async def test_a_study_that_asks_nothing_has_no_table(table: Table) -> None:
    await over(table)
    assert await told(table) is None
    files = inside(await released(table.house, table.session))
    assert "participants.csv" not in files and "participants" not in json.loads(files["manifest.json"])


async def test_parcels_hold_it_and_are_verified(table: Table, tmp_path: Path) -> None:
    await over(await said(table))
    files = inside(await released(table.house, table.session))
    found = [(row["question"], row["answer"], row["answer_fr"], row["n"]) for row in rows(files, "participants.csv")]
    assert found[:4] == [
        ("years", "c1", "Choix 1", "5"),
        ("years", "c2", "Choix 2", ""),
        ("years", "c3", "Choix 3", ""),
        ("years", "others", "", "6"),
    ]
    assert b"A word of one person" not in b"".join(files.values())
    assert [row for row in rows(files, "codebook.csv") if row["file"] == "participants.csv"]
    await _is_whole(tmp_path, files, True)
    few = files["participants.csv"].replace(b",5\r\n", b",4\r\n", 1)
    await _is_whole(tmp_path, {**files, "participants.csv": few}, False)
    manifest = json.loads(files["manifest.json"])
    manifest["participants"][0]["cells"][0]["n"] = 4
    changed = {**files, "participants.csv": few, "manifest.json": _json(manifest)}
    await _is_whole(tmp_path, changed, False)
    await _is_whole(tmp_path, {name: data for name, data in files.items() if name != "participants.csv"}, False)


async def test_the_file_of_individual_answers_holds_the_same_and_no_more(table: Table, tmp_path: Path) -> None:
    await over(await said(table))
    await freeze(table)
    session = await models.Session.get(id=table.session.id)
    files = inside(await individual(table.house, session))
    assert rows(files, "participants.csv")[0]["n"] == "5"
    assert b"A word of one person" not in b"".join(files.values())
    await _is_whole(tmp_path, files, True)


def _json(value: Any) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


async def _is_whole(folder: Path, files: dict[str, bytes], is_whole: bool) -> None:
    path = folder / "parcel.zip"
    path.write_bytes(parcel({name: data for name, data in files.items() if name != SUMS}))
    verdict = await asyncio.to_thread(verify, path)
    assert verdict.is_whole is is_whole, verdict


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Other answers and no answer, together"), ("fr", "Autres réponses et aucune réponse")],
)
async def test_the_team_reads_it_after_the_close_and_participants_do_not(site: Site, language: str, words: str) -> None:
    table = await said(await lay_table(site.house))
    fay, bob, path = await site.sign_in(), await site.sit(table.bob), f"/sessions/{table.session.id}/results"
    await table.open("rating")
    assert words not in unescape((await fay.get(f"{path}?lang={language}")).text)
    table.seats, everybody = table.seats[:0], table.seats
    for seat in everybody:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    await conduct.analyse_due(site.house)
    page = unescape((await fay.get(f"{path}?lang={language}")).text)
    assert words in page and YEARS["names"][language] in page and "A word of one person" not in page
    assert words not in unescape((await bob.get(f"{path}?lang={language}")).text)


async def test_no_file_of_the_database_holds_what_somebody_deleted(tmp_path: Path) -> None:
    settings = Settings(database=str(fresh(tmp_path / "house.db")), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await said(await lay_table(house))
        words = "Only Aline writes these words"

        def found() -> list[str]:
            return [path.name for path in sorted(tmp_path.iterdir()) if words.encode() in path.read_bytes()]

        for undo in ("delete", "withdraw"):
            await conduct.say_profile(house, table.aline, {GENDER["key"]: words})
            assert found(), "they are found where they are"
            if undo == "delete":
                await conduct.say_profile(house, table.aline, {})
            else:
                await conduct.withdraw(house, table.aline, erase=True)
            assert found() == []
