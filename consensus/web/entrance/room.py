"""The room's way in: a short code on the screen, a group, a language, a seat.

Opening the page records nothing; the button takes a seat. A seat's own code is drawn once, for the person who took it,
and never logged. Wrong codes slow down whoever sends them (pace.py).
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct, models, seats
from consensus.conduct import Refused
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.entrance import sign_in
from consensus.web.form import Typed
from rounds.contract import Role


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
    code, origin, is_try = ask.request.path_params["code"], sign_in.source(ask), ask.request.scope["method"] == "POST"
    # Looking never counts as a try, as any page may make a browser look; but it tells as much, so it has its own pace.
    pace = sign_in.paces.rooms if is_try else sign_in.paces.looks
    await pace.before(origin)
    session = await seats.session_of_room(code)
    if session is None:
        ask.typed = Typed({"code": [code[:20]]})
        raise Refused("refused.wrong_room")
    pace.right(origin)
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
    group, language = ask.typed.one("group"), ask.typed.one("language")
    spoken = language if language in session.languages else ask.language
    seat = await conduct.join(ask.house, session.room, group, spoken, ask.typed.key)
    ask.language = spoken
    cookie = await sign_in.signed_in(ask, seat)
    code = seats.short_code(ask.house.settings, seat)
    shown = ask.page("room/joined.html", code=code, languages=[])  # to ask for the other language would lose the code
    sign_in.hand_cookie(ask, shown, *cookie)
    return shown
