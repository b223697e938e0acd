"""A study out of its parcel again, as its pages show it. What is in the file is believed: checks.py is asked before.

A file of before does not tell how alike its sessions are.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, NamedTuple

from consensus.results.study.alike import Alike
from consensus.results.study.chosen import proposed
from consensus.results.study.comparing import BY, compared
from consensus.results.study.data import StudyResults
from consensus.results.study.moments import Moments
from consensus.results.study.panels import Panels
from consensus.results.study.pooled import pooled
from consensus.results.study.restored import restored
from consensus.results.study.working import Worked


class BroughtFile(NamedTuple):
    """manifest: what the file says of itself. worked: of the figures, all that its pages show."""

    manifest: dict[str, Any]
    worked: Worked


def read_parcel(content: bytes, version: str) -> BroughtFile:
    """version: a name of these bytes, as their digest is."""
    with zipfile.ZipFile(io.BytesIO(content)) as parcel:
        told = {name: json.loads(parcel.read(f"{name}.json")) for name in ("manifest", "study", "panels", "moments")}
        said = json.loads(parcel.read("alike.json")) if "alike.json" in parcel.namelist() else ()
    results = restored(StudyResults, told["study"])
    pool = pooled(results)
    sides = {by: compared(results, pool, by) for by in BY}
    moments = tuple(restored(Moments, one) for one in told["moments"])
    alike, panels = tuple(restored(Alike, one) for one in said), restored(Panels, told["panels"])
    worked = Worked(version, results, pool, sides, panels, moments, (), proposed(results), alike)
    return BroughtFile(told["manifest"], worked)
