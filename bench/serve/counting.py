"""A recount of stored ballots, timed inside a process of its own, beside a bare read of the same rows.

    python -m bench.serve.counting FILE SECRET ROUND TURNS

The one place of the bench that calls a function of the product from inside: where recounting moves, follow it here.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from typing import Any

from consensus import models
from consensus.count import recount
from consensus.house import build, open_house
from consensus.settings import Settings

BEAT = 0.005  # seconds
ROWS = "SELECT seq, seat_id, slot, marks FROM ballot WHERE round_id = ? ORDER BY seq"


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


async def counted(round_id: int) -> dict[str, Any]:
    row, held = await models.Round.get(id=round_id), [0.0]
    beating = asyncio.create_task(beat(held))
    begun = _clock()
    await recount(row)
    ended = _clock()
    beating.cancel()
    number = await models.Ballot.filter(round_id=round_id).count()
    figures = {"number": number, "seconds": ended[0] - begun[0], "cpu": ended[1] - begun[1]}
    return figures | {"more": {"held_ms": max(held) * 1000}}


async def beat(held: list[float]) -> None:
    """How long the loop was held each time."""
    while True:
        due = time.perf_counter() + BEAT
        await asyncio.sleep(BEAT)
        held.append(time.perf_counter() - due)


def read(file: str, round_id: int) -> dict[str, Any]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
        begun = _clock()
        rows = base.execute(ROWS, (round_id,)).fetchall()
        ended = _clock()
    return {"number": len(rows), "seconds": ended[0] - begun[0], "cpu": ended[1] - begun[1]}


async def main(file: str, secret: str, round_id: str, turns: str) -> None:
    found: dict[str, list[dict[str, Any]]] = {"recount": [], "read": []}
    async with open_house(build(Settings(database=file, secret=secret))):
        for _ in range(int(turns)):
            found["recount"].append(await counted(int(round_id)))
            found["read"].append(read(file, int(round_id)))
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
