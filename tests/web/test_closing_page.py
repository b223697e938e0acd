"""Who is caught by a close reads that it closes, how long answers are taken, and whether theirs was; nothing goes."""

from __future__ import annotations

import time
from contextlib import aclosing
from random import Random

import pytest

from consensus import conduct, models
from consensus.protocol import Plan
from consensus.simulation import panel
from consensus.text import Texts
from rounds import KINDS
from rounds.contract import By, Role
from tests.conftest import Site, Table, lay_table

TEXTS, BOOK = Texts.load(), panel.book()
ALONE = [name for name, kind in KINDS.items() if kind.cast_by == {Role.PARTICIPANT}]


async def laid(site: Site, name: str = "rating", then: str = "") -> Table:
    plans = [Plan(key=key, kind=key, disclosure="at_close", settings={}) for key in (name, then) if key]
    table = await lay_table(site.house, plans)
    await table.open(name)
    return table


async def begin_to_close(table: Table, name: str, since: float = 0) -> None:
    await conduct.close_round(table.house, table.fay, (await table.row(name)).id)
    await models.Round.filter(key=name, session_id=table.session.id).update(closing_at=time.time() - since)


async def form_of(table: Table, name: str) -> dict[str, str]:
    counted = await table.house.counts.now(await table.row(name))
    by = By(Role.PARTICIPANT, str(table.bob.id), counted.round.blocks[-1].key, "en")
    form = next(iter(KINDS[name].play(counted.round, counted.official, by, Random(3), BOOK)))
    return {field: values[0] for field, values in form.items()} | {"round": name, "key": "one"}


async def test_a_closing_step_says_how_long_answers_are_taken_and_asks_on(site: Site) -> None:
    table = await laid(site, then="ranking")
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sit(table.bob)) as bob:
        before = (await bob.get(f"{here}/frame/room")).text
        await begin_to_close(table, "rating")
        page, drawing = (await bob.get(f"{here}/take?lang=en")).text, (await bob.get(f"{here}/frame/room")).text
    row = await table.row("rating")
    for shown in (page, drawing):
        assert "Your answers are still taken until " in shown
        ends = float(shown.split('data-ends="')[1].split('"')[0])
        assert abs(ends - (row.closing_at + row.grace)) < 0.001
    assert 'id="answer"' in page and "data-outbox" in page
    turn = before.split('data-turn="')[1].split('"')[0]
    assert f'data-turn="{turn}"' in drawing  # nobody is sent elsewhere


async def test_an_answer_that_came_in_the_grace_is_told_as_taken_then_and_after(site: Site) -> None:
    table = await laid(site)
    here = f"/sessions/{table.session.id}"
    async with aclosing(await site.sit(table.bob)) as bob:
        form = await form_of(table, "rating")
        for seat in table.seats[5:10]:  # one person alone would not be counted
            await table.cast(seat, "rating", card=form["card"], importance="7")
        await begin_to_close(table, "rating")
        assert (await bob.post(f"{here}/take?lang=en", data=form)).status_code == 303
        said = TEXTS.say("en", "late.taken")
        assert said in (await bob.get(f"{here}/take?lang=en")).text
        await table.close("rating")
        assert said in (await bob.get(f"{here}/take?lang=en")).text
    async with aclosing(await site.sit(table.aline)) as aline:
        assert said not in (await aline.get(f"{here}/take?lang=en")).text


@pytest.mark.parametrize("name", ALONE)
async def test_an_answer_that_came_too_late_is_told_as_not_taken_and_stays_in_view(site: Site, name: str) -> None:
    table = await laid(site, name)
    here = f"/sessions/{table.session.id}"
    form = await form_of(table, name)
    text = next((field for field in form if field in {"text", "reason"} or field.startswith("text.")), "")
    form |= {text: "Half a sentence"} if text else {}
    answered = {field.replace(".", "__"): value for field, value in form.items() if field != "key"}
    await table.cast(table.aline, name, **answered)
    async with aclosing(await site.sit(table.bob)) as bob:
        await begin_to_close(table, name, since=61)  # over, and the clock has not come yet
        for _ in range(2):
            answer = await bob.post(f"{here}/take?lang=en", data=form)
            assert answer.status_code == 422
            assert TEXTS.say("en", "untaken.what") in answer.text
            assert '<fieldset class="untaken" disabled' in answer.text
            assert not text or "Half a sentence" in answer.text
            await conduct.finish_due(site.house)
    assert await models.Ballot.filter(seat_id=table.bob.id).count() == 0


async def test_it_stays_in_view_of_its_own_step_when_the_next_has_opened(site: Site) -> None:
    table = await laid(site, then="ranking")
    form = await form_of(table, "rating") | {"reason": "Half a sentence"}
    await table.close("rating")
    await table.open("ranking")
    async with aclosing(await site.sit(table.bob)) as bob:
        answer = await bob.post(f"/sessions/{table.session.id}/take?lang=en", data=form)
    assert answer.status_code == 422 and "Half a sentence" in answer.text
    assert TEXTS.say("en", "untaken.what") in answer.text


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_after_the_last_step_nothing_promises_a_next_one(site: Site, language: str) -> None:
    table = await laid(site, then="ranking")
    take = f"/sessions/{table.session.id}/take?lang={language}"
    async with aclosing(await site.sit(table.bob)) as bob:
        title = TEXTS.say(language, "rating.title")
        await table.close("rating")
        assert TEXTS.say(language, "waiting.closed", round=title) in (await bob.get(take)).text
        await table.open("ranking")
        await table.close("ranking")
        page, title = (await bob.get(take)).text, TEXTS.say(language, "ranking.title")
    assert TEXTS.say(language, "waiting.last", round=title) in page
    assert TEXTS.say(language, "waiting.closed", round=title) not in page
