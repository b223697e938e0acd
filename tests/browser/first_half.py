"""The first half of the story: people write alone, the team makes statements of it, everybody rates them.

Scenes, each with what it promises; test_story.py plays them in their order on one session.
"""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.people import Person
from tests.browser.stage import Story

ONE_NUMBER = "Un seul numéro à appeler."
DAY_AND_NIGHT = "Un seul numéro à appeler, jour et nuit."
PARKING = "Un stationnement gratuit."
SHARED_PLAN = "Des plans de soins partagés."
TWO_IDEAS = "Visits at home, and shorter forms."
ONE_PLAN = "One care plan, shared by all."


async def gather(story: Story) -> None:
    """People write alone: nobody sees another's card; one is changed, one taken back."""
    aline, bob, fay = story.aline, story.bob, story.fay
    await story.opens("gather")
    await aline.sees("gather.new_card")  # the step came by itself
    await aline.check("gather, nothing written")
    for text in (ONE_NUMBER, PARKING, SHARED_PLAN):
        await write(aline, text)
    await bob.sees("gather.new_card")
    for text in (TWO_IDEAS, ONE_PLAN):
        await write(bob, text)
    await aline.follow("gather.change_card", card=1)
    await aline.sees("gather.change_card", card=1)
    await aline.fill("gather.ask.text", DAY_AND_NIGHT)
    await aline.press("gather.save")
    await aline.reads(DAY_AND_NIGHT)
    await aline.press("gather.take_back_card", card=2)
    await aline.sees("gather.taken_back", card=2)
    await aline.never_reads(PARKING)
    await aline.check("gather, written")
    await bob.check("gather, written")
    for reader, text in ((bob, DAY_AND_NIGHT), (aline, TWO_IDEAS), (fay, DAY_AND_NIGHT), (fay, TWO_IDEAS)):
        await reader.never_reads(text)
    await story.closes("gather")
    await fay.reads(DAY_AND_NIGHT)
    await aline.sees("waiting.title")


async def write(person: Person, text: str) -> None:
    await person.fill("gather.ask.text", text)
    await person.page.get_by_label(person.say("gather.nature.helps")).check()
    await person.press("gather.save")
    await person.reads(text)


async def compilation(story: Story) -> None:
    """One proposal is accepted and translated, one split, two merged; the words people wrote stay behind them."""
    fay = story.fay
    await story.opens("compilation")
    await story.aline.sees("compilation.preparing")
    await story.aline.check("compilation, preparing")
    await turn_to(fay, DAY_AND_NIGHT)
    await fay.check("compilation sheet")
    await wording(fay, "en", "One number to call, day and night.")
    await fay.press("compilation.accept.do")
    await fay.page.get_by_role("status").filter(has_text="S01").wait_for()
    await turn_to(fay, TWO_IDEAS)
    await split(fay, [("Visits at home.", "Des visites à domicile."), ("Shorter forms.", "Des formulaires courts.")])
    await turn_to(fay, ONE_PLAN)
    await merge(fay, SHARED_PLAN)
    await fay.sees("compilation.none_open")
    await fay.check("compilation desk, done")
    story.cards = [statement.id for statement in (await story.tally("compilation")).statements]
    assert len(story.cards) == 4
    await story.closes("compilation")
    await story.aline.reads("Des visites à domicile.")
    await story.aline.check("compilation, closed")


def piece(person: Person, number: int) -> Locator:
    return person.page.get_by_role("group", name=person.say("compilation.piece", n=number), exact=True)


async def turn_to(person: Person, text: str) -> None:
    """Open the sheet of the proposal with these words."""
    card = person.page.locator("li.card").filter(has_text=text)
    await person.clicks(card.get_by_role("link", name=person.say("compilation.open_card.do")))
    await person.page.locator("blockquote").filter(has_text=text).wait_for()


async def wording(person: Person, language: str, text: str) -> None:
    await person.page.locator(f"#f-wording\\.{language}").fill(text)


