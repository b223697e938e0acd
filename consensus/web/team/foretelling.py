"""What the team reads before it closes a round: who would be counted with whom, and whose answers in nothing.

The one place from which the sentences before a close get their numbers: people and valid answers, never values.
"""

from __future__ import annotations

from collections import Counter

from consensus import models
from consensus.closing import Cell, Foretold, People, foretell
from consensus.conduct.opening import words_in
from consensus.count import Counted
from consensus.counting import Counting
from consensus.web.state import State
from rounds.blocks import Apart
from rounds.contract import Role


async def close_of(state: State) -> Foretold | None:
    """What a close at this moment would do; None where nothing is counted, where each thing asked ends by itself, and
    of a round from before its counting was sealed."""
    row, kind, counted = state.row, state.kind, state.counted
    if not state.is_open or row is None or kind is None or counted is None:
        return None
    counting = Counting.of(row)
    if counting is None or not kind.is_counted or kind.ends:
        return None
    statements = [statement.id for statement in counted.round.statements]
    people, is_by_statement = await _people(state, counted, statements)
    return foretell(
        people,
        counting.k,
        of=len(statements) if is_by_statement else 0,
        apart=await _apart(row, counting),
        planned=state.blocks,
        is_fixed=bool(row.made) or not (counting.makes_blocks and counted.is_silent),
        is_whole=kind.is_whole,
        is_together=counting.is_together,
    )


async def _people(state: State, counted: Counted, statements: list[str]) -> tuple[list[People], bool]:
    """The groups of the study, with who answered; and whether each statement is answered by itself."""
    seats = await models.Seat.filter(session_id=state.session.id, role=Role.PARTICIPANT).values(
        "id", "group", "withdrawn"
    )
    asked = Counter(str(s["group"]) for s in seats if not s["withdrawn"] or str(s["id"]) in counted.own)
    valid: dict[str, Counter[Cell]] = {str(group["key"]): Counter() for group in state.study.groups}
    parts: set[str] = set()
    for group, (slot, part), is_valid, n in counted.given.by_group():
        cell = _cell(slot, part, statements)
        if cell is not None:
            parts.add(cell[1])
            valid[group][cell] += n * is_valid
    every = [(statement, part) for statement in statements for part in parts]
    found = [
        People(key, asked[key], counted.valid.get(key, 0), {cell: valid[key][cell] for cell in every}) for key in valid
    ]
    return found, bool(parts)


def _cell(slot: str, part: str, statements: list[str]) -> Cell | None:
    """What an answer is to, where that is a statement by itself."""
    if slot in statements:
        return slot, part
    return (part, "") if part in statements else None


async def _apart(row: models.Round, counting: Counting) -> Apart:
    """The pairs that were sealed when it opened, by the keys of their groups."""
    if not counting.apart:
        return frozenset()
    key_of = {word: key for key, word in (await words_in(row.session_id)).items()}
    return frozenset(frozenset(key_of[word] for word in pair) for pair in counting.apart)
