"""One vote from link to tally, over HTTP as a browser without JavaScript would."""

from __future__ import annotations

import re

from consensus import models
from tests.conftest import Site, lay_table


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name} in {html[:2000]}"
    return found.group(1)


async def test_a_vote_goes_from_link_to_tally(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    page = await fay.get(f"/sessions/{table.session.id}/console")
    assert page.status_code == 200, page.text
    opened = await fay.post(f"/sessions/{table.session.id}/rounds/rating/open")
    assert opened.status_code == 303, opened.text
    for seat in table.seats:
        browser = await site.sit(seat)
        take = await browser.get(f"/sessions/{table.session.id}/take")
        assert take.status_code == 200, take.text
        answer = {"importance": "8", **{name: field(take.text, name) for name in ("round", "key", "card")}}
        kept = await browser.post(f"/sessions/{table.session.id}/take", data=answer)
        assert kept.status_code == 303, kept.text
        await browser.aclose()
    assert await models.Ballot.all().count() == len(table.seats)
    refused = await fay.post(f"/sessions/{table.session.id}/console", data={})
    assert refused.status_code == 422
    closed = await fay.post(f"/sessions/{table.session.id}/rounds/rating/close")
    assert closed.status_code == 303, closed.text
    page = await fay.get(f"/sessions/{table.session.id}/console")
    assert page.status_code == 200, page.text
    for path in ("projector", "seats", "results", "journal"):
        page = await fay.get(f"/sessions/{table.session.id}/{path}")
        assert page.status_code == 200, page.text
    await fay.aclose()
