"""What each audience may see, and when: on the page, in the frame, on the socket, whatever the mode."""

from __future__ import annotations

import asyncio
import re
from contextlib import nullcontext

import httpx2
import pytest
from websockets.asyncio.client import connect

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.house import House
from consensus.protocol import Plan
from consensus.web.state import State, load_state
from rounds import KINDS
from rounds.contract import Role
from rounds.disclosure import Mode
from tests.conftest import Site, Table, lay_table

SCORE = 9  # everybody says the same, so that the figures are easy to find
FIGURES = re.compile(r"table--heat|>\s*100(?: |&nbsp;|\u00a0)?%")  # a table of figures, or everybody in words
ROLES: tuple[Role | None, ...] = (Role.PARTICIPANT, Role.FACILITATOR, Role.COFACILITATOR, None)


async def _laid(house: House, mode: Mode) -> Table:
    table = await lay_table(house, [Plan(key="rating", kind="rating", disclosure=mode, grace=0)])
    await table.open("rating")
    for seat in table.seats:
        for card in ("P001", "P002"):
            await table.cast(seat, "rating", card=card, importance=str(SCORE))
    return table


async def _state(table: Table) -> State:
    return await load_state(table.house, await models.Session.get(id=table.session.id))


def _sees(state: State, card: str = "") -> set[Role | None]:
    return {role for role in ROLES if state.tally(role, card) is not None}


TEAM: set[Role | None] = {Role.FACILITATOR, Role.COFACILITATOR}


@pytest.mark.parametrize(
    ("mode", "before", "with_card", "looked", "shown"),
    [
        (Mode.LIVE, set(ROLES), set(ROLES), set(ROLES), set(ROLES)),
        (Mode.AFTER_OWN, set(), {Role.PARTICIPANT}, set(), set()),
        (Mode.FACILITATOR, set(), set(), TEAM, TEAM | {None}),
        (Mode.AT_CLOSE, set(), set(), set(), set()),
    ],
)
async def test_each_mode_shows_figures_to_its_own_audiences_at_its_own_moment(
    house: House,
    mode: Mode,
    before: set[Role | None],
    with_card: set[Role | None],
    looked: set[Role | None],
    shown: set[Role | None],
) -> None:
    table = await _laid(house, mode)
    assert _sees(await _state(table)) == before
    assert _sees(await _state(table), card="P001") == with_card
    row = await table.row("rating")
    with nullcontext() if mode is Mode.FACILITATOR else pytest.raises(Refused):
        await conduct.reveal_figures(house, table.fay, row.id)
    assert _sees(await _state(table)) == looked
    if mode is Mode.FACILITATOR:
        await conduct.show(house, table.fay, row.id, True)
        assert _sees(await _state(table)) == shown
        await conduct.show(house, table.fay, row.id, False)
        assert _sees(await _state(table)) == looked
    await table.close("rating")
    assert _sees(await _state(table)) == set(ROLES)


async def test_after_ones_own_answer_one_sees_that_card_and_no_other(house: House) -> None:
    state = await _state(await _laid(house, Mode.AFTER_OWN))
    tally = state.tally(Role.PARTICIPANT, "P001")
    assert tally is not None and [line.statement for line in tally.lines] == ["P001"]


async def test_what_is_tightened_is_hidden_at_once_even_if_it_was_shown(house: House) -> None:
    table = await _laid(house, Mode.FACILITATOR)
    row = await table.row("rating")
    await conduct.reveal_figures(house, table.fay, row.id)
    await conduct.show(house, table.fay, row.id, True)
    assert _sees(await _state(table)) == TEAM | {None}
    await conduct.tighten(house, table.fay, row.id, Mode.AT_CLOSE, "Too early.")
    assert _sees(await _state(table)) == set()


