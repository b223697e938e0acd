"""Reasons of a closed round: hidden until ticked, worded by the team, shown without a group, gone with their answer."""

from __future__ import annotations

from html import unescape

import pytest

from consensus import conduct, models
from consensus.reasons import MOST, written
from consensus.web.covered import cover_of
from tests.conftest import Site, Table, lay_table
from tests.web.test_feedback_page import PLANS, card

SAID = "My neighbour Jeanne waited a year"
SAFE = "Somebody waited a year"


async def _closed(site: Site) -> Table:
    table = await lay_table(site.house, PLANS)
    await table.open("rating1")
    for number, seat in enumerate(table.seats):
        await table.cast(
            seat, "rating1", card="P001", importance="7", reason=SAID if number == 0 else f"Because {number}"
        )
    await table.close("rating1")
    return table


async def _seq(table: Table, text: str) -> int:
    row = await table.row("rating1")
    return next(reason.seq for reason in await written(table.house, row) if reason.text == text)


async def test_a_reason_is_shown_once_ticked_in_the_words_of_the_team(site: Site) -> None:
    table = await _closed(site)
    await table.open("rating2")
    assert SAID not in await card(site, table, 1, "P001")
    fay, seq = await site.sign_in(), await _seq(table, SAID)
    url = f"/sessions/{table.session.id}/reasons/rating1"
    page = unescape((await fay.get(f"{url}?lang=en")).text)
    assert SAID in page and " checked" not in page and "Patients" not in page.partition("<main")[2]
    name = cover_of(site.house.settings.secret, (await table.row("rating1")).id)(seq)
    answer = await fay.post(url, data={"card": "P001", "show": name, f"text.{name}": SAFE})
    assert answer.status_code == 303
    page = unescape(await card(site, table, 1, "P001"))
    assert SAFE in page and SAID not in page and "Because" not in page
    assert SAFE not in await card(site, table, 1, "P002")
    ballot = await models.Ballot.get(seq=seq, round_id=(await table.row("rating1")).id)
    assert SAID in str(ballot.marks), "what was written is kept"
    await fay.post(url, data={"card": "P001"})
    assert SAFE not in await card(site, table, 1, "P001")
    await fay.aclose()


async def test_an_erased_answer_and_a_refused_quote_take_their_words_along(site: Site) -> None:
    table = await _closed(site)
    row, seq = await table.row("rating1"), await _seq(table, SAID)
    await conduct.show_reasons(table.house, table.fay, row.id, "P001", {seq: SAFE})
    await table.open("rating2")
    assert SAFE in await card(site, table, 1, "P001")
    await conduct.withdraw(table.house, table.aline, erase=True)
    assert (await table.row("rating1")).reasons == []
    assert SAFE not in await card(site, table, 1, "P001")
    staff, texts = await models.Staff.get(mail="fay@example.org"), {"en": "New.", "fr": "Neuf."}
    await conduct.write_consent(table.house, staff, table.session.study_id, texts, texts, ["quote"])
    assert await written(table.house, row) == []
    await conduct.consent(table.house, table.bob, ["quote"])
    assert [reason.text for reason in await written(table.house, row)] == ["Because 10"]


async def test_too_many_unknown_or_empty_reasons_are_refused(site: Site) -> None:
    table = await _closed(site)
    row = await table.row("rating1")
    known = [reason.seq for reason in await written(table.house, row)]
    for chosen, why in (
        (dict.fromkeys(known[: MOST + 1], "x"), "too_many"),
        ({known[0]: ""}, "no_such"),
        ({9999: "x"}, "no_such"),
    ):
        with pytest.raises(conduct.Refused, match=why):
            await conduct.show_reasons(table.house, table.fay, row.id, "P001", chosen)
    assert (await table.row("rating1")).reasons is None
    assert not await models.Entry.exists(act="show_reasons")


async def test_nobody_else_reads_the_reasons(site: Site) -> None:
    table, elsewhere = await _closed(site), await lay_table(site.house, title="Ailleurs")
    aline, odile, stranger = await site.sit(table.aline), await site.sit(elsewhere.aline), site.client()
    for browser, code in ((aline, 403), (odile, 404), (stranger, 401)):
        answer = await browser.get(f"/sessions/{table.session.id}/reasons/rating1")
        assert answer.status_code == code and SAID not in answer.text
        await browser.aclose()
