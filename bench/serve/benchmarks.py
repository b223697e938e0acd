"""Every benchmark by its name, in the order in which they are played; the head of its file says what each is for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from bench.serve import close, crowd, fanout, growth, herd, intake, memory, pages, recount, session, start
from bench.serve.stage import Stage

Lines = Callable[[Stage], AsyncIterator[dict[str, Any]]]
MODULES = (intake, crowd, fanout, herd, session, pages, recount, close, growth, memory, start)
BENCHMARKS: dict[str, Lines] = {module.__name__.rpartition(".")[2]: module.lines for module in MODULES}


def purpose(name: str) -> str:
    """The first paragraph of its file, as one line."""
    said = next(module.__doc__ or "" for module in MODULES if module.__name__.endswith(f".{name}"))
    words = " ".join(said.split("\n\n")[0].split()).removeprefix(f"{name}: ")
    return words[:1].upper() + words[1:]
