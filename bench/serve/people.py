"""The people of the bench: each with a seat, a cookie and a browser that votes as a page without script would.

A vote is honest: a random key, the Origin of our own page, an answer that must be 303. What was acknowledged is kept,
to be looked for in the database.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.serve.wire import Answer, Line, Socket

FORM = "application/x-www-form-urlencoded"
SCALE = 9
SCRIPT = "HX-Request: true\r\nHX-Target: page\r\nAccept-Encoding: gzip\r\n"


class NotAnswered(Exception):
    """The server gave something else than it must."""


@dataclass(slots=True)
class Votes:
    """Acknowledged votes. waits: seconds from the moment a vote was due to its answer. at: by card, when the first
    answer of each person was acknowledged. late: waits of those that were refused, because the round had closed.
    unasked: due, and never sent, because the server was so far behind."""

    waits: list[float] = field(default_factory=list)
    at: dict[str, list[float]] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    unasked: int = 0

    def __len__(self) -> int:
        return len(self.waits)


class Person:
    """number: of the seat; they begin at a card of their own and go round."""

    def __init__(self, number: int, port: int, session: int, cards: Sequence[str], cookie: str) -> None:
        self.line = Line()
        self.port, self.session, self.cards = port, session, cards
        self.cookie = cookie
        self.headers = f"Cookie: {cookie}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        self.answered: set[str] = set()
        self._next = number
        self._chance = Random(number)

    def post(self, path: str, body: str, headers: str = "") -> bytes:
        start = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{self.headers}{headers}"
        return f"{start}Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    async def get(self, path: str) -> Answer:
        """A page, packed as browsers ask for it; it must be there."""
        start = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept-Encoding: gzip\r\n"
        answer = await self.line.ask(self.port, f"{start}{self.headers}\r\n".encode())
        if answer.status != 200 or not answer.body:
            raise NotAnswered(f"{path}: {answer.status}")
        return answer

    def _vote(self, card: str = "") -> tuple[str, str]:
        """A card, the next where none is meant, and the form."""
        if not card:
            card = self.cards[self._next % len(self.cards)]
            self._next += 1
        key, value = f"{self._chance.getrandbits(128):022x}"[:22], self._chance.randint(1, SCALE)
        return card, f"round=rating&key={key}&card={card}&importance={value}&reason="

    async def vote(
        self,
        votes: Votes,
        due: float | None = None,
        *,
        card: str = "",
        may_be_late: bool = False,
        with_script: bool = False,
    ) -> Answer:
        """with_script: as htmx sends it, which may be answered with the next card at once."""
        card, form = self._vote(card)
        begun = time.perf_counter() if due is None else due
        request = self.post(f"/sessions/{self.session}/take", form, SCRIPT if with_script else "")
        answer = await self.line.ask(self.port, request)
        if answer.status == 422 and may_be_late:
            votes.late.append(answer.at - begun)
            return answer
        if not (answer.status == 303 and b"saved=" in answer.head) and not (answer.status == 200 and with_script):
            raise NotAnswered(f"a vote: {answer.status} {answer.body[:300]!r}")
        votes.waits.append(answer.at - begun)
        if card not in self.answered:
            self.answered.add(card)
            votes.at.setdefault(card, []).append(answer.at)
        return answer

    async def send(self, path: str, votes: Votes, due: float | None = None) -> Answer:
        """The same form to where something else is done with it."""
        _, form = self._vote()
        begun = time.perf_counter() if due is None else due
        answer = await self.line.ask(self.port, self.post(path, form))
        if answer.status != 303:
            raise NotAnswered(f"{path}: {answer.status}")
        votes.waits.append(answer.at - begun)
        return answer

    async def watch(self, socket: Socket, audience: str = "room", port: int = 0) -> Socket:
        await socket.open(port or self.port, f"/sessions/{self.session}/live/{audience}", self.headers)
        return socket

    def stranger(self) -> Person:
        """Somebody without a seat, on the same server."""
        return Person(0, self.port, self.session, self.cards, "nobody=1")

    def elsewhere(self, port: int) -> Person:
        """The same person on another server."""
        return Person(self._next, port, self.session, self.cards, self.cookie)


Act = Callable[[Person, Votes, float | None], Awaitable[object]]


async def vote(person: Person, votes: Votes, due: float | None) -> None:
    await person.vote(votes, due)


async def posted(path: str, person: Person, votes: Votes, due: float | None) -> None:
    await person.send(path, votes, due)


async def noop(person: Person, votes: Votes, due: float | None) -> None:
    await person.send("/noop", votes, due)


async def closed_loop(people: Sequence[Person], act: Act, seconds: float, votes: Votes) -> None:
    """Each asks again as soon as they are answered."""
    end = time.perf_counter() + seconds

    async def one(person: Person) -> None:
        while time.perf_counter() < end:
            await act(person, votes, None)

    await asyncio.gather(*map(one, people))


async def paced(people: Sequence[Person], act: Act, every: float, seconds: float, votes: Votes) -> None:
    """Each asks once in so many seconds, at a moment of their own. Whoever waited too long asks at once, and the wait
    is from when they would have asked: a slow server does not get fewer questions counted. After twice the time whoever
    still has to ask gives up."""
    begin = time.perf_counter()

    async def one(place: int, person: Person) -> None:
        for turn in itertools.count():
            after = every * (turn + place / len(people))
            if after >= seconds:
                return
            await asyncio.sleep(max(0.0, begin + after - time.perf_counter()))
            if time.perf_counter() > begin + 2 * seconds:
                votes.unasked += 1
            else:
                await act(person, votes, begin + after)

    await asyncio.gather(*(one(place, person) for place, person in enumerate(people)))


def some(people: Sequence[Person], number: int) -> list[Person]:
    """So many; more than once where there are fewer."""
    return [people[n % len(people)] for n in range(number)]
