"""growth: does a vote cost more where there is more? More people, more stored ballots, more statements, each alone;
beside a small session in the same turns. statements_asked and steps are SQLite's own for one vote, counted on another
server where no time is measured.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

from bench.serve.figures import line, turns
from bench.serve.intake import AT_ONCE, crowd
from bench.serve.people import Votes, vote
from bench.serve.sizes import Sizes
from bench.serve.stage import ASKED, Hall, Stage


def halls(sizes: Sizes) -> tuple[Hall, Iterator[Hall]]:
    """The small one, and those that differ from it in one thing."""
    people, stored, statements = sizes.grown_people, sizes.grown_stored, sizes.grown_statements
    small = Hall(people[0], statements[0], stored[0])
    grown = [
        *(Hall(number, small.statements, small.stored) for number in people[1:]),
        *(Hall(small.people, small.statements, number) for number in stored[1:]),
        *(Hall(small.people, number, small.stored) for number in statements[1:]),
    ]
    return small, iter(grown)


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    small, grown = halls(sizes)
    base = await _asked(stage, small)
    for hall in grown:
        more = await _asked(stage, hall)
        async with stage.serving(small) as here, stage.serving(hall) as there:
            ways = {
                "there": partial(crowd, there, vote, min(AT_ONCE, hall.people), sizes.seconds),
                "here": partial(crowd, here, vote, min(AT_ONCE, small.people), sizes.seconds),
            }
            found = await turns(sizes.turns, **ways)
        of = {"people": hall.people, "statements": hall.statements, "stored": hall.stored, **more}
        told = line(
            "vote", found["there"], f"{small.people} people, {small.statements} statements", found["here"], **of
        )
        yield told | {f"beside_{name}": value for name, value in base.items()}


async def _asked(stage: Stage, hall: Hall) -> dict[str, float]:
    """What SQLite does for one vote, one after another."""
    number, votes = stage.sizes.asked, Votes()
    async with stage.serving(hall, told=(ASKED,)) as site:
        await site.people[0].vote(votes)  # what is read once is read now
        await site.asked()
        for person in (site.people[n % len(site.people)] for n in range(number)):
            await person.vote(votes)
        found = await site.asked()
        site.keep(votes)
    return {"statements_asked": round(found["statements"] / number, 2), "steps": round(found["steps"] / number, 1)}
