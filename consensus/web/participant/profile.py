"""What a person says of themself: asked once after the consent, then on a page of their own to change or delete it.

Nothing is ticked for anybody, and nobody else ever reads a person's answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from consensus import conduct
from consensus.facts import StudyFacts
from consensus.profile import LONGEST
from consensus.web.asking import Ask


async def profile(ask: Ask) -> Response:
    """first: on the way in, where it can be skipped."""
    assert ask.study is not None
    if not ask.study.profile:
        return ask.go("agreed", session=ask.here.id)
    if not ask.mine.consented:
        return ask.go("take", session=ask.here.id)
    said: Mapping[str, str] = ask.mine.profile or {}
    is_first = "first" in ask.request.query_params or "first" in ask.typed
    is_told = ask.here.participants is not None
    return ask.page("participant/profile.html", said=said, is_first=is_first, longest=LONGEST, is_told=is_told)


async def save(ask: Ask) -> Response:
    """Skip and delete leave nothing; Skip leaves what was there."""
    if "skip" not in ask.typed:
        said = {} if "delete" in ask.typed else typed_answers(ask)
        await conduct.say_profile(ask.house, ask.mine, said)
    if "first" in ask.typed:
        return ask.go("take", session=ask.here.id)
    return ask.go("agreed", session=ask.here.id, query="saved=yes")


def typed_answers(ask: Ask) -> dict[str, str]:
    assert ask.study is not None
    keys = [question["key"] for question in StudyFacts.of(ask.study).profile]
    return {key: ask.typed.one(f"q.{key}") for key in keys}
