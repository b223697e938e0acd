"""The plan of a session before it runs: its rounds in words, each with its settings, rule and disclosure to change.

No kind is named: what a round asks is drawn by planning. Nothing is counted or stored here; acts are in conduct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.lists import format_list
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, playing, protocol
from consensus.conduct import Refused
from consensus.protocol import Estimate, plan_of
from consensus.text import LOCALES, pick
from consensus.web.asking import Ask
from consensus.web.planning import Voice, controls, in_words, read_rule, read_settings, rules_for, whole
from rounds import KINDS
from rounds.contract import Block, Role, one
from rounds.disclosure import Mode
from rounds.rules import SCOPES, Share, rule_from

EXPECTED = 30  # cards, where none are imported yet
LONGEST_GRACE = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Step:
    """A round in words. votes: (block, needed, of how many), where the rule is a share. is_lost: takes nothing.

    is_ruled: a rule may decide in it. is_answered: participants answer in it. asked: how many cards of the kind's own
    each of them is asked about, None where these are the statements.
    """

    row: models.Round
    settings: list[tuple[str, str]]
    rule: tuple[str, dict[str, object]] | None
    votes: list[tuple[str, int, int]]
    takes: str
    is_lost: bool
    is_ruled: bool
    is_answered: bool
    estimate: Estimate
    asked: int | None

    @property
    def is_changeable(self) -> bool:
        return self.row.state == "draft" and bool(self.settings or self.is_ruled or self.is_answered)


async def _rows(ask: Ask) -> list[models.Round]:
    return await models.Round.filter(session_id=ask.here.id).order_by("position")


def _is_answered(kind: str) -> bool:
    return Role.PARTICIPANT in KINDS[kind].cast_by


def voice_of(ask: Ask, row: models.Round) -> Voice:
    return Voice(ask.house.texts, ask.language, row.kind, ask.here.languages)


async def plan(ask: Ask) -> Response:
    rows = await _rows(ask)
    blocks = await conduct.blocks_now(ask.here)
    expected = len(ask.here.imported) or EXPECTED
    before = [None, *rows]
    steps = [_step(ask, row, last, blocks, expected) for row, last in zip(rows, before, strict=False)]
    estimates = [step.estimate for step in steps if step.is_answered]
    given = {
        "steps": steps,
        "expected": expected,
        "minutes": protocol.total_minutes(estimates),
        "long": protocol.LONG,
        "is_many": expected > protocol.MANY_CARDS,
        "is_long": any(estimate.seconds > protocol.LONG for estimate in estimates),
        "is_brought": protocol.is_brought(rows[0] if rows else None),
        "blocks": [(shape(ask, block), _together(ask, block)) for block in blocks],
        "people": sum(block.seats for block in blocks),
        "simulated": playing.how_many(ask.study) if ask.study else 0,
        "rehearsal": await conduct.rehearsal_of(ask.here.id),
        "is_begun": any(row.state != "draft" for row in rows),
    }
    return ask.page("setup/plan.html", **given)


def _step(ask: Ask, row: models.Round, last: models.Round | None, blocks: Sequence[Block], expected: int) -> Step:
    rule, kind = rule_from(row.rule), KINDS[row.kind]
    takes, is_lost = _takes(ask, row, last)
    return Step(
        row=row,
        settings=in_words(voice_of(ask, row), row.settings),
        rule=rule.words() if rule else None,
        votes=_votes(ask, rule, blocks) if isinstance(rule, Share) else [],
        takes=takes,
        is_lost=is_lost,
        is_ruled=bool(rules_for(kind, kind.Settings(**row.settings))),
        is_answered=_is_answered(row.kind),
        estimate=protocol.estimate(plan_of(row), expected),
        asked=protocol.asked(plan_of(row), expected),
    )


def _takes(ask: Ask, row: models.Round, last: models.Round | None) -> tuple[str, bool]:
    """Which statements come into a round; True where the round before has no such place."""
    if last is None:
        return ask.say("takes.imported") if ask.here.imported else "", False
    if row.takes == "all":
        return ask.say("takes.all"), False
    key = f"{last.kind}.zone.{row.takes}"
    if ask.house.texts.has(ask.language, key):
        return ask.say("takes.place", place=ask.say(key)), False
    return ask.say("takes.lost", place=row.takes), True


def _votes(ask: Ask, rule: Share, blocks: Sequence[Block]) -> list[tuple[str, int, int]]:
    """How many votes the share is, if everyone answers. Equal weight per block has no such number."""
    people = sum(block.seats for block in blocks)
    if rule.scope == "balanced" or not people:
        return []
    if rule.scope == "pooled":
        return [(ask.say("setup.everyone"), rule.needed(people), people)]
    return [(block_name(ask, block), rule.needed(block.seats), block.seats) for block in blocks]


def group_names(ask: Ask) -> dict[str, str]:
    return {group["key"]: pick(group["names"], ask.language) for group in (ask.study.groups if ask.study else [])}


def block_name(ask: Ask, block: Block) -> str:
    names = group_names(ask)
    return format_list([names.get(key, key) for key in block.groups], locale=LOCALES[ask.language])


def shape(ask: Ask, block: Block) -> int:
    return next((int(g["shape"]) for g in (ask.study.groups if ask.study else []) if g["key"] == block.groups[0]), 1)


def _together(ask: Ask, block: Block) -> str:
    key = "setup.together" if len(block.groups) > 1 else "setup.alone"
    return ask.say(key, names=block_name(ask, block), n=block.seats)


async def drop(ask: Ask) -> Response:
    """Take a round that has not opened out of the plan."""
    row = await models.Round.get_or_none(session_id=ask.here.id, key=one(ask.typed, "round"))
    if row is None:
        raise Refused("refused.no_such_round")
    await conduct.drop_round(ask.house, ask.mine, row.id)
    return ask.go("setup", session=ask.here.id)


async def _row(ask: Ask) -> models.Round:
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"])
    if row is None:
        raise HTTPException(404)
    return row


async def edit(ask: Ask) -> Response:
    row = await _row(ask)
    voice = voice_of(ask, row)
    kind = KINDS[row.kind]
    given: dict[str, Any] = {
        "row": row,
        "controls": controls(voice, row.settings, ask.typed),
        "words": in_words(voice, row.settings),
        "rules": rules_for(kind, kind.Settings(**row.settings)),
        "rule": row.rule or {},
        "scopes": SCOPES,
        "modes": list(Mode),
        "is_answered": _is_answered(row.kind),
    }
    return ask.page("setup/round.html", **given)


async def save(ask: Ask) -> Response:
    row = await _row(ask)
    voice = voice_of(ask, row)
    settings = read_settings(voice, ask.typed)
    kind = KINDS[row.kind]
    plan = replace(
        plan_of(row), settings=settings, rule=read_rule(ask.typed, rules_for(kind, kind.Settings(**settings)), ask.say)
    )
    if _is_answered(row.kind):
        plan = replace(plan, disclosure=_mode(ask), grace=_grace(ask))
    await conduct.plan_round(ask.house, ask.mine, row.id, plan)
    return ask.go("setup", session=ask.here.id)


def _mode(ask: Ask) -> Mode:
    try:
        return Mode(one(ask.typed, "disclosure"))
    except ValueError:
        raise Refused("missing.disclosure") from None


def _grace(ask: Ask) -> int:
    seconds = whole(ask.typed, "grace", ask.say("setup.grace"))
    if seconds > LONGEST_GRACE:
        raise Refused("setup.long_grace", n=LONGEST_GRACE)
    return seconds
