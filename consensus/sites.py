"""The sites of a study in two levels, for instance provinces and clinics: their order, their names, who is where.

As Study.sites holds them: [{key, names, within, about}]. Nothing is read, stored or counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consensus.text import pick

Sites = Sequence[Mapping[str, Any]]
SEPARATOR = " – "  # between a site and the one above it, where both are said


def below(sites: Sites, key: str) -> list[Mapping[str, Any]]:
    """The sites of the level below; of "" those of the level above all."""
    return [site for site in sites if site.get("within", "") == key]


def in_order(sites: Sites) -> list[tuple[Mapping[str, Any], int]]:
    """Each with its level (0 above, 1 below): those below stand after the one that they are within."""
    found: list[tuple[Mapping[str, Any], int]] = []
    for site in below(sites, ""):
        found += [(site, 0), *((one, 1) for one in below(sites, site["key"]))]
    return found


def site_of(sites: Sites, key: str) -> Mapping[str, Any] | None:
    return next((site for site in sites if site["key"] == key), None)


def own_name(sites: Sites, key: str, language: str) -> str:
    """What it is called; its key where the study has no such site any more."""
    site = site_of(sites, key)
    return pick(site["names"], language) if site else key


def full_name(sites: Sites, key: str, language: str) -> str:
    """With the site above it: "Québec – Saguenay"."""
    site = site_of(sites, key)
    over = site.get("within", "") if site else ""
    names = [own_name(sites, over, language)] if over else []
    return SEPARATOR.join([*names, own_name(sites, key, language)])


def above(sites: Sites, key: str) -> str:
    """The key of the site above it; its own where it is one of these; "" of no site."""
    site = site_of(sites, key)
    return str(site.get("within") or key) if site else ""


def all_of(session_site: str, seat_sites: Iterable[str] | None) -> tuple[str, ...]:
    """The sites to which somebody belongs: the session's, and those of the seat beside it. Totals count them once."""
    return tuple(dict.fromkeys(key for key in (session_site, *(seat_sites or ())) if key))
