"""The bench of the whole server, each benchmark in miniature: everything is answered and counted. Never a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.serve.benchmarks import BENCHMARKS
from bench.serve.table import BEGIN, DOCUMENT, END, tables, written

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What one short run tells. It ends with 0 only if every acknowledged vote was stored and counted at the close."""
    out = tmp_path_factory.mktemp("bench") / "out.jsonl"
    command = [sys.executable, "-m", "bench.serve", "--quick", "--folder", str(out.parent), "--out", str(out)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert ran.returncode == 0, (ran.stderr[-3000:], [line for line in told if "failed" in line])
    assert [child.name for child in out.parent.iterdir()] == [out.name], "what it made is thrown away"
    return told


def test_every_benchmark_is_played_and_everything_is_answered(lines: list[dict[str, Any]]) -> None:
    machine, *figures = lines
    assert machine["cores"] and machine["uvloop"]
    assert {figure["benchmark"] for figure in figures} == set(BENCHMARKS)
    assert [figure["figure"] for figure in figures if figure["n"] == 0 and figure["benchmark"] != "fanout"] == []


def test_the_screens_of_the_room_show_what_was_counted(lines: list[dict[str, Any]]) -> None:
    (room,) = [line for line in lines if line.get("benchmark") == "session"]
    assert room["cards_shown"] == room["statements"]


def test_sqlite_tells_what_a_vote_asks_of_it(lines: list[dict[str, Any]]) -> None:
    (growth,) = [line for line in lines if line.get("benchmark") == "growth"]
    assert 0 < growth["statements_asked"] < growth["steps"]


def test_each_figure_has_a_row_and_only_what_is_between_the_marks_is_written(lines: list[dict[str, Any]]) -> None:
    made = tables(lines)
    assert sum(row.startswith("| ") for row in made.splitlines()) == len(lines) - 1 + 2 * len(BENCHMARKS)
    before = f"above\n{BEGIN}\nthe table of an earlier run\n{END}\nbelow\n"
    after = written(before, made)
    assert after.startswith("above\n") and after.endswith("below\n") and "earlier run" not in after
    assert written(after, made) == after


def test_the_document_has_the_marks_once() -> None:
    document = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert (document.count(BEGIN), document.count(END)) == (1, 1)
