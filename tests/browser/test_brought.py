"""A facilitator brings lists from a file, on a desk and on a narrow telephone, in both languages, with a keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from consensus import models
from rounds.contract import Role
from tests.browser.people import DESK, Crowd
from tests.browser.stage import lay, sign_in
from tests.browser.test_every_page import SIDEWAYS
from tests.conftest import RATING, STATEMENTS, Site

DATA = Path(__file__).parents[1] / "data"
NARROW: Any = {"viewport": {"width": 320, "height": 800}}


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("fr", NARROW)], ids=["desk", "narrow"])
async def test_a_list_is_read_corrected_and_taken_without_a_barrier(
    site: Site, crowd: Crowd, language: str, size: dict[str, Any]
) -> None:
    table = await lay(site, RATING, STATEMENTS)
    fay = await crowd.comes("Fay", language, size)
    await sign_in(fay, "fay@example.org")
    here = f"/sessions/{table.session.id}"

    async def brings(file: str) -> None:
        await fay.page.locator("[name=file]").set_input_files(DATA / file)
        await fay.page.get_by_role("button", name=fay.say("import.look")).press("Enter")
        await expect(fay.page.locator("[name=mark]")).to_be_attached()
        await fay.check(file)
        assert not await fay.page.evaluate(SIDEWAYS), file

    for file in ("excel_fr_cp1252_semicolon.csv", "emoji_rtl.csv", "only_spaces_text.csv", "polis_comments.csv"):
        await fay.goes(f"{here}/statements")
        await brings(f"statements/{file}")
    await fay.page.get_by_label("comment-body").select_option("text_en")
    await fay.press("import.do", n=2)
    await fay.sees("brought.changed")
    await fay.press("import.do", n=2)
    await fay.sees("setup.title")
    imported = (await models.Session.get(id=table.session.id)).imported
    assert [data["wordings"]["en"] for data in imported] == ["Les soins, d’abord", "Autre idée sur deux lignes"]

    before = await models.Seat.filter(role=Role.PARTICIPANT).count()
    await fay.goes(f"{here}/roster?by=list")
    await brings("roster/redcap_participants.txt")
    await fay.box("brought.group").select_option("clinicians")
    await fay.page.get_by_role("button", name=fay.say("brought.again")).first.press("Enter")
    await fay.press("roster.do", n=1)
    await fay.sees("roster.added")
    assert await models.Seat.filter(role=Role.PARTICIPANT).count() == before + 1
    crowd.heard_nothing()
