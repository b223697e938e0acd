"""What only a browser shows of the run sheet: the countdown and its voice, hands that come down by themselves, axe."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from consensus import conduct, models
from consensus.protocol import read
from tests.browser.people import PHONE, SCREEN, Crowd, Person
from tests.browser.stage import accept, lay, sign_in
from tests.conftest import STATEMENTS, Site, Table, lay_table


async def _says(person: Person, key: str, **values: object) -> None:
    """What is read aloud, once."""
    await expect(person.page.locator("#timer-voice")).to_have_text(person.say(key, **values))


async def test_the_countdown_follows_the_server_and_is_read_aloud_three_times(site: Site, crowd: Crowd) -> None:
    """The device's clock is an hour wrong, and its time is turned forward by hand."""
    table = await lay_table(site.house)
    row = await table.open("rating")
    await conduct.set_timer(site.house, table.fay, row.id, 6)
    bob = await crowd.comes("Bob", "en", PHONE)
    await accept(site, bob, table.seats[1])  # who reads English
    now = await bob.page.evaluate("Date.now()")
    await bob.page.clock.install(time=now / 1000 - 3600)
    await bob.goes(f"/sessions/{table.session.id}/take")
    shown = bob.page.locator("#timer time")
    await expect(shown).to_have_text(re.compile(r"^5:\d\d$|^6:00$"))
    await expect(bob.page.locator("#timer-voice")).to_be_empty()
    for forward, key, values in ((65_000, "timer.said", {"n": 5}), (240_000, "timer.said", {"n": 1})):
        await bob.page.clock.fast_forward(forward)
        await _says(bob, key, **values)
    await bob.page.clock.fast_forward(60_000)
    await _says(bob, "timer.over")
    await expect(shown).to_have_text(bob.say("timer.over"))
    await bob.check("time is up")
    # To the page, minutes went by without a beat: it gave its socket up, be it that it was not open yet.
    bob.troubles[:] = [trouble for trouble in bob.troubles if "before the connection is established" not in trouble]
    crowd.heard_nothing()


async def test_a_hand_comes_down_by_itself_and_what_is_typed_stays(site: Site, crowd: Crowd) -> None:
    table = await lay(site, read("triage"))
    await table.open("gather")
    await conduct.consent(site.house, table.bob)
    bob = await crowd.comes("Bob", "en", PHONE)
    await accept(site, bob, table.bob)
    field = bob.page.locator("main textarea").first
    await field.fill("Half a sentence")
    await bob.page.locator("#calls summary").click()
    await bob.press("calls.do.question")
    await bob.sees("calls.waiting.question")
    await bob.check("a hand is up")
    await conduct.answer_call(site.house, table.fay, (await models.Call.get()).id)
    await bob.sees("calls.answered.question")
    await expect(field).to_have_value("Half a sentence")
    crowd.heard_nothing()


async def _desk(site: Site) -> Table:
    table = await lay(site, read("triage"), STATEMENTS)
    for seat in (table.seats[1], table.seats[2]):
        await conduct.call(site.house, seat, "speak")
    return table


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_desk_and_the_door_have_no_barrier(site: Site, crowd: Crowd, language: str) -> None:
    table = await _desk(site)
    row = await table.open("gather")
    await conduct.set_timer(site.house, table.fay, row.id, 10)
    await conduct.open_door(site.house, table.fay, takes_newcomers=True)
    fay, screen = await crowd.comes("Fay", language), await crowd.comes("screen", language, SCREEN)
    for person in (fay, screen):
        await sign_in(person, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/console")
    await fay.check("console with timer, hands and room")
    await fay.clicks(fay.page.locator("#queue button").first)
    await fay.sees("calls.marked")
    await screen.goes(f"/sessions/{table.session.id}/projector")
    await screen.check("the round, with time and hands")
    await fay.press("room.screen.join")
    await screen.sees("room.join")
    await screen.check("how to join")
    await fay.press("room.screen.pause")
    await screen.sees("room.pause")
    newcomer = await crowd.comes("newcomer", language, PHONE)
    await newcomer.goes(f"/r/{(await models.Session.get(id=table.session.id)).room}")
    await newcomer.check("the door")
    await newcomer.page.locator("#f-group").check()
    await newcomer.press("room.enter")
    await newcomer.sees("room.write_down")
    await newcomer.check("joined")
    crowd.heard_nothing()
