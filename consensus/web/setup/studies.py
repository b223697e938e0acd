"""What a signed-in member of staff meets before any session: studies, a new study, a new session.

Who may see which session is decided by the seats that staff hold in them; a study without a seat is seen by whoever
leads it, as the journal tells. No statement, round or seat is set up here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, protocol, zones
from consensus.consents import PURPOSES
from consensus.erasure import of_mine
from consensus.facts import SeatFacts, SessionFacts, StudyFacts
from consensus.leading import led_by
from consensus.text import LANGUAGES, pick
from consensus.web.asking import Ask
from consensus.web.participant.consent import ticked_purposes
from consensus.web.setup import planned_study, study_groups
from consensus.web.setup.about import places, read_place
from consensus.web.setup.handed import handed_of, to_confirm
from consensus.web.setup.wordings import Problems, required, wordings
from rounds.contract import Role

FLOOR, FLOORS = 5, range(3, 21)
KEPT_YEARS = 7
CONSENT_LINES = 7
LISTED = 3  # sessions of a study that stand in the list of studies; where there are more, they are on its page


@dataclass(slots=True)
class Shelf:
    study: StudyFacts
    is_open: bool = False  # a session may be added
    sessions: list[tuple[SessionFacts, SeatFacts]] = field(default_factory=list)
    rehearsed: set[int] = field(default_factory=set)  # sessions of which a rehearsal is open


async def _shelves(staff: models.Staff) -> dict[int, Shelf]:
    """The studies of a member of staff, newest first, with the sessions in which they sit."""
    shelves: dict[int, Shelf] = {}
    real = models.Seat.filter(staff_id=staff.id, withdrawn="", session__rehearses__isnull=True)
    held = await real.select_related("session__study")
    rehearsals = await models.Session.filter(rehearses__in=[seat.session_id for seat in held])
    rehearsed = {session.rehearses for session in rehearsals}
    for seat in sorted(held, key=lambda seat: seat.session_id):
        shelf = shelves.setdefault(seat.session.study_id, Shelf(StudyFacts.of(seat.session.study)))
        shelf.sessions.append((SessionFacts.of(seat.session), SeatFacts.of(seat)))
        shelf.rehearsed |= {seat.session_id} & rehearsed
        shelf.is_open |= seat.role == Role.FACILITATOR
    for study in await models.Study.filter(id__in=await led_by(staff.id)):
        shelves.setdefault(study.id, Shelf(StudyFacts.of(study))).is_open = True
    return dict(sorted(shelves.items(), reverse=True))


def signed_in(ask: Ask) -> models.Staff:
    assert ask.staff is not None
    return ask.staff


async def studies(ask: Ask) -> Response:
    staff = signed_in(ask)
    shelves = list((await _shelves(staff)).values())
    brought = [(row.id, row.title) for row in await models.BroughtStudy.all().only("id", "title").order_by("-id")]
    return ask.page(
        "staff/studies.html",
        most=LISTED,
        shelves=[shelf for shelf in shelves if not shelf.study.is_put_away],
        away=[shelf for shelf in shelves if shelf.study.is_put_away],
        handed=await handed_of(ask, staff),
        erased=await of_mine(staff),
        to_confirm=await to_confirm(staff),
        brought=brought,
    )


async def new_study(ask: Ask) -> Response:
    if name := planned_study.chosen(ask):
        ask.typed = planned_study.filled(ask, name)
    return _study_form(ask, [])


def _study_form(ask: Ask, problems: Problems) -> Response:
    groups = study_groups.rows(ask)
    keys = [group.key for group in groups]
    given = {
        "planned": planned_study.chosen(ask),
        "protocols": planned_study.offers(ask),
        "groups": groups,
        "added": keys[-1] if "add" in ask.typed and not problems else "",
        "problems": problems,
        "naming_is_wrong": any(f"group.{key}." in name for name, _ in problems for key in study_groups.OFFERED),
        "apart_names": [(group.key, group.label) for group in groups],
        "apart": study_groups.by_first(study_groups.ticked_pairs(ask, keys)),
        "written_in": LANGUAGES,
        "purposes": PURPOSES,
        "consents": {name: _default_consent(ask, name) for name in LANGUAGES},
        "retention": date(zones.today_in(ask.house.settings.zone).year + KEPT_YEARS, 12, 31).isoformat(),
        "floor": FLOOR,
        "floors": FLOORS,
        **_zones(ask),
    }
    return ask.page("setup/study.html", **given)


def _zones(ask: Ask) -> dict[str, Any]:
    """Those offered, Canada's first; the installation's own stands before them where it is none of them."""
    own, offered = ask.house.settings.zone, {"ca": zones.CANADA, "elsewhere": zones.ELSEWHERE}
    return {
        "zone": own,
        "own_zone": zones.offers(ask.language, [own] if all(own not in names for names in offered.values()) else []),
        "zones": [(ask.say(f"study.zone.{key}"), zones.offers(ask.language, names)) for key, names in offered.items()],
    }


def _default_consent(ask: Ask, language: str) -> str:
    return "\n".join(ask.house.texts.say(language, f"consent.default.{n}") for n in range(1, CONSENT_LINES + 1))


async def create_study(ask: Ask) -> Response:
    problems: Problems = []
    is_redrawn = study_groups.is_redrawn(ask, problems)
    fields = {} if is_redrawn else _read_study(ask, problems)
    if problems:
        ask.error, ask.status = problems[0][1], 422
    if is_redrawn or problems:
        return _study_form(ask, problems)
    if name := planned_study.chosen(ask):
        study = await planned_study.lay(ask, signed_in(ask), name, fields)
        return ask.go("study", study=study.id)
    study = await conduct.create_study(ask.house, signed_in(ask), **fields)
    return ask.go("new_session", study=study.id)


def _read_study(ask: Ask, problems: Problems) -> dict[str, Any]:
    spoken = [name for name in LANGUAGES if ask.typed.one("languages") in {"", "both", name}]
    texts = {name: wordings(ask, name, spoken, problems) for name in ("title", "question", "consent")}
    zone = _read_zone(ask, problems)
    groups = study_groups.read_groups(ask, spoken, problems)
    return texts | {
        "languages": spoken,
        "groups": groups,
        "apart": study_groups.read_apart(ask, groups, problems),
        "floor": read_floor(ask, problems),
        "help_name": required(ask, "help_name", problems),
        "help_phone": required(ask, "help_phone", problems),
        "zone": zone,
        "retention": read_day(ask, zone, problems),
        "purposes": ticked_purposes(ask),
        "is_row_level_allowed": ask.typed.one("row_level") == "1",
        "has_call_list": ask.typed.one("call_list") == "1",
        "has_analysis_file": _read_analysis(ask, problems),
    }


def _read_analysis(ask: Ask, problems: Problems) -> bool:
    """A file of rows: only where rows may be given at all."""
    is_wanted = ask.typed.one("analysis") == "1"
    if is_wanted and ask.typed.one("row_level") != "1":
        problems.append(("analysis", ask.say("refused.analysis_needs_rows")))
    return is_wanted


def read_floor(ask: Ask, problems: Problems) -> int:
    floor = ask.typed.number("floor", digits=3)
    if floor is None or floor not in FLOORS:
        problems.append(("floor", ask.say("study.floor.bad", low=FLOORS[0], high=FLOORS[-1])))
        return FLOOR
    return floor


def _read_zone(ask: Ask, problems: Problems) -> str:
    """Any that the IANA knows; where nothing was chosen, the installation's."""
    zone = ask.typed.one("zone") or ask.house.settings.zone
    if not zones.is_known(zone):
        problems.append(("zone", ask.say("study.zone.bad")))
        return ask.house.settings.zone
    return zone


