"""A panel of hundreds: cards, invitations and calls come in pages that a person can use, at the price of one page."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from consensus import conduct, models, pictures, seats
from consensus.conduct import Guest
from consensus.house import build
from consensus.pictures import Pictures, drawn
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from consensus.web.listing import listed
from rounds.contract import Role
from tests.conftest import GROUPS, PANEL, Site, Table, lay_table
from tests.live.conftest import asked

__all__ = ["asked"]
KEYS = [group["key"] for group in GROUPS]
CARD = re.compile(r'<section class="[^"]*" id="card-(\d+)"')


def guests(people: int, has_mail: bool = True) -> list[Guest]:
    return [
        Guest(
            Role.PARTICIPANT,
            KEYS[n % 3],
            "fr",
            f"Zoé {n} Côté",
            f"p{n}@example.org" if has_mail else "",
            "418 555-0100",
        )
        for n in range(people)
    ]


@dataclass
class Desk:
    site: Site
    table: Table
    fay: httpx2.AsyncClient
    people: list[models.Seat]  # all participants, in order

    @property
    def here(self) -> str:
        return f"/sessions/{self.table.session.id}"

    async def see(self, page: str) -> httpx2.Response:
        answer = await self.fay.get(f"{self.here}/{page}")
        assert answer.status_code == 200, answer.text
        return answer

    async def find(self, sought: str, **more: str) -> httpx2.Response:
        form = {"sought": sought, "group": "", "state": "", "from": "", "to": "", "size": "", **more}
        return await self.fay.post(f"{self.here}/seats/find", data=form)

    def link(self, seat: models.Seat) -> str:
        return f"/j/{seats.token(self.site.house.settings, 'seat', seat.id, seat.issue)}"

    def places(self, page: httpx2.Response) -> list[int]:
        """Which seats' cards a page shows, by their numbers."""
        known = {seat.id: number for number, seat in enumerate(self.people, 1)}
        return [known[int(card)] for card in CARD.findall(page.text)]


async def patient(site: Site) -> httpx2.AsyncClient:
    """Fay's browser: where many share a machine a page of pictures takes longer than it waits by itself."""
    fay = await site.sign_in()
    fay.timeout = httpx2.Timeout(60)
    return fay


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """Eleven people without names, and 240 with; the house sends mail, though no server takes it."""
    listener = listen(0)
    mail = {"smtp": "smtp://127.0.0.1:1", "mail_from": "table@example.org"}
    settings = replace(settings, origin=origin_of(listener), **mail)
    house = build(settings)
    async with running(make_app(settings, house), listener):
        site = Site(house, settings.origin)
        table = await lay_table(house)
        made = await conduct.add_seats(house, table.fay, guests(240))
        yield Desk(site, table, await patient(site), table.seats + made)
        await site.close()


def text(page: httpx2.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))


# Cards


async def test_cards_come_fifty_to_a_page_and_every_card_is_on_one(desk: Desk) -> None:
    page = await desk.see("seats?lang=en")
    assert desk.places(page) == list(range(1, 51)) and "1 to 50 of 251." in text(page)
    found, ways = desk.places(page), 0
    while way := re.search(r'<a class="btn btn--s" href="([^"]+)#list">Next', page.text):
        page, ways = await desk.see("seats" + html.unescape(way[1])), ways + 1
        found += desk.places(page)
    assert ways == 5 and found == list(range(1, 252)) and "251 to 251 of 251." in text(page)
    assert desk.places(await desk.see("seats?page=999")) == [251] == desk.places(await desk.see("seats?page=6"))
    assert desk.places(await desk.see("seats?page=x")) == list(range(1, 51))


async def test_cards_are_filtered_by_group_by_state_and_by_a_range_to_be_printed(desk: Desk) -> None:
    async with aclosing(await desk.site.sit(desk.people[11])), aclosing(await desk.site.sit(desk.people[14])):
        pass
    patients = [n for n, seat in enumerate(desk.people, 1) if seat.group == "patients"]
    page = await desk.see("seats?lang=en&group=patients")
    assert desk.places(page) == patients[:50] and f"1 to 50 of {len(patients)}. Without a filter: 251." in text(page)
    assert "?group=patients&amp;page=2#list" in page.text
    assert desk.places(await desk.see("seats?group=patients&page=2")) == patients[50:]
    assert desk.places(await desk.see("seats?state=come")) == [12, 15]
    assert desk.places(await desk.see("seats?state=come&group=caregivers")) == []
    assert desk.places(await desk.see("seats?from=101&to=230&size=200")) == list(range(101, 231))
    assert desk.places(await desk.see("seats?from=101&to=230&size=5000")) == list(range(101, 151))
    assert desk.places(await desk.see("seats?group=nobody&state=asleep")) == list(range(1, 51))


