"""The plan of a session before it runs: its rounds in words, each with its settings, rule and disclosure to change.

No kind is named: what a round asks is drawn by planning. Nothing is counted or stored here; acts are in conduct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, protocol
from consensus.appearing import Appearances, appearances
from consensus.conduct import Refused
from consensus.counting import blocks_of, closes_once
from consensus.facts import RoundFacts, block_name, pair_name, round_name, rounds_of, shape_of
from consensus.protocol import Estimate, plan_of
from consensus.simulation import player
from consensus.states import RoundState
from consensus.text import pick
from consensus.web.asking import Ask, meant
from consensus.web.setup.settings_form import (
    Control,
    RuleForm,
    Voice,
    controls,
    in_words,
    quantiles,
    read_rule,
    read_settings,
    rule_choices,
    rules_for,
    whole,
)
from rounds import KINDS
from rounds.contract import Block, Role
from rounds.disclosure import Mode
from rounds.lineage import ALL
from rounds.rules import SCOPES, Chosen, Share, rule_from

EXPECTED = 30  # cards, where none are imported yet
LONGEST_GRACE = 3600  # seconds
BY_GROUP, TOGETHER = "group", "together"  # how people are counted


@dataclass(frozen=True, slots=True)
class Step:
    """A round in words. votes: (block, needed, of how many), where the rule is a share. is_lost: takes nothing.

    is_ruled: a rule may decide in it. is_answered: participants answer in it. asked: how many cards of the kind's own
    each of them is asked about, None where these are the statements. appears: when the figures of each group do, where
    that may be before the close. names: of the groups, by block.
    """

    row: RoundFacts
    settings: list[tuple[str, str]]
    rule: tuple[str, dict[str, object]] | None
    votes: list[tuple[str, int, int]]
    takes: str
    is_lost: bool
    is_ruled: bool
    is_answered: bool
    estimate: Estimate
    asked: int | None
    appears: Appearances | None
    names: dict[str, str]

    @property
    def can_be_regrouped(self) -> bool:
        """May it still be counted otherwise, by group or as one?"""
        return self.is_answered and self.row.state == RoundState.DRAFT and not self.row.closes_once

    @property
    def is_long(self) -> bool:
        return self.is_answered and self.estimate.seconds > protocol.LONG


async def _rows(ask: Ask) -> list[models.Round]:
    return await models.Round.filter(session_id=ask.here.id).order_by("position")


def _is_answered(kind: str) -> bool:
    return Role.PARTICIPANT in KINDS[kind].cast_by


def voice_of(ask: Ask, row: models.Round) -> Voice:
    return Voice(ask.house.texts, ask.language, row.kind, ask.here.languages)


async def plan(ask: Ask) -> Response:
    rows, study = await _rows(ask), ask.study
    blocks = await conduct.blocks_now(ask.here)
    expected = len(ask.here.imported) or EXPECTED
    before = [None, *rows]
    offered = [await conduct.offered(row) for row in rows]
    steps = [
        _step(ask, *about, expected)
        for about in zip(
            rounds_of(rows), rows, before, offered, [await _blocks(ask, row) for row in rows], strict=False
        )
    ]
    estimates = [step.estimate for step in steps if step.is_answered]
    given = {
        "steps": steps,
        "expected": expected,
        "minutes": protocol.total_minutes(estimates),
        "is_many": expected > protocol.MANY_CARDS,
        "is_brought": protocol.is_brought(rows[0] if rows else None),
        "blocks": [(shape_of(ask.groups, block), _together(ask, block)) for block in blocks],
        "people": sum(block.seats for block in blocks),
        "twice_floor": 2 * study.floor if study else 0,
        "can_be_together": not (study and study.apart),
        "apart": [pair_name(study.groups, pair, ask.language) for pair in study.apart or ()] if study else [],
        "simulated": player.how_many(study) if study else 0,
        "rehearsal": await conduct.rehearsal_of(ask.here.id),
        "addable": [(name, ask.say(f"{name}.title")) for name, kind in KINDS.items() if conduct.may_be_added(kind)],
        "places": _places(ask, rows),
        "is_begun": any(row.state != RoundState.DRAFT for row in rows),
    }
    return ask.page("setup/plan.html", **given, **_moved(ask))


def _moved(ask: Ask) -> dict[str, str]:
    """The round that was moved last, and which way: its button keeps the focus."""
    asked = ask.request.query_params
    return {"moved": asked.get("moved", ""), "moved_way": asked.get("way", "")}


def _places(ask: Ask, rows: Sequence[models.Round]) -> list[tuple[str, str]]:
    """Where a round may be added, in words, the end first."""
    steps = enumerate(rounds_of(rows), 1)
    names = {
        row.key: ask.say("setup.add.before", n=n, round=round_name(ask.say, row, ask.language)) for n, row in steps
    }
    return [(key, names.get(key) or ask.say("setup.add.last")) for key in reversed(conduct.places_to_add(rows))]


def _step(
    ask: Ask,
    facts: RoundFacts,
    row: models.Round,
    last: models.Round | None,
    offered: Sequence[str],
    blocks: Sequence[Block],
    expected: int,
) -> Step:
    rule, kind = rule_from(row.rule), KINDS[row.kind]
    takes, is_lost = _takes(ask, row, last, offered)
    return Step(
        row=facts,
        settings=in_words(voice_of(ask, row), row.settings),
        rule=rule.words() if rule else None,
        votes=_votes(ask, rule, blocks) if isinstance(rule, Share | Chosen) else [],
        takes=takes,
        is_lost=is_lost,
        is_ruled=bool(rules_for(kind, kind.Settings(**row.settings))),
        is_answered=_is_answered(row.kind),
        estimate=protocol.estimate(plan_of(row), expected),
        asked=protocol.asked(plan_of(row), expected),
        appears=_appears(ask, row, blocks),
        names=_names(ask, row, blocks),
    )


async def _blocks(ask: Ask, row: models.Round) -> tuple[Block, ...]:
    """The blocks of a round: as seats make them now, or as it opened with them."""
    return await conduct.blocks_now(ask.here, row) if row.state == RoundState.DRAFT else blocks_of(row)


def _names(ask: Ask, row: models.Round, blocks: Sequence[Block]) -> dict[str, str]:
    """What the plan calls each block, by its key; the one of everybody has a word of its own."""
    return {
        block.key: ask.say("everyone") if row.is_together else block_name(ask.groups, block, ask.language)
        for block in blocks
    }


def _appears(ask: Ask, row: models.Round, blocks: Sequence[Block]) -> Appearances | None:
    if not KINDS[row.kind].is_counted or row.disclosure == Mode.AT_CLOSE or ask.study is None:
        return None
    kind = KINDS[row.kind]
    return appearances(blocks, max(ask.study.floor, kind.fewest_told), is_room=kind.ends is not None)


def _takes(ask: Ask, row: models.Round, last: models.Round | None, offered: Sequence[str]) -> tuple[str, bool]:
    """Which statements come into a round; True where the round before leaves none there."""
    if not KINDS[row.kind].fewest:
        return "", False
    if last is None:
        return ask.say("takes.imported") if ask.here.imported else "", False
    if row.takes == ALL:
        return ask.say("takes.all"), False
    place = _place(ask, last, row.takes)
    is_lost = row.takes not in offered
    return ask.say("takes.lost" if is_lost else "takes.place", place=place), is_lost


def _place(ask: Ask, last: models.Round, name: str) -> str:
    """A place of the round before, as the team named it, or by its kind's own words."""
    if given := last.settings.get("names", {}).get(name, {}).get(ask.language):
        return str(given)
    has = ask.house.texts.has
    known = [key for key in (f"{last.kind}.zone.{name}", f"decision.{name}") if has(ask.language, key)]
    return ask.say(known[0]) if known else name


