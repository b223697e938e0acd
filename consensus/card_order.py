"""The order in which a person meets the cards: a shuffle that only the server's secret makes again.

The same at every visit, another for each person and in each round: what somebody saw of it over a shoulder, or knows
of an earlier round, says nothing elsewhere. What stays of it with an answer is a third, until the round closes.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

from consensus import models
from consensus.settings import Settings

T = TypeVar("T")
THIRDS = ("first", "middle", "last")  # as 1, 2 and 3; 0 where the order was everybody's, or nobody knows


def in_order(settings: Settings, cards: Sequence[T], row: models.Round, seat: models.Seat) -> list[T]:
    """The cards of a round as this person meets them."""
    if row.is_circular and seat.alias:
        return _rotated(cards, seat.alias)
    return shuffled(cards, settings.secret, "order", row.session_id, row.key, seat.id)


def shuffled(cards: Sequence[T], secret: str, *who: object) -> list[T]:
    """Fisher and Yates, drawn from HMAC-SHA256: the rest of 256 bits favours no place that anybody could count out."""
    key = hmac.digest(secret.encode(), "|".join(map(str, who)).encode(), sha256)
    order = list(cards)
    for last in range(len(order) - 1, 0, -1):
        drawn = hmac.digest(key, str(last).encode(), sha256)
        other = int.from_bytes(drawn, "big") % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def third_of(card: str, order: Sequence[str]) -> int:
    """Where a card stands in this order."""
    return 1 + order.index(card) * len(THIRDS) // len(order) if card in order else 0


def _rotated(cards: Sequence[T], alias: str) -> list[T]:
    """Rounds that opened under an earlier version go on so: the same circle, begun elsewhere for each."""
    if not cards:
        return []
    start = int(sha256(alias.encode()).hexdigest(), 16) % len(cards)
    return [*cards[start:], *cards[:start]]
