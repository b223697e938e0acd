"""The pages that the story passes by: setting a study up, the seats, what somebody else's link leads to."""

from __future__ import annotations

from typing import Any

import pytest

from consensus import conduct, models, seats
from consensus.consents import PURPOSES
from consensus.protocol import read
from tests.browser.people import DESK, PHONE, Crowd
from tests.browser.stage import accept, agree, lay, sign_in
from tests.conftest import STATEMENTS, Site, Table, lay_table

LIGHT_DESK = DESK | {"color_scheme": "light"}
DARK_PHONE = PHONE | {"color_scheme": "dark"}


def of_the_team(table: Table) -> list[str]:
    here = f"/sessions/{table.session.id}"
    rounds = ("gather", "compilation", "rating", "wall", "ranking", "validation")
    parts = ["setup", *(f"setup/{key}" for key in rounds), "statements", "roster", "seats", "results", "journal"]
    parts += ["invitations", "invitations?letter=reminder"]
    return [
        "/studies",
        "/studies/new",
        f"/studies/{table.session.study_id}/sessions/new",
        f"/studies/{table.session.study_id}/consent",
        *(f"{here}/{part}" for part in parts),
    ]


@pytest.mark.parametrize(("language", "device"), [("en", LIGHT_DESK), ("fr", DARK_PHONE)], ids=["desk", "phone"])
async def test_the_pages_of_the_team_have_no_barrier(
    site: Site, crowd: Crowd, language: str, device: dict[str, Any]
) -> None:
    table = await lay(site, read("triage"), STATEMENTS)
    fay = await crowd.comes("Fay", language, device)
    await sign_in(fay, "fay@example.org")
    for path in of_the_team(table):
        await fay.goes(path)
        await fay.check(path)
    crowd.heard_nothing()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_pages_for_strangers_have_no_barrier(site: Site, crowd: Crowd, language: str) -> None:
    table = await lay(site, read("triage"))
    stranger = await crowd.comes("stranger", language, PHONE)
    key = seats.token(site.house.settings, "staff", table.fay.staff_id, 1)
    for path in ("/", "/staff/sign-in", f"/staff/key/{key}"):
        await stranger.goes(path)
        await stranger.check(path)
    crowd.heard_nothing()
    here = f"/sessions/{table.session.id}"
    for path, said in (
        ("/nowhere", "failed.home"),
        (f"{here}/results", "failed.sign_in"),
        (f"{here}/console", "sign_in.back"),
    ):
        await stranger.goes(path)
        await stranger.sees(said)
        await stranger.check(path)


@pytest.mark.parametrize(("language", "device"), [("en", PHONE), ("fr", DARK_PHONE)], ids=["light", "dark"])
async def test_the_pages_beside_the_answers_have_no_barrier(
    site: Site, crowd: Crowd, language: str, device: dict[str, Any]
) -> None:
    table = await lay_table(site.house)
    staff, texts = await models.Staff.get(mail="fay@example.org"), {"en": "A new text.", "fr": "Un nouveau texte."}
    await conduct.write_consent(site.house, staff, table.session.study_id, texts, texts, PURPOSES)
    await table.open("rating")
    aline, here = await crowd.comes("Aline", language, device), f"/sessions/{table.session.id}"
    await accept(site, aline, next(seat for seat in table.seats if seat.language == language))
    await aline.check("consent, changed")
    await aline.page.locator('[name="purpose.reuse"]').check()
    await agree(aline, then="home.all")
    for path in (here, f"{here}/agreed", f"{here}/withdraw"):
        await aline.goes(path)
        await aline.check(path)
    crowd.heard_nothing()
