"""The sessions of a study as its page lists them: by site, how far each is, who is invited and came, what waits.

Read in a handful of questions, however many sessions there are. No figure of a round is here, and no group under the
floor is counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tortoise.functions import Count

from consensus import models
from consensus.facts import SeatFacts, StudyFacts
from consensus.guard import may
from consensus.mail.letters import INVITATION
from consensus.sites import above, below, own_name
from consensus.states import RoundState
from rounds import KINDS
from rounds.contract import Role

STATES = ("setup", "invited", "open", "closed", "checked")
# What needs somebody, and the page on which it is done; whoever may not go there is led to the next that they may see.
ACTS = {
    "people": "setup",
    "statements": "setup",
    "invite": "invitations",
    "late": "console",
    "begin": "console",
    "close": "console",
    "next": "console",
    "read": "results",
}
ELSE = ("console", "results")
COLUMNS = ("id", "session_id", "position", "key", "kind", "state", "settings", "rule", "title")


@dataclass(frozen=True, slots=True)
class Seats:
    """How many people have a seat in a session, by group, and how many of them came in by their link."""

    by_group: Mapping[str, int]
    came: int

    @property
    def people(self) -> int:
        return sum(self.by_group.values())


@dataclass(frozen=True, slots=True)
class SessionRow:
    """rounds: in order, as values by COLUMNS. people: with a seat; came: of them, None while fewer than k. state: of
    STATES. under_way: the round that is open, or ran last. needs: one of ACTS; act: the page to which this reader is
    led, "" where they do not sit in the session. moment: 1 of a first one, one more of each that follows.
    has_figures: a round of it that counts answers has closed."""

    id: int
    title: Mapping[str, str]
    site: str
    protocol: str
    planned_on: date | None
    people: int
    came: int | None
    is_invited: bool
    state: str
    rounds: tuple[Mapping[str, Any], ...]
    under_way: Mapping[str, Any] | None
    needs: str
    act: str
    why: str
    statements: tuple[str, ...]
    languages: tuple[str, ...]
    moment: int = 1

    @property
    def has_figures(self) -> bool:
        return any(_is_compared(row) for row in self.rounds if row["state"] == RoundState.CLOSED)


def _is_compared(row: Mapping[str, Any]) -> bool:
    """What people write, do together at a wall, or check at the end has no figure beside another session's."""
    kind = KINDS[row["kind"]]
    return kind.is_counted and kind.fewest > 0 and not kind.ordered and not kind.reads_back


@dataclass(frozen=True, slots=True)
class SiteRows:
    """name: "" of the sessions that have no site. within: the clinics of its sessions, in one order. groups: (shape,
    key, people) of those who have a seat, as far as they may be told apart; others: people of the rest."""

    key: str
    name: str
    rows: tuple[SessionRow, ...]
    people: int
    groups: tuple[tuple[int, str, int], ...]
    others: int


async def session_rows(
    study: StudyFacts, places: Mapping[int, SeatFacts], is_lead: bool, today: date
) -> tuple[list[SessionRow], dict[int, Seats]]:
    """places: where the reader sits, by session. Whoever leads the study sees every session, others their own."""
    found = models.Session.filter(study_id=study.id, rehearses__isnull=True).order_by("planned_on", "id")
    sessions = [one for one in await found if is_lead or one.id in places]
    seats, rounds, mailed = await _seats(study.id), await _rounds(study.id), await _mailed(study.id)
    rows, moments = [], _moments(sessions)
    for session in sessions:
        held = seats.get(session.id, Seats({}, 0))
        rows.append(
            _row(study, session, held, rounds.get(session.id, ()), session.id in mailed, places.get(session.id), today)
        )
    rows = [replace(row, moment=moments[row.id]) for row in rows]
    return rows, seats


def _moments(sessions: Sequence[models.Session]) -> dict[int, int]:
    """Which moment of its table each session is, by what it follows."""
    before = {session.id: session.follows for session in sessions}
    found = {}
    for number in before:
        chain = [number]
        while (last := before.get(chain[-1])) and last not in chain:
            chain.append(last)
        found[number] = len(chain)
    return found


async def _seats(study_id: int) -> dict[int, Seats]:
    people = models.Seat.filter(session__study_id=study_id, session__rehearses__isnull=True)
    people = people.filter(role=Role.PARTICIPANT, withdrawn="").annotate(n=Count("id"))
    counted = await people.group_by("session_id", "group", "is_entered").values_list(
        "session_id", "group", "is_entered", "n"
    )
    by_group: dict[int, dict[str, int]] = {}
    came: dict[int, int] = {}
    for session, group, has_come, n in counted:
        held = by_group.setdefault(session, {})
        held[group] = held.get(group, 0) + n
        came[session] = came.get(session, 0) + (n if has_come else 0)
    return {session: Seats(groups, came[session]) for session, groups in by_group.items()}


