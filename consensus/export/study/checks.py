"""Is the parcel of a study whole? Each session's parcel by its own checks; the tables made again of what the sessions
told; and the second count, which finds each figure in the parcels and adds them up. The first thing that is wrong.

Works on the files alone. What is in the tables is known elsewhere (results.study), what a session's parcel is, too.
"""

from __future__ import annotations

import json
import subprocess  # noqa: S404  # our own program, on files of a folder of our own
import sys
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from consensus.export.opened import Breach
from consensus.export.sheets import SUMS, json_bytes
from consensus.export.study import PARCELS, program, sheets
from consensus.export.study.headline import check_headline
from consensus.export.study.plan import FILES as PLAN
from consensus.export.study.plan import check_plan
from consensus.results.study.alike import Alike
from consensus.results.study.data import StudyResults, as_data
from consensus.results.study.panels import Panels
from consensus.results.study.restored import restored
from consensus.text import LANGUAGES

PATIENCE = 300  # seconds of the second count
# recount.py as it went along before a session could have several lists in its study
EARLIER = "d143dda2e0745011b173acb14909234bd6caa16893689c665112019249a1b1b1"
TABLES = {"comparison.csv", "alike.csv", "pooled.csv"}
TOLD = {"study.json", "panels.json", "moments.json", "alike.json"}
FILES = {"manifest.json", "README.txt", "recount.py", *TOLD, *TABLES, SUMS}


def check(
    files: Mapping[str, bytes], manifest: Mapping[str, Any], of_session: Callable[[Path], tuple[bool, str]]
) -> tuple[str, dict[str, object]]:
    """The sentence that says what was checked, and its values. of_session: is this parcel a whole one of released
    figures, and if not, why. Breach: the first thing that is wrong."""
    listed = [dict(one) for one in manifest["sessions"]]
    parcels = {f"{PARCELS}{one['key']}.zip": one for one in listed}
    chosen = {str(one["file"]) for one in manifest["chosen"]}
    plan = PLAN if manifest.get("plan_line") else frozenset()  # parcels of before have none
    for name in sorted((FILES | chosen | set(parcels) | plan) ^ files.keys()):
        raise Breach("verify.extra" if name in files else "verify.missing", file=name)
    with tempfile.TemporaryDirectory() as folder:
        for name, one in parcels.items():
            _session(Path(folder), files[name], name, one, of_session)
        results: StudyResults = _read(files, "study.json", StudyResults)
        panels: Panels = _read(files, "panels.json", Panels)
        _same_study(manifest, results)
        check_headline(manifest)
        if plan:
            check_plan(files, manifest, results)
        again = sheets(results, panels.sure, _alike(files))
        for name in sorted({*again, *chosen}):  # a list of other sessions than those proposed is one of no table
            if files.get(name) != again.get(name):
                raise Breach("verify.other_study_table", file=name)
        if sha256(files["recount.py"]).hexdigest() not in {EARLIER, sha256(program()).hexdigest()}:
            raise Breach("verify.other_recount", file="recount.py")
        _recount(Path(folder), {name: files[name] for name in ("manifest.json", "study.json", *again)})
    figures = {"sessions": len(parcels), "statements": len(results.statements), "cells": len(results.cells)}
    return "verify.whole_study", {"format": manifest["format"], "files": len(files), **figures}


def _session(
    folder: Path,
    data: bytes,
    name: str,
    listed: Mapping[str, Any],
    of_session: Callable[[Path], tuple[bool, str]],
) -> None:
    if sha256(data).hexdigest() != listed["sha256"]:
        raise Breach("verify.changed", file=name)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    is_whole, why = of_session(path)
    if not is_whole:
        raise Breach("verify.session", file=name, why=why)


def _read(files: Mapping[str, bytes], name: str, kind: type[Any]) -> Any:
    found = restored(kind, json.loads(files[name]))
    if json_bytes(as_data(found)) != files[name]:
        raise Breach("verify.unreadable", file=name)
    return found


def _same_study(manifest: Mapping[str, Any], results: StudyResults) -> None:
    told = {one["key"]: one["title"] for one in manifest["sessions"]}
    facts = (manifest["study"]["title"], manifest["floor"], manifest["headline"], told, list(results.languages))
    if not set(results.languages) <= set(LANGUAGES):
        raise Breach("verify.unreadable", file="study.json")
    titles = {one.key: one.title for one in results.sessions}
    if facts != (results.title, results.k, results.headline, titles, manifest["languages"]):
        raise Breach("verify.other_study", file="study.json")


def _alike(files: Mapping[str, bytes]) -> list[Alike]:
    found = [restored(Alike, one) for one in json.loads(files["alike.json"])]
    if json_bytes(as_data(found)) != files["alike.json"]:
        raise Breach("verify.unreadable", file="alike.json")
    return found


def _recount(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "recount.py").write_bytes(program())
    command = [sys.executable, "-I", "recount.py", "en"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Breach("verify.too_slow", n=PATIENCE) from None
    if done.returncode:
        lines = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        raise Breach("verify.recount", file="pooled.csv", why=lines[-1] if lines else "")
