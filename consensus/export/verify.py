"""Is this parcel whole? Sums, rows against the root, statements, recount: the first thing that is wrong, or the head.

Works on the file alone, without the database and without running any code of the parcel. The format that this version
writes is checked by checks.py; one of before by the programs of its own time, kept apart (first).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from consensus.export import first
from consensus.export.checks import LISTED, OF_ANSWERS, OF_BOTH, OF_PEOPLE, Checks, Parcel, over_again, same_list
from consensus.export.evidence import FILE as EVIDENCE
from consensus.export.manifest import ANALYSIS, FORMAT, INDIVIDUAL, RELEASED
from consensus.export.opened import MOST, Breach, opened, table
from consensus.export.opinions import MAPS
from consensus.export.participants import FILE
from consensus.export.readings import FILE as READINGS
from consensus.export.rows import Opened, opened_from
from consensus.export.sheets import SUMS
from consensus.export.study import FORMAT as STUDY
from consensus.export.study import checks as study_checks
from consensus.export.voices import FILE as VOICES
from consensus.text import Texts

TOLD = ("codebook", "lineage", "measures", "order", "results", "statements")
ROWS = (*TOLD, "answers", "double_entry", "leaves", "moves", "proposals", "sealed", "words")
TABLES = {RELEASED: TOLD, INDIVIDUAL: ROWS, ANALYSIS: (*ROWS, "people")}
OF_ALL = {"manifest.json", "chain_head.txt", LISTED, SUMS}
OTHERS = {RELEASED: OF_ALL, **dict.fromkeys((INDIVIDUAL, ANALYSIS), OF_ALL | {"README.txt", "recount.py"})}
CHECKS: Mapping[str, tuple[Checks, ...]] = {
    RELEASED: (OF_BOTH,),
    INDIVIDUAL: (OF_BOTH, OF_ANSWERS),
    ANALYSIS: (OF_BOTH, OF_ANSWERS, OF_PEOPLE),
}
T = TypeVar("T")
# What odd data do to a check.
ODD = (
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, OverflowError),
    *(StopIteration, ZeroDivisionError),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """head: the end of the journal's chain, to compare with the minutes. key, values: the sentence that says it."""

    is_whole: bool
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    head: str = ""


def verify_file(path: Path, language: str = "en") -> tuple[int, str]:
    """(0, what was checked and the chain head) or (1, the first thing that is wrong)."""
    return said(verify(path), language)


def said(verdict: Verdict, language: str = "en") -> tuple[int, str]:
    """The code with which a command ends, and what it prints."""
    values = {name: value if name == "n" else str(value) for name, value in verdict.values.items()}
    told = _texts().say(language, verdict.key, **values)
    return (0, f"{told}\n{verdict.head}".rstrip()) if verdict.is_whole else (1, told)


@cache
def _texts() -> Texts:
    return Texts.load()


def verify(path: Path) -> Verdict:
    """The first thing that is wrong, or that nothing is; without a sentence."""
    try:
        files = opened(path)
        manifest = _manifest(files)
        if manifest["format"] == STUDY:
            return Verdict(True, *_guarded("study.json", lambda: study_checks.check(files, manifest, _is_released)))
        if manifest["format"] != FORMAT:
            return Verdict(True, *first.check(files, manifest))
        contains = manifest["contains"]
        tables = [f"{name}.csv" for name in TABLES[contains]] + [FILE] * ("participants" in manifest)
        tables += [name for name in (READINGS, VOICES) if name in files]
        tables += [EVIDENCE] * ("evidence" in manifest)
        _complete(files, OTHERS[contains] | set(tables) | ({MAPS} if "opinions" in manifest else set()))
        sheets = {name: table(files, name) for name in tables}
        listed = _guarded(LISTED, lambda: same_list(files, sheets["results.csv"]))
        opened_rows: tuple[Opened, ...] = ()
        if contains != RELEASED:
            opened_rows = _guarded("sealed.csv", lambda: tuple(map(opened_from, sheets["sealed.csv"].rows)))
        parcel = Parcel(files, manifest, sheets, listed, opened_rows)
        for checks in CHECKS[contains]:
            for name, check in checks.items():
                _guarded(name, partial(check, parcel))
    except Breach as breach:
        return Verdict(False, breach.key, breach.values)
    except MemoryError:
        return Verdict(False, "verify.too_large", {"n": MOST})
    figures: dict[str, object] = {"format": FORMAT, "files": len(files), "entries": manifest["chain"]["entries"]}
    head = manifest["chain"]["head"]
    if contains == RELEASED:
        return Verdict(True, "verify.whole_released", figures, head)
    figures |= {"rows": len(parcel.opened), "leaves": len(sheets["leaves.csv"].rows)}
    figures |= {"again": sum(map(parcel.is_whole, parcel.rounds)), "rounds": len(parcel.rounds)}
    if contains == INDIVIDUAL:
        return Verdict(True, "verify.whole", figures, head)
    figures |= {"people": len(sheets["people.csv"].rows), "over": len(over_again(parcel))}
    return Verdict(True, "verify.whole_analysis", figures, head)


def _guarded(file: str, check: Callable[[], T]) -> T:
    """What check gives. Breach: the data are too odd for it, so that this file is not one that we write."""
    try:
        return check()
    except ODD:
        raise Breach("verify.unreadable", file=file) from None


def _is_released(path: Path) -> tuple[bool, str]:
    """Is this parcel of a session, which stands in a study's, a whole one that anyone may have? If not, why."""
    verdict = verify(path)
    return verdict.is_whole and verdict.key == "verify.whole_released", said(verdict)[1]


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    if "manifest.json" not in files:
        raise Breach("verify.missing", file="manifest.json")
    manifest: dict[str, Any] = _guarded("manifest.json", lambda: dict(json.loads(files["manifest.json"])))
    if manifest.get("format") == STUDY:
        return manifest
    is_ours = str(manifest.get("contains")) in TABLES and str(manifest.get("format")) in {FORMAT, *first.FORMATS}
    if not is_ours:
        raise Breach("verify.other_format", file="manifest.json", format=str(manifest.get("format"))[:40])
    if not isinstance(manifest.get("rehearsal"), bool):
        raise Breach("verify.unreadable", file="manifest.json")
    return manifest


def _complete(files: Mapping[str, bytes], wanted: set[str]) -> None:
    for name in sorted(wanted ^ files.keys()):
        raise Breach("verify.missing" if name in wanted else "verify.extra", file=name)
