"""Time zones, by their IANA names: which there are, which are offered at set-up, and how a reader's language names one.

What the clock says in one is said by text.py. No zone is chosen here: it is the study's, and a study's own is first
that of the installation.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location, get_timezone_name

from consensus.catalogs import LOCALES

NAMED = frozenset(get_global("zone_territories")) | frozenset(get_global("zone_aliases"))  # read once, at import

# Offered, from east to west. Any other that the IANA knows may be the installation's, and is then offered too.
CANADA = (
    "America/St_Johns",
    "America/Halifax",
    "America/Moncton",
    "America/Blanc-Sablon",
    "America/Toronto",
    "America/Iqaluit",
    "America/Winnipeg",
    "America/Regina",
    "America/Edmonton",
    "America/Whitehorse",
    "America/Vancouver",
)
ELSEWHERE = (
    "Pacific/Auckland",
    "Australia/Sydney",
    "Australia/Perth",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Africa/Nairobi",
    "Africa/Johannesburg",
    "Africa/Kinshasa",
    "Africa/Lagos",
    "Africa/Tunis",
    "Africa/Casablanca",
    "Africa/Dakar",
    "Europe/Helsinki",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Paris",
    "Europe/Zurich",
    "Europe/London",
    "Europe/Dublin",
    "America/Sao_Paulo",
    "America/Martinique",
    "America/Port-au-Prince",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "UTC",
)

Offer = tuple[str, str]  # (IANA name, in words)


def is_known(zone: str) -> bool:
    """One that the IANA names, that languages have a name for, and whose hours are on this machine."""
    if zone not in NAMED:
        return False
    try:
        of(zone)
    except LookupError:
        return False
    return True


@cache  # its file is read once
def of(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)


def day_in(zone: str, moment: datetime) -> date:
    """The day that it is there at this moment."""
    return moment.astimezone(of(zone)).date()


def today_in(zone: str) -> date:
    return day_in(zone, datetime.now(UTC))


def moment_in(zone: str, said: str) -> datetime | None:
    """A day and time as people there say it ("2026-12-17T17:00"); None for what is none, also for an hour that is left
    out when summer time begins. Of an hour that comes twice, the first."""
    try:
        read = datetime.fromisoformat(said)
    except ValueError:
        return None
    if read.tzinfo is not None or not 2000 <= read.year < 2200:
        return None
    found = read.replace(tzinfo=of(zone)).astimezone(UTC)
    return found if found.astimezone(of(zone)).replace(tzinfo=None) == read else None


def said_in(zone: str, moment: datetime) -> str:
    """As a form says it: "2026-12-17T17:00"."""
    return moment.astimezone(of(zone)).strftime("%Y-%m-%dT%H:%M")


def name_at(language: str, moment: datetime, zone: str) -> str:
    """As the language says it, summer time and standard time apart: an hour that comes twice has two names."""
    return get_timezone_name(moment.astimezone(of(zone)), locale=LOCALES[language])


def offers(language: str, names: Iterable[str], moment: datetime | None = None) -> list[Offer]:
    """Each by its city, and by the name that it has today."""
    now = moment or datetime.now(UTC)
    return [(zone, f"{_city(language, zone)} ({name_at(language, now, zone)})") for zone in names]


def _city(language: str, zone: str) -> str:
    return get_timezone_location(of(zone), locale=LOCALES[language], return_city=True)
