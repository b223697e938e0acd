"""What a panel without manners may send: one random form of each kind of round, by whoever may cast in it.

A function per kind: chance, the round, its official tally and the role in, a form out. Most forms are good, some come
too late or make no sense: both are part of life. Never add a promise here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from rounds import KINDS
from rounds.contract import Form, Role, Round, Tally

Fields = dict[str, list[str]]
Forms = Callable[[Random, Round, Tally, Role], Fields]
WORDS = ("Share one plan.", "Partager un seul plan.", "Call within 48 hours.", "Un lit par personne, « enfin ».")


def _some(chance: Random, items: Sequence[str], most: int) -> list[str]:
    return chance.sample(items, min(len(items), chance.randint(1, most)))


def _ids(tally: Tally) -> list[str]:
    return [statement.id for statement in tally.statements]


def _wordings(chance: Random, ending: str = "") -> Fields:
    return {f"wording.{lang}{ending}": [f"{chance.choice(WORDS)} {chance.randint(1, 9)}"] for lang in ("en", "fr")}


def gather(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    if chance.random() < 0.2:
        return {"card": [str(chance.randint(1, 3))], "take_back": ["1"]}
    return {"card": [str(chance.randint(1, 3))], "text": [chance.choice(WORDS)], "nature": ["helps"]}


def rating(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    card = chance.choice(round.statements).id
    score = chance.choice([*map(str, range(1, 10)), "dont_know"])
    return {"card": [card], round.settings.criterion: [score], "reason": [chance.choice(["", "Because."])]}


def ranking(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    cards = _some(chance, _ids(now), 5)
    return {f"place.{card}": [str(chance.randint(1, 3))] for card in cards}


def compilation(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    act = chance.choice(["accept", "merge", "split", "reword", "reject", "add", "undo", "undo"])
    if act == "undo" and now.todo.history:
        return {"act": ["undo"], "undo": [str(chance.choice(now.todo.history).seq)]}
    cards = [statement.id for statement in now.todo.open] + _ids(now)
    form = {"act": [act], "of": _some(chance, cards, 3 if act == "merge" else 1) if cards else []}
    if act == "split":
        return form | _wordings(chance, ".1") | _wordings(chance, ".2")
    return form | _wordings(chance) | {"reason": ["Two ideas."], "looked": ["1"]}


def wall(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    table = now.todo.table
    if role is Role.PARTICIPANT:
        return {"call": [str(table.call if table else 1)], "signal": [chance.choice(["keep", "unsure", "drop"])]}
    act = chance.choice(["call", "call", "move", "move", "merge", "split", "reword", "undo", "clear", "show"])
    cards = _some(chance, _ids(now), 2 if act == "merge" else 1)
    seen = {f"seen.{card}": [str(now.todo.versions[card])] for card in cards}
    form = {"act": [act], "card": cards, "seen": seen[f"seen.{cards[0]}"], **seen}
    if act == "split":
        return form | _wordings(chance, ".1") | _wordings(chance, ".2")
    if act in {"merge", "reword"}:
        form |= _wordings(chance)
    zone = chance.choice(["selection", "grouping", "fridge", "bin", "veto", "memory"])
    how = {"how": ["no_objection"], "reason": ["Said twice."], "owner": ["The board"], "override": ["Asked again."]}
    return form | how | ({"to": [zone]} if act == "move" else {})


def validation(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    if role is Role.PARTICIPANT:
        form = {}
        for card in _some(chance, _ids(now), 3):
            form[f"say.{card}"] = [chance.choice(["agree", "agree", "change", "object"])]
            form[f"text.{card}"] = [chance.choice(WORDS)]
        return form
    act = chance.choice(["take", "leave", "undo"])
    if act == "undo" and now.todo.history:
        return {"act": ["undo"], "undo": [str(chance.choice(now.todo.history).seq)]}
    change = chance.choice([change.id for change in now.todo.changes] or ["1-P001"])
    return {"act": [act], "change": [change], "reason": ["As agreed."], **_wordings(chance)}


def points(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    first, *others = _some(chance, _ids(now), 3)
    part = chance.choice([0, 5, 30])
    given = {card: str(part) for card in others}
    return {f"points.{card}": [text] for card, text in {first: str(100 - part * len(others)), **given}.items()}


def approval(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    return {f"choose.{card}": ["1"] for card in _some(chance, _ids(now), 6)}


def comparison(chance: Random, round: Round, now: Tally, role: Role) -> Fields:
    cards = [card.id for card in KINDS[round.kind].cards(round)]
    best, worst = (chance.choice(_ids(now)) for _ in range(2))
    unsure = {"cannot_say": ["1"]} if chance.random() < 0.1 else {}
    return {"card": [chance.choice(cards)], "best": [best], "worst": [worst], **unsure}


FORMS: dict[str, Forms] = {
    "gather": gather,
    "compilation": compilation,
    "rating": rating,
    "wall": wall,
    "ranking": ranking,
    "validation": validation,
    "points": points,
    "comparison": comparison,
    "approval": approval,
}


def form_of(kind: str, chance: Random, round: Round, now: Tally, role: Role) -> Form:
    """One random form; KeyError names the kind that has no function here yet."""
    return FORMS[kind](chance, round, now, role)
