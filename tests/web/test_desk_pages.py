"""The run sheet over HTTP: timers, raised hands, the big screen, what needs attention; with nothing but forms."""

from __future__ import annotations

import re
import time
from contextlib import aclosing
from html import unescape

import pytest

from consensus import conduct, models
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table

KEPT = Plan(key="rating", kind="rating", disclosure="facilitator", grace=60, settings={})


@pytest.fixture
async def here(site: Site) -> Table:
    table = await lay_table(site.house, [KEPT])
    await table.open("rating")
    return table


def path(table: Table, page: str) -> str:
    return f"/sessions/{table.session.id}/{page}"


def said(site: Site, key: str, language: str = "en", **values: object) -> str:
    return site.house.texts.say(language, key, **values)


async def raised(site: Site, table: Table, what: str = "question") -> None:
    async with aclosing(await site.sit(table.bob)) as bob:
        answer = await bob.post(path(table, "calls"), data={"what": what})
        assert answer.status_code == 303


# Timers


async def test_a_timer_is_drawn_in_minutes_on_the_three_screens(site: Site, here: Table) -> None:
    await conduct.set_timer(site.house, here.fay, (await here.row("rating")).id, 13)
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.bob)) as bob:
        for browser, page in ((fay, "console"), (bob, "take"), (fay, "projector")):
            text = (await browser.get(path(here, f"{page}?lang=en"))).text
            assert '<time datetime="PT12M">12 min left</time>' in text and 'id="timer-voice"' in text, page
        frame = (await bob.get(path(here, "frame/room?lang=fr"))).text
        assert "Il reste 12 min" in frame and 'hx-target="#timer"' in frame


async def test_the_facilitator_runs_the_timer_by_forms(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        console = (await fay.get(path(here, "console?lang=en"))).text
        assert said(site, "timer.set") in console and said(site, "timer.more") not in console
        assert (await fay.post(path(here, "rounds/rating/timer"), data={"minutes": " 12 "})).status_code == 303
        for act, then in (("extend", "timer.pause"), ("pause", "timer.resume"), ("resume", "timer.pause")):
            assert (await fay.post(path(here, f"rounds/rating/{act}"))).status_code == 303
            assert said(site, then) in (await fay.get(path(here, "console?lang=en"))).text
        assert (await fay.post(path(here, "rounds/rating/stop"))).status_code == 303
        assert "data-ends" not in (await fay.get(path(here, "console"))).text


@pytest.mark.parametrize("typed", ["", "soon", "0", "601", "99999999999", "-3", "1.5"])
async def test_what_is_no_number_of_minutes_is_refused_and_kept(site: Site, here: Table, typed: str) -> None:
    async with aclosing(await site.sign_in()) as fay:
        answer = await fay.post(path(here, "rounds/rating/timer?lang=en"), data={"minutes": typed})
        assert answer.status_code == 422 and said(site, "refused.minutes", most=600) in answer.text
        assert f'name="minutes" type="number" value="{typed}"' in answer.text


async def test_when_time_is_up_it_is_told_and_answers_are_taken(site: Site, here: Table) -> None:
    await models.Round.filter(key="rating").update(ends_at=time.time() - 5)
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.bob)) as bob:
        assert "Answered: 0 of 11." in (await fay.get(path(here, "console?lang=en"))).text
        assert said(site, "timer.over") in (await bob.get(path(here, "take?lang=en"))).text
        form = {"round": "rating", "card": "P001", "importance": "7", "key": "k"}
        assert (await bob.post(path(here, "take"), data=form)).status_code == 303


