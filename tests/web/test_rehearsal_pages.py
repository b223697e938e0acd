"""Rehearsing without a command line: the button, the banner on every page, eyes of a simulated person, the way out."""

from __future__ import annotations

import asyncio
import html

import httpx2
import pytest

from consensus import conduct, models, protocol
from consensus.facts import rounds_of
from consensus.live import Audience
from consensus.running import RunningTask
from consensus.text import Texts
from consensus.web.render import draw
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.web.test_charts import PLANS as CHARTED

LONG = 60  # seconds that a short session may take on a busy machine
TEXTS = Texts.load()


@pytest.fixture(autouse=True)
def the_protocols_are_read_before_anybody_waits() -> None:
    for name in protocol.names():
        protocol.read(name)


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house)


def say(key: str, language: str = "en", **values: object) -> str:
    return str(html.escape(TEXTS.say(language, key, **values)))


async def signed_in(site: Site, mail: str = "fay@example.org") -> httpx2.AsyncClient:
    """A browser of the team that reads English."""
    browser = await site.sign_in(mail)
    browser.cookies.set("language", "en", domain="127.0.0.1")
    return browser


async def rehearsed(fay: httpx2.AsyncClient, table: Table) -> int:
    """Press the button; the number of the rehearsal."""
    pressed = await fay.post(f"/sessions/{table.session.id}/rehearse")
    assert pressed.status_code == 303, pressed.text
    return int(pressed.headers["location"].split("/")[2])


async def press(browser: httpx2.AsyncClient, number: int, do: str) -> httpx2.Response:
    return await browser.post(f"/sessions/{number}/rehearsal", data={"do": do})


async def over(site: Site, number: int) -> None:
    for _ in range(LONG * 50):
        if not site.house.running.is_running(number):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it took too long")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_set_up_offers_a_rehearsal_and_then_leads_to_the_one_that_is_open(
    site: Site, here: Table, language: str
) -> None:
    fay = await signed_in(site)
    page = f"/sessions/{here.session.id}/setup?lang={language}"
    offered = (await fay.get(page)).text
    assert say("rehearsal.do", language) in offered and say("rehearsal.what", language, n=15) in offered
    number = await rehearsed(fay, here)
    assert say("rehearsal.go", language) in (await fay.get(page)).text
    assert await rehearsed(fay, here) == number
    assert say("rehearsal.do", language) not in (await fay.get(f"/sessions/{number}/setup")).text
    await fay.aclose()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_page_of_a_rehearsal_says_so_and_none_of_the_real_session(
    site: Site, here: Table, language: str
) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    pages = ("console", "setup", "setup/rating", "statements", "roster", "invitations", "seats", "entries")
    for page in (*pages, "projector", "results", "journal"):
        shown = await fay.get(f"/sessions/{number}/{page}?lang={language}")
        assert shown.status_code == 200 and say("rehearsal.banner", language) in shown.text, page
        has_buttons = say("rehearsal.all", language) in shown.text
        assert has_buttons == (page != "projector"), page
        real = await fay.get(f"/sessions/{here.session.id}/{page}?lang={language}")
        assert say("rehearsal.banner", language) not in real.text, page
    assert say("rehearsal.mails", language) in (await fay.get(f"/sessions/{number}/invitations")).text
    await fay.aclose()


