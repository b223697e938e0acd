"""What a viewer may see of a tally, and when. Every page, socket, export and report passes here.

Which ballots are counted is gate.py's, who is counted together blocks.py's. Nothing here knows a kind of round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from enum import StrEnum

from rounds.contract import Column, Line, Role, Tally, Value


class Mode(StrEnum):
    """When figures may be seen; a mode may only be tightened once the round is open."""

    LIVE = "live"
    AFTER_OWN = "after_own"
    FACILITATOR = "facilitator"
    AT_CLOSE = "at_close"


SILENT = frozenset({Mode.AT_CLOSE, Mode.FACILITATOR})  # nobody sees a figure while it is open, unless the team looks


def may_tighten(old: Mode, new: Mode) -> bool:
    """True when nobody would see more than before. after_own and facilitator each show what the other hides."""
    return old is new or old is Mode.LIVE or new is Mode.AT_CLOSE


def may_see(mode: Mode, role: Role | None, closed: bool, answered: bool = False, shown: bool = False) -> bool:
    """May this viewer see figures now? answered: has answered this card; shown: the facilitator shows it.

    role None is the projector: it sees what everyone may, and in the facilitator mode what is shown to the room.
    """
    if closed:
        return True
    if mode is Mode.LIVE:
        return True
    if mode is Mode.AFTER_OWN:
        return role is Role.PARTICIPANT and answered
    if mode is Mode.FACILITATOR:
        return shown if role is None else role in {Role.FACILITATOR, Role.COFACILITATOR}
    return False


def told(tally: Tally, empty: Tally, columns: Iterable[Column]) -> Tally:
    """A count as anyone may read it. empty: the tally of no ballots; a block, a line or a part of either that is like
    it shows nothing, and says so by absence, not by 0. Verdicts are those of this count: there is no other."""
    verdicts, parts = set[str](), dict[str, str]()
    for column in columns:
        verdicts |= {column.name} if column.verdict else set()
        parts[column.name] = column.part
    nothing = {line.statement: line for line in empty.lines}
    lines = tuple(_told(line, nothing.get(line.statement), verdicts, parts) for line in tally.lines)
    return replace(tally, lines=lines, todo=None)


def _told(line: Line, bare: Line | None, verdicts: Set[str], parts: Mapping[str, str]) -> Line:
    """bare: the line of no ballots; None of a statement that there is only because of ballots: then all is told."""
    if bare is None:
        return line
    blocks = {key: _seen(row, bare.by_block.get(key, {}), parts) for key, row in line.by_block.items()}
    seen = {parts.get(name, "") for row in blocks.values() for name in row}
    values = {
        name: value if name in verdicts or parts.get(name, "") in seen else None for name, value in line.values.items()
    }
    return replace(line, values=values, by_block={key: row for key, row in blocks.items() if row})


def _seen(row: Mapping[str, Value], bare: Mapping[str, Value], parts: Mapping[str, str]) -> dict[str, Value]:
    """Of a block, the figures of the parts that it answered."""
    seen = {parts.get(name, "") for name, value in row.items() if name not in bare or value != bare[name]}
    return {name: value for name, value in row.items() if parts.get(name, "") in seen}


def tells(line: Line, columns: Iterable[Column], part: str, block: str = "") -> bool:
    """Is this part told, of a block or ("") of everyone? Of a line as anyone may read it."""
    names = {column.name for column in columns if column.by_block and column.part == part}
    rows = [line.by_block.get(block, {})] if block else line.by_block.values()
    return any(names & row.keys() for row in rows)
