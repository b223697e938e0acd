"""How a synthetic table works: cards are called, people signal as they lean, the team moves each card where most lean.

Every act is met once: a merge and its undo, a split, a rewording, the fridge and the second visit, a veto, the bin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rounds.contract import TEAM, By, Form, Round, Statement, Tally
from rounds.play import Book, Chance, form, lean, said
from rounds.wall.settings import BIN, FRIDGE, GROUPING, MEMORY, SELECTION, VETO
from rounds.wall.state import Wall

CALLED = 3  # every third card is put on the table; the others are moved as they are read


def play(round: Round, now: Tally | None, by: By, chance: Chance, book: Book) -> Iterable[Form]:
    assert now is not None
    return _team(now, by, chance) if by.role in TEAM else _signal(now, by, chance)


def _signal(now: Tally, by: By, chance: Chance) -> Iterable[Form]:
    wall: Wall = now.todo
    if wall.table is None:
        return
    liking = lean(_card(now, wall.table.card), by.block, chance)
    yield form(call=wall.table.call, signal="keep" if liking > 0.5 else "unsure" if liking > 0.35 else "drop")


def _team(now: Tally, by: By, chance: Chance) -> Iterable[Form]:
    """The next act, or none when memory, groupings and fridge are empty."""
    wall: Wall = now.todo
    acts = [act.act for act in wall.history]
    memory, fridge, groups = wall.zones[MEMORY], wall.zones[FRIDGE], wall.zones[GROUPING]
    if len(memory) > 6 and "merge" not in acts:
        yield _merge(now, memory[:2])
    elif "merge" in acts and "undo" not in acts:
        yield form(act="undo", undo=next(act.seq for act in wall.history if act.act == "merge"))
    elif len(memory) > 6 and acts.count("merge") == 1:
        yield _merge(now, memory[:2])
    elif len(memory) > 6 and "split" not in acts:
        yield _split(now, memory[0])
    elif memory and wall.table is None and len(memory) % CALLED == 0:
        yield form(act="call", card=memory[0], seen=wall.versions[memory[0]])
    elif wall.table is not None and wall.table.card not in memory:
        yield form(act="clear", card=wall.table.card)
    elif memory:
        yield _settle(now, wall.table.card if wall.table else memory[0], by, first=True)
    elif groups or fridge:
        yield _settle(now, (groups or fridge)[0], by, first=False)
    elif "reword" not in acts and wall.zones[SELECTION]:
        yield _reword(now, wall.zones[SELECTION][0])


def _settle(now: Tally, card: str, by: By, first: bool) -> Form:
    """Where this card goes: by the lean that all share, so that the same seed always ends in the same list."""
    liking = lean(_card(now, card), None, _Middle())
    seen = now.todo.versions[card]
    if liking > 0.62:
        return form(act="move", card=card, to=SELECTION, how="no_objection", seen=seen)
    if first and liking > 0.52:
        return form(act="move", card=card, to=FRIDGE, seen=seen)
    if liking > 0.57:
        return form(act="move", card=card, to=SELECTION, how="after_discussion", seen=seen)
    open_ = said(by, "The table cannot settle this.", "La table ne peut pas régler cela.")
    owner = said(by, "Ministry", "Ministère")
    better = said(by, "Said better by another card.", "Mieux dit par une autre carte.")
    if liking > 0.54:
        return form(act="move", card=card, to=VETO, reason=open_, owner=owner, seen=seen)
    return form(act="move", card=card, to=BIN, how="no_objection", reason=better, seen=seen)


class _Middle:
    """Chance without surprise: the middle of everything."""

    def random(self) -> float:
        return 0.5


def _card(now: Tally, card: str) -> Statement:
    return next(statement for statement in now.statements if statement.id == card)


def _merge(now: Tally, cards: Iterable[str]) -> Form:
    first, second = cards
    seen = {f"seen.{card}": [str(now.todo.versions[card])] for card in (first, second)}
    return {"act": ["merge"], "card": [first, second], "to": [GROUPING], **seen, **_words(_card(now, first))}


def _split(now: Tally, card: str) -> Form:
    wordings = _card(now, card).wordings
    pieces = {f"wording.{lang}.{n}": [f"{text.rstrip('.')} ({n})."] for lang, text in wordings.items() for n in (1, 2)}
    return {"act": ["split"], "card": [card], "seen": [str(now.todo.versions[card])], **pieces}


def _reword(now: Tally, card: str) -> Form:
    words = {f"wording.{lang}": [f"{text.rstrip('.')} *."] for lang, text in _card(now, card).wordings.items()}
    return {"act": ["reword"], "card": [card], "seen": [str(now.todo.versions[card])], "checked": ["1"], **words}


def _words(card: Statement) -> Mapping[str, list[str]]:
    return {f"wording.{lang}": [text] for lang, text in card.wordings.items()}
