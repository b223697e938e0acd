"""The sessions of a study as anyone may see them, from the rows of the tables: closed rounds only, never a rehearsal,
and of these only what was released at the close.

A statement is the same in two sessions where both call it by one number of the study. Nothing is summed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from consensus import models
from consensus.freeze import is_frozen
from consensus.results.cards import Results
from consensus.results.histories import natural
from consensus.results.reading import released
from consensus.results.stages import ClosedRound, rank_of
from consensus.results.study.data import (
    TOLD,
    UNDEFINED,
    WITHHELD,
    Cell,
    OneList,
    Ordered,
    Outcome,
    Placed,
    StudyResults,
    StudySession,
    StudyStatement,
)
from consensus.results.study.keeping import kept_of
from consensus.results.study.lists import lists_in
from consensus.results.study.ordered import ordered_in
from consensus.results.study.people import Answered, Heard, heard_in, is_as_told, with_voices
from consensus.results.study.places import Placing, placed_of
from consensus.results.study.sides import Side, sides_of
from rounds.contract import Block, Line
from rounds.rules import First, rule_from

T = TypeVar("T")
BETWEEN = " "  # the names of one statement in a session, where it has several; the rounds of several lists


@dataclass(frozen=True, slots=True)
class Read:
    """One session, read. told: by number there, what the study calls each statement. sides: what it told figures of,
    list by list."""

    row: models.Session
    key: str
    results: Results
    told: Mapping[str, str]
    numbers: Mapping[str, int]
    is_frozen: bool
    sides: tuple[Side, ...]

    @property
    def stages(self) -> list[ClosedRound]:
        return list({stage.key: stage for side in self.sides for stage in side.stages}.values())


@dataclass(frozen=True)
class Answers:
    """What people answered in the rounds whose figures are read. is_as_told: these are the ballots of the closes, and
    none was erased since; only then may anything be worked out of them. unseen: in no told cell."""

    scored: tuple[Answered, ...]
    placed: tuple[Answered, ...]
    unseen: tuple[Answered, ...]
    is_as_told: bool


async def study_results(study_id: int) -> StudyResults:
    """What the closed rounds of a study told. DoesNotExist: no such study."""
    return (await read_study(study_id))[0]


async def read_study(study_id: int) -> tuple[StudyResults, Answers]:
    """The same, and the answers that it was counted from."""
    study = await models.Study.get(id=study_id)
    rows = await models.Session.filter(study_id=study_id, rehearses__isnull=True).order_by("id")
    read = [await _read(row, str(place)) for place, row in enumerate(rows, start=1)]
    told = [one for one in read if one.stages]
    sides = [side for one in told for side in one.sides]
    scored, placed = (tuple(a for side in sides for a in getattr(side, name).told) for name in ("scored", "placed"))
    unseen = tuple(answered for side in sides for answered in side.scored.unseen)
    covered = [answered for one in told for side in one.sides for answered in side.covered(one.told)]
    statements = _statements(told)
    lists = _lists(told, [one.key for one in statements])
    cells, ordered = list(_cells(told)), list(_ordered(told))
    places = [cell for within in lists or (None,) for cell in _placed(told, study.floor, within)]
    keys = {one.row.id: one.key for one in told}
    kept = await kept_of(study_id)
    results = StudyResults(
        k=study.floor,
        title=study.title,
        languages=tuple(study.languages),
        headline=study.headline,
        groups=tuple(study.groups),
        sites=tuple(study.sites or ()),
        known=tuple(study.known or ()),
        arms=tuple(study.arms or ()),
        sessions=tuple(_session(one, study, keys, [*cells, *places]) for one in told),
        waiting=len(read) - len(told),
        statements=statements,
        outcomes=tuple(outcome for one in told for outcome in _outcomes(one)),
        cells=(*with_voices(cells, scored), *kept.others),
        parts=kept.parts,
        placed=tuple(with_voices(places, covered)),
        is_frozen=kept.covers([one.key for one in told]) and all(one.is_frozen for one in read),
        ordered=tuple(with_voices(ordered, covered)),
        lists=lists,
    )
    return results, Answers(scored, placed, unseen, is_as_told(cells, scored))


async def _read(row: models.Session, key: str) -> Read:
    rounds = await models.Round.filter(session_id=row.id).order_by("position")
    results = released(rounds)
    numbered = await models.StudyNumber.filter(session_id=row.id).order_by("number", "statement")
    numbers = {one.statement: one.number for one in numbered}
    told = {name: str(numbers.get(name) or f"{key}.{name}") for name in results.histories}
    sides, heard = sides_of(results, told), {"": Heard()}
    for stage in (stage for side in sides for stage in (side.rated, side.ordering) if stage is not None):
        if stage.key not in heard:
            heard[stage.key] = await heard_in(key, row.id, stage.row.id, told)
    own = [[heard[stage.key if stage else ""] for stage in (side.rated, side.ordering)] for side in sides]
    found = tuple(side.heard(*said) for side, said in zip(sides, own, strict=True))
    return Read(row, key, results, told, numbers, await is_frozen(row), found)


def _lists(read: Sequence[Read], order: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    asked = [[(side, _asked(one, side)) for side in one.sides] for one in read]
    several = [keys for sides in asked if len(sides) > 1 for side, keys in sides if side.is_list]
    return lists_in(several, [sides[0][1] for sides in asked if len(sides) == 1], order)


def _asked(one: Read, side: Side) -> frozenset[str]:
    return frozenset(one.told[name] for stage in side.stages for name in side.names(stage, one.told))


def _placed(read: Sequence[Read], k: int, within: Sequence[str] | None) -> list[Placed]:
    """within: one list; None: there is one. Nothing unless every session that orders anything of it does so by whole
    ballots, in one round."""
    keys = None if within is None else frozenset(within)
    found = [
        (one, side, stage)
        for one in read
        for side in one.sides
        if (stage := side.ordering) and (keys is None or any(one.told[name] in keys for name in stage.lines))
    ]
    if (
        not found
        or any(side.placing is None for _, side, _ in found)
        or len({one.key for one, *_ in found}) < len(found)
    ):
        return []
    return placed_of([Placing(one.key, stage, one.told, side.placed.told) for one, side, stage in found], k, keys)


def _ordered(read: Sequence[Read]) -> Iterator[Ordered]:
    for one in read:
        for side in one.sides:
            there = ordered_in(one.key, side.ordering, one.told) if side.ordering else ()
            yield from (cell for cell in there if cell.statement in side.keys)


def _session(one: Read, study: models.Study, keys: Mapping[int, str], cells: Sequence[Cell | Placed]) -> StudySession:
    within = {str(site["key"]): str(site.get("within") or "") for site in study.sites or ()}
    asked = [stage.answered for stage in one.stages if stage.answered is not None]
    people = max(asked, default=0)
    groups = dict.fromkeys(cell.groups for cell in cells if cell.session == one.key)
    lists = tuple(_list(one, side) for side in one.sides)
    return StudySession(
        id=one.row.id,
        key=one.key,
        title=one.row.title,
        site=one.row.site,
        province=within.get(one.row.site) or one.row.site,
        arm=one.row.arm,
        groups=tuple(groups),
        people=people if people >= study.floor else None,
        scale=_shared([own.scale for own in lists]) or "",
        bands=_shared([own.bands for own in lists]),
        rule=_shared([own.rule for own in lists]),
        top=_shared([own.top for own in lists]),
        scored=BETWEEN.join(dict.fromkeys(own.scored for own in lists if own.scored)),
        placed=BETWEEN.join(dict.fromkeys(own.placed for own in lists if own.placed)),
        follows=keys.get(one.row.follows or 0, ""),
        is_frozen=one.is_frozen,
        lists=lists if len(lists) > 1 else (),
    )


def _shared(values: Sequence[T | None]) -> T | None:
    """None where they differ."""
    return values[0] if all(value == values[0] for value in values) else None


def _list(one: Read, side: Side) -> OneList:
    scoring = side.scoring
    return OneList(
        statements=tuple(sorted(_asked(one, side), key=natural)),
        scale=str(scoring.settings.get("scale", "")) if scoring else "",
        bands=(scoring.scale.top, scoring.scale.low, scoring.scale.high) if scoring and scoring.scale else None,
        rule=scoring.rule if scoring else None,
        top=_top(side),
        scored=scoring.key if scoring else "",
        placed=side.placing.key if side.placing else "",
    )


def _top(side: Side) -> int | None:
    """How many are first: what its rule keeps, or else how many places a ballot had."""
    ordering = side.ordering
    if ordering is None:
        return None
    rule = rule_from(ordering.rule)
    if isinstance(rule, First):
        return rule.n
    places = ordering.settings.get("top")
    return places if isinstance(places, int) and places < len(ordering.lines) else None


def _statements(read: Sequence[Read]) -> tuple[StudyStatement, ...]:
    """By number, then those that are a session's own. Words: those of the first session that asked."""
    found: dict[str, tuple[int | None, Any, dict[str, str]]] = {}
    for one in read:
        for name in (name for side in one.sides for stage in side.stages for name in side.names(stage, one.told)):
            key = one.told[name]
            last = one.results.histories[name].last
            names = found.setdefault(key, (one.numbers.get(name), last, {}))[2]
            names[one.key] = BETWEEN.join(dict.fromkeys([*names.get(one.key, "").split(), name]))
    numbered = sorted(found, key=lambda key: (found[key][0] is None, found[key][0] or 0, natural(key)))
    return tuple(
        StudyStatement(key, number, said.wordings, said.original, asked, said.theme, said.nature)
        for key in numbered
        for number, said, asked in [found[key]]
    )


