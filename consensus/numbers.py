"""The number of a statement in its study, the same in every session that it enters; and which statements are the same.

Asked inside a job, by the acts that make cards of what somebody brought, compiled or passed on. A rehearsal takes none.
Nothing here says what a statement was told to be worth, or which session may give to which (conduct/passing.py).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus import models
from consensus.outcome import statement_data
from consensus.proposals import proposals_of
from consensus.states import RoundState
from rounds.contract import Statement

Likeness = tuple[object, ...]
Words = tuple[tuple[str, str], ...]  # (language, text), without what makes no other words


async def number(
    study_id: int,
    session_id: int,
    statements: Sequence[str],
    passed: Mapping[str, int] | None = None,
    passed_from: int | None = None,
) -> dict[str, int]:
    """Inside a job: give each statement of a session its number in the study. {statement: number}, of those asked for.

    One that has a number keeps it; another takes the one in passed, or else the next that is free, in the order in
    which they come. passed_from: the session that those in passed come from, None where nobody passed them on.
    """
    await _hold(study_id)
    known, taken = await numbers_of(session_id), passed or {}
    last = await models.StudyNumber.filter(study_id=study_id).order_by("-number").first()
    free = max(last.number if last else 0, *taken.values(), 0)
    for name in dict.fromkeys(statements):
        if name in known:
            continue
        if name not in taken:
            free += 1
        known[name] = taken.get(name, free)
        await models.StudyNumber.create(
            study_id=study_id,
            session_id=session_id,
            number=known[name],
            statement=name,
            passed_from=passed_from if name in taken else None,
        )
    return {name: known[name] for name in statements}


async def numbers_of(session_id: int) -> dict[str, int]:
    """{statement: number}; none of a session whose statements are no cards yet, or of a rehearsal."""
    rows = await models.StudyNumber.filter(session_id=session_id).order_by("id")
    return {row.statement: row.number for row in rows}


async def common_to(sessions: Sequence[int]) -> set[int]:
    """The numbers of the statements that are in each of these sessions; none where there is no session."""
    rows = await models.StudyNumber.filter(session_id__in=sessions).values_list("session_id", "number")
    held: dict[int, set[int]] = {one: set() for one in sessions}
    for session, number in rows:
        held[int(str(session))].add(int(str(number)))
    return set.intersection(*held.values()) if held else set()


async def forget(session_id: int, statements: Iterable[str] | None = None) -> None:
    """Inside a job: these statements of a session are there no more (None: none of it is), so they have no number."""
    rows = models.StudyNumber.filter(session_id=session_id)
    await (rows if statements is None else rows.filter(statement__in=list(statements))).delete()


async def _hold(study_id: int) -> None:
    """Of two sessions that number at once, one waits: held last, after the chains of sessions."""
    await models.Study.filter(id=study_id).select_for_update().only("id").first()


async def brought_before(study_id: int, session_id: int, data: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Which of these statements, brought to a session, the study has already: {statement: number}.

    The same is what has the same words in all languages and the same number in the file that it came from; case, spaces
    and the point at the end make no other words. A list that has one twice has two of it, and so has another that is
    brought with both. What this session holds itself is asked first, then the others in the order in which they were
    made, with what the team made of proposals there.
    """
    sessions = await models.Session.filter(study_id=study_id, rehearses=None).order_by("id")
    sessions.sort(key=lambda one: one.id != session_id)
    found: dict[Likeness, int] = {}
    for session in sessions:
        numbers = await numbers_of(session.id)
        for likeness, held in _alike([*session.imported, *(await _compiled(session) if numbers else ())]):
            if held["id"] in numbers:
                found.setdefault(likeness, numbers[held["id"]])
    given: dict[int, str] = {}
    for likeness, one in _alike(data):
        if likeness in found:
            given.setdefault(found[likeness], one["id"])  # no session has one number twice
    return {name: number for number, name in given.items()}


