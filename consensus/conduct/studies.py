"""Acts that change a study once it is made, and what is said of one of its sessions. What may still change is asked of
firmness.py; nothing that a round froze ever does.

Making a study and its sessions is in sessions.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.sessions import check_place, pairs_of
from consensus.conduct.site_titles import follow_sites
from consensus.firmness import Firm, firm, firm_session
from consensus.freeze import day_of
from consensus.house import House
from consensus.journal import HOUSE, Actor, head_of, write
from consensus.outcome import digest
from consensus.zones import today_in

Listed = Sequence[Mapping[str, Any]]


async def held_study(study_id: int) -> tuple[models.Study, list[int]]:
    """Inside a job: a study that nobody else changes, in which no seat is taken and no round opens meanwhile; and all
    its sessions, rehearsals among them."""
    await store.hold(HOUSE)
    found = await models.Session.filter(study_id=study_id).order_by("id").values_list("id", flat=True)
    sessions = [int(str(number)) for number in found]
    for number in sessions:
        await store.hold(head_of(number))
    return await models.Study.get(id=study_id), sessions


async def change_sites(
    house: House, staff: models.Staff, study_id: int, sites: Listed, known: Listed, arms: Listed
) -> None:
    """Sites in their order, what is known of them, and arms. What a session, a seat or a statement names stays; titles
    that say the name of a site say its new one."""

    async def job() -> list[int]:
        study, sessions = await held_study(study_id)
        _check_levels(sites)
        used_sites, used_arms = await used(study_id)
        if used_sites - {site["key"] for site in sites}:
            raise Refused("refused.site_used")
        if used_arms - {arm["key"] for arm in arms}:
            raise Refused("refused.arm_used")
        before, by = study.sites or (), Actor("staff", name=str(staff.id))
        study.sites, study.known, study.arms = (list(rows) or None for rows in (sites, known, arms))
        await study.save(update_fields=["sites", "known", "arms"])
        said: dict[str, Any] = {"study": study_id, "sites": [site["key"] for site in sites]}
        said |= {"arms": [arm["key"] for arm in arms], "hash": digest([sites, known, arms])}
        await write(HOUSE, by, "change_sites", said)
        await follow_sites(by, study_id, before, sites)
        return sessions

    await house.act(lambda sessions: sessions, job)


def _check_levels(sites: Listed) -> None:
    """Two levels: what is within a site is within one that is there, and that is within none."""
    above = {site["key"] for site in sites if not site["within"]}
    if len({site["key"] for site in sites}) < len(sites) or any(site["within"] not in above | {""} for site in sites):
        raise Refused("refused.no_such_site")


async def used(study_id: int) -> tuple[set[str], set[str]]:
    """The keys of sites, and of arms, that a session, a seat, a person of the panel or a statement names."""
    sessions = await models.Session.filter(study_id=study_id).values_list("site", "arm", "imported")
    seats = models.Seat.filter(session__study_id=study_id)
    beside = await seats.filter(sites__not_isnull=True).values_list("sites", flat=True)
    members = await models.Member.filter(study_id=study_id).values_list("sites", "arm")
    brought = {key for _, _, held in sessions for data in held for key in data.get("site", "").split("; ")}
    sites = {site for site, _, _ in sessions} | brought
    heard = await models.Source.filter(study_id=study_id).distinct().values_list("site", flat=True)
    sites |= {str(site) for site in heard}
    sites |= {key for keys in [*beside, *(keys for keys, _ in members)] for key in keys or ()}
    arms = {arm for _, arm, _ in sessions} | {arm for _, arm in members}
    arms |= {str(arm) for arm in await seats.exclude(arm="").distinct().values_list("arm", flat=True)}
    return sites - {""}, arms - {""}


async def change_study(house: House, staff: models.Staff, study_id: int, **fields: Any) -> None:
    """Title, question, groups, floor, help and the day until which data are kept, as far as they may still change.
    Pairs that are never counted together stay, but for groups that are gone."""

    async def job() -> list[int]:
        study, sessions = await held_study(study_id)
        before = {name: getattr(study, name) for name in fields}
        new = {name: value for name, value in fields.items() if value != before[name]}
        if not new:
            return []
        _check_firm(await firm(study_id), before, new)
        if "retention" in new:
            _check_retention(study, new["retention"], is_bound=(await firm(study_id)).is_answered)
        if "groups" in new:
            await _check_groups(study_id, before["groups"], new["groups"])
            keys = {group["key"] for group in new["groups"]}
            new["apart"] = pairs_of(new["groups"], [pair for pair in study.apart or () if set(pair) <= keys])
        study.update_from_dict(new)
        await study.save(update_fields=list(new))
        said = {"study": study_id, "changed": sorted(new), "hash": digest(new)}
        await write(HOUSE, Actor("staff", name=str(staff.id)), "change_study", said)
        return sessions

    await house.act(lambda sessions: sessions, job)


def _check_firm(held: Firm, before: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    if held.is_answered and {"title", "question"} & new.keys():
        raise Refused("refused.answered_already")
    if held.is_opened and "floor" in new:
        raise Refused("refused.floor_firm")
    if "groups" not in new:
        return
    if held.is_opened and [_unnamed(one) for one in before["groups"]] != [_unnamed(one) for one in new["groups"]]:
        raise Refused("refused.groups_firm")
    if held.is_answered:
        raise Refused("refused.answered_already")


def _unnamed(group: Mapping[str, Any]) -> tuple[str, int]:
    return group["key"], group["shape"]


def _check_retention(study: models.Study, day: str, is_bound: bool) -> None:
    """Who has answered was promised that day: it may come sooner, never later; nor before answers are frozen."""
    if is_bound and day > study.retention:
        raise Refused("refused.retention_later")
    freeze = day_of(study)
    if freeze and day < freeze.isoformat():
        raise Refused("refused.retention_before_freeze", date=freeze)
    if date.fromisoformat(day) <= today_in(study.zone):
        raise Refused("study.retention.bad")


async def _check_groups(study_id: int, before: Listed, new: Listed) -> None:
    """A group in which somebody sits, of a session or of the panel, stays."""
    gone = [group["key"] for group in before if group["key"] not in {one["key"] for one in new}]
    seated = models.Seat.filter(session__study_id=study_id, group__in=gone)
    if gone and (await seated.exists() or await models.Member.filter(study_id=study_id, group__in=gone).exists()):
        raise Refused("refused.group_used")


async def change_session(house: House, by: models.Seat, **fields: Any) -> None:
    """Title, site, arm, planned day of a session, and why it differs from the others, as far as they may change."""

    async def job() -> None:
        await store.hold(head_of(by.session_id))
        session = await models.Session.get(id=by.session_id).select_related("study")
        new = {name: value for name, value in fields.items() if value != getattr(session, name)}
        if not new:
            return
        check_place(session.study, new)
        held = await firm_session(by.session_id)
        if held.is_answered and "title" in new:
            raise Refused("refused.answered_already")
        if held.is_opened and {"site", "arm", "planned_on"} & new.keys():
            raise Refused("refused.place_firm")
        session.update_from_dict(new)
        await session.save(update_fields=list(new))
        said = {"changed": sorted(new), "site": session.site, "arm": session.arm, "hash": digest(new)}
        await write(head_of(session.id), actor(by), "change_session", said)

    await house.act(by.session_id, job)
