"""recount: a round counted from its first ballot, beside a bare read of the same rows; how long the loop is held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from bench.serve.figures import HELD, Sample, line
from bench.serve.stage import Hall, Stage


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    for stored in sizes.folded:
        hall = Hall(sizes.people, sizes.statements, stored)
        counts = await stage.inside(hall, sizes.turns)
        found = {name: [Sample(**turn) for turn in made] for name, made in counts.items()}
        of: dict[str, object] = {"stored": stored, "people": hall.people, "statements": hall.statements}
        of |= {"ratio_limit": 8, "held_limit_ms": HELD}
        yield line("ballot recounted", found["recount"], "bare read", found["read"], **of)
