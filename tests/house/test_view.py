"""Law 17: a template sees a frozen view of what its audience may see, and nothing that leads further."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jinja2 import Environment, nodes
from tortoise.models import Model

from consensus import facts
from consensus.count import Counted, Warm
from consensus.counts import Counts
from consensus.house import House
from consensus.live import Rooms
from consensus.page import Pages
from consensus.settings import Settings
from consensus.web import asking, state, view
from rounds.contract import Ballot, Tally
from rounds.gate import Gate
from tests.conftest import Site
from tests.house.reach import reached
from tests.visits import PERSON, STRANGER, TEAM_MEMBER, Tour, Visit

TEMPLATES = sorted(path for path in (Path(__file__).parents[2] / "templates").rglob("*") if path.is_file())
NAMES, ATTRIBUTES = {"state", "counted", "official"}, {"counted", "official", "outcome", "standing_ballots"}
BARRED = (asking.Ask, Ballot, Counted, Counts, Gate, House, Model, Rooms, Settings, state.State, Warm)


def breaches(source: str) -> set[str]:
    """What a template names that no template may."""
    tree = Environment().parse(source)
    named = {node.name for node in tree.find_all(nodes.Name)} & NAMES
    read = {node.attr for node in tree.find_all(nodes.Getattr)}
    read |= {str(node.arg.value) for node in tree.find_all(nodes.Getitem) if isinstance(node.arg, nodes.Const)}
    return named | (read & ATTRIBUTES) | {name for name in read if name.startswith("_")}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_no_count(path: Path) -> None:
    assert not breaches(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "source",
    [
        "{{ state.row }}",
        "{% set words = state %}",
        "{{ view.counted.shown }}",
        "{{ view['official'] }}",
        "{{ row.outcome.official }}",
        "{{ may.__closure__ }}",
    ],
)
def test_a_template_that_does_is_found(source: str) -> None:
    assert breaches(source)


@pytest.mark.parametrize("kind", [view.View, facts.RoundFacts, facts.SessionFacts, facts.StudyFacts, facts.SeatFacts])
def test_a_view_is_frozen(kind: Any) -> None:
    assert kind.__dataclass_params__.frozen
    assert dataclasses.is_dataclass(kind)


class Watch:
    """Every context that is drawn, looked at while it is drawn. official: what counts of all standing ballots gave."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.official: dict[int, object] = {}
        self.found: set[str] = set()
        self.drawn = 0
        count = Counted.official.func  # type: ignore[attr-defined]

        def official(counted: Counted) -> Tally:
            tally: Tally = count(counted)
            self.official |= {id(thing): thing for thing in (tally, *tally.lines)}
            return tally

        whole, blocks = Pages.whole, Pages.blocks

        def watched_whole(pages: Pages, template: str, language: str, context: Mapping[str, Any]) -> Any:
            self.look(template, context)
            return whole(pages, template, language, context)

        def watched_blocks(pages: Pages, *told: Any) -> Any:
            self.look(f"{told[0]} {told[2]}", told[-1])
            return blocks(pages, *told)

        cached = type(Counted.__dict__["official"])(official)
        cached.__set_name__(Counted, "official")
        patch.setattr(Counted, "official", cached)
        patch.setattr(Pages, "whole", watched_whole)
        patch.setattr(Pages, "blocks", watched_blocks)

    def is_barred(self, thing: object) -> bool:
        return isinstance(thing, BARRED) or id(thing) in self.official

    def look(self, where: str, context: Mapping[str, Any]) -> None:
        self.drawn += 1
        if way := reached(dict(context), self.is_barred):
            self.found.add(f"{where}{way}")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


AUDIENCES = {PERSON: "room", TEAM_MEMBER: "console"}


async def _draw(site: Site, tour: Tour, visit: Visit) -> None:
    """The page, and once a stop the parts that its socket would send."""
    cookies = tour.cookies[visit.who]
    jar = {site.house.settings.cookie: cookies} if cookies else {}
    async with httpx2.AsyncClient(base_url=site.origin, cookies=jar, verify=False) as browser:
        answer = await browser.get(visit.path)
        assert answer.status_code < 500 and (answer.status_code < 400 or visit.who == STRANGER), str(visit)
        if visit.who in AUDIENCES and visit.route in {"take", "console"} and tour.session:
            await browser.get(f"/sessions/{tour.session.id}/frame/{AUDIENCES[visit.who]}")
            await browser.get(f"/sessions/{tour.session.id}/kept")


async def test_no_page_of_any_session_leads_to_the_official_count(site: Site, watch: Watch) -> None:
    """Every page, of every role, at every moment of every protocol; from no context is there a way."""
    tour = Tour(site.house)
    async for visits in tour.stops():
        for visit in visits:
            await _draw(site, tour, visit)
    assert watch.drawn > 200
    assert not watch.found


class Holder:
    def __init__(self, thing: object) -> None:
        self.thing = thing

    def method(self) -> None:
        """Bound to what it holds."""


@pytest.mark.parametrize("hide", [lambda x: [x], lambda x: {"a": (x,)}, Holder, lambda x: Holder(x).method])
def test_whatever_hides_a_count_is_walked_through(hide: Any) -> None:
    count = Counts()
    hidden = hide(count)
    for context in ({"a": hidden}, {"a": partial(print, hidden)}, {"a": lambda: hidden}):
        assert reached(context, lambda thing: isinstance(thing, Counts)).endswith("Counts")
    assert not reached({"a": "text", "b": [1, {2}]}, lambda thing: isinstance(thing, Counts))
