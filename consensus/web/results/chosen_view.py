"""Which sessions of a study count in the list that a reader asked for, and the sets of them that the page offers.

Chosen in the address, so that a list can be sent to somebody as a link. A session that there is not is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from consensus.results.study.chosen import Proposed, chosen
from consensus.results.study.data import StudyResults
from consensus.results.study.pooled import Pooled
from consensus.results.study.working import Worked
from consensus.web.asking import Ask
from consensus.web.results.study_view import Words

NAMED = 3  # sessions that stand in the name of a set


@dataclass(frozen=True, slots=True)
class Offer:
    """name: what its statements are about, or its sessions."""

    name: str
    query: str
    sessions: int
    statements: int
    people: int
    is_here: bool


async def asked_for(ask: Ask, worked: Worked) -> tuple[tuple[str, ...], Pooled | None]:
    """The sessions of the address, and their list; None while it is being worked out."""
    of = chosen(worked.results, ask.request.query_params.getlist("of"))
    return of, await ask.house.studies.of_some(worked, of)


def query_of(worked: Worked, of: Sequence[str]) -> str:
    """ "" of all sessions."""
    return "" if len(of) == len(worked.results.sessions) else "?" + urlencode([("of", key) for key in of])


def offers(worked: Worked, words: Words, of: Sequence[str]) -> list[Offer]:
    """Sets about the same thing are called by their sessions."""
    about = Counter(_about(one, words) for one in worked.proposed)
    return [
        Offer(
            name if (name := _about(one, words)) and about[name] == 1 else _sessions(one, words),
            query_of(worked, one.of),
            len(one.of),
            len(one.pool.rows),
            one.people,
            tuple(of) == one.of,
        )
        for one in worked.proposed
    ]


def _about(one: Proposed, words: Words) -> str:
    if one.theme:
        return one.theme[:1].upper() + one.theme[1:]
    return words.say(f"nature.{one.nature}") if one.nature else ""


def named_lists(results: StudyResults, pool: Pooled, words: Words) -> list[tuple[str, Pooled]]:
    """Each list with its name: what all of its statements are, where no other list is that, or else its number.
    "" where there is one."""
    if not pool.lists:
        return [("", pool)]
    natures = {one.key: one.nature for one in results.statements}
    said = [{natures[row.statement] for row in (*one.rows, *one.apart)} for one in pool.lists]
    times = Counter(next(iter(own)) for own in said if len(own) == 1)
    alone = [next(iter(own)) if len(own) == 1 and times[next(iter(own))] == 1 else "" for own in said]
    names = [
        words.say(f"nature.{one}") if one else words.say("pooled.list", n=at) for at, one in enumerate(alone, start=1)
    ]
    return list(zip(names, pool.lists, strict=True))


def _sessions(one: Proposed, words: Words) -> str:
    named = ", ".join(words.sessions(one.of[:NAMED]))
    return named if len(one.of) <= NAMED else words.say("pooled.of.more", names=named, n=len(one.of) - NAMED)
