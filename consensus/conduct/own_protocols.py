"""Acts on the protocols of a study's own: saved from the plan of a session, renamed, removed.

What a protocol says is data as in rounds/protocols (consensus/protocol.py); sessions that were made with one keep
their rounds, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from consensus import models, store
from consensus.conduct.acting import Refused, actor
from consensus.conduct.planning import named
from consensus.house import House
from consensus.journal import HOUSE, Actor, write
from consensus.outcome import digest
from consensus.protocol import entry_of, plan_of

MOST = 20  # of one study


async def save_protocol(house: House, by: models.Seat, names: Mapping[str, str]) -> str:
    """The rounds of a session as they are planned now, as a protocol of its study; its key."""

    async def job() -> str:
        await store.hold(HOUSE)
        study = await models.Study.get(sessions__id=by.session_id)
        known = list(study.protocols or [])
        if len(known) >= MOST:
            raise Refused("refused.many_protocols", n=MOST)
        rows = await models.Round.filter(session_id=by.session_id).order_by("position")
        if not rows:
            raise Refused("refused.no_rounds")
        numbered = (f"own{n}" for n in count(1))
        key = next(key for key in numbered if key not in {one["key"] for one in known})
        rounds = [entry_of(plan_of(row)) for row in rows]
        made = {"key": key, "names": _named(known, key, names, study.languages), "rounds": rounds}
        said = {"study": study.id, "protocol": key, "hash": digest(rounds)}
        await _store(study, [*known, made], actor(by), "save_protocol", said)
        return key

    return await house.act(by.session_id, job)


async def rename_protocol(house: House, staff: models.Staff, study_id: int, key: str, names: Mapping[str, str]) -> None:
    async def job() -> None:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        known = list(study.protocols or [])
        place = _place(known, key)
        known[place] = {**known[place], "names": _named(known, key, names, study.languages)}
        said = {"study": study.id, "protocol": key}
        await _store(study, known, _staff(staff), "rename_protocol", said)

    await house.act(None, job)


async def remove_protocol(house: House, staff: models.Staff, study_id: int, key: str) -> None:
    async def job() -> None:
        await store.hold(HOUSE)
        study = await models.Study.get(id=study_id)
        known = list(study.protocols or [])
        del known[_place(known, key)]
        await _store(study, known, _staff(staff), "remove_protocol", {"study": study.id, "protocol": key})

    await house.act(None, job)


def _staff(staff: models.Staff) -> Actor:
    return Actor("staff", name=str(staff.id))


def _place(known: Sequence[Mapping[str, Any]], key: str) -> int:
    found = [place for place, one in enumerate(known) if one["key"] == key]
    if not found:
        raise Refused("refused.no_such_protocol")
    return found[0]


def _named(
    known: Sequence[Mapping[str, Any]], key: str, names: Mapping[str, str], languages: Sequence[str]
) -> dict[str, str]:
    """A name in each language of the study, that no other protocol of it has."""
    found = named(names, languages)
    if found is None:
        raise Refused("refused.half_a_name")
    taken = {(lang, name.casefold()) for one in known if one["key"] != key for lang, name in one["names"].items()}
    if any((lang, name.casefold()) in taken for lang, name in found.items()):
        raise Refused("refused.protocol_named")
    return found


async def _store(
    study: models.Study, protocols: Sequence[Mapping[str, Any]], by: Actor, act: str, said: dict[str, object]
) -> None:
    study.protocols = list(protocols) or None
    await study.save(update_fields=["protocols"])
    await write(HOUSE, by, act, said)
