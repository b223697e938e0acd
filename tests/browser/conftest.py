"""One Chromium a test, without a screen; the service is demanded as the others are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import async_playwright

from consensus.house import build
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from tests.browser.people import Crowd
from tests.conftest import Site, chromium
from tests.mailbox import Mailbox, open_mailbox

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def crowd(site: Site) -> AsyncIterator[Crowd]:
    program = chromium()
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield Crowd(browser, site.origin)
        await browser.close()


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
async def mailing(settings: Settings, box: Mailbox) -> AsyncIterator[Site]:
    """A served house that sends mail; a file whose people get any returns it as its `site`."""
    listener = listen(0)
    settings = replace(settings, origin=origin_of(listener), smtp=box.url, mail_from="table@example.org")
    house = build(settings)
    async with running(make_app(settings, house), listener):
        yield Site(house, settings.origin)
