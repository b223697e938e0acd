"""The seats of a session and their cards, to be printed and handed out: found, filtered, a page at a time.

What a card tells of a person is whether they came in, by the link that they have now; once they have, link and code are
theirs alone. What is searched for stands in no address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from consensus import conduct, models, seats
from consensus.conduct import Refused
from consensus.facts import PersonFacts, SeatFacts
from consensus.imports.names import same
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.listing import PAGE, Listed, figure, listed
from consensus.web.team.whereabouts import places_of
from rounds.contract import Role, one

SIZES = (PAGE, 100, 200)  # cards a page
STATES = ("waiting", "come", "left")


@dataclass(frozen=True, slots=True)
class Place:
    """A participant's seat, as far as it is looked for. number: on their card, from 1."""

    id: int
    number: int
    group: str
    state: str
    name: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards. sought: a name, the number of a card, or a code. at: of the page on which this seat's card is."""

    sought: str
    group: str
    state: str
    first: int
    last: int
    size: int
    page: int
    at: int

    @classmethod
    def of(cls, ask: Ask) -> Wanted:
        """A form that searches says everything itself; one that changes a seat is shown again beside its card."""
        query = {name: [value] for name, value in ask.request.query_params.items()}
        form = ask.typed if "sought" in ask.typed else query
        group, state, size = one(form, "group"), one(form, "state"), figure(one(form, "size"))
        return cls(
            sought=one(form, "sought")[:200],
            group=group if group in _groups(ask) else "",
            state=state if state in STATES else "",
            first=figure(one(form, "from")),
            last=figure(one(form, "to")),
            size=size if size in SIZES else PAGE,
            page=figure(one(form, "page")),
            at=figure(one(form, "at")) or figure(ask.typed.one("seat")),
        )

    @property
    def filters(self) -> dict[str, object]:
        """What an address may say."""
        size = self.size if self.size != PAGE else 0
        return {"group": self.group, "state": self.state, "from": self.first, "to": self.last, "size": size}

    def fits(self, place: Place, coded: int) -> bool:
        return (
            self.group in {"", place.group}
            and self.state in {"", place.state}
            and self.first <= place.number <= (self.last or place.number)
            and (not self.sought or place.id == coded or self._is_named(place))
        )

    def _is_named(self, place: Place) -> bool:
        return figure(self.sought) == place.number or same(self.sought) in same(place.name)


def _groups(ask: Ask) -> set[str]:
    return {str(group["key"]) for group in ask.groups}


async def seat_sheet(ask: Ask) -> Response:
    """Participants' cards, each in its language, to be printed and handed out; and who else sits here."""
    wanted = Wanted.of(ask)
    coded = await _coded(ask, wanted.sought)
    people = models.Seat.filter(session_id=ask.here.id, role=Role.PARTICIPANT).order_by("id")
    rows = await people.values_list("id", "group", "is_entered", "withdrawn", "person__name")
    found = await asyncio.to_thread(lambda: _page(wanted, _places(rows), coded))  # thousands take a moment
    held = await models.Seat.filter(id__in=[place.id for place in found.rows]).select_related("person")
    team = await models.Seat.filter(session_id=ask.here.id, staff_id__not_isnull=True, withdrawn="").order_by("id")
    named = {person.id: person.name for person in await models.Staff.filter(id__in=[seat.staff_id for seat in team])}
    given = {
        "wanted": wanted,
        "sizes": SIZES,
        "states": STATES,
        "all": len(rows),
        "cards": found,
        "sheet": await _cards(ask, found.rows, held),
        "team": [SeatFacts.of(seat, named[seat.staff_id]) for seat in team if seat.staff_id],
        "groups": ask.groups,
        "host": urlsplit(ask.house.settings.origin).netloc,
    }
    return await asyncio.to_thread(partial(ask.page, "facilitator/seats.html", **given))  # two hundred cards are long


