"""Names that pages give to a ballot: a reason, a change that is asked for, the call to which people signal.

By the number of its line in the journal, whose minute the journal's page tells, a text would lead to whoever came in
then, and two numbers would tell how many answered between. These names mean nothing elsewhere, and only the server's
secret makes them again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

from consensus import models
from consensus.house import House
from rounds import KINDS
from rounds.contract import Form
from rounds.kind import Kind

Cover = Callable[[object], str]


def cover_of(secret: str, round_id: int) -> Cover:
    """What gives the names of one round."""
    return partial(_covered, secret, round_id)


def _covered(secret: str, round_id: int, name: object) -> str:
    return hmac.digest(secret.encode(), f"covered|{round_id}|{name}".encode(), sha256).hex()[:16]


def work_of(kind: Kind, todo: Any, cover: Cover) -> Any:
    """What the team works on, as pages name it."""
    return kind.covered(todo, cover) if kind.covered else todo


async def uncovered(house: House, row: models.Round, form: Form) -> Form:
    """A form that came from a page, with the names that the round itself knows."""
    if KINDS[row.kind].covered is None:
        return form
    known: dict[str, str] = {}
    cover = cover_of(house.settings.secret, row.id)

    def learn(name: object) -> str:
        known[cover(name)] = str(name)
        return str(name)

    work_of(KINDS[row.kind], (await house.counts.now(row)).official.todo, learn)
    return {field: [known.get(value, value) for value in values] for field, values in form.items()}
