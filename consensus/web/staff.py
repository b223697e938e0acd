"""What a signed-in member of staff meets before any session: studies, a new study, a new session.

Who may see which session is decided by the seats that staff hold in them; a study without a seat is seen by whoever
made it, as the journal tells. No statement, round or seat is set up here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, protocol
from consensus.consents import PURPOSES
from consensus.journal import HOUSE
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from rounds.contract import Role, one

# Offered to every new study, in the order in which small ones are counted together; with their shapes.
GROUPS = {"patients": 1, "caregivers": 2, "community": 5, "clinicians": 3, "managers": 4, "ministry": 6}
FLOOR, FLOORS = 5, range(3, 21)
KEPT_YEARS = 7
CONSENT_LINES = 7
LONGEST = {"title": 200, "question": 500, "consent": 10_000, "group": 80, "help_name": 120, "help_phone": 40}
LONGEST["news"] = 500  # what is new in a later consent

Problems = list[tuple[str, str]]  # (field, sentence), as the page shows them


@dataclass(slots=True)
class Shelf:
    study: models.Study
    is_open: bool = False  # a session may be added
    sessions: list[tuple[models.Session, models.Seat]] = field(default_factory=list)
    rehearsed: set[int] = field(default_factory=set)  # sessions of which a rehearsal is open


async def _shelves(staff: models.Staff) -> dict[int, Shelf]:
    """The studies of a member of staff, newest first, with the sessions in which they sit."""
    shelves: dict[int, Shelf] = {}
    real = models.Seat.filter(staff_id=staff.id, withdrawn="", session__rehearses__isnull=True)
    held = await real.select_related("session__study")
    rehearsals = await models.Session.filter(rehearses__in=[seat.session_id for seat in held])
    rehearsed = {session.rehearses for session in rehearsals}
    for seat in sorted(held, key=lambda seat: seat.session_id):
        shelf = shelves.setdefault(seat.session.study_id, Shelf(seat.session.study))
        shelf.sessions.append((seat.session, seat))
        shelf.rehearsed |= {seat.session_id} & rehearsed
        shelf.is_open |= seat.role == Role.FACILITATOR
    lines = await models.Entry.filter(head=HOUSE, act="create_study", role="staff", alias=str(staff.id))
    for study in await models.Study.filter(id__in=[json.loads(line.payload)["study"] for line in lines]):
        shelves.setdefault(study.id, Shelf(study)).is_open = True
    return dict(sorted(shelves.items(), reverse=True))


def signed_in(ask: Ask) -> models.Staff:
    assert ask.staff is not None
    return ask.staff


async def studies(ask: Ask) -> Response:
    return ask.page("staff/studies.html", shelves=list((await _shelves(signed_in(ask))).values()))


async def new_study(ask: Ask) -> Response:
    return _study_form(ask, [])


def _study_form(ask: Ask, problems: Problems) -> Response:
    given = {
        "groups": [(key, shape, _names(ask, key)) for key, shape in GROUPS.items()],
        "problems": problems,
        "naming_is_wrong": any(name.startswith("group.") and name.count(".") == 2 for name, _ in problems),
        "written_in": LANGUAGES,
        "purposes": PURPOSES,
        "consents": {name: _default_consent(ask, name) for name in LANGUAGES},
        "retention": date(date.today().year + KEPT_YEARS, 12, 31).isoformat(),
        "floor": FLOOR,
        "floors": FLOORS,
    }
    return ask.page("setup/study.html", **given)


def _names(ask: Ask, group: str) -> dict[str, str]:
    return {name: ask.house.texts.say(name, f"group.{group}") for name in LANGUAGES}


def _default_consent(ask: Ask, language: str) -> str:
    return "\n".join(ask.house.texts.say(language, f"consent.default.{n}") for n in range(1, CONSENT_LINES + 1))


async def create_study(ask: Ask) -> Response:
    problems: Problems = []
    fields = _read_study(ask, problems)
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return _study_form(ask, problems)
    study = await conduct.create_study(ask.house, signed_in(ask), **fields)
    return ask.go("new_session", study=study.id)


def _read_study(ask: Ask, problems: Problems) -> dict[str, Any]:
    spoken = [name for name in LANGUAGES if one(ask.typed, "languages") in {"", "both", name}]
    texts = {name: wordings(ask, name, spoken, problems) for name in ("title", "question", "consent")}
    return texts | {
        "languages": spoken,
        "groups": _read_groups(ask, spoken, problems),
        "floor": _read_floor(ask, problems),
        "help_name": _required(ask, "help_name", problems),
        "help_phone": _required(ask, "help_phone", problems),
        "retention": _read_day(ask, problems),
        "purposes": ticked_purposes(ask),
        "is_row_level_allowed": one(ask.typed, "row_level") == "1",
    }


def ticked_purposes(ask: Ask) -> list[str]:
    return [name for name in PURPOSES if ask.typed.get(f"purpose.{name}")]


def _required(ask: Ask, name: str, problems: Problems, kind: str = "") -> str:
    value = one(ask.typed, name).replace("\r\n", "\n")
    longest = LONGEST[kind or name]
    if not value:
        problems.append((name, ask.say(f"missing.{kind or name}")))
    elif len(value) > longest:
        problems.append((name, ask.say("too_long", n=longest, now=len(value))))
    return value


def wordings(ask: Ask, name: str, spoken: Sequence[str], problems: Problems) -> dict[str, str]:
    return {language: _required(ask, f"{name}.{language}", problems, name) for language in spoken}


def _read_groups(ask: Ask, spoken: Sequence[str], problems: Problems) -> list[dict[str, Any]]:
    ticked = [key for key in GROUPS if ask.typed.get(f"group.{key}")]
    if not ticked:
        problems.append((f"group.{next(iter(GROUPS))}", ask.say("missing.groups")))
    groups = []
    for key in ticked:
        names = {name: _required(ask, f"group.{key}.{name}", problems, "group") for name in spoken}
        groups.append({"key": key, "names": names, "shape": GROUPS[key]})
    return groups


def _read_floor(ask: Ask, problems: Problems) -> int:
    text = one(ask.typed, "floor")
    if not (text.isdecimal() and len(text) < 4 and int(text) in FLOORS):
        problems.append(("floor", ask.say("study.floor.bad", low=FLOORS[0], high=FLOORS[-1])))
        return FLOOR
    return int(text)


def _read_day(ask: Ask, problems: Problems) -> str:
    try:
        day = date.fromisoformat(one(ask.typed, "retention"))
    except ValueError:
        day = date.min
    if day <= date.today():
        problems.append(("retention", ask.say("study.retention.bad")))
    return day.isoformat()


async def new_session(ask: Ask) -> Response:
    await open_study(ask)
    return _session_form(ask, [])


async def open_study(ask: Ask) -> models.Study:
    """The study in the path, if this member of staff may add a session to it; the page then speaks its languages."""
    shelf = (await _shelves(signed_in(ask))).get(ask.request.path_params["study"])
    if shelf is None or not shelf.is_open:
        raise HTTPException(404)
    ask.study = shelf.study
    if ask.language not in shelf.study.languages:
        ask.language = ask.languages()[0]
    return shelf.study


def _session_form(ask: Ask, problems: Problems) -> Response:
    return ask.page("setup/session.html", problems=problems, protocols=protocol.names())


async def create_session(ask: Ask) -> Response:
    study = await open_study(ask)
    problems: Problems = []
    title = wordings(ask, "title", study.languages, problems)
    name = one(ask.typed, "protocol")
    if name not in protocol.names():
        problems.append(("protocol", ask.say("missing.protocol")))
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return _session_form(ask, problems)
    is_imported = one(ask.typed, "statements") == "import"
    plans = protocol.read(name, is_imported)
    session = await conduct.create_session(ask.house, signed_in(ask), study, title, plans)
    return ask.go("statements" if is_imported else "setup", session=session.id)
