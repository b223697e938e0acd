"""What was said already: forms that come again, and forms that come after a newer one of the same device.

A network may hold a form and bring it long after its person said something else. Two things tell: the key made with
the page, under which a form counts once, and the number that the device gives to everything it sends. Nothing is
refused here; whoever asks decides what a form that says nothing new is answered with.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from consensus import models
from consensus.house import House
from consensus.journal import canonical
from consensus.seats import device_mark
from rounds.contract import Form, one

NUMBER = "number"  # the field: the device's own mark and its count, MARK-N
AROUND = frozenset({"key", "say_in", NUMBER})  # fields that are no part of what is said
_NUMBERED = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class Sent:
    """How one form came. device "" and number None: without script, by the key alone."""

    key: str
    body: str
    device: str = ""
    number: int | None = None

    def is_after(self, other: Mapping[str, Any]) -> bool:
        """Did the same device send this after the other? Not known of two devices."""
        return self._is_of(other) and (self.number or 0) > other["number"]

    def is_before(self, other: Mapping[str, Any]) -> bool:
        return self._is_of(other) and (self.number or 0) < other["number"]

    def _is_of(self, other: Mapping[str, Any]) -> bool:
        return bool(self.device) and other["device"] == self.device


def body_of(form: Form) -> str:
    said = {name: list(values) for name, values in form.items() if name not in AROUND}
    return sha256(canonical(said).encode()).hexdigest()


def salted(salt: str, form: Sent) -> str:
    """As a ballot keeps it: under its own salt. Where that is gone, nobody can try out what was said."""
    return hmac.new(salt.encode(), form.body.encode(), "sha256").hexdigest()


def sent(house: House, seat_id: int, form: Form, key: str) -> Sent:
    found = _NUMBERED.fullmatch(one(form, NUMBER))
    if found is None:
        return Sent(key, body_of(form))
    return Sent(key, body_of(form), device_mark(house.settings, seat_id, found[1]), int(found[2]))


def copied(form: Sent, kept: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The last ballot that says the same under the same key. kept: of the same person and round, oldest first."""
    same = [one for one in kept if one["key"] == form.key and one["salt"] and one["body"] == salted(one["salt"], form)]
    return same[-1] if same else None


def outdone(form: Sent, slot: str | None, kept: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The newest that this device sent later to the same place, and that came before this."""
    later = [ballot for ballot in kept if slot is not None and ballot["slot"] == slot and form.is_before(ballot)]
    return max(later, key=lambda ballot: int(ballot["number"]), default=None)


# Acts that leave no ballot: to be asked inside the job that does them.


def _digest(*said: object) -> str:
    return sha256(canonical([str(one) for one in said]).encode()).hexdigest()


async def heard(*said: object) -> int | None:
    """The seat of an act that was done under these words already."""
    found = await models.Heard.get_or_none(digest=_digest(*said))
    return found.seat_id if found else None


async def hear(seat_id: int, *said: object) -> None:
    await models.Heard.create(digest=_digest(*said), seat_id=seat_id)
