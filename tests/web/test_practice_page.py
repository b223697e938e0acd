"""A card to practise on: it answers like the real ones, and keeps nothing."""

from __future__ import annotations

from html import unescape

from consensus import models
from consensus.journal import head_of
from tests.conftest import Site, lay_table


async def test_a_practice_card_answers_and_keeps_nothing(site: Site) -> None:
    table = await lay_table(site.house)
    browser = await site.sit(table.bob)
    before = await models.Entry.filter(head=head_of(table.session.id)).count()
    here = f"/sessions/{table.session.id}"
    assert f"{here}/practice" in (await browser.get(f"{here}/take?lang=en")).text
    page = unescape((await browser.get(f"{here}/practice?lang=en")).text)
    assert page.count('type="radio"') == 10 and " checked" not in page and "Choose an answer first" not in page
    page = unescape((await browser.get(f"{here}/practice?value=7&pressed=1")).text)
    assert "You answered 7." in page and "This answer was not kept." in page and 'value="7" ' in page
    page = unescape((await browser.get(f"{here}/practice?pressed=1")).text)
    assert "Choose an answer first" in page
    page = unescape((await browser.get(f"{here}/practice?value=77&pressed=1&lang=fr")).text)
    assert "77" not in page.split("<main", 1)[1].split("</main", 1)[0] and "Choisissez d’abord une réponse" in page
    assert await models.Entry.filter(head=head_of(table.session.id)).count() == before
    assert await models.Ballot.all().count() == 0
    await browser.aclose()
