"""A study keeps protocols of its own: saved from a plan, offered beside the built-in ones, renamed, removed."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from html import unescape

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus import conduct, models, protocol
from consensus.protocol import Plan, entry_of, plan_of, read_own
from rounds import KINDS
from tests.conftest import Site, Table, lay_table
from tests.web.test_ranking_page import console, english
from tests.web.test_setup_pages import newcomer

HALF = {"name": "share", "percent": 50, "opposite": None, "scope": "pooled", "blocks": 1}
PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close"),
    Plan(key="compilation", kind="compilation", disclosure="at_close", grace=0),
    Plan(key="first", kind="rating", disclosure="at_close", grace=5, rule=HALF, title={"fr": "Avant", "en": "Before"}),
    Plan(key="again", kind="rating", disclosure="live", takes="kept/hinders", rule={**HALF, "percent": 70}),
    Plan(
        key="steps", kind="ranking", disclosure="at_close", takes="kept/next_step", takes_of="first", is_together=True
    ),
]
NAMES = {"name.fr": "Deux tours", "name.en": "Two rounds"}


def told(plans: list[Plan]) -> list[tuple[object, ...]]:
    return [(*_where(one), asdict(KINDS[one.kind].Settings(**one.settings)), *_how(one)) for one in plans]


def _where(one: Plan) -> tuple[object, ...]:
    return one.key, one.kind, one.disclosure, one.takes, one.takes_of, one.grace


def _how(one: Plan) -> tuple[object, ...]:
    return protocol.planned_rule(one), one.is_together, dict(one.title)


async def planned(session: models.Session) -> list[tuple[object, ...]]:
    return told([plan_of(row) for row in await models.Round.filter(session_id=session.id).order_by("position")])


@pytest.mark.parametrize("name", protocol.names())
def test_every_built_in_protocol_is_the_same_when_it_is_kept_as_a_studys_own(name: str) -> None:
    for is_imported in (False, True):
        kept = [{"key": "own1", "names": {}, "rounds": [entry_of(plan) for plan in protocol.read(name)]}]
        assert told(read_own(kept, "own1", is_imported)) == told(protocol.read(name, is_imported))


@given(st.permutations(PLANS), st.integers(0, 3600), st.booleans())
def test_a_round_and_its_data_say_the_same(plans: list[Plan], grace: int, is_together: bool) -> None:
    changed = [replace(plan, grace=grace, is_together=is_together) for plan in plans]
    kept = [{"key": "own1", "names": {}, "rounds": [entry_of(plan) for plan in changed]}]
    full = [(plan.key, plan.takes, plan.takes_of, plan.grace, plan.is_together, plan.rule) for plan in changed]
    again = read_own(kept, "own1")
    assert [(plan.key, plan.takes, plan.takes_of, plan.grace, plan.is_together, plan.rule) for plan in again] == full


async def saved(site: Site) -> tuple[Table, httpx2.AsyncClient]:
    table, fay = await lay_table(site.house, PLANS), await console(site)
    kept = await fay.post(f"/sessions/{table.session.id}/protocol", data=NAMES)
    assert kept.status_code == 303 and "The protocol is saved." in (await fay.get(kept.headers["location"])).text
    return table, fay


async def test_a_plan_becomes_a_protocol_and_a_new_session_has_the_same_rounds(site: Site) -> None:
    table, fay = await saved(site)
    study = f"/studies/{table.session.study_id}"
    page = unescape((await fay.get(f"{study}/sessions/new")).text)
    assert "Two rounds" in page and "A protocol of this study" in page and 'value="triage"' in page
    titles = {"title.fr": "Laval", "title.en": "Laval", "protocol": "own1", "statements": "write"}
    assert (await fay.post(f"{study}/sessions/new", data=titles)).status_code == 303
    made = await models.Session.all().order_by("-id").first()
    assert made is not None and made.protocol == "own1" and made.id != table.session.id
    assert await planned(made) == await planned(table.session)
    assert (await fay.post(f"{study}/sessions/new", data=titles | {"statements": "import"})).status_code == 303
    brought = await models.Session.all().order_by("-id").first()
    assert brought is not None
    assert [one[0] for one in await planned(brought)] == ["compilation", "first", "again", "steps"]


async def test_it_is_renamed_and_removed_and_sessions_made_with_it_stay(site: Site) -> None:
    table, fay = await saved(site)
    page = f"/studies/{table.session.study_id}/protocols"
    assert re.findall(r"<li[^>]*>([^<]+)</li>", (await fay.get(page)).text)[2:4] == ["Before", "Rating"]
    names = {"name.own1.fr": "Trois temps", "name.own1.en": "Three times"}
    assert (await fay.post(page, data={"protocol": "own1", **names})).status_code == 303
    assert "Three times" in (await fay.get(page)).text
    half = await fay.post(page, data={"protocol": "own1", **names, "name.own1.fr": ""})
    assert half.status_code == 422 and "in each language" in half.text
    before = await planned(table.session)
    assert (await fay.post(page, data={"protocol": "own1", "do": "remove"})).status_code == 303
    assert "No protocol is saved yet" in (await fay.get(page)).text
    assert (await models.Study.get(id=table.session.study_id)).protocols is None
    assert await planned(table.session) == before
    gone = await fay.post(page, data={"protocol": "own1", "do": "remove"})
    assert gone.status_code == 422 and "not there any more" in gone.text
    acts = await models.Entry.filter(head="house").order_by("-seq").limit(3).values_list("act", flat=True)
    assert list(acts) == ["remove_protocol", "rename_protocol", "save_protocol"]


async def test_a_name_is_given_in_each_language_once(site: Site) -> None:
    table, fay = await saved(site)
    for names, sentence in (
        ({"name.fr": "Autre", "name.en": ""}, "in each language"),
        ({"name.fr": "DEUX tours", "name.en": "Another"}, "Another protocol of this study has that name"),
    ):
        refused = await fay.post(f"/sessions/{table.session.id}/protocol", data=names)
        assert refused.status_code == 422 and sentence in refused.text and names["name.fr"] in refused.text
    assert len((await models.Study.get(id=table.session.study_id)).protocols) == 1
    for n in range(2, 21):
        await conduct.save_protocol(site.house, table.fay, {"fr": f"P{n}", "en": f"P{n}"})
    with pytest.raises(conduct.Refused, match="many_protocols"):
        await conduct.save_protocol(site.house, table.fay, {"fr": "P21", "en": "P21"})


async def test_no_other_study_and_nobody_else_sees_or_changes_it(site: Site) -> None:
    table, fay = await saved(site)
    elsewhere = await lay_table(site.house, title="Ailleurs")
    assert "Two rounds" not in (await fay.get(f"/studies/{elsewhere.session.study_id}/sessions/new")).text
    titles = {"title.fr": "Laval", "title.en": "Laval", "protocol": "own1", "statements": "write"}
    assert (await fay.post(f"/studies/{elsewhere.session.study_id}/sessions/new", data=titles)).status_code == 422
    eve, bob, stranger = await newcomer(site, "eve@example.org"), await english(site, table.bob), site.client()
    page, save = f"/studies/{table.session.study_id}/protocols", f"/sessions/{table.session.id}/protocol"
    for browser, statuses in ((eve, (404, 404, 404)), (bob, (403, 403, 403)), (stranger, (401, 401, 401))):
        found = [await browser.get(page), await browser.post(page, data={"protocol": "own1", "do": "remove"})]
        found.append(await browser.post(save, data=NAMES))
        assert tuple(one.status_code for one in found) == statuses
    assert len((await models.Study.get(id=table.session.study_id)).protocols) == 1
