"""Sites in two levels, what is known of them, and arms: set up without a script, named in both languages."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct.site_titles import followed
from tests.conftest import PASSWORD, Site, Table, lay_table

TWO_LEVELS = {
    "sites": "s1 s2",
    "knowns": "k1 k2",
    "arms": "a1",
    "site.s1.en": "Nova Scotia",
    "site.s1.fr": "Nouvelle-Écosse",
    "within.s2": "s1",
    "site.s2.en": "Halifax clinic",
    "site.s2.fr": "Clinique de Halifax",
    "known.k1.en": "Rurality",
    "known.k1.fr": "Ruralité",
    "known.k2.en": "Visits",
    "known.k2.fr": "Visites",
    "known.k2.number": "1",
    "about.s2.k1": "town",
    "about.s2.k2": "12,5",
    "arm.a1.en": "Control",
    "arm.a1.fr": "Témoin",
}


def way(table: Table) -> str:
    return f"/studies/{table.session.study_id}/sites"


async def stored(table: Table) -> models.Study:
    return await models.Study.get(id=table.session.study_id)


def fields(page: str) -> dict[str, str]:
    """What a browser would send of this page, as it stands."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in named and (named.get("type") != "checkbox" or " checked" in tag):
            found[named["name"]] = html.unescape(named.get("value", ""))
    return found


async def press(client: httpx2.AsyncClient, path: str, page: str, **button: str) -> str:
    answer = await client.post(f"{path}?lang=en", data={**fields(page), **button})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_sites_of_two_levels_are_kept_with_what_is_known_of_them(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert (await fay.post(way(table), data=TWO_LEVELS)).status_code == 303
    study = await stored(table)
    assert study.sites == [
        {"key": "s1", "names": {"fr": "Nouvelle-Écosse", "en": "Nova Scotia"}, "within": "", "about": {}},
        {
            "key": "s2",
            "names": {"fr": "Clinique de Halifax", "en": "Halifax clinic"},
            "within": "s1",
            "about": {"k1": "town", "k2": 12.5},
        },
    ]
    assert [(one["key"], one["is_number"]) for one in study.known] == [("k1", False), ("k2", True)]
    assert study.arms == [{"key": "a1", "names": {"fr": "Témoin", "en": "Control"}}]


async def test_rows_are_added_moved_and_removed_without_a_script(site: Site) -> None:
    table = await lay_table(site.house)
    fay, path = await site.sign_in(), way(table)
    page = (await fay.get(f"{path}?lang=en")).text
    for _ in range(2):
        page = await press(fay, path, page, add_site="1")
    typed = {"site.s1.en": "One", "site.s1.fr": "Un", "site.s2.en": "Two", "site.s2.fr": "Deux"}
    page = (await fay.post(path, data={**fields(page), **typed, "add_in": "s2"})).text
    page = await press(fay, path, page, up="s2")
    page = await press(fay, path, page, offer_arms="1")
    assert fields(page)["sites"].split().index("s2") < fields(page)["sites"].split().index("s1")
    assert fields(page)["within.s3"] == "s2"
    assert fields(page)["arm.a1.fr"] == "Expérimental"
    page = await press(fay, path, page, drop_arm="a2")
    assert (await stored(table)).sites is None, "nothing is kept before it is saved"
    assert (await fay.post(path, data=fields(page))).status_code == 303
    study = await stored(table)
    assert [one["key"] for one in study.sites] == ["s2", "s1"], "a row without a name is left out"
    assert [one["names"]["en"] for one in study.arms] == ["Experimental"]


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"site.s2.fr": ""}, "Name the site in each language of the study."),
        ({"about.s2.k2": "many"}, "Write a number, for instance 12 or 3.5."),
        ({"arm.a1.fr": ""}, "Name the arm in each language of the study."),
        ({"known.k2.en": "Rurality"}, "“Rurality” stands here twice."),
        ({"site.s2.en": "x" * 81}, "81"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    site: Site, typed: dict[str, str], sentence: str
) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    sent = {**TWO_LEVELS, **typed}
    answer = await fay.post(f"{way(table)}?lang=en", data=sent)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    held = fields(answer.text)
    assert {name: held[name] for name in sent} == sent
    assert (await stored(table)).sites is None