def read_day(ask: Ask, zone: str, problems: Problems) -> str:
    try:
        day = date.fromisoformat(ask.typed.one("retention"))
    except ValueError:
        day = date.min
    if day <= zones.today_in(zone):
        problems.append(("retention", ask.say("study.retention.bad")))
    return day.isoformat()


async def new_session(ask: Ask) -> Response:
    await open_study(ask)
    return _session_form(ask, [("", ask.error)] if ask.error else [])


async def open_study(ask: Ask) -> models.Study:
    """The study in the path, if this member of staff may add a session to it; the page then speaks its languages."""
    shelf = (await _shelves(signed_in(ask))).get(ask.request.path_params["study"])
    if shelf is None or not shelf.is_open:
        raise HTTPException(404)
    return await _speak(ask, shelf.study.id)


async def study_of_mine(ask: Ask) -> Shelf:
    """The study in the path, if this member of staff sits in a session of it, or made it; else it is not found."""
    shelf = (await _shelves(signed_in(ask))).get(ask.request.path_params["study"])
    if shelf is None:
        raise HTTPException(404)
    await _speak(ask, shelf.study.id)
    return shelf


async def _speak(ask: Ask, study_id: int) -> models.Study:
    """The page speaks the languages of its study."""
    ask.study = study = await models.Study.get(id=study_id)
    if ask.language not in study.languages:
        ask.language = ask.languages()[0]
    return study


def _session_form(ask: Ask, problems: Problems) -> Response:
    assert ask.study is not None
    own = ask.study.protocols or []
    offered = [protocol_in_words(ask, name) for name in protocol.names()]
    offered += [(one["key"], pick(one["names"], ask.language), ask.say("session.protocol.own")) for one in own]
    given = {
        "problems": problems or ([("", ask.error)] if ask.error else []),
        "offered": offered,
        "has_own": bool(own),
        **places(ask, StudyFacts.of(ask.study)),
    }
    return ask.page("setup/session.html", **given)


def protocol_in_words(ask: Ask, name: str) -> tuple[str, str, str]:
    """A protocol as it is offered: its title, or else its name, and what it is."""
    keys, has = (f"protocol.{name}", f"protocol.{name}.what"), ask.house.texts.has
    title, what = (ask.say(key) if has(ask.language, key) else "" for key in keys)
    return name, title or name, what


async def create_session(ask: Ask) -> Response:
    study = await open_study(ask)
    problems: Problems = []
    title = wordings(ask, "title", study.languages, problems)
    name = ask.typed.one("protocol")
    is_own = name in {one["key"] for one in study.protocols or []}
    if not is_own and name not in protocol.names():
        problems.append(("protocol", ask.say("missing.protocol")))
    place = read_place(ask, problems)
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return _session_form(ask, problems)
    is_imported = ask.typed.one("statements") == "import"
    plans = protocol.read_own(study.protocols, name, is_imported) if is_own else protocol.read(name, is_imported)
    session = await conduct.create_session(ask.house, signed_in(ask), study, title, plans, protocol=name, **place)
    is_brought = is_imported or ask.typed.one("statements") == "both"
    return ask.go("statements" if is_brought else "setup", session=session.id)