async def test_figures_seen_are_never_the_official_ones_while_a_block_is_small(house: House) -> None:
    table = await lay_table(house, [Plan(key="rating", kind="rating", disclosure=Mode.LIVE, grace=0)])
    await table.open("rating")
    for seat in table.seats[:4]:
        await table.cast(seat, "rating", card="P001", importance=str(SCORE))
    state = await _state(table)
    assert state.counted is not None
    official, seen = state.counted.official.line("P001"), state.tally(Role.FACILITATOR)
    assert official is not None and official.values["n"] == 4
    assert seen is not None and seen.line("P001") is not None and seen.line("P001").values["n"] == 0  # type: ignore[union-attr]


async def test_a_closed_round_shows_one_person_of_a_group_only_among_others(house: House) -> None:
    for apart, people, blocks in (([], 6, {"patients+caregivers"}), ([["patients", "caregivers"]], 5, {"patients"})):
        table = await lay_table(house, [Plan(key="rating", kind="rating", disclosure=Mode.AT_CLOSE, grace=0)])
        await models.Study.filter(id=table.session.study_id).update(apart=apart)
        await table.open("rating")
        for seat in table.seats[:6]:  # five patients, and one caregiver
            await table.cast(seat, "rating", card="P001", importance=str(SCORE))
        await table.close("rating")
        tally = (await _state(table)).tally(None)
        line = tally.line("P001") if tally else None
        assert line is not None and line.values["n"] == people and set(line.by_block) == blocks


# The pages themselves


async def _drawings(site: Site, browser: httpx2.AsyncClient, table: Table, *places: str) -> dict[str, str]:
    """All that these pages, their frames and their sockets show: the page's own name, then the audience's."""
    here, found = f"/sessions/{table.session.id}", {}
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    for place in places:
        page, _, audience = place.partition(":")
        for query in ("", "?card=P001", "?round=rating"):
            found[page + query] = (await browser.get(f"{here}/{page}{query}")).text
        found[f"frame {audience}"] = (await browser.get(f"{here}/frame/{audience}")).text
        url = site.origin.replace("http", "ws", 1) + f"{here}/live/{audience}"
        headers = {"Cookie": cookies, "Origin": site.origin}
        async with connect(url, additional_headers=headers, proxy=None) as socket, asyncio.timeout(5):
            found[f"socket {audience}"] = str(await socket.recv())
    return found


def _showing(drawings: dict[str, str]) -> set[str]:
    return {name for name, html in drawings.items() if FIGURES.search(html)}


@pytest.mark.parametrize("mode", [Mode.FACILITATOR, Mode.AT_CLOSE, Mode.AFTER_OWN])
async def test_hidden_figures_are_on_no_page_frame_or_socket_of_the_room(site: Site, mode: Mode) -> None:
    table = await _laid(site.house, mode)
    browser, newcomer = await site.sit(table.aline), table.seats[1]
    await models.Ballot.filter(seat_id=newcomer.id).delete()  # somebody who has answered nothing
    site.house.counts.forget()
    other = await site.sit(newcomer)
    drawings = await _drawings(site, other, table, "take:room")
    assert len(drawings) == 5 and _showing(drawings) == set()
    for page in ("results", "journal"):
        assert not FIGURES.search((await other.get(f"/sessions/{table.session.id}/{page}")).text)
    own = _showing(await _drawings(site, browser, table, "take:room"))
    assert own == ({"take?card=P001"} if mode is Mode.AFTER_OWN else set())
    await browser.aclose()
    await other.aclose()


async def test_the_same_search_finds_figures_where_they_may_be_seen(site: Site) -> None:
    table = await _laid(site.house, Mode.LIVE)
    browser = await site.sit(table.aline)
    drawings = await _drawings(site, browser, table, "take:room")
    assert _showing(drawings) == set(drawings)
    await browser.aclose()


async def test_the_console_and_the_projector_show_figures_when_looked_at_and_shown(site: Site) -> None:
    table = await _laid(site.house, Mode.FACILITATOR)
    fay, row = await site.sign_in(), await table.row("rating")
    assert _showing(await _drawings(site, fay, table, "console:console", "projector:projector")) == set()
    await conduct.reveal_figures(site.house, table.fay, row.id)
    looked = _showing(await _drawings(site, fay, table, "console:console", "projector:projector"))
    assert {"console", "frame console", "socket console"} <= looked
    assert not {name for name in looked if "projector" in name}
    await fay.aclose()


