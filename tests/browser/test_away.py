"""Nobody looks at a page that only seems alive: a dead socket is given up, a server that is away and a sign-in that is
over are told, and where they come back the page does too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from consensus import models
from consensus.protocol import Plan
from consensus.settings import Settings
from tests.browser.people import PHONE, SCREEN, Crowd, Person
from tests.browser.stage import accept, agree, lay, sign_in
from tests.browser.wire import Wire, wired
from tests.conftest import PASSWORD, STATEMENTS, Site

PLANS = [Plan(key="rating", kind="rating", disclosure="facilitator", grace=0)]


@pytest.fixture
async def wiring(settings: Settings) -> AsyncIterator[tuple[Site, Wire]]:
    async with wired(settings) as both:
        yield both


@pytest.fixture
def site(wiring: tuple[Site, Wire]) -> Site:
    return wiring[0]


@pytest.fixture
def wire(wiring: tuple[Site, Wire]) -> Wire:
    return wiring[1]


def beat_of(person: Person) -> asyncio.Event:
    """Set once a beat has come: from then on the page knows how often it is to come."""
    heard = asyncio.Event()

    def frame(text: str | bytes) -> None:
        if "beat" in str(text[:20]):
            heard.set()

    person.page.on("websocket", lambda socket: socket.on("framereceived", frame))
    return heard


async def test_a_page_says_when_nobody_is_there_and_comes_back(
    site: Site, wire: Wire, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consensus.web.sockets.BEAT", 0.5)
    table = await lay(site, PLANS, STATEMENTS)
    console = f"/sessions/{table.session.id}/console"
    fay, projector = await crowd.comes("Fay", "fr"), await crowd.comes("projector", "en", SCREEN)
    for person in (fay, projector):
        await sign_in(person, "fay@example.org")
    await fay.goes(console)
    await projector.goes(f"/sessions/{table.session.id}/projector")
    aline = await crowd.comes("Aline", "fr", PHONE)
    beaten = beat_of(aline)
    await accept(site, aline, table.aline)
    await agree(aline)
    await aline.sees("waiting.not_open")

    # Half of every connection is gone, and no browser is told.
    await beaten.wait()
    wire.hold()
    await table.open("rating")
    await aline.sees("save_and_go_on")
    await fay.button("close.do").wait_for()
    await fay.never_reads(fay.say("away"))

    wire.cut()
    await fay.sees("away")
    await projector.sees("away.screen")
    await fay.check("console, the server away")
    await projector.check("big screen, the server away")
    wire.mend()
    await fay.page.locator("#away:empty").wait_for(state="attached")
    await projector.page.locator("#away:empty").wait_for(state="attached")

    # The sign-in is over: the page says so, and leads back to where it was, in its own language.
    await models.Login.filter(staff_id__isnull=False).delete()
    wire.hold()
    await fay.sees("away.out")
    await fay.page.locator("#away a").click()
    await fay.sees("sign_in.back")
    await fay.check("sign in again")
    await fay.fill("sign_in.mail", "fay@example.org")
    await fay.fill("sign_in.password", PASSWORD)
    await fay.press("sign_in.do")
    await fay.button("close.do").wait_for()
    assert fay.page.url.endswith(console)
