"""A chart of the results page as a file that stands alone: for a manuscript, a slide, a wall.

It is given what the page was given, and draws it by the same macros. No figure is looked up or made here.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from consensus import text
from consensus.facts import round_name
from consensus.results import ClosedRound, Results
from consensus.web.asking import Ask

CHARTS = RANKS, SCORES = ("rank-by-round", "two-scores")
HEADING, LINE = 42, 78  # characters on a line of the picture, in the widest of the fallback typefaces
LONGEST = 40  # characters of a title in a file's name
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # a title may hold them, a picture may not


def answer(ask: Ask, name: str, shown: Mapping[str, Any]) -> Response:
    told = [line for sentence in _told(ask, name, shown) for line in _lines(LINE, sentence)]
    drawn = ask.drawn("chart.svg", **shown, heading=partial(_lines, HEADING), told=told, name=name)
    file = f'attachment; filename="{file_name(ask, name)}.svg"'
    headers = {"Content-Disposition": file, "Cache-Control": "no-store"}
    return Response(NO_XML.sub("", drawn), media_type="image/svg+xml", headers=headers)


def _told(ask: Ask, name: str, shown: Mapping[str, Any]) -> Iterator[str]:
    """What must be known of the figures where no page stands round them: whose they are, how they were made."""
    results: Results = shown["results"]
    titles = [text.pick(titled.title, ask.language) for titled in (ask.study, ask.here) if titled]
    if ask.here.rehearses is not None:
        yield ask.say("rehearsal.banner")
    yield " · ".join(
        [*titles, *([ask.say("results.closed_at", when=shown["closed_at"])] if shown["closed_at"] else [])]
    )
    for stage in results.rankings if name == RANKS else filter(None, [results.scoring]):
        yield _counted(ask, stage)
    if name != RANKS:
        yield ask.say("results.how.blanks")
    elif results.ordering is None:
        yield ask.say("results.how.unranked")
    elif ask.house.texts.has(ask.language, results.ordering.means):
        yield ask.say(results.ordering.means)
    yield ask.say("results.how.verdicts")
    yield ask.say("results.how.chain", hash=shown["chain"][:16])


def _counted(ask: Ask, stage: ClosedRound) -> str:
    """A step: its rule, how many are counted, its seal."""
    row = stage.row
    title = round_name(ask.say, row, ask.language)
    rule = ask.say("rule_is", rule=ask.say(stage.ruled[0], **stage.ruled[1])) if stage.ruled else ask.say("no_rule")
    seal = ask.say("results.how.seal", hash=row.hash[:12])
    if stage.answered is None:
        return f"{title}. {rule} {seal}"
    key = "results.how.counted" if row.counted_as and row.counted_as.aside else "results.how.answered"
    return f"{title}. {rule} {ask.say(key, done=stage.answered, n=stage.seats)} · {seal}"


def file_name(ask: Ask, name: str) -> str:
    """Study, session, chart and language, in letters that every disk knows."""
    assert ask.study is not None
    titles = [_plain(text.pick(titled.title, ask.language)) for titled in (ask.study, ask.here)]
    sort = ["rehearsal"] if ask.here.rehearses is not None else []
    return "-".join([*sort, *filter(None, titles), name, ask.language])


def named(ask: Ask) -> dict[str, str]:
    """The names of the files of all charts."""
    return {name: file_name(ask, name) for name in CHARTS}


def _plain(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters)[:LONGEST].strip("-")


def _lines(width: int, said: str) -> list[str]:
    """A sentence on as many lines as it needs; a no-break space does not break."""
    return textwrap.wrap(said.unescape() if isinstance(said, Markup) else said, width)
