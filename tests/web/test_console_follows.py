"""Two of the team at one session: neither console is ever that of another round, and one question about languages."""

from __future__ import annotations

from contextlib import aclosing

from consensus import conduct
from consensus.outcome import statement_from
from consensus.protocol import Plan
from consensus.text import Texts
from tests.conftest import STATEMENTS, Site, Table, lay_table

TEXTS = Texts.load()
PLANS = [Plan(key=name, kind=name, disclosure="at_close", settings={}) for name in ("rating", "ranking", "validation")]


async def laid(site: Site) -> Table:
    table = await lay_table(site.house, PLANS)
    only_english = [statement_from({**STATEMENTS[0], "wordings": {"en": "Only in English."}})]
    await conduct.import_statements(site.house, table.fay, only_english)
    return table


async def test_title_tag_and_controls_follow_the_round_in_the_live_drawing(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        await table.open("rating")
        drawing = (await fay.get(f"{here}/frame/console")).text
        assert f'action="{here}/rounds/rating/close"' in drawing
        await table.close("rating")
        await table.open("ranking")
        drawing = (await fay.get(f"{here}/frame/console?lang=en")).text
    assert 'hx-target="#head"' in drawing and 'hx-target="#controls"' in drawing
    assert f"<h1>{TEXTS.say('en', 'ranking.title')}</h1>" in drawing
    assert TEXTS.say("en", "disclosure.at_close") in drawing
    assert f"{here}/rounds/ranking/close" in drawing and f"{here}/rounds/rating/close" not in drawing


async def test_a_console_on_a_step_to_come_is_live_too(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        await table.open("rating")
        await table.close("rating")
        page = (await fay.get(f"{here}/console?round=ranking")).text
        assert f"{here}/live/console?round=ranking" in page and f"{here}/rounds/ranking/open" in page
        await table.open("ranking")  # by a colleague
        drawing = (await fay.get(f"{here}/frame/console?round=ranking")).text
    assert f"{here}/rounds/ranking/open" not in drawing and f"{here}/rounds/ranking/close" in drawing


async def test_a_press_meant_for_another_round_does_nothing_and_says_so(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        await table.open("rating")
        await table.close("rating")
        await table.open("ranking")
        for act, data in (("close", {}), ("close", {"now": "1"}), ("keep", {}), ("look", {})):
            answer = await fay.post(f"{here}/rounds/rating/{act}", data=data)
            assert answer.status_code == 422, act
            assert f"{here}/rounds/ranking/close" in answer.text  # the page of what is under way
        kept = await fay.post(f"{here}/rounds/ranking/close", data={"now": "1"})
        assert kept.status_code == 422  # a colleague kept it open: nothing is closed without its grace
    assert (await table.row("ranking")).state == "open"


async def test_the_question_about_languages_is_asked_once_and_one_reason_stands(site: Site) -> None:
    table = await laid(site)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        page = (await fay.get(f"{here}/console?round=rating&lang=en")).text
        assert 'data-asks="languages"' in page and f"{here}/statements" in page
        refused = await fay.post(f"{here}/rounds/rating/open", data={"reason": ""})
        assert refused.status_code == 422 and 'data-asks="languages"' in refused.text
        opened = await fay.post(f"{here}/rounds/rating/open", data={"reason": "The translator is ill."})
        assert opened.status_code == 303
        for key, following in (("rating", "ranking"), ("ranking", "validation")):
            await table.close(key)
            page = (await fay.get(f"{here}/console?round={following}")).text
            assert 'data-asks="languages"' not in page and "The translator is ill." in page
            assert (await fay.post(f"{here}/rounds/{following}/open")).status_code == 303
    assert (await table.row("rating")).notes[0]["about"] == ["P001"]
    assert (await table.row("validation")).notes == []


async def test_a_step_that_cannot_open_says_so_before_it_is_tried(site: Site) -> None:
    plans = [PLANS[0], Plan(key="ranking", kind="ranking", disclosure="at_close", takes="selection", settings={})]
    table = await lay_table(site.house, plans)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sign_in()) as fay:
        await table.open("rating")
        for seat in table.seats:
            await table.cast(seat, "rating", card="P001", importance="7")
        await table.close("rating")
        page = (await fay.get(f"{here}/console?round=ranking&lang=en")).text
        assert TEXTS.say("en", "refused.nothing_taken", n=0, fewest=1) in page
        assert (await fay.post(f"{here}/rounds/ranking/open")).status_code == 422


async def test_a_group_that_came_after_the_opening_reads_so_and_meets_no_form(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    row = await table.open("rating")
    row.blocks = [block for block in row.blocks if "clinicians" not in block["groups"]]
    await row.save(update_fields=["blocks"])
    site.house.counts.forget()
    async with aclosing(await site.sit(table.bob)) as bob:
        page = (await bob.get(f"/sessions/{table.session.id}/take?lang=en")).text
        home = (await bob.get(f"/sessions/{table.session.id}")).text
    assert TEXTS.say("en", "joined_later.what", round=TEXTS.say("en", "rating.title")) in page
    assert 'id="answer"' not in page
    assert TEXTS.say("en", "home.not_asked") in home
