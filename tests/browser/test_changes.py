"""A page that is told what changed ends up as one that is opened now, and takes nothing out of anybody's hand."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page, WebSocket, expect

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.protocol import Plan
from rounds.contract import Role
from tests.browser.people import Crowd
from tests.browser.stage import sign_in
from tests.conftest import Site, Table, lay_table

LIVE = Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={})
LARGEST = 8_000


async def _answered(site: Site) -> tuple[Table, list[models.Seat]]:
    """Twenty patients who have answered everything, so that figures move with ten who answer anew."""
    table = await lay_table(site.house, [LIVE])
    people = await conduct.add_seats(site.house, table.fay, [Guest(Role.PARTICIPANT, "patients", "en")] * 20)
    await asyncio.gather(*(conduct.consent(site.house, seat) for seat in people))
    await table.open("rating")
    for card in ("P001", "P002", "P003"):
        for n, seat in enumerate(people):
            await table.cast(seat, "rating", card=card, importance="8" if n % 3 else "3")  # some to discuss
    return table, people


async def test_a_line_changes_under_the_hand_that_holds_it(site: Site, crowd: Crowd) -> None:
    table, people = await _answered(site)
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    told: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: told.append(str(frame)))

    fay.page.on("websocket", listen)
    await fay.goes(f"/sessions/{table.session.id}/console")
    line = fay.page.locator("#line-2")
    await expect(line).to_contain_text("Statement 2.")
    await line.locator("a").focus()
    await fay.page.evaluate("window.held = document.activeElement")
    before, first = await line.inner_text(), len(told)
    for seat in people[:10]:
        await table.cast(seat, "rating", card="P002", importance="2")
    await expect(line).not_to_have_text(before)
    await asyncio.sleep(1)  # until nothing more comes
    assert await fay.page.evaluate("held.isConnected && held === document.activeElement && !!held.closest('#line-2')")
    changes = [message for message in told[first:] if "hx-partial" in message]
    assert changes and all(len(message.encode()) < LARGEST for message in changes)
    assert any('hx-target="#line-2"' in message for message in changes)
    assert not any('hx-target="#line-1"' in message or 'hx-target="#desk"' in message for message in changes)
    seen = await _parts(fay.page)
    await fay.page.reload()
    await expect(line).to_contain_text("Statement 2.")
    assert seen == await _parts(fay.page)
    crowd.heard_nothing()


async def _parts(page: Page) -> list[str]:
    """What stands in the parts that follow the session, as a reader has it."""
    return [" ".join((await page.locator(place).inner_text()).split()) for place in ("#desk", "#presence", "#steps")]
