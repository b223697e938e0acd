"""The laws of the house that can be read off the tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rounds import KINDS

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "consensus").rglob("*.py")) + sorted((ROOT / "rounds").rglob("*.py"))
WRITTEN = [path for path in PYTHON if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WRITERS = {"seats.py", "journal.py", "store.py"}
IMPURE = {
    "asyncio",
    "socket",
    "sqlite3",
    "starlette",
    "tortoise",
    "jinja2",
    "time",
    "datetime",
    "random",
    "pathlib",
    "os",
}


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""


@pytest.mark.parametrize("path", [p for p in PYTHON if "rounds" in p.relative_to(ROOT).parts[:1]], ids=short)
def test_the_method_is_pure(path: Path) -> None:
    """Law 1: no web, database, socket, file, clock, random number or coroutine under rounds."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {name.split(".")[0] for _, name in imports(tree)} & (IMPURE | {"consensus"})
    assert not found
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(tree))


@pytest.mark.parametrize("path", [p for p in WRITTEN if "consensus" in p.relative_to(ROOT).parts[:1]], ids=short)
def test_only_the_acts_write(path: Path) -> None:
    """Law 3: only conduct, seats, journal and store write."""
    if path.name in WRITERS or path.parent.name == "conduct":
        return
    found = re.findall(
        r"await [\w.()= ]*\.(?:create|bulk_create|save|delete|update|update_or_create)\(", path.read_text()
    )
    assert not found
    assert path.name == "store.py" or "execute_query" not in path.read_text()


def test_the_environment_is_read_in_one_place() -> None:
    readers = {short(path) for path in WRITTEN if "os.environ" in path.read_text(encoding="utf-8")}
    assert readers == {"consensus/settings.py"}


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_a_template_has_no_inline_style_script_or_other_host(path: Path) -> None:
    """Law 10, and escaping: nothing is marked safe by hand."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b", text)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "hx-on" not in text


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_kind_is_named_outside_its_folder(kind: str) -> None:
    """Law 12: outside its folder, template, styles, scripts, the protocols, the registry and tests."""
    imported = re.compile(rf"""rounds\.{kind}\b|import {kind}\b""")
    quoted = re.compile(rf"""["']{kind}["']|{imported.pattern}""")
    for path in WRITTEN:
        place = path.relative_to(ROOT).parts
        if place[:2] in {("rounds", kind), ("rounds", "__init__.py")}:
            continue
        # In the measures a word in quotes names a figure: Borda's points are no round.
        named = imported if place[:2] == ("rounds", "measures") else quoted
        assert not named.search(path.read_text(encoding="utf-8")), (
            f"{short(path)} knows about {kind}: ask KINDS instead"
        )
    for path in TEMPLATES:
        if path.name != f"{kind}.html":
            assert not re.search(rf"""say\(["']{kind}\.""", path.read_text(encoding="utf-8")), short(path)


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Without its documentation, which gives every figure its units, edges and source."""
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or 0) - first.lineno + 1 + len(function.args.args) + len(function.args.kwonlyargs)


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_a_file_says_what_it_is_for_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 5 or ast.get_docstring(tree), "its first lines say what it is for"
    assert len(lines) <= 400
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f.name for f in functions if lines_of_code(f) >= 60]
    assert not long


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    """But the heavy parts of scipy in the measures, which a server that only tallies never needs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {name for f in functions for _, name in imports(f)}
    is_measure = path.relative_to(ROOT).parts[:2] == ("rounds", "measures")
    assert not {name for name in inside if not (is_measure and name.startswith("scipy."))}


def test_a_live_tally_loads_no_heavy_part_of_scipy() -> None:
    heavy = ("scipy.stats", "scipy.optimize", "scipy.cluster", "scipy.sparse.linalg")
    script = f"import sys, consensus.web; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_left_open() -> None:
    for path in WRITTEN:
        assert not re.search(
            r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError", path.read_text(encoding="utf-8")
        ), short(path)