async def find_seat(ask: Ask) -> Response:
    """Whatever is only filtered has an address; a search has none."""
    wanted = Wanted.of(ask)
    if wanted.sought:
        return await seat_sheet(ask)
    return ask.go("seats", session=ask.here.id, query=listed((), 1, wanted.filters).query)


def _places(rows: Sequence[tuple[Any, ...]]) -> list[Place]:
    return [
        Place(id, number, group, "left" if left else "come" if has_come else "waiting", name or "")
        for number, (id, group, has_come, left, name) in enumerate(rows, 1)
    ]


async def _coded(ask: Ask, sought: str) -> int:
    """The seat whose code this is, where its card still shows it; or 0."""
    if len(seats.plain_code(sought)) != seats.CODE_LENGTH:
        return 0
    seat = await seats.seat_by_code(ask.house.settings, sought)
    return seat.id if seat and seat.session_id == ask.here.id and not seat.is_entered else 0


def _page(wanted: Wanted, places: Sequence[Place], coded: int) -> Listed[Place]:
    found = [place for place in places if wanted.fits(place, coded)]
    at = next((n for n, place in enumerate(found) if place.id == wanted.at), None)
    if at is None and any(place.id == wanted.at for place in places):  # its card must be seen, whatever is filtered
        return _page(Wanted("", "", "", 0, 0, wanted.size, 1, wanted.at), places, coded)
    page = wanted.page if at is None else at // wanted.size + 1
    return listed(found, page, wanted.filters, wanted.size)


async def _cards(ask: Ask, places: Sequence[Place], held: Sequence[models.Seat]) -> list[dict[str, Any]]:
    """Each seat; its link, code and picture only until somebody has come in by them, here or in another process."""
    relinked = await _relinked([seat.id for seat in held])
    of = {seat.id: seat for seat in held}
    people = [(place.number, of[place.id]) for place in places]
    links = {(seat.id, seat.issue): _link(ask, seat) for _, seat in people if not (seat.is_entered or seat.withdrawn)}
    for _, seat in people:
        if (seat.id, seat.issue) not in links:
            ask.house.pictures.drop(seat.id)
    pictures = await ask.house.pictures.of(links)
    cards: list[dict[str, Any]] = []
    for number, seat in people:
        place, name = (seat.id, seat.issue), seat.person.name if seat.person else ""
        key = {"link": links[place], "picture": pictures[place]} if place in links else None
        cards.append(
            {
                "seat": PersonFacts.of(seat, name, seat.id in relinked),
                "number": number,
                "places": places_of(ask, seat),
                "key": key and {**key, "code": seats.short_code(ask.house.settings, seat)},
                "say": partial(ask.house.texts.say, seat.language),
                "pick": partial(pick, language=seat.language),
            }
        )
    return cards


async def _relinked(places: Sequence[int]) -> Set[int]:
    """Who got a new link after they had come in."""
    told = await models.Notice.filter(seat_id__in=places, what=seats.LINK)
    return {notice.seat_id for notice in told}


def _link(ask: Ask, seat: models.Seat) -> str:
    """What lets whoever holds it in as this person."""
    settings = ask.house.settings
    token = seats.token(settings, "seat", seat.id, seat.issue)
    return settings.origin + ask.address("invitation", link=token)


async def change_seat(ask: Ask) -> Response:
    """A new link for a seat, or its right group; then its card again."""
    wanted = ask.typed.number("seat")
    if wanted is None:
        raise Refused("refused.no_such_seat")
    if "revoke" in ask.typed:
        await conduct.revoke(ask.house, ask.mine, wanted)
    else:
        group = ask.typed.one("group")
        if group not in _groups(ask):
            raise Refused("refused.no_such_group")
        await conduct.regroup(ask.house, ask.mine, wanted, group)
    query = urlencode({**{n: v for n, v in Wanted.of(ask).filters.items() if v}, "at": wanted})
    path = ask.address("seats", session=ask.here.id)
    return RedirectResponse(f"{path}?{query}#card-{wanted}", 303)
