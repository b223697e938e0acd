"""Acts about studies of other houses: one is taken in as its file, and let go of. Nothing of it is ever changed, and
whether the file is whole is asked before.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from consensus import models
from consensus.conduct.grants import SHELL
from consensus.house import House
from consensus.journal import HOUSE, Actor, minute, write


async def keep_brought(
    house: House, staff: models.Staff | None, content: bytes, title: Mapping[str, str]
) -> models.BroughtStudy:
    """The same bytes once more are the study that is there already. staff: who brought it; None: the command line."""
    digest = sha256(content).hexdigest()

    async def job() -> models.BroughtStudy:
        there = await models.BroughtStudy.get_or_none(digest=digest)
        if there is not None:
            return there
        by = staff.id if staff else None
        row = await models.BroughtStudy.create(at=minute(), title=dict(title), digest=digest, content=content, by_id=by)
        await write(HOUSE, _by(staff), "bring_study", {"brought": row.id, "digest": digest})
        return row

    return await house.act(None, job)


async def let_go_of_study(house: House, staff: models.Staff, brought_id: int) -> None:
    """Out of this house; the file can be brought again."""

    async def job() -> None:
        row = await models.BroughtStudy.get_or_none(id=brought_id)
        if row is not None:
            await row.delete()
            await write(HOUSE, _by(staff), "let_go_of_study", {"brought": row.id, "digest": row.digest})

    await house.act(None, job)


def _by(staff: models.Staff | None) -> Actor:
    return Actor("staff", name=str(staff.id)) if staff else SHELL
