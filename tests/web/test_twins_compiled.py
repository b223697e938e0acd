"""Whoever compiles is told at once that another session of the study has a sentence in the same words."""

from __future__ import annotations

from html import unescape

from consensus import conduct, models
from consensus.numbers import numbers_of
from consensus.protocol import Plan
from rounds.contract import Role, Statement
from tests.conftest import RATING, Site, Table, lay_table

PLANS = [
    Plan("gather", "gather", "at_close", grace=0),
    Plan("compilation", "compilation", "live", grace=0),
    *RATING,
]
OFFER = "Same statement: take no. 1"


async def laid(site: Site) -> Table:
    """Two texts wait for the compilation; another session has the first of them as number 1."""
    table = await lay_table(site.house, PLANS)
    await conduct.import_statements(site.house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="One idea.")
    await table.cast(table.bob, "gather", card="1", text="Another idea.")
    await table.close("gather")
    staff, study = await models.Staff.get(), await models.Study.get()
    other = await conduct.create_session(site.house, staff, study, {"en": "Laval", "fr": "Laval"}, RATING)
    desk = await models.Seat.get(session_id=other.id, role=Role.FACILITATOR)
    language = table.aline.language
    await conduct.import_statements(site.house, desk, [Statement("P001", {language: "One idea"}, language)])
    await table.open("compilation")
    return table


async def test_the_offer_stands_beside_what_was_just_accepted_and_is_taken_there(site: Site) -> None:
    table = await laid(site)
    fay, at = await site.sign_in(), f"/sessions/{table.session.id}/console"
    seq = (await table.cast(table.fay, "compilation", act="accept_all", looked="1")).seq
    assert OFFER not in unescape((await fay.get(f"{at}?lang=en")).text)
    shown = unescape((await fay.get(f"{at}?lang=en&saved={seq}")).text)
    assert shown.count(OFFER) == 1 and "In the study: no. 1" in shown and "Laval" in shown
    sent = {"statement": "S01", "saved": str(seq)}
    answer = await fay.post(f"/sessions/{table.session.id}/statements/same", data=sent)
    assert answer.status_code == 303 and answer.headers["location"].startswith(at)
    after = unescape((await fay.get(answer.headers["location"] + "&lang=en")).text)
    assert "It is no. 1 of the study now." in after and OFFER not in after
    await table.close("compilation")
    assert (await numbers_of(table.session.id))["S01"] == 1


async def test_an_open_card_says_it_too_and_nobody_who_may_not_number_is_asked(site: Site) -> None:
    table = await laid(site)
    await table.cast(table.fay, "compilation", act="accept_all", looked="1")
    at = f"/sessions/{table.session.id}/console?lang=en&card=S01"
    assert OFFER in unescape((await (await site.sign_in()).get(at)).text)
    (helper,) = await conduct.add_seats(site.house, table.fay, [conduct.Guest(Role.COFACILITATOR)])
    seen = await (await site.sit(helper)).get(at)
    assert seen.status_code == 200 and OFFER not in unescape(seen.text)
    sent = {"statement": "S01", "card": "S01"}
    refused = await (await site.sit(table.aline)).post(f"/sessions/{table.session.id}/statements/same", data=sent)
    assert refused.status_code == 403
