"""Pages for what went wrong: one sentence in the reader's language, what to do, and no detail of the machine."""

from __future__ import annotations

import logging
from secrets import token_hex

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from consensus.house import House
from consensus.text import LANGUAGES
from consensus.web.shield import headers_for

log = logging.getLogger(__name__)

KNOWN = {400, 401, 403, 404, 405, 409, 413, 503}


class Errors:
    def __init__(self, house: House) -> None:
        self._house = house
        self._headers = headers_for(house.settings)

    async def http(self, request: Request, failure: Exception) -> Response:
        assert isinstance(failure, HTTPException)
        return self._page(request, failure.status_code, "")

    async def lost(self, request: Request, failure: Exception) -> Response:
        """The database could not keep what was sent; the page keeps it and tries again."""
        log.error("a commit failed: %s", failure)
        return self._page(request, 503, "")

    async def crash(self, request: Request, failure: Exception) -> Response:
        """A defect: the reader gets a number to tell, the log gets the same number and the trace."""
        number = token_hex(3).upper()
        log.exception("incident %s", number, exc_info=failure)
        page = self._page(request, 500, number)
        page.headers.update(self._headers)  # this page is drawn outside the shield
        return page

    def _page(self, request: Request, status: int, incident: str) -> Response:
        language = _language(request)
        shown = status if status in KNOWN else 500
        given = {
            "status": shown,
            "incident": incident,
            "path": "/",
            "query": {},
            "languages": list(LANGUAGES),
            "session": None,
            "study": None,
            "seat": None,
            "staff": None,
            "may": lambda what: False,
            "error": "",
        }
        html = self._house.pages.whole("error.html", language, given)
        return HTMLResponse(html, status, headers={"Retry-After": "5"} if status == 503 else None)


def _language(request: Request) -> str:
    wished = [request.query_params.get("lang"), request.cookies.get("language")]
    wished += [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((name for name in wished if name in LANGUAGES), LANGUAGES[0])
