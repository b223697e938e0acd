"""Everybody of a room counted as one group: at one press, told in words, never beside a rule that asks each group."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import httpx2
import pytest

from consensus import conduct, models, protocol
from consensus.conduct import Guest, Refused
from consensus.facts import Everyone
from consensus.protocol import Plan, plan_of
from rounds import KINDS
from rounds.contract import Role
from rounds.disclosure import Mode
from tests.conftest import Site, Table, lay_table

RATING = Plan(key="rating", kind="rating", disclosure="live", grace=0, settings={})
FORM = {
    "setting.scale": "1-9",
    "setting.criterion": "importance",
    "setting.second": "",
    "rule.name": "share",
    "rule.percent": "75",
    "rule.scope": "pooled",
    "rule.blocks": "1",
    "disclosure": "live",
    "grace": "0",
}


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house, [RATING, Plan(key="validation", kind="validation", disclosure="at_close")])


async def _read(browser: httpx2.AsyncClient, path: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path}?lang={language}")).text)


async def _row(table: Table, key: str = "rating") -> models.Round:
    return await models.Round.get(session_id=table.session.id, key=key)


async def test_one_press_counts_everybody_together_and_another_by_group_again(site: Site, here: Table) -> None:
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup"
    assert "Each group has its own figures." in await _read(fay, url)
    for counted, words in (("together", "Everybody is counted as one group."), ("group", "Each group has its own")):
        pressed = await fay.post(f"{url}/rating/counted", data={"counted": counted})
        assert pressed.status_code == 303, pressed.text
        assert (await _row(here)).is_together is (counted == "together")
        assert words in await _read(fay, url)
    assert (await fay.post(f"{url}/rating/counted", data={"counted": "twice"})).status_code == 422
    await fay.aclose()


async def test_set_up_says_when_each_group_appears_and_says_it_again_of_the_room(site: Site, here: Table) -> None:
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup"
    # five patients, two caregivers, four clinicians, k = 5: caregivers and clinicians are one group of six
    for path in (url, f"{url}/rating"):
        page = await _read(fay, path)
        assert "Sizes of the groups: 5 to 6. Floor: 5. Nothing will be shown before the close, unless" in page
        assert "Patients: figures once all 5 people have answered, else at the close." in page
        assert "Caregivers and Clinicians: figures once all 6 people have answered" in page
    french = await _read(fay, url, "fr")
    assert "Taille des groupes\u00a0: 5 à 6. Minimum\u00a0: 5. Rien ne sera montré" in french
    await fay.post(f"{url}/rating/counted", data={"counted": "together"})
    page = await _read(fay, url)
    assert "Everyone (seats: 11): figures from 10 answers on. The newest 5 wait until the close." in page
    assert "othing will be shown before the close" not in page
    await fay.aclose()


async def test_a_step_that_tells_nothing_before_its_close_says_nothing_of_when(site: Site, here: Table) -> None:
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup"
    await conduct.plan_round(site.house, here.fay, (await _row(here)).id, replace(RATING, disclosure=Mode.AT_CLOSE))
    assert "have answered, else at the close" not in await _read(fay, url)
    await fay.aclose()


@pytest.mark.parametrize("scope", ["balanced", "every", "some"])
async def test_rules_that_ask_each_group_are_neither_offered_nor_taken(site: Site, here: Table, scope: str) -> None:
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup"
    wrong = FORM | {"rule.scope": scope, "counted": "together"}
    assert f'value="{scope}"' in await _read(fay, f"{url}/rating")
    refused = await fay.post(f"{url}/rating", data=wrong)
    assert refused.status_code == 422
    assert "This step counts everybody as one group, and its rule asks each group." in unescape(refused.text)
    assert re.search(r'name="counted" value="together" checked', refused.text), "what was chosen is kept"
    assert f'value="{scope}"' not in refused.text, "and only what goes with it is offered"
    assert not (await _row(here)).is_together
    saved = await fay.post(f"{url}/rating", data=wrong | {"counted": "group"})
    assert saved.status_code == 303, saved.text
    assert (await fay.post(f"{url}/rating/counted", data={"counted": "together"})).status_code == 422
    assert not (await _row(here)).is_together
    assert (await fay.post(f"{url}/rating", data=FORM | {"counted": "together"})).status_code == 303
    page = (await fay.get(f"{url}/rating")).text
    assert re.findall(r'name="rule.scope" value="(\w+)"', page) == ["pooled"]
    await fay.aclose()


async def test_groups_that_are_never_counted_together_are_never_one_group(site: Site, here: Table) -> None:
    staff, row = await models.Staff.get(mail="fay@example.org"), await _row(here)
    study, pair = here.session.study_id, ("patients", "clinicians")
    await conduct.keep_apart(site.house, staff, study, [pair])
    with pytest.raises(Refused, match="together_apart"):
        await conduct.plan_round(site.house, here.fay, row.id, replace(plan_of(row), is_together=True))
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup"
    for path in (url, f"{url}/rating"):
        assert 'value="together"' not in await _read(fay, path)
    with pytest.raises(Refused, match="together_apart"):
        plans = [replace(RATING, is_together=True)]
        await conduct.create_session(site.house, staff, await models.Study.get(id=study), {"en": "B", "fr": "B"}, plans)
    await conduct.keep_apart(site.house, staff, study, [])
    await conduct.plan_round(site.house, here.fay, row.id, replace(plan_of(row), is_together=True))
    with pytest.raises(Refused, match="apart_together"):
        await conduct.keep_apart(site.house, staff, study, [pair])
    assert (await models.Study.get(id=study)).apart is None
    await fay.aclose()


async def test_a_protocol_can_plan_it_and_every_copy_keeps_it(
    site: Site, here: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {"place": 9, "round": [{"kind": "rating", "together": True, "disclosure": "live"}]}
    monkeypatch.setattr(protocol, "_data", lambda name: data)
    (plan,) = protocol.read("triage")
    assert plan.is_together
    staff, study = await models.Staff.get(mail="fay@example.org"), await models.Study.get(id=here.session.study_id)
    session = await conduct.create_session(site.house, staff, study, {"en": "B", "fr": "B"}, [plan])
    row = await models.Round.get(session_id=session.id)
    assert row.is_together and plan_of(row).is_together
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    rehearsal = await conduct.rehearse(site.house, desk, [Guest(Role.PARTICIPANT, "patients", "en")], [])
    assert (await models.Round.get(session_id=rehearsal.id)).is_together


async def test_a_round_of_everybody_opens_with_one_block(site: Site, here: Table) -> None:
    row = await _row(here)
    await conduct.plan_round(site.house, here.fay, row.id, replace(plan_of(row), is_together=True))
    await conduct.open_round(site.house, here.fay, row.id)
    opened = await _row(here)
    assert [(block["groups"], block["seats"]) for block in opened.blocks] == [
        (["patients", "caregivers", "clinicians"], 11)
    ]
    assert opened.counting["is_together"]


@pytest.fixture
async def live(site: Site, here: Table) -> Table:
    """The step is open, everybody is one group, and figures move while people answer."""
    row = await _row(here)
    await conduct.plan_round(site.house, here.fay, row.id, replace(plan_of(row), is_together=True))
    await conduct.open_round(site.house, here.fay, row.id)
    return here


GROUP_WORDS = ("Patients", "Caregivers", "Clinicians", "y group")


async def _pages(site: Site, table: Table) -> dict[str, str]:
    """What the team, the big screen and a person who has not answered read."""
    url = f"/sessions/{table.session.id}"
    fay, person = await site.sign_in(), await site.sit(table.seats[-1])
    told = {
        "console": await _read(fay, f"{url}/frame/console"),
        "projector": await _read(fay, f"{url}/frame/projector"),
        "person": await _read(person, f"{url}/frame/room"),
    }
    await fay.aclose()
    await person.aclose()
    return told


async def _answer(table: Table, people: int) -> None:
    for seat in table.seats[:people]:
        for card in ("P001", "P002", "P003"):
            await table.cast(seat, "rating", card=card, importance="8")


async def test_until_figures_appear_everybody_reads_from_how_many_answers_on(site: Site, live: Table) -> None:
    await _answer(live, 6)
    told = await _pages(site, live)
    why = "Everybody is counted as one group. Figures appear from 10 answers on, then move by 5; the newest 5 wait"
    for name in ("console", "person"):
        assert f"Answers shown: 0 of 6.</b> {why}" in told[name], name
    assert "Everyone</span>" in told["projector"] and "<b>6/11</b>" in told["projector"]


async def test_figures_of_the_whole_room_have_one_name_and_no_group_beside_them(site: Site, live: Table) -> None:
    await _answer(live, 10)
    told = await _pages(site, live)
    for name, page in told.items():
        assert not [word for word in GROUP_WORDS if word in page], name
        assert "Answers shown: 5 of 10." in page, name
        assert 'class="bands"' in page, name
    assert "The whole room together" in told["projector"]
    assert "% who answered 7 to 9<" in told["console"]


async def test_a_close_of_the_whole_room_foretells_no_group_that_joins_another(site: Site, live: Table) -> None:
    await _answer(live, 6)  # five patients and one caregiver
    assert "If you close now" not in (await _pages(site, live))["console"]


async def test_the_results_say_that_everybody_was_one_group(site: Site, live: Table) -> None:
    await _answer(live, 11)
    await live.close("rating")
    fay = await site.sign_in()
    page = await _read(fay, f"/sessions/{live.session.id}/results")
    assert "Everybody is counted as one group." in page and "(Everyone 11)" in page
    assert "Caregivers" not in page
    await fay.aclose()


def test_a_block_that_is_a_part_of_the_room_in_another_step_keeps_the_names_of_its_groups() -> None:
    def row(is_together: bool, *keys: str) -> models.Round:
        blocks = [{"key": key, "groups": key.split("+"), "seats": 9} for key in keys]
        return models.Round(is_together=is_together, blocks=blocks)

    words = {"en": "Everyone", "fr": "Tout le monde"}
    assert Everyone.of([row(True, "a+b"), row(False, "a+b")], words).keys == {"a+b"}
    assert Everyone.of([row(True, "a+b"), row(False, "a+b", "c")], words).keys == set()


async def test_validation_is_told_at_its_close_only(site: Site, here: Table) -> None:
    fay, url = await site.sign_in(), f"/sessions/{here.session.id}/setup/validation"
    assert re.findall(r'name="disclosure" value="(\w+)"', await _read(fay, url)) == ["at_close"]
    refused = await fay.post(url, data={"disclosure": "live", "grace": "0"})
    assert refused.status_code == 422 and "figures are told at the close only" in refused.text
    assert (await _row(here, "validation")).disclosure == "at_close"
    await fay.aclose()


def test_individual_kinds_propose_the_close_and_the_wall_stays_live() -> None:
    individual = {"rating", "ranking", "points", "comparison", "approval", "validation"}
    proposed: dict[str, Any] = {name: kind.disclosure for name, kind in KINDS.items()}
    assert {name for name in individual if proposed[name] != "at_close"} == set()
    assert proposed["wall"] == "live"
    for name in protocol.names():
        assert all(plan.disclosure == "at_close" for plan in protocol.read(name) if plan.kind in individual)
