"""What a participant agrees to: the text in force before the first answer, and later what they allow beside it.

Nothing is ticked for anybody. What a purpose changes in a file is export's question.
"""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from consensus import conduct, text
from consensus.conduct import Refused
from consensus.consents import PURPOSES, agreed, present, told_until
from consensus.counting import apart_of
from consensus.facts import group_name
from consensus.freeze import day_of
from consensus.journal import moment_of
from consensus.web.asking import Ask
from consensus.web.state import State, load_state
from consensus.zones import day_in


async def consent_page(ask: Ask, state: State) -> Response:
    """The text in force; to who agreed to an earlier one, first what is new in it."""
    said = agreed(ask.mine)
    return ask.page(
        "participant/consent.html",
        version=present(state.study),
        changed_since=_day(ask, said.at) if said else "",
        until=day_of(state.study),
        others=_others(ask, state),
        is_stale=ask.typed.one("version") not in {"", str(present(state.study).number)},
    )


def _day(ask: Ask, at: str) -> str:
    moment = moment_of(at)
    return text.day(ask.language, day_in(ask.zone, moment))


def _others(ask: Ask, state: State) -> list[str]:
    """The groups with one of which this person's answers may be counted, in words."""
    study, mine = state.study, ask.mine.group
    apart = apart_of(study)
    may = [group["key"] for group in study.groups if group["key"] != mine]
    return [group_name(study.groups, key, ask.language) for key in may if frozenset((mine, key)) not in apart]


async def agree(ask: Ask) -> Response:
    if "agree" not in ask.typed:
        raise Refused("refused.consent_or_leave")
    version = ask.typed.number("version", digits=8)
    await conduct.consent(ask.house, ask.mine, ticked_purposes(ask), ask.language, version)
    if ask.study is not None and ask.study.profile and not ask.mine.profile:
        return ask.go("profile", session=ask.here.id, query="first=yes")
    return ask.go("take", session=ask.here.id)


def erasing(ask: Ask) -> str:
    """Until when this person can have their answers erased, by what they agreed to."""
    assert ask.study is not None
    until = told_until(ask.study, ask.mine)
    if ask.mine.is_bound:
        return ask.say("agreed.frozen", date=date.fromisoformat(until))
    return ask.say("agreed.erase_until", date=date.fromisoformat(until)) if until else ask.say("agreed.erase")


def ticked_purposes(ask: Ask) -> list[str]:
    return [name for name in PURPOSES if f"purpose.{name}" in ask.typed]


async def agreed_to(ask: Ask) -> Response:
    """What I agreed to; a text that has changed since is read and agreed to first."""
    if not ask.mine.consented:
        return ask.go("take", session=ask.here.id)
    said, state = agreed(ask.mine), await load_state(ask.house, ask.here)
    return ask.page(
        "participant/agreed.html",
        version=present(state.study),
        said=said,
        day=_day(ask, said.at) if said else "",
        erasing=erasing(ask),
        is_saved="saved" in ask.request.query_params,
    )


async def change(ask: Ask) -> Response:
    """Other purposes from now on; the text stays the one that was agreed to."""
    if not ask.mine.consented:
        raise Refused("refused.consent_first")
    await conduct.consent(ask.house, ask.mine, ticked_purposes(ask), ask.language)
    return ask.go("agreed", session=ask.here.id, query="saved=yes")
