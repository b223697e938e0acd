"""A study begun from a study protocol: one press lays its sites, arms, groups and sessions, all still to be changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from consensus import models, study_protocol
from rounds.contract import Role
from tests.conftest import Site
from tests.web.test_setup_pages import STUDY, newcomer

FACTS = {
    "title.fr": "Partenariat",
    "title.en": "Partnership",
    "question.fr": "Et ensuite?",
    "question.en": "What next?",
}
KEPT = ("help_name", "help_phone", "retention", "consent.fr", "consent.en", "row_level", "languages", "floor")


def sent(page: str, **typed: str) -> dict[str, Any]:
    """What the form would send: ticked boxes, hidden fields and names of groups as the page has them."""
    fields: dict[str, Any] = {name: STUDY[name] for name in KEPT} | FACTS
    for found in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'\b{part}="([^"]*)"', found) for part in ("name", "value"))
        is_left_out = 'type="checkbox"' in found and not re.search(r"\schecked\b", found)
        is_ours = name and ('type="hidden"' in found or name[1].startswith("group."))
        if name and value and is_ours and not is_left_out:
            fields[name[1]] = value[1]
    return fields | typed


@pytest.mark.parametrize("name", study_protocol.names())
async def test_one_press_lays_the_whole_study(site: Site, name: str) -> None:
    nora, planned = await newcomer(site), study_protocol.read(name)
    page = await nora.get(f"/studies/new?planned={name}&lang=en")
    made = await nora.post("/studies/new", data=sent(page.text))
    study = await models.Study.get()
    assert (made.status_code, made.headers["location"]) == (303, f"/studies/{study.id}")
    rows = await models.Session.filter(study_id=study.id).order_by("id")
    assert len(rows) == len(planned.sessions)
    assert len(study.groups) == len(planned.groups)
    assert [one["key"] for one in study.sites or []] == [one.key for one in planned.sites]
    assert [one["key"] for one in study.arms or []] == list(planned.arms)
    assert study.headline == planned.headline
    assert len({row.title["en"] for row in rows}) == len({row.title["fr"] for row in rows}) == len(rows)
    for row, one in zip(rows, planned.sessions, strict=True):
        rounds = await models.Round.filter(session_id=row.id).order_by("position")
        assert [each.key for each in rounds] == [plan.key for plan in one.plans]
        assert {each.state for each in rounds} == {"draft"}
        assert (row.site, row.arm, row.protocol, row.imported) == (one.site, one.arm, name, [])
        assert (row.follows is not None) == bool(one.follows)
        assert await models.Seat.filter(session_id=row.id, role=Role.FACILITATOR).count() == 1
        assert (await nora.get(f"/sessions/{row.id}/setup")).status_code == 200


async def test_the_page_offers_each_protocol_and_a_way_back(site: Site) -> None:
    nora = await newcomer(site)
    for language in ("en", "fr"):
        page = (await nora.get(f"/studies/new?lang={language}")).text
        for name in study_protocol.names():
            assert f'href="/studies/new?planned={name}"' in page
            shown = (await nora.get(f"/studies/new?planned={name}&lang={language}")).text
            assert f'name="planned" value="{name}"' in shown and 'href="/studies/new"' in shown


async def test_the_groups_of_the_protocol_stand_in_the_form(site: Site) -> None:
    nora = await newcomer(site)
    page = (await nora.get("/studies/new?planned=ehealth_scale_up&lang=en")).text
    assert "Information officers" in page
    assert not re.search(r'name="group.community"[^>]*checked', page)
    assert re.search(r'name="group.patients"[^>]*checked', page)


async def test_what_was_wrong_is_told_and_the_protocol_stays_chosen(site: Site) -> None:
    nora = await newcomer(site)
    page = await nora.get("/studies/new?planned=ehealth_scale_up&lang=en")
    again = await nora.post("/studies/new", data=sent(page.text, **{"title.en": ""}))
    assert again.status_code == 422
    assert 'name="planned" value="ehealth_scale_up"' in again.text and "Partenariat" in again.text
    assert await models.Study.all().count() == 0 == await models.Session.all().count()


async def test_a_protocol_that_there_is_not_is_none(site: Site) -> None:
    nora = await newcomer(site)
    page = await nora.get("/studies/new?planned=triage")
    assert page.status_code == 200 and 'name="planned"' not in page.text
    made = await nora.post("/studies/new", data=STUDY | {"planned": "../delphi"})
    assert made.status_code == 303 and await models.Session.all().count() == 0


async def test_a_stranger_lays_nothing(site: Site) -> None:
    stranger = site.client()
    answer = await stranger.post("/studies/new", data=STUDY | {"planned": "ehealth_scale_up"})
    assert answer.status_code in {303, 401, 403} and await models.Study.all().count() == 0
