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

from rjsmin import jsmin
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rounds import KINDS
from rounds.contract import Role

SHARED = ("base", "tokens", "components")
ANSWERED = tuple(name for name, kind in KINDS.items() if Role.PARTICIPANT in kind.cast_by)
STAFFED = ("console", "results", "invitations", "study", "compare", "where_from")
PARTS = {
    "participant": (*SHARED, "participant", *ANSWERED, "print"),
    "team": (
        *SHARED,
        *STAFFED,
        *KINDS,
        *(f"{name}-desk" for name in KINDS),
        "print",
    ),
    "projector": (*SHARED, "projector", *KINDS),
}
SCRIPTS = ("htmx-4.0.1.min.js", "hx-ws-4.0.1.min.js")  # the extension after what it extends
# Of every page; none imports or exports anything.
MODULES = ("beat", "leaving", "sight", "connection", "announce", "timer", "calls", "number")
FOR_EVER = "public, max-age=31536000, immutable"
LEVEL = 9  # packed at start, never while somebody waits
IMPORT = re.compile(rb'^import \{[^}]*\} from "(\./[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(rb"^export (?=const|let|function|async)", re.MULTILINE)
REMARK, INDENT = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s*\n\s*")


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
        name = path.relative_to(folder).as_posix()
        yield name, File.of(jsmin(whole(path)) if name.startswith("js/") else path.read_bytes(), path.name)
    for audience, parts in PARTS.items():
        found = [folder / "css" / f"{part}.css" for part in parts]
        joined = "".join(path.read_text(encoding="utf-8") for path in found if path.is_file())  # not all kinds have one
        yield f"joined/{audience}.css", File.of(bare(joined).encode(), "joined.css")
    scripts = b"\n".join((folder / "vendor" / name).read_bytes() for name in SCRIPTS)
    yield "joined/htmx.js", File.of(scripts, "htmx.js")
    modules = [path.read_bytes() for path in (folder / "js" / f"{name}.js" for name in MODULES) if path.is_file()]
    yield "joined/live.js", File.of(jsmin(b"".join(b"{\n%s}\n" % module for module in modules)), "live.js")


def whole(script: Path) -> bytes:
    """A script with what it imports before it, each once: a page asks for one file, and no address goes stale in it."""
    there: set[Path] = set()

    def imported(folder: Path, address: bytes) -> bytes:
        path = (folder / address.decode()).resolve()
        if path in there:
            return b""
        there.add(path)
        return EXPORT.sub(b"", put_in(path))

    def put_in(path: Path) -> bytes:
        return IMPORT.sub(lambda found: imported(path.parent, found[1]), path.read_bytes())

    return put_in(script)


def bare(styles: str) -> str:
    """Without remarks and indents. No more: within a layer a minifier may take `.a :is(b)` for `.a:is(b)`."""
    return INDENT.sub("\n", REMARK.sub("", styles))
