"""How a form names the sites and arms of a study, whatever page it is on: keys with their words, no page of its own.

A site of the lower level comes after the one it lies in. Where a session is held is asked in about.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from consensus.sites import Sites, full_name, in_order
from consensus.text import pick

Offered = list[tuple[str, str]]  # (key, words), as a form has them


def site_names(sites: Sites, language: str) -> dict[str, str]:
    """What each site is called, by its key, with the name of the one that it lies in before it."""
    return {site["key"]: full_name(sites, site["key"], language) for site, _ in in_order(sites)}


def offered_sites(sites: Sites, language: str) -> Offered:
    return list(site_names(sites, language).items())


def offered_arms(arms: Iterable[Mapping[str, Any]], language: str) -> Offered:
    return [(arm["key"], pick(arm["names"], language)) for arm in arms]
