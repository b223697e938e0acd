"""python -m bench.measures: milliseconds of the numerical core's tasks, beside other packages on the same data.

One JSON object a line: the machine, a line per task, a summary. ours_ms and peer_ms are medians; ratio is the peer's
time over ours; within says whether the limit holds, agrees whether both give the same figures. Times are no tests:
nothing is asserted here, and no product code belongs here.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import scipy

from bench import peer
from bench.tasks import TASKS, Task

PATIENCE = 900  # seconds for one task of a peer, its installation apart


class NotComparedError(Exception):
    """Why a peer gave no time."""


def line_of(task: Task, folder: Path | None) -> dict[str, Any]:
    """What a task takes, here and by its peer. folder: of the peers' environments; None: no peer is asked."""
    times, result = peer.timed(task.call)
    times = [each / task.events for each in times]
    ours = median(times)
    line: dict[str, Any] = {"task": task.name, "n": task.size, "ours_ms": ours, "min_ms": min(times)}
    line |= {"max_ms": max(times), "runs": len(times), "limit_ms": task.limit_ms, "limit_ratio": task.limit_ratio}
    judged = max(times) if task.slowest else ours
    line |= {"within": None if task.limit_ms is None else judged <= task.limit_ms, **task.said(result)}
    try:
        line |= _beside(task, result, ours, folder)
    except NotComparedError as reason:
        line["not_compared"] = str(reason)
    if task.limit_ratio is not None and "ratio" in line:
        line["within"] = line["ratio"] >= task.limit_ratio
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in line.items()}


def _beside(task: Task, result: Any, ours: float, folder: Path | None) -> dict[str, Any]:
    if not task.peer:
        raise NotComparedError(task.alone)
    if folder is None:
        raise NotComparedError("asked for no peers")
    package = peer.TASKS[task.peer][0]
    python = python_of(package, folder)
    if isinstance(python, str):
        raise NotComparedError(python)
    told = _asked(python, task)
    theirs, figures = median(told["times"]), np.asarray(task.figures(result), dtype=np.float64)
    agrees = np.shape(told["figures"]) == figures.shape and np.allclose(told["figures"], figures, 0, task.tolerance)
    return {
        "peer": package,
        "peer_version": told["version"],
        "peer_ms": theirs,
        "peer_runs": len(told["times"]),
        "ratio": theirs / ours,
        "agrees": bool(agrees),
    }


@cache
def python_of(package: str, folder: Path) -> Path | str:
    """The interpreter of an environment with this package, or why there is none; scipy is our own."""
    if package == "scipy":
        return Path(sys.executable)
    python = folder / package / "bin" / "python"
    try:
        if not python.exists():
            _told([sys.executable, "-m", "venv", str(folder / package)])
        _told([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
    except NotComparedError as reason:
        return f"{package} cannot be installed: {reason}"
    return python


def _asked(python: Path, task: Task) -> dict[str, Any]:
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "data.npz"
        np.savez(file, **task.data)  # type: ignore[arg-type]
        told: dict[str, Any] = json.loads(_told([str(python), peer.__file__, task.peer, str(file)]).splitlines()[-1])
        return told


def _told(command: list[str]) -> str:
    """What a command prints; NotComparedError with its last word where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotComparedError(f"took more than {PATIENCE} s") from error
    if done.returncode:
        raise NotComparedError((done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1])
    return done.stdout


def machine() -> dict[str, Any]:
    return {
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": _load(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def _load() -> float:
    """Processes that wanted a core in the last minute: at the start, those of others; at the end, ours too."""
    return round(os.getloadavg()[0], 2)


def summary(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "within": sum(line["within"] is True for line in lines),
        "over": sum(line["within"] is False for line in lines),
        "not_compared": [f"{line['task']}: {line['not_compared']}" for line in lines if "not_compared" in line],
        "disagreeing": [line["task"] for line in lines if line.get("agrees") is False],
        "load": _load(),
    }


def run(folder: Path | None) -> Iterator[dict[str, Any]]:
    """The machine, each task as it is done, the summary."""
    yield machine()
    lines = []
    for make in TASKS:
        lines.append(line_of(make(), folder))
        yield lines[-1]
    yield summary(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.measures", description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="time our own code only")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="keep the peers' environments here, and reuse them")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a limit does not hold")
    chosen = parser.parse_args()
    last: dict[str, Any] = {}
    with TemporaryDirectory() as scratch:
        for last in run(None if chosen.no_peers else (chosen.peers or Path(scratch)).absolute()):
            print(json.dumps(last, ensure_ascii=False), flush=True)
    return int(chosen.strict and last["over"] > 0)


if __name__ == "__main__":
    sys.exit(main())
