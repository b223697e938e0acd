"""One Chromium a test, without a screen; the service is demanded as the others are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import async_playwright

from tests.browser.people import Crowd
from tests.conftest import Site, chromium

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
