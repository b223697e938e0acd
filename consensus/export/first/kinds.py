"""The kinds of round that a parcel of /1 may hold: the tidy rows of a ballot, and whether answers can be set aside.

Named here and nowhere else outside their folders, because this is how they were, whatever becomes of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Marks = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A tidy row of a ballot: one statement, one criterion, one value; text where something was written."""

    statement: str
    criterion: str
    value: str | int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """sets_aside: its answers make a verdict, so that a close after a reopening says which it sets aside."""

    answers: Callable[[Marks], Iterable[Answer]]
    sets_aside: bool


def _gather(marks: Marks) -> Iterable[Answer]:
    """No statement: the number of a proposal must not lead back to its writer."""
    if marks["text"]:
        yield Answer("", f"card.{marks['card']}", marks["nature"] or None, marks["text"])


def _compilation(marks: Marks) -> Iterable[Answer]:
    made = " ".join(made["id"] for made in marks.get("made", ()))
    result = marks.get("undo", made) or None
    yield Answer(" ".join(marks.get("of", ())), marks["act"], result, marks.get("reason", ""))


def _rating(marks: Marks) -> Iterable[Answer]:
    for place, (criterion, value) in enumerate(marks["values"].items()):
        yield Answer(marks["card"], criterion, value, marks.get("reason", "") if place == 0 else "")


def _wall(marks: Marks) -> Iterable[Answer]:
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
            yield Answer(piece["id"], "zone", "memory")
    elif act == "undo":
        yield from (Answer(card, "undo", marks["undo"]) for card in marks["cards"])
    for language, text in marks.get("wordings", {}).items():
        yield Answer(marks["card"], f"wording.{language}", None, text)


def _went(card: str, marks: Marks) -> Iterable[Answer]:
    yield Answer(card, "zone", marks["to"], str(marks.get("reason") or marks.get("override") or ""))
    yield from (Answer(card, name, marks[name]) for name in ("how", "owner") if marks[name])


def _ranking(marks: Marks) -> Iterable[Answer]:
    above = 0
    for tier in marks["order"]:
        for card in tier:
            yield Answer(card, "place", above + 1)
        above += len(tier)


def _comparison(marks: Marks) -> Iterable[Answer]:
    said = {marks["best"]: "most", marks["worst"]: "least"} if marks["best"] else {}
    for card in marks["shown"]:
        yield Answer(card, f"set {marks['set']}", said.get(card, "between") if said else "cannot_say")


def _points(marks: Marks) -> Iterable[Answer]:
    for card, points in marks["points"].items():
        yield Answer(card, "points", points)


def _validation(marks: Marks) -> Iterable[Answer]:
    for card, answer in marks.get("said", {}).items():
        yield Answer(card, "validation", answer["say"], answer["text"])
    act = marks.get("act")
    if act == "undo":
        yield Answer("", act, marks["undo"])
    elif act:
        card = marks["change"].partition("-")[2]
        texts = {f"{act}.{name}": text for name, text in marks.get("wordings", {}).items()}
        told = {act: marks["reason"]} if marks.get("reason") or not texts else {}
        for name, text in {**told, **texts}.items():
            yield Answer(card, name, marks["change"], text)


KINDS = {
    "gather": Kind(_gather, sets_aside=False),
    "compilation": Kind(_compilation, sets_aside=False),
    "rating": Kind(_rating, sets_aside=True),
    "wall": Kind(_wall, sets_aside=True),
    "ranking": Kind(_ranking, sets_aside=True),
    "comparison": Kind(_comparison, sets_aside=True),
    "points": Kind(_points, sets_aside=True),
    "validation": Kind(_validation, sets_aside=True),
}
