"""Who handed a study to whom, in words, for the pages of both sides. Nothing is handed over here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consensus import conduct, models, text
from consensus.erasure import requests
from consensus.journal import moment_of
from consensus.leading import Turn, turns
from consensus.web.asking import Ask
from consensus.zones import day_in


@dataclass(frozen=True, slots=True)
class Handed:
    """by: "" where the study was made. is_mine: this reader received it."""

    study: Mapping[str, str]
    to: str
    by: str
    day: str
    is_mine: bool


async def handed_of(ask: Ask, staff: models.Staff) -> list[Handed]:
    """What this account gave or was given, newest first; of studies that are there."""
    those = [turn for of in (await turns()).values() for turn in of if turn.by and staff.id in {turn.by, turn.staff}]
    newest = sorted(those, key=lambda turn: turn.at, reverse=True)
    return [one for turn in newest if (one := await told_of(ask, turn, staff))]


async def told_of(ask: Ask, turn: Turn, staff: models.Staff) -> Handed | None:
    study = await models.Study.get_or_none(id=turn.study)
    if study is None:
        return None
    names = dict(await models.Staff.filter(id__in=[turn.staff, turn.by or 0]).values_list("id", "name"))
    day = text.day(ask.language, day_in(study.zone, moment_of(turn.at)))
    to, by = names.get(turn.staff, ""), names.get(turn.by, "") if turn.by else ""
    return Handed(study.title, to, by, day, turn.staff == staff.id)


async def to_confirm(staff: models.Staff) -> list[tuple[int, Mapping[str, str]]]:
    """Studies that wait for this account as the second person of their erasure: number and title."""
    found = [number for number in await requests() if await conduct.may_confirm(staff, number)]
    return [(study.id, study.title) for study in await models.Study.filter(id__in=found).order_by("id")]
