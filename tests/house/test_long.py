"""A long proof says what it proves and how long it takes, and what it tries at length CI tries in short."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.long.__main__ import main, proofs

HERE = Path(__file__).parents[2]
LASTS = re.compile(r"About (half a minute|1 minute|\d+ minutes)\.$")


@pytest.mark.parametrize("name", proofs())
def test_a_long_proof_has_a_short_form(name: str) -> None:
    first, *_, last = proofs()[name].split("\n\n")
    assert LASTS.search(first.replace("\n", " ")), "about how long it takes"
    short = HERE / last.removeprefix("Short form: ")
    assert short.is_file() and short.name.startswith("test_"), short
    module = short.relative_to(HERE).with_suffix("").as_posix().replace("/", ".")
    ours = (HERE / f"tests/long/{name}.py").read_text(encoding="utf-8")
    # Both are made of the same parts, so that neither promises what the other does not.
    assert parts(ours) & (parts(short.read_text(encoding="utf-8")) | {module}), name


def parts(source: str) -> set[str]:
    """What of the tests it imports, but for what all do."""
    return set(re.findall(r"^from (tests\.(?!conftest)[\w.]+) import", source, re.MULTILINE))


def test_they_are_listed_and_a_wrong_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    said = capsys.readouterr().out
    assert proofs() and all(f"{name}: " in said for name in proofs())
    assert main(["nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
