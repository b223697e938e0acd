"""From list to plan: line by line, in versions, with its gaps counted; read by participants once it is sent."""

from __future__ import annotations

from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from rounds.contract import Role
from tests.conftest import Site
from tests.studies import Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}


@pytest.fixture
async def played(site: Site) -> Played:
    found = await lay_study(site.house)
    await found.add(Panel("c1", FULL, (1, 2, 3), arm="with"), by_chance(1))
    return found


async def _source(fay: httpx2.AsyncClient, at: str, source: object) -> None:
    assert (await fay.post(at, data={"act": "source", "source": str(source)})).status_code == 303


async def _first(played: Played) -> str:
    row = await models.StudyNumber.filter(session_id=played.sessions[0].id).order_by("number").first()
    assert row is not None
    return str(row.number)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_line_is_written_and_what_is_missing_is_counted(site: Site, played: Played, language: str) -> None:
    fay, at = await site.sign_in(), f"/studies/{played.study.id}/plan"
    assert (await fay.get(f"{at}?lang={language}")).status_code == 200
    await _source(fay, at, played.sessions[0].id)
    page = unescape((await fay.get(f"{at}?lang={language}")).text)
    assert ("3 steps have nobody to lead them." if language == "en" else "3 étapes n’ont personne") in page
    step = await _first(played)
    form = await fay.get(f"{at}/{step}?lang={language}")
    assert form.status_code == 200
    group = played.study.groups[0]["key"]
    written = {"leads": group, "level": "meso", "start": "0", "end": "2", "unit": "years", "measure": "Hours a week"}
    assert (await fay.post(f"{at}/{step}", data=written)).status_code == 303
    page = unescape((await fay.get(f"{at}?lang={language}")).text)
    assert "Hours a week" in page and ("2 steps have nobody" if language == "en" else "2 étapes n’ont") in page
    told = (await fay.get(f"{at}.json")).json()
    assert next(one for one in told["lines"] if one["statement"] == step)["leads"] == [group]
    assert "Hours a week" in (await fay.get(f"{at}.csv")).text


async def test_versions_are_kept_compared_and_gone_back_to(site: Site, played: Played) -> None:
    fay, at = await site.sign_in(), f"/studies/{played.study.id}/plan"
    await _source(fay, at, played.sessions[0].id)
    step = await _first(played)
    for measure in ("One", "Two"):
        assert (await fay.post(f"{at}/{step}", data={"measure": measure})).status_code == 303
    old = unescape((await fay.get(f"{at}?version=3&lang=en")).text)
    assert "how we will know" in old, "what changed since the version before"
    assert (await fay.post(at, data={"act": "back", "version": "2"})).status_code == 303
    rows = await models.PlanOfAction.filter(study_id=played.study.id).order_by("number")
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert rows[1].lines == rows[3].lines and rows[2].lines[0]["measure"] == "Two"
    assert await models.Entry.filter(act="go_back_in_plan").count() == 1


async def test_two_people_at_one_line_lose_nothing(site: Site, played: Played) -> None:
    fay, at = await site.sign_in(), f"/studies/{played.study.id}/plan"
    await _source(fay, at, played.sessions[0].id)
    step = await _first(played)
    form = unescape((await fay.get(f"{at}/{step}?lang=en")).text)
    seen = form.partition('name="seen" value="')[2].partition('">')[0]
    assert (await fay.post(f"{at}/{step}", data={"measure": "First"})).status_code == 303
    late = await fay.post(f"{at}/{step}?lang=en", data={"measure": "Second", "seen": seen})
    assert late.status_code == 422 and "Second" in late.text and "meanwhile" in late.text
    bad = await fay.post(f"{at}/{step}?lang=en", data={"start": "9", "end": "3", "measure": "Third"})
    assert bad.status_code == 422 and "Third" in bad.text
    for wrong in ({"leads": "nobody"}, {"helps": "999"}, {"end": "soon"}, {"start": "1"}, {"measure": "x" * 301}):
        assert (await fay.post(f"{at}/{step}", data=wrong)).status_code == 422, wrong


async def test_participants_read_it_once_it_is_sent_and_only_what_was_sent(site: Site, played: Played) -> None:
    fay, at = await site.sign_in(), f"/studies/{played.study.id}/plan"
    await _source(fay, at, played.sessions[0].id)
    step, there = await _first(played), f"/sessions/{played.sessions[0].id}/plan"
    await fay.post(f"{at}/{step}", data={"measure": "As it was sent"})
    person = await site.sit(played.seats[0][0])
    assert (await person.get(there)).status_code == 404
    assert (await person.get(at)).status_code == 403
    assert (await fay.post(at, data={"act": "send"})).status_code == 303
    await fay.post(f"{at}/{step}", data={"measure": "A later draft"})
    assert there in (await person.get(f"/sessions/{played.sessions[0].id}/results")).text
    page = await person.get(there)
    assert page.status_code == 200 and "As it was sent" in page.text and "A later draft" not in page.text


async def test_who_has_no_part_in_the_study_neither_reads_nor_writes(site: Site, played: Played) -> None:
    other = await lay_study(site.house)
    session = await other.lay(Panel("c1", FULL, (1, 2)))
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    (outsider,) = await conduct.add_seats(site.house, desk, [Guest(Role.RESEARCHER, "", "en")])
    (researcher,) = await conduct.add_seats(site.house, played.desks[0], [Guest(Role.RESEARCHER, "", "en")])
    await models.Entry.filter(act="create_study").update(alias="0")
    at = f"/studies/{played.study.id}/plan"
    for page in ("", ".csv", ".json"):
        assert (await (await site.sit(researcher)).get(at + page)).status_code == 200
        assert (await (await site.sit(outsider)).get(at + page)).status_code == 404
        assert (await site.client().get(at + page)).status_code == 401
    assert (await (await site.sit(researcher)).post(at, data={"act": "send"})).status_code == 403
    assert await models.PlanOfAction.all().count() == 0
