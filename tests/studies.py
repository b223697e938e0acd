"""A study of several sessions, played by a script: who sits where, and what each of them answers.

Real acts on a real file; only sites, arms and numbers, which have pages of their own, are written down.
No promise here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from consensus import conduct, models
from consensus.conduct import Guest, Submission
from consensus.house import House
from consensus.outcome import statement_from
from consensus.protocol import Plan
from rounds.contract import Role
from tests.conftest import GROUPS, PASSWORD

SITES = [
    {"key": "qc", "names": {"en": "Québec", "fr": "Québec"}, "within": "", "about": {}},
    {"key": "nb", "names": {"en": "New Brunswick", "fr": "Nouveau-Brunswick"}, "within": "", "about": {}},
    *(
        {
            "key": key,
            "names": {"en": f"Clinic {key.upper()}", "fr": f"Clinique {key.upper()}"},
            "within": within,
            "about": {"rural": rural, "fidelity": fidelity},
        }
        for key, within, rural, fidelity in [
            ("c1", "qc", "urban", "82"),
            ("c2", "qc", "rural", "74"),
            ("c3", "nb", "rural", "91"),
            ("c4", "nb", "urban", "66"),
            ("c5", "nb", "urban", "70"),
        ]
    ),
]
KNOWN = [
    {"key": "rural", "names": {"en": "Setting", "fr": "Milieu"}, "is_number": False},
    {"key": "fidelity", "names": {"en": "Fidelity score", "fr": "Score de fidélité"}, "is_number": True},
]
ARMS = [
    {"key": "with", "names": {"en": "Experimental", "fr": "Expérimental"}},
    {"key": "without", "names": {"en": "Control", "fr": "Témoin"}},
]
RULE = {"name": "share", "percent": 75, "opposite": None, "scope": "pooled", "blocks": 1}
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={"reason": False}, rule=RULE)
RANKING = Plan(
    key="ranking", kind="ranking", disclosure="at_close", grace=0, settings={"top": 3}, rule={"name": "first", "n": 3}
)

Answer = Callable[[int, int, str, int], int]  # session, person, group, statement -> 1..9, 0: does not know


@dataclass(frozen=True)
class Panel:
    """A session to come. people: how many of each group. numbers: of the study, of the statements that it asks."""

    site: str
    people: Mapping[str, int]
    numbers: Sequence[int]
    arm: str = ""
    follows: int | None = None  # the place of an earlier panel
    plans: Sequence[Plan] = (RATING,)
    natures: Mapping[int, str] = field(default_factory=dict)  # by number


@dataclass
class Played:
    house: House
    study: models.Study
    fay: models.Staff
    sessions: list[models.Session] = field(default_factory=list)
    desks: list[models.Seat] = field(default_factory=list)
    seats: list[list[models.Seat]] = field(default_factory=list)

    async def add(self, panel: Panel, answer: Answer) -> models.Session:
        session = await self.lay(panel)
        await self.play(len(self.sessions) - 1, panel, answer)
        return session

    async def lay(self, panel: Panel) -> models.Session:
        place = len(self.sessions)
        name = f"Table {place + 1}"
        made = await conduct.create_session(
            self.house, self.fay, self.study, {"en": name, "fr": name}, list(panel.plans)
        )
        earlier = None if panel.follows is None else self.sessions[panel.follows].id
        where: dict[str, Any] = {"site": panel.site, "arm": panel.arm, "follows": earlier}
        await models.Session.filter(id=made.id).update(**where)
        session = await models.Session.get(id=made.id)
        desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
        cards = [
            statement_from(_card(number, at, panel.natures.get(number, "")))
            for at, number in enumerate(panel.numbers, start=1)
        ]
        await conduct.import_statements(self.house, desk, cards)
        await models.StudyNumber.filter(session_id=session.id).delete()
        for card, number in zip(cards, panel.numbers, strict=True):
            await models.StudyNumber.create(
                study_id=self.study.id, number=number, session_id=session.id, statement=card.id
            )
        guests = [Guest(Role.PARTICIPANT, group, "fr") for group, n in panel.people.items() for _ in range(n)]
        seats = await conduct.add_seats(self.house, desk, guests)
        await asyncio.gather(*(conduct.consent(self.house, seat) for seat in seats))
        self.sessions.append(session)
        self.desks.append(desk)
        self.seats.append(seats)
        return session

    async def play(self, place: int, panel: Panel, answer: Answer) -> None:
        for row in await models.Round.filter(session_id=self.sessions[place].id).order_by("position"):
            await conduct.open_round(self.house, self.desks[place], row.id)
            opened = await models.Round.get(id=row.id)
            cards = [(one["id"], panel.numbers[int(one["id"][1:]) - 1]) for one in opened.statements]
            for at, seat in enumerate(self.seats[place]):
                scores = {card: answer(place, at, seat.group, number) for card, number in cards}
                await asyncio.gather(
                    *(
                        conduct.cast(self.house, seat.id, row.id, Submission(form, f"{place}-{row.id}-{at}-{n}", "fr"))
                        for n, form in enumerate(_forms(row.kind, scores))
                    )
                )
            await conduct.close_round(self.house, self.desks[place], row.id, at_once=True)


def _card(number: int, at: int, nature: str) -> dict[str, Any]:
    words = {"en": f"Do thing number {number}.", "fr": f"Faire la chose numéro {number}."}
    return {"id": f"P{at:03}", "wordings": words, "original": "en", "nature": nature}


def _forms(kind: str, scores: Mapping[str, int]) -> list[dict[str, list[str]]]:
    if kind == "rating":
        return [{"card": [card], "importance": [str(value or "dont_know")]} for card, value in scores.items()]
    best = sorted(scores, key=lambda card: (-scores[card], card))[:3]
    return [{f"place.{card}": [str(place)] for place, card in enumerate(best, start=1)}]


async def lay_study(house: House, groups: Sequence[Mapping[str, Any]] = GROUPS, headline: str = "nested") -> Played:
    fay = await models.Staff.get_or_none(mail="fay@example.org")
    fay = fay or await conduct.add_staff(house, "fay@example.org", "Fay", PASSWORD)
    study = await conduct.create_study(
        house,
        fay,
        title={"en": "Case management", "fr": "Gestion de cas"},
        question={"en": "What next?", "fr": "Et ensuite?"},
        consent={"en": "You may leave at any time.", "fr": "Vous pouvez partir en tout temps."},
        languages=["fr", "en"],
        groups=list(groups),
        help_name="Fay Roy",
        help_phone="819 555-0100",
        retention="2031-12-31",
        headline=headline,
    )
    await models.Study.filter(id=study.id).update(sites=SITES, known=KNOWN, arms=ARMS)
    return Played(house, await models.Study.get(id=study.id), fay)


def by_chance(seed: int, blank: float = 0.05) -> Answer:
    """What a statement is worth to everybody, to a group and to a session, and what one person thinks of it."""

    def answer(session: int, person: int, group: str, number: int) -> int:
        def drawn(*of: object) -> float:
            return Random(f"{seed} {of}").gauss(0, 1)

        if Random(f"{seed} {session} {person} {number} blank").random() < blank:
            return 0
        worth = 1.6 * drawn(number) + 0.7 * drawn(group, number) + 0.6 * drawn(session, number, "s")
        return max(1, min(9, round(5.6 + worth + 1.3 * drawn(session, person, number))))

    return answer
