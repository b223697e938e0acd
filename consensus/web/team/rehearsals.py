"""A rehearsal, as the team meets it beside the ordinary pages: made, played by simulated people, seen with their eyes,
thrown away.

Its banner stands on every page of it (templates/parts/rehearsal.html). No act is done here but through conduct and
the player.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.simulation import player
from consensus.web.asking import LARGEST, VIEW_AS, Ask
from rounds.contract import Role


async def rehearse(ask: Ask) -> Response:
    """Make a rehearsal of this session, or go to the one that is open."""
    rehearsal = await player.rehearse(ask.house, ask.mine)
    return ask.go("console", session=rehearsal.id)


async def rehearsal(ask: Ask) -> Response:
    """How far simulated people are, asked every second while they play; a page behind the play is drawn again."""
    play, at = ask.house.running.of(ask.here.id), ask.request.query_params.get("at", "")
    if ask.here.rehearses is None or "hx-request" not in ask.request.headers:
        return ask.go("console", session=ask.here.id)
    page = ask.page("parts/play.html", play=play)
    if play is None or play.failed or str(play.n) != at:
        page.headers["HX-Refresh"] = "true"
    return page


async def play(ask: Ask) -> Response:
    """What the buttons of the banner do."""
    if ask.here.rehearses is None:
        raise Refused("refused.no_rehearsal")
    match ask.typed.one("do"):
        case "answer" | "step" | "all" as what:
            await player.start(ask.house, ask.here, what)
        case "stop":
            await ask.house.running.stop(ask.here.id)
        case "discard":
            return ask.go("console", session=await conduct.discard_rehearsal(ask.house, ask.mine))
        case _:
            raise Refused("refused.no_rehearsal")
    return ask.go("console", session=ask.here.id)


async def see_as(ask: Ask) -> Response:
    """Open a simulated person's pages: from here on they are this person's, the others stay the team's."""
    simulated = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT, is_simulated=True, withdrawn="")
    wanted = ask.request.path_params["seat"]
    seat = await simulated.get_or_none(id=wanted) if wanted <= LARGEST else None
    seat = seat or await simulated.order_by("id").first()
    if seat is None or ask.here.rehearses is None:
        return ask.go("seats", session=ask.here.id)
    response = ask.go("take", session=ask.here.id)
    path = ask.address("home", session=ask.here.id)
    is_https = ask.house.settings.is_https
    response.set_cookie(VIEW_AS, str(seat.id), path=path, httponly=True, samesite="lax", secure=is_https)
    return response
