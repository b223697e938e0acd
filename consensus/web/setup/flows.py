"""The page of planned flows: which session of a study is to take what of which other, drawn up before any has closed.

What may flow is decided in conduct/flows.py; the act itself has the page passing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.passed import DECIDED, Flow, flows_into, flows_left
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.setup.studies import signed_in
from consensus.web.setup.together import sessions_of_mine
from rounds.lineage import ALL

OFFERED = (ALL, *DECIDED)


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A planned flow. what: in words; to, source: numbers and titles. is_done: it was passed on; is_ready: the giving
    session has closed and the other can still take it."""

    source: int
    source_title: Mapping[str, str]
    to: int
    to_title: Mapping[str, str]
    takes: str
    first: int | None
    what: str
    is_done: bool
    is_ready: bool = False


def flow_words(ask: Ask, flow: Flow) -> str:
    """What is taken: “kept”, “the first 10 of what is kept”; a place in the team's own word for it."""
    known = flow.takes in OFFERED
    what = ask.say(f"flows.takes.{flow.takes}") if known else ask.say("flows.takes.place", place=flow.takes)
    return ask.say("flows.first", n=flow.first, what=what) if flow.first else what


def flow_rows(
    ask: Ask, sessions: Iterable[models.Session], closed: frozenset[int], begun: frozenset[int]
) -> list[FlowRow]:
    """In the order of the taking sessions. closed: sessions that are over; begun: those that take nothing any more."""
    known = {session.id: session for session in sessions}
    return [
        FlowRow(
            flow.session,
            known[flow.session].title,
            session.id,
            session.title,
            flow.takes,
            flow.first,
            flow_words(ask, flow),
            flow not in flows_left(session),
            flow in flows_left(session) and flow.session in closed and session.id not in begun,
        )
        for session in known.values()
        for flow in flows_into(session)
        if flow.session in known
    ]


async def flows(ask: Ask) -> Response:
    study, mine = await sessions_of_mine(ask)
    every = await models.Session.filter(study_id=study.id, rehearses=None).order_by("id")
    titles = [(str(one.id), pick(one.title, ask.language)) for one in every]
    given = {
        "rows": flow_rows(ask, every, frozenset(), frozenset()),
        "sources": titles,
        "takers": [(number, title) for number, title in titles if int(number) in mine],
        "offered": [(takes, ask.say(f"flows.takes.{takes}")) for takes in OFFERED],
        "mine": set(mine),
        "is_saved": "saved" in ask.request.query_params and not ask.typed,
    }
    return ask.page("study/flows.html", **given)


async def plan(ask: Ask) -> Response:
    study, _ = await sessions_of_mine(ask)
    to, source = ask.typed.number("to") or 0, ask.typed.number("source") or 0
    first = ask.typed.number("first", digits=4) if ask.typed.one("first") else None
    if ask.typed.one("first") and not first:
        raise Refused("passing.bad_first", most=9999)
    flow = Flow(source, ask.typed.one("takes", ALL)[:40] or ALL, first)
    if ask.typed.one("do") == "drop":
        await conduct.drop_flow(ask.house, signed_in(ask), study.id, to, flow)
    elif flow.takes not in OFFERED:
        raise Refused("refused.no_such_flow")
    else:
        await conduct.plan_flow(ask.house, signed_in(ask), study.id, to, flow)
    return ask.go("flows", study=study.id, query="saved=yes")
