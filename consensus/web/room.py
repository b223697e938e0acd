"""The room's way in: a short code on the screen, a group, a language, a seat.

Opening the page records nothing; the button takes a seat. A seat's own code is drawn once, for the person who took it,
and never logged. Wrong codes are counted like those of seats.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct, models, seats
from consensus.conduct import Refused
from consensus.text import pick
from consensus.web import entrance
from consensus.web.asking import Ask
from rounds.contract import Role, one


async def room(ask: Ask) -> Response:
    """Who invites, and what must be chosen before the button."""
    await _find(ask)
    return _page(ask)


async def again(ask: Ask) -> Response:
    """The same page after a refusal, or in the other language; the landing page where the code opens nothing."""
    if ask.status == 200:
        try:
            await _find(ask)
        except Refused as refused:
            ask.error, ask.status = ask.say(refused.key, **refused.values), 422
    if ask.study is None:
        return ask.page("landing.html")
    return _page(ask)


async def _find(ask: Ask) -> models.Session:
    """The session whose door the code opens; the asker's own, if any, is set aside."""
    ask.session = ask.study = None
    entrance.tries.check(entrance.address(ask))
    code = ask.request.path_params["code"]
    session = await seats.session_of_room(code)
    if session is None:
        entrance.tries.wrong(entrance.address(ask))
        ask.typed = {"code": [code[:20]]}
        raise Refused("refused.wrong_room")
    ask.session, ask.study = session, await models.Study.get(id=session.study_id)
    if ask.language not in session.languages:
        ask.language = session.languages[0]
    return session


def _page(ask: Ask) -> Response:
    return ask.page("room/door.html", has_seat=_has_seat(ask), groups=_groups(ask), written_in=ask.here.languages)


def _groups(ask: Ask) -> list[tuple[str, str, int]]:
    """Key, name and shape of each group of the study."""
    assert ask.study is not None
    return [(group["key"], pick(group["names"], ask.language), int(group["shape"])) for group in ask.study.groups]


def _has_seat(ask: Ask) -> bool:
    """This device is in already: it takes no second seat."""
    return ask.seat is not None and ask.seat.session_id == ask.here.id and ask.seat.role == Role.PARTICIPANT


async def join(ask: Ask) -> Response:
    session = await _find(ask)
    if _has_seat(ask):
        return ask.go("take", session=session.id)
    group, language = one(ask.typed, "group"), one(ask.typed, "language")
    spoken = language if language in session.languages else ask.language
    seat = await conduct.join(ask.house, session.room, group, spoken)
    ask.language = spoken
    value, life = await seats.sign_in(ask.house.store, seat=seat)
    ask.seat, ask.staff = seat, None
    code = seats.short_code(ask.house.settings, seat)
    shown = ask.page("room/joined.html", code=code, languages=[])  # to ask for the other language would lose the code
    entrance.hand_cookie(ask, shown, value, life)
    return shown
