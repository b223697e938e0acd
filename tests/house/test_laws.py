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
from tests.house.writes import raw, writes

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "consensus").rglob("*.py")) + sorted((ROOT / "rounds").rglob("*.py"))
WRITTEN = [path for path in PYTHON if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WRITERS = {"seats.py", "journal.py", "numbers.py", "store.py"}
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


FIRST = ("consensus", "export", "first")  # the kinds as they were, for parcels of that time


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


OURS = [path for path in WRITTEN if path.relative_to(ROOT).parts[0] == "consensus"]


# The pulse asks a server whether it is there, on a connection beside those that wait for it: SELECT 1, and no more.
# A count is read beside the writer, on a connection that sees one moment.
SPEAKS_SQL = (("store.py",), ("sql.py",), ("reading.py",), ("pulse.py",))


@pytest.mark.parametrize("path", OURS, ids=short)
def test_only_the_acts_write(path: Path) -> None:
    """Law 3: only conduct, seats, journal, numbers and store write; SQL is spoken by store and what serves it, and the
    pulse."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT / "consensus").parts
    may_write = place[0] == "conduct" or (len(place) == 1 and place[0] in WRITERS)
    assert may_write or not list(writes(tree))
    assert place in SPEAKS_SQL or not list(raw(tree))


@pytest.mark.parametrize(
    "line",
    [
        "await models.Seat.filter(id=1, withdrawn='').update(group='x')",
        "await Seat.filter(**{'id': 1}).exclude(role='a').update(group='x')",
        "await Seat.filter(id__in=[1, 2])[0].delete()",
        "await Seat.get_or_create(id=1)",
        "await Seat.update_or_create({'group': 'x'}, id=1)",
        "await Seat.bulk_update(seats, ['group'])",
        "await (await Seat.get(id=1, role='a')).save(update_fields=['group'])",
        "await asyncio.gather(*(seat.save() for seat in seats))",
        "job = people.update(group='x')",
        "return people.update(group='x')",
        "jobs = [Seat.filter(id=1).update]",
        "from consensus.web.setup import plan; plan = seat; await plan.save()",
        "write = Seat.create",
        "await getattr(Seat, 'create')(id=1)",
    ],
)
def test_every_form_of_a_write_is_found(line: str) -> None:
    assert list(writes(ast.parse(f"async def act():\n    {line}")))


@pytest.mark.parametrize(
    "line",
    [
        "await connection.execute_query('SELECT 1')",
        "await connection.execute_many(sql, rows)",
        "await connection.execute_script(sql)",
        "await Seat.raw('SELECT 1')",
        "sql = 'insert into seat (id) values (1)'",
        "sql = f'UPDATE {table} SET group_key = 1'",
        "sql = 'DELETE\\n  FROM seat'",
        "import sqlite3",
        "from asyncpg import connect",
    ],
)
def test_every_form_of_raw_sql_is_found(line: str) -> None:
    assert list(raw(ast.parse(f"async def act():\n    {line}")))


@pytest.mark.parametrize(
    "line",
    [
        "places.update(dict.fromkeys(tied, said))",
        "response.headers.update(FORGET)",
        "self._jinja.globals.update(static=1)",
        "from consensus.web.setup import plan; urls = [plan.save]",
        "said = 'we update the list and set it aside'",
        "rows = await Seat.filter(id=1, role='a').order_by('id')",
    ],
)
def test_what_writes_nothing_is_left_alone(line: str) -> None:
    tree = ast.parse(f"async def act():\n    {line}")
    assert not [*writes(tree), *raw(tree)]


def test_the_environment_is_read_in_one_place() -> None:
    readers = {short(path) for path in WRITTEN if "os.environ" in path.read_text(encoding="utf-8")}
    assert readers == {"consensus/settings.py"}


def test_how_a_minute_is_kept_is_said_in_one_place() -> None:
    """The journal's; a parcel of before has its own."""
    spelled = {short(path) for path in WRITTEN if "%H:%MZ" in path.read_text(encoding="utf-8")}
    assert spelled == {"consensus/journal.py"}


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
        if place[:2] in {("rounds", kind), ("rounds", "__init__.py")} or place[:3] == FIRST:
            continue
        # In the measures a word in quotes names a figure: Borda's points are no round.
        named = imported if place[:2] == ("rounds", "measures") else quoted
        assert not named.search(path.read_text(encoding="utf-8")), (
            f"{short(path)} knows about {kind}: ask KINDS instead"
        )
    for path in TEMPLATES:
        if path.name != f"{kind}.html":
            assert not re.search(rf"""say\(["']{kind}\.""", path.read_text(encoding="utf-8")), short(path)


ACTS = [path for path in OURS if path.parent.name == "conduct"]


@pytest.mark.parametrize("path", ACTS, ids=short)
def test_no_act_is_written_without_being_announced(path: Path) -> None:
    """house.act does both. A ballot, which is no act, is announced where it is cast."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_write(node)]
    assert not silent or path.name == "ballots.py"


def _is_write(node: ast.Attribute) -> bool:
    return node.attr == "write" and isinstance(node.value, ast.Attribute) and node.value.attr == "store"


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_no_attribute_is_glued_to_the_one_before_it(path: Path) -> None:
    """A line that ends with a block tag loses its end, and each line the spaces at its begin."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = zip(lines, lines[1:], strict=False)
    glued = [after for before, after in pairs if re.search(r"[^-]%}$", before) and re.match(r" *[a-z][\w:-]*=", after)]
    assert not glued


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_a_template_is_read_as_a_page_line_by_line(path: Path) -> None:
    long = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 200]
    assert not long


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_a_file_says_what_it_is_for_and_stays_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 5 or ast.get_docstring(tree), "its first lines say what it is for"
    assert len(lines) <= 400


