"""The pages on which the team enters answers for a person, on the forms that the person would have."""

from __future__ import annotations

import re

import httpx2
import pytest

from consensus import conduct, models, seats
from consensus.conduct import Guest
from consensus.protocol import Plan
from consensus.web.entrance import sign_in
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table

LISTS = [Plan(key=kind, kind=kind, disclosure="facilitator", grace=0, settings={}) for kind in ("rating", "ranking")]
CARDS = [Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={})]
FIELD = re.compile(r'<input[^>]* name="(\w+)" value="([^"]*)"')
KEYS = re.compile(r'value="[\w-]{22}"')
HELD = re.compile(r'<input type="radio" name="importance" value="(\w+)"[^>]* checked')


async def lay(site: Site, plans: list[Plan]) -> Table:
    """A session where Aline has a name, and Odile in another one."""
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await lay_table(site.house, plans)
    table.odile = elsewhere.aline
    person = await models.Person.create(name="Aline Roy")
    await models.Seat.filter(id=table.aline.id).update(person_id=person.id)
    return table


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay(site, LISTS)


@pytest.fixture
async def writing(site: Site) -> Table:
    return await lay(site, CARDS)


def place(table: Table, more: str = "", seat: models.Seat | None = None) -> str:
    return f"/sessions/{table.session.id}/seats/{(seat or table.aline).id}/answers{more}"


def key_in(page: httpx2.Response) -> str:
    return dict(FIELD.findall(page.text))["key"]


async def enter(desk: httpx2.AsyncClient, table: Table, turn: str, kind: str, **form: str) -> httpx2.Response:
    """A form of the page as it is shown, sent with these values."""
    where = place(table, f"/paper/{turn}")
    page = await desk.get(where)
    assert page.status_code == 200, page.text
    fields = {name.replace("__", "."): value for name, value in form.items()}
    return await desk.post(where, data={"round": kind, "key": key_in(page), **fields})


async def says(table: Table, kind: str) -> dict[str, object]:
    counted = await table.house.counts.now(await table.row(kind))
    return dict(counted.own.get(str(table.aline.id), {}))


