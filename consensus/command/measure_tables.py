"""The figures of consensus measure in columns, for a terminal of a hundred signs and more. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consensus.command.scales import Scale
from consensus.command.table import UNDEFINED, cut, figure, probability, share, short, table
from consensus.command.tidy import Sheet
from consensus.command.words import in_english, many, noted, ranked, remark
from rounds.contract import Decision
from rounds.measures import phrases
from rounds.measures.guards import SMALL
from rounds.measures.ram import CLASSES
from rounds.measures.report import Report
from rounds.measures.result import Result
from rounds.measures.spread import cqv
from rounds.rules import Majority, Ram, RatingRule, Spread

# What is printed of a panel's agreement, and what it is called there.
AGREEMENT = {
    "kendall_w": "Kendall W",
    "w_incomplete": "Kendall W*, with gaps",
    "krippendorff:ordinal": "Krippendorff alpha, ordinal",
    "krippendorff:interval": "Krippendorff alpha, interval",
    "ac:quadratic": "Gwet AC2, quadratic weights",
    "ac:identity": "Gwet AC1",
    "icc:2,1": "ICC(2,1)",
    "icc:2,k": "ICC(2,k)",
}
POINTS = ("median", "q1", "q3", "mean", "balanced_mean")  # figures that are places on the scale


@dataclass(frozen=True, slots=True)
class Measured:
    """A file of ratings with all its figures. unsure: (statements,), answers "dont_know". alone: by group, what the
    rule says of its answers by themselves; empty where people were not grouped. words: what a room reads, by
    statement. order: the RAM
    priority order. cutoff: APMO. resampled: how the intervals were made, in words."""

    file: str
    sheet: Sheet
    on: Scale
    rule: RatingRule
    unsure: NDArray[np.int64]
    report: Report
    decisions: Mapping[str, Decision]
    alone: Mapping[str, Mapping[str, Decision]]
    words: Mapping[str, phrases.Phrase]
    order: Result
    cutoff: Result
    resampled: str
    agreement: Mapping[str, Result]
    contrasts: Sequence[Result]  # by statement; none where people were not grouped

    @property
    def groups(self) -> Sequence[tuple[int, str]]:
        return [(place, name) for place, name in enumerate(self.sheet.groups) if name]


def printed(found: Measured) -> Iterator[str]:
    yield from noted(found.file, found.sheet.notes)
    yield from _heading(found)
    for title, rows in (
        ("Answers", _answers(found)),
        ("Consensus on each statement", _consensus(found)),
        ("In words", (f"{cut(name)}: {in_words(found, name)}" for name in found.sheet.statements)),
        ("By group", _by_group(found)),
        (f"Agreement across statements ({found.resampled})", _agreement(found)),
        ("Differences between groups", _differences(found)),
        ("Remarks", _remarks(found)),
    ):
        told = list(rows)
        if told:
            yield from ("", title, *told)


def _heading(found: Measured) -> Iterator[str]:
    sheet, on = found.sheet, found.on
    groups = ", ".join(f"{name} {int((sheet.group_of == g).sum())}" for g, name in found.groups)
    people, statements = len(sheet.people), len(sheet.statements)
    said = f"{many(people, 'person', 'people')}, {many(statements, 'statement', 'statements')}"
    yield f"{found.file}: {said}" + (f"; groups: {groups}" if groups else "")
    yield f"Scale {on.first} to {on.last}; low {on.seen(on.low)}, high {on.seen(on.high)}."
    yield f"Rule: {rule_words(found)}"
    yield f"Quartiles and percentiles of type {found.report.kind}; intervals at {found.report.level}."
    yield "A blank is no answer; dont_know is counted, and in no denominator."


def rule_words(found: Measured) -> str:
    key, values = found.rule.words()
    if isinstance(found.rule, Spread):
        values = values | {"median": Fraction(str(found.rule.median)) + found.on.shift}
    return in_english(key, values)


def _answers(found: Measured) -> Iterator[str]:
    head = ["statement", "n", "dont_know", "low", "mid", "high", "median", "Q1", "Q3", "mean", "modes"]
    order = ranked(found.order) if isinstance(found.rule, Ram) else {}
    rows = [
        [
            name,
            *_counts(found, 0, place, int(found.unsure[place])),
            *_places(found, 0, place),
            _modes(found, place),
            *([order.get(place, UNDEFINED)] if order else []),
            str(found.decisions[name]),
        ]
        for place, name in enumerate(found.sheet.statements)
    ]
    return table([*head, *(["order"] if order else []), "verdict"], rows)


def _consensus(found: Measured) -> Iterator[str]:
    """Balanced figures only where there are groups to balance."""
    arrays = found.report.arrays
    head = ["statement", "high", "from", "to", "A", "Tastle-W.", "Leik D", "CQV", "RAM", "DI"]
    rows = []
    for place, name in enumerate(found.sheet.statements):
        at: dict[str, Any] = {key: array[0, place] for key, array in arrays.items() if array.ndim == 2}
        row = [
            name,
            share(int(at["high"]), int(at["n"])),
            figure(at["wilson_lower"]),
            figure(at["wilson_upper"]),
            figure(at["eijk"]),
            figure(at["tastle_wierman"]),
            figure(at["leik"]),
            figure(seen(found, place, None, "cqv", found.report.result(place, "cqv")).value),
            CLASSES[at["ram"]] if at["ram"] >= 0 else UNDEFINED,
            figure(at["di"]),
        ]
        if found.groups:
            row += [figure(arrays["balanced_share"][place]), short(arrays["n_eff"][place], 1)]
        rows.append(row)
    return table([*head, *(["balanced", "n_eff"] if found.groups else [])], rows)


def in_words(found: Measured, statement: str) -> str:
    """The sentence, with groups by their names in the file."""
    key, values = found.words[statement]
    names = list(map(cut, values.get("blocks", ())))  # type: ignore[call-overload]  # groups, where a sentence has any
    if each := values.get("each"):
        told = zip(names, each, strict=True)  # type: ignore[call-overload]  # beside blocks, what fills each of them
        names = [in_english(f"measures.{part}", {**more, "block": name}) for name, (part, more) in told]
    return in_english(f"measures.{key}", {**values, "blocks": ", ".join(names)})


def _by_group(found: Measured) -> Iterator[str]:
    if not found.groups:
        return iter(())
    head = ["statement", "group", "n", "low", "mid", "high", "median", "Q1", "Q3", "mean", "A", "by itself"]
    rows = [
        [
            name,
            group,
            *_counts(found, 1 + g, place),
            *_places(found, 1 + g, place),
            figure(found.report.arrays["eijk"][1 + g, place]),
            str(found.alone[group][name]),
        ]
        for place, name in enumerate(found.sheet.statements)
        for g, group in found.groups
    ]
    return table(head, rows, words=(0, 1))


def _agreement(found: Measured) -> Iterator[str]:
    rows = [
        [
            AGREEMENT[name],
            figure(result.value),
            *map(figure, result.more.get("interval") or (None, None)),
            figure(result.more.get("bias")),
            str(result.n),
            str(result.more.get("people", result.n)),
        ]
        for name, result in sorted(found.agreement.items(), key=lambda one: list(AGREEMENT).index(one[0]))
    ]
    yield from table(["measure", "value", "from", "to", "bias", "n", "people"], rows)
    w = found.agreement["w_incomplete"].more
    if "adjusted" in w:
        yield f"W* expected without agreement {figure(w['expected'])}, adjusted {figure(w['adjusted'])}"
    for name, result in found.agreement.items():
        why = phrases.no_band(result) if result.value is not None else None
        said = [remark(result), f"no interval: {in_english(f'measures.{why[0]}', why[1])}" if why else ""]
        if any(said):
            yield f"{AGREEMENT[name]}: {'; '.join(filter(None, said))}"


def _differences(found: Measured) -> Iterator[str]:
    """H over the groups, and the two that differ most among those of five people and more."""
    if len(found.groups) < 2:
        return iter(())
    head = ["statement", "H", "df", "p", "p (BH)", "eps2", "largest difference", "n", "delta", "size", "p (Holm)"]
    rows = []
    for place, (name, result) in enumerate(zip(found.sheet.statements, found.contrasts, strict=True)):
        more = result.more
        p = more.get("p_permutation") if more.get("p_permutation") is not None else more.get("p")
        row = [name, figure(result.value), figure(more.get("df")), probability(p), probability(more.get("p_adjusted"))]
        row.append(figure(more.get("epsilon_squared")))
        pairs = found.contrasts[place].more["pairs"]
        known = [pair for pair in pairs if pair["cliff"] is not None and min(pair["n"]) >= SMALL]
        widest = max(known, key=lambda pair: abs(pair["cliff"]), default=None)
        if widest is None:
            rows.append([*row, *[UNDEFINED] * 5])
            continue
        a, b = (cut(found.sheet.groups[g], 12) for g in widest["groups"])
        n = "/".join(map(str, widest["n"]))
        size = [f"{a} - {b}", n, figure(widest["cliff"]), widest["label"], probability(widest["p_adjusted"])]
        rows.append(row + size)
    return table(head, rows)


def _remarks(found: Measured) -> Iterator[str]:
    """What must be said beside the figures, once each."""
    told = {}
    for statement in range(len(found.sheet.statements)):
        for measure in ("ram", "balanced_mean") if found.groups else ("ram",):
            for key, values in phrases.flags(found.report.result(statement, measure)):
                said = in_english(f"measures.{key}", values)
                told[f"{measure}: {said}"] = True
    if isinstance(found.rule, Majority):
        told[f"APMO cut-off: {short(found.cutoff.value)} %"] = True
    return iter(told)


def seen(found: Measured, statement: int, group: int | None, measure: str, result: Result) -> Result:
    """A figure of 1..top in the numbers that people saw: places on the scale move, and CQV depends on where it is."""
    shift = found.on.shift
    if not shift:
        return result
    if measure == "cqv":
        rows = found.report.counts[:, statement] if group is None else found.report.counts[group : group + 1, statement]
        return cqv(dict(enumerate(rows.sum(axis=0).tolist(), found.on.first)), found.report.kind)
    if measure in ("low", "mid", "high"):
        return replace(result, parameters={end: value + shift for end, value in result.parameters.items()})
    more = {key: value + shift if key in (*POINTS, "pooled") else value for key, value in result.more.items()}
    if measure in POINTS and result.value is not None:
        return replace(result, value=result.value + shift, more=more)
    if measure == "iqr":
        return replace(result, more=more)
    if measure == "modes" and result.value is not None:
        return replace(result, value=tuple(value + shift for value in result.value))
    return result


def _counts(found: Measured, row: int, place: int, *unsure: int) -> list[str]:
    n, low, mid, high = (int(found.report.arrays[key][row, place]) for key in ("n", "low", "mid", "high"))
    return [str(count) for count in (n, *unsure, low, mid, high)]


def _places(found: Measured, row: int, place: int) -> list[str]:
    """Median, quartiles and mean, where people saw the scale."""
    return [
        short(float(found.report.arrays[key][row, place]) + found.on.shift) for key in ("median", "q1", "q3", "mean")
    ]


def _modes(found: Measured, place: int) -> str:
    modes = np.flatnonzero(found.report.arrays["modes"][0, place])
    return ", ".join(str(value + found.on.first) for value in modes) or UNDEFINED
