"""The page of a study: every session with its state and the one thing that it waits for; to those who sit in it."""

from __future__ import annotations

import html
import re

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.web.setup.study_rows import told_apart
from rounds.contract import Role
from tests.conftest import PASSWORD, RATING, Site, Table, lay_table

SITES = [
    {"key": "s1", "names": {"en": "Québec", "fr": "Québec"}, "within": "", "about": {}},
    {"key": "s2", "names": {"en": "Saguenay clinic", "fr": "Clinique de Saguenay"}, "within": "s1", "about": {}},
    {"key": "s3", "names": {"en": "Nova Scotia", "fr": "Nouvelle-Écosse"}, "within": "", "about": {}},
]


async def page_of(client: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    answer = await client.get(f"/studies/{table.session.study_id}?lang={language}")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def row_of(page: str, title: str) -> str:
    found = re.search(rf'<tr>\n<th scope="row"[^>]*>{title}.*?</tr>', page, re.DOTALL)
    assert found, title
    return found[0]


async def another(site: Site, table: Table, title: str) -> models.Session:
    """A session more of the same study, by the same facilitator."""
    fay, study = await models.Staff.get(id=table.fay.staff_id), await models.Study.get(id=table.session.study_id)
    return await conduct.create_session(site.house, fay, study, {"en": title, "fr": title}, RATING)


@pytest.mark.parametrize(
    "language, state, need",
    [("en", "Being set up", "Invite the people."), ("fr", "En préparation", "Invitez les personnes.")],
)
async def test_each_session_says_its_state_and_what_it_waits_for(
    site: Site, language: str, state: str, need: str
) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    row = row_of(await page_of(fay, table, language), "Estrie")
    assert state in row
    assert need in row
    assert f'href="/sessions/{table.session.id}/invitations"' in row


async def test_a_session_is_told_as_it_goes_on(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await table.open("rating")
    row = row_of(await page_of(fay, table), "Estrie")
    assert "Open" in row
    assert "Under way: Rating" in row
    assert f'href="/sessions/{table.session.id}/console"' in row
    await table.close("rating")
    row = row_of(await page_of(fay, table), "Estrie")
    assert "Closed" in row
    assert f'href="/sessions/{table.session.id}/results"' in row


async def test_sessions_stand_under_their_sites(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    other = await another(site, table, "Halifax")
    await models.Study.filter(id=table.session.study_id).update(sites=SITES)
    await models.Session.filter(id=table.session.id).update(site="s2")
    await models.Session.filter(id=other.id).update(site="s3")
    page = await page_of(fay, table)
    places = [page.index(name) for name in (">Québec<", ">Estrie<", "Saguenay clinic", ">Nova Scotia<", ">Halifax<")]
    assert places == sorted(places)


async def test_who_came_is_counted_from_the_floor_on(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await models.Seat.filter(id__in=[seat.id for seat in table.seats[:4]]).update(is_entered=True)
    assert "Came: 4" not in await page_of(fay, table)
    await models.Seat.filter(id=table.seats[4].id).update(is_entered=True)
    assert "Came: 5 of 11" in await page_of(fay, table)


async def test_a_group_under_the_floor_is_never_counted_apart(site: Site) -> None:
    """Five patients, four clinicians, two caregivers: to tell of the patients leaves six of two groups."""
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await models.Study.filter(id=table.session.study_id).update(sites=SITES)
    await models.Session.filter(id=table.session.id).update(site="s2")
    page = await page_of(fay, table)
    site_row = page[page.index('class="site"') : page.index("Estrie</th>" if "Estrie</th>" in page else "Estrie<")]
    assert "Patients" in site_row
    assert "+ 6 in other groups" in site_row
    assert "Clinicians" not in site_row


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12)), st.integers(3, 8))
def test_nobody_finds_a_small_group_by_subtraction(people: dict[str, int], k: int) -> None:
    told = told_apart(people, k)
    assert all(people[group] >= k for group in told)
    left = [n for group, n in people.items() if n and group not in told]
    assert not told or not left or (sum(left) >= k and len(left) > 1)


async def test_what_differs_is_said_with_its_reason(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    other = await another(site, table, "Halifax")
    page = await page_of(fay, table)
    assert "Nothing differs between the sessions." in page
    third = await another(site, table, "Moncton")
    await models.Session.filter(id__in=[other.id, third.id]).update(imported=table.session.imported)
    here = await models.Session.get(id=table.session.id)
    await models.Session.filter(id=other.id).update(imported=here.imported, why="Two were asked for.")
    await models.Session.filter(id=third.id).update(imported=here.imported[:2])
    page = await page_of(fay, table)
    assert "Statements: 2 statements" in page
    assert "Elsewhere: 3 statements" in page
    assert "Nobody has written down why." in page
    await models.Session.filter(id=third.id).update(
        imported=[*here.imported[:2], here.imported[2] | {"wordings": {"en": "A.", "fr": "A."}}]
    )
    assert "Statements: 3 statements, but other ones" in await page_of(fay, table)
    await models.Session.filter(id=third.id).update(why="The site asked for two.")
    assert "Why: The site asked for two." in await page_of(fay, table)


async def test_a_study_without_a_session_says_how_to_begin(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    study = await models.Study.get(id=table.session.study_id)
    staff = await models.Staff.get(mail="fay@example.org")
    told = ("title", "question", "consent", "languages", "groups", "help_name", "help_phone", "retention")
    empty = await conduct.create_study(site.house, staff, **{name: getattr(study, name) for name in told})
    page = html.unescape((await fay.get(f"/studies/{empty.id}?lang=fr")).text)
    assert "Aucune séance." in page
    assert f'href="/studies/{empty.id}/sessions/new"' in page


async def test_whoever_sits_in_one_session_sees_that_one_alone(site: Site) -> None:
    table = await lay_table(site.house)
    await another(site, table, "Halifax")
    eve = await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    browser = await site.sign_in("eve@example.org")
    assert (await browser.get(f"/studies/{table.session.study_id}")).status_code == 404
    await conduct.add_seats(site.house, table.fay, [Guest(Role.RESEARCHER, staff_id=eve.id)])
    page = await page_of(browser, table)
    assert "Halifax" not in page
    assert f'href="/sessions/{table.session.id}/results"' in row_of(page, "Estrie")
    assert "sessions/new" not in page


async def test_outsiders_and_participants_do_not_find_it(site: Site) -> None:
    table = await lay_table(site.house)
    path = f"/studies/{table.session.study_id}"
    await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    assert (await (await site.sign_in("eve@example.org")).get(path)).status_code == 404
    assert (await (await site.sit(table.aline)).get(path)).status_code == 403
    assert (await site.client().get(path)).status_code == 401


async def test_fifty_sessions_ask_the_database_no_more_than_two(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await another(site, table, "Session 1")
    asked: list[str] = []
    client = models.Study._meta.db
    ask = type(client).execute_query

    async def count(self: object, query: str, values: list[object] | None = None) -> object:
        asked.append(query)
        return await ask(self, query, values)  # type: ignore[arg-type]

    monkeypatch.setattr(type(client), "execute_query", count)
    few = await _asked(fay, table, asked)
    for n in range(2, 50):
        await another(site, table, f"Session {n}")
    assert 0 < few == await _asked(fay, table, asked) < 30
    assert "Session 49" in await page_of(fay, table)


async def _asked(client: httpx2.AsyncClient, table: Table, asked: list[str]) -> int:
    """How often the page asks, once the rows that are remembered anyway have been read."""
    await page_of(client, table)
    asked.clear()
    await page_of(client, table)
    return len(asked)


async def test_each_session_of_mine_offers_its_copy(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert f'href="/sessions/{table.session.id}/copy"' in row_of(await page_of(fay, table), "Estrie")


async def test_two_sessions_with_figures_are_ready_to_compare(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    copied = await conduct.copy_session(site.house, table.fay, conduct.Copy({"en": "Halifax", "fr": "Halifax"}))
    desk = await models.Seat.get(session_id=copied.id, role=Role.FACILITATOR)
    guests = [Guest(Role.PARTICIPANT, "patients", "fr") for _ in range(5)]
    seats = await conduct.add_seats(site.house, desk, guests)
    other = Table(site.house, copied, desk, seats, seats[0])
    await table.open("rating")
    await table.close("rating")
    assert "Ready to compare" not in await page_of(fay, table)
    await other.open("rating")
    await other.close("rating")
    page = await page_of(fay, table)
    assert "2 sessions have figures." in page and "They have 3 statements in common." in page
    assert "Compare 2 of 2" in page


async def test_quotas_stand_on_the_page_with_a_way_to_the_panel(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert "Wanted:" not in await page_of(fay, table)
    quotas = [{"group": "patients", "site": "", "people": 8}]
    await models.Study.filter(id=table.session.study_id).update(quotas=quotas)
    page = await page_of(fay, table)
    assert "Wanted: 8. Invited: 5. Came: 0. Missing: 8." in page


async def test_nothing_is_begun_in_a_study_that_is_put_away(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    staff = await models.Staff.get(mail="fay@example.org")
    await conduct.put_away(site.house, staff, table.session.study_id)
    page = await page_of(fay, table)
    assert "It can be read; nothing opens in it." in page
    assert "/sessions/new" not in page and "/copy" not in page


@pytest.mark.parametrize("page", ["panel", "protocols", "apart", "freeze", "keeping", "questions", "consent", "sites"])
async def test_every_page_of_a_study_leads_to_its_others_and_back(site: Site, page: str) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    study = f"/studies/{table.session.study_id}"
    answer = await fay.get(f"{study}/{page}")
    for other in (study, f"{study}/compare", f"{study}/pooled", f"{study}/panel"):
        assert f'href="{other}"' in answer.text, other
