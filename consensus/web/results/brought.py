"""Studies of other houses, as their files tell them: read by whoever works in this house, and handed on as the same
bytes. Nothing of them can be changed.
"""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.export.study.reading import BroughtFile, read_parcel
from consensus.web.asking import Ask
from consensus.web.results.compare import (
    comparison_file,
    comparison_page,
    list_file,
    moments_page,
    parcel_of,
    pooled_page,
)
from consensus.web.setup.studies import signed_in


async def _file(ask: Ask) -> BroughtFile:
    """The study in the path; the page speaks its languages."""
    number = ask.request.path_params["brought"]

    async def read() -> BroughtFile | None:
        row = await models.BroughtStudy.get_or_none(id=number)
        return await asyncio.to_thread(read_parcel, row.content, row.digest) if row else None

    found = await ask.house.memory.of(("brought", number), read)
    if found is None:
        raise HTTPException(404)
    results = found.worked.results
    ask.study = models.Study(
        title=results.title,
        question=found.manifest["study"]["question"],
        languages=list(results.languages),
        groups=[dict(group) for group in results.groups],
        floor=results.k,
        zone=found.manifest["study"]["zone"],
        help_name="",
        help_phone="",
    )
    if ask.language not in results.languages:
        ask.language = ask.languages()[0]
    return found


async def brought(ask: Ask) -> Response:
    found = await _file(ask)
    row = await models.BroughtStudy.get(id=ask.request.path_params["brought"]).only("id", "at", "digest")
    given = {"row": row.id, "digest": row.digest, "at": ask.minute(row.at), "results": found.worked.results}
    heads = {one["key"]: one["head"] for one in found.manifest["sessions"]}
    return ask.page("study/brought.html", **given, heads=heads, has_moments=bool(found.worked.moments))


async def compare(ask: Ask) -> Response:
    return comparison_page(ask, (await _file(ask)).worked)


async def moments(ask: Ask) -> Response:
    return moments_page(ask, (await _file(ask)).worked)


async def pooled(ask: Ask) -> Response:
    worked = (await _file(ask)).worked
    return await pooled_page(ask, worked, worked.results.headline)


async def compare_file(ask: Ask) -> Response:
    return comparison_file(ask, (await _file(ask)).worked)


async def pooled_file(ask: Ask) -> Response:
    return await list_file(ask, (await _file(ask)).worked)


async def parcel(ask: Ask) -> Response:
    """The very bytes that were brought."""
    await _file(ask)
    row = await models.BroughtStudy.get(id=ask.request.path_params["brought"])
    return parcel_of(row.content, ask.house.texts.say(ask.language, "brought.file_name", n=row.id))


async def let_go(ask: Ask) -> Response:
    await _file(ask)
    await conduct.let_go_of_study(ask.house, signed_in(ask), ask.request.path_params["brought"])
    return ask.go("studies")
