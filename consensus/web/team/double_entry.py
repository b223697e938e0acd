"""Answers that come by telephone or on paper: the team enters them for a person, and again to check.

Every card begins blank. The pages say what the team entered, and never whether the person answered: that is told for
one card, to who asks for it. Every act is done by conduct.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, seats
from consensus.conduct import EnteredFor, Refused, Submission
from consensus.consents import present
from consensus.double_entry import Check, checks, entered, reports, standing
from consensus.facts import PersonFacts
from consensus.profile import LONGEST
from consensus.states import METHODS
from consensus.web.asking import LARGEST, Ask, meant
from consensus.web.entrance import sign_in
from consensus.web.participant.answer import places_of
from consensus.web.participant.consent import ticked_purposes
from consensus.web.participant.profile import typed_answers
from consensus.web.render import kind_template
from consensus.web.state import State, load_state
from consensus.web.view import entered as blank
from consensus.web.view import given, plain
from rounds import KINDS
from rounds.contract import Card, Form, Marks, Role, Statement

WHOLE = "all"  # stands for the one answer of a round that asks for a single list
AGAIN = "again"
TURNS = ("first", AGAIN)
COLUMNS = ("phone", "paper", "twice", "compared", "different", "settled", "same_hand")  # of the figures of a round


async def _whose(ask: Ask) -> tuple[models.Seat, str]:
    """The person's seat, and what the team calls them."""
    number = ask.request.path_params["seat"]
    people = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT)
    seat = await people.get_or_none(id=number).select_related("person") if number <= LARGEST else None
    if seat is None:
        raise HTTPException(404)
    name = seat.person.name if seat.person else ""
    return seat, name or ask.say("seats.nobody", n=await people.filter(id__lte=seat.id).count())


def _is_entered(state: State) -> bool:
    """May the team enter answers for others now? Not where answers build on one another: that is done together."""
    kind = state.kind
    return state.is_open and kind is not None and not kind.ordered and Role.PARTICIPANT in kind.cast_by


# The page of a person: how the answers came, consent where it is missing, differences to settle


async def enter_for(ask: Ask) -> Response:
    seat, name = await _whose(ask)
    state = await load_state(ask.house, ask.here)
    held = await checks(state.row.id, seat.id) if state.row else {}
    names = _names(list(await entered(state.row.id, seat.id)), held) if state.row else {}
    can_enter = _is_entered(state) and not seat.withdrawn
    waiting = [check for check in held.values() if check.waits] if can_enter else []
    return ask.page(
        "facilitator/enter_for.html",
        view=(view := plain(state)),
        row=view.row,
        their_seat=PersonFacts.of(seat),
        name=name,
        can_enter=can_enter,
        methods=METHODS,
        version=present(state.study),
        longest=LONGEST,
        differences=[_difference(ask, state, check, names) for check in waiting],
        settled="settled" in ask.request.query_params,
        checked=len(held),
    )


def _names(slots: Iterable[str], held: Iterable[str]) -> dict[str, str]:
    """By slot, the place of a free card among those that the team entered: its own number tells how many others the
    person wrote."""
    ours = list(slots)
    return {slot: str(n) for n, slot in enumerate([*ours, *(slot for slot in held if slot not in ours)], 1)}


