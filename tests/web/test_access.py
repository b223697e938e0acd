"""Nobody reaches anything that the access table does not give them, and looking changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import httpx2
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from consensus import conduct, models, seats, store
from consensus.guard import ACCESS, STAFF, Who, may
from consensus.web.map import urls
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table

PARTS = re.compile(r"{(\w+)(?::\w+)?}")


def _all(routes: Iterable[BaseRoute]) -> list[Route | WebSocketRoute | Mount]:
    found: list[Route | WebSocketRoute | Mount] = []
    for route in routes:
        assert isinstance(route, Route | WebSocketRoute | Mount), f"a kind of route that no test knows: {route}"
        found.append(route)
        if isinstance(route, Mount):
            found += _all(route.routes)
    return found


def breaches(routes: Iterable[BaseRoute]) -> set[str]:
    """Routes without a row in the access table, and rows without a route; watch_* are the rows of the socket."""
    names = [str(route.name) for route in _all(routes)]
    twice = {name for name in names if names.count(name) > 1}
    rows = {name for name in ACCESS if not name.startswith("watch_")}
    return (set(names) ^ rows) | twice


def test_every_route_has_its_row_and_every_row_its_route(site: Site) -> None:
    assert breaches(urls(site.house)) == set()


def test_a_route_without_a_row_is_found(site: Site) -> None:
    def page() -> None:
        raise AssertionError("never asked")

    planted: list[BaseRoute] = [Route("/planted", page, name="planted"), Route("/unnamed", page)]
    planted.append(WebSocketRoute("/socket", page, name="socket"))
    planted.append(Mount("/folder", routes=[Route("/inside", page, name="inside")], name="folder"))
    assert breaches([*urls(site.house), *planted]) == {"planted", "page", "socket", "folder", "inside"}


def test_a_row_without_a_route_and_a_name_used_twice_are_found(site: Site) -> None:
    routes = urls(site.house)
    take = next(route for route in _all(routes) if route.name == "take")
    assert breaches([route for route in routes if route is not take]) == {"take"}
    assert breaches([*routes, take]) == {"take"}


def test_what_has_no_row_is_denied_to_everybody() -> None:
    everybody: list[frozenset[Who]] = [frozenset(), frozenset({STAFF}), *(frozenset({role}) for role in Role)]
    assert not any(may("planted", who) for who in everybody)


# Every role at every door

ROLES: dict[str, frozenset[Who]] = {
    "stranger": frozenset(),
    "neighbour": frozenset({Role.PARTICIPANT}),
    "participant": frozenset({Role.PARTICIPANT}),
    "observer": frozenset({Role.OBSERVER}),
    "researcher": frozenset({Role.RESEARCHER}),
    "cofacilitator": frozenset({Role.COFACILITATOR}),
    "facilitator": frozenset({Role.FACILITATOR, STAFF}),
    "elsewhere": frozenset({STAFF}),  # signed in, without a seat here
    "administrator": frozenset({STAFF, Role.ADMINISTRATOR}),
}
OUTSIDE = {"neighbour", "elsewhere", "administrator"}
NOT_THERE = {"chart", "opinions", "erased", "certificate", "sent_plan", "plan_line", "write_plan_line"}
# After these there is less to ask: what is dropped is gone, and whoever comes in as another is out on this device.
SECOND = {"signatures", "sign_answers", "keeping", "hand_over", "put_away", "erase_study"}
LAST = ("drop_round", "withdraw", "join", "put_away", "accept", "turn_key", "sign_in", "sign_out")


@pytest.fixture
async def here(site: Site) -> Table:
    elsewhere = await lay_table(site.house, title="Ailleurs")
    table = await lay_table(site.house)
    table.odile = elsewhere.aline
    await models.Study.filter(id=table.session.study_id).update(has_call_list=True)
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await conduct.open_door(site.house, table.fay, takes_newcomers=False)
    await conduct.call(site.house, table.bob, "question")
    fay = await models.Staff.get(id=table.fay.staff_id)
    await conduct.add_members(site.house, fay, table.session.study_id, [conduct.Guest(Role.PARTICIPANT, name="Zoé")])
    return table


async def _browser(site: Site, table: Table, role: str) -> httpx2.AsyncClient:
    if role == "stranger":
        return site.client()
    if role == "facilitator":
        return await site.sign_in()
    if role in {"elsewhere", "administrator"}:
        await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD, role == "administrator")
        return await site.sign_in("ada@example.org")
    if role in {"neighbour", "participant"}:
        return await site.sit(table.odile if role == "neighbour" else table.aline)
    (seat,) = await conduct.add_seats(site.house, table.fay, [conduct.Guest(Role(role))])
    return await site.sit(seat)


async def _paths(site: Site, table: Table, route: Route) -> list[str]:
    """The addresses of a route: filled with what there is."""
    settings, staff = site.house.settings, await models.Staff.first()
    assert staff is not None
    known = {
        "session": [table.session.id],
        "study": [table.session.study_id],
        "member": [(await models.Member.get(study_id=table.session.study_id)).id],
        "statement": ["P001"],
        "brought": [1],  # there is none
        "round": ["rating"],
        "document": ["participant", "facilitator"],
        "act": ["look"],
        "seat": [table.aline.id],
        "by": ["paper"],
        "turn": ["first", "again"],
        "code": [(await models.Session.get(id=table.session.id)).room],
        "chart": ["rank-by-round"],
        "step": ["1"],
        "audience": ["console", "room", "projector"],
        "link": [seats.token(settings, "seat", table.bob.id, table.bob.issue)],
    }
    if "staff" in route.path:
        known["link"] = [seats.token(settings, "staff", staff.id, staff.issue)]
    paths = [route.path]
    for name in PARTS.findall(route.path):
        part = next(part for part in PARTS.finditer(route.path) if part.group(1) == name).group(0)
        paths = [path.replace(part, str(value)) for path in paths for value in known[name]]
    return paths


def _expected(route: Route, path: str, role: str) -> int | None:
    """The refusal that the table asks for; None where the door is open."""
    is_here = "{session" in route.path
    if role == "administrator" and route.name in SECOND:
        return None  # who sits in no session may sign as the second person, or erase
    if "{study" in route.path and role in {"elsewhere", "administrator"}:
        return 404  # who may add a session to a study sits in one of its sessions
    if role == "stranger" and is_here:
        return 401
    if role in OUTSIDE and is_here:
        return 404
    allowed = may(str(route.name), ROLES[role])
    if route.name == "frame":
        allowed = allowed and may(f"watch_{path.rpartition('/')[2]}", ROLES[role])
    if allowed and (route.name in NOT_THERE or "{brought" in route.path):
        return 404  # nothing to draw of a short round, no plan, nothing brought
    if allowed:
        return None
    return 401 if role == "stranger" else 403


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_opens_its_own_doors_only(site: Site, here: Table, role: str) -> None:
    await here.close("rating")  # parcels are for a session that is over
    browser = await _browser(site, here, role)
    mine = dict(browser.cookies.items())
    routes = [route for route in _all(urls(site.house)) if isinstance(route, Route)]
    for route in sorted(routes, key=lambda route: LAST.index(str(route.name)) if route.name in LAST else -1):
        (method,) = set(route.methods or ()) - {"HEAD"}
        for path in await _paths(site, here, route):
            browser.cookies.clear()
            for name, value in mine.items():
                browser.cookies.set(name, value, domain="127.0.0.1")
            answer = await browser.request(method, path)
            expected, told = _expected(route, path, role), f"{role} {method} {path}: {answer.status_code}"
            if expected is not None:
                assert answer.status_code == expected, told
            else:
                assert answer.status_code not in {401, 403, 404, 405} and answer.status_code < 500, told
    await browser.aclose()


async def test_a_session_of_others_looks_like_one_that_is_not(site: Site, here: Table) -> None:
    neighbour, ada = await site.sit(here.odile), await _browser(site, here, "elsewhere")
    for browser in (neighbour, ada):
        for page in ("take", "console", "parcel/row-level", "frame/room"):
            there = await browser.get(f"/sessions/{here.session.id}/{page}")
            for number in ("999", "9" * 40):
                nowhere = await browser.get(f"/sessions/{number}/{page}")
                assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text)
                assert there.headers.keys() == nowhere.headers.keys()
    await neighbour.aclose()
    await ada.aclose()


async def test_a_seat_never_casts_for_another(site: Site, here: Table) -> None:
    neighbour = await site.sit(here.odile)
    form = {"round": "rating", "card": "P001", "importance": "1", "key": "k", "seat": str(here.aline.id)}
    answer = await neighbour.post(f"/sessions/{here.session.id}/take", data=form)
    assert answer.status_code == 404 and await models.Ballot.all().count() == 1
    answer = await neighbour.post(f"/sessions/{here.odile.session_id}/take", data=form)
    assert answer.status_code == 422 and await models.Ballot.all().count() == 1
    await neighbour.aclose()


# Looking changes nothing


async def _everything() -> str:
    tables = await store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'login' ORDER BY name")
    return json.dumps([await store.rows(f'SELECT * FROM "{table["name"]}"') for table in tables], default=str)


@pytest.mark.parametrize("role", ["stranger", "participant", "researcher", "facilitator"])
async def test_looking_at_every_page_changes_nothing(site: Site, here: Table, role: str) -> None:
    browser = await _browser(site, here, role)
    routes = [route for route in _all(urls(site.house)) if isinstance(route, Route) and "GET" in (route.methods or ())]
    before, logins = await _everything(), await models.Login.all().count()
    for route in routes:
        for path in await _paths(site, here, route):
            await browser.get(path)
            await browser.head(f"{path}?lang=en&round=rating&card=P001&sheet=x&saved=P001&to=console-1")
    assert await _everything() == before and await models.Login.all().count() == logins
    await browser.aclose()
