"""What is told: one line of JSON a figure, medians of turns, each beside its limit of the same turns.

A turn measures what is asked about, then at once its limit, so that both meet the same machine; ratios are made turn
by turn and the median is told. Nothing is asserted here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.serve.processes import Process


@dataclass(slots=True)
class Sample:
    """One turn. number: of what was done (votes, frames, pages); seconds, cpu: in all; client: processor time of the
    bench itself. waits: seconds, one each. more: whatever else a turn knows, as numbers."""

    number: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    client: float = 0.0
    waits: Sequence[float] = ()
    more: dict[str, float] = field(default_factory=dict)

    @property
    def cpu_ms(self) -> float:
        return self.cpu * 1000 / max(1, self.number)

    @property
    def wall_ms(self) -> float:
        return self.seconds * 1000 / max(1, self.number)

    @property
    def per_second(self) -> float:
        return self.number / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, float]:
        told = {"cpu_ms": self.cpu_ms, "wall_ms": self.wall_ms, "per_second": self.per_second}
        if self.waits:
            told |= {f"p{share}_ms": quantile(self.waits, share) * 1000 for share in (50, 99)}
        if self.seconds:
            told["client_share"] = self.client / self.seconds
        return {**told, **self.more}


@contextmanager
def measured(process: Process) -> Iterator[Sample]:
    """The time and the processor that the server took meanwhile; the number is set by whoever counts."""
    sample = Sample()
    begun, cpu, client = time.perf_counter(), process.cpu, time.process_time()
    yield sample
    sample.seconds, sample.cpu = time.perf_counter() - begun, process.cpu - cpu
    sample.client = time.process_time() - client


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many percent do not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share) // 100) - 1)]


HELD = 50  # ms: the limit of what holds the loop
LONGEST = 300.0  # seconds of one turn: a server that never answers ends the benchmark, not the patience of its reader
Turn = Callable[[], Coroutine[Any, Any, Sample]]


async def turns(number: int, **ways: Turn) -> dict[str, list[Sample]]:
    """All ways, one after another, so many times."""
    found: dict[str, list[Sample]] = {name: [] for name in ways}
    for _ in range(number):
        for name, way in ways.items():
            found[name].append(await asyncio.wait_for(way(), LONGEST))
    return found


def line(
    figure: str, samples: Sequence[Sample], beside: str = "", limits: Sequence[Sample] = (), **of: object
) -> dict[str, Any]:
    """A figure. beside: the name of its limit. of: the sizes that it was measured at."""
    told: dict[str, Any] = {"figure": figure, "n": sum(s.number for s in samples), "turns": len(samples), **of}
    told |= _medians(samples)
    if limits:
        told |= {"beside": beside, "beside_n": sum(s.number for s in limits)}
        told |= {f"beside_{name}": value for name, value in _medians(limits).items()}
        for name in ("cpu_ms", "wall_ms", "per_second"):
            pairs = [(getattr(s, name), getattr(b, name)) for s, b in zip(samples, limits, strict=True)]
            if all(theirs for _, theirs in pairs):
                told[f"ratio_{name}"] = median(ours / theirs for ours, theirs in pairs)
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}


def _medians(samples: Sequence[Sample]) -> dict[str, float]:
    each = [sample.figures() for sample in samples]
    names = dict.fromkeys(name for figures in each for name in figures)
    told = {name: median(figures[name] for figures in each if name in figures) for name in names}
    if any(figures["cpu_ms"] for figures in each):
        told |= {"cpu_ms_least": min(f["cpu_ms"] for f in each), "cpu_ms_most": max(f["cpu_ms"] for f in each)}
    return told