async def test_how_many_have_answered_is_told_in_total_and_never_by_name(site: Site) -> None:
    table = await _laid(site.house, Mode.AT_CLOSE)
    person = await models.Person.create(name="Léa Morin")
    await models.Seat.filter(id=table.aline.id).update(person_id=person.id)
    browser = await site.sit(table.bob)
    for html in (await _drawings(site, browser, table, "take:room")).values():
        assert re.search("11 (of|sur) 11", html) and "5/5" not in html and "6/6" not in html
        assert "Léa" not in html
    await browser.aclose()


# Two sessions in which the same people answered, and said the opposite: who may not see figures cannot tell them apart

OPPOSITE: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "gather": ({"card": "1", "text": "Share one plan of care."}, {"card": "1", "text": "Never share a plan of care."}),
    "rating": ({"card": "P001", "importance": "9"}, {"card": "P001", "importance": "1"}),
    "wall": ({"call": "1", "signal": "keep"}, {"call": "1", "signal": "drop"}),
    "ranking": ({"place.P001": "1", "place.P002": "2"}, {"place.P001": "2", "place.P002": "1"}),
    "points": ({"points.P001": "80", "points.P002": "20"}, {"points.P001": "20", "points.P002": "80"}),
    "approval": ({"choose.P001": "1", "choose.P002": "1"}, {"choose.P002": "1", "choose.P003": "1"}),
    "comparison": ({"card": "1", "best": "P001", "worst": "P002"}, {"card": "1", "best": "P002", "worst": "P001"}),
    "validation": ({"say.P001": "agree"}, {"say.P001": "object", "text.P001": "This was never said."}),
}


async def _said(site: Site, kind: str, mode: Mode, form: dict[str, str]) -> Table:
    has_order = hasattr(KINDS[kind].Settings(), "rotate")  # of each person's own, another in the other session
    settings = {"rotate": False} if has_order else {}
    table = await lay_table(site.house, [Plan(key="round", kind=kind, disclosure=mode, grace=0, settings=settings)])
    row = await table.open("round")
    if "call" in form:  # somebody puts the card on the table first
        await table.cast(table.fay, "round", act="call", card="P001", seen="0")
        form = {**form, "call": str((await site.house.counts.now(row)).official.todo.table.call)}
    for seat in table.seats[1:]:
        await table.cast(seat, "round", **form)
    return table


def _blind(html: str) -> str:
    """Without what differs between any two sessions: their numbers, seals, people, moments and one-time keys."""
    html = re.sub(r'name="key" value="[^"]*"|data-(turn|mark|owner|now)="[^"]*"|\b[0-9a-f]{12}\b', "", html)
    return re.sub(r"sessions/\d+|call\d+|name=\"call\" value=\"\w+\"|[?&](?:amp;)?card=P\d+", "", html)


async def _seen(site: Site, kind: str, mode: Mode, form: dict[str, str]) -> dict[str, str]:
    """What somebody who has not answered and the projector see, when all the others have said this."""
    table = await _said(site, kind, mode, form)
    here, browser, fay = f"/sessions/{table.session.id}", await site.sit(table.aline), await site.sign_in()
    pages = {name: await browser.get(f"{here}/{name}") for name in ("take", "frame/room")}
    pages |= {name: await fay.get(f"{here}/{name}") for name in ("projector", "frame/projector")}
    await browser.aclose()
    await fay.aclose()
    assert {page.status_code for page in pages.values()} == {200}
    return {name: _blind(page.text) for name, page in pages.items()}


ANSWERED = [kind for kind in KINDS if Role.PARTICIPANT in KINDS[kind].cast_by]


