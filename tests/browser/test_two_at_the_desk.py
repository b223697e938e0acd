"""Two facilitators side by side through a whole TRIAGE session in a bilingual study: neither console is ever stale, and
the question about languages is asked once."""

from __future__ import annotations

from playwright.async_api import expect

from consensus import conduct
from consensus.conduct import Guest
from consensus.protocol import read
from consensus.simulation import player
from rounds.contract import Role
from tests.browser.people import Crowd, Person
from tests.browser.stage import lay, sign_in
from tests.conftest import Site, Table

WHY = "La personne qui traduit est malade."
STEPS = ("gather", "compilation", "rating", "wall", "ranking", "validation")


async def shows(person: Person, table: Table, key: str, act: str) -> None:
    """Title, window, controls and the step in the plan are those of this round."""
    page, here = person.page, f"/sessions/{table.session.id}/rounds/{key}/{act}"
    title = person.say(f"{key}.title")
    await expect(page.locator(f"#controls form[action='{here}']")).to_be_visible()
    await expect(page.locator("#head h1")).to_have_text(title)
    await expect(page.locator("#steps [aria-current]")).to_contain_text(title)
    await expect(page).to_have_title(f"{title} – Table ronde")
    for form in await page.locator("#controls form").all():
        assert f"/rounds/{key}/" in (await form.get_attribute("action") or "")


async def test_two_consoles_follow_one_session_and_one_question_is_asked(site: Site, crowd: Crowd) -> None:
    table = await lay(site, read("triage"))
    colleague = await conduct.add_staff(site.house, "coco@example.org", "Coco", "correct horse battery")
    await conduct.add_seats(site.house, table.fay, [Guest(Role.COFACILITATOR, staff_id=colleague.id)])
    for seat in table.seats:
        if not seat.consented:
            await conduct.consent(site.house, seat)
    fay, coco = await crowd.comes("Fay", "fr"), await crowd.comes("Coco", "en")
    for person, mail in ((fay, "fay@example.org"), (coco, "coco@example.org")):
        await sign_in(person, mail)
        await person.goes(f"/sessions/{table.session.id}/console")
    simulated = await player.simulated_in(site.house, table.session)
    asked = 0
    for place, key in enumerate(STEPS):
        opener, other = (fay, coco) if place % 2 == 0 else (coco, fay)
        if place:
            await opener.follow("console.next", round=opener.say(f"{key}.title"))
        await opener.page.locator(f"#controls form[action$='/{key}/open']").wait_for()
        question = opener.page.locator("[data-asks=languages]")
        if await question.count():
            asked += 1
            await question.fill(WHY)
            # What a colleague does meanwhile takes neither the words nor the cursor.
            await conduct.call(site.house, table.seats[0], "speak")
            await opener.page.locator("#queue").wait_for()
            await expect(question).to_have_value(WHY)
            await expect(question).to_be_focused()
        await opener.press("open.do")
        for person in (opener, other):
            await shows(person, table, key, "close")
        row = await table.row(key)
        if key == "compilation":
            await leave_one_language(table)
            for person in (fay, coco):
                await person.page.locator("#lacking").wait_for()
        await simulated.play(row)
        await other.press("close.do")
        if row.grace:
            for person in (fay, coco):
                await expect(person.page.locator("#controls form[action$='/keep']")).to_be_visible()
            await opener.press("close.now")
        for person in (fay, coco):
            await person.sees("closed.what")
            await person.check(f"console, {key} closed")
    assert asked == 1
    crowd.heard_nothing()


async def leave_one_language(table: Table) -> None:
    """Everything is taken as it was written: in one language."""
    counted = await table.house.counts.now(await table.row("compilation"))
    waiting = [proposal.id for proposal in counted.official.todo.open]
    await table.cast(table.fay, "compilation", act="accept", of=waiting[0])
