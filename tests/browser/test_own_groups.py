"""Groups of the study's own, at the form of a new study: without script, on a small telephone, by the keyboard."""

from __future__ import annotations

from typing import Any

import pytest

from consensus import conduct, models
from tests.browser.people import DESK, Crowd, Person
from tests.browser.stage import sign_in
from tests.browser.test_every_page import BROKEN, SIDEWAYS
from tests.browser.test_keyboard import HAS_FOCUS, Keys
from tests.browser.test_small import SMALL
from tests.conftest import PASSWORD, Site

NAMES = {"fr": "Personnel en pharmacie", "en": "Pharmacy staff"}


async def _new_study(site: Site, crowd: Crowd, language: str, device: dict[str, Any], **more: Any) -> Person:
    await conduct.add_staff(site.house, "nora@example.org", "Nora", PASSWORD)
    nora = await crowd.comes("Nora", language, device, **more)
    await sign_in(nora, "nora@example.org")
    await nora.goes("/studies/new")
    return nora


async def _names(nora: Person, n: int) -> None:
    own = nora.say("study.group.own", n=n)
    for language, name in NAMES.items():
        await nora.fill(f"study.group.{language}", name, group=own)


@pytest.mark.parametrize(("language", "device"), [("fr", SMALL), ("en", DESK)], ids=["small", "desk"])
async def test_without_script_a_group_is_added_named_and_moved_on_a_page_without_barrier(
    site: Site, crowd: Crowd, language: str, device: dict[str, Any]
) -> None:
    nora = await _new_study(site, crowd, language, device, java_script_enabled=False)
    for key in ("title", "question"):
        for spoken in NAMES:
            await nora.fill(f"study.{key}.{spoken}", f"{key} {spoken}")
    await nora.press("study.group.add")
    await _names(nora, 7)
    for _ in range(6):
        await nora.page.locator('[name="up"][value="g7"]').click()
    await nora.press("study.group.add")
    await nora.fill("study.help_phone", "819 555-0100")
    await nora.press("study.create")
    groups = (await models.Study.get()).groups
    assert groups[0] == {"key": "g7", "names": NAMES, "shape": 7} and len(groups) == 7


@pytest.mark.parametrize(("language", "device"), [("fr", SMALL), ("en", DESK)], ids=["small", "desk"])
async def test_the_form_with_own_groups_has_no_barrier(
    site: Site, crowd: Crowd, language: str, device: dict[str, Any]
) -> None:
    nora = await _new_study(site, crowd, language, device)
    await nora.press("study.group.add")
    await _names(nora, 7)
    await nora.press("study.group.add")
    await nora.check("a new study with own groups")
    assert not await nora.page.evaluate(SIDEWAYS) and await nora.page.evaluate(BROKEN) == []
    crowd.heard_nothing()


async def test_by_the_keyboard_a_group_is_added_named_and_moved_with_the_focus_on_it(site: Site, crowd: Crowd) -> None:
    nora = await _new_study(site, crowd, "en", DESK)
    keys, page = Keys(nora), nora.page
    await keys.on(nora.button("study.group.add"))
    assert await page.locator('[name="group.g7.fr"]').evaluate(HAS_FOCUS)
    await page.keyboard.type(NAMES["fr"])
    await keys.press("Tab")
    await page.keyboard.type(NAMES["en"])
    await keys.on(page.locator('[name="up"][value="g7"]'))
    for _ in range(5):
        assert await page.locator('[name="up"][value="g7"]').evaluate(HAS_FOCUS)
        await keys.press("Enter")
        await page.wait_for_load_state()
    assert await page.locator('[name="down"][value="g7"]').evaluate(HAS_FOCUS), "it is the first now"
    assert (await page.locator('[name="order"]').input_value()).startswith("g7 patients")


async def test_enter_in_a_field_neither_adds_nor_moves_a_group(site: Site, crowd: Crowd) -> None:
    nora = await _new_study(site, crowd, "en", DESK)
    await nora.fill("study.help_phone", "819 555-0100")
    await nora.box("study.title.en").press("Enter")
    await nora.page.wait_for_selector("#errors")
    assert await nora.page.locator('[name="group.g7.en"]').count() == 0
