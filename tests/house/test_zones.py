"""No zone but the study's: no module keeps one of its own, none is told by the clock of the server or the browser."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus import zones

ROOT = Path(__file__).parents[2]
PYTHON = [path for path in sorted((ROOT / "consensus").rglob("*.py")) if "migrations" not in path.parts]
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
NAMING = {"models.py", "settings.py", "zones.py"}  # the two defaults, and the list that is offered
BY_THE_SERVER = {"ctime", "localtime", "mktime", "today", "utcfromtimestamp", "utcnow"}
ASKED_FOR = {"astimezone": 1, "fromtimestamp": 2, "now": 1}  # with so many words a zone is among them
BY_THE_BROWSER = re.compile(r"toLocale(Time|Date)|toTimeString|DateTimeFormat|\.get(Full|Hours|Min|Day|Date|Timez)")


def breaches(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "/" in node.value:
            if zones.is_known(node.value):
                yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, said = node.func.attr, len(node.args) + len(node.keywords)
            if name in BY_THE_SERVER or said < ASKED_FOR.get(name, 0):
                yield name


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_time_of_day_asks_for_its_zone(path: Path) -> None:
    assert all("/" in name and path.name in NAMING for name in breaches(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("line", ["d.now()", "d.fromtimestamp(t)", "d.astimezone()", "date.today()", "'Asia/Tokyo'"])
def test_what_keeps_a_zone_of_its_own_is_found(line: str) -> None:
    assert list(breaches(line))


@pytest.mark.parametrize("line", ["d.now(UTC)", "d.fromtimestamp(t, UTC)", "d.astimezone(zone)", "a = 'text/html'"])
def test_what_asks_for_its_zone_is_let_through(line: str) -> None:
    assert not list(breaches(line))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_tells_a_time_of_day(path: Path) -> None:
    assert not BY_THE_BROWSER.search(path.read_text(encoding="utf-8"))
