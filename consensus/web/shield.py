"""What stands round every answer: security headers, no writing from other sites, our own access log.

The server's own log is off, since paths hold seat links; this one writes route names, never a path or a query.
"""

from __future__ import annotations

import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consensus.settings import LOOPBACK, Settings

log = logging.getLogger("consensus.access")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src {connect}; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Referrer-Policy": "same-origin",  # no-referrer would make browsers send Origin: null with our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def origins(settings: Settings) -> frozenset[str]:
    """The addresses that are ours: the one set, and on this machine its other names."""
    parts = urlsplit(settings.origin)
    if parts.hostname not in LOOPBACK:
        return frozenset({settings.origin})
    port = f":{parts.port}" if parts.port else ""
    return frozenset(f"{parts.scheme}://{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]"))


def is_ours(headers: Headers, ours: frozenset[str]) -> bool:
    """Does this request come from a page of ours? Fetch metadata first, Origin where a browser sends none."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" if site is not None else headers.get("origin") in ours


def headers_for(settings: Settings) -> dict[str, str]:
    """The headers of every answer, whoever draws it."""
    # Older Safari does not count a socket to the same host as 'self'.
    # A numbered host of IPv6 is no source that browsers take.
    sockets = " ".join(sorted(o.replace("http", "ws", 1) for o in origins(settings) if "[" not in o))
    headers = {**HEADERS, "Content-Security-Policy": POLICY.format(connect=f"'self' {sockets}")}
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


class Shield:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.ours = origins(settings)
        self.hosts = {urlsplit(origin).netloc for origin in self.ours}
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers_for(settings).items()]
        self.names = {name for name, _ in self.headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        headers = Headers(scope=scope)

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [pair for pair in message["headers"] if pair[0] not in self.names]
                message["headers"] = [*own, *self.headers]
            await send(message)

        try:
            if headers.get("host") not in self.hosts:
                await PlainTextResponse("Unknown host", 400)(scope, receive, send_on)
            elif scope["method"] not in SAFE and not is_ours(headers, self.ours):
                await PlainTextResponse("This form was not sent from our page", 403)(scope, receive, send_on)
            else:
                await self.app(scope, receive, send_on)
        finally:
            route = scope.get("route")
            took = (time.perf_counter() - began) * 1000
            log.info("%s %s %s %.0f ms", scope["method"], getattr(route, "name", "-"), status, took)
