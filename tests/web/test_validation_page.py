"""Reading the list back, over HTTP: three answers, changes answered by the team, objections that stand."""

from __future__ import annotations

import re
from html import unescape

import httpx2

from consensus.protocol import Plan
from consensus.web.covered import cover_of
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english
from tests.web.test_rating_line import field

VALIDATION = [Plan(key="validation", kind="validation", disclosure="at_close", grace=0, settings={})]


SEEN = {"seen__en": "Statement 1.", "seen__fr": "Énoncé 1."}


async def opened(site: Site) -> Table:
    table = await lay_table(site.house, VALIDATION)
    await table.open("validation")
    return table


async def send(browser: httpx2.AsyncClient, table: Table, **answers: str) -> httpx2.Response:
    url = f"/sessions/{table.session.id}/take"
    page = await browser.get(url)
    hidden = {name: field(page.text, name) for name in ("round", "key")}
    return await browser.post(url, data=hidden | {name.replace("__", "."): said for name, said in answers.items()})


async def act(fay: httpx2.AsyncClient, table: Table, **form: str) -> httpx2.Response:
    fields = {name.replace("__", "."): value for name, value in form.items()}
    return await fay.post(f"/sessions/{table.session.id}/console", data={"round": "validation", **fields})


def checked(html: str) -> set[str]:
    return set(re.findall(r'name="say\.(\w+" value="\w+)" checked', html))


async def ask_for(site: Site, table: Table, text: str) -> str:
    """Someone asks for a change to the first statement; what the pages of the team call it."""
    browser = await english(site, table.bob)
    assert (await send(browser, table, say__P001="change", text__P001=text)).status_code == 303
    await browser.aclose()
    counted = await site.house.counts.now(await table.row("validation"))
    row = await table.row("validation")
    return cover_of(site.house.settings.secret, row.id)(counted.official.todo.changes[0].id)


async def wording_now(site: Site, table: Table) -> dict[str, str]:
    counted = await site.house.counts.now(await table.row("validation"))
    return dict(counted.official.statements[0].wordings)