async def _rounds(study_id: int) -> dict[int, tuple[Mapping[str, Any], ...]]:
    rows = models.Round.filter(session__study_id=study_id, session__rehearses__isnull=True)
    found: dict[int, tuple[Mapping[str, Any], ...]] = {}
    for row in await rows.order_by("session_id", "position").values(*COLUMNS):
        found[row["session_id"]] = (*found.get(row["session_id"], ()), row)
    return found


async def _mailed(study_id: int) -> set[int]:
    mails = models.Mail.filter(session__study_id=study_id, what=INVITATION).distinct()
    return {int(str(session)) for session in await mails.values_list("session_id", flat=True)}


def _row(
    study: StudyFacts,
    session: models.Session,
    seats: Seats,
    rounds: tuple[Mapping[str, Any], ...],
    is_invited: bool,
    place: SeatFacts | None,
    today: date,
) -> SessionRow:
    planned = date.fromisoformat(session.planned_on) if session.planned_on else None
    state, under_way = _state(rounds, is_invited)
    lacks = bool(rounds) and not session.imported and KINDS[rounds[0]["kind"]].fewest > 0
    needs = _needs(lacks, state, under_way, seats.people, planned, today)
    return SessionRow(
        id=session.id,
        title=session.title,
        site=session.site,
        protocol=session.protocol,
        planned_on=planned,
        people=seats.people,
        came=seats.came if seats.came >= study.floor else None,
        is_invited=is_invited,
        state=state,
        rounds=rounds,
        under_way=under_way,
        needs=needs,
        act=_act(needs, place),
        why=session.why,
        statements=tuple(sorted(_identity(data) for data in session.imported)),
        languages=tuple(session.languages),
    )


def _identity(data: Mapping[str, Any]) -> str:
    """What tells a statement from another in two sessions: its number in the file, and its words."""
    return "\0".join([str(data.get("source_id", "")), *(data["wordings"][name] for name in sorted(data["wordings"]))])


def _state(rounds: Sequence[Mapping[str, Any]], is_invited: bool) -> tuple[str, Mapping[str, Any] | None]:
    """How far a session is; the round under way, or that which ran last."""
    begun = [row for row in rounds if row["state"] != RoundState.DRAFT]
    if not begun:
        return "invited" if is_invited else "setup", None
    live = [row for row in begun if row["state"] != RoundState.CLOSED]
    if live or len(begun) < len(rounds):
        return "open", (live or begun)[-1]
    return "checked" if KINDS[begun[-1]["kind"]].reads_back else "closed", begun[-1]


def _needs(
    lacks_statements: bool,
    state: str,
    under_way: Mapping[str, Any] | None,
    people: int,
    planned: date | None,
    today: date,
) -> str:
    if state == "setup":
        return "statements" if lacks_statements else "invite" if people else "people"
    if state == "invited":
        return "late" if planned and planned < today else "begin"
    if state == "open":
        return "next" if under_way and under_way["state"] == RoundState.CLOSED else "close"
    return "read"


def _act(needs: str, place: SeatFacts | None) -> str:
    who = frozenset({Role(place.role)}) if place else frozenset()
    return next((page for page in (ACTS[needs], *ELSE) if place and may(page, who)), "")


def by_site(study: StudyFacts, rows: Sequence[SessionRow], seats: Mapping[int, Seats], language: str) -> list[SiteRows]:
    """Under the sites of the level above, in the study's order; what has no site comes last."""
    found = []
    for key in [*(site["key"] for site in below(study.sites, "")), ""]:
        here = [row for row in rows if above(study.sites, row.site) == key]
        if here:
            name = own_name(study.sites, key, language) if key else ""
            place = {site["key"]: n for n, site in enumerate(study.sites)}
            ordered = sorted(here, key=lambda row: (place.get(row.site, -1), row.planned_on or date.max, row.id))
            found.append(_site(study, key, name, ordered, seats))
    return found


def _site(study: StudyFacts, key: str, name: str, rows: Sequence[SessionRow], seats: Mapping[int, Seats]) -> SiteRows:
    people: dict[str, int] = {}
    for row in rows:
        for group, n in seats.get(row.id, Seats({}, 0)).by_group.items():
            people[group] = people.get(group, 0) + n
    told = told_apart(people, study.floor)
    shapes = {group["key"]: group["shape"] for group in study.groups}
    groups = tuple(
        (shapes[group["key"]], group["key"], people[group["key"]]) for group in study.groups if group["key"] in told
    )
    total = sum(people.values())
    return SiteRows(key, name, tuple(rows), total, groups, total - sum(people[group] for group in told))


def told_apart(people: Mapping[str, int], k: int) -> Set[str]:
    """The groups that may be counted apart: none under k people, and none by subtraction from the sum of all: what is
    left over is nobody, or at least k people of two groups or more."""
    told = {group for group, n in people.items() if n >= k}
    left = [group for group, n in people.items() if n and group not in told]
    while left and told and (len(left) < 2 or sum(people[group] for group in left) < k):
        smallest = min(told, key=lambda group: (people[group], group))
        told.remove(smallest)
        left.append(smallest)
    return told
