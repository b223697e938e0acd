"""The clock of a running server freezes the sessions of a study after the planned day, and then keeps its table: not
before, once, with a line in the journal; and the page stops calling its figures a draft."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from consensus import conduct, models, zones
from consensus.journal import HOUSE, first_breach, head_of
from consensus.outcome import digest
from consensus.tasks import clock, studies
from tests.conftest import Site
from tests.freezing import move_day_of
from tests.studies import Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5}
LOOKS, WAITED = 0.2, 30  # seconds: between two looks of the clock, here; until it has surely looked
DRAFT = "A draft: answers can still be erased"


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock looks once a minute; nobody waits as long for a test."""
    monkeypatch.setattr(clock, "FREEZE", 0)
    monkeypatch.setattr(studies, "EVERY", LOOKS)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(round(WAITED / LOOKS)):
        if await is_so():
            return
        await asyncio.sleep(LOOKS)
    raise AssertionError(f"not within {WAITED} s")


async def planned(site: Site) -> Played:
    """Two tables that are over, in a study whose day is in 20 days."""
    played = await lay_study(site.house)
    await conduct.set_freeze(
        site.house, played.fay, played.study.id, zones.today_in(played.study.zone) + timedelta(days=20)
    )
    for place, where in enumerate(("c1", "c3")):
        await played.add(Panel(where, FULL, (1, 2)), by_chance(place))
    return played


async def test_the_clock_freezes_at_the_day_and_then_keeps_the_table(often: None, site: Site) -> None:
    played = await planned(site)
    study, mine = played.study.id, models.Session.filter(study_id=played.study.id)
    fay = await site.sign_in()

    async def page() -> str:
        return str((await fay.get(f"/studies/{study}/pooled?lang=en")).text)

    for days in (20, 0):  # the day itself is the last on which answers can be erased
        await move_day_of(study, days)
        await asyncio.sleep(2.5)  # the clock has looked twice
        assert not await mine.exclude(frozen_at="").exists() and not await models.StudyTable.exists()
        assert DRAFT in await page()
    await move_day_of(study, -1)
    await until(models.StudyTable.filter(study_id=study).exists)
    assert not await mine.filter(frozen_at="").exists(), "no table before all are frozen"
    await asyncio.sleep(5 * LOOKS)
    kept = await models.StudyTable.get(study_id=study)  # one
    assert kept.hash == digest(kept.data) and not kept.is_draft
    for session in played.sessions:
        lines = await models.Entry.filter(head=head_of(session.id)).order_by("seq").values()
        assert first_breach(lines) is None and [line["act"] for line in lines].count("freeze") == 1
    lines = await models.Entry.filter(head=HOUSE).order_by("seq").values()
    assert first_breach(lines) is None
    (told,) = [json.loads(line["payload"]) for line in lines if line["act"] == "keep_table"]
    assert told == {"study": study, "sessions": 2, "hash": kept.hash}
    assert DRAFT not in await page()
