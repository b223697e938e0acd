"""What a screen reader hears: one's own act once, how many have answered seldom, and nothing while that is paused."""

from __future__ import annotations

from playwright.async_api import Route, expect

from consensus.protocol import Plan
from tests.browser.people import PHONE, Crowd, Person
from tests.browser.stage import agree, lay, link, sign_in
from tests.conftest import STATEMENTS, Site, Table

SELDOM = 2000  # milliseconds at least between two messages about the others
JUST_BEFORE = 5  # a clock of whole milliseconds, read twice
RATING = Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})
HEAR = """() => {
  window.heard = [];
  new MutationObserver(() => heard.push([performance.now(), document.querySelector("#announced").textContent]))
    .observe(document.querySelector("#announced"), { childList: true, characterData: true, subtree: true });
}"""


async def begun(site: Site, crowd: Crowd) -> tuple[Person, Table]:
    table = await lay(site, [RATING], STATEMENTS)
    aline = await crowd.comes("Aline", "en", PHONE)
    await aline.goes(link(site, table.aline) + "?lang=en")
    await aline.press("invitation.start")
    await agree(aline)
    await table.open("rating")
    await aline.page.locator("#answer").wait_for()
    await aline.page.evaluate(HEAR)
    return aline, table


async def heard(person: Person) -> list[tuple[float, str]]:
    return [(at, text) for at, text in await person.page.evaluate("heard") if text]


async def told(person: Person, n: int, of: int) -> None:
    await expect(person.page.locator("#announced")).to_have_text(person.say("live.answered", n=n, of=of))


async def test_ones_own_act_is_heard_once(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd)
    await aline.page.locator("label.key").filter(has_text="8").click()
    await aline.press("save_and_go_on")
    await told(aline, 1, 5)  # the next message has come: whatever was to be heard of the act has been
    said = aline.say("saved_card")
    assert [text for _, text in await heard(aline)].count(said) == 1
    crowd.heard_nothing()


async def test_how_many_have_answered_is_heard_at_most_every_two_seconds(site: Site, crowd: Crowd) -> None:
    aline, table = await begun(site, crowd)
    for number, seat in enumerate(table.seats[1:-1], start=1):
        await table.cast(seat, "rating", card="P001", importance="7")
        await aline.page.wait_for_function(
            "said => document.querySelector('[data-told]').dataset.told === said",
            arg=aline.say("live.answered", n=number, of=5),
        )
    await told(aline, 3, 5)
    times = [at for at, _ in await heard(aline)]
    assert len(times) < 3
    assert all(later - sooner >= SELDOM - JUST_BEFORE for sooner, later in zip(times, times[1:], strict=False))
    crowd.heard_nothing()


async def test_what_is_live_stands_still_while_it_is_paused(site: Site, crowd: Crowd) -> None:
    table = await lay(site, [RATING], STATEMENTS)
    await table.open("rating")
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/console")
    pause, so_far = fay.button("live.pause"), fay.page.locator("#presence .rows")
    await expect(so_far).to_contain_text("0/")
    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    before = await so_far.inner_text()
    for seat in table.seats[1:-1]:
        await table.cast(seat, "rating", card="P001", importance="7")
    await fay.page.wait_for_selector("body[data-held]")
    assert await so_far.inner_text() == before
    await pause.click()
    await told(fay, 3, 5)
    assert await so_far.inner_text() != before
    crowd.heard_nothing()


async def test_an_answer_that_comes_late_takes_nothing_back(site: Site, crowd: Crowd) -> None:
    """The page asks when it goes on; meanwhile the socket brings a change, which comes once only."""
    table = await lay(site, [RATING], STATEMENTS)
    await table.open("rating")
    fay = await crowd.comes("Fay", "en")
    await sign_in(fay, "fay@example.org")
    await fay.goes(f"/sessions/{table.session.id}/console")
    pause, so_far = fay.button("live.pause"), fay.page.locator("#presence .rows")
    await expect(so_far).to_contain_text("0/3")
    await pause.click()
    await table.cast(table.seats[1], "rating", card="P001", importance="7")
    await fay.page.wait_for_selector("body[data-held]")

    async def late(route: Route) -> None:
        answer = await route.fetch()
        assert "1/3" in await answer.text()
        await table.cast(table.seats[2], "rating", card="P001", importance="7")
        await expect(so_far).to_contain_text("2/3")
        await route.fulfill(response=answer)

    await fay.page.route("**/frame/console", late, times=1)
    async with fay.page.expect_websocket():  # it brings the whole
        await pause.click()
    await expect(so_far).to_contain_text("2/3")
    await table.cast(table.seats[3], "rating", card="P001", importance="7")
    await expect(so_far).to_contain_text("1/2")