async def test_a_site_in_use_stays_and_may_be_renamed(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await fay.post(way(table), data=TWO_LEVELS)
    await models.Session.filter(id=table.session.id).update(site="s2")
    page = (await fay.get(f"{way(table)}?lang=en")).text
    assert "In use: it can be renamed, not removed." in page
    assert 'name="drop" value="s2"' not in page
    without = {name: value for name, value in TWO_LEVELS.items() if ".s2" not in name} | {"sites": "s1"}
    answer = await fay.post(f"{way(table)}?lang=en", data=without)
    assert answer.status_code == 422
    assert "Give it another one first." in answer.text
    assert (await fay.post(way(table), data=TWO_LEVELS | {"site.s2.en": "Halifax"})).status_code == 303
    assert (await stored(table)).sites[1]["names"]["en"] == "Halifax"


async def test_titles_that_say_a_site_follow_its_new_name_until_somebody_answered(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await fay.post(way(table), data=TWO_LEVELS)
    told = {"en": "TRIAGE – Nova Scotia – Halifax clinic", "fr": "TRIAGE – Nouvelle-Écosse – Clinique de Halifax"}
    await models.Session.filter(id=table.session.id).update(site="s2", title=told)
    await fay.post(way(table), data=TWO_LEVELS | {"site.s2.en": "Truro clinic"})
    renamed = await models.Session.get(id=table.session.id)
    assert renamed.title == told | {"en": "TRIAGE – Nova Scotia – Truro clinic"}
    assert (await models.Entry.filter(act="change_session").order_by("-id").first()) is not None
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await fay.post(way(table), data=TWO_LEVELS | {"site.s2.en": "Sydney clinic"})
    assert (await models.Session.get(id=table.session.id)).title == renamed.title


@pytest.mark.parametrize(
    "title, then",
    [
        ("Clinic 1", "Clinic 1"),
        ("Rating – Clinic 1", "Rating – Truro"),
        ("Rating – Clinic 1 – moment 2", "Rating – Truro – moment 2"),
        ("Rating – Clinic 12", "Rating – Clinic 12"),
    ],
)
def test_only_the_whole_name_of_a_site_is_taken_for_it(title: str, then: str) -> None:
    before, after = ([{"key": "c", "names": {"en": name}, "within": ""}] for name in ("Clinic 1", "Truro"))
    assert followed({"en": title}, "c", before, after) == {"en": then}


async def test_the_journal_tells_keys_and_a_hash_alone(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await fay.post(way(table), data=TWO_LEVELS)
    line = await models.Entry.get(act="change_sites")
    assert '"sites":["s1","s2"]' in line.payload
    assert "Halifax" not in line.payload


@pytest.mark.parametrize("sites", [[{"key": "s1", "within": "s9"}], [{"key": "s1", "within": ""}] * 2])
async def test_a_site_within_one_that_is_not_there_is_refused(site: Site, sites: list[dict[str, Any]]) -> None:
    table = await lay_table(site.house)
    staff = await models.Staff.get(mail="fay@example.org")
    with pytest.raises(conduct.Refused, match="no_such_site"):
        await conduct.change_sites(site.house, staff, table.session.study_id, sites, [], [])


async def test_who_does_not_lead_the_study_finds_no_such_page(site: Site) -> None:
    table = await lay_table(site.house)
    await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    eve = await site.sign_in("eve@example.org")
    assert (await eve.get(way(table))).status_code == 404
    assert (await eve.post(way(table), data=TWO_LEVELS)).status_code == 404
    assert (await (await site.sit(table.aline)).get(way(table))).status_code == 403
    assert (await stored(table)).sites is None
