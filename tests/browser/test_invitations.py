"""Fay invites by mail and watches it go out: on a telephone in the dark, in French, and without a script."""

from __future__ import annotations

from typing import Any

import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from rounds.contract import Role
from tests.browser.people import DESK, PHONE, Crowd
from tests.browser.stage import sign_in
from tests.conftest import Site, lay_table
from tests.mailbox import Mailbox


@pytest.fixture
def site(mailing: Site) -> Site:
    return mailing


@pytest.mark.parametrize(
    ("language", "device", "has_script"),
    [("en", DESK, True), ("fr", PHONE | {"color_scheme": "dark"}, True), ("fr", DESK, False)],
    ids=["desk", "phone", "without script"],
)
async def test_fay_sends_invitations_and_sees_how_far_it_is(
    site: Site, box: Mailbox, crowd: Crowd, language: str, device: dict[str, Any], has_script: bool
) -> None:
    table = await lay_table(site.house)
    guests = [Guest(Role.PARTICIPANT, "patients", "fr", f"Léa {n}", f"p{n}@example.org") for n in range(14)]
    await conduct.add_seats(site.house, table.fay, guests)
    box.refusals["p3@example.org"], box.held = "550 nobody", 12
    fay = await crowd.comes("Fay", language, device, java_script_enabled=has_script)
    await sign_in(fay, "fay@example.org")
    here = f"/sessions/{table.session.id}/invitations"
    await fay.goes(f"{here}?letter=invitation")
    await fay.check("the letter")
    await fay.goes(here)
    await fay.check("before")
    await fay.press("mails.send", n=14)
    await box.holds(12)
    if not has_script:
        await fay.follow("mails.refresh")
    await fay.sees("mails.progress", done=10, total=14)
    await fay.check("under way")
    box.go.set()
    if not has_script:
        await box.holds(13)
        while await models.Mail.filter(state__in=["queued", "sending"]).exists():
            await fay.follow("mails.refresh")
        await fay.goes(here)
    else:
        await fay.sees("mails.send.done")
    await fay.sees("mails.sent", n=13)
    await fay.sees("mails.reason.gone", code="550")
    await fay.sees("mails.remind.do", n=13)
    await fay.check("after")
    crowd.heard_nothing()