async def test_answers_are_saved_and_shown_again(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    kept = await send(browser, table, say__P001="agree", say__P002="object", text__P002="Too costly.")
    assert kept.status_code == 303
    page = await browser.get(f"/sessions/{table.session.id}/take")
    assert checked(page.text) == {'P001" value="agree', 'P002" value="object'}
    assert "Too costly." in page.text
    await browser.aclose()


async def test_the_page_knows_the_moment_from_which_its_timer_counts(site: Site) -> None:
    """A macro of this kind had the name under which every page is told the server's moment."""
    table = await opened(site)
    browser = await english(site, table.bob)
    page = await browser.get(f"/sessions/{table.session.id}/take")
    assert re.search(r'id="timer-voice" data-now="\d+\.\d+"', page.text)
    await browser.aclose()


async def test_a_refusal_keeps_every_text_and_links_to_the_field(site: Site) -> None:
    table = await opened(site)
    browser = await english(site, table.bob)
    answers = {"say__P001": "change", "text__P001": "Say <who> does it.", "say__P002": "object", "text__P002": " "}
    refused = await send(browser, table, **answers, say__P003="agree", text__P003="A kind word.")
    assert refused.status_code == 422
    page = unescape(refused.text)
    assert "You object to P002. Write why, so that the group knows your reason." in page
    assert "Say <who> does it." in page and "A kind word." in page
    assert checked(refused.text) == {'P001" value="change', 'P002" value="object', 'P003" value="agree'}
    linked = re.search(r'href="#(f-text\.P002)"', refused.text)
    assert linked and f'id="{linked[1]}"' in refused.text
    await browser.aclose()


async def test_words_without_an_answer_are_never_dropped(site: Site) -> None:
    table = await opened(site)
    browser = await site.sit(table.aline)
    refused = await send(browser, table, text__P003="Il manque un mot.")
    assert refused.status_code == 422
    assert "Il manque un mot." in refused.text
    assert 'href="#f-say.P003"' in refused.text and 'id="f-say.P003"' in refused.text
    await browser.aclose()


async def test_the_team_takes_a_change_on_a_sheet_with_both_wordings(site: Site) -> None:
    table = await opened(site)
    change = await ask_for(site, table, "Say who.")
    fay = await console(site)
    desk = await fay.get(f"/sessions/{table.session.id}/console")
    assert "Say who." in desk.text and f"?card={change}#sheet" in desk.text
    sheet = unescape((await fay.get(f"/sessions/{table.session.id}/console?card={change}")).text)
    assert "Statement 1." in sheet and "Énoncé 1." in sheet
    wordings = {"wording__en": "The nurse phones.", "wording__fr": "L’infirmière téléphone."}
    taken = await act(fay, table, key="k1", card=change, change=change, act="take", **wordings, **SEEN)
    assert taken.status_code == 303
    counted = await site.house.counts.now(await table.row("validation"))
    assert counted.official.statements[0].wordings["fr"] == "L’infirmière téléphone."
    await fay.aclose()


async def test_a_refused_answer_of_the_team_keeps_the_sheet_and_its_words(site: Site) -> None:
    table = await opened(site)
    change = await ask_for(site, table, "Say who.")
    fay = await console(site)
    same = {"wording__en": "Statement 1.", "wording__fr": "Énoncé 1."}
    refused = await act(fay, table, key="k1", card=change, change=change, look="take", **same)
    assert refused.status_code == 422
    assert "The wording has not changed." in refused.text
    assert 'name="wording.fr"' in refused.text
    refused = await act(fay, table, key="k2", card=change, change=change, act="leave", reason="")
    assert "Write to the person why the wording stays as it is." in refused.text
    await fay.aclose()


async def test_the_difference_is_shown_before_a_wording_is_taken_and_can_be_undone(site: Site) -> None:
    """The forms of each page are sent as they stand there, by a browser without JavaScript."""
    table = await opened(site)
    change = await ask_for(site, table, "Say who.")
    fay = await console(site)
    desk = f"/sessions/{table.session.id}/console"
    wordings = {"wording__en": "Noted", "wording__fr": "Énoncé un.", "reason": "We heard you."}
    looked = await act(fay, table, key="k1", card=change, change=change, look="take", **wordings)
    page = unescape(looked.text)
    assert looked.status_code == 200 and "<title>Validation" in page.replace("\n", "")
    assert re.search(r"<del>.{0,60}Removed: </span>Statement 1\.<", page) and re.search(r"<ins>.{0,60}Noted<", page)
    assert "No word of the current wording stays." in page and "We heard you." in page
    assert (await site.house.counts.now(await table.row("validation"))).official.todo.changes[0].answer is None
    form = dict(
        re.findall(r'name="([^"]+)" value="([^"]*)"', page[page.index('value="take"') - 900 :].split("</form>")[0])
    )
    assert form["act"] == "take"
    taken = await fay.post(desk, data=form)
    assert taken.status_code == 303
    told = unescape((await fay.get(taken.headers["location"])).text)
    assert "The wording of statement P001 has changed" in told and "autofocus>The wording" in told
    assert (await wording_now(site, table)) == {"en": "Noted", "fr": "Énoncé un."}
    undo = {name: field(told, name) for name in ("undo",)} | {"round": "validation", "act": "undo", "key": "k9"}
    assert (await fay.post(desk, data=undo)).status_code == 303
    assert (await wording_now(site, table)) == {"en": "Statement 1.", "fr": "Énoncé 1."}
    await fay.aclose()


async def test_an_answer_of_the_team_can_be_undone_from_the_history(site: Site) -> None:
    table = await opened(site)
    change = await ask_for(site, table, "Say who.")
    fay = await console(site)
    left = await act(fay, table, key="k1", card=change, change=change, act="leave", reason="It is clear.")
    assert left.status_code == 303
    page = unescape((await fay.get(f"/sessions/{table.session.id}/console")).text)
    assert "Answer: It is clear." in page and "Every change has an answer." in page
    undo = field(page, "undo")
    assert (await act(fay, table, key="k2", act="undo", undo=undo)).status_code == 303
    page = (await fay.get(f"/sessions/{table.session.id}/console")).text
    assert "1 change waits for an answer" in page
    await fay.aclose()


async def test_the_round_stays_open_while_a_change_waits(site: Site) -> None:
    table = await opened(site)
    await ask_for(site, table, "Say who.")
    fay = await console(site)
    refused = await fay.post(f"/sessions/{table.session.id}/rounds/validation/close")
    assert refused.status_code == 422
    assert "1 change waits for an answer." in refused.text
    await fay.aclose()
