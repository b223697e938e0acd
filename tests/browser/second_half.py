"""The second half of the story: the wall, the ranking, the validation, and what the session leaves.

Scenes, each with what it promises; test_story.py plays them in their order on one session.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from playwright.async_api import Locator, expect

from consensus.export.verify import verify_file
from rounds.contract import Role
from tests.browser.people import Person
from tests.browser.stage import Story, agree_to_leave

SHORT_WAY = 1.0  # seconds from a tap on the phone to the figure on the big screen
REWORDED = {"en": "One number to call at any hour.", "fr": "Un seul numéro à appeler à toute heure."}


async def wall(story: Story) -> None:
    """Cards go on the table and are signalled; two hands on one card: the second is told; all find their place."""
    fay, coco, aline = story.fay, story.coco, story.aline
    await story.opens("wall")
    await aline.sees("wall.table.empty")
    await aline.check("wall, empty table")
    await story.projector.check("projector, empty table")
    # One busy moment of this machine is no slowness of ours: the best of several tries says how long the way is.
    took = [await signal(story, card) for card in story.cards[:3]]
    print(f"from tap to big screen: {', '.join(f'{one:.3f}' for one in took)} s")
    assert min(took) < SHORT_WAY
    await aline.check("wall, card on the table")
    await story.projector.check("projector, card on the table")
    await fay.check("wall desk")
    await two_hands_on_one_card(story, story.cards[0])
    await fay.goes(story.path("console"))
    for card in story.cards[:3]:
        await keep(fay, card)
    await set_aside(fay, story.cards[3])
    await coco.goes(story.path("console?sheet=history"))
    await coco.check("wall, what was done")
    await coco.goes(story.path("console"))
    await story.closes("wall")
    await aline.reads(story.cards[0])
    await aline.check("wall, closed")


async def signal(story: Story, card: str) -> float:
    """Put a card on the table; seconds from Aline's tap to her block's figure on the big screen."""
    aline, projector = story.aline, story.projector
    await story.fay.press("wall.call_card", card=card)
    await aline.page.locator("#answer .id").get_by_text(card, exact=True).wait_for()
    await projector.reads(card)
    table = (await story.tally("wall")).todo.table
    assert table.card == card
    await story.table.cast(story.others[0], "wall", call=str(table.call), signal="keep")
    figure = projector.page.locator("ul.res > li").filter(has_text="Patients").get_by_text("2/2")
    await expect(figure).to_have_count(0)
    shown = asyncio.create_task(figure.wait_for())
    begun = time.perf_counter()
    await aline.button("wall.signal.keep").tap()
    await shown
    took = time.perf_counter() - begun
    await aline.sees("wall.kept", signal=aline.say("wall.signal.keep"))
    return took


async def two_hands_on_one_card(story: Story, card: str) -> None:
    """Both have the same card open and move it at the same moment: one is first, the other is told who, and where."""
    hands = {story.fay: ("fridge", Role.FACILITATOR), story.coco: ("grouping", Role.COFACILITATOR)}
    for person, (zone, _) in hands.items():
        await person.goes(story.path(f"console?card={card}&to={zone}"))
        await expect(person.page.locator(f"#f-to-{zone}")).to_be_checked()
    await story.coco.check("wall sheet")
    sent = [person.clicks(person.page.locator("#sheet-form").get_by_role("button")) for person in hands]
    await asyncio.gather(*sent)
    for person in hands:
        await expect(person.page.locator(".drawer:not(:has(.alert--bad))")).to_have_count(0)  # taken, or refused
    zone = (await story.tally("wall")).places[card].zone
    first = next(person for person, (wished, _) in hands.items() if wished == zone)
    second = next(person for person in hands if person is not first)
    who = second.say(f"wall.who.{hands[first][1]}")
    await second.sees("wall.moved_already", who=who, card=card, zone=second.say(f"wall.zone.{zone}"))
    await second.check("wall, told of the other")
    await first.goes(story.path("console"))
    await first.clicks(first.page.get_by_role("button", name=first.say("wall.undo_last")))
    await expect(first.page.locator("#in-memory").locator(f"#card-{card}")).to_be_visible()


async def keep(person: Person, card: str) -> None:
    """From the table to the selection: the group says how it decided."""
    await person.page.locator(f"#card-{card}").scroll_into_view_if_needed()
    call = person.button("wall.call_card", card=card)
    if await call.count():
        await person.clicks(call)
    await expect(person.page.locator("#focus .about")).to_contain_text(card)
    await person.clicks(person.page.locator("#decide > summary"))
    await person.press("wall.how.no_objection")
    await expect(person.page.locator("#in-selection").locator(f"#card-{card}")).to_be_visible()


async def set_aside(person: Person, card: str) -> None:
    """The bin asks how it was decided, and why: in the sheet, which no live drawing replaces."""
    await person.clicks(person.page.locator(f"#move-{card} > summary"))
    await person.clicks(person.page.locator(f"#move-{card}").get_by_role("link", name=person.say("wall.zone.bin")))
    await person.clicks(person.page.locator("#sheet-form").get_by_role("button"))
    await person.sees("wall.say_how")
    await person.check("wall sheet, refused")
    await person.page.get_by_label(person.say("wall.how.after_discussion")).check()
    await person.fill("wall.reason", "Forms are decided elsewhere.")
    await person.clicks(person.page.locator("#sheet-form").get_by_role("button"))
    await expect(person.page.locator("#in-bin").locator(f"#card-{card}")).to_be_visible()


async def ranking(story: Story) -> None:
    """Aline orders with the arrows under her thumb, Bob with the keyboard."""
    aline, bob = story.aline, story.bob
    await story.opens("ranking")
    await aline.sees("ranking.save")
    await aline.check("ranking, blank")
    for card in story.cards[:3]:
        await aline.up(card).tap()
    await aline.up(story.cards[2]).tap()
    await aline.press("ranking.save")
    await aline.sees("ranking.saved")
    await aline.check("ranking, saved")
    await bob.sees("ranking.save")
    await bob.place(story.cards[1]).focus()
    await bob.page.keyboard.press("1")
    await bob.up(story.cards[0]).focus()
    await bob.page.keyboard.press("Space")
    await bob.button("ranking.save").focus()
    await bob.page.keyboard.press("Enter")
    await bob.sees("ranking.saved")
    await bob.check("ranking, saved")
    for seat in story.others:
        await story.table.cast(seat, "ranking", **{f"place__{story.cards[0]}": "1"})
    await story.closes("ranking")
    own = (await story.table.house.counts.now(await story.table.row("ranking"))).own
    orders = [own[str(seat.id)][""]["order"] for seat in (story.table.aline, story.table.bob)]
    one, two, three = story.cards[:3]
    assert orders == [[[one], [three], [two]], [[two], [one]]]


async def validation(story: Story) -> None:
    """Bob leaves and has his answers erased; Aline agrees with a change, and the facilitator takes it."""
    aline, bob, fay = story.aline, story.bob, story.fay
    await story.opens("validation")
    await bob.sees("validation.save")
    await say(bob, story.cards[1], "agree")
    await bob.press("validation.save")
    await bob.sees("validation.saved")
    await leaves(bob)
    await aline.sees("validation.save")
    for card in story.cards[1:3]:
        await say(aline, card, "agree")
    await say(aline, story.cards[0], "change")
    await aline.press("validation.save")
    await aline.sees("validation.change_missing", card=story.cards[0])
    await aline.check("validation, refused")
    await about(aline, story.cards[0]).get_by_role("textbox").fill("Dire à toute heure.")
    await aline.press("validation.save")
    await aline.sees("validation.saved")
    await aline.check("validation, saved")
    for seat in story.others:
        await story.table.cast(seat, "validation", **{f"say__{card}": "agree" for card in story.cards[:3]})
    await fay.follow("validation.answer_to", card=story.cards[0])
    await fay.check("validation sheet")
    for language, text in REWORDED.items():
        await fay.page.locator(f"[id='f-wording.{language}']").fill(text)
    await fay.press("difference.see")
    await fay.sees("difference.title")
    await fay.check("validation, the difference")
    await fay.press("validation.act.take")
    await fay.sees("validation.taken", card=story.cards[0])
    await fay.sees("validation.changes.done")
    await fay.check("validation, the wording taken")
    await story.closes("validation")


def about(person: Person, card: str) -> Locator:
    return person.page.locator(f"[id='f-say.{card}']")


async def say(person: Person, card: str, what: str) -> None:
    await about(person, card).get_by_label(person.say(f"validation.say.{what}"), exact=True).check()


async def leaves(person: Person) -> None:
    await agree_to_leave(person)
    await person.check("withdrawal")
    await person.page.get_by_label(person.say("withdraw.erase")).check()
    await person.press("withdraw.do")
    await person.sees("farewell.erase")
    await person.check("farewell")


async def what_is_left(story: Story, folder: Path) -> None:
    """The list for everybody, the parcel for research, the journal for whoever doubts."""
    fay, aline = story.fay, story.aline
    await aline.goes(story.path("results"))
    await aline.reads(REWORDED["fr"])
    await aline.check("results")
    await fay.goes(story.path("results"))
    await fay.reads(REWORDED["en"])
    await fay.check("results")
    async with fay.page.expect_download() as download:
        await fay.follow("results.parcel.released")
    parcel = folder / "parcel.zip"
    await (await download.value).save_as(parcel)
    status, said = await asyncio.to_thread(verify_file, parcel)
    assert status == 0, said
    await fay.goes(story.path("individual"))  # who may have the answers of people, and when
    await fay.check("individual answers")
    await fay.goes(story.path("results"))
    await fay.follow("results.journal")
    await fay.page.locator(".alert--ok").wait_for()
    await fay.check("journal")
    assert await fay.page.locator(".chain b").inner_text() == said.splitlines()[-1].strip()
    await story.projector.check("projector, at the end")
