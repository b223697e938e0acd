"""Sites and arms of a study in words, as a form offers them: a site of the lower level after the one it lies in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consensus.text import pick

BETWEEN = " › "  # a site and the one it lies in

Offered = list[tuple[str, str]]  # (key, words), as a form has them


def site_names(sites: Sequence[Mapping[str, Any]], language: str) -> dict[str, str]:
    """What each site is called, by its key, with the name of the one that it lies in before it."""
    own = {site["key"]: pick(site["names"], language) for site in sites}
    above = {site["key"]: own.get(site.get("within", ""), "") for site in sites}
    return {key: f"{above[key]}{BETWEEN}{name}" if above[key] else name for key, name in own.items()}


def in_order(sites: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each site of the upper level, and after it those that lie in it."""
    keys = {site["key"] for site in sites}
    first = [site["key"] for site in sites if site.get("within", "") not in keys]
    return [key for top in first for key in (top, *(s["key"] for s in sites if s.get("within", "") == top))]


def offered_sites(sites: Sequence[Mapping[str, Any]], language: str) -> Offered:
    names = site_names(sites, language)
    return [(key, names[key]) for key in in_order(sites)]


def offered_arms(arms: Iterable[Mapping[str, Any]], language: str) -> Offered:
    return [(arm["key"], pick(arm["names"], language)) for arm in arms]
