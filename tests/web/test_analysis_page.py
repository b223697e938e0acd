"""The pages of the analysis file: asked for with a new study, told in the consent, had like individual answers."""

from __future__ import annotations

import asyncio
import html
import io
import re
from contextlib import aclosing
from pathlib import Path
from zipfile import ZipFile

import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.export.verify import verify
from consensus.house import build, open_house
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import PASSWORD, SECRET, Site, Table, lay_table
from tests.consensus.test_main import at, consensus
from tests.freezing import freeze
from tests.web.test_setup_pages import STUDY, newcomer

TOLD = {"en": "may follow your answers over all steps", "fr": "peut relier vos réponses sous un seul code"}


async def over(table: Table) -> Table:
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    return table


async def test_a_study_has_one_only_where_its_box_was_ticked_and_rows_are_given(site: Site) -> None:
    async with aclosing(await newcomer(site)) as nora:
        (box,) = re.findall('<input[^>]* name="analysis"[^>]*>', (await nora.get("/studies/new")).text)
        assert "checked" not in box
        for more in ({}, {"analysis": "1"}):
            assert (await nora.post("/studies/new", data={**STUDY, **more})).status_code == 303
        without_rows = {name: value for name, value in STUDY.items() if name != "row_level"}
        refused = await nora.post("/studies/new?lang=en", data={**without_rows, "analysis": "1"})
        assert refused.status_code == 422 and "The analysis file holds individual answers" in refused.text
        (box,) = re.findall('<input[^>]* name="analysis"[^>]*>', refused.text)
        assert "checked" in box and "aria-invalid" in box
    assert [study.has_analysis_file for study in await models.Study.all().order_by("id")] == [False, True]


@pytest.mark.parametrize("has_it", [False, True])
async def test_the_consent_says_it_in_both_languages_where_there_is_one(site: Site, has_it: bool) -> None:
    table = await lay_table(site.house, has_analysis_file=has_it)
    (zoe,) = await conduct.add_seats(site.house, table.fay, [Guest(Role.PARTICIPANT, "patients", "fr")])
    async with aclosing(await site.sit(zoe)) as browser:
        for language, sentence in TOLD.items():
            page = html.unescape((await browser.get(f"/sessions/{table.session.id}/take?lang={language}")).text)
            assert (sentence in page) == has_it


async def test_whoever_was_given_the_answers_has_it_under_the_same_conditions(site: Site, tmp_path: Path) -> None:
    table = await over(await lay_table(site.house, has_analysis_file=True))
    (seat,) = await conduct.add_seats(site.house, table.fay, [Guest(Role.RESEARCHER, name="Rita Côté", mail="r@x.org")])
    await freeze(table)
    page, file = (f"/sessions/{table.session.id}{path}" for path in ("/individual", "/parcel/analysis"))
    async with aclosing(await site.sit(seat)) as rita, aclosing(await site.sit(table.bob)) as bob:
        refused = await rita.get(f"{file}?lang=en")
        assert refused.status_code == 422 and "They were not given to you" in refused.text
        await conduct.give_answers(site.house, table.fay, table.session.id, seat.id)
        sent = await rita.get(file)
        assert sent.status_code == 303 and sent.headers["location"] == page
        read = html.unescape((await rita.get(f"{page}?lang=en")).text)
        assert "one alias for each person over all steps" in read and "I search the analysis file for nobody" in read
        assert (await rita.post(page, data={"accept": "1"})).status_code == 303
        assert 'href="' + file in (await rita.get(page)).text
        for language, sort in (("fr", "analyse"), ("en", "analysis")):
            had = await rita.get(f"{file}?lang={language}")
            named = rf'attachment; filename="{sort}_{table.session.id}_[-0-9]{{10}}\.zip"'
            assert re.fullmatch(named, had.headers["Content-Disposition"])
        path = tmp_path / "file.zip"
        path.write_bytes(had.content)
        assert (await asyncio.to_thread(verify, path)).is_whole
        assert (await bob.get(file)).status_code == 403


async def test_the_team_has_it_only_by_a_second_signature_and_the_file_says_so(site: Site) -> None:
    table = await over(await lay_table(site.house, has_analysis_file=True))
    await freeze(table)
    ada = await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD, is_administrator=True)
    grant = await conduct.give_answers(site.house, table.fay, table.session.id, table.fay.id)
    file = f"/sessions/{table.session.id}/parcel/analysis"
    async with aclosing(await site.sign_in()) as fay:
        refused = await fay.get(f"{file}?lang=en")
        assert refused.status_code == 422 and "A second person has to sign" in refused.text
        await conduct.sign_answers(site.house, ada, table.session.id, grant.id)
        await conduct.accept_conditions(site.house, table.fay)
        had = await fay.get(file)
        with ZipFile(io.BytesIO(had.content)) as archive:
            readme = archive.read("README.txt").decode()
        for language in ("en", "fr"):
            assert site.house.texts.say(language, "individual.readme.team") in readme


async def test_a_study_without_one_offers_none_and_says_why(site: Site) -> None:
    table = await over(await lay_table(site.house))
    (seat,) = await conduct.add_seats(site.house, table.fay, [Guest(Role.RESEARCHER)])
    await freeze(table)
    await conduct.give_answers(site.house, table.fay, table.session.id, seat.id)
    await conduct.accept_conditions(site.house, seat)
    async with aclosing(await site.sit(seat)) as rita:
        page = await rita.get(f"/sessions/{table.session.id}/individual?lang=en")
        assert "parcel/analysis" not in page.text and "I search the analysis file" not in page.text
        refused = await rita.get(f"/sessions/{table.session.id}/parcel/analysis?lang=en")
        assert refused.status_code == 422 and "This study has no analysis file" in refused.text


async def test_the_command_line_writes_it_for_a_named_researcher(tmp_path: Path) -> None:
    settings, out = Settings(database=at(tmp_path)["CONSENSUS_DATABASE"], secret=SECRET), tmp_path / "p.zip"
    async with open_house(build(settings)) as house:
        tables = [await over(await lay_table(house, has_analysis_file=has_it)) for has_it in (True, False)]
        for table in tables:
            guests = [Guest(Role.RESEARCHER, name="Rita Côté", mail="rita@example.org")]
            await conduct.add_seats(house, table.fay, guests)
            await freeze(table)
    for table, code_wanted in zip(tables, (0, 2), strict=True):
        asked = ("export", str(table.session.id), "--analysis", "--out", str(out), "--for", "rita côté")
        code, said = consensus(*asked, **at(tmp_path))
        assert code == code_wanted, said
        assert ("I search the analysis file" in said) == (code == 0)
        assert ("no analysis file" in said) == (code == 2)
    assert (await asyncio.to_thread(verify, out)).key == "verify.whole_analysis"
    async with open_house(build(settings)):
        lines = await models.Entry.filter(act="give_answers").order_by("id")
        assert [line.role for line in lines] == ["shell"], "none where there was no file"
