"""A study is changed until somebody may rest on what it says; then its page says what stays, and why."""

from __future__ import annotations

import html

import httpx2
import pytest

from consensus import conduct, models
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.web.test_sites import fields

CHANGED = {
    "title.en": "Care near home",
    "title.fr": "Des soins près de chez soi",
    "question.en": "What first?",
    "question.fr": "Quoi d’abord?",
    "help_name": "Nora Li",
    "help_phone": "506 555-0100",
    "retention": "2030-06-30",
    "floor": "6",
    "order": "clinicians patients caregivers",
    **{f"group.{key}": "1" for key in ("clinicians", "patients", "caregivers")},
    "group.clinicians.en": "Doctors and nurses",
    "group.clinicians.fr": "Médecins et infirmières",
    **{f"group.patients.{name}": "Patients" for name in ("en", "fr")},
    "group.caregivers.en": "Caregivers",
    "group.caregivers.fr": "Proches aidants",
}


def way(table: Table) -> str:
    return f"/studies/{table.session.study_id}/edit"


async def stored(table: Table) -> models.Study:
    return await models.Study.get(id=table.session.study_id)


async def page_of(client: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    answer = await client.get(f"{way(table)}?lang={language}")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


async def test_before_a_step_opens_everything_but_the_languages_changes(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert (await fay.post(way(table), data=CHANGED)).status_code == 303
    study = await stored(table)
    assert (study.title["fr"], study.question["en"]) == ("Des soins près de chez soi", "What first?")
    assert (study.help_name, study.help_phone, study.retention, study.floor) == (
        *("Nora Li", "506 555-0100", "2030-06-30"),
        6,
    )
    assert [group["key"] for group in study.groups] == ["clinicians", "patients", "caregivers"]
    assert study.groups[0] == {
        "key": "clinicians",
        "names": {"fr": "Médecins et infirmières", "en": "Doctors and nurses"},
        "shape": 3,
    }
    line = await models.Entry.get(act="change_study")
    assert "Doctors" not in line.payload
    assert '"changed":["apart","floor","groups"' in line.payload


async def test_a_form_sent_as_it_stands_changes_nothing(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    before = await stored(table)
    page = await page_of(fay, table)
    assert (await fay.post(way(table), data=fields(page))).status_code == 303
    after = await stored(table)
    assert [getattr(after, name) for name in ("title", "groups", "floor", "retention")] == [
        getattr(before, name) for name in ("title", "groups", "floor", "retention")
    ]
    assert not await models.Entry.exists(act="change_study")


async def test_a_group_is_added_and_gets_a_shape_of_its_own(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    page = await fay.post(way(table), data={**CHANGED, "add": "1"})
    assert page.status_code == 200
    own = next(name.split(".")[1] for name in fields(page.text) if name.startswith("group.g"))
    sent = {**fields(page.text), f"group.{own}.en": "Neighbours", f"group.{own}.fr": "Le voisinage"}
    assert (await fay.post(way(table), data=sent)).status_code == 303
    groups = (await stored(table)).groups
    assert groups[-1]["names"] == {"fr": "Le voisinage", "en": "Neighbours"}
    assert len({group["shape"] for group in groups}) == len({group["key"] for group in groups}) == 4


async def test_a_group_in_which_somebody_sits_stays(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    sent = {name: value for name, value in CHANGED.items() if name != "group.caregivers"}
    answer = await fay.post(f"{way(table)}?lang=en", data=sent)
    assert answer.status_code == 422
    assert "Somebody sits in this group. Move these people first." in html.unescape(answer.text)
    assert 'value="Nora Li"' in answer.text
    assert len((await stored(table)).groups) == 3
    await models.Seat.filter(group="caregivers").update(group="patients")
    await table.keep_apart("caregivers", "patients")
    assert (await fay.post(way(table), data=sent)).status_code == 303
    study = await stored(table)
    assert [group["key"] for group in study.groups] == ["clinicians", "patients"]
    assert study.apart is None


@pytest.mark.parametrize(
    "language, groups, floor",
    [
        ("en", "only their names may change", "It stays, since a step has opened with it."),
        ("fr", "seuls leurs noms changent", "Il reste, car une étape est déjà ouverte ainsi."),
    ],
)
async def test_once_a_step_has_opened_groups_keep_number_and_order(
    site: Site, language: str, groups: str, floor: str
) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await table.open("rating")
    page = await page_of(fay, table, language)
    assert groups in page
    assert floor in page
    assert 'name="up"' not in page
    assert (await fay.post(way(table), data=CHANGED)).status_code == 303
    study = await stored(table)
    assert [group["key"] for group in study.groups] == ["patients", "caregivers", "clinicians"]
    assert study.groups[2]["names"]["en"] == "Doctors and nurses"
    assert study.floor == 5
    staff = await models.Staff.get(mail="fay@example.org")
    for change in ({"groups": study.groups[::-1]}, {"groups": study.groups[:2]}):
        with pytest.raises(conduct.Refused, match="groups_firm"):
            await conduct.change_study(site.house, staff, study.id, **change)
    with pytest.raises(conduct.Refused, match="floor_firm"):
        await conduct.change_study(site.house, staff, study.id, floor=3)


async def test_once_somebody_has_answered_only_help_and_an_earlier_date_change(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    page = await page_of(fay, table)
    assert "Title and question stay, since somebody has answered this question." in page
    assert "The groups stay" in page
    assert {"help_name", "help_phone", "retention"} == {
        name for name in fields(page) if name not in {"say_in", "key"}
    } & {*CHANGED}
    later = await fay.post(f"{way(table)}?lang=en", data={**CHANGED, "retention": "2040-01-01"})
    assert later.status_code == 422
    assert "it can come sooner, not later" in html.unescape(later.text)
    assert (await fay.post(way(table), data=CHANGED)).status_code == 303
    study = await stored(table)
    assert (study.title["en"], study.groups[2]["names"]["en"]) == ("Case management", "Clinicians")
    assert (study.help_name, study.retention) == ("Nora Li", "2030-06-30")
    staff = await models.Staff.get(mail="fay@example.org")
    for change in (
        {"title": {"en": "A", "fr": "A"}},
        {"groups": [*study.groups[:2], {**study.groups[2], "names": {}}]},
    ):
        with pytest.raises(conduct.Refused, match="answered_already"):
            await conduct.change_study(site.house, staff, study.id, **change)


async def test_a_rehearsal_fixes_nothing(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    await fay.post(f"/sessions/{table.session.id}/rehearse")
    rehearsal = await models.Session.get(rehearses=table.session.id)
    desk = await models.Seat.get(session_id=rehearsal.id, role="facilitator")
    row = await models.Round.get(session_id=rehearsal.id)
    await conduct.open_round(site.house, desk, row.id, "")
    assert 'name="floor"' in await page_of(fay, table)


async def test_outsiders_find_no_such_page(site: Site) -> None:
    table = await lay_table(site.house)
    await conduct.add_staff(site.house, "eve@example.org", "Eve", PASSWORD)
    eve = await site.sign_in("eve@example.org")
    assert (await eve.get(way(table))).status_code == 404
    assert (await eve.post(way(table), data=CHANGED)).status_code == 404
    assert (await (await site.sit(table.aline)).get(way(table))).status_code == 403
    assert (await stored(table)).title["en"] == "Case management"
