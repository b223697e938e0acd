"""How the database was made: python played.py FILE, in the tree of commit e726bbe and no later one.

Sessions of one study, as that version played them: one over, one with a rating open in mode live, one with a rating open
that the facilitator has looked at, one in set-up, one whose people have written and nobody has compiled it. Everybody in them was simulated; the secret is that of the tests.
"""

import asyncio
import os
import random
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from consensus import conduct, models, store
from consensus.conduct import Submission, Guest
from consensus.export import released, row_level
from consensus.house import build, open_house
from consensus.outcome import statement_from
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds.contract import Role

SECRET = "a secret of forty characters, for tests only"
PASSWORD = "correct horse battery"
SIZES = {"patients": 5, "caregivers": 5, "clinicians": 5, "managers": 2}
NAMES = {
    "patients": ("Patients", "Patients"),
    "caregivers": ("Caregivers", "Proches aidants"),
    "clinicians": ("Clinicians", "Cliniciens"),
    "managers": ("Managers", "Gestionnaires"),
}
CARDS = ("P001", "P002")
RULE = {"name": "share", "percent": 60, "scope": "every"}


def rating(key, disclosure, takes="all"):
    return Plan(key=key, kind="rating", disclosure=disclosure, takes=takes, grace=0, rule=RULE)


def rest(takes="all"):
    ranking = Plan(key="ranking", kind="ranking", disclosure="at_close", takes=takes, grace=0)
    return [ranking, Plan(key="validation", kind="validation", disclosure="at_close", grace=0)]


async def lay(house, staff, study, title, plans):
    session = await conduct.create_session(house, staff, study, {"en": title, "fr": title}, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    statements = [
        {"id": card, "wordings": {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "original": "en"}
        for n, card in enumerate(CARDS, 1)
    ]
    await conduct.import_statements(house, desk, [statement_from(data) for data in statements])
    groups = [group for group, n in SIZES.items() for _ in range(n)]
    guests = [Guest(Role.PARTICIPANT, group, ("fr", "en")[n % 2]) for n, group in enumerate(groups)]
    seats = await conduct.add_seats(house, desk, [*guests, Guest(Role.RESEARCHER, language="en")])
    for seat in seats[:-1]:
        await conduct.consent(house, seat)
        seat.consented = True
    return session, desk, seats[:-1]


async def cast(house, seat, row, **form):
    fields = {name.replace("__", "."): [str(value)] for name, value in form.items()}
    await conduct.cast(house, seat.id, row.id, Submission(fields, os.urandom(8).hex(), seat.language))


async def opened(house, desk, key):
    row = await models.Round.get(session_id=desk.session_id, key=key)
    await conduct.open_round(house, desk, row.id)
    return row


async def over(house, staff, study, out):
    """Rated by all, ranked by all but two clinicians, the managers and whoever had everything erased, validated."""
    dice = random.Random(1)
    session, desk, people = await lay(house, staff, study, "Over", [rating("rating", "at_close"), *rest()])
    row = await opened(house, desk, "rating")
    for seat in people:
        for card in CARDS:
            score = "dont_know" if dice.random() < 0.1 else dice.choice((2, 5, 7, 8, 9))
            await cast(house, seat, row, card=card, importance=score, reason="Because." if dice.random() < 0.2 else "")
    await conduct.close_round(house, desk, row.id, at_once=True)
    await conduct.withdraw(house, people[3], erase=True)
    row = await opened(house, desk, "ranking")
    for seat in people[:3] + people[4:13]:
        order = dice.sample(CARDS, 2)
        await cast(house, seat, row, **{f"place__{card}": place for place, card in enumerate(order, 1)})
    await conduct.close_round(house, desk, row.id, at_once=True)
    row = await opened(house, desk, "validation")
    for seat in people[:3] + people[4:]:
        await cast(house, seat, row, **{f"say__{card}": "agree" for card in CARDS})
    await conduct.close_round(house, desk, row.id, at_once=True)
    await conduct.analyse_due(house)
    session = await models.Session.get(id=session.id)
    (out / "row-level.zip").write_bytes(await row_level(house, session))
    (out / "released.zip").write_bytes(await released(house, session))


async def begun(house, staff, study, title, mode):
    """A rating that some have answered: patients and caregivers all, one of the others."""
    dice = random.Random(title)
    session, desk, people = await lay(house, staff, study, title, [rating("rating", mode), *rest()])
    row = await opened(house, desk, "rating")
    for seat in [*people[:10], people[12]]:
        for card in CARDS[: 2 if seat.group == "patients" else 1]:
            await cast(house, seat, row, card=card, importance=dice.choice((2, 5, 7, 8, 9)))
    if mode == "facilitator":
        await conduct.reveal_figures(house, desk, row.id)


async def written(house, staff, study):
    """A session whose people write: the writing step is closed, nobody has compiled it."""
    plans = [
        Plan(key="gather", kind="gather", disclosure="at_close", grace=0),
        Plan(key="compilation", kind="compilation", disclosure="at_close", grace=0),
        rating("rating", "at_close", takes="accepted"),
    ]
    session, desk, people = await lay(house, staff, study, "Written", plans)
    await models.Session.filter(id=session.id).update(imported=[])
    row = await opened(house, desk, "gather")
    for n, seat in enumerate(people[:6]):
        await cast(house, seat, row, card=1, text=f"Somebody wrote this, {n}.", nature="helps")
    await conduct.close_round(house, desk, row.id, at_once=True)


async def make(database, out):
    async with open_house(build(Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9"))) as house:
        staff = await conduct.add_staff(house, "fay@example.org", "Fay", PASSWORD, is_administrator=True)
        study = await conduct.create_study(
            house,
            staff,
            title={"en": "Case management", "fr": "Gestion de cas"},
            question={"en": "What next?", "fr": "Et ensuite?"},
            consent={"en": "You may leave at any time.", "fr": "Vous pouvez partir en tout temps."},
            purposes=["quote", "reuse"],
            languages=["fr", "en"],
            groups=[
                {"key": key, "names": {"en": en, "fr": fr}, "shape": n}
                for n, (key, (en, fr)) in enumerate(NAMES.items(), 1)
            ],
            floor=5,
            is_row_level_allowed=True,
            help_name="Fay Roy",
            help_phone="819 555-0100",
            retention="2031-12-31",
        )
        await over(house, staff, study, out)
        await begun(house, staff, study, "Live", "live")
        await begun(house, staff, study, "Shown", "facilitator")
        await lay(house, staff, study, "Set up", [rating("rating", "live"), *rest("kept")])
        await written(house, staff, study)


out = Path(sys.argv[1])
with TemporaryDirectory() as folder:
    file = str(Path(folder) / "old.db")
    asyncio.run(make(file, out))
    database = sqlite3.connect(file)
    (out / "old.sql").write_text("\n".join(database.iterdump()) + "\n", encoding="utf-8")
