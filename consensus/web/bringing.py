"""What a facilitator brings to a session: a file of statements, a roster, colleagues. Looked at first, then taken.

A text with one bad line brings nothing; what was pasted stays on the page. Reading is done by statements_file and
roster, seating and storing by conduct.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct, models, roster, statements_file
from consensus.conduct import Guest, Refused
from consensus.lines import plain
from consensus.outcome import statement_from
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from consensus.web.planning import whole
from consensus.web.setup import group_names
from rounds.contract import Role, one

COLLEAGUES = (Role.FACILITATOR, Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)
MOST_SEATS = 500  # of a group, in one go
WAYS = ("list", "number", "staff")


async def statements(ask: Ask) -> Response:
    await _close_files(ask)
    text = one(ask.typed, "text")
    reading = statements_file.parse(text, ask.here.languages) if text else None
    given = {
        "reading": reading,
        "columns": ", ".join(statements_file.COLUMNS),
        "held": [statement_from(data) for data in ask.here.imported],
        "is_begun": await models.Round.filter(session_id=ask.here.id).exclude(state="draft").exists(),
    }
    return ask.page("setup/statements.html", **given)


async def bring_statements(ask: Ask) -> Response:
    """First shown, then imported as a whole; a file is read into the text, which is what counts from then on."""
    await _read_file(ask)
    text = one(ask.typed, "text")
    if not text:
        raise Refused("missing.file")
    reading = statements_file.parse(text, ask.here.languages)
    if reading.problems:
        raise Refused("file.refused", n=len(reading.problems))
    if one(ask.typed, "do") != "confirm":
        return await statements(ask)
    await conduct.import_statements(ask.house, ask.mine, reading.statements)
    return ask.go("setup", session=ask.here.id)


async def _read_file(ask: Ask) -> None:
    file = ask.files.get("file")
    data = await file.read() if file is not None else b""
    await _close_files(ask)
    if not data:
        return
    if len(data) > statements_file.MOST_BYTES:
        raise Refused("file.too_large", n=statements_file.MOST_BYTES // 1000)
    text = statements_file.decode(data)
    if text is None:
        raise Refused("file.not_utf8")
    ask.typed = {**ask.typed, "text": [text], "do": ["look"]}  # another file than the one that was looked at


async def _close_files(ask: Ask) -> None:
    for file in ask.files.values():
        await file.close()


async def people(ask: Ask) -> Response:
    """The roster: who sits here, and one way of adding people at a time."""
    held = await models.Seat.filter(session_id=ask.here.id, withdrawn="").select_related("staff")
    by = ask.request.query_params.get("by", "")
    text = one(ask.typed, "roster")
    present = [seat.group for seat in held if seat.role == Role.PARTICIPANT]
    given = {
        "way": by if by in WAYS else WAYS[0],
        "ways": WAYS,
        "lines": roster.parse(text, await _book(ask)) if text else None,
        "counted": [(group, present.count(group["key"])) for group in (ask.study.groups if ask.study else [])],
        "people": len(present),
        "colleagues": [seat for seat in held if seat.staff_id is not None],
        "roles": COLLEAGUES,
        "names": group_names(ask),
        "added": ask.request.query_params.get("added", ""),
    }
    return ask.page("setup/roster.html", **given)


async def seat_people(ask: Ask) -> Response:
    match ask.request.query_params.get("by", ""):
        case "number":
            guests = _numbered(ask)
        case "staff":
            guests = [await _colleague(ask)]
        case _:
            listed = await _listed(ask)
            if one(ask.typed, "do") != "confirm":
                return await people(ask)
            guests = listed
    made = await conduct.add_seats(ask.house, ask.mine, guests)
    return ask.go("roster", session=ask.here.id, query=urlencode({"added": len(made)}))


async def _book(ask: Ask) -> roster.Book:
    groups = {plain(group["key"]): group["key"] for group in (ask.study.groups if ask.study else [])}
    for group in ask.study.groups if ask.study else []:
        groups |= {plain(name): group["key"] for name in group["names"].values()}
    roles = {plain(role): role for role in COLLEAGUES}
    for name in LANGUAGES:
        roles |= {plain(ask.house.texts.say(name, f"role.{role}")): role for role in COLLEAGUES}
    seats = await models.Seat.filter(session_id=ask.here.id, withdrawn="").select_related("person", "staff")
    seated = {seat.person.mail for seat in seats if seat.person} | {seat.staff.mail for seat in seats if seat.staff}
    staff = {person.mail: person.id for person in await models.Staff.all()}
    return roster.Book(groups, ask.here.languages, roles, staff, frozenset(seated - {""}))


async def _listed(ask: Ask) -> list[Guest]:
    lines = roster.parse(one(ask.typed, "roster"), await _book(ask))
    bad = [line for line in lines if line.problem is not None]
    if not lines:
        raise Refused("missing.roster")
    if bad:
        raise Refused("roster.refused", n=len(bad))
    return [line.guest for line in lines if line.guest is not None]


def _numbered(ask: Ask) -> list[Guest]:
    """So many seats of each group, without names; people tell their language by opening the link."""
    language = one(ask.typed, "language")
    guests: list[Guest] = []
    for key, name in group_names(ask).items():
        if not one(ask.typed, f"seats.{key}"):
            continue
        n = whole(ask.typed, f"seats.{key}", name)
        if n > MOST_SEATS:
            raise Refused("roster.too_many_seats", n=MOST_SEATS)
        spoken = language if language in ask.here.languages else ask.here.languages[0]
        guests += [Guest(Role.PARTICIPANT, key, spoken)] * n
    if not guests:
        raise Refused("missing.seats")
    return guests


async def _colleague(ask: Ask) -> Guest:
    mail, role = one(ask.typed, "mail").lower(), one(ask.typed, "role")
    staff = await models.Staff.get_or_none(mail=mail) if mail else None
    if staff is None:
        raise Refused("roster.no_account", value=mail or "–")
    if role not in COLLEAGUES:
        raise Refused("missing.role")
    if await models.Seat.exists(session_id=ask.here.id, staff_id=staff.id, withdrawn=""):
        raise Refused("roster.already_seated", value=mail)
    language = staff.language if staff.language in ask.here.languages else ask.here.languages[0]
    return Guest(Role(role), "", language, staff_id=staff.id)
