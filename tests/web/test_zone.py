"""Every time of day is told in the zone of the study, which is named beside it; Moncton is an hour after Toronto."""

from __future__ import annotations

import re
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from consensus import conduct, models, text
from consensus.house import build, open_house
from consensus.protocol import Plan
from consensus.settings import Settings
from tests.conftest import SECRET, Site, Table, fresh, lay_table
from tests.older import go_back_to
from tests.web.test_setup_pages import STUDY, newcomer

MONCTON = "America/Moncton"
NAMES = {
    "fr": {True: "heure avancée de l’Atlantique", False: "heure normale de l’Atlantique"},
    "en": {True: "Atlantic Daylight Time", False: "Atlantic Standard Time"},
}


def expected(language: str, moment: float, zone: str = MONCTON, to_the_second: bool = False) -> str:
    """Worked out apart from the product: by the standard library."""
    there = datetime.fromtimestamp(moment, ZoneInfo(zone))
    hour = f"{there.hour}\u00a0h\u00a0{there:%M}" if language == "fr" else f"{there.hour}:{there:%M}"
    if to_the_second:
        hour += f"\u00a0min\u00a0{there:%S}\u00a0s" if language == "fr" else f":{there:%S}"
    return f"{hour} ({NAMES[language][bool(there.dst())]})"


async def laid(site: Site, zone: str = MONCTON, rounds: tuple[str, ...] = ("rating",)) -> Table:
    table = await lay_table(site.house, [Plan(key=key, kind=key, disclosure="at_close", settings={}) for key in rounds])
    await models.Study.filter(id=table.session.study_id).update(zone=zone)
    return table


# What the clock says


