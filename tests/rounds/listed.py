"""What the tests of every kind that leaves an ordered list ask of it: two counts, worked cases, sentences.

Plain functions of the kind's module; the promises themselves stand in the tests of each kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.pofile import read_po

from rounds.contract import Ballot, Block, Finding, Role, Round, Statement, Tally
from rounds.measures.result import Result, as_data
from rounds.rules import Rule, rule_data

BLOCKS = ("patients", "clinicians", "managers")
FIVE_EACH = tuple((key, 5) for key in BLOCKS)


def name_of(kind: ModuleType) -> str:
    return kind.__name__.rpartition(".")[2]


def folder_of(kind: ModuleType) -> Path:
    return Path(str(kind.__file__)).parent


def cases_of(kind: ModuleType) -> Any:
    return json.loads((folder_of(kind) / "cases.json").read_text(encoding="utf-8"))


def a_round(
    kind: ModuleType, cards: Sequence[str], blocks: Any = FIVE_EACH, rule: Rule | None = None, **settings: Any
) -> Round:
    statements = tuple(Statement(card, {"en": card, "fr": card}, "en") for card in cards)
    listed = tuple(Block(key, (key,), seats) for key, seats in blocks)
    return Round("round", name_of(kind), kind.Settings(**settings), ("en", "fr"), listed, statements, rule)


def a_ballot(kind: ModuleType, seq: int, seat: str, block: str | None, marks: Any) -> Ballot:
    return Ballot(seq, seat, Role.PARTICIPANT, block, kind.slot(marks), marks)


def standing(kind: ModuleType, cast: Sequence[Sequence[Any]]) -> list[Ballot]:
    """Ballots of (seat, block, marks), in their order: of each seat and slot the last."""
    ballots = [a_ballot(kind, seq, *one) for seq, one in enumerate(cast, start=1)]
    return list({(ballot.seat, ballot.slot): ballot for ballot in ballots}.values())


def counted(kind: ModuleType, ballots: Sequence[Ballot], round: Round) -> Tally:
    count = kind.start(round)
    for ballot in ballots:
        kind.add(count, ballot, +1)
    tally: Tally = kind.tally(count, round)
    return tally


def counted_again(recount: Any, ballots: Sequence[Ballot], round: Round) -> dict[Any, Any]:
    rows = [{"seq": b.seq, "alias": b.seat, "block": b.block, "slot": b.slot, "marks": b.marks} for b in ballots]
    frozen = {
        "settings": asdict(round.settings),
        "rule": rule_data(round.rule),
        "blocks": [{"key": block.key} for block in round.blocks],
        "statements": [statement.id for statement in round.statements],
    }
    found: dict[Any, Any] = recount(frozen, rows)
    return found


def figures(tally: Tally) -> dict[tuple[str, str, str], Any]:
    found: dict[tuple[str, str, str], Any] = {}
    for line in tally.lines:
        found.update({(line.statement, name, ""): value for name, value in line.values.items()})
        for block, row in line.by_block.items():
            found.update({(line.statement, name, block): value for name, value in row.items()})
    return found


def check_case(kind: ModuleType, recount: Any, case: Mapping[str, Any], round: Round) -> None:
    ballots = standing(kind, case["ballots"])
    tally = counted(kind, ballots, round)
    assert [line.statement for line in tally.lines] == [line["statement"] for line in case["lines"]]
    found, again = figures(tally), counted_again(recount, ballots, round)
    for line in case["lines"]:
        rows = {"": {k: v for k, v in line.items() if k not in {"statement", "by_block"}}, **line.get("by_block", {})}
        for block, row in rows.items():
            for name, value in row.items():
                exact = Fraction(value) if isinstance(value, str) and "/" in value else value
                place = (line["statement"], name, block)
                assert found[place] == again[place] == exact, place


def told(findings: Sequence[Finding]) -> dict[tuple[str, str], Result]:
    found = {(finding.statement, finding.measure): finding.result for finding in findings}
    assert len(found) == len(findings), "each figure is told once"
    return found


def plain(findings: Sequence[Finding]) -> str:
    """As it is stored: text of JSON without a number that JSON does not know."""
    data = [(f.statement, f.measure, as_data(f.result)) for f in findings]
    return json.dumps(data, allow_nan=False, sort_keys=True)


def in_order(tally: Tally, name: str) -> list[set[str]]:
    """The statements by this rank: those of one rank together, those without one left out."""
    groups: dict[Any, set[str]] = {}
    for line in tally.lines:
        if line.values[name] is not None:
            groups.setdefault(line.values[name], set()).add(line.statement)
    return [groups[rank] for rank in sorted(groups)]


def unsaid(kind: ModuleType) -> set[str]:
    """Keys of refusals, columns and settings without a sentence."""
    source = (folder_of(kind) / "__init__.py").read_text(encoding="utf-8")
    settings = kind.Settings()
    keys = set(re.findall(r'BallotError\("(\w+)"', source)) | {"title", "what"}
    keys |= {f"column.{column.name}" for column in kind.columns(settings)}
    keys |= {f"setting.{field.name}" for field in fields(settings)}
    with (folder_of(kind) / "en.po").open("rb") as file:
        known = {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file, locale="en") if m.id}
    return keys - known


def as_in_files(kind: ModuleType, ballots: Sequence[Ballot]) -> list[dict[str, Any]]:
    """Ballots that stand, as a file gives them to the second count: numbered within their round."""
    acts = sorted(ballot.seq for ballot in ballots if ballot.slot is None)
    names = {ballot.seq: 1 for ballot in ballots} | {seq: number for number, seq in enumerate(acts, start=1)}
    rows = []
    for one in ballots:
        number = names[one.seq] if one.slot is None else 0
        marks = json.loads(json.dumps(kind.renumbered(one.marks, names)))
        rows.append({"seq": number, "alias": one.seat, "block": one.block or "", "slot": one.slot, "marks": marks})
    return rows