async def _compiled(session: models.Session, but: int = 0) -> list[Mapping[str, Any]]:
    """What the rounds of a session left, but for this one, beside what was brought to it; each statement once."""
    known = {one["id"] for one in session.imported}
    found: dict[str, Mapping[str, Any]] = {}
    for row in (
        await models.Round.filter(session_id=session.id, state=RoundState.CLOSED).exclude(id=but).order_by("position")
    ):
        left, raw = proposals_of(row)
        for one in left.statements:
            if one.id not in known | raw and not one.is_erased:
                found[one.id] = statement_data(one)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Twin:
    """A statement that another session of the study has in the same words, under an earlier number.

    wordings: as they stand here. own: its number here, None while it is compiled; number: the other; sessions: which
    have it under that one.
    """

    statement: str
    wordings: Mapping[str, str]
    own: int | None
    number: int
    sessions: tuple[int, ...]


async def twins_of(session: models.Session, standing: Sequence[Statement] = ()) -> list[Twin]:
    """What the team may say is the same, in the order of the numbers: none in a rehearsal, or where two here would have
    one number. standing: what a compilation that is open has made so far."""
    mine = await numbers_of(session.id)
    made = [statement_data(one) for one in standing if one.id not in mine]
    if session.rehearses is not None or not (mine or made):
        return []
    theirs, taken, found = await _elsewhere(session), set(mine.values()), []
    for one in [*(held for held in [*session.imported, *await _compiled(session)] if held["id"] in mine), *made]:
        own, earlier = mine.get(one["id"]), theirs.get(_words(one["wordings"]), {})
        number = min(earlier, default=0)
        if number and (own is None or number < own) and number not in taken:
            taken.add(number)
            found.append(Twin(one["id"], one["wordings"], own, number, tuple(earlier[number])))
    return sorted(found, key=lambda twin: (twin.own is None, twin.own or 0))


async def _elsewhere(session: models.Session) -> dict[Words, dict[int, list[int]]]:
    """By their words, the numbers of the statements of the other sessions of the study, and which have each."""
    found: dict[Words, dict[int, list[int]]] = {}
    for other in await models.Session.filter(study_id=session.study_id, rehearses=None).order_by("id"):
        numbers = await numbers_of(other.id) if other.id != session.id else {}
        for one in [*other.imported, *await _compiled(other)] if numbers else ():
            if number := numbers.get(one["id"]):
                found.setdefault(_words(one["wordings"]), {}).setdefault(number, []).append(other.id)
    return found


async def no_longer_same(session: models.Session, row: models.Round, cards: Sequence[Statement]) -> list[str]:
    """Statements of a compilation that took the number of another session's while it was open, and then were worded
    anew or given up. cards: what it leaves. A number that another session has from here stays."""
    elsewhere = {one["id"] for one in [*session.imported, *await _compiled(session, row.id)]}
    there, theirs = {card.id: card for card in cards}, await _elsewhere(session)
    shared = {number for by_number in theirs.values() for number in by_number}
    given = set(await models.StudyNumber.filter(passed_from=session.id).values_list("number", flat=True))
    return [
        name
        for name, number in (await numbers_of(session.id)).items()
        if name not in elsewhere
        and number in shared - given
        and (name not in there or number not in theirs.get(_words(there[name].wordings), {}))
    ]


def _alike(data: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Likeness, Mapping[str, Any]]]:
    times: Counter[Likeness] = Counter()
    for one in data:
        likeness = (one.get("source_id", ""), *_words(one["wordings"]))
        times[likeness] += 1
        yield (*likeness, times[likeness]), one


def _words(wordings: Mapping[str, str]) -> Words:
    return tuple(sorted((language, plain(text)) for language, text in wordings.items() if text))


def plain(text: str) -> str:
    """What is left where case, spaces, the way letters are put together and what ends a sentence say nothing."""
    said = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return said.rstrip(" .!;:…") or said


def kept_by(made: Sequence[Statement], came: Sequence[Statement], numbers: Mapping[str, int]) -> dict[str, int]:
    """Which of the statements that a round made are still one that came into it: {statement: number}.

    That is what was made of one alone, of which nothing else was made, and says the same in every language that it had.
    """
    known = {statement.id: statement for statement in came}
    children = Counter(parent for statement in made for parent in statement.parents)
    found = {}
    for statement in made:
        parent = known.get(statement.parents[0]) if len(statement.parents) == 1 else None
        if parent is None or statement.id in known or children[parent.id] > 1 or parent.id not in numbers:
            continue
        if set(_words(parent.wordings)) <= set(_words(statement.wordings)):
            found[statement.id] = numbers[parent.id]
    return found