async def test_a_close_is_taken_back_on_the_console(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        await fay.post(path(here, "rounds/rating/close"))
        assert said(site, "keep.do") in (await fay.get(path(here, "console?lang=en"))).text
        assert (await fay.post(path(here, "rounds/rating/keep"))).status_code == 303
        assert said(site, "keep.do") not in (await fay.get(path(here, "console?lang=en"))).text
        refused = await fay.post(path(here, "rounds/rating/keep?lang=en"))
        assert refused.status_code == 422 and said(site, "refused.not_closing") in refused.text


# Raised hands


async def test_a_hand_is_raised_waits_and_is_answered(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.bob)) as bob:
        page = (await bob.get(path(here, "take?lang=en"))).text
        assert said(site, "calls.shown.speak") in page
        await bob.post(path(here, "calls"), data={"what": "question"})
        assert said(site, "calls.waiting.question") in (await bob.get(path(here, "take?lang=en"))).text
        console = (await fay.get(path(here, "console?lang=en"))).text
        assert said(site, "calls.told.question") in console and said(site, "needs.calls", n=1) in console
        call = await models.Call.get()
        marked = await fay.post(path(here, "calls/answer"), data={"call": str(call.id)})
        assert said(site, "calls.marked") in (await fay.get(marked.headers["location"])).text
        assert said(site, "calls.answered.question") in (await bob.get(path(here, "take?lang=en"))).text
        await fay.post(path(here, "calls/answer"), data={"call": str(call.id), "undo": "1"})
        assert said(site, "calls.waiting.question") in (await bob.get(path(here, "take?lang=en"))).text
        await bob.post(path(here, "calls"), data={"what": "question", "back": "1"})
        gone = await fay.post(path(here, "calls/answer?lang=en"), data={"call": str(call.id)})
        assert gone.status_code == 422 and said(site, "refused.call_gone") in gone.text


def _queue(console: str) -> str:
    found = re.search(r'<ol class="queue".*?</ol>', console, re.S)
    assert found
    return unescape(found[0])


async def test_the_queue_shows_a_shape_and_no_name(site: Site, here: Table) -> None:
    person = await models.Person.create(name="Aline Roy")
    await models.Seat.filter(id=here.aline.id).update(person_id=person.id)
    await conduct.call(site.house, here.aline, "question")
    async with aclosing(await site.sign_in()) as fay:
        queue = _queue((await fay.get(path(here, "console?lang=en"))).text)
        assert 'aria-label="Patients"' in queue and "Aline" not in queue
        await conduct.call(site.house, here.aline, "speak")
        assert "Aline Roy" in _queue((await fay.get(path(here, "frame/console"))).text)


async def test_one_question_from_a_block_of_three_shows_no_shape(site: Site) -> None:
    table = await lay_table(site.house)
    await (
        models.Seat.filter(session_id=table.session.id, role="participant")
        .exclude(id__in=[seat.id for seat in table.seats[:3]])
        .update(withdrawn="stopped")
    )
    await table.open("rating")
    await conduct.call(site.house, table.aline, "question")
    async with aclosing(await site.sign_in()) as fay:
        for page in ("console", "frame/console"):
            queue = _queue((await fay.get(path(table, page))).text)
            assert 'class="shape"' not in queue and "Patients" not in queue


async def test_the_screen_and_other_people_see_a_number_at_most(site: Site, here: Table) -> None:
    person = await models.Person.create(name="Aline Roy")
    await models.Seat.filter(id=here.aline.id).update(person_id=person.id)
    for what in conduct.CALL_KINDS:
        await conduct.call(site.house, here.aline, what)
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.bob)) as bob:
        for browser, page in ((fay, "projector"), (fay, "frame/projector"), (bob, "take"), (bob, "frame/room")):
            text = (await browser.get(path(here, f"{page}?lang=en"))).text
            assert "Aline" not in text and said(site, "calls.told.speak") not in text, page
            assert said(site, "calls.waiting.question") not in text, page
        corner = (await fay.get(path(here, "frame/projector"))).text
        assert re.search(r'class="hands">.*?</span>3</p>', corner, re.S)


async def test_a_neighbour_raises_and_answers_nothing_here(site: Site, here: Table) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    await raised(site, here)
    call = await models.Call.get()
    async with aclosing(await site.sit(elsewhere.aline)) as odile, aclosing(await site.sit(here.aline)) as aline:
        assert (await odile.post(path(here, "calls"), data={"what": "question"})).status_code == 404
        assert (await odile.post(path(here, "calls/answer"), data={"call": str(call.id)})).status_code == 404
        assert (await aline.post(path(here, "calls/answer"), data={"call": str(call.id)})).status_code == 403
        assert (await aline.post(path(here, "room"), data={"do": "open"})).status_code == 403
    assert (await models.Call.get()).state == "waiting"