async def _choices(ask: Ask, row: models.Round) -> list[tuple[str, str]]:
    """What a round may take, in words; none to choose from where statements come from nowhere, or to nobody."""
    last = await conduct.before_of(row)
    if last is None or not KINDS[row.kind].fewest:
        return []
    places = [(name, _place(ask, last, name)) for name in await conduct.offered(row) if name != ALL]
    lost = [(row.takes, ask.say("takes.lost", place=_place(ask, last, row.takes)))]
    chosen = [(name, ask.say("takes.place", place=words)) for name, words in places]
    known = {ALL, *(name for name, _ in places)}
    return [(ALL, ask.say("takes.all")), *chosen, *(lost if row.takes not in known else [])]


def _votes(ask: Ask, rule: Share | Chosen, blocks: Sequence[Block]) -> list[tuple[str, int, int]]:
    """How many votes the share is, if everyone answers. Equal weight per block has no such number."""
    people = sum(block.seats for block in blocks)
    if rule.scope == "balanced" or not people:
        return []
    if rule.scope == "pooled":
        return [(ask.say("setup.everyone"), rule.needed(people), people)]
    return [(block_name(ask.groups, block, ask.language), rule.needed(block.seats), block.seats) for block in blocks]


def group_names(ask: Ask) -> dict[str, str]:
    return {group["key"]: pick(group["names"], ask.language) for group in ask.groups}


def _together(ask: Ask, block: Block) -> str:
    key = "setup.together" if len(block.groups) > 1 else "setup.alone"
    return ask.say(key, names=block_name(ask.groups, block, ask.language), n=block.seats)


async def add(ask: Ask) -> Response:
    """One round more in the plan."""
    await conduct.add_round(ask.house, ask.mine, ask.typed.one("kind"), ask.typed.one("before"))
    return ask.go("setup", session=ask.here.id)


async def drop(ask: Ask) -> Response:
    """Take a round that has not opened out of the plan."""
    row = await meant(ask)
    await conduct.drop_round(ask.house, ask.mine, row.id)
    return ask.go("setup", session=ask.here.id)


