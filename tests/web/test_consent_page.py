"""Consent: a few sentences and nothing ticked, a new version asked before the next answer, what one allows changed."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import httpx2
import pytest

from consensus import conduct, models
from consensus.consents import PURPOSES, present, version_data
from consensus.journal import HOUSE, head_of
from consensus.outcome import digest
from tests.conftest import PASSWORD, RATING, Site, Table, lay_table

NEW = {"en": "You may leave at any time.\nWe also ask your postal code.", "fr": "Partez en tout temps.\nCode postal."}
NEWS = {"en": "We now ask the postal code.", "fr": "Nous demandons maintenant le code postal."}


@pytest.fixture
async def here(site: Site) -> Table:
    table = await lay_table(site.house, [*RATING])
    study = await models.Study.get(id=table.session.study_id)
    study.versions = [version_data(present(study)) | {"purposes": list(PURPOSES)}]
    await study.save(update_fields=["versions"])
    return table


async def _asks_again(table: Table, **more: Any) -> int:
    staff = await models.Staff.get(mail="fay@example.org")
    return await conduct.write_consent(table.house, staff, table.session.study_id, NEW, NEWS, **more)


async def _new_seat(table: Table) -> models.Seat:
    (seat,) = await conduct.add_seats(table.house, table.fay, [conduct.Guest("participant", "patients", "en")])  # type: ignore[arg-type]
    return seat


def _ticks(page: str) -> int:
    return page.count(" checked")


async def _read(browser: httpx2.AsyncClient, path: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path}?lang={language}")).text)


async def test_nothing_is_ticked_and_one_box_and_one_button_are_enough(site: Site, here: Table) -> None:
    seat = await _new_seat(here)
    browser, url = await site.sit(seat), f"/sessions/{here.session.id}"
    page = await _read(browser, f"{url}/take")
    assert _ticks(page) == 0 and page.count('type="checkbox"') == 3
    assert "You may leave at any time." in page.partition('<details class="fold" open>')[2].partition("</details>")[0]
    assert "My own words may be quoted, without my name." in page
    refused = await browser.post(f"{url}/consent", data={"version": "1", "purpose.reuse": "1"})
    assert refused.status_code == 422 and 'href="#f-agree"' in refused.text
    assert _ticks(refused.text) == 1, "what was ticked is kept"
    answer = await browser.post(f"{url}/consent", data={"version": "1", "agree": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}/take")
    said = (await models.Seat.get(id=seat.id)).agreed
    assert (said["version"], said["purposes"], said["language"]) == (1, [], "en")
    await browser.aclose()


async def test_the_other_language_keeps_what_was_ticked_and_agrees_to_nothing(site: Site, here: Table) -> None:
    seat = await _new_seat(here)
    browser = await site.sit(seat)
    form = {"version": "1", "agree": "1", "purpose.quote": "1", "say_in": "fr"}
    page = await browser.post(f"/sessions/{here.session.id}/consent", data=form)
    assert page.status_code == 200 and _ticks(page.text) == 2 and "Avant de commencer" in page.text
    assert not (await models.Seat.get(id=seat.id)).consented
    await browser.aclose()


async def test_the_journal_tells_version_text_language_and_purposes_and_nobody(site: Site, here: Table) -> None:
    seat = await _new_seat(here)
    browser = await site.sit(seat)
    form = {"version": "1", "agree": "1", "purpose.quote": "1", "purpose.sell": "1"}
    await browser.post(f"/sessions/{here.session.id}/consent?lang=fr", data=form)
    line = await models.Entry.filter(head=head_of(here.session.id), act="consent").order_by("-seq").first()
    assert line is not None and (line.role, line.alias) == ("participant", "")
    shown = digest("Vous pouvez partir en tout temps.")
    assert json.loads(line.payload) == {"version": 1, "language": "fr", "purposes": ["quote"], "hash": shown}
    await browser.aclose()


async def test_a_new_version_is_asked_before_the_next_answer_and_keeps_the_earlier_ones(
    site: Site, here: Table
) -> None:
    await here.open("rating")
    url, vote = f"/sessions/{here.session.id}", {"round": "rating", "card": "P001", "importance": "7"}
    browser = await site.sit(here.aline)
    assert (await browser.post(f"{url}/take", data=vote | {"key": "a"})).status_code == 303
    assert await _asks_again(here) == 2
    refused = await browser.post(f"{url}/take?lang=en", data=vote | {"card": "P002", "key": "b"})
    assert refused.status_code == 422 and await models.Ballot.all().count() == 1
    page = await _read(browser, f"{url}/take")
    assert page.index("This text has changed since") < page.index(NEWS["en"]) < page.index("We also ask")
    old = await browser.post(f"{url}/consent?lang=en", data={"version": "1", "agree": "1"})
    assert old.status_code == 422 and "The text has just changed" in old.text and _ticks(old.text) == 0
    assert (await browser.post(f"{url}/consent", data={"version": "2", "agree": "1"})).status_code == 303
    again = await browser.post(f"{url}/take", data=vote | {"card": "P002", "key": "b"})
    assert again.status_code == 303 and await models.Ballot.all().count() == 2
    assert (await here.house.counts.now(await here.row("rating"))).ballots == 2
    await browser.aclose()


async def test_a_purpose_once_asked_is_asked_for_good_and_no_version_is_changed(site: Site, here: Table) -> None:
    before = present(await models.Study.get(id=here.session.study_id))
    await _asks_again(here, purposes=[])
    study = await models.Study.get(id=here.session.study_id)
    assert present(study).purposes == PURPOSES and study.consent == NEW
    assert study.versions[0] == version_data(before)
    with pytest.raises(conduct.Refused, match="consent_same"):
        await _asks_again(here)
    assert await models.Entry.filter(head=HOUSE, act="write_consent").count() == 1


async def test_a_new_version_asks_nobody_of_another_study(site: Site, here: Table) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    await _asks_again(here)
    assert (await models.Seat.get(id=elsewhere.aline.id)).consented
    assert not await models.Seat.exists(session_id=here.session.id, role="participant", consented=True)
    assert (await models.Seat.get(id=here.fay.id)).consented


async def test_what_one_allows_is_seen_and_changed_later(site: Site, here: Table) -> None:
    browser, url = await site.sit(here.bob), f"/sessions/{here.session.id}"
    page = await _read(browser, f"{url}/agreed")
    assert "version 1 of the text" in page and _ticks(page) == 0
    answer = await browser.post(f"{url}/agreed", data={"purpose.reuse": "1"})
    assert answer.status_code == 303
    page = unescape((await browser.get(answer.headers["location"])).text)
    assert "Your choice is saved." in page and _ticks(page) == 1
    assert (await models.Seat.get(id=here.bob.id)).agreed["purposes"] == ["reuse"]
    await browser.post(f"{url}/agreed", data={})
    assert (await models.Seat.get(id=here.bob.id)).agreed["purposes"] == []
    await _asks_again(here)
    assert (await browser.get(f"{url}/agreed")).headers["location"] == f"{url}/take"
    assert (await browser.post(f"{url}/agreed", data={"purpose.quote": "1"})).status_code == 303
    assert not (await models.Seat.get(id=here.bob.id)).consented, "a box agrees to no text"
    await browser.aclose()


async def test_a_seat_from_before_versions_still_answers_and_sees_its_page(site: Site) -> None:
    table = await lay_table(site.house)
    await models.Study.filter(id=table.session.study_id).update(versions=None)
    await models.Seat.filter(id=table.aline.id).update(agreed=None)
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    browser = await site.sit(table.aline)
    page = await _read(browser, f"/sessions/{table.session.id}/agreed", "fr")
    assert "Vous avez accepté de participer." in page and 'type="checkbox"' not in page
    await browser.aclose()


async def test_leaving_says_with_figures_what_can_be_erased_and_what_cannot(site: Site, here: Table) -> None:
    browser, url = await site.sit(here.bob), f"/sessions/{here.session.id}"
    assert "You have no answers to erase." in await _read(browser, f"{url}/withdraw")
    await here.open("rating")
    for card in ("P001", "P002"):
        await here.cast(here.bob, "rating", card=card, importance="7")
    assert "2 answers in steps that are open." in await _read(browser, f"{url}/withdraw")
    await here.close("rating")
    page = await _read(browser, f"{url}/withdraw")
    assert "2 answers in closed steps." in page and "The figures of 1 closed step" in page
    assert "2 réponses dans des étapes fermées." in await _read(browser, f"{url}/withdraw", "fr")
    await browser.aclose()


# The staff who write it

FORM = {f"consent.{language}": text for language, text in NEW.items()}
FORM |= {f"news.{language}": text for language, text in NEWS.items()}


async def test_staff_write_a_version_and_what_is_missing_is_named(site: Site, here: Table) -> None:
    fay, url = await site.sign_in(), f"/studies/{here.session.study_id}/consent"
    page = await _read(fay, url)
    assert "11 people will be asked again." in page and "Asked already" in page
    lacking = await fay.post(f"{url}?lang=en", data=FORM | {"news.fr": ""})
    assert lacking.status_code == 422 and 'href="#f-news.fr"' in lacking.text and NEWS["en"] in lacking.text
    answer = await fay.post(url, data=FORM)
    assert answer.status_code == 303
    page = unescape((await fay.get(answer.headers["location"] + "&lang=en")).text)
    assert "Version 2 is in force." in page and "You may leave at any time." in page and "0 people" in page
    same = await fay.post(f"{url}?lang=en", data=FORM)
    assert same.status_code == 422 and "Change the text or add a question first." in same.text
    await fay.aclose()


async def test_nobody_else_writes_a_consent(site: Site, here: Table) -> None:
    url = f"/studies/{here.session.study_id}/consent"
    await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD)
    ada, aline, stranger = await site.sign_in("ada@example.org"), await site.sit(here.aline), site.client()
    for browser, code in ((ada, 404), (aline, 403), (stranger, 401)):
        assert (await browser.get(url)).status_code == code
        assert (await browser.post(url, data=FORM)).status_code == code
        await browser.aclose()
    assert present(await models.Study.get(id=here.session.study_id)).number == 1


async def test_an_outsider_sees_and_changes_nothing_of_what_was_agreed(site: Site, here: Table) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    odile, stranger = await site.sit(elsewhere.aline), site.client()
    for browser, code in ((odile, 404), (stranger, 401)):
        for page in ("agreed", "consent", "withdraw", ""):
            if page != "consent":
                assert (await browser.get(f"/sessions/{here.session.id}/{page}".rstrip("/"))).status_code == code
            if page:
                refused = await browser.post(f"/sessions/{here.session.id}/{page}", data={"purpose.quote": "1"})
                assert refused.status_code == code
        await browser.aclose()
    assert (await models.Seat.get(id=here.aline.id)).agreed["purposes"] == []
