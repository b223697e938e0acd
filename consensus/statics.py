"""The files that pages load: read once, packed once, joined so that a page asks for few of them.

A style sheet is written in parts and served as one file an audience; our own styles and scripts go out without their
comments. An address carries the hash of what it gives, so that a browser may keep it for ever. Nothing here knows a
page.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rounds import KINDS
from rounds.contract import Role

SHARED = ("base", "tokens", "components")
ANSWERED = tuple(name for name, kind in KINDS.items() if Role.PARTICIPANT in kind.cast_by)
PARTS = {
    "participant": (*SHARED, "participant", *ANSWERED, "print"),
    "team": (*SHARED, "console", "results", "invitations", *KINDS, *(f"{name}-desk" for name in KINDS), "print"),
    "projector": (*SHARED, "projector", *KINDS),
}
SCRIPTS = ("htmx-4.0.1.min.js", "hx-ws-4.0.1.min.js")  # the extension after what it extends
MODULES = ("connection", "announce", "timer", "calls")  # of every page; none imports or exports anything
FOR_EVER = "public, max-age=31536000, immutable"
DESCENDANT = re.compile(rb"(?<=[\w)\]]) :(?=is\()")  # rcssmin takes this space away inside a layer
LEVEL = 9  # packed at start, never while somebody waits


@dataclass(frozen=True, slots=True)
class File:
    """packed: the same, compressed; the body again where that gains nothing."""

    body: bytes
    packed: bytes
    media: str
    digest: str

    @classmethod
    def of(cls, body: bytes, name: str) -> File:
        packed = gzip.compress(body, LEVEL, mtime=0)
        media = mimetypes.guess_type(name)[0] or "text/plain"
        return cls(body, min(packed, body, key=len), media, sha256(body).hexdigest()[:10])


class Statics:
    """Everything under one folder, and what is joined of it, by its path; served as it stands in memory."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files

    @classmethod
    @cache
    def load(cls, folder: Path) -> Statics:
        return cls(dict(_all(folder)))

    def address(self, path: str) -> str:
        """KeyError where there is no such file: a page that names it is a defect."""
        return f"/static/{path}?v={self._files[path].digest}"

    def text(self, path: str) -> str:
        return self._files[path].body.decode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._files.get(scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/"))
        if file is None:
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405)
        await _answer(file, Request(scope))(scope, receive, send)


def _answer(file: File, request: Request) -> Response:
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if file.packed is not file.body and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media, headers=headers | {"Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.media, headers=headers)


def _all(folder: Path) -> Iterator[tuple[str, File]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, body = path.relative_to(folder).as_posix(), path.read_bytes()
        yield name, File.of(jsmin(body) if name.startswith("js/") else body, path.name)
    for audience, parts in PARTS.items():
        found = [folder / "css" / f"{part}.css" for part in parts]
        joined = b"".join(path.read_bytes() for path in found if path.is_file())  # not every kind has its own
        yield f"joined/{audience}.css", File.of(cssmin(DESCENDANT.sub(b" *:", joined)), "joined.css")
    scripts = b"\n".join((folder / "vendor" / name).read_bytes() for name in SCRIPTS)
    yield "joined/htmx.js", File.of(scripts, "htmx.js")
    modules = [path.read_bytes() for path in (folder / "js" / f"{name}.js" for name in MODULES) if path.is_file()]
    yield "joined/live.js", File.of(jsmin(b"".join(b"{\n%s}\n" % module for module in modules)), "live.js")