def _cells(read: Sequence[Read]) -> Iterator[Cell]:
    for one, side in ((each, side) for each in read for side in each.sides):
        stage = side.scoring
        for line, block, row in _rows(stage) if stage else ():
            if row.get("n") and one.told[line.statement] in side.keys:
                votes = tuple(int(row[f"v{value}"]) for value in range(1, stage.scale.top + 1)) if stage else ()
                figures = {name: int(row[name]) for name in ("n", "high", "low")}
                yield Cell(one.key, block.groups, one.told[line.statement], **figures, votes=votes, voices=Fraction())


def _rows(stage: ClosedRound) -> Iterator[tuple[Line, Block, Mapping[str, Any]]]:
    for line in stage.lines.values():
        for block in stage.blocks:
            if block.key in line.by_block:
                yield line, block, line.by_block[block.key]


def _outcomes(one: Read) -> Iterator[Outcome]:
    for side in one.sides:
        asked: dict[str, list[str]] = {}
        for name in dict.fromkeys(name for stage in side.stages for name in side.names(stage, one.told)):
            asked.setdefault(one.told[name], []).append(name)
        for key, names in asked.items():
            yield _outcome(one, side, key, names)


def _outcome(one: Read, side: Side, key: str, names: Sequence[str]) -> Outcome:
    """names: of the statement there; it may have got another between two rounds."""
    scoring, ordering = side.scoring, side.ordering
    card = next((card for card in one.results.cards if card.statement.id in names), None)
    line = next((scoring.lines[name] for name in names if name in scoring.lines), None) if scoring else None
    values: Mapping[str, Any] = line.values if line else {}
    n = values.get("n") or None
    ranks = [rank_of(ordering, name) for name in names] if ordering else [card.rank if card and n else None]
    rank = next((found for found in ranks if found is not None), None)
    held = [stage for stage in side.stages if stage.held & set(names)]
    state = TOLD if n or rank is not None else WITHHELD if held else UNDEFINED
    decided = (line.decision if line else None) or (card.decision if card else None)
    return Outcome(
        session=one.key,
        statement=key,
        state=state,
        n=n,
        high=values.get("high") if n else None,
        low=values.get("low") if n else None,
        median=Fraction(values["median"]) if n and values.get("median") is not None else None,
        verdict=str(decided or ""),
        rank=rank,
        is_tied=bool(card and card.is_tied),
        sure=card.band if card else None,
        certainty=card.certainty[0] if card and card.certainty else "",
    )