async def test_a_card_is_found_by_name_number_or_the_code_that_it_shows(desk: Desk) -> None:
    aline, settings = desk.people[0], desk.site.house.settings
    assert desk.places(await desk.find("zoe 77 cote")) == [89]
    assert desk.places(await desk.find("200")) == [200, 212]  # the number of a card, or in a name
    assert desk.places(await desk.find("Côté", group="patients", page="2"))[0] > 100
    assert "Nobody fits." in text(await desk.fay.post(f"{desk.here}/seats/find?lang=en", data={"sought": "Odile"}))
    code = seats.short_code(settings, aline)
    assert desk.places(await desk.find(code.lower())) == [1]
    await desk.site.sit(aline)
    assert desk.places(await desk.find(code)) == []
    elsewhere = await lay_table(desk.site.house, title="Ailleurs")
    assert desk.places(await desk.find(seats.short_code(settings, elsewhere.aline))) == []


async def test_what_is_searched_for_stands_in_no_address(desk: Desk) -> None:
    page = await desk.find("Côté", group="patients")
    assert page.status_code == 200 and "C%C3%B4t" not in page.text and "sought=" not in page.text
    assert 'name="page" value="2"' in page.text and "&amp;page=2" not in page.text
    filtered = await desk.find("", group="patients", state="waiting", size="100")
    assert filtered.status_code == 303
    assert filtered.headers["location"] == f"{desk.here}/seats?group=patients&state=waiting&size=100"


async def test_whoever_is_changed_is_in_sight_afterwards(desk: Desk) -> None:
    seat = desk.people[150]
    page = await desk.see(f"seats?at={seat.id}")
    assert desk.places(page) == list(range(151, 201))
    changed = await desk.fay.post(f"{desk.here}/seats?state=waiting", data={"seat": str(seat.id), "revoke": "1"})
    assert changed.status_code == 303
    path, _, card = changed.headers["location"].partition("#")
    assert card == f"card-{seat.id}" and "state=waiting" in path
    page = await desk.fay.get(path)
    fresh = await models.Seat.get(id=seat.id)
    assert 151 in desk.places(page) and desk.link(fresh) in page.text and desk.link(seat) not in page.text
    await desk.site.sit(fresh)
    assert 151 in desk.places(await desk.fay.get(path))  # though it no longer waits
    refused = await desk.fay.post(f"{desk.here}/seats", data={"seat": str(seat.id), "group": seat.group})
    assert refused.status_code == 422 and 151 in desk.places(refused)


async def test_only_the_team_searches_and_only_in_its_session(desk: Desk) -> None:
    roles = (Role.COFACILITATOR, Role.OBSERVER)
    helper, observer = await conduct.add_seats(desk.site.house, desk.table.fay, [Guest(role) for role in roles])
    outside = await lay_table(desk.site.house, title="Ailleurs")
    for seat, status in ((helper, 200), (observer, 403), (desk.people[0], 403), (outside.aline, 404)):
        browser = await desk.site.sit(seat)
        assert (await browser.post(f"{desk.here}/seats/find", data={"sought": "Zoé"})).status_code == status


# Pictures


async def test_a_picture_is_drawn_once_and_gone_once_somebody_has_come_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[str] = []

    def watched(link: str, scale: int, **how: bool) -> object:
        links.append(link)
        return drawn(link, scale, **how)

    monkeypatch.setattr(pictures, "drawn", watched)
    kept = desk.site.house.pictures
    first = await desk.see("seats")
    assert len(links) == len(set(links)) == 50 == len(kept)
    assert str(drawn(desk.site.origin + desk.link(desk.people[0]), 3)) in first.text
    await desk.see("seats")
    assert len(links) == 50
    await desk.site.sit(desk.people[0])
    await conduct.revoke(desk.site.house, desk.table.fay, desk.people[1].id)
    assert len(kept) == 48
    await desk.see("seats")
    assert len(links) == 51 and len(kept) == 49
    fresh = await models.Seat.get(id=desk.people[1].id)
    assert links[-1] == desk.site.origin + desk.link(fresh)


async def test_pictures_are_bounded_and_on_no_disk(desk: Desk) -> None:
    few = Pictures(most=3)
    links = {(n, 1): f"https://example.org/j/{n}" for n in range(5)}
    found = await few.of(links)
    assert len(found) == 5 and len(few) == 3
    await few.of({(2, 1): links[2, 1]})  # asked for again: the others go before it
    await few.of({(9, 1): "https://example.org/j/9"})
    assert [seat for seat in (2, 3, 4, 9) if seat in few._kept] == [2, 4, 9]
    page = await desk.see("seats")
    path = re.findall(r'<path[^>]* d="([^"]{400,})"', page.text)[0]
    folder = Path(desk.site.house.settings.database).parent
    assert not any(path.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())


# What a page costs


@pytest.mark.parametrize("page", ["seats", "seats?group=patients&state=waiting", "invitations", "roster"])
async def test_a_page_asks_no_more_of_the_database_however_many_people_there_are(
    site: Site, asked: list[tuple[bool, str]], page: str
) -> None:
    table = await lay_table(site.house)
    fay, counts = await patient(site), []
    for people in (60 - len(PANEL), 540):  # two pages at least, so that both draw the same parts
        start = await models.Seat.all().count()
        made = [replace(one, mail=f"{start}-{one.mail}") for one in guests(people)]
        await conduct.add_seats(site.house, table.fay, made)
        await fay.get(f"/sessions/{table.session.id}/{page}")
        asked.clear()
        answer = await fay.get(f"/sessions/{table.session.id}/{page}")
        assert answer.status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] < 25


