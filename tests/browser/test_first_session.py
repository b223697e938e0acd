"""From nothing to invitations on their way: what a facilitator who never did it before presses, types and pastes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Locator

from consensus import conduct, models
from consensus.protocol import read
from tests.browser.people import Crowd, Person
from tests.browser.stage import sign_in
from tests.conftest import PASSWORD, Site
from tests.mailbox import Mailbox

MOST = 25
PEOPLE = [(kind, language, n) for kind in ("Patients", "Clinicians") for language in ("fr", "en") for n in range(3)]
ROSTER = "\n".join(f"{kind} {n};{kind}.{language}.{n}@example.org;{kind};{language}" for kind, language, n in PEOPLE)


@pytest.fixture
def site(mailing: Site) -> Site:
    return mailing


@dataclass
class Hand:
    """Counts what it does: a press, a field filled, a paste are one each."""

    person: Person
    count: int = 0

    async def presses(self, what: Locator) -> None:
        self.count += 1
        await self.person.clicks(what)

    async def writes(self, where: Locator, text: str) -> None:
        self.count += 1
        await where.fill(text)


async def test_a_session_is_ready_within_25_interactions(site: Site, crowd: Crowd, box: Mailbox) -> None:
    await conduct.add_staff(site.house, "fay@example.org", "Fay", PASSWORD)
    fay = await crowd.comes("Fay", "en")
    hand = Hand(fay)
    await sign_in(fay, "fay@example.org")
    await hand.presses(fay.link("study.new").first)
    for field, text in (("title", "Case management"), ("question", "What would help people most?")):
        for language in ("fr", "en"):
            await hand.writes(fay.box(f"study.{field}.{language}"), text)
    await hand.writes(fay.box("study.help_phone"), "819 555-0100")
    await hand.presses(fay.button("study.create"))
    for language in ("fr", "en"):
        await hand.writes(fay.box(f"session.title.{language}"), "Estrie")
    await hand.presses(fay.button("session.create"))
    await hand.presses(fay.link("setup.roster"))
    await hand.writes(fay.box("roster.paste"), ROSTER)
    await hand.presses(fay.button("import.look"))
    await hand.presses(fay.button("roster.do", n=len(PEOPLE)))
    await hand.presses(fay.link("setup.back"))
    setup = fay.page.url
    await hand.presses(fay.button("rehearsal.do"))
    await hand.presses(fay.button("rehearsal.all"))
    await hand.presses(fay.link("rehearsal.back"))
    await fay.goes(setup)  # counted as the press on Set-up
    hand.count += 1
    await hand.presses(fay.link("mails.title"))
    await hand.presses(fay.button("mails.send", n=len(PEOPLE)))
    await fay.sees("mails.send.done")
    assert hand.count <= MOST
    await box.holds(len(PEOPLE))
    real = await models.Session.get(rehearses=None)
    assert await models.Round.filter(session_id=real.id).count() == len(read("triage"))
    crowd.heard_nothing()
