"""Pages for what went wrong: one sentence in the reader's language, what to do, and no detail of the machine."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from consensus.guard import ANO, may
from consensus.house import House
from consensus.text import LANGUAGES
from consensus.traces import trace
from consensus.web.refused import resent, typed_in, words_in
from consensus.web.shield import headers_for
from rounds.contract import Role

log = logging.getLogger(__name__)

KNOWN = {400, 401, 403, 404, 405, 409, 413, 503}


class Errors:
    def __init__(self, house: House) -> None:
        self._house = house
        self._headers = headers_for(house.settings)

    async def http(self, request: Request, failure: Exception) -> Response:
        assert isinstance(failure, HTTPException)
        if failure.status_code == 401 and request.method == "GET" and _is_of_team(request):
            return self._sign_in(request)
        return await self._page(request, failure.status_code, "")

    async def lost(self, request: Request, failure: Exception) -> Response:
        """The database could not keep what was sent; the page keeps it and tries again."""
        log.error("a commit failed:\n%s", trace(failure))
        return await self._page(request, 503, "")

    async def away(self, request: Request, failure: Exception) -> Response:
        """The database does not answer; its pulse has told the log so, once."""
        return await self._page(request, 503, "")

    async def odd(self, request: Request, failure: Exception) -> Response:
        """Longer than any field of a form of ours may be."""
        return await self._page(request, 400, "")

    async def left(self, request: Request, failure: Exception) -> Response:
        """Whoever asked hung up: no incident, and nobody reads this."""
        return Response(status_code=400)

    async def crash(self, request: Request, failure: Exception) -> Response:
        """A defect: the reader gets a number to tell, the log gets the same number and the trace."""
        number = token_hex(3).upper()
        log.error("incident %s\n%s", number, trace(failure))
        page = await self._page(request, 500, number)
        page.headers.update(self._headers)  # this page is drawn outside the shield
        return page

    def _sign_in(self, request: Request) -> Response:
        """Whoever was signed in signs in again, and comes back to where they were."""
        to = _page_of(request)
        if "hx-request" in request.headers:  # part of a page: the whole of it goes there
            return Response(status_code=401, headers={"HX-Redirect": _sign_in(to)})
        given = _nobody() | {"path": "/staff/sign-in", "to": to, "typed": lambda name: ""}
        return HTMLResponse(self._house.pages.whole("staff/sign_in.html", _language(request), given), 401)

    async def _page(self, request: Request, status: int, incident: str) -> Response:
        language = _language(request)
        typed = await typed_in(request)
        can_send = status == 503 or (status == 401 and _is_of_team(request))
        given = _nobody() | {
            "status": status if status in KNOWN else 500,
            "incident": incident,
            "path": "/",
            "signs_in": _sign_in(_page_of(request)) if status == 401 else "",
            "words": words_in(typed),
            "resent": resent(typed) if can_send else [],
            "action": request.url.path,
        }
        html = self._house.pages.whole("error.html", language, given)
        return HTMLResponse(html, status, headers={"Retry-After": "5"} if status == 503 else None)


def _is_of_team(request: Request) -> bool:
    """A page that neither strangers nor participants may see: whoever asks has signed in before."""
    name = getattr(request.scope.get("route"), "name", "")
    return bool(name) and not may(name, frozenset({Role.PARTICIPANT})) and not may(name, frozenset({ANO}))


def _nobody() -> dict[str, Any]:
    """What the frame of a page is given where nobody is known."""
    none = dict.fromkeys(("session", "study", "seat", "staff"))
    return {"query": {}, "languages": list(LANGUAGES), **none, "may": lambda what: False, "error": ""}


def _page_of(request: Request) -> str:
    """The page that somebody was on: the one asked for, or the one from which a form was sent."""
    at = request.url if request.method == "GET" else URL(request.headers.get("referer", ""))
    return f"{at.path}?{at.query}" if at.query else at.path


def _sign_in(where: str) -> str:
    return f"/staff/sign-in?{urlencode({'to': where})}"


def _language(request: Request) -> str:
    wished = [request.query_params.get("lang"), request.cookies.get("language")]
    wished += [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((name for name in wished if name in LANGUAGES), LANGUAGES[0])
