"""Your ideas: what became of what one person wrote, for that person alone.

Whose ideas they are is the seat's of the asker, never a number in an address.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus.results.ideas import ideas_of
from consensus.web.asking import Ask
from consensus.web.state import load_state
from consensus.web.view import plain


async def ideas(ask: Ask) -> Response:
    if not ask.mine.consented:
        return ask.go("take", session=ask.here.id)
    view = plain(await load_state(ask.house, ask.here))
    found = await ideas_of(ask.mine)
    is_over = bool(view.rounds) and all(row.state == "closed" for row in view.rounds)
    days = [ask.minute(idea.at) if idea.at else "" for idea in found]
    return ask.page("participant/ideas.html", view=view, ideas=list(zip(found, days, strict=True)), is_over=is_over)
