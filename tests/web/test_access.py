"""The access table: every route has a row, every row is kept, a stranger and a neighbour see nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.guard import ACCESS, STAFF, may
from consensus.house import build
from consensus.settings import Settings
from consensus.web import urls
from consensus.web.sockets import WATCH
from rounds.contract import Role
from tests.conftest import PASSWORD, SECRET, Site, Table, lay_table

KNOWN = {"link": "1-nothing", "round": "rating", "act": "open", "audience": "room"}


def routes() -> list[BaseRoute]:
    house = build(Settings(database="unused.db", secret=SECRET))
    return list(urls(house))


ALL = routes()  # before any loop runs: it looks for the folder of static files


def without_a_row(found: list[BaseRoute]) -> set[str]:
    return {str(getattr(route, "name", "")) for route in found} - set(ACCESS)


def test_every_route_and_socket_has_a_row() -> None:
    assert not without_a_row(ALL)


def test_a_route_without_a_row_is_noticed() -> None:
    async def page(request: object) -> None: ...

    assert without_a_row([*ALL, Route("/back-door", page, name="back_door")]) == {"back_door"}


def test_no_row_stands_without_its_route() -> None:
    names = {str(getattr(route, "name", "")) for route in ALL} | set(WATCH.values())
    assert set(ACCESS) == names


def test_what_has_no_row_is_refused_to_everyone() -> None:
    for who in [frozenset(), *(frozenset({role}) for role in Role), frozenset({STAFF})]:
        assert not may("back_door", who)


def addresses(table: Table, role: Role | None = None) -> list[tuple[str, str, str]]:
    """Every route of the application as a request: name, method, path in this session."""
    found = []
    audience = {Role.PARTICIPANT: "room", Role.FACILITATOR: "console", Role.COFACILITATOR: "console"}
    for route in ALL:
        if not isinstance(route, Route) or isinstance(route, Mount | WebSocketRoute):
            continue
        values = KNOWN | {"audience": audience.get(role, "projector") if role else "room"}  # the one that is theirs
        values |= {"session": str(table.session.id), "study": str(table.session.study_id)}
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: values[match.group(1)], route.path)
        method = next(iter(set(route.methods or ()) - {"HEAD"}))
        found.append((route.name, method, path))
    return found


@asynccontextmanager
async def everybody(site: Site) -> AsyncIterator[tuple[Table, dict[Role | None, httpx2.AsyncClient]]]:
    """One browser for each role that sits in the session, and a stranger's."""
    table = await lay_table(site.house)
    browsers: dict[Role | None, httpx2.AsyncClient] = {
        None: site.client(),
        Role.PARTICIPANT: await site.sit(table.aline),
    }
    browsers[Role.FACILITATOR] = await site.sign_in()
    for role in (Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER):
        staff = await conduct.add_staff(site.house, f"{role}@example.org", role, PASSWORD)
        await conduct.add_seats(site.house, table.fay, [Guest(role, staff_id=staff.id)])
        browsers[role] = await site.sign_in(staff.mail)
    try:
        yield table, browsers
    finally:
        for browser in browsers.values():
            await browser.aclose()


async def test_every_role_is_let_in_and_kept_out_as_the_table_says(site: Site) -> None:
    async with everybody(site) as (table, browsers):
        await table.open("rating")
        await table.close("rating")  # the parcels are for a session that is over
        wrong = []
        for role, browser in browsers.items():
            who = (
                frozenset()
                if role is None
                else frozenset({role} | ({STAFF} if role is not Role.PARTICIPANT else set()))
            )
            for name, method, path in addresses(table, role):
                if name in {"sign_out", "sign_in", "withdraw", "turn_key", "accept", "enter_code"}:
                    continue  # they would change who is asking; each has its own test
                answer = await browser.request(method, path)
                kept_out = answer.status_code in ({401} if role is None else {403})
                if kept_out == may(name, who):
                    wrong.append((role, name, method, answer.status_code))
        assert not wrong


async def test_another_session_looks_like_one_that_does_not_exist(site: Site) -> None:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    other_staff = await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    assert other_staff.id
    here = await lay_table(site.house)
    odile, eve = await site.sit(elsewhere.aline), await site.sign_in("eve@example.org")
    for name, method, path in addresses(here):
        if f"/sessions/{here.session.id}" not in path:
            continue
        for browser in (odile, eve):
            real = await browser.request(method, path)
            missing = await browser.request(method, path.replace(f"/sessions/{here.session.id}", "/sessions/999"))
            assert real.status_code == missing.status_code == 404, (name, real.status_code, missing.status_code)
            assert real.text == missing.text
    await odile.aclose()
    await eve.aclose()


async def fingerprint() -> dict[str, list[dict[str, object]]]:
    tables = (models.Entry, models.Study, models.Session, models.Round, models.Person, models.Seat, models.Ballot)
    return {table.__name__: await table.all().order_by("id").values() for table in tables}


async def test_looking_changes_nothing(site: Site) -> None:
    """No GET writes: not a page, not a link that a mail scanner opens, whoever asks."""
    async with everybody(site) as (table, browsers):
        await table.open("rating")
        before = await fingerprint()
        for browser in browsers.values():
            for _, method, path in addresses(table):
                if method == "GET":
                    await browser.get(path)
        assert await fingerprint() == before


@pytest.mark.parametrize("name", sorted(ACCESS))
def test_nobody_answers_in_the_name_of_a_participant(name: str) -> None:
    """What is done on one's own seat is done from a participant's seat only."""
    if name in {"cast", "agree", "withdraw"}:
        assert ACCESS[name] == frozenset({Role.PARTICIPANT})
