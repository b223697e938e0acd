"""Groups that a study never counts together: chosen with a new study, changed later for the steps to come, told."""

from __future__ import annotations

import json
import re
from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.journal import HOUSE
from consensus.outcome import digest
from tests.conftest import PASSWORD, RATING, Site, Table, lay_table
from tests.web.test_setup_pages import STUDY, newcomer, session_of

NEVER = {"apart.patients": ["managers", "ministry"]}


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house, [*RATING])


async def _read(browser: httpx2.AsyncClient, path: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path}?lang={language}")).text)


def _ticked(page: str) -> set[tuple[str, str]]:
    boxes = re.findall(r'<input type="checkbox"[^>]*name="apart\.(\w+)" value="(\w+)" checked', page)
    return {(first, second) for first, second in boxes}


async def test_a_new_study_keeps_its_pairs_under_the_keys_of_its_groups(site: Site) -> None:
    nora = await newcomer(site)
    renamed = STUDY | {"group.managers.en": "Directors", "group.managers.fr": "Direction"}
    made = await nora.post("/studies/new", data=renamed | NEVER)
    assert made.status_code == 303, made.text
    assert (await models.Study.get()).apart == [["patients", "directors"], ["patients", "ministry"]]
    await nora.aclose()


async def test_a_study_without_pairs_has_none(site: Site) -> None:
    nora = await newcomer(site)
    assert (await nora.post("/studies/new", data=STUDY)).status_code == 303
    assert (await models.Study.get()).apart is None
    await nora.aclose()


@pytest.mark.parametrize("pair", [("patients", "community"), ("community", "managers"), ("patients", "martians")])
async def test_a_pair_with_a_group_that_does_not_take_part_is_told_and_kept_on_the_page(
    site: Site, pair: tuple[str, str]
) -> None:
    nora = await newcomer(site)
    page = await nora.post("/studies/new", data=STUDY | {f"apart.{pair[0]}": [pair[1]]})
    assert page.status_code == 422
    assert "Choose two groups that both take part, or untick this." in page.text
    assert f'href="#f-apart.{pair[0]}"' in page.text and f'id="f-apart.{pair[0]}"' in page.text
    assert _ticked(page.text) == ({pair} if pair[1] != "martians" else set())
    assert not await models.Study.exists()
    await nora.aclose()


async def test_a_later_change_is_kept_journalled_and_told_in_words_in_both_languages(site: Site, here: Table) -> None:
    fay = await site.sign_in()
    url, plan = f"/studies/{here.session.study_id}/apart", f"/sessions/{here.session.id}/setup"
    assert _ticked(await _read(fay, url)) == set()
    saved = await fay.post(url, data={"apart.patients": ["caregivers"]})
    assert saved.status_code == 303, saved.text
    page = await _read(fay, saved.headers["location"])
    assert _ticked(page) == {("patients", "caregivers")}
    assert "The study never counts together: Patients and Caregivers." in await _read(fay, plan)
    told = "L’étude ne compte jamais ensemble\u00a0: Patients et Proches aidants."
    assert told in await _read(fay, plan, "fr")
    line = await models.Entry.filter(head=HOUSE, act="keep_apart").get()
    assert json.loads(line.payload) == {"study": here.session.study_id, "apart": [["patients", "caregivers"]]}
    assert (await fay.post(url, data={})).status_code == 303
    assert (await models.Study.get(id=here.session.study_id)).apart is None
    assert "never counts together" not in await _read(fay, plan)
    await fay.aclose()


async def test_a_step_that_has_opened_stays_as_it_was(site: Site, here: Table) -> None:
    row = await models.Round.get(session_id=here.session.id)
    await conduct.open_round(site.house, here.fay, row.id)
    before = await models.Round.filter(id=row.id).values()
    staff = await models.Staff.get(mail="fay@example.org")
    await conduct.keep_apart(site.house, staff, here.session.study_id, [("caregivers", "patients")])
    after = await models.Round.filter(id=row.id).values()
    assert digest(before) == digest(after)


@pytest.mark.parametrize("pair", [("patients", "martians"), ("patients", "patients"), ("patients",), ()])
async def test_what_is_no_pair_of_this_study_is_refused(site: Site, here: Table, pair: tuple[str, ...]) -> None:
    staff = await models.Staff.get(mail="fay@example.org")
    with pytest.raises(Refused):
        await conduct.keep_apart(site.house, staff, here.session.study_id, [pair])
    assert (await models.Study.get(id=here.session.study_id)).apart is None
    fay = await site.sign_in()
    if len(pair) == 2:
        url = f"/studies/{here.session.study_id}/apart"
        assert (await fay.post(url, data={f"apart.{pair[0]}": [pair[1]]})).status_code == 422
    await fay.aclose()


async def test_a_pair_said_twice_or_the_other_way_round_is_one(site: Site, here: Table) -> None:
    staff = await models.Staff.get(mail="fay@example.org")
    pairs = [("caregivers", "patients"), ("patients", "caregivers"), ("clinicians", "patients")]
    await conduct.keep_apart(site.house, staff, here.session.study_id, pairs)
    order = [group["key"] for group in (await models.Study.get(id=here.session.study_id)).groups]
    kept = (await models.Study.get(id=here.session.study_id)).apart
    assert sorted(map(sorted, kept)) == [["caregivers", "patients"], ["clinicians", "patients"]]
    assert all(order.index(first) < order.index(second) for first, second in kept)


async def test_who_does_not_run_the_study_neither_reads_nor_changes_it(site: Site, here: Table) -> None:
    url = f"/studies/{here.session.study_id}/apart"
    await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    for browser, expected in ((await site.sign_in("eve@example.org"), 404), (await site.sit(here.aline), 403)):
        assert (await browser.get(url)).status_code == expected
        assert (await browser.post(url, data={"apart.patients": ["caregivers"]})).status_code == expected
        await browser.aclose()
    assert (await models.Study.get(id=here.session.study_id)).apart is None


async def test_a_facilitator_reaches_the_page_from_studies_and_from_the_plan(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    study = await models.Study.get()
    for path in (f"/studies/{study.id}", f"{here}/setup"):
        assert f'href="/studies/{study.id}/apart"' in await _read(nora, path)
    await nora.aclose()
