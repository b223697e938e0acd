"""How the parcels of format 1.1 were made: python played.py FOLDER, in the tree of commit f74a6bb and no later one.

The product's own rehearsal, with a few simulated people: what is said here is only which rounds, and what is reopened.
"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from consensus import conduct, protocol
from consensus.simulation import panel
from consensus.simulation import check
from consensus.export import released, row_level
from rounds.contract import Role

SEED, REASON = 3, "Two sheets came late."
panel.STUDY["floor"] = 3
read = protocol.read


async def play(r, key, *steps):
    """A round to its close; then, for each step, reopened, and answers that this step sends."""
    await r.play_round(key)
    for step in steps:
        answer = await r.facilitator.press(f"rounds/{key}/reopen", reason=REASON)
        assert answer.status_code == 303, answer.text
        row = await r.row(key)
        for person, form in step(row):
            answer = await r.people[person].send(key, {name: [value] for name, value in form.items()})
            assert answer.status_code == 303, check._problem(answer.text)
        await r.close(row)


async def triage(r, out):
    def first(row):
        a, b, c = [one["id"] for one in row.statements[:3]]
        yield from ((n, {"card": a, "importance": "9", "feasibility": "2"}) for n in (0, 1))
        yield from ((n, {"card": b, "importance": "1", "reason": f"Otherwise {n}"}) for n in (0, 1, 2))
        yield -1, {"card": c, "importance": "9"}

    def second(row):
        a, b, c = [one["id"] for one in row.statements[:3]]
        yield 3, {"card": a, "importance": "9"}
        yield 4, {"card": b, "importance": "dont_know"}

    def third(row):
        cards = [one["id"] for one in row.statements]
        yield 0, {f"place.{card}": str(n) for n, card in enumerate(cards[:2], 1)}
        yield -1, {f"place.{card}": str(n) for n, card in enumerate(cards[-2:], 1)}

    for key in ("gather", "compilation"):
        await play(r, key)
    await play(r, "rating", first, second)
    await play(r, "wall")
    await play(r, "ranking", third)
    await r.one_leaves()
    await play(r, "validation")


async def delphi(r, out):
    await play(r, "rating1")
    await r.some_leave(4)
    await play(r, "rating2")


async def priorities(r, out):
    await play(r, "comparison")
    await play(r, "points")
    await r.one_leaves()
    await play(r, "ranking")
    await play(r, "validation")


def planned(name):
    plans = {plan.key: plan for plan in read(name)}
    if name == "triage":
        plans["gather"] = replace(plans["gather"], settings={**plans["gather"].settings, "limit": 1})
        rule = {"name": "share", "percent": 60, "scope": "every"}
        settings = {**plans["rating"].settings, "second": "feasibility"}
        plans["rating"] = replace(plans["rating"], settings=settings, rule=rule)
    else:
        plans = {key: plan for key, plan in plans.items() if key not in {"gather", "compilation"}}
        first = next(iter(plans))
        plans[first] = replace(plans[first], takes="all")
    if name == "delphi":
        plans["rating1"] = replace(plans["rating1"], settings={**plans["rating1"].settings, "second": "feasibility"})
        plans["rating2"] = replace(plans["rating2"], rule={"name": "ram"})
    if name == "priorities":
        for key, n in (("comparison", 5), ("points", 3)):
            plans[key] = replace(plans[key], rule={"name": "first", "n": n})
        ranking = replace(next(plan for plan in read("triage") if plan.key == "ranking"), takes="kept")
        validation = plans.pop("validation")
        plans |= {"ranking": ranking, "validation": validation}
    return list(plans.values())


async def make(name, people, statements, tell, out):
    check.protocol.read = planned
    with TemporaryDirectory() as folder:
        async with check.staged(Path(folder), name, people, SEED, print) as r:
            if statements:
                await conduct.import_statements(r.house, r.facilitator.seat, panel.statements()[:statements])
            await globals()[name](r, out)
            await r.check_journal()
            (out / f"{name}.zip").write_bytes(await row_level(r.house, r.session, SEED))
            if tell:
                (out / f"{name}-released.zip").write_bytes(await released(r.house, r.session, SEED))


out = Path(sys.argv[1])
asyncio.run(make("triage", 8, 0, True, out))
asyncio.run(make("delphi", 8, 5, False, out))
asyncio.run(make("priorities", 7, 8, False, out))
