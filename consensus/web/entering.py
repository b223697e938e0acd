"""Answers that come by telephone or on paper: the team enters them for a person, and again to check.

Whoever enters sees what they enter, and nothing that the person answered themself. Every act is done by conduct.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Envelope, Refused, Through
from consensus.consents import PURPOSES, present
from consensus.entries import METHODS, SELF, Check, checks, reports, standing
from consensus.web.asking import LARGEST, Ask
from consensus.web.drawings import kind_template
from consensus.web.state import State, drawn, look
from rounds import KINDS
from rounds.contract import Card, Marks, Role, cards_of, one

WHOLE = "all"  # stands for the one answer of a round that asks for a single list
AGAIN = "again"
TURNS = ("first", AGAIN)


async def _whose(ask: Ask) -> tuple[models.Seat, str]:
    """The person's seat, and what the team calls them."""
    number = ask.request.path_params["seat"]
    seats = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT)
    seat = await seats.get_or_none(id=number).select_related("person") if number <= LARGEST else None
    if seat is None:
        raise HTTPException(404)
    name = seat.person.name if seat.person else ""
    return seat, name or ask.say("seats.nobody", n=await seats.filter(id__lte=seat.id).count())


def _is_entered(state: State) -> bool:
    """May the team enter answers for others now? Not where answers build on one another: that is done together."""
    kind = state.kind
    return state.is_open and kind is not None and not kind.ordered and Role.PARTICIPANT in kind.cast_by


# The page of a person: how the answers came, consent where it is missing, differences to settle


async def enter_for(ask: Ask) -> Response:
    seat, name = await _whose(ask)
    state = await look(ask.house, ask.here)
    held = await checks(state.row.id, seat.id) if state.row else {}
    can_enter = _is_entered(state) and not seat.withdrawn
    waiting = [check for check in held.values() if check.waits] if can_enter else []
    return ask.page(
        "facilitator/enter_for.html",
        state=state,
        row=state.row,
        their_seat=seat,
        name=name,
        can_enter=can_enter,
        methods=METHODS,
        version=present(state.study),
        differences=[_difference(ask, state, check) for check in waiting],
        settled="settled" in ask.request.query_params,
        checked=len(held),
    )


def _difference(ask: Ask, state: State, check: Check) -> dict[str, Any]:
    """Both versions in words, without what they have in common."""
    assert state.row is not None
    first = _in_words(ask, state.row.kind, json.loads(check.first.marks or "{}")) if check.first else []
    second = _in_words(ask, state.row.kind, json.loads(check.second.marks))
    slot = check.second.slot
    return {
        "slot": slot,
        "label": _label(ask, state, slot),
        "seen": conduct.look_of(check),
        "same_hand": check.second.is_same_hand,
        "first": [line for line in first if line not in second],
        "second": [line for line in second if line not in first],
    }


def _label(ask: Ask, state: State, slot: str) -> str:
    """What an answer is called: a card by its number or place, the one list of a round by itself."""
    if not slot:
        return ask.say("entering.list")
    cards = _cards(state)
    ids = [card.id for card in cards]
    if slot not in ids:
        return ask.say("entering.nth", n=slot)
    return slot if hasattr(cards[0], "wordings") else ask.say("entering.nth", n=ids.index(slot) + 1)


def _in_words(ask: Ask, kind: str, marks: Marks) -> list[str]:
    """An answer, a line for each of its parts, in the kind's own words where it has them."""
    said = []
    for answer in KINDS[kind].answers(marks):
        what = _word(ask, (f"{kind}.setting.criterion.{answer.criterion}", f"{kind}.column.{answer.criterion}"))
        value = _word(ask, (f"{kind}.{answer.value}", f"{kind}.nature.{answer.value}")) or str(answer.value or "")
        parts = [answer.statement, what, value, answer.text]
        said.append(" – ".join(part for part in parts if part))
    return said


def _word(ask: Ask, keys: Iterable[str]) -> str:
    return next((ask.say(key) for key in keys if ask.house.texts.has(ask.language, key)), "")


async def begin_for(ask: Ask) -> Response:
    """How the answers came; and where it is missing, the consent that the person gave the same way."""
    seat, _name = await _whose(ask)
    if seat.withdrawn:
        raise Refused("refused.withdrawn")
    through = Through(ask.mine, one(ask.typed, "by"))
    if not seat.consented:
        if "agreed" not in ask.typed:
            raise Refused("refused.consent_by_proxy")
        read = one(ask.typed, "version")
        version = int(read) if read.isdecimal() and len(read) < 9 else None
        ticked = [name for name in PURPOSES if ask.typed.get(f"purpose.{name}")]
        await conduct.consent(ask.house, seat, ticked, version=version, through=through)
    turn = AGAIN if "again" in ask.typed else TURNS[0]
    return ask.go("answers_for", session=ask.here.id, seat=seat.id, by=through.method, turn=turn)


async def settle_for(ask: Ask) -> Response:
    seat, _name = await _whose(ask)
    row = await _meant(ask)
    said = [one(ask.typed, name) for name in ("slot", "seen", "choice")]
    await conduct.settle(ask.house, ask.mine, seat.id, row.id, *said)
    return ask.go("enter_for", session=ask.here.id, seat=seat.id, query="settled=yes")


async def _meant(ask: Ask) -> models.Round:
    """The round that the form was made for."""
    row = await models.Round.get_or_none(session_id=ask.here.id, key=one(ask.typed, "round"))
    if row is None or KINDS[row.kind].ordered:
        raise Refused("refused.no_such_round")
    return row


