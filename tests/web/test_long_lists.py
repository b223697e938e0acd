"""Thousands of people come in one list: looked at in pages, taken whole by one act, with how far it is on the page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from consensus import conduct, models, seating
from consensus.conduct import Guest, Refused
from consensus.imports.roster import MOST_LINES
from rounds.contract import Role
from tests.browser.conftest import crowd
from tests.browser.people import DESK, Crowd
from tests.browser.stage import sign_in
from tests.conftest import Site, Table, lay_table
from tests.web.test_brought_lists import brings, form, sends, shown
from tests.web.test_large_panel import patient

__all__ = ["crowd"]
GROUPS = ("Patients", "Proches aidants", "Cliniciens")


def roster(people: int, bad: tuple[int, ...] = ()) -> bytes:
    groups = ["Astronautes" if n in bad else GROUPS[n % 3] for n in range(people)]
    lines = [f"Zoé {n} Côté;zoe{n}@example.org;{group}" for n, group in enumerate(groups)]
    return "\n".join(["Nom;Courriel;Groupe", *lines]).encode()


@pytest.fixture
async def table(site: Site) -> Table:
    return await lay_table(site.house)


def path_of(table: Table) -> str:
    return f"/sessions/{table.session.id}/roster?by=list"


@asynccontextmanager
async def nobody_writes(site: Site) -> AsyncIterator[None]:
    """The writer is held up between two commits, as where the files are emptied; pages are still answered."""
    go, held = asyncio.Event(), asyncio.Event()

    async def job() -> bool:
        held.set()
        return await go.wait()

    waiting = asyncio.create_task(site.house.store._asked(job, is_between=True))
    await held.wait()
    try:
        yield
    finally:
        go.set()
        await waiting


async def is_through(site: Site, table: Table) -> None:
    if task := site.house.seatings._tasks.get(table.session.id):
        await task


async def test_a_list_beyond_five_hundred_is_looked_at_in_pages_and_taken_by_one_act(site: Site, table: Table) -> None:
    fay, path = await patient(site), path_of(table)
    looked = await brings(fay, f"{path}&lang=en", roster(700))
    assert looked.status_code == 200 and "1 to 50 of 700." in shown(looked) and "Zoé 49 Côté" in shown(looked)
    assert "Zoé 50 Côté" not in re.sub(r"<textarea.*?</textarea>", "", looked.text, flags=re.DOTALL)
    second = await sends(fay, path, looked, page="14")
    assert "651 to 700 of 700." in shown(second) and "Zoé 699 Côté" in shown(second)
    assert (await sends(fay, path, second, do="confirm")).status_code == 303
    await is_through(site, table)
    people = await models.Seat.filter(role=Role.PARTICIPANT, person_id__not_isnull=True).select_related("person")
    told = [(seat.person.name, seat.person.mail, seat.group) for seat in people if seat.person]
    keys = ("patients", "caregivers", "clinicians")
    assert told == [(f"Zoé {n} Côté", f"zoe{n}@example.org", keys[n % 3]) for n in range(700)]
    line = await models.Entry.filter(act="add_seats").order_by("-seq").first()
    assert line is not None and line.payload.count('","') >= 699  # a handle for each, and no name
    assert "Zoé" not in line.payload and "example.org" not in line.payload
    assert await models.Entry.filter(act="add_seats", seq__gte=line.seq).count() == 1


async def test_lines_that_are_wrong_stand_first_and_nobody_is_seated(site: Site, table: Table) -> None:
    fay, path = await patient(site), path_of(table)
    before = await models.Seat.all().count()
    bad = await brings(fay, f"{path}&lang=en", roster(600, bad=(420, 599)))
    assert bad.status_code == 422 and "There is no group “Astronautes”" in shown(bad)
    numbers = re.findall(r'<th scope="row">(\d+)</th>', bad.text)
    assert numbers[:3] == ["422", "601", "2"] and len(numbers) == 50
    assert 'value="confirm"' not in bad.text and form(bad)["roster"].count("\n") == 600
    over = await brings(fay, f"{path}&lang=en", roster(MOST_LINES + 1))
    assert over.status_code == 422 and "At most 5,000 lines at a time" in shown(over)
    assert await models.Seat.all().count() == before


async def test_how_far_a_list_is_stands_on_the_page_until_it_is_through(site: Site, table: Table) -> None:
    fay, path = await patient(site), path_of(table)
    looked = await brings(fay, path, roster(600))
    async with nobody_writes(site):
        sent = await sends(fay, path, looked, do="confirm")
        assert sent.status_code == 303 and sent.headers["location"] == path
        page = await fay.get(f"{path}&lang=en")
        assert "Seats ready: 0 of 600." in shown(page) and 'hx-trigger="every 1s"' in page.text
        assert "Done: the seats are there." not in page.text
        watching = await fay.get(path, headers={"HX-Request": "true"})
        assert watching.status_code == 200 and "HX-Refresh" not in watching.headers
        other = await fay.post(f"/sessions/{table.session.id}/roster?by=number&lang=en", data={"seats.patients": "1"})
        assert other.status_code == 422 and "A list is being taken now." in shown(other)
    await is_through(site, table)
    assert (await fay.get(path, headers={"HX-Request": "true"})).headers["HX-Refresh"] == "true"
    page = await fay.get(f"{path}&lang=en")
    assert "Done: the seats are there." in shown(page) and "611 people have a seat." in shown(page)
    assert "Done" not in shown(await fay.get(f"{path}&lang=en"))


async def test_a_list_that_cannot_be_kept_is_there_again(site: Site, table: Table) -> None:
    """Refused after its person was told to wait: a colleague was seated from elsewhere meanwhile."""
    fay, path = await patient(site), path_of(table)
    nora = await conduct.add_staff(site.house, "nora@example.org", "Nora", "correct horse battery")
    data = roster(600).replace(b"\n", b";;fr\n").replace(b"Groupe;;fr", "Groupe;Rôle;Langue".encode(), 1)
    looked = await brings(fay, path, data + b";;fr\nNora;nora@example.org;;observer;fr")
    assert looked.status_code == 200, shown(looked)
    before = await models.Seat.all().count()
    async with nobody_writes(site):
        earlier = asyncio.create_task(
            conduct.add_seats(site.house, table.fay, [Guest(Role.OBSERVER, staff_id=nora.id, language="fr")])
        )
        await asyncio.sleep(0)
        assert (await sends(fay, path, looked, do="confirm")).status_code == 303
    await earlier
    await is_through(site, table)
    page = await fay.get(f"{path}&lang=en")
    assert form(page)["roster"] == form(looked)["roster"] and 'id="errors"' in page.text
    assert await models.Seat.all().count() == before + 1


async def test_whatever_fails_within_leaves_nobody_half_seated(site: Site, table: Table) -> None:
    before = await models.Seat.all().count(), await models.Person.all().count()
    told: list[int] = []

    def breaks(done: int) -> None:
        told.append(done)
        if done > 400:
            raise Refused("refused.seated_already")

    guests = [Guest(Role.PARTICIPANT, "patients", "fr", f"Zoé {n}") for n in range(600)]
    with pytest.raises(Refused):
        await conduct.add_seats(site.house, table.fay, guests, breaks)
    assert told[0] < 400 < told[-1] <= 600
    assert (await models.Seat.all().count(), await models.Person.all().count()) == before


async def test_what_was_begun_is_finished_when_the_house_closes(site: Site, table: Table) -> None:
    at_once, seating.AT_ONCE = seating.AT_ONCE, 0.01
    try:
        fay, path = await patient(site), path_of(table)
        looked = await brings(fay, path, roster(300))
        assert (await sends(fay, path, looked, do="confirm")).status_code == 303
        await site.house.seatings.close()
        assert await models.Seat.filter(person_id__not_isnull=True).count() == 300
    finally:
        seating.AT_ONCE = at_once


async def test_thousands_of_seats_without_names_are_made_at_once(site: Site, table: Table) -> None:
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}/roster?by=number&lang=en"
    fields = {"seats.patients": "3000", "seats.clinicians": "2001"}
    over = await fay.post(here, data=fields)
    assert over.status_code == 422 and "5,000" in shown(over)
    assert (await fay.post(here, data={"seats.patients": "600"})).status_code == 303
    await is_through(site, table)
    assert await models.Seat.filter(role=Role.PARTICIPANT).count() == 611


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
async def test_a_facilitator_watches_a_list_being_taken(
    site: Site, table: Table, crowd: Crowd, has_script: bool
) -> None:
    fay = await crowd.comes("Fay", "fr", DESK, java_script_enabled=has_script)
    await sign_in(fay, "fay@example.org")
    await fay.goes(path_of(table))
    await fay.page.locator("[name=roster]").fill(roster(520).decode())
    await fay.press("import.look")
    await fay.check("five hundred and more")
    async with nobody_writes(site):
        await fay.press("roster.do", n=520)
        await fay.sees("roster.seating", done=0, total=520)
        await fay.check("under way")
    if not has_script:
        await is_through(site, table)
        await fay.goes(path_of(table))
    await fay.sees("roster.added")
    await expect(fay.page.locator("#seating")).to_have_count(0)
    crowd.heard_nothing()