@pytest.mark.parametrize(
    ("kind", "mode"), [*((kind, Mode.AT_CLOSE) for kind in ANSWERED), (ANSWERED[1], Mode.FACILITATOR)]
)
async def test_where_figures_are_hidden_nobody_in_the_room_can_tell_what_the_others_said(
    site: Site, kind: str, mode: Mode
) -> None:
    one, other = OPPOSITE[kind]
    assert await _seen(site, kind, mode, one) == await _seen(site, kind, mode, other)


@pytest.mark.parametrize("kind", ["rating", "wall", "ranking", "points", "approval", "comparison", "validation"])
async def test_where_figures_are_live_everybody_in_the_room_can_tell(site: Site, kind: str) -> None:
    one, other = OPPOSITE[kind]
    assert await _seen(site, kind, Mode.LIVE, one) != await _seen(site, kind, Mode.LIVE, other)


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.AT_CLOSE])
async def test_a_question_that_is_held_back_reads_neither_zero_nor_undefined_beside_one_that_is_told(
    site: Site, mode: Mode
) -> None:
    """Of P001 everybody answers the second question, and one in three only the first, which is drawn."""
    plan = Plan(key="rating", kind="rating", disclosure=mode, grace=0, settings={"second": "feasibility"})
    table = await lay_table(site.house, [plan])
    row = await table.open("rating")
    for number, seat in enumerate(table.seats):
        first = "dont_know" if number % 3 else "9"
        await table.cast(seat, "rating", card="P001", importance=first, feasibility="5")
    if mode is Mode.AT_CLOSE:
        await table.close("rating")
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}"
    page = (await fay.get(f"{here}/console?round=rating&card=P001&lang=en")).text
    line = next(part for part in page.split("<tr") if '<td class="id">P001<' in part).split("</tr>")[0]
    assert line.count("Not shown") == 3 + len(row.blocks or []) and ">0<" not in line and "no value" not in line
    sheet = page.split('id="by-group"')[1].split("</section>")[0]
    assert sheet.count("Not shown") == len(row.blocks or [])
    results = (await fay.get(f"{here}/results?lang=en")).text
    assert mode is Mode.LIVE or "Not shown (fewer than 5)" in results
    await fay.aclose()


async def test_a_card_that_few_placed_reads_as_not_shown_and_its_step_is_not_reopened(site: Site) -> None:
    settings = {"top": 2, "unranked": "absent"}
    table = await lay_table(
        site.house, [Plan(key="ranking", kind="ranking", disclosure=Mode.AT_CLOSE, grace=0, settings=settings)]
    )
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}"
    setup = (await fay.get(f"{here}/setup/ranking?lang=en")).text
    assert 'value="at_close"' in setup and 'value="live"' not in setup
    form = {
        "setting.top": "2",
        "setting.unranked": "absent",
        "setting.order": "mean_rank",
        "disclosure": "live",
        "grace": "0",
        "takes": "all",
    }
    refused = await fay.post(f"{here}/setup/ranking?lang=en", data=form)
    assert refused.status_code == 422 and "at the close only" in refused.text
    below = {**form, "setting.unranked": "below", "disclosure": "at_close"}
    assert (await fay.post(f"{here}/setup/ranking", data=below)).status_code == 303
    assert not (await table.row("ranking")).is_together, "by group again"
    assert (await fay.post(f"{here}/setup/ranking", data={**form, "disclosure": "at_close"})).status_code == 303
    assert (await table.row("ranking")).is_together
    await table.open("ranking")
    for number, seat in enumerate(table.seats):
        await table.cast(seat, "ranking", **{"place.P001": "1", "place.P002" if number else "place.P003": "2"})
    await table.close("ranking")
    page = (await fay.get(f"{here}/console?round=ranking&lang=en")).text
    lines = {card: part.split("</tr>")[0] for part in page.split("<tr") for card in ("P002", "P003") if card in part}
    assert "Not shown" in lines["P003"] and "Not shown" not in lines["P002"] and "no value" not in lines["P003"]
    assert "reopen=1" not in page
    assert (await fay.get(f"{here}/results?lang=en")).status_code == 200
    await fay.aclose()
