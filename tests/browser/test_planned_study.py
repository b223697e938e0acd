"""A coordinator begins a whole study from a protocol, by the keyboard alone: its sessions are there at one press."""

from __future__ import annotations

from consensus import conduct, models
from tests.browser.people import Crowd
from tests.browser.test_keyboard import Keys
from tests.conftest import PASSWORD, Site

NAME = "case_management_spread"
FACTS = {
    "study.title.fr": "Étendre",
    "study.title.en": "Spread",
    "study.question.fr": "Et ensuite?",
    "study.question.en": "What next?",
    "study.help_phone": "819 555-0142",
}


async def test_a_whole_study_is_laid_by_the_keyboard(site: Site, crowd: Crowd) -> None:
    await conduct.add_staff(site.house, "nora@example.org", "Nora Roy", PASSWORD)
    nora = await crowd.comes("Nora", "en")
    await nora.goes("/staff/sign-in?lang=en")
    await nora.page.fill("[name=mail]", "nora@example.org")
    await nora.page.fill("[name=password]", PASSWORD)
    await nora.page.keyboard.press("Enter")
    await nora.page.wait_for_url("**/studies")
    await nora.goes("/studies/new?lang=en")
    keys = Keys(nora)
    await keys.on(nora.page.locator("summary", has_text=nora.say("study.planned")))
    await nora.check("protocols offered")
    await keys.on(nora.link("study.planned.begin.of", name=nora.say(f"protocol.{NAME}")))
    await nora.sees("study.planned.laid", n=16)
    await nora.check("a protocol chosen")
    for key, text in FACTS.items():
        await keys.types(key, text)
    await keys.on(nora.button("study.create"))
    await nora.page.wait_for_url("**/studies/1")
    await nora.check("the study laid")
    await nora.reads("National ranking")
    assert await models.Session.all().count() == 16
    crowd.heard_nothing()
