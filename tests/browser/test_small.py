"""On the smallest telephones: whatever has the focus is in sight, and the signals of the wall are in reach."""

from __future__ import annotations

from typing import Any

from consensus import conduct
from consensus.protocol import Plan, read
from tests.browser.people import Crowd, Person
from tests.browser.stage import accept, agree, lay, sign_in
from tests.browser.test_every_page import BROKEN, SIDEWAYS, TWICE
from tests.conftest import Site, Table

SMALL: Any = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
FAR = 60  # presses of Tab; a page that has fewer stops begins again
AGAIN = "again"
# What has the focus, if something that stays in sight lies over a part of it. A radio is pressed by its label. Or that
# the focus is again where it was first.
UNDER = """(isFirst) => {
  const one = document.activeElement;
  if (isFirst) window.first = one;
  else if (one === window.first) return "again";
  if (!one || one === document.body) return null;
  const seen = one.matches("input[type=radio], input[type=checkbox]") ? one.closest("label") ?? one : one;
  const box = seen.getBoundingClientRect();
  if (box.height > innerHeight / 2 || seen.closest(".vh")) return null;  // what cannot be whole in sight anyhow
  const stays = (bar) => ["sticky", "fixed"].includes(getComputedStyle(bar).position);
  const meet = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]) > 1;
  const over = [...document.querySelectorAll("*")].filter(stays).find((bar) => {
    const its = bar.getBoundingClientRect();
    if (bar.contains(one) || one.contains(bar) || !its.height) return false;
    return meet(its, box, "left", "right") && meet(its, box, "top", "bottom");
  });
  return over ? `${one.outerHTML.slice(0, 120)} under ${over.className || over.id || over.tagName}` : null;
}"""
STATEMENTS = [
    {
        "id": f"P{n:03}",
        "wordings": {
            "fr": f"{n}. Une personne-ressource accompagne chaque personne qui vit des transitions entre l’hôpital, "
            "la clinique et le domicile, et demeure la même aussi longtemps qu’il le faut.",
            "en": f"{n}. One person stays with everybody who moves between hospital, clinic and home.",
        },
        "original": "fr",
    }
    for n in range(1, 7)
]


async def tabs_through(person: Person, what: str) -> None:
    """Down by Tab and up again by Shift and Tab, from the first stop until it comes again."""
    for keys in ("Tab", "Shift+Tab"):
        for press in range(FAR):
            await person.page.keyboard.press(keys)
            under = await person.page.evaluate(UNDER, press == 0)
            if under == AGAIN:
                break
            assert under is None, f"{what}, {keys}: {under}"


async def opened(table: Table, key: str, aline: Person) -> None:
    await table.open(key)
    await aline.goes(f"/sessions/{table.session.id}/take")
    await aline.page.locator("#answer").wait_for()


async def test_nothing_that_has_the_focus_lies_under_a_bar(site: Site, crowd: Crowd) -> None:
    kinds = ("rating", "ranking", "points", "validation", "wall")
    known = {plan.kind: plan for name in ("triage", "priorities", "delphi") for plan in read(name)}
    plans = [Plan(key="approval", kind="approval", disclosure="at_close", grace=0)]
    plans += [
        Plan(key=kind, kind=kind, disclosure=known[kind].disclosure, grace=0, settings=known[kind].settings)
        for kind in kinds
        if kind in known
    ]
    table = await lay(site, plans, STATEMENTS)
    aline = await crowd.comes("Aline", "fr", SMALL)
    await accept(site, aline, table.aline)
    await agree(aline)
    await aline.goes("about:blank")
    for plan in plans:
        await opened(table, plan.key, aline)
        if plan.kind == "wall":
            fay = await crowd.comes("Fay", "fr", {"viewport": {"width": 320, "height": 720}})
            await sign_in(fay, "fay@example.org")
            row = await table.row("wall")
            form = {"act": ["call"], "card": ["P001"], "seen": ["0"]}
            await conduct.cast(site.house, table.fay.id, row.id, conduct.Submission(form, "call", "fr"))
            await fay.goes(f"/sessions/{table.session.id}/console")
            assert not await fay.page.evaluate(SIDEWAYS)
            await tabs_through(fay, "wall, the team")
            await aline.page.locator("#signal-drop").wait_for()
            await aline.page.locator("#signal-drop").scroll_into_view_if_needed()
            box = await aline.page.locator(".signal").bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320 and box["height"] < 568 / 2
        await tabs_through(aline, plan.kind)
        await aline.goes("about:blank")  # a page that is open would turn to the next round by itself
        if plan.kind != "wall":
            await table.close(plan.key)
    crowd.heard_nothing()


async def test_a_broken_word_and_a_list_that_stands_twice_are_found(crowd: Crowd) -> None:
    """The two measures of every page at work, so that their silence means something."""
    page = (await crowd.comes("nobody", "fr", SMALL)).page
    text = "<li>Une liste de plusieurs mots qui se lit deux fois de suite sur la même page.</li>"
    await page.set_content(
        f'<ul>{text}</ul><p style="width:4rem;overflow-wrap:anywhere">Interorganisationnel</p><ul>{text}</ul>'
    )
    assert len(await page.evaluate(BROKEN)) == 1 and len(await page.evaluate(TWICE)) == 1
