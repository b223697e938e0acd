"""pages: what each page costs the server, one browser asking for one after another, packed; beside a no-op POST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

from bench.serve.figures import Sample, line, measured, turns
from bench.serve.people import NotAnswered, Person, Votes
from bench.serve.stage import Hall, Site, Stage
from bench.serve.wire import header

STORED = 1_000
Look = Callable[[Person, Votes], Awaitable[None]]


async def lines(stage: Stage) -> AsyncIterator[dict[str, Any]]:
    sizes = stage.sizes
    stored = min(STORED, sizes.people * sizes.statements)
    async with stage.serving(Hall(sizes.people, sizes.statements, stored)) as site:
        here, person = f"/sessions/{site.laid['session']}", site.people[0]
        looks: dict[str, tuple[Person, Look]] = {
            "card page": (person, partial(_get, f"{here}/take")),
            "vote, then the next card": (person, _vote_and_next),
            "home": (person, partial(_get, here)),
            "frame by asking": (person, partial(_get, f"{here}/frame/room")),
            "console": (site.desk, partial(_get, f"{here}/console")),
            "projector": (site.desk, partial(_get, f"{here}/projector")),
        }
        for name, (who, look) in looks.items():
            ways = {"page": partial(_asked, site, who, look, sizes.pages), "noop": partial(_noops, site, sizes.pages)}
            found = await turns(sizes.turns, **ways)
            of = {"people": sizes.people, "statements": sizes.statements, "stored": stored}
            yield line(name, found["page"], "no-op", found["noop"], **of)
        sheet = partial(_asked, site, site.desk, partial(_get, f"{here}/seats"), 1)
        found = await turns(sizes.turns, page=sheet, noop=partial(_noops, site, sizes.pages))
        yield line("seat sheet", found["page"], "no-op", found["noop"], people=sizes.people)


async def _get(path: str, person: Person, votes: Votes) -> None:
    await person.get(path)


async def _vote_and_next(person: Person, votes: Votes) -> None:
    """As the page with script does it: what a vote is answered with, or where it leads."""
    answer = await person.vote(votes, with_script=True)
    if answer.status == 303:
        await person.get(header(answer, "location"))
    elif not answer.body:
        raise NotAnswered("a vote was answered with an empty page")


async def _asked(site: Site, person: Person, look: Look, number: int) -> Sample:
    votes = Votes()
    with measured(site.process) as sample:
        for _ in range(number):
            await look(person, votes)
    site.keep(votes)
    sample.number = number
    return sample


async def _noops(site: Site, number: int) -> Sample:
    votes = Votes()
    with measured(site.process) as sample:
        for _ in range(number):
            await site.people[0].send("/noop", votes)
    sample.number = number
    return sample
