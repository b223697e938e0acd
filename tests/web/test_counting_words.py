"""One counting language: what is shown of how many, and why; withheld, undefined and zero never look alike."""

from __future__ import annotations

import re
from contextlib import aclosing
from pathlib import Path

import pytest

from consensus import conduct
from consensus.protocol import Plan
from consensus.text import Texts
from tests.conftest import Site, Table, lay_table

TEXTS = Texts.load()
TEMPLATES = Path(__file__).parents[2] / "templates"
OWN = {"shown.html", "results.html", "compilation.html"}  # the part; released figures; a count of texts, not of people


async def looked_at(site: Site, answered: int, name: str = "rating") -> tuple[Table, str]:
    """A round that so many people answered, and the table of figures that the console shows of it."""
    table = await lay_table(site.house, [Plan(key=name, kind=name, disclosure="facilitator", grace=0, settings={})])
    row = await table.open(name)
    await conduct.reveal_figures(site.house, table.fay, row.id)
    for seat in table.seats[:answered]:
        await table.cast(seat, name, card="P001", importance="8")
    return table, f"/sessions/{table.session.id}/console?lang=en"


async def test_answers_held_back_are_no_zero_and_the_reason_stands_beside(site: Site) -> None:
    table, page = await looked_at(site, 2)
    async with aclosing(await site.sign_in()) as fay:
        text = (await fay.get(page)).text
    assert TEXTS.say("en", "shown.of", shown="0", of="2") in text
    assert TEXTS.say("en", "shown.why.open", n=5) in text
    row = text.split('<td class="id">P001</td>')[1].split("</tr>")[0]
    assert TEXTS.say("en", "not_shown") in row and "<b>0</b>" not in row
    other = text.split('<td class="id">P002</td>')[1].split("</tr>")[0]
    assert table.seats and "<b>0</b>" not in other or TEXTS.say("en", "not_shown") in other


async def test_a_part_of_the_answers_says_of_how_many(site: Site) -> None:
    _, page = await looked_at(site, 7)  # five patients, and two of another block
    async with aclosing(await site.sign_in()) as fay:
        text = (await fay.get(page)).text
    assert TEXTS.say("en", "shown.of", shown="5", of="7") in text
    row = text.split('<td class="id">P001</td>')[1].split("</tr>")[0]
    assert "<b>5</b>" in row
    other = text.split('<td class="id">P002</td>')[1].split("</tr>")[0]
    assert "<b>0</b>" in other  # nobody answered it: a true zero


async def test_a_dash_in_the_table_has_its_meaning_under_it(site: Site) -> None:
    meaning = TEXTS.say("en", "shown.dash", n=5)
    _, page = await looked_at(site, 7)  # the second block has two
    async with aclosing(await site.sign_in()) as fay:
        assert meaning in (await fay.get(page)).text


async def test_where_no_cell_is_a_dash_nothing_is_said_of_dashes(site: Site) -> None:
    _, page = await looked_at(site, 11)
    async with aclosing(await site.sign_in()) as fay:
        assert TEXTS.say("en", "shown.dash", n=5) not in (await fay.get(page)).text


async def test_nobody_answered_is_said_in_words(site: Site) -> None:
    _, page = await looked_at(site, 0)
    async with aclosing(await site.sign_in()) as fay:
        text = (await fay.get(page)).text
    assert TEXTS.say("en", "shown.none") in text and TEXTS.say("en", "not_shown") not in text


async def test_after_the_close_the_rest_is_said_to_come_from_small_groups(site: Site) -> None:
    table, _ = await looked_at(site, 7)
    await table.close("rating")
    async with aclosing(await site.sign_in()) as fay:
        text = (await fay.get(f"/sessions/{table.session.id}/console?lang=en")).text
    assert TEXTS.say("en", "shown.n", n=5) in text and "of 7" not in text, "how many more would tell a small group"
    assert TEXTS.say("en", "shown.why.closed", n=5) in text


async def test_saved_is_said_only_of_an_answer_of_this_round(site: Site) -> None:
    plans = [Plan(key=key, kind="rating", disclosure="at_close", grace=0, settings={}) for key in ("one", "two")]
    table = await lay_table(site.house, plans)
    await table.open("one")
    await table.cast(table.bob, "one", card="P002", importance="8")
    take = f"/sessions/{table.session.id}/take?lang=en&saved=P002"
    said = TEXTS.say("en", "saved_card", card="P002")
    async with aclosing(await site.sit(table.bob)) as bob:
        assert said in (await bob.get(take)).text
        await table.close("one")
        await table.open("two")
        assert said not in (await bob.get(take)).text


async def test_a_step_without_a_rule_leaves_no_verdict_in_a_path(site: Site) -> None:
    plans = [Plan(key=key, kind="rating", disclosure="at_close", grace=0, settings={}) for key in ("one", "two")]
    table = await lay_table(site.house, plans)
    for key in ("one", "two"):
        await table.open(key)
        for seat in table.seats:
            await table.cast(seat, key, card="P001", importance="8")
        await table.close(key)
    async with aclosing(await site.sign_in()) as fay:
        text = (await fay.get(f"/sessions/{table.session.id}/results?lang=en")).text
    assert '<ol class="origins">' in text  # a way is told
    assert TEXTS.say("en", "decision.undecided") not in text


async def test_a_text_that_one_says_to_have_read_is_open(site: Site) -> None:
    table = await lay_table(site.house)
    made = await conduct.add_seats(site.house, table.fay, [conduct.Guest("participant", "patients", "en")])
    async with aclosing(await site.sit(made[0])) as new:
        text = (await new.get(f"/sessions/{table.session.id}/take")).text
    assert re.search(r'<details class="fold" open>\s*<summary>', text) and "You may leave at any time." in text


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_page_prints_a_figure_of_a_tally_but_through_the_part_that_says_what_is_withheld(path: Path) -> None:
    if path.name not in OWN:
        found = re.findall(r'number\((?:values|line\["values"\]|entry\["values"\])[.\[]', path.read_text("utf-8"))
        assert not found
