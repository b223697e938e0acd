"""A coordinator's whole study, by the keyboard alone: seven groups of her own, three sites, a session copied twice, two
tables that others play and one by hand, their selections passed on to a national ranking, compared, pooled, taken out.

Every page in the way is looked at for barriers. Simulated people answer by the acts that everybody's forms go through.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Locator, expect

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.export.verify import verify_file
from consensus.simulation import panel
from rounds.contract import Role
from rounds.measures.pooling import SCHEMES
from tests.browser.people import PHONE, Crowd, Person
from tests.browser.stage import accept
from tests.browser.test_keyboard import Keys
from tests.conftest import PASSWORD, Site

GROUPS = {  # of her own names; the first six stand on the form with others
    "patients": ("Patientes et patients", "Patients"),
    "caregivers": ("Familles", "Families"),
    "community": ("Organismes du quartier", "Neighbourhood organisations"),
    "clinicians": ("Équipe de soins", "Care team"),
    "managers": ("Cadres", "Executives"),
    "ministry": ("Fonctionnaires", "Civil servants"),
    "g7": ("Pharmaciens", "Pharmacists"),
}
SITES = [("Saguenay", "Saguenay"), ("Rimouski", "Rimouski"), ("Chicoutimi-Nord", "North Chicoutimi")]
FACTS = {
    "study.title.fr": "Gestion de cas, trois cliniques",
    "study.title.en": "Case management, three clinics",
    "study.question.fr": "Que faire d’abord?",
    "study.question.en": "What should be done first?",
}
MANY = 30  # presses of an arrow; a list in which it takes more is long
SIZES = [5, 5, 3, 5, 3, 2, 2]  # people of each group at a table
STATEMENTS = 8
SENT = 42  # of them at the national table: two of each group of each table


@dataclass
class Coordinator:
    """Nora, whose hands never leave the keyboard. sessions: in the order in which she made them."""

    site: Site
    nora: Person
    keys: Keys
    sessions: list[models.Session] = field(default_factory=list)

    async def goes(self, where: Locator) -> None:
        """Tab to it, press Enter: another page comes, or the same one anew."""
        await self.keys.to(where)
        async with self.nora.page.expect_navigation():
            await self.keys.press("Enter")

    async def types(self, name: str, text: str) -> None:
        """Into a field, by its name, in place of what stands there."""
        await self.keys.to(self.nora.page.locator(f"[name='{name}']"))
        await self.keys.press("ControlOrMeta+a")
        await self.nora.page.keyboard.type(text)

    async def chooses(self, name: str, value: str) -> None:
        """One of several, by the arrows."""
        await self._by_arrows(self.nora.page.locator(f"[name='{name}']"), f"[name='{name}'][value='{value}']:checked")

    async def picks(self, name: str, label: str) -> None:
        """One of a list that unfolds, by the arrows too."""
        listed = self.nora.page.locator(f"select[name='{name}']")
        value = await listed.locator("option", has_text=label).get_attribute("value")
        await self._by_arrows(listed, f"select[name='{name}'] option[value='{value}']:checked")

    async def _by_arrows(self, places: Locator, wanted: str) -> None:
        is_one_of_many = await places.count() > 1
        checked = self.nora.page.locator(":checked").and_(places)
        await self.keys.to(checked if is_one_of_many and await checked.count() else places.first)
        for _ in range(MANY):
            if await self.nora.page.locator(wanted).count():
                return
            await self.keys.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {wanted}")

    async def goes_to_study(self) -> None:
        """By the links that the pages have."""
        if "/sessions/" in self.nora.page.url and "/studies/" not in self.nora.page.url:
            await self.goes(self.nora.page.locator(".bar .crumb a"))
        else:
            await self.goes(self.nora.link("study.way.sessions"))
        await expect(self.nora.page.locator("#now")).to_be_visible()

    def row(self, session: models.Session) -> Locator:
        return self.nora.page.locator("#now tr").filter(has=self.nora.page.get_by_text(session.title["en"], exact=True))

    async def desk(self, session: models.Session) -> models.Seat:
        return await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)


async def test_a_study_of_three_sites_from_its_groups_to_its_file(site: Site, crowd: Crowd, tmp_path: Path) -> None:
    await conduct.add_staff(site.house, "nora@example.org", "Nora Roy", PASSWORD)
    nora = await crowd.comes("Nora", "en")
    story = Coordinator(site, nora, Keys(nora))
    await signs_in(story)
    await makes_the_study(story)
    await names_the_sites(story)
    await plans_a_session(story)
    for name in SITES[1:]:
        await copies(story, name)
    for place in (1, 2):
        await played(story, place)
    aline = await rates_by_hand(story, crowd, story.sessions[0])
    await plans_the_ranking(story)
    for session in story.sessions[:3]:
        await passes_on(story, session)
    await ranks(story, aline)
    await compares(story)
    await pools(story)
    await takes_the_file(story, tmp_path)
    crowd.heard_nothing()


async def signs_in(story: Coordinator) -> None:
    await story.nora.goes("/staff/sign-in?lang=en")
    await story.types("mail", "nora@example.org")
    await story.types("password", PASSWORD)
    async with story.nora.page.expect_navigation():
        await story.keys.press("Enter")
    assert story.nora.page.url.endswith("/studies")


async def makes_the_study(story: Coordinator) -> None:
    nora, page = story.nora, story.nora.page
    await story.goes(nora.link("study.new"))
    for key, text in FACTS.items():
        await story.keys.types(key, text)
    await story.goes(nora.button("study.group.add"))
    fr, en = GROUPS["g7"]
    await expect(page.locator("[name='group.g7.fr']")).to_be_focused()
    await page.keyboard.type(fr)
    await story.types("group.g7.en", en)
    await story.keys.on(page.locator("summary", has_text=nora.say("study.groups.rename")))
    for key, (fr, en) in list(GROUPS.items())[:-1]:
        await story.types(f"group.{key}.fr", fr)
        await story.types(f"group.{key}.en", en)
    await story.keys.on(page.locator("summary", has_text=nora.say("study.apart")))
    await story.keys.to(page.locator("[name='apart.patients'][value='managers']"))
    await story.keys.press("Space")
    await nora.check("a new study")
    await story.types("help_phone", "819 555-0142")
    await story.goes(nora.button("study.create"))
    assert page.url.endswith("/sessions/new")
    study = await models.Study.get()
    assert [(one["names"]["fr"], one["names"]["en"]) for one in study.groups] == list(GROUPS.values())
    names = {one["key"]: one["names"]["en"] for one in study.groups}
    assert [[names[key] for key in pair] for pair in study.apart or []] == [["Patients", "Executives"]]


async def names_the_sites(story: Coordinator) -> None:
    nora, page = story.nora, story.nora.page
    await story.goes(nora.link("study.back"))
    await nora.sees("study.empty")
    await nora.check("a study without a session")
    await story.goes(nora.link("sites.title"))
    for fr, en in SITES:
        await story.goes(nora.button("sites.add"))
        await expect(page.locator("[autofocus]")).to_be_focused()
        await page.keyboard.type(fr)
        await story.keys.press("Tab")
        await page.keyboard.type(en)
    await nora.check("sites")
    await story.goes(nora.button("sites.save"))
    await nora.sees("sites.saved")
    await story.goes_to_study()


async def plans_a_session(story: Coordinator) -> None:
    """A rating of statements that she brings: what the protocol has beside it is taken out of the plan."""
    nora, page = story.nora, story.nora.page
    await new_session(story, ("Séance de Saguenay", "Saguenay table"), "delphi", SITES[0][1])
    await story.keys.to(page.locator("[name=text]"))
    await page.keyboard.insert_text("\n".join(brought()))
    await story.goes(nora.button("import.look"))
    await nora.check("statements looked at")
    await story.goes(nora.button("import.do", n=STATEMENTS))
    assert page.url.endswith("/setup")
    await drops(story, "compilation", "rating2")
    await nora.check("a plan")
    await story.goes_to_study()


async def new_session(story: Coordinator, title: tuple[str, str], protocol: str, site: str = "") -> None:
    nora, page = story.nora, story.nora.page
    await story.goes(nora.link("session.new"))
    await story.types("title.fr", title[0])
    await story.types("title.en", title[1])
    if site:
        await story.picks("site", site)
    await story.chooses("protocol", protocol)
    await story.chooses("statements", "import")
    await nora.check("a new session")
    await story.goes(nora.button("session.create"))
    assert page.url.endswith("/statements")
    made = await models.Session.all().order_by("-id").first()
    assert made is not None
    story.sessions.append(made)


async def drops(story: Coordinator, *rounds: str) -> None:
    page = story.nora.page
    for key in rounds:
        form = page.locator("details", has=page.locator(f"[name=round][value={key}]"))
        await story.keys.on(form.locator("summary"))
        await story.goes(form.get_by_role("button"))
        await expect(page.locator(f"[name=round][value={key}]")).to_have_count(0)


def brought() -> list[str]:
    """As copied from a sheet."""
    lines = ["id\ttext_fr\ttext_en"]
    for one in panel.statements()[:STATEMENTS]:
        lines.append("\t".join([one.id, one.wordings["fr"], one.wordings["en"]]))
    return lines


async def copies(story: Coordinator, site: tuple[str, str]) -> None:
    """The title follows the site."""
    nora, page = story.nora, story.nora.page
    await story.goes(story.row(story.sessions[0]).get_by_role("link", name=nora.say("study.act.copy")))
    await story.picks("site", site[1])
    await nora.check("a copy")
    await story.goes(nora.button("copy.do"))
    assert page.url.endswith("/setup")
    made = await models.Session.all().order_by("-id").first()
    assert made is not None and made.title == {"fr": f"Séance de {site[0]}", "en": f"{site[1]} table"}
    assert await models.Round.filter(session_id=made.id).values_list("key", flat=True) == ["rating1"]
    story.sessions.append(made)
    await story.goes_to_study()


async def seated(story: Coordinator, session: models.Session, guests: list[Guest]) -> list[models.Seat]:
    return await conduct.add_seats(story.site.house, await story.desk(session), guests)


async def table_of_people() -> list[Guest]:
    languages = ("fr", "en")
    groups = [one["key"] for one, n in zip((await models.Study.get()).groups, SIZES, strict=True) for _ in range(n)]
    people = await models.Person.all().count()
    return [
        Guest(Role.PARTICIPANT, group, languages[place % 2], f"Person {people + place}")
        for place, group in enumerate(groups)
    ]


async def played(story: Coordinator, place: int) -> None:
    """A whole table, with nobody at a screen."""
    house, session = story.site.house, story.sessions[place]
    seats = await seated(story, session, await table_of_people())
    desk, row = await story.desk(session), await models.Round.get(session_id=session.id)
    await asyncio.gather(*(conduct.consent(house, seat) for seat in seats))
    await conduct.open_round(house, desk, row.id)
    for at, seat in enumerate(seats):
        await asyncio.gather(*(cast(story, seat, row, form) for form in ratings(place, at)))
    await conduct.close_round(house, desk, row.id, at_once=True)


def ratings(place: int, at: int) -> list[dict[str, list[str]]]:
    """What the person at this seat says: three statements are liked at every table, one more at each of them alone."""
    liked = {1, 2, 3, 4 + place}
    scores = {n: 7 + (at + n) % 3 if n in liked else 2 + (at + n) % 4 for n in range(1, STATEMENTS + 1)}
    return [{"card": [f"P{n:03}"], "importance": [str(score)]} for n, score in scores.items()]


async def cast(story: Coordinator, seat: models.Seat, row: models.Round, form: dict[str, list[str]]) -> None:
    submission = conduct.Submission(form, "-".join([str(row.id), str(seat.id), *form.get("card", [])]), seat.language)
    await conduct.cast(story.site.house, seat.id, row.id, submission)


async def rates_by_hand(story: Coordinator, crowd: Crowd, session: models.Session) -> Person:
    """Nora opens and closes by her console; Aline and Bob give a few answers by their screens, the rest are acts."""
    nora, house = story.nora, story.site.house
    seats = await seated(story, session, await table_of_people())
    for seat in seats[2:]:
        await conduct.consent(house, seat)
    await story.goes_to_study()  # the page as it is now
    await story.goes(story.row(session).get_by_role("link", name=nora.say("study.act.invitations")))
    await nora.check("invitations")
    await story.goes(nora.link("console.console"))
    await story.keys.on(nora.button("open.do"))
    await expect(nora.button("close.do")).to_be_visible()
    aline, bob = await crowd.comes("Aline", "fr", PHONE), await crowd.comes("Bob", "en")
    given = {}
    for person, seat, scores in ((aline, seats[0], (9, 2)), (bob, seats[1], (1,))):
        await comes_in(story.site, person, seat)
        given[str(seat.id)] = [await rates(person, score) for score in scores]
    row = await models.Round.get(session_id=session.id)
    for at, seat in enumerate(seats):
        said = {card for card, _ in given.get(str(seat.id), [])}
        await asyncio.gather(*(cast(story, seat, row, form) for form in ratings(0, at) if form["card"][0] not in said))
    own = (await house.counts.now(row)).own
    for who, answers in given.items():
        assert len(own[who]) == STATEMENTS
        for card, score in answers:
            assert own[who][card]["values"]["importance"] == score
    await closes(story)
    await story.goes_to_study()
    return aline


async def comes_in(site: Site, person: Person, seat: models.Seat) -> None:
    await accept(site, person, seat)
    await person.box("consent.agree").check()
    await person.press("consent.start")
    await person.page.locator("#answer").wait_for()


async def rates(person: Person, score: int) -> tuple[str, int]:
    card = await person.page.locator("input[name=card]").input_value()
    await person.page.locator(f"[name=importance][value='{score}']").check(force=True)
    await person.press("save_and_go_on")
    await expect(person.page.locator("input[name=card]")).not_to_have_value(card)
    return card, score


async def closes(story: Coordinator) -> None:
    nora = story.nora
    await story.keys.on(nora.button("close.do"))
    await story.keys.on(nora.button("close.now"))
    await nora.sees("closed.what")


async def plans_the_ranking(story: Coordinator) -> None:
    nora = story.nora
    await expect(nora.page.get_by_role("heading", name=nora.say("study.ready"))).to_be_visible()
    await nora.check("a study ready to compare")
    await new_session(story, ("Classement national", "National ranking"), "nominal_group")
    await story.goes(nora.link("setup.back"))
    await drops(story, "compilation", "ranking1")
    await story.goes_to_study()


async def passes_on(story: Coordinator, session: models.Session) -> None:
    """What the table kept goes; the page first says what that is."""
    nora, national = story.nora, story.sessions[-1]
    await story.goes(story.row(session).get_by_role("link", name=nora.say("study.act.results")))
    await story.goes(nora.link("passing.title"))
    await story.chooses("to", str(national.id))
    await story.chooses("takes", "kept")
    await story.goes(nora.button("passing.look"))
    await nora.check("what would be passed on")
    await story.goes(nora.button("passing.do"))
    assert f"/sessions/{national.id}/statements" in nora.page.url
    await nora.check("what came")
    await story.goes_to_study()


async def ranks(story: Coordinator, aline: Person) -> None:
    """Some of each group of each table sit there; Aline, who sat at one, ranks by the keyboard too."""
    nora, house, national = story.nora, story.site.house, story.sessions[-1]
    seats = await seated(story, national, [guest for table in story.sessions[:3] for guest in await sent_by(table)])
    for seat in seats[1:]:
        await conduct.consent(house, seat)
    await story.goes_to_study()
    await story.goes(story.row(national).get_by_role("link", name=nora.say("study.act.invitations")))
    await story.goes(nora.link("console.console"))
    await story.keys.on(nora.button("open.do"))
    await expect(nora.button("close.do")).to_be_visible()
    await comes_in(story.site, aline, seats[0])
    row = await models.Round.get(session_id=national.id)
    keys, first = Keys(aline), str(row.statements[-1]["id"])
    await keys.on(aline.up(first))
    await keys.on(aline.button("ranking.save"))
    await aline.sees("ranking.saved")
    names = [str(one["id"]) for one in row.statements]
    for at, seat in enumerate(seats[1:]):
        places = {f"place.{names[(at % 2 + place) % len(names)]}": [str(place + 1)] for place in range(3)}
        await cast(story, seat, row, places)
    own = (await house.counts.now(row)).own
    assert len(row.statements) == 6 and len(own) == len(seats) == SENT
    assert own[str(seats[0].id)][""]["order"] == [[first]]
    await closes(story)
    await nora.check("a ranking closed")
    await story.goes_to_study()


async def sent_by(table: models.Session) -> list[Guest]:
    """Two people of each group, who are known to the study as the same."""
    sat = await models.Seat.filter(session_id=table.id, role=Role.PARTICIPANT).order_by("id")
    groups = {group: [seat for seat in sat if seat.group == group][:2] for group in {seat.group for seat in sat}}
    sent = [seat for seat in sat if seat in groups[seat.group]]
    return [Guest(Role.PARTICIPANT, seat.group, seat.language, person_id=seat.person_id) for seat in sent]


async def compares(story: Coordinator) -> None:
    """Apart first: a verdict and a rank of each, and what was not asked is no failure."""
    nora, page = story.nora, story.nora.page
    await story.goes(nora.link("study.ready.do", x=4, of=4))
    table = page.locator(".table--side")
    await expect(table).to_be_visible()
    await nora.check("the comparison")
    for verdict in ("kept", "dropped"):
        await nora.sees(f"decision.{verdict}")
    cells = table.locator("td.at small", has_text=nora.say("compare.not_asked"))
    await expect(cells).to_have_count(2)  # at the national table, where six of eight went
    await nora.sees("compare.lede.people", n=3 * sum(SIZES) + SENT)
    await nora.sees("compare.opposed")  # what one table alone kept
    await expect(table.locator("tbody tr")).to_have_count(STATEMENTS)
    await expect(table.locator(".place").first).to_be_visible()
    await story.goes(page.locator(".segm a", has_text=nora.say("compare.by.group")))
    await expect(table).to_be_visible()
    await nora.check("the comparison by group")


async def pools(story: Coordinator) -> None:
    nora, page = story.nora, story.nora.page
    await story.goes(nora.link("study.way.pooled"))
    await expect(page.locator(".table--side")).to_be_visible()
    for scheme in SCHEMES:
        await nora.sees(f"pooled.scheme.{scheme}")
    await nora.check("the pooled list")


async def takes_the_file(story: Coordinator, folder: Path) -> None:
    nora = story.nora
    async with nora.page.expect_download() as download:
        await story.keys.on(nora.link("study.parcel"))
    parcel = folder / "study.zip"
    await (await download.value).save_as(parcel)
    status, said = await asyncio.to_thread(verify_file, parcel)
    assert status == 0, said
