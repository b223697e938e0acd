"""The call list, where the study's plan has one: names and telephones of who has no e-mail and has not finished.

Looking at the page shows none; each asking is an act, told in the journal and to the people named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.facts import group_name
from consensus.journal import head_of
from consensus.web.asking import Ask
from consensus.web.listing import figure


@dataclass(frozen=True, slots=True)
class ToCall:
    name: str
    phone: str
    group: str
    language: str


async def call_list(ask: Ask, people: Sequence[ToCall] | None = None, after: int = 0) -> Response:
    """people: who was asked for just now; None: nobody. after: the last of them, where there are more; or 0."""
    if ask.study is None or not ask.study.has_call_list:
        raise HTTPException(404)
    lines = await models.Entry.filter(head=head_of(ask.here.id), act="ask_call_list").order_by("-seq")
    given = {"people": people, "after": after, "asked": [ask.minute(line.at) for line in lines]}
    return ask.page("facilitator/call_list.html", groups=ask.study.groups, most=conduct.CALLED_AT_ONCE, **given)


async def ask_call_list(ask: Ask) -> Response:
    if ask.study is None or not ask.study.has_call_list:
        raise HTTPException(404)
    group = ask.typed.one("group")
    if group not in {"", *(known["key"] for known in ask.study.groups)}:
        raise Refused("refused.no_such_group")
    after = figure(ask.typed.one("after"))
    seats, has_more = await conduct.ask_call_list(ask.house, ask.mine, group, after)
    after = seats[-1].id if has_more else 0
    return await call_list(ask, sorted((_to_call(ask, seat) for seat in seats), key=lambda found: found.name), after)


def _to_call(ask: Ask, seat: models.Seat) -> ToCall:
    assert ask.study is not None and seat.person is not None
    group = group_name(ask.study.groups, seat.group, ask.language)
    return ToCall(seat.person.name, seat.person.phone, group, seat.language)
