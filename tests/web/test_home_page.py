"""A participant's home: the steps as tasks in plain words, what to do now, and nothing of anybody else."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

from consensus import conduct, models, protocol, seats
from tests.conftest import RATING, STATEMENTS, Site, Table, lay_table

CARDS = [statement["id"] for statement in STATEMENTS]


@pytest.fixture
async def here(site: Site) -> Table:
    plans = [*RATING, replace(RATING[0], key="again"), replace(RATING[0], key="last")]
    return await lay_table(site.house, plans)


async def _home(browser: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    answer = await browser.get(f"/sessions/{table.session.id}?lang={language}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def _states(page: str) -> list[str]:
    tasks = page.partition('<ol class="tasks">')[2].partition("</ol>")[0]
    return re.findall(r"<small>(.*?)</small>", tasks)


async def _enters(site: Site, seat: models.Seat) -> str:
    async with site.client() as browser:
        answer = await browser.post(f"/j/{seats.token(site.house.settings, 'seat', seat.id, seat.issue)}")
        assert answer.status_code == 303
        again = await browser.get("/")
        assert again.headers["location"] == answer.headers["location"], "the landing page leads to the same place"
        return str(answer.headers["location"])


async def test_each_step_says_where_this_person_stands(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    later = "Not open yet"
    assert _states(await _home(browser, here)) == [later] * 3
    await here.open("rating")
    assert _states(await _home(browser, here)) == ["You can start now (about 1 minute)", later, later]
    await here.cast(here.aline, "rating", card=CARDS[0], importance="7")
    assert _states(await _home(browser, here)) == ["In progress (1 of 3)", later, later]
    for card in CARDS[1:]:
        await here.cast(here.aline, "rating", card=card, importance="7")
    assert _states(await _home(browser, here)) == ["Completed", later, later]
    await here.close("rating")
    await here.open("again")
    assert _states(await _home(browser, here)) == ["Completed", "You can start now (about 1 minute)", later]
    await here.close("again")
    assert _states(await _home(browser, here, "fr")) == ["Terminée", "Fermée", "Pas encore ouverte"]
    await browser.aclose()


async def test_a_link_leads_to_the_answer_while_one_is_asked_and_home_otherwise(site: Site, here: Table) -> None:
    home, take = f"/sessions/{here.session.id}", f"/sessions/{here.session.id}/take"
    assert await _enters(site, here.aline) == home
    await here.open("rating")
    assert await _enters(site, here.aline) == take
    for card in CARDS:
        await here.cast(here.aline, "rating", card=card, importance="7")
    assert await _enters(site, here.aline) == home
    assert await _enters(site, here.bob) == take
    guest = conduct.Guest(here.aline.role, "patients")  # type: ignore[arg-type]
    (newcomer,) = await conduct.add_seats(site.house, here.fay, [guest])
    await here.close("rating")
    assert await _enters(site, newcomer) == take, "the consent comes first"
    browser = await site.sit(newcomer)
    assert (await browser.get(home)).headers["location"] == take
    await browser.aclose()


async def test_home_says_what_to_do_now_from_whose_view_and_whom_to_call(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    page = await _home(browser, here)
    assert "Nothing to do for now" in page
    assert f"The next step is: {site.house.texts.say('en', 'rating.title')}\u00a01." in page
    assert "You answer as: Patients" in page and "Call Fay Roy: 819 555-0100." in page
    for place in ("practice", "agreed"):
        assert f'href="/sessions/{here.session.id}/{place}"' in page
    assert f'href="/sessions/{here.session.id}/results"' not in page
    await here.open("rating")
    page = await _home(browser, here)
    assert "To do now" in page and f'class="btn btn--p" href="/sessions/{here.session.id}/take"' in page
    take = unescape((await browser.get(f"/sessions/{here.session.id}/take?lang=en")).text)
    header = take.partition("<header")[2].partition("</header>")[0]
    assert "You answer as: Patients" in header and f'href="/sessions/{here.session.id}">All steps' in header
    await here.close("rating")
    assert f'href="/sessions/{here.session.id}/results"' in await _home(browser, here)
    await browser.aclose()


async def test_home_tells_nothing_of_what_others_answered(site: Site, here: Table) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    before = await _home(browser, here)
    for seat in here.seats[1:]:
        for card in CARDS:
            await here.cast(seat, "rating", card=card, importance="9")
    assert await _home(browser, here) == before
    await browser.aclose()


async def test_home_knows_every_step_of_a_whole_protocol(site: Site) -> None:
    """The team's own steps are not listed; a meeting is never finished before its close."""
    table = await lay_table(site.house, [replace(plan, grace=0) for plan in protocol.read("triage", is_imported=True)])
    browser = await site.sit(table.aline)
    keys = await models.Round.filter(session_id=table.session.id).order_by("position").values_list("key", flat=True)
    listed = len(_states(await _home(browser, table)))
    assert 0 < listed <= len(keys)
    await table.open(str(keys[0]))
    page = await _home(browser, table)
    assert len(_states(page)) == listed
    await browser.aclose()


async def test_an_outsider_has_no_home_here(site: Site, here: Table) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    odile, stranger, fay = await site.sit(elsewhere.aline), site.client(), await site.sign_in()
    for browser, code in ((odile, 404), (stranger, 401), (fay, 403)):
        assert (await browser.get(f"/sessions/{here.session.id}")).status_code == code
        await browser.aclose()
