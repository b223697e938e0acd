"""A facilitator who never saw a command line: one press makes the people, one plays it all, one throws it away."""

from __future__ import annotations

import re

from playwright.async_api import expect

from consensus import models
from consensus.protocol import read
from tests.browser.people import Crowd
from tests.browser.stage import lay, sign_in
from tests.conftest import Site

# So many that simulated people leave some of them on the wall: no step opens on nothing.
STATEMENTS = [
    {"id": f"P{n:03}", "wordings": {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "original": "en"}
    for n in range(1, 11)
]
LONG = 60_000  # milliseconds that playing may take on a busy machine


async def test_a_session_is_rehearsed_to_its_results_and_thrown_away(site: Site, crowd: Crowd) -> None:
    table = await lay(site, read("triage", is_imported=True), STATEMENTS)
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/setup")
    await fay.press("rehearsal.do")
    await fay.sees("rehearsal.banner")
    await fay.check("console of a rehearsal")
    await fay.press("rehearsal.all")
    # The page follows by itself, step by step, and is drawn again at the end; then results are offered there.
    await expect(fay.page.get_by_role("button", name=fay.say("rehearsal.all"))).to_be_visible(timeout=LONG)
    await fay.page.locator("#controls").get_by_role("link", name=fay.say("console.results")).click(timeout=LONG)
    await fay.sees("results.title")
    await fay.check("results of a rehearsal")
    await fay.clicks(fay.page.locator(".rehearsal summary"))
    await fay.press("rehearsal.discard.do")
    await expect(fay.page).to_have_url(re.compile(rf"/sessions/{table.session.id}/console"))
    assert await models.Session.all().count() == 1
    crowd.heard_nothing()
