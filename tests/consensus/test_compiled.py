"""A compiled template is taken from where it was kept only if nothing of it has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, Template

from consensus import compiled
from consensus.compiled import Compiled


class Counting(Environment):
    """How often it compiled."""

    times = 0

    def _generate(self, *args: object, **more: object) -> str:
        self.times += 1
        return super()._generate(*args, **more)  # type: ignore[arg-type]


def drawn(folder: Path, by: Path, words: str) -> tuple[str, int]:
    jinja = Counting(loader=DictLoader({"page": words}), bytecode_cache=Compiled(folder, by))
    page: Template = jinja.get_template("page")
    return page.render(name="Aline"), jinja.times


def test_a_template_is_compiled_once_and_again_when_it_or_the_program_changes(tmp_path: Path) -> None:
    folder, by = tmp_path / "kept", tmp_path / "page.py"
    folder.mkdir()
    by.write_text("autoescape = True")
    assert drawn(folder, by, "Hello {{ name }}") == ("Hello Aline", 1)
    assert drawn(folder, by, "Hello {{ name }}") == ("Hello Aline", 0)
    assert drawn(folder, by, "Hallo {{ name }}") == ("Hallo Aline", 1)
    by.write_text("autoescape = False")
    assert drawn(folder, by, "Hallo {{ name }}") == ("Hallo Aline", 1)
    assert len(list(folder.iterdir())) == 1, "nothing old is left behind"


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by = Path(compiled.__file__)
    assert isinstance(compiled.kept(by), compiled.Compiled)
    assert isinstance(compiled.kept(tmp_path / "page.py"), compiled.Held), "there is no folder of compiled files"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert isinstance(compiled.kept(by), compiled.Held)
