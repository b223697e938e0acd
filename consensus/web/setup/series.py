"""A stopping rule on the plan: chosen before a round opens; one more round, or a departure, once it has closed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from consensus import conduct
from consensus.conduct import Refused
from consensus.web.asking import Ask, meant
from rounds.contract import BallotError
from rounds.kind import Kind
from rounds.stopping import FEWEST, MOST, STABLE, UNTIL, stopping_from


def untils(ask: Ask, kind: Kind) -> list[tuple[str, str]]:
    """What may end a series of this kind, in words; none where nothing is counted."""
    if not kind.is_counted or kind.ordered:
        return []
    offered = [until for until in UNTIL if until != STABLE or kind.across is not None]
    return [("", ask.say("series.none")), *((until, ask.say(f"series.{until}")) for until in offered)]


def read_stopping(ask: Ask) -> dict[str, Any] | None:
    until = ask.typed.one("stop.until")
    if not until:
        return None
    found = {"until": until, "most": ask.typed.number("stop.most", digits=3)}
    try:
        stopping_from({**found, "most": found["most"] or 0})
    except BallotError:
        raise Refused("refused.bad_stopping", fewest=FEWEST, most=MOST) from None
    return found


async def decide(ask: Ask) -> Response:
    """One more round, or otherwise than the rule says."""
    row = await meant(ask)
    if "depart" in ask.typed:
        await conduct.depart(ask.house, ask.mine, row.id, ask.typed.one("reason"))
    else:
        await conduct.go_on(ask.house, ask.mine, row.id)
    return ask.go("setup", session=ask.here.id)
