"""What a participant answers: the round under way, one card or list at a time.

Works without JavaScript: every answer is a form, every refusal the same page with a sentence. No figure is asked for
here but through State.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.card_order import in_order, third_of
from consensus.conduct import Submission
from consensus.count import earlier, mark_of
from consensus.counting import told_of
from consensus.live import Audience
from consensus.reasons import shown
from consensus.seats import owner_mark
from consensus.sections import as_drawn
from consensus.states import CallState, RoundState
from consensus.web.asking import Ask, meant, tell_unread
from consensus.web.covered import uncovered
from consensus.web.form import Typed
from consensus.web.participant.consent import consent_page
from consensus.web.participant.home import own_group
from consensus.web.render import context, kind_template, scene_of
from consensus.web.state import State, load_state
from consensus.web.team.calls import own_calls
from consensus.web.view import ROOM
from rounds import KINDS
from rounds.contract import Card, Marks, Role

KEY = re.compile(r"[\w-]{8,64}", re.ASCII)


async def take(ask: Ask) -> Response:
    """The round under way; before consent, the consent; between rounds, what comes next."""
    # What was refused stays in view in its own round, also where that one has closed and another has opened.
    state = await load_state(ask.house, ask.here, ask.about)
    if not ask.mine.consented:
        return await consent_page(ask, state)
    asked = ask.request.query_params
    return await _sheet_page(ask, state, asked.get("card", ""), asked.get("saved", ""))


async def _sheet_page(ask: Ask, state: State, wished: str, saved: str) -> Response:
    given = await answering(ask, state, wished, await own_before(ask, state))
    given["saved"] = _saved(saved, given["own"])
    given["came_late"] = await _came_late(ask, state)
    row = state.row if state.is_open else None
    of = "own calls", ask.mine.id, row.id if row else None
    calls = await ask.house.memory.of(of, lambda: own_calls(ask.mine, row))
    given["calls"] = tuple(call for call in calls.values() if call.state != CallState.WITHDRAWN)
    return ask.page(sheet(state), **given)


async def _came_late(ask: Ask, state: State) -> bool:
    """Did an answer of this person come while the round was closing? It was taken, and counts."""
    if state.row is None or state.counted is None or state.row.state == RoundState.OPEN:
        return False
    late = models.Ballot.filter(round_id=state.row.id, seat_id=ask.mine.id, is_late=True, marks__isnull=False)
    aside = (
        state.counted.aside if state.row.state == RoundState.CLOSED else frozenset()
    )  # before that nothing is set aside
    return any(ballot["seq"] not in aside for ballot in await late.values("seq"))


def sheet(state: State) -> str:
    """The template of the round under way, as a participant holds it."""
    return (kind_template(state) if state.counted else None) or "participant/round.html"


async def own_before(ask: Ask, state: State) -> Mapping[str, Marks]:
    """This person's own answers in the last round of the same kind, by slot, where the round gives feedback."""
    if not (state.row and state.kind and state.counted and state.kind.has_feedback(state.counted.round.settings)):
        return {}
    row = state.row
    before = await ask.house.memory.of(("earlier", row.id), lambda: earlier(row))
    return (await ask.house.counts.now(before)).own.get(str(ask.mine.id), {}) if before else {}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is in the round under way, by the names that its page knows.

    came_later: the round opened without their group. own: their answers, by slot. cards: in their own order; place_of:
    where each stands in it, from 1. asked: the slots to fill; left: those without an answer. at: the card they are at.
    is_aside: the close counted nobody of their group. untaken: what they sent came too late. keeps: their device may
    keep the pages; slots: of which there is one each; marks: by slot, what tells a kept page from a newer one.
    """

    group: Mapping[str, Any] | None
    takes_part: bool
    came_later: bool
    own: Mapping[str, Marks]
    cards: Sequence[Card]
    place_of: Mapping[str, int]
    asked: Sequence[str]
    left: Sequence[str]
    at: Card | None
    is_aside: bool
    is_last: bool
    untaken: bool
    keeps: bool
    slots: Sequence[str]
    marks: Mapping[str, str]
    can_finish: bool

    @property
    def done_places(self) -> tuple[int, ...]:
        left = frozenset(self.left)
        return tuple(place for name, place in self.place_of.items() if name not in left)


async def answering(ask: Ask, state: State, wished: str, before: Mapping[str, Marks]) -> dict[str, Any]:
    """What the page of one card is given. wished: the card asked for. before: own answers of the round before."""
    now = await progress(ask, state, wished)
    card = now.at.id if now.at else ""
    audience = Audience(ROOM, ask.language, card if card in now.own else "")
    live = context(state, audience)
    last = ask.house.rooms.newest(ask.here.id, audience)
    return {
        **live,
        "section": as_drawn(last, lambda: scene_of(sheet(state), live)),
        **{field.name: getattr(now, field.name) for field in fields(now)},
        "done_places": now.done_places,
        "frame": "participant/round.html",
        "own_before": before,
        "reasons": await shown(ask.house, state.row, card) if state.row and card else [],
        "kept": False,
        "came_late": False,
        "saved": "",
        "action": ask.address("cast", session=ask.here.id),
    }


async def progress(ask: Ask, state: State, wished: str = "") -> Progress:
    is_asked = state.is_open and state.kind is not None and Role.PARTICIPANT in state.kind.cast_by
    is_counted = state.counts(ask.mine.group)
    untaken = bool(ask.error and ask.typed) and state.is_over
    takes_part = is_asked and is_counted and not untaken
    own = state.counted.own.get(str(ask.mine.id), {}) if state.counted else {}
    cards = await _in_order(ask, state)
    asked = state.counted.asked if state.counted else ()
    filled = _filled(state, cards, own) if takes_part else {}
    return Progress(
        group=own_group(ask),
        takes_part=takes_part,
        came_later=is_asked and not is_counted,
        own=own,
        cards=cards,
        place_of=places_of(cards),
        asked=asked,
        left=[slot for slot in asked if slot not in own],
        at=_card(ask.typed.one("card") or wished, cards, asked, own),
        is_aside=is_aside(state, ask.mine.group) and bool(own),
        is_last=all(row.state == RoundState.CLOSED for row in state.rounds),
        untaken=untaken,
        keeps=takes_part and state.kind is not None and not state.kind.ordered,
        slots=list(filled),
        marks={slot: mark_of(own[slot]) for slot, is_filled in filled.items() if is_filled},
        can_finish=all(filled.values()) if asked else any(filled.values()),
    )


def places_of(cards: Sequence[Card]) -> dict[str, int]:
    """Where each card stands in this person's own order, from 1."""
    return {card.id: place for place, card in enumerate(cards, 1)}


