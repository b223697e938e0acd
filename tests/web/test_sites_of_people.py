"""People have sites beside their session's, and an arm: from a list in either language, or set by the facilitator."""

from __future__ import annotations

import html
import json

import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.imports.places import Places
from consensus.imports.roster import Book, parse
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.web.test_sites import TWO_LEVELS, fields, way

THREE = TWO_LEVELS | {
    "sites": "s1 s2 s3 s4",
    "site.s3.en": "Québec",
    "site.s3.fr": "Québec",
    "within.s4": "s3",
    "site.s4.en": "Québec",
    "site.s4.fr": "Québec",
}
BOOK = Book(
    [("Patients", "patients")],
    ["fr", "en"],
    sites=Places(
        [
            ("Halifax clinic", "s2"),
            ("Clinique de Halifax", "s2"),
            ("Moncton, main", "s3"),
            ("Twice", "s4"),
            ("twice", "s5"),
        ]
    ),
    arms=Places([("Control", "a1"), ("Témoin", "a1")]),
)


async def laid(site: Site) -> Table:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    assert (await fay.post(way(table), data=THREE)).status_code == 303
    return table


@pytest.mark.parametrize(
    "header, cells",
    [
        ("name,group,language,site,arm", "Ann,Patients,en,Halifax clinic,Control"),
        ("nom,groupe,langue,clinique,bras", "Ann,Patients,en,clinique de halifax,TÉMOIN"),
        ("nom,groupe,langue,sites,bras", 'Ann,Patients,en,"Halifax clinic; Moncton, main",témoin'),
    ],
)
def test_a_list_names_sites_and_arms_in_either_language(header: str, cells: str) -> None:
    reading = parse(f"{header}\n{cells}\n", BOOK)
    assert not reading.bad
    assert reading.guests[0].sites[0] == "s2"
    assert reading.guests[0].arm == "a1"
    assert len(reading.guests[0].sites) == (2 if "Moncton" in cells else 1)


@pytest.mark.parametrize(
    "site, arm, key",
    [("Nowhere", "", "roster.bad_site"), ("Halifax clinic; Nowhere", "", "roster.bad_site")]
    + [("Twice", "", "roster.site_several"), ("Halifax clinic", "Third", "roster.bad_arm")],
)
def test_an_unknown_site_or_arm_is_said_with_its_line(site: str, arm: str, key: str) -> None:
    reading = parse(f"name,group,site,arm\nAnn,Patients,{site},{arm}\n", BOOK)
    assert [(line.number, line.problem.key) for line in reading.bad if line.problem] == [(2, key)]


def test_a_study_without_sites_leaves_such_a_column_alone_and_tells() -> None:
    reading = parse("name,group,site\nAnn,Patients,Halifax\n", Book([("Patients", "patients")], ["en"]))
    assert not reading.bad
    assert "import.unknown_columns" in [remark.key for remark in reading.remarks]


async def test_a_list_seats_people_with_their_sites(site: Site) -> None:
    table = await laid(site)
    fay, path = await site.sign_in(), f"/sessions/{table.session.id}/roster"
    await models.Session.filter(id=table.session.id).update(site="s2")
    lines = 'name,group,site,arm\nAnn Roy,Patients,"Halifax clinic; Québec",Control\nBo Li,Patients,,\n'
    shown = html.unescape((await fay.post(f"{path}?by=list&lang=en", data={"roster": lines})).text)
    assert "Nova Scotia – Halifax clinic" in shown
    assert "Québec – Québec" in shown
    sent = {**fields(shown), "roster": lines, "do": "confirm"}
    answer = await fay.post(f"{path}?by=list&lang=en", data=sent)
    assert answer.status_code == 303, answer.text[answer.text.find('id="errors"') :][:900]
    ann = await models.Seat.get(person__name="Ann Roy")
    assert (ann.sites, ann.arm) == (["s4"], "a1"), "the session's own site is not kept twice"
    assert (await models.Seat.get(person__name="Bo Li")).sites is None
    cards = html.unescape((await fay.get(f"/sessions/{table.session.id}/seats?lang=en&at={ann.id}")).text)
    assert "Nova Scotia – Halifax clinic, Québec – Québec and Control" in cards


async def test_the_facilitator_corrects_them_until_a_step_has_closed(site: Site) -> None:
    table = await laid(site)
    fay, path = await site.sign_in(), f"/sessions/{table.session.id}/seats/{table.aline.id}/sites"
    assert "Nova Scotia – Halifax clinic" in html.unescape((await fay.get(f"{path}?lang=en")).text)
    assert (await fay.post(path, data={"site": ["s2", "s4"], "arm": "a1"})).status_code == 303
    seat = await models.Seat.get(id=table.aline.id)
    assert (seat.sites, seat.arm) == (["s2", "s4"], "a1")
    line = await models.Entry.get(act="relocate")
    assert json.loads(line.payload).keys() == {"about"}, "it says of nobody where they are"
    answer = await fay.post(f"{path}?lang=en", data={"site": "s9"})
    assert answer.status_code == 422
    assert "This study has no such site." in html.unescape(answer.text)
    await table.open("rating")
    await table.close("rating")
    answer = await fay.post(f"{path}?lang=en", data={"site": "s1"})
    assert answer.status_code == 422
    assert "people keep their sites" in html.unescape(answer.text)
    assert (await models.Seat.get(id=table.aline.id)).sites == ["s2", "s4"]


async def test_nobody_else_is_shown_where_people_belong(site: Site) -> None:
    table = await laid(site)
    elsewhere = await lay_table(site.house, title="Ailleurs")
    fay = await site.sign_in()
    path = f"/sessions/{table.session.id}/seats/{table.aline.id}/sites"
    assert (await (await site.sit(table.aline)).get(path)).status_code == 403
    assert (await (await site.sit(elsewhere.aline)).get(path)).status_code == 404
    assert (await fay.get(f"/sessions/{table.session.id}/seats/{elsewhere.aline.id}/sites")).status_code == 404
    with pytest.raises(conduct.Refused, match="no_such_seat"):
        await conduct.relocate(site.house, table.fay, elsewhere.aline.id, ["s2"], "")
    made = await conduct.add_seats(site.house, table.fay, [Guest(Role.PARTICIPANT, "patients")])
    assert made[0].sites is None
