"""consensus measure: a file of ratings in; every measure, the verdicts, agreement and differences of groups out.

Figures come from rounds.measures and verdicts from rounds.rules: here they are asked for and named. How they are set
in columns is in measure_tables.py.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consensus.command import columns, reading, scales, tidy
from consensus.command.measure_tables import AGREEMENT, Measured, in_words, printed, rule_words, seen
from consensus.imports.numbers import is_dont_know, is_no_answer
from rounds.contract import Decision
from rounds.measures.agreement import panel_measures, with_interval
from rounds.measures.concordance import w_incomplete
from rounds.measures.contrast import contrasts
from rounds.measures.counts import count_table
from rounds.measures.phrases import Groups, Phrase, sentence
from rounds.measures.ram import apmo, ram_order
from rounds.measures.report import report
from rounds.measures.result import as_data
from rounds.measures.spread import eijk
from rounds.measures.verdicts import is_wide
from rounds.rules import Majority, RatingRule, Share, box_of, decide_all, rule_data

PERMUTATIONS = 999  # of ranks inside people, where they are few
SEVERAL = 2  # answers, under which nobody can have agreed with anybody
UNSURE = -1  # in the matrix as read: no answer to count, but one to report


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", help="text or .xlsx: columns participant, statement, value; or with --wide a row a person"
    )
    parser.add_argument("--scale", required=True, help="LOW-HIGH, as in 1-9 or 0-10; --scale=-3-3 from below zero")
    parser.add_argument("--rule", required=True, help=scales.NAMES.replace("%", "%%"))
    reading.arguments(parser)
    parser.add_argument("--scope", choices=("pooled", "balanced", "every", "some"), default="pooled")
    parser.add_argument("--blocks", type=int, default=1, help="with --scope some: in at least so many groups")
    parser.add_argument("--band", type=int, help="points in the low and in the high band; default: a third")
    parser.add_argument("--quantile", type=int, choices=range(1, 10), default=7, help="Hyndman and Fan's type")
    parser.add_argument("--level", default="0.95", help="of the intervals")
    parser.add_argument("--resamples", type=int, default=1000, help="of people, for the intervals of agreement")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="everything, with method and parameters")


def lines(args: Namespace, data: bytes) -> Iterator[str]:
    """What to print. tidy.Malformed for a file that cannot be taken, ValueError for an option that makes no sense."""
    found = measured(args, data)
    if args.json:
        yield json.dumps(_data(found), ensure_ascii=False, indent=1, allow_nan=False)
    else:
        yield from printed(found)


def measured(args: Namespace, data: bytes) -> Measured:
    if args.resamples < 0:
        raise ValueError("--resamples is at least 0")
    on = scales.scale(args.scale, args.band)
    rule = scales.rule(args.rule, args.scope, args.blocks, args.quantile, on)
    sheet = reading.sheet(args, data, columns.VALUE, lambda cell: _value(cell, on))
    if not sheet.values.any():
        raise tidy.Malformed(1, "nobody answered: all values are blank, so there is no figure")
    ratings = np.maximum(sheet.values, 0)
    counts = count_table(ratings, sheet.group_of, top=on.top, group_count=len(sheet.groups))
    made = report(counts, top=on.top, low=on.low, high=on.high, kind=args.quantile, level=args.level)
    panel = panel_measures(on.top)
    decisions = _decisions(rule, sheet, counts, on, range(len(sheet.groups)))
    alone = {
        group: _decisions(replace(rule, scope="pooled") if isinstance(rule, Share) else rule, sheet, counts, on, [g])
        for g, group in enumerate(sheet.groups)
        if group
    }
    return Measured(
        file=args.file,
        sheet=sheet,
        on=on,
        rule=rule,
        unsure=(sheet.values == UNSURE).sum(axis=0),
        report=made,
        decisions=decisions,
        alone=alone,
        words=_words(rule, sheet, counts, on, decisions, alone),
        order=ram_order(counts, args.quantile),
        cutoff=apmo(zip(*(made.arrays[key][0].tolist() for key in ("high", "low", "n")), strict=True)),
        resampled=f"{args.resamples} resamples of people, seed {args.seed}",
        agreement={
            name: with_interval(
                panel[name], ratings, sheet.group_of, args.resamples, args.seed, level=float(args.level)
            )
            for name in AGREEMENT
            if name in panel
        }
        | {"w_incomplete": w_incomplete(ratings, permutations=PERMUTATIONS, seed=args.seed)},
        contrasts=contrasts(counts, seed=args.seed) if args.group else (),
    )


def _words(
    rule: RatingRule,
    sheet: tidy.Sheet,
    counts: NDArray[np.int64],
    on: scales.Scale,
    decisions: Mapping[str, Decision],
    alone: Mapping[str, Mapping[str, Decision]],
) -> Mapping[str, Phrase]:
    """By statement: what a room would read of it. A majority looks at no statement alone, so at no group."""
    found = {}
    for place, name in enumerate(sheet.statements):
        rows = {group: counts[g, place].tolist() for g, group in enumerate(sheet.groups) if group}
        boxes = {group: (box_of(row, on), alone[group][name]) for group, row in rows.items() if any(row)}
        groups = Groups({} if isinstance(rule, Majority) else boxes, is_whole=len(boxes) == len(rows))
        whole = counts[:, place].sum(axis=0).tolist()
        a = eijk(whole).value if len(whole) > 2 else None
        found[name] = sentence(
            decisions[name],
            box_of(whole, on),
            None if a is None else float(a),
            floor=SEVERAL,
            rule=rule,
            groups=groups,
            is_wide=is_wide(rule, whole, on),
        )
    return found


def _value(cell: str, on: scales.Scale) -> int:
    if is_no_answer(cell):
        return 0
    if is_dont_know(cell):
        return UNSURE
    try:
        value = tidy.whole(cell)
    except ValueError as wrong:
        raise ValueError(f"{wrong}, nor dont_know, nor blank") from None
    if not on.first <= value <= on.last:
        raise ValueError(f"{value} is off the scale {on.first}-{on.last}")
    return value - on.shift


def _decisions(
    rule: RatingRule, sheet: tidy.Sheet, counts: NDArray[np.int64], on: scales.Scale, groups: Sequence[int]
) -> Mapping[str, Decision]:
    """By statement; of these groups only."""
    table = {
        statement: {str(g): counts[g, place].tolist() for g in groups}
        for place, statement in enumerate(sheet.statements)
    }
    return decide_all(rule, table, on)


def _data(found: Measured) -> dict[str, Any]:
    """Everything, in the scale's own numbers."""
    statements: list[dict[str, Any]] = [
        {
            "statement": name,
            "dont_know": int(found.unsure[place]),
            "decision": str(found.decisions[name]),
            "words": in_words(found, name),
            "measures": {},
            "groups": {group: {"decision": str(found.alone[group][name]), "measures": {}} for group in found.alone},
        }
        for place, name in enumerate(found.sheet.statements)
    ]
    for statement, group, measure, result in found.report.results():
        if group is not None and not found.alone:
            continue
        place = statements[statement] if group is None else statements[statement]["groups"][found.sheet.groups[group]]
        place["measures"][measure] = as_data(seen(found, statement, group, measure, result))
    return {
        "file": found.file,
        "notes": [note._asdict() for note in found.sheet.notes],
        "people": len(found.sheet.people),
        "groups": {name: int((found.sheet.group_of == g).sum()) for g, name in found.groups},
        "scale": {"first": found.on.first, "last": found.on.last, "band": found.on.band},
        "rule": rule_data(found.rule),
        "rule_in_words": rule_words(found),
        "statements": statements,
        "apmo": as_data(found.cutoff),
        "ram_order": as_data(found.order),
        "contrasts": [
            {"statement": name} | as_data(result)
            for name, result in zip(found.sheet.statements, found.contrasts, strict=bool(found.contrasts))
        ],
        "agreement": {name: as_data(result) for name, result in found.agreement.items()},
    }
