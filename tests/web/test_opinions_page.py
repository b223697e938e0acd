"""The map of opinions: told to everyone who sits in the session, with a person's own place for that person alone."""

from __future__ import annotations

import asyncio
import json
from html import unescape
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import httpx2
import pytest

from consensus import conduct, export, models
from consensus.export.opinions import is_few
from consensus.export.verify import verify
from consensus.house import House
from consensus.opinions import STORED
from rounds.contract import Role
from tests.conftest import Site
from tests.studies import Panel, Played, lay_study

PEOPLE = {"patients": 60, "caregivers": 30, "clinicians": 30}
NUMBERS = range(1, 10)
MINE = "Your own place is marked"


def camps(session: int, person: int, group: str, number: int) -> int:
    """Two camps, the second a third of all; on the last statement all agree."""
    chance = Random(f"{person} {number}").random()
    if number == NUMBERS[-1]:
        return 9
    is_for = (number % 2 == 0) == (person % 3 == 0)
    return (9 if is_for else 2) if chance > 0.1 else 5


def by_lot(session: int, person: int, group: str, number: int) -> int:
    return Random(f"lot {person} {number}").choice([1, 5, 9])


async def played(house: House, answer: object = camps, people: dict[str, int] | None = None) -> Played:
    study = await lay_study(house)
    await study.add(Panel("c1", people or PEOPLE, NUMBERS), answer)  # type: ignore[arg-type]
    return study


async def page(browser: httpx2.AsyncClient, study: Played, language: str = "en", path: str = "/opinions") -> str:
    answer = await browser.get(f"/sessions/{study.sessions[0].id}/results{path}?lang={language}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def test_a_map_is_told_to_all_and_a_place_to_its_person_only(site: Site, tmp_path: Path) -> None:
    study = await played(site.house)
    desk, person = await site.sign_in(), await site.sit(study.seats[0][0])
    assert "The map is being worked out" in await page(desk, study)
    await conduct.analyse_due(site.house)
    assert "/results/opinions" in await page(desk, study, path="")
    told, own = await page(desk, study), await page(person, study)
    for words in (
        "2 groups of opinion stand out",
        "What unites",
        "What sets group B apart",
        "every group answers alike",
    ):
        assert words in told and words in own
    assert MINE not in told and 'class="own"' not in told
    assert MINE in own and 'class="own"' in own
    other = await site.sit(study.seats[0][1])
    assert await page(other, study) != own and MINE in await page(other, study)
    french = await page(person, study, "fr")
    assert "Carte des opinions" in french and "2 groupes d’opinion se distinguent" in french
    assert "Votre place est marquée d’une croix" in french
    (observer,) = await conduct.add_seats(site.house, study.desks[0], [conduct.Guest(Role.OBSERVER, "", "en")])
    watching = await site.sit(observer)
    assert MINE not in await page(watching, study) and "What divides" in await page(watching, study)
    outsider = site.client()
    assert (await outsider.get(f"/sessions/{study.sessions[0].id}/results/opinions")).status_code == 401
    row = await models.Round.get(session_id=study.sessions[0].id)
    stored = row.outcome[STORED]
    assert set(stored) == {"told", "loadings", "means"}
    await in_the_parcel(site, study, tmp_path, stored["told"], told)
    for browser in (desk, person, other, watching, outsider):
        await browser.aclose()


async def in_the_parcel(site: Site, study: Played, tmp_path: Path, stored: dict[str, object], told: str) -> None:
    session = await models.Session.get(id=study.sessions[0].id)
    made = await export.released(site.house, session)
    with ZipFile(BytesIO(made)) as parcel:
        charted = json.loads(parcel.read("opinions.json"))
        files = {name: parcel.read(name).decode() for name in parcel.namelist()}
    assert charted == {"rating": stored}
    assert not any("loadings" in text for text in files.values())
    assert all(f'">{group["people"]}</td>' in told for group in charted["rating"]["value"])
    path = tmp_path / "released.zip"
    path.write_bytes(made)
    assert (await asyncio.to_thread(verify, path)).is_whole


async def test_what_chance_gives_is_said_to_be_chance(site: Site) -> None:
    study = await played(site.house, by_lot)
    await conduct.analyse_due(site.house)
    person = await site.sit(study.seats[0][0])
    assert "No groups of opinion stand out from chance." in await page(person, study)
    assert "Aucun groupe d’opinion ne se distingue du hasard." in await page(person, study, "fr")
    assert MINE not in await page(person, study)
    await person.aclose()


async def test_under_a_hundred_people_there_is_no_page_and_no_file(site: Site) -> None:
    study = await played(site.house, people={"patients": 12})
    desk = await site.sign_in()
    for _ in range(2):
        assert (await desk.get(f"/sessions/{study.sessions[0].id}/results/opinions")).status_code == 404
        assert "/results/opinions" not in await page(desk, study, path="")
        await conduct.analyse_due(site.house)
    session = await models.Session.get(id=study.sessions[0].id)
    with ZipFile(BytesIO(await export.released(site.house, session))) as parcel:
        assert "opinions.json" not in parcel.namelist()
        assert "opinions" not in json.loads(parcel.read("manifest.json"))
    await desk.aclose()


@pytest.mark.parametrize("people", [1, 4])
def test_a_file_that_tells_of_few_is_known(people: int) -> None:
    group: dict[str, Any] = {"people": 9, "tiles": [{"people": 9}]}
    told = {"parameters": {"k": 5}, "value": [group], "more": {"counts": {"P1": None, "P2": [[1, 0, 9]]}}}
    assert not is_few(told)
    group["tiles"][0]["people"] = people
    assert is_few(told)
