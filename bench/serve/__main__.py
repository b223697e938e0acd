"""python -m bench.serve [NAME ...]: how long the whole server takes; one line of JSON a figure.

Each benchmark starts the product's own server in a process of its own, on loopback, with a throw-away database. A
figure is the median of five turns and stands beside its limit, measured in the same turns. --quick plays each in
miniature: everything must be answered and counted, and no time matters.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import uvloop

from bench.serve.benchmarks import BENCHMARKS
from bench.serve.machine import machine
from bench.serve.people import NotAnswered
from bench.serve.processes import open_files
from bench.serve.sizes import FULL, QUICK, USUAL, Sizes
from bench.serve.stage import Stage


async def run(names: Sequence[str], sizes: Sizes, folder: Path) -> AsyncIterator[dict[str, Any]]:
    """The machine, then each figure as it is known. What was not answered or not counted is told as failed."""
    open_files()
    yield machine(folder)
    stage = Stage(folder, sizes)
    for name in names:
        try:
            async for line in BENCHMARKS[name](stage):
                yield {"benchmark": name, **line}
        except (NotAnswered, OSError) as failure:
            yield {"benchmark": name, "failed": f"{type(failure).__name__}: {failure}"}
    try:
        await stage.close()
    except NotAnswered as failure:
        yield {"benchmark": "all", "failed": str(failure)}


async def told(names: Sequence[str], sizes: Sizes, folder: Path, out: TextIO) -> int:
    failed = 0
    async for line in run(names, sizes, folder):
        failed += "failed" in line
        print(json.dumps(line, ensure_ascii=False), file=out, flush=True)
    return failed


def sizes_of(chosen: argparse.Namespace) -> Sizes:
    sizes: Sizes = QUICK if chosen.quick else FULL if chosen.full else USUAL
    asked = {"turns": chosen.turns, "seconds": chosen.seconds, "people": chosen.people}
    if chosen.watchers:
        asked |= {"watchers": tuple(chosen.watchers), "sockets": max(chosen.watchers)}
    if chosen.stored:
        asked |= {"grown_stored": (0, *chosen.stored), "folded": tuple(chosen.stored), "closing": max(chosen.stored)}
    return replace(sizes, **{name: value for name, value in asked.items() if value is not None})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all of them without")
    parser.add_argument("--quick", action="store_true", help="each in miniature, in less than a minute")
    parser.add_argument("--full", action="store_true", help="to 5,000 people and a million ballots; an hour or two")
    parser.add_argument("--turns", type=int, help="of which the median is told")
    parser.add_argument("--seconds", type=float, help="of one turn of votes")
    parser.add_argument("--people", type=int, help="in the usual session")
    parser.add_argument("--watchers", type=int, nargs="+", metavar="N", help="of a room, one size after another")
    parser.add_argument("--stored", type=int, nargs="+", metavar="N", help="ballots that are there before")
    parser.add_argument("--folder", type=Path, help="where databases lie while it runs; a temporary one without")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the lines here")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    with TemporaryDirectory(dir=chosen.folder) as folder:
        words = (chosen.names or list(BENCHMARKS), sizes_of(chosen), Path(folder))
        if chosen.out is None:
            failed = uvloop.run(told(*words, sys.stdout))
        else:
            with chosen.out.open("w", encoding="utf-8") as out:
                failed = uvloop.run(told(*words, out))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
