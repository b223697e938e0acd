"""The facilitator's page of invitations, over HTTP, with a real mail server behind it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.house import build
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.mailbox import Mailbox, open_mailbox

LINK = re.compile(r"http\S+(/j/\S+)")
LETTER = {
    "subject.fr": "Venez {nom}",
    "body.fr": "Entrez: {lien}",
    "subject.en": "Come {name}",
    "body.en": "Enter: {link}",
}


@dataclass
class Desk:
    """A served house that sends mail, its mail server, a session, and Fay's browser."""

    site: Site
    box: Mailbox
    table: Table
    fay: httpx2.AsyncClient

    @property
    def path(self) -> str:
        return f"/sessions/{self.table.session.id}/invitations"

    async def see(self, query: str = "lang=en") -> str:
        page = await self.fay.get(f"{self.path}?{query}")
        assert page.status_code == 200, page.text
        return str(page.text)

    async def ask(self, do: str, **form: str) -> httpx2.Response:
        return await self.fay.post(self.path, data={"do": do, **form})

    async def seat(self, people: int) -> list[models.Seat]:
        guests = [
            Guest(Role.PARTICIPANT, "patients", "en" if n % 2 else "fr", f"Léa {n}", f"p{n}@example.org")
            for n in range(people)
        ]
        return await conduct.add_seats(self.site.house, self.table.fay, guests)

    async def settled(self, n: int) -> None:
        """Wait until so many have arrived, and the outbox knows what became of all of them."""
        await self.box.holds(n)
        while await models.Mail.filter(state__in=["queued", "sending"]).exists():
            await self.fay.get("/static/brand.svg")  # a turn of the server, which posts beside it


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    listener = listen(0)
    async with open_mailbox() as box:
        settings = replace(settings, origin=origin_of(listener), smtp=box.url, mail_from="table@example.org")
        house = build(settings)
        async with running(make_app(settings, house), listener):
            site = Site(house, settings.origin)
            table = await lay_table(house)
            fay = await site.sign_in()
            yield Desk(site, box, table, fay)
            await fay.aclose()


async def test_each_link_that_arrives_opens_that_persons_invitation(desk: Desk) -> None:
    people = await desk.seat(12)
    assert "Send 12 invitations" in await desk.see()
    sent = await desk.ask("send")
    assert sent.status_code == 303 and sent.headers["location"] == desk.path
    again = await desk.ask("send")
    assert again.status_code == 303
    await desk.settled(12)
    assert Counter(address for address, _ in desk.box.kept) == {f"p{n}@example.org": 1 for n in range(12)}
    for n, seat in enumerate(people):
        (letter,) = desk.box.to(f"p{n}@example.org")
        (path,) = LINK.findall(letter.get_content())
        async with desk.site.client() as browser:
            page = await browser.get(path)
            assert page.status_code == 200 and f'<html lang="{seat.language}">' in page.text
            assert (await browser.post(path)).headers["location"] == f"/sessions/{seat.session_id}/take"
    page = await desk.see()
    assert "12 invitations were sent" in page and "Send 1" not in page


async def test_the_page_shows_how_far_it_is_without_and_with_script(desk: Desk) -> None:
    await desk.seat(15)
    desk.box.held = 12
    await desk.ask("send")
    await desk.box.holds(12)
    page = await desk.see()
    assert "Sent: 10 of 15" in page and "5 mails are on their way" in page
    assert 'hx-trigger="every 2s"' in page and "See how far it is" in page
    watching = {"HX-Request": "true"}
    assert "HX-Refresh" not in (await desk.fay.get(desk.path, headers=watching)).headers
    desk.box.go.set()
    await desk.settled(15)
    assert (await desk.fay.get(desk.path, headers=watching)).headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in await desk.see()


async def test_a_refused_address_is_shown_with_its_reason_and_can_be_corrected(desk: Desk) -> None:
    people = await desk.seat(4)
    desk.box.refusals["p2@example.org"] = "550 nobody"
    await desk.ask("send")
    await desk.settled(3)
    page = await desk.see()
    assert "does not exist, or takes no mail from us (550)" in page
    assert page.count('value="again"') == 1 and f'name="seat" value="{people[2].id}"' in page
    (card,) = re.findall(rf'href="([^"]+)#card-{people[2].id}"', page)
    assert f'id="card-{people[2].id}"' in (await desk.fay.get(card)).text
    assert "n’existe pas, ou refuse nos courriels (550)" in await desk.see("lang=fr")
    await desk.fay.get(f"{desk.path}?lang=en")
    bad = await desk.ask("again", seat=str(people[2].id), address="p2(at)example.org")
    assert bad.status_code == 422 and "not an e-mail address" in bad.text and "p2(at)example.org" in bad.text
    other = await desk.ask("again", seat=str(people[1].id), address="p1@example.org")
    assert other.status_code == 422 and "did not fail" in other.text
    good = await desk.ask("again", seat=str(people[2].id), address="P2.new@example.org ")
    assert good.status_code == 303
    await desk.settled(4)
    assert [address for address, _ in desk.box.kept][-1] == "p2.new@example.org"


