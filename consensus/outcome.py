"""What a round left when it closed, as JSON: to store, to hash, to hand to the next round.

Only plain data go in and come out; nothing is counted or decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from fractions import Fraction
from hashlib import sha256
from typing import Any

from consensus.groups import told
from consensus.journal import canonical
from rounds.contract import LATER, Block, Decision, Finding, Line, Place, Statement, Tally, Value
from rounds.measures.result import Result, as_data


def statement_data(statement: Statement) -> dict[str, Any]:
    """Fields that came later are left out where they are empty, so that the seal of a round is what it always was."""
    data = asdict(statement)
    return {name: value for name, value in data.items() if value or name not in LATER}


def statement_from(data: Mapping[str, Any]) -> Statement:
    lists = {name: tuple(data.get(name, ())) for name in ("unchecked", "parents")}
    return Statement(**{**data, **lists})


def seats_then(blocks: Iterable[Block], outcome: Mapping[str, Any]) -> dict[str, int]:
    """How many people a closed round asked, by block; those of its opening where no more was stored."""
    stored: Mapping[str, int] = outcome.get("seats", {})
    return {block.key: stored.get(block.key, block.seats) for block in blocks}


def asked_then(blocks: Iterable[Block], outcome: Mapping[str, Any]) -> int:
    """How many people it asked in all, also of groups that are in no block of it."""
    return int(outcome.get("asked", sum(seats_then(blocks, outcome).values())))


def block_from(data: Mapping[str, Any]) -> Block:
    return Block(data["key"], tuple(data["groups"]), data["seats"])


def value_data(value: Value) -> Any:
    return {"of": [value.numerator, value.denominator]} if isinstance(value, Fraction) else value


def value_from(value: Any) -> Value:
    return Fraction(*value["of"]) if isinstance(value, dict) else value


def _figures(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: value_data(value) for name, value in values.items()}


def _figures_from(values: Mapping[str, Any]) -> dict[str, Value]:
    return {name: value_from(value) for name, value in values.items()}


def lines_data(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {
            "statement": line.statement,
            "values": _figures(line.values),
            "by_block": {block: _figures(values) for block, values in line.by_block.items()},
            "decision": line.decision,
        }
        for line in lines
    ]


def tally_data(tally: Tally) -> dict[str, Any]:
    """Lines, statements and places; what is only for the open round (more, todo) stays behind."""
    return {
        "lines": lines_data(tally.lines),
        "statements": [statement_data(statement) for statement in tally.statements],
        "places": {key: asdict(place) for key, place in tally.places.items()},
        "ended": [statement_data(statement) for statement in tally.ended],
    }


def tally_from(data: Mapping[str, Any]) -> Tally:
    lines = tuple(
        Line(
            line["statement"],
            _figures_from(line["values"]),
            {block: _figures_from(values) for block, values in line["by_block"].items()},
            Decision(line["decision"]) if line["decision"] else None,
        )
        for line in data["lines"]
    )
    places = {key: Place(**place) for key, place in data["places"].items()}
    statements, ended = (tuple(map(statement_from, data[name])) for name in ("statements", "ended"))
    return Tally(lines, statements, places, ended=ended)


def told_by(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a closed round tells anyone: its one count, which decided."""
    told: Mapping[str, Any] = outcome.get("told") or outcome["released"]
    return told


def left_by(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a closed round hands on: what it tells, and what people wrote for the team alone. Rounds of before decided
    by a count of which a part was told."""
    left: Mapping[str, Any] = outcome.get("left") or outcome.get("told") or outcome["official"]
    return left


def findings_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [{"statement": f.statement, "measure": f.measure, **as_data(f.result)} for f in findings]


def findings_from(data: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(entry["statement"], entry["measure"], _result(entry)) for entry in data)


def findings_by(data: Iterable[Mapping[str, Any]] | None) -> dict[tuple[str, str], Result]:
    """By statement ("": of the whole round) and measure; {} until they are worked out."""
    return {(found.statement, found.measure): found.result for found in findings_from(data or ())}


def _result(entry: Mapping[str, Any]) -> Result:
    told = {name: entry[name] for name in ("value", "n", "method", "parameters", "more")}
    return Result(**told, reason=entry["reason"] or "", flags=tuple(entry["flags"]))


def digest(data: object) -> str:
    return sha256(canonical(data).encode()).hexdigest()


SEALED = ("kind", "takes", "settings", "rule", "blocks", "counting")


def seal(frozen: Mapping[str, Any], statements: str) -> str:
    """The hash under which a round opens. frozen: its row or manifest; statements: the digest of those it took."""
    sealed = {**frozen, "blocks": [told(block) for block in frozen["blocks"]]}
    parts = [sealed.get(name) for name in SEALED]
    parts = parts if parts[-1] else parts[:-1]  # rounds of before say nothing of their counting
    # Most rounds take of the one before, and end no series.
    more = [{name: frozen[name]} for name in ("takes_of", "stopping") if frozen.get(name)]
    return digest([*parts, *more, statements])


def seed_of(hash: str) -> int:
    """The seed of every random step about a round: that of its seal, so that nobody can choose it after the vote."""
    return int(hash[:8], 16)
