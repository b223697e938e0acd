"""What a participant agrees to: the text in force before the first answer, and later what they allow beside it.

Nothing is ticked for anybody. What a purpose changes in a file is export's question.
"""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from consensus import conduct, text
from consensus.conduct import Refused
from consensus.consents import PURPOSES, agreed, present
from consensus.web.asking import Ask
from consensus.web.state import State, look
from rounds.contract import one


async def consent_page(ask: Ask, state: State) -> Response:
    """The text in force; to who agreed to an earlier one, first what is new in it."""
    said = agreed(ask.mine)
    return ask.page(
        "participant/consent.html",
        version=present(state.study),
        changed_since=_day(ask, said.at) if said else "",
        pooled=await _pooled(ask, state),
        is_stale=ask.typed.get("version", [""])[0] not in {"", str(present(state.study).number)},
    )


def _day(ask: Ask, at: str) -> str:
    moment = datetime.strptime(at, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    return text.day(ask.language, moment.astimezone(text.ZONE).date())


async def _pooled(ask: Ask, state: State) -> str:
    """With whom this person's answers are counted, in words; "" where their group stands alone."""
    for block in await conduct.blocks_now(ask.here):
        if ask.mine.group in block.groups and len(block.groups) > 1:
            return state.block_name(block, ask.language)
    return ""


async def agree(ask: Ask) -> Response:
    if "agree" not in ask.typed:
        raise Refused("refused.consent_or_leave")
    read = one(ask.typed, "version")
    version = int(read) if read.isdecimal() and len(read) < 9 else None
    await conduct.consent(ask.house, ask.mine, _ticked(ask), ask.language, version)
    return ask.go("take", session=ask.here.id)


def _ticked(ask: Ask) -> list[str]:
    return [name for name in PURPOSES if ask.typed.get(f"purpose.{name}")]


async def agreed_to(ask: Ask) -> Response:
    """What I agreed to; a text that has changed since is read and agreed to first."""
    if not ask.mine.consented:
        return ask.go("take", session=ask.here.id)
    said, state = agreed(ask.mine), await look(ask.house, ask.here)
    return ask.page(
        "participant/agreed.html",
        version=present(state.study),
        said=said,
        day=_day(ask, said.at) if said else "",
        is_saved="saved" in ask.request.query_params,
    )


async def change(ask: Ask) -> Response:
    """Other purposes from now on; the text stays the one that was agreed to."""
    if not ask.mine.consented:
        raise Refused("refused.consent_first")
    await conduct.consent(ask.house, ask.mine, _ticked(ask), ask.language)
    return ask.go("agreed", session=ask.here.id, query="saved=yes")