async def move(ask: Ask) -> Response:
    """One place up or down."""
    row, way = await _row(ask), ask.typed.one("way")
    await conduct.move_round(ask.house, ask.mine, row.id, way)
    return ask.go("setup", session=ask.here.id, query=urlencode({"moved": row.key, "way": way}))


async def _row(ask: Ask) -> models.Round:
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"])
    if row is None:
        raise HTTPException(404)
    return row


async def edit(ask: Ask) -> Response:
    row = await _row(ask)
    voice = voice_of(ask, row)
    kind = KINDS[row.kind]
    is_together = ask.typed.one("counted") == TOGETHER if ask.typed else row.is_together
    blocks = await _blocks(ask, row)
    given: dict[str, Any] = {
        "row": next(facts for facts in rounds_of(await _rows(ask)) if facts.id == row.id),
        **_laid_out(controls(voice, row.settings, ask.typed)),
        "takes": await _choices(ask, row),
        "chosen": row.takes,
        "words": in_words(voice, row.settings),
        "rules": (rules := rules_for(kind, kind.Settings(**row.settings))),
        "rule": RuleForm.of(row.rule or {}),
        "rule_choices": rule_choices(ask.say, rules),
        "quantiles": quantiles(ask.say, ask.house.texts, ask.language),
        "grouping": TOGETHER if is_together else BY_GROUP,
        "can_be_together": not (ask.study and ask.study.apart),
        "scopes": [(scope, ask.say(f"setup.rule.scope.{scope}")) for scope in (SCOPES[:1] if is_together else SCOPES)],
        "modes": [(mode, ask.say(f"disclosure.{mode}")) for mode in _modes(row)],
        "appears": _appears(ask, row, blocks),
        "names": _names(ask, row, blocks),
        "is_answered": _is_answered(row.kind),
        "own_name": row.title or {},
        "longest_name": conduct.LONGEST_NAME,
    }
    return ask.page("setup/round.html", **given)


def _laid_out(found: Sequence[Control]) -> dict[str, Any]:
    """Fields that stand alone, and folds of those that are many alike: their heading, their fields, has any a value."""
    folds = [(under, list(alike)) for under, alike in groupby(found, key=lambda control: control.under) if under]
    return {
        "controls": [control for control in found if not control.under],
        "folds": [(under, alike, any(control.value for control in alike)) for under, alike in folds],
    }


async def save(ask: Ask) -> Response:
    row = await _row(ask)
    title = {language: ask.typed.one(f"title.{language}") for language in ask.here.languages}
    if row.state != RoundState.DRAFT:
        await conduct.name_round(ask.house, ask.mine, row.id, title)
        return ask.go("setup", session=ask.here.id)
    voice = voice_of(ask, row)
    settings = read_settings(voice, ask.typed)
    kind = KINDS[row.kind]
    plan = replace(
        plan_of(row), settings=settings, rule=read_rule(ask.typed, rules_for(kind, kind.Settings(**settings)), ask.say)
    )
    if any(f"title.{language}" in ask.typed for language in title):
        plan = replace(plan, title=title)
    if "takes" in ask.typed:
        plan = replace(plan, takes=ask.typed.one("takes"))
    if _is_answered(row.kind):
        plan = replace(plan, disclosure=_mode(ask, row), grace=_grace(ask))
    if "counted" in ask.typed:
        plan = replace(plan, is_together=_is_together(ask))
    await conduct.plan_round(ask.house, ask.mine, row.id, plan)
    return ask.go("setup", session=ask.here.id)


async def count_as(ask: Ask) -> Response:
    """Everybody of the room as one group, or each group by itself: at one press, where nothing else changes."""
    row = await _row(ask)
    await conduct.plan_round(ask.house, ask.mine, row.id, replace(plan_of(row), is_together=_is_together(ask)))
    return ask.go("setup", session=ask.here.id)


def _is_together(ask: Ask) -> bool:
    counted = ask.typed.one("counted")
    if counted not in {BY_GROUP, TOGETHER}:
        raise Refused("missing.counted")
    return counted == TOGETHER


def _modes(row: models.Round) -> list[Mode]:
    """Where all are one block if a group is too small, or figures rest on who spoke of each statement, that is known at
    the close only, and so are the figures."""
    is_late = KINDS[row.kind].is_whole or closes_once(row)
    return [Mode.AT_CLOSE] if is_late else list(Mode)


def _mode(ask: Ask, row: models.Round) -> Mode:
    try:
        mode = Mode(ask.typed.one("disclosure"))
    except ValueError:
        raise Refused("missing.disclosure") from None
    if mode not in {row.disclosure, *_modes(row)}:
        raise Refused("refused.told_once" if closes_once(row) else "refused.only_at_close")
    return mode


def _grace(ask: Ask) -> int:
    seconds = whole(ask.typed, "grace", ask.say("setup.grace"))
    if seconds > LONGEST_GRACE:
        raise Refused("setup.long_grace", n=LONGEST_GRACE)
    return seconds
