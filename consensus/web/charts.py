"""A chart of the results page as a file that stands alone: for a manuscript, a slide, a wall.

It is given what the page was given, and draws it by the same macros. No figure is looked up or made here.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Mapping
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from consensus import text
from consensus.web.asking import Ask

HEADING, LINE = 42, 78  # characters on a line of the picture, in the widest of the fallback typefaces
LONGEST = 40  # characters of a title in a file's name
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # a title may hold them, a picture may not


def answer(ask: Ask, name: str, shown: Mapping[str, Any]) -> Response:
    lines = {"heading": partial(_lines, HEADING), "lines": partial(_lines, LINE)}
    drawn = ask.drawn("chart.svg", **shown, **lines, name=name)
    told = f'attachment; filename="{file_name(ask, name)}.svg"'
    headers = {"Content-Disposition": told, "Cache-Control": "no-store"}
    return Response(NO_XML.sub("", drawn), media_type="image/svg+xml", headers=headers)


def file_name(ask: Ask, name: str) -> str:
    """Study, session, chart and language, in letters that every disk knows."""
    assert ask.study is not None
    titles = [_plain(text.pick(titled.title, ask.language)) for titled in (ask.study, ask.here)]
    sort = ["rehearsal"] if ask.here.rehearses is not None else []
    return "-".join([*sort, *filter(None, titles), name, ask.language])


def _plain(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters)[:LONGEST].strip("-")


def _lines(width: int, said: str) -> list[str]:
    """A sentence on as many lines as it needs; a no-break space does not break."""
    return textwrap.wrap(said.unescape() if isinstance(said, Markup) else said, width)