def _difference(ask: Ask, state: State, check: Check, names: Mapping[str, str]) -> dict[str, Any]:
    """Both versions in words, without what they have in common."""
    assert state.row is not None
    first = _in_words(ask, state.row.kind, json.loads(check.first.marks or "{}")) if check.first else []
    second = _in_words(ask, state.row.kind, json.loads(check.second.marks))
    slot = check.second.slot
    return {
        "slot": slot,
        "label": _label(ask, state, names[slot] if state.kind and state.kind.slots else slot),
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
    return slot if isinstance(cards[0], Statement) else ask.say("entering.nth", n=ids.index(slot) + 1)


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
    through = EnteredFor(ask.mine, ask.typed.one("by"))
    if "agreed" not in ask.typed:  # asked each time: whether they agreed on their own device is theirs to know
        raise Refused("refused.consent_by_proxy")
    version = ask.typed.number("version", digits=8)
    await conduct.consent(ask.house, seat, ticked_purposes(ask), version=version, through=through)
    if said := typed_answers(ask):
        await conduct.say_profile(ask.house, seat, said, is_by_team=True)
    turn = AGAIN if "again" in ask.typed else TURNS[0]
    return ask.go("answers_for", session=ask.here.id, seat=seat.id, by=through.method, turn=turn)


async def settle_for(ask: Ask) -> Response:
    seat, _name = await _whose(ask)
    row = await _meant(ask)
    said = [ask.typed.one(name) for name in ("slot", "seen", "choice")]
    await conduct.settle(ask.house, ask.mine, seat.id, row.id, *said)
    return ask.go("enter_for", session=ask.here.id, seat=seat.id, query="settled=yes")


async def _meant(ask: Ask) -> models.Round:
    """The round that the form was made for, where answers may be entered for others."""
    row = await meant(ask)
    if KINDS[row.kind].ordered:
        raise Refused("refused.no_such_round")
    return row


# The answers themselves, on the person's own forms


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the team entered for one person in a round, by slot, in the order of the slots.

    ours: with how it came. slots: all that may be entered, in order. done: those that need nothing more. free: by its
    name on these pages, the slot of a card that people write freely; empty where cards are given.
    """

    ours: Mapping[str, str]
    slots: tuple[str, ...]
    done: frozenset[str]
    checks: Mapping[str, Check]
    free: Mapping[str, str]

    @property
    def left(self) -> list[str]:
        return [slot for slot in self.slots if slot not in self.done]


async def _sheet(state: State, seat: models.Seat, is_again: bool) -> Sheet:
    assert state.row is not None and state.counted is not None and state.kind is not None
    held, twice = await entered(state.row.id, seat.id), await checks(state.row.id, seat.id)
    free = await _free(state, seat, held, twice)
    if free:  # named by their place among ours; the last name is that of the next card
        held = {name: held[slot] for name, slot in free.items() if slot in held}
        twice = {name: twice[slot] for name, slot in free.items() if slot in twice}
    slots = tuple(free) or tuple(state.counted.asked) or tuple(held)
    if is_again and not free:  # only what was entered can be checked; a card more or less, where cards are free
        slots = tuple(slot for slot in slots if slot in held)
    ours = {slot: ballot.entered_by for slot, ballot in held.items()}
    return Sheet(ours, slots, frozenset(twice if is_again else held), twice, free)


async def _free(
    state: State, seat: models.Seat, held: Mapping[str, models.Ballot], twice: Mapping[str, Check]
) -> dict[str, str]:
    """Where people write cards freely: those that the team entered, and one that stands empty."""
    if state.kind is None or state.kind.slots is None or state.row is None or state.counted is None:
        return {}
    names = _names(held, twice)
    stands = await standing(state.row.id, seat.id)
    filled = state.kind.slots(state.counted.round, {slot: json.loads(b.marks or "{}") for slot, b in stands.items()})
    empty = [slot for slot, is_filled in filled.items() if not is_filled and slot not in names]
    free = {name: slot for slot, name in names.items()}
    return free | {str(len(free) + 1): empty[0] if empty else str(len(filled) + 1)}


async def answers_for(ask: Ask, has_answer: bool | None = None) -> Response:
    """has_answer: what was asked of the card at hand; None: nothing was."""
    seat, name = await _whose(ask)
    by, turn = ask.request.path_params["by"], ask.request.path_params["turn"]
    if by not in METHODS or turn not in TURNS:
        raise HTTPException(404)
    state = await load_state(ask.house, ask.here)
    if seat.withdrawn or not _is_entered(state):
        return await enter_for(ask)
    sheet = await _sheet(state, seat, turn == AGAIN)
    told = {"their_seat": PersonFacts.of(seat), "name": name, "by": by, "is_again": turn == AGAIN, "can_enter": True}
    page = given(blank(state, ask.language), **told) | _answering(ask, state, sheet) | {"has_answer": has_answer}
    return ask.page(kind_template(state) or "facilitator/answers_for.html", **page)


def _cards(state: State) -> list[Card]:
    return list(state.kind.cards(state.counted.round)) if state.kind and state.counted else []


def _answering(ask: Ask, state: State, sheet: Sheet) -> dict[str, Any]:
    """What the form of one answer is given, and the list of all of them."""
    assert state.counted is not None
    cards, asked = _cards(state), state.counted.asked
    wished = ask.typed.one("card") or ask.request.query_params.get("card", "")
    if not wished and ask.typed:  # a list that was sent carries no card
        wished = WHOLE
    slot = next((s for s in sheet.slots if (s or WHOLE) == wished), None)
    if slot is None:
        slot = sheet.left[0] if sheet.left else None
    at = next((card for card in cards if card.id == slot), None)
    saved = ask.request.query_params.get("saved", "")
    check = sheet.checks.get("" if saved in {WHOLE, "yes"} else saved)
    # A free card that the team entered stands in the person's list by a word, so that the next one is known.
    written = {"text": ask.say("entering.entered"), "lang": ask.language, "nature": ""}
    return {
        "frame": "facilitator/answers_for.html",
        "own": {name: written for name in sheet.free if name in sheet.ours and name != slot},
        "own_before": {},  # what the person answered before is theirs to see
        "reasons": [],
        "cards": cards,
        "place_of": places_of(cards),
        "asked": asked,
        "left": sheet.left if asked else [],
        "at": at,
        "slot": slot,
        "is_free": bool(sheet.free),
        "takes_part": True,
        "kept": False,
        "saved": saved,
        "check": {"is_same": check.is_same} if check and saved else None,
        "query": {"card": slot} if slot else {},
        "action": ask.request.url.path.removesuffix("/asked"),
        "answers": [_row(ask, state, sheet, one_slot) for one_slot in sheet.slots if asked or one_slot in sheet.done],
    }


def _row(ask: Ask, state: State, sheet: Sheet, slot: str) -> dict[str, Any]:
    check = sheet.checks.get(slot)
    return {
        "card": slot or WHOLE,
        "label": _label(ask, state, slot),
        "how": sheet.ours.get(slot, "none"),
        "check": "" if check is None else "same" if not check.waits else "different",
    }


async def cast_for(ask: Ask) -> Response:
    seat, _name = await _whose(ask)
    params = ask.request.path_params
    if params["turn"] not in TURNS:
        raise HTTPException(404)
    row = await _meant(ask)
    through = EnteredFor(ask.mine, params["by"], code=await _code(ask, seat))
    submission = Submission(await _placed(ask, seat, row), ask.typed.key, seat.language)
    if params["turn"] == AGAIN:
        await conduct.enter_again(ask.house, seat.id, row.id, submission, through)
    else:
        await conduct.cast(ask.house, seat.id, row.id, submission, through)
    saved = urlencode({"saved": ask.typed.one("card") or WHOLE})
    return ask.go("answers_for", session=ask.here.id, seat=seat.id, by=params["by"], turn=params["turn"], query=saved)


async def _code(ask: Ask, seat: models.Seat) -> str:
    """The person's own code, as they said it; wrong ones slow down like any other."""
    code = ask.typed.one("code")
    if code:
        whose = (sign_in.source(ask), f"seat {seat.id}")
        await sign_in.paces.seats.before(*whose)
        if not seats.is_code_of(ask.house.settings, seat, code):
            raise Refused("refused.not_their_code")
        sign_in.paces.seats.right(*whose)
    return code


async def _placed(ask: Ask, seat: models.Seat, row: models.Round) -> Form:
    """The form with the slot that a free card has in the person's list."""
    state = await load_state(ask.house, ask.here, row.key)
    if KINDS[row.kind].slots is None or state.counted is None:
        return ask.typed
    free = (await _sheet(state, seat, is_again=False)).free
    name = ask.typed.one("card")
    return {**ask.typed, "card": [free.get(name, name if not name.isdecimal() else str(LARGEST // 100))]}


async def ask_answered(ask: Ask) -> Response:
    """Whether an answer of the person stands at this card: told to who asks, and the journal says that they did."""
    seat, _name = await _whose(ask)
    row = await _meant(ask)
    slot = ask.typed.one("card")
    found = await conduct.ask_answered(ask.house, ask.mine, seat.id, row.id, "" if slot == WHOLE else slot)
    return await answers_for(ask, found)


# What was entered, in figures


async def entries(ask: Ask) -> Response:
    state = await load_state(ask.house, ask.here)
    view = plain(state)
    keys = {row.key: row for row in view.rounds}
    found = [(keys[report.round], report) for report in await reports(ask.here.id)]
    return ask.page("facilitator/entries.html", view=view, columns=COLUMNS, reports=found)
