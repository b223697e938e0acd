"""Where the story is set: a small study, a session of the whole protocol, its people with their screens open.

Five people in two blocks with a floor of two, so that figures show in so small a panel. Aline and Bob answer by their
screens; Chloé, Denis and Paul answer through the same act as everybody, without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consensus import conduct, models, seats
from consensus.conduct import Guest
from consensus.outcome import statement_from
from consensus.protocol import Plan, read
from rounds.contract import Role, Tally
from rounds.disclosure import Mode
from tests.browser.people import PHONE, SCREEN, Crowd, Person
from tests.conftest import GROUPS, PASSWORD, Site, Table

FLOOR = 2
PANEL = ["patients", "patients", "patients", "clinicians", "clinicians"]  # Aline, Chloé, Paul; Denis, Bob


@dataclass(eq=False)
class Story:
    """Everybody, and the table at which they sit. cards: the statements that compilation made, by their numbers."""

    crowd: Crowd
    table: Table
    fay: Person
    coco: Person
    aline: Person
    bob: Person
    projector: Person
    cards: list[str] = field(default_factory=list)

    def path(self, page: str) -> str:
        return f"/sessions/{self.table.session.id}/{page}"

    @property
    def others(self) -> list[models.Seat]:
        return self.table.seats[1:-1]

    async def tally(self, key: str) -> Tally:
        return (await self.table.house.counts.now(await self.table.row(key))).official

    async def opens(self, key: str) -> None:
        """Fay goes on to the round after the one that closed, reads what it is, and opens it."""
        if key != "gather":
            await self.fay.follow("console.next", round=self.fay.say(f"{key}.title"))
        await self.fay.sees(f"{key}.what")
        await self.fay.check(f"console, {key} to come")
        await self.fay.press("open.do")
        await self.fay.button("close.do").wait_for()
        await self.fay.check(f"console, {key} open")

    async def closes(self, key: str) -> None:
        await self.fay.goes(self.path("console"))
        await self.fay.press("close.do")
        if (await self.table.row(key)).grace:
            await self.fay.press("close.now")
        await self.fay.sees("closed.what")
        await self.fay.check(f"console, {key} closed")


async def lay(site: Site, plans: list[Plan], statements: Sequence[dict[str, Any]] = ()) -> Table:
    """A session with its seats; nobody with a screen has consented yet."""
    fay = await conduct.add_staff(site.house, "fay@example.org", "Fay", PASSWORD)
    study = await conduct.create_study(
        site.house,
        fay,
        title={"en": "Case management", "fr": "Gestion de cas"},
        question={"en": "What would help people most?", "fr": "Qu’est-ce qui aiderait le plus les gens?"},
        consent={"en": "You may leave at any time.", "fr": "Vous pouvez partir en tout temps."},
        languages=["fr", "en"],
        groups=GROUPS,
        floor=FLOOR,
        help_name="Fay Roy",
        help_phone="819 555-0100",
        retention="2031-12-31",
    )
    session = await conduct.create_session(site.house, fay, study, {"en": "Estrie", "fr": "Estrie"}, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    guests = [Guest(Role.PARTICIPANT, group, "fr") for group in PANEL[:-1]]
    if statements:
        await conduct.import_statements(site.house, desk, [statement_from(data) for data in statements])
    made = await conduct.add_seats(site.house, desk, [*guests, Guest(Role.PARTICIPANT, PANEL[-1], "en")])
    for seat in made[1:-1]:
        await conduct.consent(site.house, seat)
    return Table(site.house, session, desk, made, made[0])


async def begin(site: Site, crowd: Crowd) -> Story:
    """The team signs in with passwords, Aline opens her link, Bob types his code; the projector is lit."""
    # The team looks before the close, and shows the room: no mode that is proposed does.
    modes = {"rating": Mode.FACILITATOR}
    plans = [replace(plan, disclosure=modes.get(plan.kind, plan.disclosure)) for plan in read("triage")]
    table = await lay(site, plans)
    colleague = await conduct.add_staff(site.house, "coco@example.org", "Coco", PASSWORD)
    await conduct.add_seats(site.house, table.fay, [Guest(Role.COFACILITATOR, staff_id=colleague.id)])
    fay, coco = await crowd.comes("Fay", "en"), await crowd.comes("Coco", "fr")
    aline = await crowd.comes("Aline", "fr", PHONE)
    bob = await crowd.comes("Bob", "en", color_scheme="dark")
    projector = await crowd.comes("projector", "en", SCREEN)
    story = Story(crowd, table, fay, coco, aline, bob, projector)
    for person, mail in ((fay, "fay@example.org"), (coco, "coco@example.org"), (projector, "fay@example.org")):
        await sign_in(person, mail)
    await fay.check("studies")
    await fay.follow_first("console.console")
    await coco.goes(story.path("console"))
    await projector.goes(story.path("projector"))
    await accept(site, aline, table.aline)
    await type_code(site, bob, table.bob)
    await agree(aline)
    await agree(bob)
    return story


async def sign_in(person: Person, mail: str) -> None:
    await person.goes(f"/staff/sign-in?lang={person.language}")
    await person.check("sign in")
    await person.fill("sign_in.mail", mail)
    await person.fill("sign_in.password", PASSWORD)
    await person.press("sign_in.do")
    await person.sees("studies.title")


def link(site: Site, seat: models.Seat) -> str:
    return f"/j/{seats.token(site.house.settings, 'seat', seat.id, seat.issue)}"


async def accept(site: Site, person: Person, seat: models.Seat) -> None:
    await person.goes(link(site, seat))
    await person.check("invitation")
    await person.press("invitation.start")


async def type_code(site: Site, person: Person, seat: models.Seat) -> None:
    """In small letters and without the dash, as people type."""
    await person.goes("/")
    await person.check("landing")
    await person.fill("landing.code", seats.short_code(site.house.settings, seat).replace("-", " ").lower())
    await person.page.keyboard.press("Enter")


async def agree(person: Person, then: str = "waiting.title") -> None:
    """Beginning without a tick is refused with a sentence; then the tick."""
    await person.press("consent.start")
    await person.sees("refused.consent_or_leave")
    await person.check("consent, refused")
    await person.box("consent.agree").check()
    await person.press("consent.start")
    await person.sees(then)
    await person.check("waiting")


async def agree_to_leave(person: Person) -> None:
    """By the help that ends every header."""
    await person.page.get_by_text(person.say("help"), exact=True).click()
    await person.follow("help.leave")
    await person.sees("withdraw.limits")
