"""Is this parcel whole? Sums, journal, ballots, statements, recount: the first thing that is wrong, or the chain head.

Works on the file alone, without the database and without running any code of the parcel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from consensus.export.checks import CHECKS, Parcel
from consensus.export.manifest import FORMAT, INDIVIDUAL, RELEASED
from consensus.export.opened import Breach, opened, table
from consensus.export.sheets import SUMS
from consensus.export.tables import cast_from
from consensus.text import Texts

TABLES = {
    INDIVIDUAL: (
        *("answers", "ballots", "codebook", "double_entry", "lineage", "measures", "moves"),
        *("people", "proposals", "results", "statements"),
    ),
    RELEASED: ("codebook", "measures", "results", "statements"),
}
OTHERS = {
    INDIVIDUAL: {"manifest.json", "journal.jsonl", "recount.py", SUMS},
    RELEASED: {"manifest.json", "chain_head.txt", SUMS},
}
T = TypeVar("T")
ODD = (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError)  # what odd data do to a check


@dataclass(frozen=True, slots=True)
class Verdict:
    """head: the end of the journal's chain, to compare with the minutes. key, values: the sentence that says it."""

    is_whole: bool
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    head: str = ""


def verify_file(path: Path, language: str = "en") -> tuple[int, str]:
    """(0, what was checked and the chain head) or (1, the first thing that is wrong)."""
    verdict = verify(path)
    values = {name: value if name == "n" else str(value) for name, value in verdict.values.items()}
    said = _texts().say(language, verdict.key, **values)
    return (0, f"{said}\n{verdict.head}") if verdict.is_whole else (1, said)


@cache
def _texts() -> Texts:
    return Texts.load()


def verify(path: Path) -> Verdict:
    """The first thing that is wrong, or that nothing is; without a sentence."""
    try:
        files = opened(path)
        manifest = _manifest(files)
        contains = manifest["contains"]
        sheets = {f"{name}.csv": table(files, f"{name}.csv") for name in TABLES[contains]}
        _complete(files, OTHERS[contains] | sheets.keys())
        if contains == RELEASED:
            return _released(files, manifest)
        casts = _guarded("ballots.csv", lambda: tuple(map(cast_from, sheets["ballots.csv"].rows)))
        entries = _guarded("journal.jsonl", lambda: _entries(files["journal.jsonl"]))
        parcel = Parcel(files, manifest, sheets, casts, entries)
        for name, check in CHECKS.items():
            _guarded(name, partial(check, parcel))
    except Breach as breach:
        return Verdict(False, breach.key, breach.values)
    head = manifest["chain"]["head"]
    figures = {"ballots": len(parcel.casts), "entries": len(parcel.entries), "files": len(files)}
    return Verdict(True, "verify.whole", figures, head)


def _guarded(file: str, check: Callable[[], T]) -> T:
    """What check gives. Breach: the data are too odd for it, so that this file is not one that we write."""
    try:
        return check()
    except ODD:
        raise Breach("verify.unreadable", file=file) from None


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    if "manifest.json" not in files:
        raise Breach("verify.missing", file="manifest.json")
    manifest: dict[str, Any] = _guarded("manifest.json", lambda: dict(json.loads(files["manifest.json"])))
    if manifest.get("format") != FORMAT or manifest.get("contains") not in TABLES:
        raise Breach("verify.other_format", file="manifest.json", format=str(manifest.get("format"))[:40])
    return manifest


def _complete(files: Mapping[str, bytes], wanted: set[str]) -> None:
    for name in sorted(wanted ^ files.keys()):
        raise Breach("verify.missing" if name in wanted else "verify.extra", file=name)


def _entries(data: bytes) -> tuple[Mapping[str, Any], ...]:
    """The journal's lines; said: the payload, read."""
    lines = [json.loads(line) for line in data.decode().split("\n")[:-1]]
    return tuple({**line, "said": json.loads(line["payload"])} for line in lines)


def _released(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Verdict:
    """Sums, and a head that both files tell. The figures can be recounted from the row-level parcel only."""
    head = str(_guarded("manifest.json", lambda: manifest["chain"]["head"]))
    if files["chain_head.txt"].decode("utf-8", "replace") != head + "\n":
        raise Breach("verify.other_head", file="chain_head.txt")
    if not re.fullmatch("[0-9a-f]{64}", str(manifest.get("row_level_sha256"))):
        raise Breach("verify.unreadable", file="manifest.json")
    told = {"files": len(files), "row_level": manifest["row_level_sha256"]}
    return Verdict(True, "verify.whole_released", told, head)