async def test_a_session_is_played_to_its_end_and_thrown_away_by_pressing(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    assert (await press(fay, number, "all")).headers["location"] == f"/sessions/{number}/console"
    await over(site, number)
    results = await fay.get(f"/sessions/{number}/results")
    assert say("results.title") in results.text and say("rehearsal.banner") in results.text
    parcel = await fay.get(f"/sessions/{number}/parcel/released")
    assert "rehearsal-released" in parcel.headers["content-disposition"]
    thrown = await press(fay, number, "discard")
    assert thrown.headers["location"] == f"/sessions/{here.session.id}/console"
    assert (await fay.get(f"/sessions/{number}/console")).status_code == 404
    assert await models.Session.filter(id=number).count() == 0
    await fay.aclose()


async def test_how_far_they_are_is_told_and_a_new_step_draws_the_page_again(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    asks = {"HX-Request": "true"}

    step = rounds_of(await models.Round.filter(session_id=number))[0]

    async def last_for_ever(play: RunningTask) -> None:
        await asyncio.Event().wait()

    await site.house.running.start(number, RunningTask("all", step, 1, 1), last_for_ever)
    told = await fay.get(f"/sessions/{number}/rehearsal?at=1", headers=asks)
    assert say("rehearsal.playing", n=1, total=1, step=TEXTS.say("en", "rating.title")) in told.text
    assert "HX-Refresh" not in told.headers
    console = (await fay.get(f"/sessions/{number}/console")).text
    assert say("rehearsal.stop") in console and say("rehearsal.all") not in console
    assert (await fay.get(f"/sessions/{number}/rehearsal?at=0", headers=asks)).headers["HX-Refresh"] == "true"
    await press(fay, number, "stop")
    assert (await fay.get(f"/sessions/{number}/rehearsal?at=1", headers=asks)).headers["HX-Refresh"] == "true"
    assert (await fay.get(f"/sessions/{number}/rehearsal")).headers["location"] == f"/sessions/{number}/console"
    await fay.aclose()


async def test_why_they_stopped_is_told(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    await models.Seat.filter(session_id=number, is_simulated=True, role=Role.PARTICIPANT).update(consented=False)
    await press(fay, number, "all")
    await over(site, number)
    console = (await fay.get(f"/sessions/{number}/console")).text
    assert say("rehearsal.stopped") in console and say("refused.consent_first") in console
    refused = await press(fay, number, "nonsense")
    assert refused.status_code == 422
    await fay.aclose()


async def test_a_rehearsal_is_no_session_among_the_others(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    before = (await fay.get("/studies")).text
    assert say("rehearsal.is_open") not in before
    number = await rehearsed(fay, here)
    shown = (await fay.get("/studies")).text
    assert shown.count("<li ") == before.count("<li ") and f"/sessions/{number}" not in shown
    assert say("rehearsal.is_open") in shown and f"/sessions/{here.session.id}/rehearse" in shown
    counted = (await fay.get(f"/studies/{here.session.study_id}/consent")).text
    await press(fay, number, "discard")
    assert (await fay.get(f"/studies/{here.session.study_id}/consent")).text == counted
    await fay.aclose()


async def test_who_facilitates_only_a_rehearsal_may_not_add_to_the_study(site: Site, here: Table) -> None:
    """A cofacilitator is the facilitator of the rehearsal they make, and of nothing else."""
    coco = await conduct.add_staff(site.house, "coco@example.org", "Coco", PASSWORD)
    await conduct.add_seats(site.house, here.fay, [conduct.Guest(Role.COFACILITATOR, staff_id=coco.id)])
    browser = await signed_in(site, "coco@example.org")
    number = await rehearsed(browser, here)
    assert (await browser.get(f"/sessions/{number}/setup")).status_code == 200
    assert (await browser.get(f"/sessions/{here.session.id}/setup")).status_code == 403
    for page in ("sessions/new", "consent"):
        assert (await browser.get(f"/studies/{here.session.study_id}/{page}")).status_code == 404
    await browser.aclose()


async def test_an_outsider_sees_nothing_of_it_and_moves_nothing(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD)
    aline, ada = await site.sit(here.aline), await signed_in(site, "ada@example.org")
    for browser in (aline, ada, site.client()):
        browser.cookies.set("guise", str(await simulated(number)), domain="127.0.0.1")
        refused = 401 if browser not in (aline, ada) else 404
        for page in ("console", "take", "results", "rehearsal", "seats/0/see"):
            assert (await browser.get(f"/sessions/{number}/{page}")).status_code == refused
        assert (await press(browser, number, "discard")).status_code == refused
        if browser is not ada:
            assert (await browser.post(f"/sessions/{here.session.id}/rehearse")).status_code in {401, 403}
        await browser.aclose()
    assert await models.Session.filter(id=number).count() == 1
    await fay.aclose()


async def simulated(number: int) -> int:
    seat = await models.Seat.filter(session_id=number, role=Role.PARTICIPANT).order_by("id").first()
    assert seat is not None
    return seat.id


async def test_the_team_answers_as_a_simulated_person_and_stays_signed_in(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    (row,) = await models.Round.filter(session_id=number)
    desk = await models.Seat.get(session_id=number, role=Role.FACILITATOR)
    await conduct.open_round(site.house, desk, row.id)
    assert (await fay.get(f"/sessions/{number}/take")).status_code == 403
    opened = await fay.get(f"/sessions/{number}/seats/0/see")
    assert opened.headers["location"] == f"/sessions/{number}/take"
    page = (await fay.get(f"/sessions/{number}/take")).text
    assert say("rehearsal.guised") in page and say("rehearsal.all") not in page and 'action="/sign-out"' not in page
    form = {"round": "rating", "card": "P001", "importance": "7", "key": "k"}
    assert (await fay.post(f"/sessions/{number}/take", data=form)).status_code == 303
    (ballot,) = await models.Ballot.filter(round_id=row.id)
    assert ballot.seat_id == await simulated(number)
    assert (await fay.get(f"/sessions/{number}/frame/room")).status_code == 200
    assert (await fay.get(f"/sessions/{number}/console")).status_code == 200
    await fay.aclose()


@pytest.mark.parametrize("whose", ["real", "newcomer", "elsewhere"])
async def test_nobody_real_is_ever_looked_like(site: Site, here: Table, whose: str) -> None:
    """The cookie of the guise opens simulated people of this rehearsal only."""
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    desk = await models.Seat.get(session_id=number, role=Role.FACILITATOR)
    seat, at = here.aline, here.session.id
    if whose == "newcomer":
        (seat,) = await conduct.add_seats(site.house, desk, [conduct.Guest(Role.PARTICIPANT, "patients")])
        at = number
    elif whose == "elsewhere":
        seat, at = await models.Seat.get(id=await simulated(number)), here.session.id
    fay.cookies.set("guise", str(seat.id), domain="127.0.0.1")
    assert (await fay.get(f"/sessions/{at}/take")).status_code == 403
    assert (await fay.get(f"/sessions/{number}/take")).status_code == (200 if whose == "elsewhere" else 403)
    sent = await fay.get(f"/sessions/{at}/seats/{here.aline.id}/see")
    assert "guise" not in sent.headers.get("set-cookie", "") or at == number
    await fay.aclose()


async def test_people_of_a_rehearsal_read_that_it_is_one_and_get_no_buttons(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    desk = await models.Seat.get(session_id=number, role=Role.FACILITATOR)
    await conduct.open_door(site.house, desk, takes_newcomers=False)
    door = f"/r/{(await models.Session.get(id=number)).room}"
    phone = site.client()
    assert (await phone.post(door, data={"group": "patients"})).status_code in {200, 303}
    page = (await phone.get(f"/sessions/{number}/take?lang=en")).text
    assert say("rehearsal.banner") in page and say("rehearsal.all") not in page
    assert (await press(phone, number, "all")).status_code == 403
    await phone.aclose()
    await fay.aclose()


async def test_a_rehearsal_that_is_gone_has_nothing_to_draw(site: Site, here: Table) -> None:
    fay = await signed_in(site)
    number = await rehearsed(fay, here)
    watched = {Audience("console", "en"): None}
    assert await draw(site.house, number, watched)
    await press(fay, number, "discard")
    assert await draw(site.house, number, watched) == {}
    await fay.aclose()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_chart_of_a_rehearsal_says_so_wherever_it_is_pasted(site: Site, language: str) -> None:
    table = await lay_table(site.house, CHARTED)
    fay = await signed_in(site)
    number = await rehearsed(fay, table)
    await press(fay, number, "all")
    await over(site, number)
    chart = await fay.get(f"/sessions/{number}/results/chart/two-scores.svg?lang={language}")
    assert say("rehearsal.banner", language) in chart.text
    assert 'filename="rehearsal-' in chart.headers["content-disposition"]
    await fay.aclose()
