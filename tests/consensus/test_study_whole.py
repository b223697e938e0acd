"""A study runs whole on an embedded file and on a server: two sessions, compared, pooled, frozen with its table kept,
taken out as a file, and everything verified."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from consensus import conduct, models, zones
from consensus.export.verify import verify_file
from consensus.house import build, open_house
from consensus.journal import HOUSE, first_breach
from consensus.outcome import digest
from consensus.results.study.data import TOLD
from consensus.settings import Settings
from rounds.measures.pooling import SCHEMES
from tests.conftest import SECRET
from tests.consensus.test_main import here
from tests.freezing import move_day_of
from tests.studies import RANKING, RATING, Panel, Played, by_chance, lay_study

TABLES = {"patients": 6, "caregivers": 5}, {"patients": 5, "clinicians": 5}
ASKED = (1, 2, 3), (1, 2, 4)


async def plays(database: str) -> int:
    """The study."""
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        played = await lay_study(house)
        day = zones.today_in(played.study.zone) + timedelta(days=20)
        await conduct.set_freeze(house, played.fay, played.study.id, day)
        for place, (people, asked) in enumerate(zip(TABLES, ASKED, strict=True)):
            panel = Panel(f"c{1 + 2 * place}", people, asked, plans=(RATING, RANKING))
            await played.add(panel, by_chance(place))
        await compares_and_pools(played)
        await move_day_of(played.study.id, -1)
        await conduct.freeze_due(house)
        await conduct.keep_tables_due(house)
        await conduct.keep_tables_due(house)
        kept = await models.StudyTable.get(study_id=played.study.id)  # one, however often the clock looks
        assert kept.hash == digest(kept.data) and not kept.is_draft
        lines = await models.Entry.filter(head=HOUSE).order_by("seq").values()
        assert first_breach(lines) is None and lines[-1]["act"] == "keep_table"
        assert json.loads(lines[-1]["payload"])["hash"] == kept.hash
        worked = await house.studies.of(played.study.id, patience=60)
        assert worked is not None and worked.results.is_frozen and not worked.unsound
        return played.study.id


async def compares_and_pools(played: Played) -> None:
    worked = await played.house.studies.of(played.study.id, patience=60)
    assert worked is not None and not worked.unsound and not worked.results.is_frozen
    results, pool = worked.results, worked.pool
    told = {(one.session, one.statement) for one in results.outcomes if one.state == TOLD}
    assert told == {(str(n), str(one)) for n, asked in enumerate(ASKED, 1) for one in asked}, "not asked is nowhere"
    assert {row.statement for row in (*pool.rows, *pool.apart)} == {"1", "2", "3", "4"}
    assert all(set(row.by_scheme) == set(SCHEMES) for row in pool.rows)
    assert {row.n for row in pool.rows} == {sum(sum(people.values()) for people in TABLES)}


def test_a_study_runs_whole_on_either_database(database: str, tmp_path: Path) -> None:
    study = asyncio.run(plays(database))
    home = {"CONSENSUS_DATABASE": database, "CONSENSUS_SECRET": SECRET}
    out = tmp_path / "study.zip"
    code, said = here("export-study", str(study), "--out", str(out), **home)
    assert code == 0, said
    code, said = verify_file(out)
    assert code == 0, said
    code, said = here("verify", "--database", database, **home)
    assert code == 0, said
