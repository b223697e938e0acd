"""Parcels of the formats table-ronde/1 and /1.1, verified as they were when they were written.

Somebody holds such a file for years and asks whether it is whole; the answer must not turn on what rounds, ballots and
reports have become since. So everything that the answer needs stands here a second time, as it was, and is never
changed: not when the living code next to it counts otherwise, not to share a line with it. It takes from there only how
a zip is opened and a table is read. Nothing writes these formats any more but a version of that time.

measures.csv alone is not worked out again: only the version that wrote a parcel ever did, and the sums speak for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from consensus.export.first.ballots import cast_from
from consensus.export.first.checks import CHECKS, LISTED, NEWER, Parcel, same_list
from consensus.export.opened import Breach, table

FORMATS = frozenset({"table-ronde/1", NEWER})
INDIVIDUAL, RELEASED = "individual answers", "released figures"
SIMULATED = "simulated people: no result\n"
TABLES = {
    INDIVIDUAL: (
        *("answers", "ballots", "codebook", "double_entry", "lineage", "measures", "moves"),
        *("people", "proposals", "results", "statements"),
    ),
    RELEASED: ("codebook", "measures", "results", "statements"),
}
OTHERS = {
    INDIVIDUAL: {"manifest.json", "journal.jsonl", "recount.py", "SHA256SUMS"},
    RELEASED: {"manifest.json", "chain_head.txt", "SHA256SUMS"},
}
T = TypeVar("T")
# What odd data do to a check.
ODD = (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError, OverflowError)


def check(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> tuple[str, dict[str, object], str]:
    """Of files whose sums agree: the sentence that says what was checked, its values, the chain head. Breach: the
    first thing that is wrong."""
    contains, is_newer = manifest.get("contains"), manifest["format"] == NEWER
    if contains not in TABLES:
        raise Breach("verify.other_format", file="manifest.json", format=str(manifest["format"])[:40])
    if not isinstance(manifest.get("rehearsal"), bool):
        raise Breach("verify.unreadable", file="manifest.json")
    tables = [f"{name}.csv" for name in TABLES[contains]]
    _complete(files, OTHERS[contains] | set(tables) | ({LISTED} if is_newer else set()))
    sheets = {name: table(files, name) for name in tables}
    listed = _guarded(LISTED, lambda: same_list(files, sheets["results.csv"])) if is_newer else {}
    if contains == RELEASED:
        return _released(files, manifest)
    casts = _guarded("ballots.csv", lambda: tuple(map(cast_from, sheets["ballots.csv"].rows)))
    entries = _guarded("journal.jsonl", lambda: _entries(files["journal.jsonl"]))
    parcel = Parcel(files, manifest, sheets, casts, entries, listed)
    for name, one in CHECKS.items():
        _guarded(name, partial(one, parcel))
    figures = {"ballots": len(casts), "entries": len(entries), "files": len(files)}
    return "verify.first_whole", {"format": manifest["format"], **figures}, manifest["chain"]["head"]


def _guarded(file: str, check: Callable[[], T]) -> T:
    """What check gives. Breach: the data are too odd for it, so that this file is not one that was ever written."""
    try:
        return check()
    except ODD:
        raise Breach("verify.unreadable", file=file) from None


def _complete(files: Mapping[str, bytes], wanted: set[str]) -> None:
    for name in sorted(wanted ^ files.keys()):
        raise Breach("verify.missing" if name in wanted else "verify.extra", file=name)


def _entries(data: bytes) -> tuple[Mapping[str, Any], ...]:
    """The journal's lines; said: the payload, read."""
    lines = [json.loads(line) for line in data.decode().split("\n")[:-1]]
    return tuple({**line, "said": json.loads(line["payload"])} for line in lines)


def _released(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> tuple[str, dict[str, object], str]:
    """A head that both files tell. The figures can be recounted from the row-level parcel only."""
    head = str(_guarded("manifest.json", lambda: manifest["chain"]["head"]))
    told_head = files["chain_head.txt"].decode("utf-8", "replace")
    if told_head != _head_lines(head, manifest["rehearsal"]):
        is_denied = told_head == _head_lines(head, not manifest["rehearsal"])
        raise Breach("verify.denied_rehearsal" if is_denied else "verify.other_head", file="chain_head.txt")
    if not re.fullmatch("[0-9a-f]{64}", str(manifest.get("row_level_sha256"))):
        raise Breach("verify.unreadable", file="manifest.json")
    told = {"format": manifest["format"], "files": len(files), "row_level": manifest["row_level_sha256"]}
    return "verify.first_released", told, head


def _head_lines(head: str, is_simulated: bool) -> str:
    return f"{head}\n{SIMULATED if is_simulated else ''}"
