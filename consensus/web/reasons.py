"""The reasons of a closed round, for whoever facilitates: read, made safe to show, and ticked, card by card.

Nobody's group or name is here. A reason that is not ticked is shown to nobody.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.reasons import MOST, Reason, written
from consensus.web.asking import Ask
from consensus.web.state import look
from rounds.contract import one

LONGEST = 500  # characters of a reason as it is shown


async def reasons(ask: Ask) -> Response:
    row = await _closed(ask)
    found: dict[str, list[Reason]] = {}
    for reason in await written(ask.house, row):
        found.setdefault(reason.statement, []).append(reason)
    state = await look(ask.house, ask.here, row.key)
    return ask.page(
        "facilitator/reasons.html",
        state=state,
        row=row,
        cards=[card for card in state.counted.round.statements if card.id in found] if state.counted else [],
        found=found,
        chosen={shown["seq"]: shown["text"] for shown in row.reasons or []},
        most=MOST,
        longest=LONGEST,
        card=one(ask.typed, "card"),
        saved=ask.request.query_params.get("saved", ""),
    )


async def _closed(ask: Ask) -> models.Round:
    row = await models.Round.get_or_none(session_id=ask.here.id, key=ask.request.path_params["round"], state="closed")
    if row is None:
        raise HTTPException(404)
    return row


async def choose(ask: Ask) -> Response:
    row, card = await _closed(ask), one(ask.typed, "card")
    ticked = [value for value in ask.typed.get("show", ()) if value.isdecimal() and len(value) < 10]
    chosen = {int(value): one(ask.typed, f"text.{value}")[:LONGEST] for value in ticked}
    await conduct.show_reasons(ask.house, ask.mine, row.id, card, chosen)
    return ask.go("reasons", session=ask.here.id, round=row.key, query=f"saved={card}")
