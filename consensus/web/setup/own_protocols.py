"""The protocols of a study's own on its pages: saved from the plan of a session, offered, renamed and removed.

What one says is data (consensus/protocol.py); who may add a session to a study may change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from consensus import conduct, models
from consensus.facts import StudyFacts
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.setup.studies import open_study, signed_in


@dataclass(frozen=True, slots=True)
class Own:
    """names: by language. rounds: what its rounds are called, in order."""

    key: str
    names: Mapping[str, str]
    rounds: tuple[str, ...]


def owned(ask: Ask, study: models.Study) -> list[Own]:
    return [Own(one["key"], one["names"], _rounds(ask, one)) for one in study.protocols or []]


def _rounds(ask: Ask, one: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        pick(entry.get("title", {}), ask.language) or ask.say(f"{entry['kind']}.title") for entry in one["rounds"]
    )


async def protocols(ask: Ask) -> Response:
    study = await open_study(ask)
    given = {
        "own": owned(ask, study),
        "study": StudyFacts.of(study),
        "longest": conduct.LONGEST_NAME,
        "is_saved": "saved" in ask.request.query_params,
        "is_removed": "removed" in ask.request.query_params,
    }
    return ask.page("setup/protocols.html", **given)


async def change(ask: Ask) -> Response:
    """Give one other names, or remove it."""
    study = await open_study(ask)
    key = ask.typed.one("protocol")
    if ask.typed.one("do") == "remove":
        await conduct.remove_protocol(ask.house, signed_in(ask), study.id, key)
        return ask.go("protocols", study=study.id, query="removed=yes")
    names = {language: ask.typed.one(f"name.{key}.{language}") for language in study.languages}
    await conduct.rename_protocol(ask.house, signed_in(ask), study.id, key, names)
    return ask.go("protocols", study=study.id, query="saved=yes")


async def save(ask: Ask) -> Response:
    """The rounds of this session's plan."""
    names = {language: ask.typed.one(f"name.{language}") for language in ask.languages()}
    await conduct.save_protocol(ask.house, ask.mine, names)
    return ask.go("setup", session=ask.here.id, query="kept=yes")
