"""python -m bench.serve.table FILE [DOCUMENT]: the tables of docs/performance.md, made of what a run wrote.

They stand between two marks of the document; nothing else of it is touched, and no figure is typed by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.serve.benchmarks import purpose
from bench.serve.machine import LIBRARIES
from bench.serve.parts import OTHER, PARTS

BEGIN, END = "<!-- made by bench.serve.table: begin -->", "<!-- made by bench.serve.table: end -->"
DOCUMENT = Path("docs/performance.md")
Line = Mapping[str, Any]
Columns = Mapping[str, str]  # what stands at the head, and the figure's name in a line

COST = {
    "CPU ms": "cpu_ms",
    "no-op": "beside_cpu_ms",
    "times": "ratio_cpu_ms",
}
PACE = {
    "a second": "per_second",
    "no-ops a second": "beside_per_second",
    "share": "ratio_per_second",
}
WAITS = {"p50 ms": "p50_ms", "p99 ms": "p99_ms", "no-op p99 ms": "beside_p99_ms"}
COLUMNS: dict[str, Columns] = {
    "intake": {"voters": "voters", **COST, **PACE, **WAITS},
    "crowd": {"voters": "voters", "stored": "stored", **COST, **PACE, **WAITS, "unasked": "unasked"},
    "fanout": {
        "watchers": "watchers",
        "bytes": "bytes",
        "stalled": "stalled",
        "CPU ms a frame": "cpu_ms",
        "votes with it": "cpu_all_ms",
        "beside": "beside",
        "its CPU": "beside_cpu_ms",
        "times": "ratio_cpu_ms",
        "read after the first p99 ms": "p99_ms",
        "its p99 ms": "beside_p99_ms",
    },
    "herd": {
        "pages": "pages",
        "within s": "within_s",
        "CPU ms a page": "cpu_ms",
        "bare": "beside_cpu_ms",
        "times": "ratio_cpu_ms",
        "first frame p50 ms": "p50_ms",
        "p99 ms": "p99_ms",
        "last ms": "last_ms",
        "bare last ms": "beside_last_ms",
        "memory, times one reader": "memory_ratio",
    },
    "session": {
        "voters": "voters",
        "a vote every s": "every_s",
        "watchers": "watchers",
        "a second": "per_second",
        "answered p50 ms": "p50_ms",
        "p99 ms": "p99_ms",
        "no-op p99 ms": "beside_p99_ms",
        "age p50 ms": "age_p50_ms",
        "age p99 ms": "age_p99_ms",
        "last screen p99 ms": "age_last_p99_ms",
        "bytes a frame": "frame_bytes",
        "unasked": "unasked",
        **{f"share of {part}": f"share_{part}" for part in (*PARTS, OTHER)},
    },
    "pages": {**COST, "wall ms": "wall_ms", "no-op wall ms": "beside_wall_ms"},
    "recount": {
        "stored": "stored",
        "CPU ms a ballot": "cpu_ms",
        "bare read": "beside_cpu_ms",
        "times": "ratio_cpu_ms",
        "times at most": "ratio_limit",
        "wall ms a ballot": "wall_ms",
        "loop held ms": "held_ms",
        "held at most": "held_limit_ms",
    },
    "close": {
        "stored": "stored",
        "wall ms": "wall_ms",
        "CPU ms": "cpu_ms",
        "vote p99 ms": "p99_ms",
        "before it": "beside_p99_ms",
        "loop held ms": "held_ms",
        "held before it": "beside_held_ms",
        "at most": "held_limit_ms",
        "writer held ms": "writer_ms",
        "writer before it": "beside_writer_ms",
    },
    "growth": {
        "people": "people",
        "statements": "statements",
        "stored": "stored",
        "CPU ms": "cpu_ms",
        "small session": "beside_cpu_ms",
        "times": "ratio_cpu_ms",
        "SQL statements": "statements_asked",
        "in the small one": "beside_statements_asked",
        "SQLite steps": "steps",
        "steps in the small one": "beside_steps",
    },
    "memory": {"stored": "stored", "watchers": "watchers", "kB each": "kb", "beside": "beside", "kB": "beside_kb"},
    "start": {
        "wall ms": "wall_ms",
        "CPU ms": "cpu_ms",
        "plain server wall ms": "beside_wall_ms",
        "plain CPU ms": "beside_cpu_ms",
    },
}


def tables(lines: Sequence[Line]) -> str:
    """What stands between the marks."""
    about, *figures = lines
    parts = [_said(about)]
    for name, columns in COLUMNS.items():
        if mine := [line for line in figures if line["benchmark"] == name]:
            parts.append(f"### {name}\n\n{purpose(name)}\n\n{_table(mine, columns)}")
    failed = [f"- {line['benchmark']}: {line['failed']}" for line in figures if "failed" in line]
    if failed:
        parts.append("Not finished:\n\n" + "\n".join(failed))
    return "\n\n".join(parts)


def _said(about: Line) -> str:
    versions = ", ".join(f"{name} {about[name]}" for name in ("python", *LIBRARIES))
    return (
        f"{about['date']}, {about['cores']} cores ({about['machine']}, {about['system']}); {about['load']} processes "
        f"wanted a core when it began. The disk kept a page in {_shown(about['flush_ms'])} ms. {versions}."
    )


def _table(lines: Sequence[Line], columns: Columns) -> str:
    told = {head: name for head, name in columns.items() if any(name in line for line in lines)}
    rows = [["", "n", *told], ["---"] * (len(told) + 2)]
    for line in lines:
        if "failed" not in line:
            rows.append([line["figure"], _shown(line["n"]), *(_shown(line.get(name, "")) for name in told.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _shown(value: Any) -> str:
    """Three figures are enough."""
    if not isinstance(value, int | float):
        return str(value)
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def written(document: str, made: str) -> str:
    """The document with these tables between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or BEGIN in rest or not after:
        raise ValueError(f"the document needs {BEGIN} and {END}, once each")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.serve.table", description=__doc__)
    parser.add_argument("file", type=Path, help="that `python -m bench.serve --out` wrote")
    parser.add_argument("document", type=Path, nargs="?", default=DOCUMENT)
    chosen = parser.parse_args()
    lines = [json.loads(text) for text in chosen.file.read_text(encoding="utf-8").splitlines()]
    document = chosen.document.read_text(encoding="utf-8")
    chosen.document.write_text(written(document, tables(lines)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
