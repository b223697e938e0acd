"""people.csv of the analysis file: a row a person whom it follows, with what is said of them and their alias in each
round.

Made of the leaves that the file opens, by the same function when it is written and when it is checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from consensus.export.following import BLANKED, PERSON, PLACES, Part, Trace, smallest
from consensus.export.rows import Kinds, Opened
from consensus.export.sheets import Row, Sheet, sheet
from consensus.journal import canonical

ALIAS_IN = "alias_"  # and the key of the round
ABOUT = (PERSON, *reversed(BLANKED))


def people_sheet(opened: Sequence[Opened], kinds: Kinds) -> Sheet:
    """In the order of their names over rounds. A column that is left out is empty for everybody; sites and arms
    stand in none then."""
    answered = {one.round for one in opened if one.is_answer}
    rounds = [key for key in kinds if key in answered]
    people: dict[str, dict[str, str]] = {}
    names: dict[tuple[str, str], str] = {}
    about = [one for one in opened if one.is_person]
    for one in about:
        if PERSON in one.data:
            name = names[one.round, one.data["alias"]] = one.data[PERSON]
            people.setdefault(name, {PERSON: name})[ALIAS_IN + one.round] = one.data["alias"]
    for one in about:
        if PERSON not in one.data:
            own = {what: one.data[what] for what in BLANKED if what in one.data}
            people[names[one.round, one.data["alias"]]] |= own
    told = {what for row in people.values() for what, value in row.items() if value}
    columns = (*(name for name in ABOUT if name not in PLACES or name in told), *(ALIAS_IN + key for key in rounds))
    return sheet(columns, ({name: people[who].get(name, "") for name in columns} for who in sorted(people)))


def is_anybody_alone(people: Sheet, opened: Sequence[Opened], k: int) -> bool:
    """Does any combination of the table have one to k - 1 people, or any block of a round so few whom it does not
    follow, beside some whom it does?"""
    rounds = [name.removeprefix(ALIAS_IN) for name in people.columns if name.startswith(ALIAS_IN)]
    blocks = {(one.round, one.data["alias"]): one.data["block"] for one in opened if one.is_answer}
    traces = [_trace(row, rounds, blocks) for row in people.rows]
    about = [tuple(row.get(what, "") for what in BLANKED) for row in people.rows]
    if smallest(zip(traces, about, strict=True)) < k:
        return True
    named = {(key, row[ALIAS_IN + key]) for row in people.rows for key in rounds}
    places: dict[tuple[str, str], set[str]] = {}
    for (key, alias), block in blocks.items():
        places.setdefault((key, block), set()).add(alias)
    return any(
        Part(frozenset(aliases)).wanting({alias for alias in aliases if (key, alias) not in named}, k)
        and any((key, alias) in named for alias in aliases)
        for (key, _), aliases in places.items()
    )


def _trace(row: Row, rounds: Sequence[str], blocks: dict[tuple[str, str], str]) -> Trace:
    return tuple(blocks[key, row[ALIAS_IN + key]] if row[ALIAS_IN + key] else "" for key in rounds)


def unique_by_answers(people: Sheet, opened: Sequence[Opened]) -> int:
    """How many of its rows have answers over rounds that no other row has: each can be found by whoever knows them."""
    said: dict[tuple[str, str], list[str]] = {}
    for one in opened:
        if one.is_answer:
            told = canonical([one.round, one.data["slot"], one.data["marks"]])
            said.setdefault((one.round, one.data["alias"]), []).append(told)
    keys = [name for name in people.columns if name.startswith(ALIAS_IN)]
    found = [
        tuple(sorted(text for key in keys for text in said.get((key.removeprefix(ALIAS_IN), row[key]), ())))
        for row in people.rows
    ]
    return sum(n == 1 for n in Counter(found).values())
