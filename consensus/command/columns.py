"""By which names a column of ratings or rankings is known, and which are only bookkeeping: as columns.toml lists them.

Names are compared folded: without accents and case, _ between words. Each column's own name goes before its synonyms.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources

from consensus.imports.names import fold

PARTICIPANT, STATEMENT, GROUP, ROUND, CRITERION = "participant", "statement", "group", "round", "criterion"
VALUE, RANK = "value", "rank"
COUNTS = ("#", "count")  # of people who gave a row, in a file of rankings
_LISTS = tomllib.loads(resources.files("consensus.data").joinpath("columns.toml").read_text(encoding="utf-8"))
_KNOWN: Mapping[str, Sequence[str]] = _LISTS["known"]
_BOOKKEEPING = frozenset(_LISTS["bookkeeping"]["names"])
_VARIABLE = re.compile(r"[a-z]\w*_(?:complete|timestamp)|(?:group|question)time\w*", re.ASCII | re.IGNORECASE)


def known(answer: str) -> Mapping[str, Sequence[str]]:
    """answer: VALUE or RANK."""
    return {name: _KNOWN[name] for name in (PARTICIPANT, STATEMENT, answer, GROUP, ROUND, CRITERION)}


def in_wide() -> Mapping[str, Sequence[str]]:
    """Columns that are no answers, in a file with a row a person."""
    return {name: _KNOWN[name] for name in (PARTICIPANT, GROUP)}


def is_group(name: str) -> bool:
    return fold(name) in (GROUP, *_KNOWN[GROUP])


def other(answer: str, criterion: str) -> str:
    """What the answers of a criterion of our own are instead; "" where they may be what is asked for."""
    return str(_LISTS["other"][answer].get(fold(criterion).partition("_")[0], ""))


def is_bookkeeping(title: str) -> bool:
    """Also where a code stands before it, as in "submitdate. Date submitted"."""
    names = {fold(title), fold(title.partition(".")[0])}
    return bool(names & _BOOKKEEPING) or bool(_VARIABLE.fullmatch(title))
