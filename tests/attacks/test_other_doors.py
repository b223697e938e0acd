"""What an address, a refusal or a moment tells by itself."""

from __future__ import annotations

import re
from contextlib import aclosing

import pytest

from consensus import models
from tests.conftest import Site, lay_table

NOWHERE = 987


@pytest.mark.parametrize("page", ["", "/take", "/results", "/journal", "/parcel/released", "/frame/room", "/console"])
async def test_a_session_of_others_and_none_are_answered_alike(site: Site, page: str) -> None:
    """Whoever tries numbers learns of no session that it is there."""
    here, elsewhere = await lay_table(site.house), await lay_table(site.house, title="Ailleurs")
    assert not await models.Session.exists(id=NOWHERE)
    async with aclosing(await site.sit(here.aline)) as aline, aclosing(site.client()) as stranger:
        for browser in (aline, stranger):
            told = []
            for number in (elsewhere.session.id, NOWHERE):
                answer = await browser.get(f"/sessions/{number}{page}")
                body = re.sub(rf'sessions(?:/|%2F){number}\b|value="[\w-]+"|data-now="[^"]*"', "", answer.text)
                told.append((answer.status_code, sorted(answer.headers.keys()), body))
            assert told[0] == told[1], page
