"""The way out: what can be erased at this moment and what cannot, with figures; then the choice.

The figures are a person's own. What an erasure does is said in conduct and count.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.states import RoundState
from consensus.text import listed, pick
from consensus.web.asking import FORGET, Ask
from consensus.web.participant.consent import erasing
from consensus.web.state import LIGHT


@dataclass(slots=True)
class Given:
    """This person's answers that stand: in steps still open, in closed ones, and how many closed steps these are."""

    open: int = 0
    closed: int = 0
    steps: int = 0


async def _given(ask: Ask) -> Given:
    given = Given()
    rows = models.Round.filter(session_id=ask.here.id).exclude(state=RoundState.DRAFT)
    for row in await rows.only(*LIGHT).order_by("position"):
        answers = len((await ask.house.counts.now(row)).own.get(str(ask.mine.id), {}))
        if row.state == RoundState.CLOSED:
            given.closed += answers
            given.steps += bool(answers)
        else:
            given.open += answers
    return given


async def withdrawal(ask: Ask) -> Response:
    told = {"given": await _given(ask), "erasing": erasing(ask), "is_bound": ask.mine.is_bound}
    told["elsewhere"] = listed(ask.language, await _elsewhere(ask))
    return ask.page("participant/withdraw.html", **told, choices=_choices(ask))


async def _elsewhere(ask: Ask) -> list[str]:
    """The titles of other sessions of this study in which the same person has a seat, which they keep."""
    if ask.mine.person_id is None:
        return []
    held = models.Seat.filter(person_id=ask.mine.person_id, withdrawn="", session__study_id=ask.here.study_id)
    seats = await held.exclude(session_id=ask.here.id).order_by("session_id").select_related("session")
    return [pick(seat.session.title, ask.language) for seat in seats]


def _choices(ask: Ask) -> list[tuple[str, str, str]]:
    """Whoever is bound by the freeze can stop, and erase nothing any more."""
    stop, erase = ask.say("withdraw.stop"), ask.say("withdraw.erase")
    if ask.mine.is_bound:
        return [("stop", stop, ask.say("withdraw.stop.frozen"))]
    return [("stop", stop, ask.say("withdraw.stop.hint")), ("erase", erase, ask.say("withdraw.erase.hint"))]


async def withdraw(ask: Ask) -> Response:
    choice = ask.typed.one("choice")
    if choice not in {"stop", "erase"}:
        raise Refused("refused.choose_how_to_leave")
    await conduct.withdraw(ask.house, ask.mine, erase=choice == "erase")
    farewell = ask.page("participant/farewell.html", choice=choice)
    farewell.headers.update(FORGET)
    return farewell