async def test_a_paper_is_entered_on_the_persons_own_cards(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    sheet = await desk.get(f"/sessions/{here.session.id}/seats")
    assert place(here) in sheet.text
    begun = await desk.post(place(here) + "?lang=en", data={"by": "paper", "agreed": "1", "version": "1", "first": "1"})
    assert begun.headers["location"] == place(here, "/paper/first")
    page = await desk.get(begun.headers["location"] + "?lang=en")
    assert "You enter for Aline Roy (paper)" in page.text and "keypad" in page.text
    assert "Every card begins blank" in page.text and 'id="device"' not in page.text
    assert "outbox.js" not in page.text and "joined/participant.css" in page.text
    for card, value in (("P001", "7"), ("P002", "dont_know"), ("P003", "2")):
        saved = await enter(desk, here, "first", "rating", card=card, importance=value)
        assert saved.status_code == 303 and saved.headers["location"].endswith(f"?saved={card}")
    assert len(await says(here, "rating")) == 3
    done = await desk.get(saved.headers["location"])
    assert "Everything is entered" in done.text
    shown = await desk.get(place(here, "/paper/first?card=P001"))
    assert HELD.findall(shown.text) == [] and "Sur papier" not in shown.text and "On paper" in shown.text
    assert {ballot.entered_by for ballot in await models.Ballot.all()} == {"paper"}
    await desk.aclose()


async def test_a_whole_list_is_entered_and_compared(site: Site, here: Table) -> None:
    desk = await site.sign_in()
    await here.open("rating")
    await here.close("rating")
    await here.open("ranking")
    ranked = await enter(desk, here, "first", "ranking", place__P002="1", place__P001="2")
    assert ranked.status_code == 303 and (await says(here, "ranking"))[""] == {"order": [["P002"], ["P001"]]}
    done = await desk.get(place(here, "/paper/first?lang=en"))
    assert "Everything is entered" in done.text and "place.P003" not in done.text
    assert "place.P003" in (await desk.get(place(here, "/paper/first?card=all"))).text
    refused = await enter(desk, here, "again", "ranking")
    assert refused.status_code == 422 and "place.P003" in refused.text
    await enter(desk, here, "again", "ranking", place__P001="1", place__P002="2")
    differs = await desk.get(place(here) + "?lang=en")
    assert "1 answer differs" in differs.text and "The whole list" in differs.text
    await desk.aclose()


async def test_free_cards_are_entered_and_compared(site: Site, writing: Table) -> None:
    desk = await site.sign_in()
    await writing.open("gather")
    for text in ("First idea", "Second idea"):
        slot = re.findall(r'name="card" value="(\d)"', (await desk.get(place(writing, "/paper/first"))).text)[0]
        await enter(desk, writing, "first", "gather", card=slot, text=text, nature="helps")
    own = [(marks["text"], marks["lang"]) for marks in (await says(writing, "gather")).values()]  # type: ignore[index]
    assert own == [("First idea", "fr"), ("Second idea", "fr")]  # in the language in which the person reads
    blank = await desk.get(place(writing, "/paper/again?lang=en"))
    assert "First idea" not in blank.text
    same = await enter(desk, writing, "again", "gather", card="1", text="First idea", nature="helps")
    assert "The second entry says the same." in (await desk.get(same.headers["location"])).text
    await desk.aclose()


async def test_without_the_box_no_consent_is_written(site: Site, here: Table) -> None:
    await here.open("rating")
    await models.Seat.filter(id=here.aline.id).update(consented=False, agreed=None)
    desk = await site.sign_in()
    shut = await desk.get(place(here) + "?lang=en")
    assert "keypad" not in shut.text and "This person has agreed to take part" in shut.text
    early = await enter(desk, here, "first", "rating", card="P001", importance="7")
    assert early.status_code == 422 and not await models.Ballot.all().count()
    refused = await desk.post(place(here), data={"by": "phone", "first": "1"})
    assert refused.status_code == 422 and "Tick that this person has agreed" in refused.text
    assert 'value="phone" checked' in refused.text
    assert not (await models.Seat.get(id=here.aline.id)).consented
    unsaid = await desk.post(place(here), data={"agreed": "1", "first": "1"})
    assert unsaid.status_code == 422 and "Say how the answers came" in unsaid.text
    given = await desk.post(place(here), data={"by": "phone", "agreed": "1", "version": "1", "first": "1"})
    assert given.status_code == 303 and (await models.Seat.get(id=here.aline.id)).consented
    await desk.aclose()


async def test_a_second_entry_sees_nothing_of_the_first_and_is_compared(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    nothing = await desk.get(place(here, "/paper/again?lang=en"))
    assert "There is nothing to check" in nothing.text
    for card in ("P001", "P002"):
        await enter(desk, here, "first", "rating", card=card, importance="7", reason="A heron reason")
    blank = await desk.get(place(here, "/paper/again?card=P001"))
    assert not HELD.findall(blank.text) and "A heron reason" not in blank.text
    same = await enter(desk, here, "again", "rating", card="P001", importance="7", reason="A heron reason")
    assert "The second entry says the same." in (await desk.get(same.headers["location"])).text
    other = await enter(desk, here, "again", "rating", card="P002", importance="3", reason="A heron reason")
    told = (await desk.get(other.headers["location"])).text
    assert "The second entry differs" in told and not HELD.findall(told)
    page = (await desk.get(place(here))).text
    assert "1 answer differs" in page and "P002" in page and "The same person typed both" in page
    console = f"/sessions/{here.session.id}/console"
    waits = (await desk.get(console)).text
    assert "Two entries differ for 1 person." in waits and f'href="{place(here)}"' in waits
    (form,) = re.findall(r"<form class=\"panel stack\".*?</form>", page, re.DOTALL)
    fields = dict(FIELD.findall(form))
    settled = await desk.post(f"/sessions/{here.session.id}/seats/{here.aline.id}/differences", data=fields)
    assert settled.status_code == 422
    settled = await desk.post(
        f"/sessions/{here.session.id}/seats/{here.aline.id}/differences", data={**fields, "choice": "second"}
    )
    assert settled.status_code == 303
    assert (await says(here, "rating"))["P002"]["values"] == {"importance": 3}  # type: ignore[index]
    assert "No difference waits" in (await desk.get(place(here))).text
    assert "Two entries differ" not in (await desk.get(console)).text
    report = (await desk.get(f"/sessions/{here.session.id}/entries?lang=en")).text
    assert [int(n) for n in re.findall(r'<td class="n">(\d+)</td>', report)] == [0, 1, 1, 2, 1, 1, 2]
    await desk.aclose()


async def test_what_the_person_answered_is_neither_told_nor_shown_nor_overwritten(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    paths = [
        place(here) + "?lang=en",
        *(place(here, f"/paper/{turn}?card=P001&lang=en") for turn in ("first", "again")),
    ]
    before = [KEYS.sub("", (await desk.get(path)).text) for path in paths]
    await here.cast(here.aline, "rating", card="P001", importance="9", reason="A badger reason")
    assert [KEYS.sub("", (await desk.get(path)).text) for path in paths] == before
    refused = await enter(desk, here, "first", "rating", card="P001", importance="4")
    assert refused.status_code == 422 and HELD.findall(refused.text) == ["4"] and "A badger" not in refused.text
    assert "Ask them for their code" in refused.text and '<details class="fold" id="with-code" open>' in refused.text
    wrong = await enter(desk, here, "first", "rating", card="P001", importance="4", code="AAAA-AAAA")
    assert wrong.status_code == 422 and "not the code of this person" in wrong.text and "AAAA-AAAA" not in wrong.text
    assert (await says(here, "rating"))["P001"]["values"] == {"importance": 9}  # type: ignore[index]
    code = seats.short_code(site.house.settings, here.aline)
    assert (await enter(desk, here, "first", "rating", card="P001", importance="4", code=code)).status_code == 303
    assert (await says(here, "rating"))["P001"]["values"] == {"importance": 4}  # type: ignore[index]
    assert set(sign_in.paces.seats._tried) == {"127.0.0.1", f"seat {here.aline.id}"}
    await desk.aclose()


async def test_whether_one_card_is_answered_is_told_to_who_asks(site: Site, here: Table) -> None:
    await here.open("rating")
    await here.cast(here.aline, "rating", card="P001", importance="9", reason="A badger reason")
    desk = await site.sign_in()
    for card, told in (("P001", "Yes: an answer"), ("P002", "No answer of this person")):
        form = {"round": "rating", "card": card}
        page = await desk.post(place(here, "/phone/first/asked?lang=en"), data=form)
        assert page.status_code == 200 and told in page.text and "A badger" not in page.text
        assert not HELD.findall(page.text) and f'action="{place(here, "/phone/first")}"' in page.text
    assert await models.Entry.filter(act="ask_answered").count() == 2
    journal = (await desk.get(f"/sessions/{here.session.id}/journal?lang=en")).text
    assert journal.count("Asked whether an answer stands") == 2
    await desk.aclose()


async def test_own_cards_of_a_free_list_stay_hidden_and_are_never_in_the_way(site: Site, writing: Table) -> None:
    await writing.open("gather")
    for card in ("1", "3"):
        await writing.cast(writing.aline, "gather", card=card, text=f"A badger idea {card}")
    desk = await site.sign_in()
    for number, text in enumerate(("A heron idea", "Another heron idea"), 1):
        page = await desk.get(place(writing, "/phone/first"))
        assert "A badger idea" not in page.text and f'name="card" value="{number}"' in page.text
        assert "heron" not in page.text
        sent = await enter(desk, writing, "first", "gather", card=str(number), text=text, nature="helps")
        assert sent.status_code == 303, sent.text
    own = {card: marks["text"] for card, marks in (await says(writing, "gather")).items()}  # type: ignore[index]
    assert own == {"1": "A badger idea 1", "2": "A heron idea", "3": "A badger idea 3", "4": "Another heron idea"}
    await enter(desk, writing, "again", "gather", card="2", text="Something else", nature="helps")
    differs = (await desk.get(place(writing) + "?lang=en")).text
    assert "Answer 2" in differs and "Answer 4" not in differs and "A badger" not in differs
    await desk.aclose()


async def test_a_closed_round_and_a_seat_that_left_say_so(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    page = await desk.get(place(here, "/paper/first"))
    await here.close("rating")
    form = {"round": "rating", "key": key_in(page), "card": "P001", "importance": "5"}
    late = await desk.post(place(here, "/paper/first?lang=en"), data=form)
    assert late.status_code == 422 and "This round is closed" in late.text
    assert "No round is open" in (await desk.get(place(here) + "?lang=en")).text
    await here.open("ranking")
    await conduct.withdraw(site.house, here.aline, erase=False)
    gone = await desk.get(place(here, "/paper/first"))
    assert gone.status_code == 200 and "This seat has left the study." in gone.text and "<form class" not in gone.text
    assert (await desk.post(place(here), data={"by": "paper"})).status_code == 422
    assert not await models.Ballot.all().count()
    await desk.aclose()


async def test_the_language_changes_and_what_was_typed_stays(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    page = await desk.get(place(here, "/paper/first?lang=en"))
    form = {"round": "rating", "key": key_in(page), "card": "P002", "importance": "6", "say_in": "fr"}
    french = await desk.post(place(here, "/paper/first"), data=form)
    assert "Vous saisissez pour Aline Roy (papier)" in french.text and HELD.findall(french.text) == ["6"]
    assert not await models.Ballot.all().count()
    await desk.aclose()


async def test_a_cofacilitator_enters_and_nobody_else_does(site: Site, here: Table) -> None:
    await here.open("rating")
    made = await conduct.add_seats(
        site.house, here.fay, [Guest(role) for role in (Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)]
    )
    helper, *others = [await site.sit(seat) for seat in made]
    assert (await enter(helper, here, "first", "rating", card="P001", importance="5")).status_code == 303
    refusals = [(other, 403) for other in others] + [(await site.sit(here.aline), 403)]
    refusals += [(await site.sit(here.odile), 404), (site.client(), 401)]
    for browser, status in refusals:
        for where in (place(here), place(here, "/paper/first"), f"/sessions/{here.session.id}/entries"):
            assert (await browser.get(where)).status_code == status
        form = {"round": "rating", "key": "k", "card": "P001", "importance": "1", "choice": "first", "by": "paper"}
        differences = place(here).replace("answers", "differences")
        for where in (place(here), place(here, "/paper/first"), place(here, "/paper/again"), differences):
            assert (await browser.post(where, data=form)).status_code == status
        await browser.aclose()
    assert await models.Ballot.all().count() == 1
    await helper.aclose()


async def test_seats_and_ways_that_are_not_here_are_not_found(site: Site, here: Table) -> None:
    await here.open("rating")
    desk = await site.sign_in()
    nowhere = [place(here, seat=here.odile), place(here, seat=here.fay), place(here, "/mail/first")]
    nowhere += [place(here, "/paper/third"), place(here).replace(f"/{here.aline.id}/", f"/{'9' * 30}/")]
    for where in nowhere:
        assert (await desk.get(where)).status_code == 404, where
    await desk.aclose()
