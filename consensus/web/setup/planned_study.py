"""A new study begun from a study protocol: which are offered, what the form of a new study is filled with, and the
study laid with all its sessions.

The form stays that of any study; the protocol chosen goes along in a hidden field. No session is changed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consensus import conduct, models, study_protocol, study_words
from consensus.consents import PURPOSES
from consensus.study_protocol import StudyProtocol
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from consensus.web.form import Typed
from consensus.web.setup.study_groups import OFFERED, OWN

FIELD = "planned"


@dataclass(frozen=True, slots=True)
class Step:
    """One table of the protocol. n: how many sessions are made of it."""

    name: str
    what: str
    n: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A study protocol as a page offers it. n: sessions; sites, arms: how many."""

    key: str
    name: str
    what: str
    n: int
    sites: int
    arms: int
    steps: tuple[Step, ...]


def chosen(ask: Ask) -> str:
    """The protocol that the form came with, or that the address names; "" for none, or one that there is not."""
    name = ask.typed.one(FIELD) or ask.request.query_params.get(FIELD, "")
    return name if name in study_protocol.names() else ""


def offers(ask: Ask) -> list[Offer]:
    return [_offer(ask, study_protocol.read(name)) for name in study_protocol.names()]


def _offer(ask: Ask, planned: StudyProtocol) -> Offer:
    key = f"protocol.{planned.name}"
    tables = list(dict.fromkeys(one.entry for one in planned.sessions))
    steps = tuple(
        Step(
            ask.say(f"protocol.{planned.name}.session.{entry}"),
            ask.say(f"protocol.{planned.name}.session.{entry}.what"),
            sum(one.entry == entry for one in planned.sessions),
        )
        for entry in tables
    )
    sizes = len(planned.sessions), len(planned.sites), len(planned.arms)
    return Offer(planned.name, ask.say(key), ask.say(f"{key}.what"), *sizes, steps)


def filled(ask: Ask, name: str) -> Typed:
    """The form as it first stands: the groups of the protocol are ticked, all else as in any new study."""
    planned = study_protocol.read(name)
    fields: dict[str, Sequence[str]] = {FIELD: [name], "row_level": ["1"]}
    fields |= {f"purpose.{purpose}": ["1"] for purpose in PURPOSES}
    fields |= {f"group.{group}": ["1"] for group in planned.groups if group in OFFERED}
    own = (group for group in planned.groups if group not in OFFERED)
    order: list[str] = []
    for key, group in zip(OWN, own, strict=False):
        order.append(key)
        names = {name: study_words.group_name(ask.house.texts, name, planned, group) for name in LANGUAGES}
        fields |= {f"group.{key}.{language}": [words] for language, words in names.items()}
    return Typed(fields | {"order": [" ".join([*OFFERED, *order])]})


async def lay(ask: Ask, staff: models.Staff, name: str, fields: Mapping[str, Any]) -> models.Study:
    planned, texts, languages = study_protocol.read(name), ask.house.texts, fields["languages"]
    known: dict[str, Any] = {
        "sites": study_words.sites(texts, languages, planned) or None,
        "arms": study_words.arms(texts, languages, planned) or None,
    }
    titles = study_words.titles(texts, languages, planned)
    study, _ = await conduct.lay_study(ask.house, staff, planned, titles, **{**fields, **known})
    return study