def is_aside(state: State, group: str) -> bool:
    """Did the close of this round count nobody of this group?"""
    told = told_of(state.row) if state.row is not None and state.row.state == RoundState.CLOSED else None
    return told is not None and group in told.aside


def _saved(slot: str, own: Mapping[str, Marks]) -> str:
    """What the address says was saved, if it stands in this round: the address may be left over from the one before."""
    return slot if slot in own or (slot == "yes" and own) else ""


async def _in_order(ask: Ask, state: State) -> list[Card]:
    """What this person is asked about, in their own order; nothing where only the team works."""
    is_asked = state.kind is not None and Role.PARTICIPANT in state.kind.cast_by
    if not (is_asked and state.row and state.counted):
        return []
    cards = state.counted.cards
    return [cards[name] for name in await _own_order(ask, state.row) or cards]


async def _own_order(ask: Ask, row: models.Round) -> Sequence[str]:
    """The cards as this person meets them; none where everybody meets them alike."""
    kind = KINDS[row.kind]
    is_asked = row.state != RoundState.DRAFT and Role.PARTICIPANT in kind.cast_by
    if not (is_asked and kind.is_rotated(kind.Settings(**row.settings))):
        return ()

    async def read() -> Sequence[str]:
        cards = kind.cards(await ask.house.counts.round(row.id))
        return [card.id for card in in_order(ask.house.settings, cards, row, ask.mine)]

    return await ask.house.memory.of(("order", row.id, ask.mine.id), read)


def _filled(state: State, cards: list[Card], own: Mapping[str, Marks]) -> dict[str, bool]:
    """The answers that this person may give, in their own order, and which are given."""
    assert state.kind is not None and state.counted is not None
    # A kind that asks for nothing may still offer something to fill.
    if state.kind.slots:
        return dict(state.kind.slots(state.counted.round, own))
    asked = dict.fromkeys(state.counted.asked)
    ordered = dict.fromkeys(card.id for card in cards if card.id in asked)
    return {slot: slot in own for slot in ordered | asked}


def _card(wished: str, cards: list[Card], asked: tuple[str, ...], own: Any) -> Card | None:
    """The card asked for, else the first without an answer in this person's order; None when all are answered."""
    for card in cards:
        if card.id == wished:
            return card
    return next((card for card in cards if card.id in asked and card.id not in own), None)


async def cast(ask: Ask) -> Response:
    # An answer that waited on a device, or in an old page, is never cast by the person who sits there now.
    owner = ask.request.headers.get("table-seat")
    if owner is not None and owner != owner_mark(ask.house.settings, ask.mine):
        raise HTTPException(409)
    row, card = await meant(ask), ask.typed.one("card")
    form = await uncovered(ask.house, row, ask.typed)
    submission = Submission(form, ask.typed.key, ask.language, third_of(card, await _own_order(ask, row)))
    await conduct.cast(ask.house, ask.mine.id, row.id, submission)
    saved = card or "yes"
    if "hx-request" in ask.request.headers and KEY.fullmatch(submission.key):
        return await _next(ask, submission.key, saved)
    return ask.go("take", session=ask.here.id, query=urlencode({"saved": saved}))


async def _next(ask: Ask, key: str, saved: str) -> Response:
    """What was answered is kept, and here is what comes next: one answer where a page would ask twice."""
    ask.typed, ask.about = Typed(), ""
    await tell_unread(ask)
    page = await _sheet_page(ask, await load_state(ask.house, ask.here), "", saved)
    page.headers["HX-Push-Url"] = f"{ask.address('take', session=ask.here.id)}?{urlencode({'saved': saved})}"
    page.headers["Table-Kept"] = key  # so that the device knows it from us, not from some network in between
    return page


async def call(ask: Ask) -> Response:
    """A hand is raised, or lowered."""
    act = conduct.take_back if "back" in ask.typed else conduct.call
    await act(ask.house, ask.mine, ask.typed.one("what"), ask.typed.key)
    return ask.go("take", session=ask.here.id)


async def practice(ask: Ask) -> Response:
    """A card that keeps nothing: what was pressed stands in the address, and nowhere else."""
    asked = ask.request.query_params
    given = asked.get("value", "")
    known = given if given in {*map(str, range(1, 10)), "dont_know"} else ""
    return ask.page("participant/practice.html", given=known, pressed="pressed" in asked)
