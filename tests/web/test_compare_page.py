"""A study's figures as pages: side by side, two moments, pooled; for who runs or studies it, in both languages."""

from __future__ import annotations

import pytest

from consensus import models
from consensus.conduct import Guest, add_seats
from rounds.contract import Role
from tests.conftest import Site
from tests.studies import RANKING, RATING, Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}
PAGES = ("compare", "moments", "pooled", "compare.csv", "pooled.csv")


async def three_tables(site: Site) -> Played:
    played = await lay_study(site.house)
    await played.add(Panel("c1", FULL, (1, 2, 3), arm="with"), by_chance(1))
    await played.add(Panel("c3", FULL, (1, 2, 4), arm="without"), by_chance(1))
    await played.add(Panel("c1", FULL, (1, 2), arm="with", follows=0), by_chance(2))
    return played


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_tells_the_same_figures_in_both_languages(site: Site, language: str) -> None:
    played = await three_tables(site)
    fay = await site.sign_in()
    for page in PAGES:
        answer = await fay.get(f"/studies/{played.study.id}/{page}?lang={language}")
        assert answer.status_code == 200, answer.text[:2000]
    said = (await fay.get(f"/studies/{played.study.id}/compare?lang={language}")).text
    assert ("not asked here" if language == "en" else "non proposé ici") in said


@pytest.mark.parametrize("by", ["session", "site", "province", "arm", "group", "nonsense"])
async def test_columns_are_chosen_in_the_address(site: Site, by: str) -> None:
    played = await three_tables(site)
    fay = await site.sign_in()
    answer = await fay.get(f"/studies/{played.study.id}/compare?lang=en&by={by}&along=fidelity")
    assert answer.status_code == 200
    wanted = {"site": "Clinic C1", "province": "New Brunswick", "arm": "Experimental", "group": "Caregivers"}
    assert wanted.get(by, "Table 2") in answer.text


async def test_who_sits_in_no_session_of_it_finds_nothing(site: Site) -> None:
    played = await three_tables(site)
    other = await lay_study(site.house)
    session = await other.lay(Panel("c1", FULL, (1, 2)))
    await models.Entry.filter(act="create_study").update(alias="0")
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    researcher, watcher = await add_seats(
        site.house, played.desks[0], [Guest(Role.RESEARCHER, "", "en"), Guest(Role.OBSERVER, "", "en")]
    )
    outsider = (await add_seats(site.house, desk, [Guest(Role.RESEARCHER, "", "en")]))[0]
    participant = await site.sit(played.seats[0][0])
    for page in PAGES:
        at = f"/studies/{played.study.id}/{page}"
        assert (await (await site.sit(researcher)).get(at)).status_code == 200
        assert (await (await site.sit(outsider)).get(at)).status_code == 404
        assert (await (await site.sit(watcher)).get(at)).status_code == 403
        assert (await participant.get(at)).status_code == 403
        assert (await site.client().get(at)).status_code == 401


async def test_the_way_of_counting_is_chosen_before_the_first_round_opens(site: Site) -> None:
    played = await lay_study(site.house)
    fay = await site.sign_in()
    at = f"/studies/{played.study.id}/pooled?lang=en"
    panel = Panel("c1", FULL, (1, 2, 3, 4), plans=(RATING, RANKING))
    await played.lay(panel)
    assert "Which way of counting leads?" in (await fay.get(at)).text
    answer = await fay.post(f"/studies/{played.study.id}/pooled", data={"headline": "site"})
    assert answer.status_code == 303
    assert (await models.Study.get(id=played.study.id)).headline == "site"
    refused = await fay.post(f"/studies/{played.study.id}/pooled", data={"headline": "loudest"})
    assert refused.status_code == 422
    await played.play(0, panel, by_chance(1))
    refused = await fay.post(f"/studies/{played.study.id}/pooled?lang=en", data={"headline": "person"})
    assert refused.status_code == 422
    assert (await models.Study.get(id=played.study.id)).headline == "site"
    assert "can no longer change" in refused.text or "ne peut plus changer" in refused.text
    assert await models.Entry.filter(act="choose_headline").count() == 2, "the first is of the study's making"
