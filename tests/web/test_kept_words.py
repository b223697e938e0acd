"""Nothing typed is lost: whatever refuses a form, and whoever sent it, its words stand on the page that tells so."""

from __future__ import annotations

from html import unescape

import httpx2
import pytest
from starlette.routing import Route

from consensus import models
from consensus.protocol import Plan
from consensus.web.app import make_app
from consensus.web.refused import WORDS
from tests.conftest import PASSWORD, Site, Table, lay_table

VALIDATION = [Plan(key="validation", kind="validation", disclosure="at_close", grace=0, settings={})]
NEVER = "never-shown-again"
OPEN = {"sign_out", "enter_code", "sign_in", "join"}  # without words, or done at once for anybody


def words() -> dict[str, str]:
    """A text for every field in which people write, each different, with what has to be escaped and two lines."""
    return {name: f"Mine & <{name}>,\r\nsaid" for name in WORDS}


def kept(page: str) -> set[str]:
    page = unescape(page).replace("\r\n", "\n")
    return {name for name, text in words().items() if text.replace("\r\n", "\n") in page}


def ways(site: Site, table: Table) -> list[tuple[str, str]]:
    """Every address that takes a form, with its name."""
    given = {"session:number": table.session.id, "study:number": table.session.study_id, "seat:number": table.bob.id}
    given |= {"round": "rating", "act": "reopen", "link": "1-wrong", "code": "WRONG", "by": "phone", "turn": "first"}
    routes = [route for route in make_app(site.house.settings).routes if isinstance(route, Route)]
    found = []
    for route in routes:
        if "POST" in (route.methods or ()):
            path = route.path
            for name, value in given.items():
                path = path.replace(f"{{{name}}}", str(value))
            found.append((route.name, path))
    assert len(found) > 25
    return found


@pytest.mark.parametrize("who", ["a stranger", "a participant", "the team"])
async def test_whoever_is_refused_finds_every_word_again(site: Site, who: str) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    browser = {"a stranger": site.client, "a participant": lambda: site.sit(table.aline), "the team": site.sign_in}[
        who
    ]()
    browser = browser if isinstance(browser, httpx2.AsyncClient) else await browser
    refusals = 0
    for name, path in ways(site, table):
        if name in OPEN or (who, name) == ("a participant", "withdraw"):
            continue
        said = {**words(), "password": NEVER, "key": name, "round": "rating"}
        answer = await browser.post(path, data=said, headers={"Accept-Language": "en"})
        assert answer.status_code < 500, (name, answer.status_code)
        assert NEVER not in answer.text
        if answer.status_code >= 400:
            refusals += 1
            assert kept(answer.text) == WORDS, (name, answer.status_code, WORDS - kept(answer.text))
    assert refusals > 15


async def test_a_login_that_expired_leads_to_signing_in_and_back(site: Site) -> None:
    table = await lay_table(site.house)
    fay = site.client()
    here = f"/sessions/{table.session.id}/console?round=rating"
    sent = await fay.get(here, headers={"Accept-Language": "fr"})
    page = sent.text
    assert sent.status_code == 401 and "Vous reviendrez ensuite à la page où vous étiez." in page
    action = unescape(page.split('id="sign-in"')[1].split('action="')[1].split('"')[0])
    form = {"mail": "fay@example.org", "password": PASSWORD}
    wrong = await fay.post(action, data=form | {"password": "no"}, headers={"Accept-Language": "fr"})
    assert wrong.status_code == 422 and f'action="{action}"' in unescape(wrong.text)
    back = await fay.post(action, data=form, headers={"Accept-Language": "fr"})
    assert back.headers["location"] == here
    await models.Staff.filter(mail="fay@example.org").update(language="en")
    assert '<html lang="fr">' in (await fay.get(here, headers={"Accept-Language": "en"})).text


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/sessions/1\\@evil", "/sign-out", "/sessions.evil"]
)
async def test_signing_in_leads_nowhere_else(site: Site, away: str) -> None:
    await lay_table(site.house)
    answer = await site.client().post(
        "/staff/sign-in", params={"to": away}, data={"mail": "fay@example.org", "password": PASSWORD}
    )
    assert answer.headers["location"] == "/studies"


async def test_part_of_a_page_sends_the_whole_page_to_the_sign_in(site: Site) -> None:
    table = await lay_table(site.house)
    asked = await site.client().get(f"/sessions/{table.session.id}/console", headers={"HX-Request": "true"})
    assert asked.status_code == 401 and asked.headers["hx-redirect"].startswith("/staff/sign-in?to=")


async def test_what_the_team_typed_before_its_login_expired_can_be_sent_again(site: Site) -> None:
    table = await lay_table(site.house)
    fay = site.client()
    path = f"/sessions/{table.session.id}/rounds/rating/reopen"
    lost = await fay.post(path, data={"key": "k1", "reason": "A group was late."}, headers={"Accept-Language": "en"})
    page = unescape(lost.text)
    assert lost.status_code == 401 and f'action="{path}"' in page and 'name="reason"' in page
    assert '<input type="hidden" name="key" value="k1">' in page and "A group was late." in page
    participant = await site.client().post(f"/sessions/{table.session.id}/take", data={"text": "My idea."})
    assert (
        "My idea." in participant.text and 'name="text"' not in participant.text
    )  # whoever sits here next sends nothing


async def test_the_sheet_of_a_change_that_is_gone_keeps_what_was_typed(site: Site) -> None:
    table = await lay_table(site.house, VALIDATION)
    await table.open("validation")
    fay = await site.sign_in()
    form = {
        "round": "validation",
        "key": "k",
        "card": "9-P001",
        "change": "9-P001",
        "act": "leave",
        "reason": "Noted, thanks.",
    }
    gone = await fay.post(f"/sessions/{table.session.id}/console", data=form)
    assert gone.status_code == 422 and "Noted, thanks." in gone.text
    await table.close("validation")
    closed = await fay.post(f"/sessions/{table.session.id}/console", data=form | {"key": "k2"})
    assert closed.status_code == 422 and "Noted, thanks." in closed.text