HELD = [path for name in ("tests", "bench") for path in sorted((ROOT / name).rglob("*.py"))]


@pytest.mark.parametrize("path", [*WRITTEN, *(path for path in HELD if "data" not in path.parts)], ids=short)
def test_a_function_is_read_at_one_look(path: Path) -> None:
    """All of it: its arguments and its documentation are read too."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    functions = [node for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [one.name for one in functions if (one.end_lineno or 0) - one.lineno + 1 > 50]


# Of what is none of ours: a request, a route, a response, an error of a driver, a number, a stream.
FOREIGN = {"typed", "name", "body", "sqlstate", "tolist", "reconfigure"}
OURS_ARE_ASKED = re.compile(r"\b(kind|KINDS|settings|Settings)\b")


def asked_whether(tree: ast.AST) -> Iterator[str]:
    """What is asked of something by name, be it there or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"getattr", "hasattr"}:
            of, name = node.args[:2]
            is_ours = OURS_ARE_ASKED.search(ast.unparse(of)) is not None
            if is_ours or (isinstance(name, ast.Constant) and name.value not in FOREIGN):
                yield ast.unparse(node)


@pytest.mark.parametrize("path", WRITTEN, ids=short)
def test_no_kind_is_asked_whether_it_has_something(path: Path) -> None:
    """rounds/kind.py says what a kind may add, of which type, and what holds where it does not: ask by name."""
    assert not list(asked_whether(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "line",
    [
        "own = getattr(kind, name, None)",
        "has = hasattr(KINDS[row.kind], 'slots')",
        "choices = getattr(type(round.settings), field, {})",
        "parts = getattr(warm, 'parts', None)",
    ],
)
def test_every_form_of_such_a_question_is_found(line: str) -> None:
    assert list(asked_whether(ast.parse(line)))


def test_fields_that_are_taken_by_a_list_of_names_are_left_alone() -> None:
    assert not list(asked_whether(ast.parse("row = {name: getattr(statement, name) for name in COPIED}")))


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
    script = f"import sys, consensus.web.app; print([name for name in {heavy!r} if name in sys.modules])"
    script += "; assert {'scipy', 'consensus.count', 'rounds.rating'} <= set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_left_open() -> None:
    for path in WRITTEN:
        assert not re.search(
            r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError", path.read_text(encoding="utf-8")
        ), short(path)
