"""A second rating round: one's own earlier answer, and how every group answered, before one answers again."""

from __future__ import annotations

import re

from consensus import conduct
from consensus.house import House
from consensus.protocol import Plan
from tests.conftest import Site, Table, lay_table

RULE = {"name": "share", "percent": 70, "opposite": 15, "scope": "pooled", "blocks": 1}
PLANS = [
    Plan(key="rating1", kind="rating", disclosure="at_close", grace=0, rule=RULE),
    Plan(key="rating2", kind="rating", disclosure="at_close", grace=0, rule=RULE, settings={"feedback": True}),
]
ANSWERS = [9, 8, 9, 7, 6, 9, 9, 3, 4, 5, 6]  # five patients, then six caregivers and clinicians together


async def halfway(house: House) -> Table:
    table = await lay_table(house, PLANS)
    await table.open("rating1")
    for seat, value in zip(table.seats, ANSWERS, strict=True):
        await table.cast(seat, "rating1", card="P001", importance=str(value))
    for seat in table.seats[:4]:
        await table.cast(seat, "rating1", card="P002", importance="dont_know")
    await table.close("rating1")
    await table.open("rating2")
    return table


async def card(site: Site, table: Table, seat: int, number: str, language: str = "en") -> str:
    browser = await site.sit(table.seats[seat])
    answer = await browser.get(f"/sessions/{table.session.id}/take?card={number}&lang={language}")
    await browser.aclose()
    assert answer.status_code == 200
    return answer.text


async def test_a_card_shows_ones_own_answer_and_how_every_group_answered(site: Site) -> None:
    table = await halfway(site.house)
    page = await card(site, table, 0, "P001")
    assert "What the group answered last time" in page and "You answered 9." in page
    assert "Leaning high (6 of 11), but not enough for an agreement." in page
    assert "Patients: 1 person answered 6, 1 person answered 7, 1 person answered 8, 2 people answered 9" in page
    assert "Caregivers and Clinicians: 1 person answered 3" in page and "median 5 to 6" in page
    assert ">you: 9<" in page and "<em>before</em>" in page
    assert 'value="9" aria-label="9, Essential, before">' in page, "the earlier answer is marked and not chosen"


async def test_it_says_the_same_in_french(site: Site) -> None:
    table = await halfway(site.house)
    page = await card(site, table, 0, "P001", "fr")
    assert "Ce que le groupe a répondu la dernière fois" in page and "Vous aviez répondu 9." in page
    assert "médiane 5 à 6" in page and "2 personnes ont répondu 9" in page


async def test_each_person_is_told_their_own_answer_and_nobody_elses(site: Site) -> None:
    table = await halfway(site.house)
    for seat, value in enumerate(ANSWERS):
        page = await card(site, table, seat, "P001")
        assert re.findall(r"You answered (\w+)\.", page) == [str(value)]


async def test_what_nobody_may_see_is_not_told(site: Site) -> None:
    """Four patients said they do not know: under the floor, so there is nothing to show."""
    table = await halfway(site.house)
    page = await card(site, table, 0, "P002")
    assert "Too few answers to say." in page and "You answered “I don’t know”." in page
    assert "Too few answers to show: Patients, Caregivers and Clinicians." in page and 'class="dist"' not in page
    page = await card(site, table, 10, "P003")
    assert "You did not answer this one." in page


async def test_a_first_round_and_one_without_feedback_show_nothing_of_it(site: Site) -> None:
    table = await lay_table(site.house, [*PLANS[:1], Plan("again", "rating", "at_close", grace=0)])
    await table.open("rating1")
    assert "last time" not in await card(site, table, 0, "P001")
    await table.cast(table.aline, "rating1", card="P001", importance="9")
    await table.close("rating1")
    await table.open("again")
    page = await card(site, table, 0, "P001")
    assert "last time" not in page and "<em>" not in page


async def test_after_the_close_each_person_sees_where_their_own_answer_lies(site: Site) -> None:
    table = await lay_table(site.house, PLANS[:1])
    await table.open("rating1")
    for seat, value in zip(table.seats, ANSWERS, strict=True):
        await table.cast(seat, "rating1", card="P001", importance=str(value))
    await table.close("rating1")
    page = await card(site, table, 5, "P001")
    assert "Answered: 11 of 11" in page and "You answered 9." in page and ">you: 9<" in page
    assert "Leaning high (6 of 11), but not enough for an agreement." in page
    assert page.count("You answered") == 1 and page.count("Too few answers to say.") == 2


async def test_the_team_reads_who_moved_and_what_to_discuss_first(site: Site) -> None:
    table = await halfway(site.house)
    for seat, value in zip(table.seats, [9, 8, 9, 8, 7, 9, 9, 3, 4, 5, 6], strict=True):
        await table.cast(seat, "rating2", card="P001", importance=str(value))
    await table.close("rating2")
    await conduct.analyse_due(site.house)
    fay = await site.sign_in()
    page = (await fay.get(f"/sessions/{table.session.id}/console?round=rating2&lang=en")).text
    assert "Changed: 2 of 11" in page and "To discuss first" in page and "1 more needed" in page
    assert "Rating\u00a02" in page and "Rating\u00a01" in page
    results = (await fay.get(f"/sessions/{table.session.id}/results?lang=en")).text
    assert "The whole picture stayed the same, though some people changed their minds (2 of 11)." in results
    assert "Since: Rating\u00a01" in results and "Rank by round" in results
    await fay.aclose()
