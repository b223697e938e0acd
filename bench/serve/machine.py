"""On what a run was made: the machine, the versions, how busy it was, how long its disk takes to keep something."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

LIBRARIES = ("uvicorn", "uvloop", "httptools", "starlette", "websockets", "tortoise-orm")
FLUSHES = 20


def machine(folder: Path) -> dict[str, Any]:
    """load: processes that wanted a core in the last minute; those of others, at the start."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "flush_ms": round(_flush(folder / "flush") * 1000, 3),
        **{name: version(name) for name in LIBRARIES},
    }


def _flush(file: Path) -> float:
    """Seconds until a page of SQLite's is safe on the disk."""
    took = []
    with file.open("wb") as written:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            written.write(b"x" * 4096)
            written.flush()
            os.fsync(written.fileno())
            took.append(time.perf_counter() - began)
    file.unlink()
    return median(took)
