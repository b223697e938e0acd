"""The synthetic panel of demo and rehearsal: 24 people in six groups, the study they sit in, the phrase book.

Only data and seeded chance. What such people answer is said by each kind's play; who sends it is rehearse or demo.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from consensus.conduct import Guest
from consensus.consents import PURPOSES, REUSE
from rounds.contract import Role, Statement

# In their order of pooling: at k = 5 caregivers join community organisations, managers join the ministry.
GROUPS: list[dict[str, Any]] = [
    {"key": "patients", "names": {"en": "Patients", "fr": "Patientes et patients"}, "shape": 1},
    {"key": "caregivers", "names": {"en": "Caregivers", "fr": "Personnes proches aidantes"}, "shape": 2},
    {"key": "community", "names": {"en": "Community organisations", "fr": "Organismes communautaires"}, "shape": 5},
    {"key": "clinicians", "names": {"en": "Clinicians", "fr": "Cliniciennes et cliniciens"}, "shape": 3},
    {"key": "managers", "names": {"en": "Managers", "fr": "Gestionnaires"}, "shape": 4},
    {"key": "ministry", "names": {"en": "Ministry", "fr": "Ministère"}, "shape": 6},
]
SIZES = {"patients": 5, "caregivers": 4, "clinicians": 6, "managers": 4, "community": 3, "ministry": 2}

STUDY: dict[str, Any] = {
    "title": {"en": "Scaling up case management", "fr": "Étendre la gestion de cas"},
    "question": {
        "en": "What should come next so that case management reaches everyone with complex needs?",
        "fr": "Que faire ensuite pour que la gestion de cas rejoigne toutes les personnes aux besoins complexes?",
    },
    "consent": {
        "en": (
            "You are asked what matters most for case management. It takes about an hour in several short steps.\n"
            "Your answers are kept under a random name, apart from your own. You may stop at any time, "
            "without a reason."
        ),
        "fr": (
            "On vous demande ce qui compte le plus pour la gestion de cas. "
            "Il faut environ une heure, en courtes étapes.\n"
            "Vos réponses sont gardées sous un nom au hasard, à part du vôtre. Vous pouvez arrêter en tout temps, "
            "sans donner de raison."
        ),
    },
    "purposes": PURPOSES,
    "languages": ["fr", "en"],
    "groups": GROUPS,
    "floor": 5,
    "help_name": "Claire Roy",
    "help_phone": "819 555-0142",
    "retention": "2033-12-31",
}


def book() -> list[dict[str, str]]:
    """The 80 bilingual sentences on scaling up case management."""
    return [{"en": row["text_en"], "fr": row["text_fr"]} for row in _rows()]


def statements() -> list[Statement]:
    """The same sentences as statements brought from a file."""
    return [
        Statement(
            id=f"P{number:03}",
            wordings={"en": row["text_en"], "fr": row["text_fr"]},
            original="en",
            nature=row["nature"],
            level=row["level"],
            theme=row["theme"],
            source=row["source"],
        )
        for number, row in enumerate(_rows(), 1)
    ]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files("consensus.data").joinpath("statements.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


def allowed(place: int) -> tuple[str, ...]:
    """What the person at this place of the list agrees to beside taking part: one in three not to be quoted."""
    return PURPOSES if place % 3 else (REUSE,)


def guests(people: int) -> list[Guest]:
    """So many participants, in the demo's proportions, every second one reading English."""
    keys = [key for key, size in SIZES.items() for _ in range(size)]
    groups = [keys[place % len(keys)] for place in range(people)]
    return [Guest(Role.PARTICIPANT, group, "fr" if place % 2 else "en") for place, group in enumerate(groups)]


def chance(seed: int, *who: object) -> Random:
    """One person's own chance for one round: the same for the same seed, whatever the order in which people act."""
    return Random("|".join(map(str, (seed, *who))))  # noqa: S311  # a rehearsal, not a secret