# The answers themselves, on the person's own forms


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers as this page may know them. shown: values that the team entered; none when entering again.

    theirs: slots that the person answered themself. done: slots that need nothing more. slots: all, in order.
    """

    shown: Mapping[str, Marks]
    theirs: frozenset[str]
    done: frozenset[str]
    slots: tuple[str, ...]
    checks: Mapping[str, Check]
    methods: Mapping[str, str]

    @property
    def left(self) -> list[str]:
        return [slot for slot in self.slots if slot not in self.done]


async def _sheet(state: State, seat: models.Seat, is_again: bool) -> Sheet:
    assert state.row is not None and state.counted is not None and state.kind is not None
    held, twice = await standing(state.row.id, seat.id), await checks(state.row.id, seat.id)
    entered = {s: json.loads(b.marks or "{}") for s, b in held.items() if b.entered_by != SELF}
    offered = getattr(state.kind, "slots", None)
    slots = tuple(state.counted.asked)
    if offered:
        filled = offered(state.counted.round, {slot: json.loads(b.marks or "{}") for slot, b in held.items()})
        slots = tuple(filled)
        done = {slot for slot, is_filled in filled.items() if is_filled}
    else:
        done = set(held)
    theirs = frozenset(slot for slot in done if slot not in entered)
    if is_again:  # only what the team entered can be checked; a card more or less is found where cards are free
        slots = tuple(slot for slot in slots if slot not in theirs and (offered or slot in entered))
        done = set(twice)
    methods = {slot: ballot.entered_by for slot, ballot in held.items() if slot in done}
    return Sheet({} if is_again else entered, theirs, frozenset(done), slots, twice, methods)


async def answers_for(ask: Ask) -> Response:
    seat, name = await _whose(ask)
    by, turn = ask.request.path_params["by"], ask.request.path_params["turn"]
    if by not in METHODS or turn not in TURNS:
        raise HTTPException(404)
    state = await look(ask.house, ask.here)
    given = {"their_seat": seat, "name": name, "by": by, "is_again": turn == AGAIN, "can_enter": _is_entered(state)}
    if seat.withdrawn or not seat.consented or not given["can_enter"]:
        return await enter_for(ask)
    sheet = await _sheet(state, seat, turn == AGAIN)
    given = drawn(state, ask.language, **given) | _answering(ask, state, sheet)
    return ask.page(kind_template(state) or "facilitator/answers_for.html", **given)


def _cards(state: State) -> list[Card]:
    return list(cards_of(state.kind, state.counted.round)) if state.kind and state.counted else []


def _answering(ask: Ask, state: State, sheet: Sheet) -> dict[str, Any]:
    """What the form of one answer is given, and the list of all of them."""
    assert state.counted is not None
    cards, asked = _cards(state), state.counted.asked
    wished = one(ask.typed, "card") or ask.request.query_params.get("card", "")
    if not wished and ask.typed:  # a list that was sent carries no card
        wished = WHOLE
    slot = next((s for s in sheet.slots if (s or WHOLE) == wished), None)
    if slot is None:
        slot = sheet.left[0] if sheet.left else None
    at = next((card for card in cards if card.id == slot), None)
    saved = ask.request.query_params.get("saved", "")
    check = sheet.checks.get("" if saved in {WHOLE, "yes"} else saved)
    round = replace(state.counted.round, earlier=None)  # what the person answered before is theirs to see
    return {
        "frame": "facilitator/answers_for.html",
        "round": round,
        "own": sheet.shown,
        "own_before": {},
        "reasons": [],
        "cards": cards,
        "asked": asked,
        "left": sheet.left if asked else [],
        "at": at,
        "slot": slot,
        "is_theirs": slot in sheet.theirs,
        "takes_part": True,
        "kept": False,
        "saved": saved,
        "check": check if saved else None,
        "query": {"card": slot} if slot else {},
        "action": ask.request.url.path,
        "answers": [_row(ask, state, sheet, one_slot) for one_slot in sheet.slots if asked or one_slot in sheet.done],
    }


def _row(ask: Ask, state: State, sheet: Sheet, slot: str) -> dict[str, Any]:
    check = sheet.checks.get(slot)
    how = sheet.methods.get(slot, "none")
    return {
        "card": slot or WHOLE,
        "label": _label(ask, state, slot),
        "how": how,
        "check": "" if check is None or how == SELF else "same" if not check.waits else "different",
    }


async def cast_for(ask: Ask) -> Response:
    seat, _name = await _whose(ask)
    params = ask.request.path_params
    if params["turn"] not in TURNS:
        raise HTTPException(404)
    row = await _meant(ask)
    through = Through(ask.mine, params["by"], replaces="replace_own" in ask.typed)
    envelope = Envelope(ask.typed, one(ask.typed, "key")[:64], seat.language)
    if params["turn"] == AGAIN:
        await conduct.enter_again(ask.house, seat.id, row.id, envelope, through)
    else:
        await conduct.cast(ask.house, seat.id, row.id, envelope, through)
    saved = urlencode({"saved": one(ask.typed, "card") or WHOLE})
    return ask.go("answers_for", session=ask.here.id, seat=seat.id, by=params["by"], turn=params["turn"], query=saved)


# What was entered, in figures


async def entries(ask: Ask) -> Response:
    state = await look(ask.house, ask.here)
    keys = {row.key: row for row in state.rounds}
    found = [(keys[report.round], report) for report in await reports(ask.here.id)]
    return ask.page("facilitator/entries.html", state=state, reports=found)
