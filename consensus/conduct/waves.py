"""Acts on how a panel is filled: how many people are wanted, and waves, in which a drawn part of it is invited.

A draw can be made again by whoever has its seed: those come first whose numbers, hashed with it, are smallest. The
journal gets the seed and how many were drawn of how many, never who.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused
from consensus.conduct.known import AT_ONCE
from consensus.conduct.panel import by_staff
from consensus.house import House
from consensus.journal import HOUSE, write
from consensus.zones import today_in

MOST_PEOPLE = 100_000  # that a quota may want
SEED = 60  # characters
Quota = tuple[str, str, int]  # group, site ("" for all), people


@dataclass(frozen=True, slots=True)
class Draw:
    """Of whom a wave is drawn and how many. group, site: keys, "" for each of them. people: of each group at each site;
    share: of a hundred of them, where people is 0. day: on which they are invited."""

    seed: str
    day: str
    people: int = 0
    share: int = 0
    group: str = ""
    site: str = ""


async def set_quotas(house: House, staff: models.Staff, study_id: int, quotas: Sequence[Quota]) -> None:
    """How many people are wanted of a group, everywhere or at a site. None at all: no quota is kept."""

    async def job() -> list[int]:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        groups, sites = _keys(study.groups), _keys(study.sites or ())
        for group, site, people in quotas:
            if group not in groups or (site and site not in sites) or not 0 < people <= MOST_PEOPLE:
                raise Refused("refused.bad_quota", n=MOST_PEOPLE)
        said = [{"group": group, "site": site, "people": people} for group, site, people in quotas]
        await models.Study.filter(id=study_id).update(quotas=said or None)
        await write(HOUSE, by_staff(staff), "set_quotas", {"study": study_id, "quotas": said})
        return [session.id for session in await models.Session.filter(study_id=study_id).only("id")]

    await house.act(lambda sessions: sessions, job)


def _keys(known: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(one["key"]) for one in known}


async def draw_wave(house: House, staff: models.Staff, study_id: int, draw: Draw) -> int:
    """The next wave, of those who are in none yet and sit nowhere: how many were drawn."""
    if not draw.seed or len(draw.seed) > SEED:
        raise Refused("refused.no_seed")
    if not (draw.people > 0 or 0 < draw.share <= 100):
        raise Refused("refused.draw_nobody")

    async def job() -> int:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        _check_day(study, draw.day)
        cells = await _cells(study, draw)
        drawn = [number for members in cells for number in drawn_of(members, draw)]
        if not drawn:
            raise Refused("refused.nobody_left_to_draw")
        waves = [*(study.waves or ()), {"day": draw.day, "seed": draw.seed, "people": len(drawn)}]
        for start in range(0, len(drawn), AT_ONCE):
            await models.Member.filter(id__in=drawn[start : start + AT_ONCE]).update(wave=len(waves))
        await models.Study.filter(id=study_id).update(waves=waves)
        said = {
            "study": study_id,
            "wave": len(waves),
            "seed": draw.seed,
            "day": draw.day,
            "of": sum(map(len, cells)),
            "drawn": len(drawn),
        }
        await write(HOUSE, by_staff(staff), "draw_wave", said)
        return len(drawn)

    return await house.act(None, job)


def _check_day(study: models.Study, written: str) -> None:
    """It is fixed before: today is still in time."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Refused("refused.wave_day") from None
    if day < today_in(study.zone):
        raise Refused("refused.wave_day")


async def _cells(study: models.Study, draw: Draw) -> list[list[int]]:
    """Who may be drawn, by group and site: whoever belongs to several sites stands under the first of them."""
    found = models.Member.filter(study_id=study.id, wave=0, person__seats__id__isnull=True)
    cells: dict[tuple[str, str], list[int]] = {}
    for member in await found.order_by("id"):
        if draw.group in {"", member.group} and (not draw.site or draw.site in at_sites(study, member.sites)):
            cells.setdefault((member.group, next(iter(member.sites), "")), []).append(member.id)
    return [cells[cell] for cell in sorted(cells)]


def at_sites(study: models.Study, keys: Sequence[str]) -> set[str]:
    """These sites, and those that they lie in."""
    within = {str(site["key"]): str(site.get("within", "")) for site in study.sites or ()}
    return {key for key in (*keys, *(within.get(key, "") for key in keys)) if key}


def drawn_of(members: Sequence[int], draw: Draw) -> list[int]:
    """As many of them as are wanted, in the order that the seed gives; a share is rounded to the nearest, a half up."""
    wanted = draw.people or (2 * len(members) * draw.share + 100) // 200
    ordered = sorted(members, key=lambda number: sha256(f"{draw.seed}|{number}".encode()).hexdigest())
    return ordered[:wanted]
