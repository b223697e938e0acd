"""People of several sites, in a real small study: counted at each of theirs once the study is frozen, told in plain
sentences, and set in the order of what is known of the sites."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from consensus import conduct, models, zones
from tests.conftest import Site
from tests.freezing import move_day_of
from tests.studies import Panel, Played, lay_study

K = 3
SIX = {"patients": 6}
THREE = range(3)  # of each table belong to another clinic too, and find everything important
SENTENCE = "Whoever belongs to several sites is counted at each of them; totals count them once."


def split(session: int, person: int, group: str, number: int) -> int:
    return 9 if person in THREE else 2


async def laid(site: Site, twice: int = K) -> Played:
    """Two tables of six at clinics C1 and C3; of each, so many belong to C3, or C2, as well."""
    played = await lay_study(site.house)
    await models.Study.filter(id=played.study.id).update(floor=K)
    day = zones.today_in(played.study.zone) + timedelta(days=20)
    await conduct.set_freeze(site.house, played.fay, played.study.id, day)
    for place, (here, beside) in enumerate((("c1", "c3"), ("c3", "c2"))):
        panel = Panel(here, SIX, (1, 2))
        await played.lay(panel)
        for seat in played.seats[place][:twice]:
            await conduct.relocate(site.house, played.desks[place], seat.id, [beside], "")
        await played.play(place, panel, split)
    return played


async def frozen(site: Site, played: Played) -> None:
    await move_day_of(played.study.id, -1)
    await conduct.freeze_due(site.house)
    await conduct.keep_tables_due(site.house)


async def page(fay: httpx2.AsyncClient, played: Played, asked: str) -> str:
    answer = await fay.get(f"/studies/{played.study.id}/compare?lang=en&{asked}")
    assert answer.status_code == 200
    return unescape(answer.text)


def columns(shown: str) -> list[str]:
    table = shown.partition("<thead>")[2].partition("</thead>")[0]
    return re.findall(r"Clinic C\d", table)


def shares(shown: str) -> dict[str, str]:
    """Of the first statement, by column."""
    row = shown.partition("<tbody>")[2].partition("</tr>")[0]
    cells = re.findall(r'data-label="[^"]*(Clinic C\d)">(.*?)</td>', row, re.DOTALL)
    return {name: found[0] for name, cell in cells if (found := re.findall(r"(\d+)\s*%", cell))}


async def test_people_of_two_sites_count_at_each_once_the_study_is_frozen(site: Site) -> None:
    played = await laid(site)
    fay = await site.sign_in()
    before = await page(fay, played, "by=own_site")
    assert SENTENCE not in before, "not before the freeze"
    assert "is made at the freeze" in await page(fay, played, "by=site")
    await frozen(site, played)
    shown = await page(fay, played, "by=own_site")
    assert SENTENCE in shown
    assert "At least 3 people are counted at more than one site." in shown
    assert shares(shown) == {
        "Clinic C1": "50",  # three of the six of its table
        "Clinic C2": "100",  # three of the other table, all of whom belong here too
        "Clinic C3": "67",  # six of its table and three of the other: six of nine
    }
    assert "those who belong to several are counted at each" in await page(fay, played, "by=site")


async def test_they_stand_in_the_order_of_a_figure_that_the_study_brought(site: Site) -> None:
    played = await laid(site)
    await frozen(site, played)
    fay = await site.sign_in()
    assert columns(await page(fay, played, "by=own_site")) == ["Clinic C1", "Clinic C2", "Clinic C3"]
    shown = await page(fay, played, "by=own_site&along=fidelity")
    assert columns(shown) == ["Clinic C2", "Clinic C1", "Clinic C3"], "74, 82, 91"
    assert list(shares(shown)) == columns(shown), "the figures move with their heads"


@pytest.mark.parametrize("twice", [K - 1, K + 1])
async def test_no_such_table_is_made_where_a_part_would_tell_of_few(site: Site, twice: int) -> None:
    played = await laid(site, twice)
    await frozen(site, played)
    fay = await site.sign_in()
    assert SENTENCE not in await page(fay, played, "by=own_site")
    assert "counted at more than one site" not in await page(fay, played, "by=own_site")
