"""The synthetic panel of demo and rehearsal: 24 people in six groups, the study they sit in, the phrase book.

Only data and seeded chance. What such people answer is said by each kind's play; who sends it is rehearse or demo.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import permutations
from random import Random
from typing import Any

from consensus.conduct import Guest
from consensus.consents import PURPOSES, REUSE
from rounds.blocks import made
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


CASE_MANAGEMENT = "case_management"
LISTS = {CASE_MANAGEMENT: "statements.csv", "ehealth": "ehealth.csv"}


def book() -> list[dict[str, str]]:
    """The 80 bilingual sentences on scaling up case management."""
    return [{"en": row["text_en"], "fr": row["text_fr"]} for row in _rows(CASE_MANAGEMENT)]


def statements(name: str = CASE_MANAGEMENT) -> list[Statement]:
    """The sentences of a list as statements brought from a file."""
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
        for number, row in enumerate(_rows(name), 1)
    ]


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = resources.files("consensus.data").joinpath(LISTS[name]).read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


def allowed(place: int) -> tuple[str, ...]:
    """What the person at this place of the list agrees to beside taking part: one in three not to be quoted."""
    return PURPOSES if place % 3 else (REUSE,)


def guests(people: int) -> list[Guest]:
    """So many participants, in the demo's proportions, every second one reading English."""
    keys = [key for key, size in SIZES.items() for _ in range(size)]
    groups = [keys[place % len(keys)] for place in range(people)]
    languages = ("en", "fr")
    return [
        Guest(Role.PARTICIPANT, group, languages[place % 2], is_simulated=True) for place, group in enumerate(groups)
    ]


@dataclass(frozen=True, slots=True)
class Match:
    """few: a small group that is counted together with one other alone, its friend, and never with the rest."""

    few: str
    friend: str

    @property
    def apart(self) -> list[list[str]]:
        """The pairs of groups that a study with this match never counts together."""
        rest = [group["key"] for group in GROUPS if group["key"] not in {self.few, self.friend}]
        return [[self.few, other] for other in rest]


def match(people: int, seed: int) -> Match | None:
    """One of the matches of a panel of so many people in which both happen: where everybody answers, the few are
    counted with their friend, and without the friend they are set aside alone. None where the panel is too small."""
    sizes, k = Counter(guest.group for guest in guests(people)), STUDY["floor"]
    small = [key for key, n in sizes.items() if n < k]
    found = [Match(*pair) for pair in permutations(small, 2) if _meets_both(Match(*pair), sizes, k)]
    return chance(seed, "match").choice(found) if found else None


def _meets_both(match: Match, sizes: Counter[str], k: int) -> bool:
    apart = frozenset(map(frozenset, match.apart))
    groups = [(group["key"], sizes[group["key"]]) for group in GROUPS]
    without = [(key, 0 if key == match.friend else n) for key, n in groups]
    return not made(groups, k, apart).aside and made(without, k, apart).aside == (match.few,)


def chance(seed: int, *who: object) -> Random:
    """One person's own chance for one round: the same for the same seed, whatever the order in which people act."""
    return Random("|".join(map(str, (seed, *who))))  # noqa: S311  # a rehearsal, not a secret
