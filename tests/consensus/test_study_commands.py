"""A study goes from one house to another by two commands, and the second refuses what is not whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

from consensus.house import build, open_house
from consensus.settings import Settings
from tests.conftest import SECRET
from tests.consensus.test_main import at, here
from tests.studies import RANKING, RATING, Panel, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}


async def _play(database: str) -> int:
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        played = await lay_study(house)
        for number, site in enumerate(("c1", "c3")):
            await played.add(Panel(site, FULL, (1, 2, 3), plans=(RATING, RANKING)), by_chance(number))
        return played.study.id


def test_a_study_opens_in_another_house_and_leaves_as_the_same_bytes(tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("home", "away")]
    for one in homes:
        one.mkdir()
    home, away = map(at, homes)
    study = asyncio.run(_play(home["CONSENSUS_DATABASE"]))
    file, again, damaged = (tmp_path / f"{name}.zip" for name in ("study", "again", "damaged"))
    for out in (file, again):
        code, said = here("export-study", str(study), "--out", str(out), **home)
        assert code == 0, said
    assert file.read_bytes() == again.read_bytes()
    code, said = here("import-study", str(file), **away)
    assert code == 0 and "/brought/1" in said, said
    damaged.write_bytes(file.read_bytes().replace(b"kept", b"gone", 1))
    code, said = here("import-study", str(damaged), **away)
    assert code == 1 and "/brought/" not in said
    assert here("export-study", "99", "--out", str(out), **home)[0] == 2
    assert here("import-study", str(tmp_path / "none.zip"), **away)[0] == 1