async def test_a_list_is_seated_in_a_number_of_statements_that_hardly_grows(
    site: Site, asked: list[tuple[bool, str]]
) -> None:
    table, counts = await lay_table(site.house), []
    for people in (50, 500):
        asked.clear()
        made = await conduct.add_seats(site.house, table.fay, guests(people, has_mail=False))
        assert len({seat.code for seat in made}) == people
        counts.append(len([sql for is_writer, sql in asked if is_writer]))
    assert counts[1] <= 2 * counts[0] < 60


# Invitations and calls


async def invite(desk: Desk, do: str, **form: str) -> httpx2.Response:
    return await desk.fay.post(f"{desk.here}/invitations?lang=en", data={"do": do, **form})


async def test_all_of_a_filter_are_invited_and_their_number_is_told_before(desk: Desk) -> None:
    page = await desk.see("invitations?lang=en")
    assert "Send 240 invitations" in text(page) and "1 to 50 of 240." in text(page)
    page = await desk.see("invitations?lang=en&group=patients")
    assert "Invite 80 people of this filter" in text(page) and "1 to 50 of 80. Without a filter: 240." in text(page)
    sent = await invite(desk, "send_these", sought="", group="patients", state="all")
    assert sent.headers["location"] == f"{desk.here}/invitations?group=patients&state=all"
    meant = await models.Mail.filter(what="invitation").values_list("seat_id", flat=True)
    assert sorted(map(int, meant)) == [seat.id for seat in desk.people[11:] if seat.group == "patients"]
    found = await invite(desk, "find", sought="ZOE 7 cote", group="", state="all")
    assert found.status_code == 200 and "sought=" not in found.text and "Invite 1 person of this filter" in text(found)
    line = await models.Entry.filter(act="queue_invitations").get()
    assert line.payload == '{"n":80}'


async def test_failed_invitations_stand_first_and_are_tried_again_by_filter(desk: Desk) -> None:
    await conduct.queue_invitations(desk.site.house, desk.table.fay)
    await models.Mail.filter(what="invitation").update(state="failed", reason="550", due_at=2.0**40)
    page = await desk.see("invitations?lang=en")
    assert (
        "Not delivered" in text(page) and page.text.count('value="again"') == 50 and "Try all 240 again" in text(page)
    )
    one, *_ = desk.people[-1:]
    second = await desk.see("invitations?lang=en&state=failed&page=5")
    form = {"sought": "", "group": "", "state": "failed", "page": "5", "seat": str(one.id)}
    assert f'name="seat" value="{one.id}"' in second.text
    bad = await invite(desk, "again", address="p(at)example.org", **form)
    assert bad.status_code == 422 and "p(at)example.org" in bad.text and f'name="seat" value="{one.id}"' in bad.text
    tried = await invite(desk, "again_these", sought="", group="clinicians", state="failed")
    assert tried.status_code == 303
    again = await models.Mail.filter(state__in=["queued", "sending"]).values_list("seat_id", flat=True)
    assert set(map(int, again)) == {seat.id for seat in desk.people[11:] if seat.group == "clinicians"}


async def test_a_long_call_list_comes_in_parts_and_only_who_is_shown_is_told(desk: Desk) -> None:
    house, table = desk.site.house, desk.table
    await models.Study.filter(id=table.session.study_id).update(has_call_list=True)
    await table.open("rating")
    people = await conduct.add_seats(house, table.fay, guests(160, has_mail=False))
    patients = [seat for seat in people if seat.group == "patients"]
    first = await desk.fay.post(f"{desk.here}/call-list?lang=en", data={"group": "patients"})
    assert first.text.count("tel:418555-0100") == 50
    told = await models.Notice.filter(what="list").values_list("seat_id", flat=True)
    assert sorted(map(int, told)) == [seat.id for seat in patients[:50]]
    (after,) = re.findall(r'name="after" value="(\d+)"', first.text)
    rest = await desk.fay.post(f"{desk.here}/call-list?lang=en", data={"group": "patients", "after": after})
    assert rest.text.count("tel:418555-0100") == len(patients) - 50 and 'name="after"' not in rest.text
    assert await models.Notice.filter(what="list").count() == len(patients)
    assert (await desk.fay.post(f"{desk.here}/call-list", data={"group": "nobody"})).status_code == 422


def test_a_list_names_the_first_the_last_and_the_pages_around() -> None:
    assert listed(range(5000), 1, {}).named == (1, 2, 0, 100)
    assert listed(range(5000), 50, {}).named == (1, 0, 49, 50, 51, 0, 100)
    assert listed(range(5000), 4, {}).named == (1, 2, 3, 4, 5, 0, 100)
    assert listed(range(30), 1, {}).named == (1,)
    empty = listed((), 3, {"group": "a b", "state": ""})
    assert (empty.first, empty.last, empty.n, empty.pages, empty.query) == (0, 0, 0, 1, "group=a+b")
