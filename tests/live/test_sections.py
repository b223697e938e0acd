"""What is sent when something changed adds up to the whole drawing, for everybody, whatever they saw before."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from consensus import conduct, models, protocol
from consensus.conduct import Guest
from consensus.house import House
from consensus.live import Audience
from consensus.protocol import Plan
from consensus.sections import Drawing, as_drawn, cut
from consensus.simulation import demo, panel, player
from consensus.web.render import draw
from rounds.contract import Form, Role
from rounds.disclosure import Mode
from tests.live.pages import Page, partials

AUDIENCES = [
    Audience(name, language, role=role)
    for name, role in (("room", ""), ("projector", ""), ("console", Role.FACILITATOR), ("console", Role.COFACILITATOR))
    for language in ("fr", "en")
]
LARGEST = 8_000  # bytes of a change of one statement, of 80
BROUGHT = panel.statements()  # eighty; a file, so not read while others wait


@dataclass
class Viewer:
    """Somebody who sees some of the drawings of an audience."""

    audience: Audience
    often: float
    page: Page = field(default_factory=Page)
    seen: Drawing | None = None

    def look(self, drawing: Drawing) -> None:
        self.page.take(drawing.since(self.seen) if self.seen else drawing.whole())
        self.seen = drawing
        whole = Page()
        whole.take(drawing.whole())
        assert self.page.parts == whole.parts


class Gallery:
    """Viewers of all audiences, who look after an act or let it pass."""

    def __init__(self, house: House, session: int) -> None:
        self.house, self.session, self.chance = house, session, random.Random(7)
        self.viewers = [Viewer(audience, often) for audience in AUDIENCES for often in (1.0, 0.3)]
        self.last: Mapping[Audience, Drawing | None] = dict.fromkeys(AUDIENCES)
        self.small = 0

    async def look(self) -> None:
        anew = await draw(self.house, self.session, dict.fromkeys(AUDIENCES))
        drawn = await draw(self.house, self.session, self.last)
        for audience in AUDIENCES:
            assert drawn[audience].whole() == anew[audience].whole()  # what was kept is what would be drawn
        for viewer in self.viewers:
            if self.chance.random() < viewer.often:
                drawing, before = drawn[viewer.audience], viewer.seen
                viewer.look(drawing)
                if before is not None:
                    self._check(drawing.since(before), drawing.whole())
        self.last = drawn

    def _check(self, change: str, whole: str) -> None:
        """Nothing stands in a change that is not in the whole."""
        for _, how, html in partials(change):
            assert html in whole
            self.small += how == "outerMorph"


async def _sat(house: House, name: str, is_together: bool, is_imported: bool) -> models.Session:
    staff = await demo.hired(house)
    study = await conduct.create_study(house, staff["facilitator"], **{**panel.STUDY, "floor": 2})
    plans = [
        replace(plan, disclosure=Mode.LIVE, is_together=is_together) if plan.kind != "gather" else plan
        for plan in protocol.read(name, is_imported=is_imported)
    ]
    session = await conduct.create_session(house, staff["facilitator"], study, {"en": name, "fr": name}, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    if is_imported:
        await conduct.import_statements(house, desk, BROUGHT[:5])
    for seat in await conduct.add_seats(house, desk, panel.guests(sum(panel.SIZES.values()))[::4]):
        await conduct.consent(house, seat)
    return session


@pytest.mark.parametrize(
    ("name", "is_together", "is_imported"),
    [("triage", False, False), ("delphi", True, True), ("priorities", False, True), ("priorities", True, True)],
)
async def test_changes_add_up_to_the_whole_for_everybody(
    house: House, name: str, is_together: bool, is_imported: bool
) -> None:
    session = await _sat(house, name, is_together, is_imported)
    gallery, simulated = Gallery(house, session.id), await player.simulated_in(house, session)
    send, chance, turn = simulated.send, random.Random(3), asyncio.Lock()

    async def seen(seat: models.Seat, row: models.Round, form: Form) -> None:
        async with turn:  # nothing moves while they look
            await send(seat, row, form)
            if chance.random() < 0.12:
                await gallery.look()

    simulated.send = seen
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        await gallery.look()
        await player.play_round(house, simulated, row)
        await gallery.look()
    await conduct.analyse_due(house)
    await gallery.look()
    assert gallery.small > 20  # who answers first differs, and so does when they look


async def _sat_at_eighty(house: House, is_together: bool) -> tuple[models.Round, list[models.Seat]]:
    """Four people of each of six groups, who have rated every statement."""
    staff = await demo.hired(house)
    study = await conduct.create_study(house, staff["facilitator"], **{**panel.STUDY, "floor": 2})
    plan = Plan(key="rating", kind="rating", disclosure=Mode.LIVE, grace=0, settings={}, is_together=is_together)
    session = await conduct.create_session(house, staff["facilitator"], study, {"en": "Eighty", "fr": "80"}, [plan])
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    await conduct.import_statements(house, desk, BROUGHT)
    people = await conduct.add_seats(house, desk, [Guest(Role.PARTICIPANT, key, "fr") for key in [*panel.SIZES] * 4])
    await asyncio.gather(*(conduct.consent(house, seat) for seat in people))
    row = await models.Round.get(session_id=session.id)
    await conduct.open_round(house, desk, row.id)
    for card in BROUGHT:
        await asyncio.gather(*(_rate(house, row, seat, card.id, 9 - n % 3) for n, seat in enumerate(people)))
    return row, people


async def _rate(house: House, row: models.Round, seat: models.Seat, card: str, value: int) -> None:
    form = {"card": [card], "importance": [str(value)]}
    await conduct.cast(house, seat.id, row.id, conduct.Submission(form, f"{seat.id} {card} {value}", "fr"))


@pytest.mark.parametrize("is_together", [False, True], ids=["by group", "whole room"])
async def test_a_changed_card_of_eighty_costs_at_most_eight_kilobytes(house: House, is_together: bool) -> None:
    row, people = await _sat_at_eighty(house, is_together)
    before = await draw(house, row.session_id, dict.fromkeys(AUDIENCES))
    await asyncio.gather(*(_rate(house, row, seat, "P040", 9 - n % 4) for n, seat in enumerate(people)))
    after = await draw(house, row.session_id, before)
    for audience in AUDIENCES:
        change = after[audience].since(before[audience])
        assert len(change.encode()) <= LARGEST, audience
        assert change or audience.name == "projector"  # it shows the first six
        kept = zip(_lines(before[audience]), _lines(after[audience]), strict=True)
        assert sum(one is not other for one, other in kept) == (audience.name != "projector")
    assert len(after[AUDIENCES[0]].whole()) > 5 * LARGEST


async def test_nothing_is_drawn_again_while_nothing_that_is_seen_moves(house: House) -> None:
    row, people = await _sat_at_eighty(house, True)
    room = [audience for audience in AUDIENCES if audience.name == "room"]
    before = await draw(house, row.session_id, dict.fromkeys(room))
    assert await draw(house, row.session_id, before) == before
    await _rate(house, row, people[0], "P040", 9)  # a change that waits for others
    after = await draw(house, row.session_id, before)
    assert all(after[audience] is before[audience] for audience in room)


def _lines(drawing: Drawing) -> list[str]:
    return [s.html for part in drawing.parts for name, s in part.sections.items() if name.startswith("line-")]


def test_a_whole_page_takes_from_the_last_drawing_what_it_would_draw_alike() -> None:
    last = cut(lambda section: [("live", section("line", 1, caller=lambda: "<p>before</p>"))], 0, lambda: "here", None)

    def taken(scene: object, of: object) -> str:
        return as_drawn(last, lambda: scene)("line", of, caller=lambda: "<p>anew</p>")

    assert taken("here", 1) == '<p id="line">before</p>'
    assert taken("here", 2) == taken("elsewhere", 1) == taken("here", None) == '<p id="line">anew</p>'
    assert as_drawn(None, lambda: "here")("line", 1, caller=lambda: "<p>anew</p>") == '<p id="line">anew</p>'
