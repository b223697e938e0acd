"""The panel of a study as pages tell it: who is of it and where they sit; how many are wanted, invited, came, missing.

Whether somebody came in is all that is read of a person, as on the page of the seats. What they answered, or whether
they did, is never asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consensus import models
from consensus.mail.letters import INVITATION
from consensus.states import MailState
from rounds.contract import Role


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """sits: sessions in which this person has a seat, and whether they came in by it. left: sessions they left."""

    id: int
    name: str
    mail: str
    phone: str
    group: str
    language: str
    sites: tuple[str, ...]
    arm: str
    wave: int
    sits: tuple[tuple[int, bool], ...]
    left: tuple[int, ...]

    @property
    def called(self) -> str:
        return self.name or self.mail or self.phone


async def members_of(study_id: int) -> list[MemberFacts]:
    """Oldest first, in two questions however many they are."""
    held = models.Seat.filter(session__study_id=study_id, session__rehearses__isnull=True, role=Role.PARTICIPANT)
    seats: dict[int, list[tuple[int, bool]]] = {}
    for person, session, has_come in (
        await held.filter(person_id__isnull=False, withdrawn="")
        .order_by("session_id")
        .values_list("person_id", "session_id", "is_entered")
    ):
        seats.setdefault(person, []).append((session, bool(has_come)))
    found = models.Member.filter(study_id=study_id).order_by("id").select_related("person")
    return [_facts(member, seats.get(member.person_id, ())) for member in await found]


def _facts(member: models.Member, sits: Sequence[tuple[int, bool]]) -> MemberFacts:
    person = member.person
    return MemberFacts(
        id=member.id,
        name=person.name,
        mail=person.mail,
        phone=person.phone,
        group=member.group,
        language=member.language,
        sites=tuple(member.sites),
        arm=member.arm,
        wave=member.wave,
        sits=tuple(sits),
        left=tuple(member.has_left or ()),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """People of a group, at a site or ("") everywhere. wanted: None without a quota. left: seats that were left."""

    group: str
    site: str
    wanted: int | None
    invited: int
    came: int
    left: int

    @property
    def missing(self) -> int:
        return max(0, (self.wanted or 0) - self.came)

    @property
    def is_met(self) -> bool:
        return self.wanted is not None and self.came >= self.wanted


@dataclass(slots=True)
class _Someone:
    """Whoever sits in a study, once, in however many sessions."""

    group: str
    sites: set[str] = field(default_factory=set)
    is_invited: bool = False
    has_come: bool = False
    has_left: bool = False


async def standings(study: models.Study) -> list[Standing]:
    """A line for each quota, in the order of the groups and sites; without quotas one for each group. Who belongs to
    several sites is counted at each of them."""
    people = await _people(study)
    quotas = {(one["group"], one["site"]): int(one["people"]) for one in study.quotas or ()}
    groups = [str(group["key"]) for group in study.groups]
    sites = ["", *(str(site["key"]) for site in study.sites or ())]
    asked = [(group, site) for group in groups for site in sites if (group, site) in quotas]
    asked = asked if quotas else [(group, "") for group in groups]
    return [_standing(group, site, quotas.get((group, site)), people) for group, site in asked]


def _standing(group: str, site: str, wanted: int | None, people: Iterable[_Someone]) -> Standing:
    here = [one for one in people if one.group == group and (not site or site in one.sites)]
    counted = (sum(one.is_invited for one in here), sum(one.has_come for one in here), sum(o.has_left for o in here))
    return Standing(group, site, wanted, *counted)


async def _people(study: models.Study) -> list[_Someone]:
    within = {str(site["key"]): str(site.get("within", "")) for site in study.sites or ()}
    members = {
        member.person_id: member
        for member in await models.Member.filter(study_id=study.id).only("person_id", "group", "sites")
    }
    real = {"session__study_id": study.id, "session__rehearses__isnull": True}
    written = models.Mail.filter(**real, what=INVITATION).exclude(state=MailState.FAILED)
    mailed = {(seat, issue) for seat, issue in await written.values_list("seat_id", "issue")}
    seats = models.Seat.filter(**real, role=Role.PARTICIPANT).order_by("id")
    columns = ("id", "issue", "person_id", "person__mail", "group", "sites", "session__site", "is_entered", "withdrawn")
    found: dict[int, _Someone] = {}
    for row in await seats.values(*columns):
        person = row["person_id"]
        member = members.get(person) if person else None
        one = found.setdefault(person or -row["id"], _Someone(member.group if member else row["group"]))
        one.sites |= _at((row["session__site"], *(row["sites"] or ()), *(member.sites if member else ())), within)
        if row["withdrawn"]:
            one.has_left = True
            continue
        one.has_come |= bool(row["is_entered"])
        # Whoever has no address is invited by the card of their seat.
        one.is_invited |= bool(row["is_entered"] or not row["person__mail"] or (row["id"], row["issue"]) in mailed)
    return list(found.values())


def _at(keys: Iterable[str], within: Mapping[str, Any]) -> set[str]:
    """These sites, and those that they lie in."""
    own = {key for key in keys if key}
    return own | {within[key] for key in own if within.get(key)}
