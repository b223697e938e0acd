"""session: a whole room at once. Everybody votes at a steady pace and watches: how long a vote waits for its answer,
how old a figure is on the screens; and at which rate answers begin to wait.

Age: from the acknowledgement of the answer that let a figure move to the frame in which a page reads it; age_last: of
the last of all pages. Without script, and the page is not asked for again after a vote. share_...: of the server's
processor, by part (parts.py).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial
from statistics import median
from typing import Any

from bench.serve.crowd import paced_crowd
from bench.serve.figures import Sample, line, quantile, turns
from bench.serve.people import noop, paced, some, vote
from bench.serve.reading import ages, cards_of, shown_by
from bench.serve.stage import PARTS, Hall, Site, Stage
from bench.serve.watching import Frames, began, close, watch

TOO_LONG = 0.150  # seconds to an acknowledgement


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    hall = Hall(sizes.people, sizes.statements, mode="room")
    for voters, every, watchers in (room for room in sizes.rooms if room[0] <= hall.people):
        async with stage.serving(hall) as site:
            frames = Frames()
            pages = await watch(some(site.people, watchers), frames)
            await began(pages, sizes.patience)
            ways = {
                "room": partial(_room, site, frames, voters, every, sizes.room_seconds),
                "noop": partial(paced_crowd, site, noop, voters, sizes.room_seconds, every),
            }
            found = await turns(sizes.turns, **ways)
            close(pages)
        shares = await _shares(stage, hall, voters, every, watchers)
        of = {"voters": voters, "every_s": every, "watchers": watchers, "statements": hall.statements}
        yield line("vote in a room that watches", found["room"], "no-op", found["noop"], **of) | shares
    if sizes.rates:
        yield await _limit(stage, hall)


async def _shares(stage: Stage, hall: Hall, voters: int, every: float, watchers: int) -> dict[str, float]:
    """On what the same room's server spends its processor; on a server of its own, since looking costs time."""
    async with stage.serving(hall, told=(PARTS,)) as site:
        frames = Frames()
        pages = await watch(some(site.people, watchers), frames)
        await began(pages, stage.sizes.patience)
        await site.shares()
        await _room(site, frames, voters, every, stage.sizes.room_seconds)
        found = await site.shares()
        close(pages)
    return {f"share_{part}": round(share, 3) for part, share in found.items()}


async def _room(site: Site, frames: Frames, voters: int, every: float, seconds: float) -> Sample:
    frames.reset()
    since = time.perf_counter()
    async with site.turn() as (sample, votes):
        await paced(site.people[:voters], vote, every, seconds, votes)
    site.keep(votes)
    found, last = ages(frames, site.at, int(site.laid["k"]), since)
    cards = cards_of(frames.texts.values())
    shown = {card for text in frames.texts.values() for card in shown_by(text, cards)}
    sample.more |= {
        "cards_shown": len(shown),
        "frames": frames.number,
        "frame_bytes": frames.bytes,
        "ages": len(found),
        "unasked": votes.unasked,
    }
    if found:
        sample.more |= {f"age_p{share}_ms": quantile(found, share) * 1000 for share in (50, 99)}
        sample.more |= {f"age_last_p{share}_ms": quantile(last, share) * 1000 for share in (50, 99)}
    return sample


async def _limit(stage: Stage, hall: Hall) -> dict[str, Any]:
    """More and more votes a second, until one in a hundred waits too long in most turns."""
    sizes, reached = stage.sizes, 0
    async with stage.serving(hall) as site:
        for rate in sizes.rates:
            voters = min(hall.people, rate)
            way = partial(paced_crowd, site, vote, voters, sizes.seconds, voters / rate)
            found = (await turns(sizes.turns, way=way))["way"]
            if median(quantile(turn.waits, 99) + turn.more["unasked"] for turn in found) > TOO_LONG:
                break
            reached = rate
    of = {"people": hall.people, "statements": hall.statements, "most": sizes.rates[-1]}
    return {"figure": "votes a second, p99 under 150 ms", "n": 1, "turns": sizes.turns, "per_second": reached, **of}