async def test_a_letter_is_looked_at_in_both_languages_and_then_kept(desk: Desk) -> None:
    page = await desk.see("letter=invitation&lang=en")
    assert "Bonjour {nom}," in page and "Hello Aline Roy," in page and "On vous invite" in page
    looked = await desk.fay.post(f"{desk.path}?letter=invitation", data={**LETTER, "do": "look"})
    assert looked.status_code == 200 and "Venez Aline Roy" in looked.text and "Enter: http" in looked.text
    assert (await models.Session.get(id=desk.table.session.id)).letters is None
    kept = await desk.fay.post(f"{desk.path}?letter=invitation", data={**LETTER, "do": "save"})
    assert kept.status_code == 303
    page = await desk.see("written=invitation&lang=en")
    assert "This is the letter that goes out" in page and "Come Aline Roy" in page


async def test_a_letter_without_its_link_is_refused_and_stays_as_typed(desk: Desk) -> None:
    form = {**LETTER, "body.fr": "Entrez par la porte.", "do": "save"}
    for language, sentence in (("en", "The letter needs {lien}"), ("fr", "La lettre a besoin de {lien}")):
        refused = await desk.fay.post(f"{desk.path}?letter=reminder&lang={language}", data=form)
        assert refused.status_code == 422 and sentence in refused.text
        assert "Entrez par la porte." in refused.text and "Come {name}" in refused.text
    turned = await desk.fay.post(f"{desk.path}?letter=reminder", data={**form, "say_in": "en"})
    assert turned.status_code == 200 and "Save the letter" in turned.text and "Entrez par la porte." in turned.text
    assert (await models.Session.get(id=desk.table.session.id)).letters is None


def _reminders_of(page: str) -> str:
    return re.sub(r"\s+", " ", page[page.index('id="reminders"') :])


async def test_nothing_tells_who_is_reminded_nor_how_many(desk: Desk) -> None:
    people = await desk.seat(6)
    await desk.ask("send")
    await desk.settled(6)
    before = _reminders_of(await desk.see())
    for seat in people[:2]:
        await conduct.consent(desk.site.house, seat)
    assert _reminders_of(await desk.see()) == before and "Remind whoever has not finished" in before
    desk.box.refusals["p5@example.org"] = "550 gone meanwhile"
    desk.box.kept.clear()
    asked = await desk.ask("remind")
    assert asked.status_code == 303
    await desk.settled(3)
    page = await desk.see("reminded=yes&lang=en")
    assert (
        "Nobody here is told to whom" in page
        and "goes out by itself" in page
        and "Last asked for" in page
        and 'value="again"' not in page
    )
    assert not re.search(r"Léa|p5@|\b[34] (people|were)", _reminders_of(page))
    twice = await desk.ask("remind")
    assert twice.status_code == 422 and "Tick the box" in twice.text
    assert (await desk.ask("remind", again_today="1")).status_code == 303


async def test_who_came_in_is_not_invited_again(desk: Desk) -> None:
    lea, zoe = await desk.seat(2)
    desk.box.refusals["p0@example.org"] = "550 nobody"
    await desk.ask("send")
    await desk.settled(1)
    assert 'value="again"' in await desk.see()
    browser = await desk.site.sit(lea)
    page = await desk.see()
    assert 'value="again"' not in page and "Came in" in page
    again = await desk.ask("again", seat=str(lea.id), address="fay@example.org")
    assert again.status_code == 422 and "has come in already" in again.text
    await browser.aclose()


async def test_a_house_without_mail_says_so_and_offers_the_cards(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    path = f"/sessions/{table.session.id}/invitations"
    page = await fay.get(f"{path}?lang=en")
    assert "This house sends no e-mail" in page.text and f"/sessions/{table.session.id}/seats" in page.text
    assert 'value="send"' not in page.text
    assert (await fay.post(path, data={"do": "send"})).status_code == 422
    assert await models.Mail.all().count() == 0
    await fay.aclose()


async def test_the_seats_and_the_plan_lead_here(desk: Desk) -> None:
    for page in ("seats", "setup"):
        assert f'href="{desk.path}"' in (await desk.fay.get(f"/sessions/{desk.table.session.id}/{page}")).text


async def test_nobody_but_the_facilitator_comes_here(desk: Desk) -> None:
    (helper,) = await conduct.add_seats(desk.site.house, desk.table.fay, [Guest(Role.COFACILITATOR)])
    await desk.seat(2)
    outside = await lay_table(desk.site.house, title="Ailleurs")
    seats = [(helper, 403), (desk.table.aline, 403), (outside.aline, 404)]
    browsers = [(await desk.site.sit(seat), expected) for seat, expected in seats]
    for browser, expected in [*browsers, (desk.site.client(), 401)]:
        assert (await browser.get(desk.path)).status_code == expected
        assert (await browser.post(desk.path, data={"do": "send"})).status_code == expected
        await browser.aclose()
    assert await models.Mail.all().count() == 0