@pytest.mark.parametrize("call", ["", "x", "0", "999999", "9" * 40])
async def test_a_hand_that_is_not_there_is_refused_with_a_sentence(site: Site, here: Table, call: str) -> None:
    async with aclosing(await site.sign_in()) as fay:
        answer = await fay.post(path(here, "calls/answer?lang=fr"), data={"call": call})
        assert answer.status_code == 422 and said(site, "refused.call_gone", "fr") in answer.text


async def test_an_objection_is_counted_beside_the_card_on_the_table(site: Site) -> None:
    table = await lay_table(site.house, [Plan(key="wall", kind="wall", disclosure="live", grace=0, settings={})])
    await table.open("wall")
    await table.cast(table.fay, "wall", act="call", card="P001")
    await raised(site, table, "objection")
    async with aclosing(await site.sign_in()) as fay:
        assert said(site, "calls.objecting", n=1) in (await fay.get(path(table, "console?lang=en"))).text
        assert said(site, "calls.objecting", n=1) not in (await fay.get(path(table, "projector?lang=en"))).text


# What needs attention


async def test_the_panel_names_groups_that_are_away_and_leads_where_it_is_mended(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        console = unescape((await fay.get(path(here, "console?lang=en"))).text)
        assert said(site, "needs.nobody", block="Patients, Caregivers and Clinicians") in console
        assert f'<a href="{path(here, "seats")}" hx-boost="false">{said(site, "needs.go.seats")}</a>' in console


async def test_a_card_that_lost_a_language_leads_to_the_card(site: Site) -> None:
    table = await lay_table(site.house, [Plan(key="wall", kind="wall", disclosure="live", grace=0, settings={})])
    session = await models.Session.get(id=table.session.id)
    session.imported[1]["wordings"].pop("fr")
    await session.save(update_fields=["imported"])
    await table.open("wall", "no translator today")
    async with aclosing(await site.sign_in()) as fay:
        console = (await fay.get(path(table, "console?lang=en"))).text
        assert said(site, "needs.wording", n=1, cards="P002") in console
        assert f'href="{path(table, "console")}?card=P002"' in console


# The big screen


async def test_the_team_chooses_what_the_big_screen_shows(site: Site, here: Table) -> None:
    async with aclosing(await site.sign_in()) as fay:
        refused = await fay.post(path(here, "room?lang=en"), data={"do": "screen", "screen": "join"})
        assert refused.status_code == 422 and said(site, "refused.door_shut") in refused.text
        assert (await fay.post(path(here, "room"), data={"do": "open"})).status_code == 303
        code = (await models.Session.get(id=here.session.id)).room
        for screen, shown in (("join", f"{code[:3]}-{code[3:]}"), ("pause", said(site, "room.pause"))):
            assert (await fay.post(path(here, "room"), data={"do": "screen", "screen": screen})).status_code == 303
            for page in ("projector", "frame/projector"):
                text = (await fay.get(path(here, f"{page}?lang=en"))).text
                assert shown in text and "Which" not in text
        await fay.post(path(here, "room"), data={"do": "screen", "screen": ""})
        assert said(site, "room.pause") not in (await fay.get(path(here, "projector?lang=en"))).text
        assert (await fay.post(path(here, "room"), data={"do": "dance"})).status_code == 422
        assert (await fay.post(path(here, "room"), data={"do": "close"})).status_code == 303
    assert (await models.Session.get(id=here.session.id)).room == ""


async def test_how_to_join_is_a_picture_an_address_and_no_name(site: Site, here: Table) -> None:
    await conduct.open_door(site.house, here.fay, takes_newcomers=False)
    await conduct.show_screen(site.house, here.fay, "join")
    async with aclosing(await site.sign_in()) as fay:
        page = (await fay.get(path(here, "projector?lang=en"))).text
    assert "<svg" in page and site.origin.removeprefix("http://") in page
    assert "Fay" not in page.partition("<main")[2]
