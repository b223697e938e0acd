"""Planned moments on the pages: typed as the clock of the study says them, read by people, moved for a reason."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from html import unescape

import httpx2
import pytest

from consensus import conduct, models, zones
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table
from tests.web.test_plan_order import at, name
from tests.web.test_ranking_page import console, english

ZONE = "America/Toronto"
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=60, settings={})
NEXT_YEAR = datetime.now(UTC).year + 1
OPENS, CLOSES, LATER = (f"{NEXT_YEAR}-{rest}" for rest in ("01-10T09:00", "12-17T17:00", "12-20T12:00"))


async def deadline(fay: httpx2.AsyncClient, table: Table, closes: str, reason: str = "") -> httpx2.Response:
    sent = {"closes_at": closes, "reason": reason}
    return await fay.post(f"{at(table)}/rounds/rating/deadline", data=sent)


async def test_both_moments_are_typed_in_the_zone_of_the_study_and_told_to_the_team_and_to_people(site: Site) -> None:
    table = await lay_table(site.house, [RATING])
    fay, bob = await console(site), await english(site, table.bob)
    assert (await name(fay, table, "rating", {"opens_at": OPENS, "closes_at": CLOSES})).status_code == 303
    row = await table.row("rating")
    assert row.opens_at is not None and row.closes_at is not None
    assert zones.said_in(ZONE, datetime.fromtimestamp(row.opens_at, UTC)) == OPENS
    assert zones.said_in(ZONE, datetime.fromtimestamp(row.closes_at, UTC)) == CLOSES
    plan = unescape((await fay.get(f"{at(table)}/setup")).text)
    assert f"Opens by itself on January 10, {NEXT_YEAR}, 9:00 (Eastern Standard Time)." in plan
    assert f"Closes by itself on December 17, {NEXT_YEAR}, 17:00" in plan
    assert f'value="{CLOSES}"' in (await fay.get(f"{at(table)}/setup/rating")).text
    for path in ("", "/take"):
        assert f"It opens on January 10, {NEXT_YEAR}, 9:00" in unescape((await bob.get(at(table) + path)).text), path
    assert "Opens by itself on" in (await fay.get(f"{at(table)}/console")).text
    await table.open("rating")
    for path in ("", "/take"):
        told = unescape((await bob.get(at(table) + path)).text)
        assert f"Open until December 17, {NEXT_YEAR}, 17:00 (Eastern Standard Time)." in told, path
    aline = await site.sit(table.aline)
    assert f"Ouvert jusqu’au 17 décembre {NEXT_YEAR}, 17" in unescape((await aline.get(f"{at(table)}/take")).text)


async def test_people_read_why_they_have_more_time(site: Site) -> None:
    table = await lay_table(site.house, [RATING])
    await table.open("rating")
    fay, bob = await console(site), await english(site, table.bob)
    assert (await deadline(fay, table, CLOSES)).status_code == 303
    refused = await deadline(fay, table, LATER)
    assert refused.status_code == 422 and "Say why the time is extended" in refused.text and LATER in refused.text
    assert (await deadline(fay, table, LATER, "A storm <b>.")).status_code == 303
    told = (await bob.get(f"{at(table)}/take")).text
    assert "December 20" in told and "Reason: A storm &lt;b&gt;." in told
    assert "Gave more time to answer" in (await fay.get(f"{at(table)}/journal")).text
    await table.close("rating")
    assert "people were given more time than they were told" in (await fay.get(f"{at(table)}/results")).text


@pytest.mark.parametrize("said", ["tomorrow", f"{NEXT_YEAR}-02-30T10:00", "2020-01-01T10:00"])
async def test_what_is_no_moment_to_come_is_refused_and_kept_on_the_page(site: Site, said: str) -> None:
    table = await lay_table(site.house, [RATING])
    fay = await console(site)
    refused = await name(fay, table, "rating", {"opens_at": said, "closes_at": "", "grace": "17"})
    assert refused.status_code == 422 and f'value="{said}"' in refused.text
    assert (await table.row("rating")).opens_at is None


async def test_the_team_reads_what_could_not_be_opened_and_its_reason(site: Site) -> None:
    table = await lay_table(site.house, [RATING, Plan(key="again", kind="rating", disclosure="at_close", settings={})])
    await table.open("rating")
    await models.Round.filter(session_id=table.session.id, key="again").update(opens_at=time.time() - 1)
    await conduct.moments_due(site.house)
    fay, bob = await console(site), await english(site, table.bob)
    for path in ("setup", "console?round=again"):
        page = unescape((await fay.get(f"{at(table)}/{path}")).text)
        assert "and could not. Open it by hand" in page, path
    assert "and could not" not in (await bob.get(at(table))).text


async def test_nobody_else_plans_a_moment(site: Site) -> None:
    table = await lay_table(site.house, [RATING])
    await table.open("rating")
    for browser, status in ((await english(site, table.bob), 403), (site.client(), 401)):
        assert (await deadline(browser, table, CLOSES)).status_code == status
        sent = {"opens_at": OPENS, "closes_at": CLOSES}
        assert (await browser.post(f"{at(table)}/setup/rating", data=sent)).status_code == status
    assert (await table.row("rating")).closes_at is None