@pytest.mark.parametrize(
    ("at", "fr", "en"),
    [
        ("2026-11-01T04:30", "1\u00a0h\u00a030 (heure avancée de l’Atlantique)", "1:30 (Atlantic Daylight Time)"),
        ("2026-11-01T05:30", "1\u00a0h\u00a030 (heure normale de l’Atlantique)", "1:30 (Atlantic Standard Time)"),
        ("2026-03-08T05:59", "1\u00a0h\u00a059 (heure normale de l’Atlantique)", "1:59 (Atlantic Standard Time)"),
        ("2026-03-08T06:00", "3\u00a0h\u00a000 (heure avancée de l’Atlantique)", "3:00 (Atlantic Daylight Time)"),
    ],
)
def test_the_hour_that_comes_twice_has_two_names_and_the_lost_one_none(at: str, fr: str, en: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert (text.clock("fr", moment, MONCTON), text.clock("en", moment, MONCTON)) == (fr, en)


def test_moncton_is_an_hour_after_toronto_and_may_be_a_day_after() -> None:
    moment = datetime(2026, 7, 1, 3, 30, 5, tzinfo=UTC)
    in_french = "23\u00a0h\u00a030\u00a0min\u00a005\u00a0s (heure avancée de l’Est)"
    assert text.moment("fr", moment, "America/Toronto") == in_french
    assert text.moment("en", moment, MONCTON) == "0:30:05 (Atlantic Daylight Time)"
    assert text.when("fr", moment, "America/Toronto").startswith("30 juin 2026, 23\u00a0h\u00a030 (")
    assert text.when("en", moment, MONCTON) == "July 1, 2026, 0:30 (Atlantic Daylight Time)"


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Regina", "America/Whitehorse", "UTC", "Etc/GMT+5"])
def test_every_zone_has_a_name_in_each_language(zone: str) -> None:
    told = [text.clock(language, datetime(2026, 12, 1, 12, tzinfo=UTC), zone) for language in text.LANGUAGES]
    assert all(re.fullmatch(r".+ \(.*[A-Za-zé]{2}.*\)", one) for one in told) and zone not in "".join(told)


# What people read


@pytest.mark.parametrize("language", text.LANGUAGES)
async def test_who_is_caught_by_a_close_reads_until_when_in_the_zone_of_the_study(site: Site, language: str) -> None:
    table = await laid(site)
    await table.open("rating")
    row = await table.row("rating")
    await conduct.close_round(site.house, table.fay, row.id)
    row = await table.row("rating")
    async with aclosing(await site.sit(table.bob)) as bob:
        page = (await bob.get(f"/sessions/{table.session.id}/take?lang={language}")).text
        drawing = (await bob.get(f"/sessions/{table.session.id}/frame/room")).text
    until = expected(language, row.closing_at + row.grace, to_the_second=True)
    assert until in page and until in drawing


@pytest.mark.parametrize("language", text.LANGUAGES)
async def test_results_journal_and_charts_tell_the_minute_of_the_zone(site: Site, language: str) -> None:
    table = await laid(site, rounds=("ranking",))
    await table.open("ranking")
    await table.close("ranking")
    line = await models.Entry.get(head=f"session-{table.session.id}", act="closed")
    moment = datetime.strptime(line.at, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC).timestamp()
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        for page in ("results", "journal"):
            assert expected(language, moment) in (await fay.get(f"{here}/{page}?lang={language}")).text


async def test_a_second_reminder_waits_for_the_next_day_of_the_study() -> None:
    """Half a day ago is today in one of two zones that lie half a day apart, and yesterday in the other."""
    ago = datetime.now(UTC) - timedelta(hours=12)
    assert conduct.is_today(ago, "Etc/GMT+12") is not conduct.is_today(ago, "UTC")
    assert conduct.is_today(datetime.now(UTC), "UTC")


async def test_the_day_of_an_agreement_is_that_of_the_study(site: Site) -> None:
    days = {}
    for zone in (MONCTON, "America/Toronto"):
        table = await laid(site, zone)
        seat = await models.Seat.get(id=table.bob.id)
        seat.agreed = {**seat.agreed, "at": "2026-07-01T03:30Z"}
        await seat.save(update_fields=["agreed"])
        async with aclosing(await site.sit(table.bob)) as bob:
            page = (await bob.get(f"/sessions/{table.session.id}/agreed?lang=en")).text
        days[zone] = {day for day in ("June 30, 2026", "July 1, 2026") if day in page}
    assert days == {MONCTON: {"July 1, 2026"}, "America/Toronto": {"June 30, 2026"}}


# Where it is chosen


async def test_a_study_chooses_its_zone_from_a_list_that_begins_with_canada(site: Site) -> None:
    nora = await newcomer(site)
    async with aclosing(nora):
        page = (await nora.get("/studies/new?lang=fr")).text
        chosen = re.search(r'<select[^>]*name="zone".*?</select>', page, re.S)
        assert chosen and chosen[0].index("America/St_Johns") < chosen[0].index("Europe/Paris")
        assert re.search(r'<option value="America/Toronto" selected>Toronto \(heure .* de l’Est\)', chosen[0])
        assert re.search(r'<option value="America/Moncton">Moncton \(heure .* de l’Atlantique\)', chosen[0])
        wrong = await nora.post("/studies/new?lang=en", data=STUDY | {"zone": "America/Nowhere"})
        assert wrong.status_code == 422 and "Choose a time zone from the list." in wrong.text
        made = await nora.post("/studies/new", data=STUDY | {"zone": MONCTON})
        assert made.status_code == 303 and (await models.Study.get()).zone == MONCTON


async def test_without_a_word_a_study_has_the_zone_of_the_installation(tmp_path: Path) -> None:
    settings = Settings(database=str(fresh(tmp_path / "a.db")), secret=SECRET, zone="America/Vancouver")
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        study = await models.Study.get(id=table.session.study_id)
        assert study.zone == "America/Vancouver"


# Studies from before


async def test_a_study_from_before_there_were_zones_stays_in_toronto_on_either_database(database: str) -> None:
    settings = Settings(database=database, secret=SECRET, zone="America/Vancouver")
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        await go_back_to("0008_numbered")
    async with open_house(build(settings)):
        assert (await models.Study.get(id=table.session.study_id)).zone == "America/Toronto"
