"""The wall: cards move between six zones as the group decides; people signal on the card on the table.

The team's acts are replayed in order; a signal replaces the same person's earlier one in the same call. A tally
never moves a card: there is no rule here, and none must come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from rounds.contract import EVERYONE_AT_THE_TABLE, Answer, Ballot, BallotError, Column, Marks, Round, Tally
from rounds.kind import Kind
from rounds.rules import Rule
from rounds.wall import reading
from rounds.wall.acts import read
from rounds.wall.background import Background
from rounds.wall.figures import Count, add, tally
from rounds.wall.play import play
from rounds.wall.replay import reason_of
from rounds.wall.settings import FRIDGE, GROUPING, MEMORY, SIGNALS, ZONES, Settings
from rounds.wall.state import Wall

OPEN = (MEMORY, GROUPING, FRIDGE)  # zones that must be empty before the wall closes


def columns(settings: Settings) -> tuple[Column, ...]:
    places = (Column(name, verdict=True, by_block=False) for name in ("zone", "how"))
    return (*places, *map(Column, SIGNALS), Column("calls", by_block=False))


def for_all(todo: Wall) -> Wall:
    """The wall hangs where everybody sees it."""
    return todo


def covered(todo: Wall, cover: Callable[[int], str]) -> Wall:
    """The same work. Two numbers of calls in a form would tell how many signals came between, of whatever block."""
    return replace(todo, table=replace(todo.table, name=cover(todo.table.call))) if todo.table else todo


def slot(marks: Marks) -> str | None:
    return f"call{marks['call']}" if marks["act"] == "signal" else None


def renumbered(marks: Marks, names: Mapping[int, int]) -> Marks:
    """Who was in the room when a card was put on the table is told by no file."""
    named = {name: names.get(marks[name], 0) for name in ("undo", "call") if name in marks}
    return {name: named.get(name, value) for name, value in marks.items() if name != "present"}


def parts(marks: Marks) -> Mapping[str, bool]:
    """A signal, whole."""
    return {"": True}


def ends(marks: Marks) -> bool:
    """The card leaves the table, or its signals are to be shown as they are."""
    return marks["act"] in {"call", "clear", "show"}


def asks(ballot: Ballot) -> tuple[str, Mapping[str, int]] | None:
    """A card that is put on the table asks whoever is there then."""
    marks = ballot.marks
    return (f"call{ballot.seq}", marks["present"]) if marks["act"] == "call" and "present" in marks else None


def start(round: Round) -> Count:
    return Count(background=Background.of(round))


def asked(round: Round, now: Tally | None) -> tuple[str, ...]:
    """A signal on the card on the table, when there is one."""
    table = now.todo.table if now else None
    return (f"call{table.call}",) if table else ()


def leftover(round: Round, now: Tally) -> BallotError | None:
    """Cards in memory, grouping or fridge: how many in each. A veto always has its reason and its owner."""
    waiting = {zone: len(now.todo.zones[zone]) for zone in OPEN}
    return BallotError("still_in", **waiting) if any(waiting.values()) else None


def leaves(settings: Settings, rule: Rule | None) -> tuple[str, ...]:
    """Those that a close leaves filled."""
    return tuple(zone for zone in ZONES if zone not in OPEN)


def seconds(settings: Settings, cards: int) -> int:
    return cards * 60


def answers(marks: Marks) -> Iterable[Answer]:
    """Signals; where cards went, how and who decides; what was merged, split, reworded, taken back."""
    act = marks["act"]
    if act == "signal":
        yield Answer(marks["card"], "signal", marks["signal"])
    elif act == "move":
        yield from _went(marks["card"], marks)
    elif act == "merge":
        made = marks["pieces"][0]["id"]
        yield from (Answer(card, "merged_into", made) for card in marks["cards"])
        yield from _went(made, marks)
    elif act == "split":
        for piece in marks["pieces"]:
            yield Answer(piece["id"], "split_from", marks["card"])
            yield Answer(piece["id"], "zone", MEMORY)
    elif act == "undo":
        yield from (Answer(card, "undo", marks["undo"]) for card in marks["cards"])
    for language, text in marks.get("wordings", {}).items():
        yield Answer(marks["card"], f"wording.{language}", None, text)


def _went(card: str, marks: Marks) -> Iterable[Answer]:
    yield Answer(card, "zone", marks["to"], reason_of(marks))
    yield from (Answer(card, name, marks[name]) for name in ("how", "owner") if marks[name])


KIND = Kind(
    cast_by=EVERYONE_AT_THE_TABLE,
    disclosure="live",
    Settings=Settings,
    columns=columns,
    read=read,
    slot=slot,
    start=start,
    add=add,
    tally=tally,
    asked=asked,
    leftover=leftover,
    seconds=seconds,
    answers=answers,
    play=play,
    ordered=True,
    reading=reading,
    choices={"names": ZONES},
    asks=asks,
    ends=ends,
    parts=parts,
    leaves=leaves,
    for_all=for_all,
    covered=covered,
    renumbered=renumbered,
)
