"""Inside the act that takes mails: what waits for the same person in other sessions of the study goes along, in one
mail with all the links.

Each seat keeps its own link, each mail its own line and end. Where a team wrote another letter, its mail goes alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consensus import models
from consensus.conduct.acting import CLOCK
from consensus.journal import head_of, write
from consensus.mail.letters import LETTERS
from consensus.states import MailState


@dataclass(frozen=True, slots=True)
class Beside:
    """A mail to the same person for another session. seat: with its session."""

    id: int
    session_id: int
    seat: models.Seat


async def sessions_beside(first: models.Mail) -> list[int]:
    """The sessions of the study for which something waits, this one too, in one order."""
    session = await models.Session.get(id=first.session_id)
    due = models.Mail.filter(session__study_id=session.study_id, state=MailState.QUEUED, due_at__lte=time.time())
    found = await due.distinct().values_list("session_id", flat=True)
    return sorted({first.session_id, *(int(str(one)) for one in found)})


async def take_beside(
    rows: Sequence[models.Mail], held: Sequence[int], moot: Callable[[models.Mail], str]
) -> Mapping[int, tuple[Beside, ...]]:
    """By mail of rows, of one session, which are taken: those that go along. held: the sessions that this job holds."""
    persons = {(row.what, row.seat.person_id or 0): row for row in rows if row.seat.person_id and row.what in LETTERS}
    if not persons:
        return {}
    session_id = rows[0].session_id
    own = (await models.Session.get(id=session_id)).letters or {}
    waiting = models.Mail.filter(
        session_id__in=[one for one in held if one != session_id],
        seat__person_id__in=[person for _, person in persons],
        state=MailState.QUEUED,
        due_at__lte=time.time(),
    )
    found: dict[int, tuple[Beside, ...]] = {}
    told: Counter[int] = Counter()
    for mail in await waiting.order_by("session_id", "id").select_related("seat__person", "seat__session"):
        row = persons.get((mail.what, mail.seat.person_id or 0))
        is_same = (mail.seat.session.letters or {}).get(mail.what) == own.get(mail.what)
        if row is None or moot(mail) or not is_same:
            continue
        taken = {"state": MailState.SENDING, "tries": mail.tries + 1, "taken_at": time.time()}
        await models.Mail.filter(id=mail.id).update(**taken)
        found[row.id] = (*found.get(row.id, ()), Beside(mail.id, mail.session_id, mail.seat))
        told[mail.session_id] += 1
    for other, n in sorted(told.items()):
        await write(head_of(other), CLOCK, "take_mails", {"n": n, "dropped": 0})
    return found
