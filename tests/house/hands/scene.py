"""RunningTasks the planted kind in a copy of the tree: from a form over HTTP to a verified export. Run as a script."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from consensus import conduct
from consensus.export import individual
from consensus.export.verify import verify_file
from consensus.house import build
from consensus.protocol import Plan
from consensus.server import listen, origin_of, running
from consensus.settings import Settings
from consensus.web.app import make_app
from tests.conftest import SECRET, Site, lay_table


async def main(folder: Path) -> None:
    listener = listen(0)
    house = build(Settings(database=str(folder / "scene.db"), secret=SECRET, origin=origin_of(listener)))
    async with running(make_app(house.settings, house), listener):
        site = Site(house, house.settings.origin)
        plan = Plan(key="hands", kind="hands", disclosure="live", grace=0, settings={"enough": 3})
        table = await lay_table(house, [plan])
        await table.open("hands")
        for seat in table.seats:
            browser = await site.sit(seat)
            for _ in range(3):
                page = await browser.get(f"/sessions/{table.session.id}/take")
                found = dict(re.findall(r'name="(round|key|card)" value="([^"]*)"', page.text))
                kept = await browser.post(f"/sessions/{table.session.id}/take", data={**found, "hand": "up"})
                assert kept.status_code == 303, kept.text
            refused = await browser.post(f"/sessions/{table.session.id}/take", data={**found, "hand": "sideways"})
            assert refused.status_code == 422 and "Levez la main" in refused.text or "Raise your hand" in refused.text
            await browser.aclose()
        row = await table.close("hands")
        lines = row.outcome["told"]["lines"]
        assert [line["values"]["up"] for line in lines] == [len(table.seats)] * 3, lines
        assert sorted(line["by_block"] for line in lines[:1])[0], lines
        out = folder / "parcel.zip"
        out.write_bytes(await individual(house, table.session))
        code, told = verify_file(out)
        assert code == 0, told
        try:
            await conduct.open_round(house, table.fay, row.id)
        except conduct.Refused as refused_act:
            print("played", refused_act.key)


asyncio.run(main(Path(sys.argv[1])))
