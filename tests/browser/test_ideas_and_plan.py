"""A participant reads what became of her idea; a coordinator fills three lines of the plan, by the keyboard too, and is
never more than three presses from where a line comes from."""

from __future__ import annotations

import os
from typing import Any

import pytest

from consensus import conduct, models
from consensus.imports import coded
from consensus.plan_of_action import Line
from consensus.protocol import Plan
from consensus.results.next_steps import listed_for
from tests.browser.people import Crowd
from tests.browser.stage import lay, link, sign_in
from tests.browser.test_every_page import SIDEWAYS
from tests.conftest import Site

PHONE: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PICTURES = os.environ.get("TABLE_RONDE_PICTURES_OF_PLAN", "")
PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={}),
    Plan(key="compile", kind="compilation", disclosure="live", grace=0, settings={}),
]
TEXTS = (
    "Du temps réservé dans l’horaire.",
    "Un numéro où une personne répond.",
    "En parler à la télé.",
    "Un plan écrit.",
)


async def _compiled(site: Site) -> Any:
    table = await lay(site, PLANS)
    await models.Session.filter(id=table.session.id).update(imported=[])
    await conduct.consent(site.house, table.aline)
    await table.open("gather")
    for place, text in enumerate(TEXTS, 1):
        await table.cast(table.aline, "gather", card=str(place), text=text, nature="next_step")
    await table.close("gather")
    row = await table.open("compile")
    for statement in (await table.row("compile")).statements or []:
        words = statement["wordings"].values()
        if TEXTS[2] in words:
            act = {"act": "reject", "reason": "Le plan de communication le dit déjà."}
        else:
            act = {"act": "accept", "looked": "1", "reason": "Elle répond à la question."}
        await table.cast(table.fay, row.key, of=statement["id"], **act)
    await table.close("compile")
    return table


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_from_an_idea_to_its_fate_and_from_a_line_to_its_source(site: Site, crowd: Crowd, language: str) -> None:
    table = await _compiled(site)
    aline = await crowd.comes("Aline", language, PHONE)
    await aline.goes(f"{link(site, table.aline)}?lang={language}")
    await aline.press("invitation.start")
    await aline.goes(f"/sessions/{table.session.id}?lang={language}")
    await aline.follow("ideas.title")  # one press
    await aline.sees("ideas.heading", n=4)
    await aline.check("ideas")
    assert not await aline.page.evaluate(SIDEWAYS)
    assert await aline.page.get_by_text("Le plan de communication le dit déjà.").count() == 1
    await _picture(aline, f"ideas-{language}")

    fay = await crowd.comes("Fay", language, PHONE)
    await sign_in(fay, "fay@example.org")
    at = f"/studies/{table.session.study_id}/plan"
    await fay.goes(f"{at}?lang={language}")
    await fay.check("plan, empty")
    await fay.page.locator("input[name=source]").first.check()
    await fay.press("action_plan.source.do")
    for place in range(3):
        edit = fay.page.locator("tbody th a.btn").nth(place)
        await edit.focus()
        await fay.page.keyboard.press("Enter")
        await fay.page.locator("input[name=leads]").first.focus()
        await fay.page.keyboard.press("Space")
        await fay.page.locator("#f-end").fill(str(6 * (place + 1)))
        await fay.page.locator("#f-measure").fill(f"Mesure {place + 1}")
        await fay.check("plan, a line")
        assert not await fay.page.evaluate(SIDEWAYS)
        await _picture(fay, f"line-{language}")
        await fay.page.locator("#f-measure").press("Enter")
        await fay.sees("action_plan.saved")
    await fay.check("plan, filled")
    assert not await fay.page.evaluate(SIDEWAYS)
    await _picture(fay, f"plan-{language}")
    await fay.page.set_viewport_size({"width": 1280, "height": 900})
    await _picture(fay, f"plan-wide-{language}")


SPOKEN = "Le dossier reste dans un tiroir."
HEAD = "statement,text_fr,nature,level,quotation,kind,source,may_quote"
CODED = f"""{HEAD}
C1,Un plan écrit.,next_step,meso,{SPOKEN},interview,E1,yes
C2,Du temps réservé dans l’horaire.,next_step,micro,Je cours tout le jour.,interview,E2,yes
"""


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_from_the_study_to_the_quotations_behind_a_line(site: Site, crowd: Crowd, language: str) -> None:
    table = await lay(site, PLANS[1:])
    await models.Session.filter(id=table.session.id).update(imported=[])
    staff, study = await models.Staff.get(id=table.fay.staff_id), table.session.study_id
    reading = coded.parse(CODED, coded.Asking(("fr", "en")))
    assert not reading.problems
    await conduct.bring_coded(site.house, table.fay, staff, reading)
    row = await table.open("compile")
    await table.cast(table.fay, row.key, act="accept_all", looked="1")
    await table.close("compile")
    await conduct.choose_source(site.house, staff, study, str(table.session.id))
    steps = (await listed_for(study, str(table.session.id), None)).steps
    key = next(step.key for step in steps if "Un plan écrit." in step.statement.wordings.values())
    line = Line(key, ("patients",), end=2, start=1, unit="years", measure="Plans remis")
    await conduct.write_line(site.house, staff, study, line, Line(key))
    fay = await crowd.comes("Fay", language, {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"})
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/studies/{study}?lang={language}")
    await fay.page.get_by_role("link", name=fay.say("action_plan.way"), exact=True).click()  # one press
    await fay.sees("action_plan.leads")
    await _picture(fay, f"dark-{language}")
    line_of = fay.page.locator("tbody tr", has_text="Un plan écrit.")
    await line_of.get_by_role("link", name=fay.say("action_plan.where")).click()  # another
    await fay.page.wait_for_url("**/where/S0*")
    assert await fay.page.get_by_text(SPOKEN).count() == 1, "two presses from the study, one from the line"
    await fay.check("where a line comes from")


async def _picture(person: Any, name: str) -> None:
    if PICTURES:
        await person.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
