"""What a participant answers: the round under way, one card or list at a time.

Works without JavaScript: every answer is a form, every refusal the same page with a sentence. No figure is asked for
here but through State.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct
from consensus.conduct import Envelope, Refused
from consensus.count import earlier
from consensus.live import Audience
from consensus.reasons import shown
from consensus.web.asking import Ask
from consensus.web.consenting import consent_page
from consensus.web.drawings import ROOM, context, kind_template
from consensus.web.home import own_group
from consensus.web.state import State, look, rotated
from rounds.contract import Marks, Role, Statement


async def take(ask: Ask) -> Response:
    """The round under way; before consent, the consent; between rounds, what comes next."""
    state = await look(ask.house, ask.here)
    if not ask.mine.consented:
        return await consent_page(ask, state)
    takes_part = state.is_open and state.kind is not None and Role.PARTICIPANT in state.kind.cast_by
    template = kind_template(state) if state.counted else None
    given = _given(ask, state, takes_part) | {"own_before": await _own_before(ask, state)}
    given["reasons"] = await shown(ask.house, state.row, given["at"].id) if state.row and given["at"] else []
    return ask.page(template or "participant/round.html", **given)


async def _own_before(ask: Ask, state: State) -> Mapping[str, Marks]:
    """This person's own answers in the last round of the same kind, by slot, where the round gives feedback."""
    if not (state.row and state.counted and getattr(state.counted.round.settings, "feedback", False)):
        return {}
    before = await earlier(state.row)
    return (await ask.house.counts.now(before)).own.get(str(ask.mine.id), {}) if before else {}


def _given(ask: Ask, state: State, takes_part: bool) -> dict[str, Any]:
    own = state.counted.own.get(str(ask.mine.id), {}) if state.counted else {}
    cards = rotated(state.counted.round.statements, ask.mine) if state.counted and _rotates(state) else _cards(state)
    asked = state.counted.asked if state.counted else ()
    card = _card(ask, cards, asked, own)
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
        "saved": ask.request.query_params.get("saved", ""),
        "action": ask.request.url_for("cast", session=ask.here.id).path,
    }


def _cards(state: State) -> list[Statement]:
    return list(state.counted.round.statements) if state.counted else []


def _rotates(state: State) -> bool:
    return bool(state.row and state.row.settings.get("rotate"))


def _card(ask: Ask, cards: list[Statement], asked: tuple[str, ...], own: Any) -> Statement | None:
    """The card asked for, else the first without an answer in this person's order; None when all are answered."""
    wished = ask.typed.get("card", [""])[0] or ask.request.query_params.get("card", "")
    for card in cards:
        if card.id == wished:
            return card
    return next((card for card in cards if card.id in asked and card.id not in own), None)


async def cast(ask: Ask) -> Response:
    state = await look(ask.house, ask.here)
    if state.row is None:
        raise Refused("refused.not_open_yet")
    ids = [card.id for card in rotated(_cards(state), ask.mine)] if _rotates(state) else []
    card = ask.typed.get("card", [""])[0]
    position = ids.index(card) + 1 if card in ids else 0
    envelope = Envelope(ask.typed, ask.typed.get("key", [""])[0][:64], ask.language, position)
    await conduct.cast(ask.house, ask.mine.id, _meant(ask, state), envelope)
    return ask.go("take", session=ask.here.id, query=urlencode({"saved": card or "yes"}))


def _meant(ask: Ask, state: State) -> int:
    """The round that the form was made for; another one may have opened since."""
    meant = ask.typed.get("round", [""])[0]
    return next((row.id for row in state.rounds if row.key == meant), state.row.id if state.row else 0)


async def practice(ask: Ask) -> Response:
    """A card that keeps nothing: what was pressed stands in the address, and nowhere else."""
    asked = ask.request.query_params
    given = asked.get("value", "")
    known = given if given in {*map(str, range(1, 10)), "dont_know"} else ""
    return ask.page("participant/practice.html", given=known, pressed="pressed" in asked)
