"""A study of another house is read here, changed by nobody, and leaves as the bytes in which it came."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.conduct import Guest, add_seats
from consensus.export.study import study_parcel
from consensus.export.verify import verify
from rounds.contract import Role
from tests.conftest import Site
from tests.studies import RANKING, RATING, Panel, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}
TITLE = {"en": "From another house", "fr": "D’une autre maison"}
PAGES = ("", "/compare", "/pooled", "/moments", "/compare.csv", "/pooled.csv", "/parcel")


async def brought(site: Site) -> tuple[int, int, bytes]:
    """The study here, the same brought as its file, and the file."""
    played = await lay_study(site.house)
    plans = (RATING, RANKING)
    await played.add(Panel("c1", FULL, (1, 2, 3), plans=plans), by_chance(1))
    await played.add(Panel("c3", FULL, (1, 2, 3), plans=plans), by_chance(2))
    await played.add(Panel("c1", FULL, (1, 2, 3), plans=plans, follows=0), by_chance(3))
    data = await study_parcel(site.house, played.study.id)
    row = await conduct.keep_brought(site.house, None, data, TITLE)
    return played.study.id, row.id, data


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_its_pages_say_what_they_said_at_home(site: Site, language: str) -> None:
    study, number, data = await brought(site)
    fay = await site.sign_in()
    for page in PAGES:
        answer = await fay.get(f"/brought/{number}{page}?lang={language}")
        assert answer.status_code == 200, page
        if page.endswith(".csv"):
            assert answer.content == (await fay.get(f"/studies/{study}{page}")).content
    assert (await fay.get(f"/brought/{number}/parcel")).content == data
    assert f"/studies/{study}" not in (await fay.get(f"/brought/{number}/compare")).text
    assert f"/brought/{number}" in (await fay.get("/studies")).text


async def test_the_file_of_a_study_is_fetched_on_its_page_and_is_whole(site: Site, tmp_path: Path) -> None:
    study, _, data = await brought(site)
    fay = await site.sign_in()
    assert (await fay.get(f"/studies/{study}/parcel")).content == data
    path = tmp_path / "study.zip"
    await asyncio.to_thread(path.write_bytes, data)
    assert (await asyncio.to_thread(verify, path)).key == "verify.whole_study"


async def test_the_same_file_twice_is_one_study(site: Site) -> None:
    _, number, data = await brought(site)
    assert (await conduct.keep_brought(site.house, None, data, TITLE)).id == number
    assert await models.BroughtStudy.all().count() == 1


async def test_it_can_be_let_go_of(site: Site) -> None:
    _, number, _ = await brought(site)
    fay = await site.sign_in()
    answer = await fay.post(f"/brought/{number}")
    assert answer.status_code in {200, 303}
    assert (await fay.get(f"/brought/{number}")).status_code == 404


async def test_who_has_no_account_reads_none(site: Site) -> None:
    _, number, _ = await brought(site)
    session = await models.Session.all().first()
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    researcher = (await add_seats(site.house, desk, [Guest(Role.RESEARCHER, "", "en")]))[0]
    participant = await models.Seat.filter(session_id=session.id, role=Role.PARTICIPANT).first()
    for seat in (researcher, participant):
        at_table = await site.sit(seat)
        for page in PAGES:
            assert (await at_table.get(f"/brought/{number}{page}")).status_code in {403, 404}