async def split(person: Person, pieces: list[tuple[str, str]]) -> None:
    await person.page.get_by_text(person.say("compilation.split.title"), exact=True).click()
    for number, (english, french) in enumerate(pieces, start=1):
        for language, text in (("en", english), ("fr", french)):
            box = piece(person, number).get_by_label(
                person.say("compilation.wording_in", name=person.say(f"language.{language}"))
            )
            await box.fill(text)
    await person.press("compilation.split.do")
    await person.reads(pieces[-1][1])


async def merge(person: Person, other: str) -> None:
    await wording(person, "en", "One shared care plan.")
    await wording(person, "fr", "Un seul plan de soins partagé.")
    await person.page.get_by_text(person.say("compilation.merge.title"), exact=True).click()
    await person.page.locator("label.choice").filter(has_text=other).get_by_role("checkbox").check()
    await person.press("compilation.merge.do")
    await person.reads("One shared care plan.")


async def rating(story: Story) -> None:
    """Everybody rates alone; one answer is changed; language, reload and keyboard lose nothing."""
    aline, bob, fay = story.aline, story.bob, story.fay
    await story.opens("rating")
    await aline.sees("save_and_go_on")
    await aline.check("rating, blank")
    await story.projector.reads(story.projector.say("rating.title"))
    await story.projector.check("projector, rating")
    first = await shown_card(aline)
    await tap(aline, 8)
    await toggles_language(aline, 8)
    await save(aline, first)
    second = await shown_card(aline)
    await aline.page.reload()
    assert await shown_card(aline) == second  # the place is kept
    await aline.follow("previous_card")
    await expect(aline.page.locator("input[name=card]")).to_have_value(first)
    await expect(key_of(aline, 8)).to_be_checked()  # and the answer
    await tap(aline, 3)
    await save(aline, first)
    for _ in story.cards[1:]:
        await tap(aline, 7)
        await save(aline, await shown_card(aline))
    await aline.sees("all_answered")
    await aline.check("rating, all answered")
    await rates_by_keyboard(story, bob)
    for seat in story.others:
        for card in story.cards:
            await story.table.cast(seat, "rating", card=card, importance="9")
    await fay.press("look.do")
    await fay.press("show.do")
    await story.projector.reads(story.cards[0])
    await fay.check("rating desk, figures")
    await story.projector.check("projector, rating shown")
    await story.closes("rating")
    changed = (await story.tally("rating")).line(first)
    assert changed is not None
    assert (changed.values["low"], changed.values["high"]) == (2, 3)  # Aline's 3 and Bob's 2; her 8 is gone


async def shown_card(person: Person) -> str:
    return await person.page.locator("#answer input[name=card]").input_value()


def key_of(person: Person, value: int) -> Locator:
    return person.page.locator(f"#answer input[name=importance][value='{value}']")


async def tap(person: Person, value: int) -> None:
    await person.page.locator("label.key").filter(has=key_of(person, value).page.locator(f"[value='{value}']")).tap()
    await expect(key_of(person, value)).to_be_checked()


async def save(person: Person, card: str) -> None:
    await person.press("save_and_go_on")
    await expect(person.page.locator(f"#answer input[name=card][value='{card}']")).to_have_count(0)


async def toggles_language(person: Person, value: int) -> None:
    """To English and back, in the middle of a card: what was chosen is still chosen, and nothing was sent."""
    for language, name in (("en", "English"), ("fr", "Français")):
        await person.clicks(person.page.get_by_role("button", name=name, exact=True))
        person.language = language
        await person.sees("save_and_go_on")
        await expect(key_of(person, value)).to_be_checked()
        await person.check(f"rating, {language}")


async def rates_by_keyboard(story: Story, person: Person) -> None:
    """Arrows choose, Enter saves and goes on."""
    await person.sees("save_and_go_on")
    for _ in story.cards:
        card = await shown_card(person)
        await key_of(person, 1).focus()
        await person.page.keyboard.press("ArrowRight")
        await expect(key_of(person, 2)).to_be_checked()
        await person.page.keyboard.press("Enter")
        await expect(person.page.locator(f"#answer input[name=card][value='{card}']")).to_have_count(0)
    await person.sees("all_answered")
    await person.check("rating, all answered")
