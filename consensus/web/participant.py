"""What a participant answers: the round under way, one card or list at a time.

Works without JavaScript: every answer is a form, every refusal the same page with a sentence. No figure is asked for
here but through State.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct
from consensus.conduct import Envelope, Refused
from consensus.count import earlier
from consensus.journal import canonical
from consensus.live import Audience
from consensus.reasons import shown
from consensus.seats import owner_mark
from consensus.web.asking import Ask
from consensus.web.consenting import consent_page
from consensus.web.drawings import ROOM, context, kind_template
from consensus.web.home import own_group
from consensus.web.queue import own_calls
from consensus.web.state import State, look, rotated
from rounds import KINDS
from rounds.contract import Card, Marks, Role, cards_of, one


async def take(ask: Ask) -> Response:
    """The round under way; before consent, the consent; between rounds, what comes next."""
    state = await look(ask.house, ask.here)
    if not ask.mine.consented:
        return await consent_page(ask, state)
    given = await answering(ask, state, ask.request.query_params.get("card", ""), await own_before(ask, state))
    given["calls"] = await own_calls(ask.mine, state.row if state.is_open else None)
    return ask.page(sheet(state), **given)


def sheet(state: State) -> str:
    """The template of the round under way, as a participant holds it."""
    return (kind_template(state) if state.counted else None) or "participant/round.html"


async def own_before(ask: Ask, state: State) -> Mapping[str, Marks]:
    """This person's own answers in the last round of the same kind, by slot, where the round gives feedback."""
    if not (state.row and state.counted and getattr(state.counted.round.settings, "feedback", False)):
        return {}
    before = await earlier(state.row)
    return (await ask.house.counts.now(before)).own.get(str(ask.mine.id), {}) if before else {}


async def answering(ask: Ask, state: State, wished: str, before: Mapping[str, Marks]) -> dict[str, Any]:
    """What the page of one card is given. wished: the card asked for. before: own answers of the round before."""
    given = progress(ask, state, wished)
    reasons = await shown(ask.house, state.row, given["at"].id) if state.row and given["at"] else []
    return given | {"own_before": before, "reasons": reasons}


def progress(ask: Ask, state: State, wished: str = "") -> dict[str, Any]:
    """How far this person is in the round, and the card they are at."""
    takes_part = state.is_open and state.kind is not None and Role.PARTICIPANT in state.kind.cast_by
    own = state.counted.own.get(str(ask.mine.id), {}) if state.counted else {}
    cards = _in_order(ask, state)
    asked = state.counted.asked if state.counted else ()
    card = _card(ask.typed.get("card", [""])[0] or wished, cards, asked, own)
    filled = _filled(state, cards, own) if takes_part else {}
    audience = Audience(ROOM, ask.language, card.id if card and card.id in own else "")
    return context(state, audience) | {
        "frame": "participant/round.html",
        "group": own_group(ask),
        "takes_part": takes_part,
        "own": own,
        "cards": cards,
        "asked": asked,
        "left": [slot for slot in asked if slot not in own],
        "at": card,
        "kept": False,
        "keeps": takes_part and not KINDS[state.row.kind].ordered if state.row else False,
        "slots": list(filled),
        "marks": {slot: _digest(own[slot]) for slot, is_filled in filled.items() if is_filled},
        "can_finish": all(filled.values()) if asked else any(filled.values()),
        "saved": ask.request.query_params.get("saved", ""),
        "action": ask.request.url_for("cast", session=ask.here.id).path,
    }


def _in_order(ask: Ask, state: State) -> list[Card]:
    """What this person is asked about, in their own order."""
    cards = cards_of(state.kind, state.counted.round) if state.kind and state.counted else ()
    return rotated(cards, ask.mine) if _rotates(state) else list(cards)


def _filled(state: State, cards: list[Card], own: Mapping[str, Marks]) -> dict[str, bool]:
    """The answers that this person may give, in their own order, and which are given."""
    assert state.kind is not None and state.counted is not None
    # A kind that asks for nothing may still offer something to fill.
    if offered := getattr(state.kind, "slots", None):
        return dict(offered(state.counted.round, own))
    asked = state.counted.asked
    ordered = [card.id for card in cards if card.id in asked]
    return {slot: slot in own for slot in [*ordered, *(slot for slot in asked if slot not in ordered)]}


def _digest(marks: Marks) -> str:
    """Tells a device that the page it keeps of this card is not the newest."""
    return sha256(canonical(marks).encode()).hexdigest()[:8]


def _rotates(state: State) -> bool:
    return bool(state.row and state.row.settings.get("rotate"))


def _card(wished: str, cards: list[Card], asked: tuple[str, ...], own: Any) -> Card | None:
    """The card asked for, else the first without an answer in this person's order; None when all are answered."""
    for card in cards:
        if card.id == wished:
            return card
    return next((card for card in cards if card.id in asked and card.id not in own), None)


async def cast(ask: Ask) -> Response:
    # An answer that waited on a device, or in an old page, is never cast by the person who sits there now.
    if ask.request.headers.get("table-seat", mark := owner_mark(ask.house.settings, ask.mine)) != mark:
        raise HTTPException(409)
    state = await look(ask.house, ask.here)
    if state.row is None:
        raise Refused("refused.not_open_yet")
    ids = [card.id for card in _in_order(ask, state)] if _rotates(state) else []
    card = ask.typed.get("card", [""])[0]
    position = ids.index(card) + 1 if card in ids else 0
    envelope = Envelope(ask.typed, ask.typed.get("key", [""])[0][:64], ask.language, position)
    await conduct.cast(ask.house, ask.mine.id, _meant(ask, state), envelope)
    return ask.go("take", session=ask.here.id, query=urlencode({"saved": card or "yes"}))


def _meant(ask: Ask, state: State) -> int:
    """The round that the form was made for; another one may have opened since."""
    meant = ask.typed.get("round", [""])[0]
    return next((row.id for row in state.rounds if row.key == meant), state.row.id if state.row else 0)


async def call(ask: Ask) -> Response:
    """A hand is raised, or lowered."""
    act = conduct.take_back if "back" in ask.typed else conduct.call
    await act(ask.house, ask.mine, one(ask.typed, "what"))
    return ask.go("take", session=ask.here.id)


async def practice(ask: Ask) -> Response:
    """A card that keeps nothing: what was pressed stands in the address, and nowhere else."""
    asked = ask.request.query_params
    given = asked.get("value", "")
    known = given if given in {*map(str, range(1, 10)), "dont_know"} else ""
    return ask.page("participant/practice.html", given=known, pressed="pressed" in asked)
