"""Titles of sessions that say where they are held: they follow a site that is given another name.

Inside a job only, which holds the study and its sessions. A title that somebody has answered under stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consensus import models
from consensus.firmness import firm_session
from consensus.journal import Actor, head_of, write
from consensus.outcome import digest
from consensus.sites import SEPARATOR, full_name

Sites = Sequence[Mapping[str, Any]]


def followed(title: Mapping[str, str], site: str, before: Sites, after: Sites) -> dict[str, str]:
    """A wording per language, in which the old name of the site, after a dash, is the new one."""
    return {
        language: _ends_in(text, full_name(before, site, language), full_name(after, site, language))
        for language, text in title.items()
    }


def _ends_in(text: str, old: str, new: str) -> str:
    """Only where the name ends there: "Clinic 1" is not the beginning of "Clinic 12"."""
    stem, found, rest = text.rpartition(SEPARATOR + old)
    return stem + SEPARATOR + new + rest if found and (not rest or rest.startswith(SEPARATOR)) else text


async def follow_sites(by: Actor, study_id: int, before: Sites, after: Sites) -> None:
    for session in await models.Session.filter(study_id=study_id).exclude(site="").order_by("id"):
        title = followed(session.title, session.site, before, after)
        if title == session.title or (await firm_session(session.id)).is_answered:
            continue
        session.title = title
        await session.save(update_fields=["title"])
        said = {"changed": ["title"], "site": session.site, "arm": session.arm, "hash": digest({"title": title})}
        await write(head_of(session.id), by, "change_session", said)
