"""What a study laid by a protocol is called, in each language: its sessions, sites, arms and groups.

Names come from the catalogues and are stored once; a team changes them afterwards. Nothing is laid here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consensus.study_protocol import PlannedSession, Site, StudyProtocol
from consensus.text import Texts

BETWEEN = " – "  # the parts of a title


def title(texts: Texts, language: str, planned: StudyProtocol, one: PlannedSession) -> str:
    """Its table, its place, its arm and its moment: as many of them as tell it apart."""
    parts = [texts.say(language, f"protocol.{planned.name}.session.{one.entry}")]
    if site := next((site for site in planned.sites if site.key == one.site), None):
        over = next((up for up in planned.sites if up.key == site.within), None)
        parts += [site_name(texts, language, planned, each) for each in (over, site) if each]
    if one.arm:
        parts.append(texts.say(language, f"protocol.{planned.name}.arm.{one.arm}"))
    if one.moments > 1:
        parts.append(texts.say(language, "protocol.moment", n=one.moment))
    return BETWEEN.join(parts)


def titles(texts: Texts, languages: Iterable[str], planned: StudyProtocol) -> dict[str, dict[str, str]]:
    """By the key of the session: a wording per language."""
    spoken = list(languages)
    return {one.key: {name: title(texts, name, planned, one) for name in spoken} for one in planned.sessions}


def site_name(texts: Texts, language: str, planned: StudyProtocol, site: Site) -> str:
    key = f"protocol.{planned.name}.site.{site.key}"
    return (
        texts.say(language, key)
        if texts.has(language, key)
        else texts.say(language, f"protocol.site.{site.level}", n=site.n)
    )


def sites(texts: Texts, languages: Iterable[str], planned: StudyProtocol) -> list[dict[str, Any]]:
    """As Study.sites holds them."""
    spoken = list(languages)
    return [
        {
            "key": site.key,
            "names": {name: site_name(texts, name, planned, site) for name in spoken},
            "within": site.within,
            "about": {},
        }
        for site in planned.sites
    ]


def arms(texts: Texts, languages: Iterable[str], planned: StudyProtocol) -> list[dict[str, Any]]:
    """As Study.arms holds them."""
    spoken = list(languages)
    return [
        {"key": arm, "names": {name: texts.say(name, f"protocol.{planned.name}.arm.{arm}") for name in spoken}}
        for arm in planned.arms
    ]


def group_name(texts: Texts, language: str, planned: StudyProtocol, group: str) -> str:
    key = f"protocol.{planned.name}.group.{group}"
    return texts.say(language, key) if texts.has(language, key) else texts.say(language, f"group.{group}")
