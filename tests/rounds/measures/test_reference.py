"""Every reference case, through the same runner that takes any file of cases; and the runner itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import reference
from tests.reference import differences, plain, run, same
from tests.reference_measures import MEASURES

FILES = sorted((Path(__file__).parents[2] / "data").glob("cases*.json"))


def cases_of(file: Path) -> list[Any]:
    found: list[Any] = json.loads(file.read_text(encoding="utf-8"))["cases"]
    return found


CASES = [case for file in FILES for case in cases_of(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_figure_is_the_published_one(case: Mapping[str, Any]) -> None:
    assert list(differences(case)) == []


def case(**changes: Any) -> dict[str, Any]:
    modes = {"id": "m", "measure": "modes", "input": {"counts": [0, 2, 2]}, "expected": {"modes": [2, 3]}, "tol": 0}
    return modes | changes


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"measure": "beauty"}, "m: unknown measure 'beauty'"),
        ({"expected": {"beauty": 1}}, "m, beauty: unknown key of modes"),
        ({"expected": {"modes": [2]}}, "m, modes: expected [2], got [2, 3]"),
        ({"expected": {"modes": None}}, "m, modes: expected null, got [2, 3]"),
        ({"input": {"counts": [0, 0]}}, "m, modes: expected [2, 3], got null"),
        ({"input": {}}, "m, modes: expected [2, 3], got KeyError: 'data'"),
        ({"measure": "quantile", "input": {"data": [1], "p": "2"}, "expected": {"type7": 1}}, "ValueError"),
        ({"expected": {}}, "m: nothing is expected"),
        ({"input": None}, "TypeError"),
        ({"expected": [1]}, "m: not a case"),
        ({"measure": ["modes"]}, "m: unknown measure"),
        ({"tol": "small"}, "m: not a case"),
    ],
)
def test_what_differs_is_one_clear_line(changes: dict[str, Any], line: str) -> None:
    (told,) = differences(case(**changes))
    assert line in told


def test_a_list_of_winners_compares_as_a_set() -> None:
    circle = {"items": ["A", "B", "C"], "ballots": [[1, ["A", "B", "C"]], [1, ["B", "C", "A"]], [1, ["C", "A", "B"]]]}
    for winners in (["A", "B", "C"], ["C", "A", "B"]):
        asked = case(measure="schulze", input=circle, expected={"schulze_winners": winners})
        assert list(differences(asked)) == []
    assert list(differences(case(measure="schulze", input=circle, expected={"schulze_winners": ["A", "B"]})))


@pytest.mark.parametrize("given", [{"shares": ["0.5", 0, "0.5"]}, {"counts": [0.5, 0, 0.5]}, {"counts": [3, 0, 3]}])
def test_agreement_follows_from_shares_as_from_counts(given: dict[str, Any]) -> None:
    assert list(differences(case(measure="eijk", input=given, expected={"A": -1, "polarization": 1}))) == []


def test_only_the_expected_keys_are_compared() -> None:
    assert list(differences(case())) == []


def test_what_is_no_case_fails() -> None:
    (told,) = differences({"id": "odd"})
    assert told.startswith("odd: not a case")


@pytest.mark.parametrize(
    ("expected", "got", "tol", "equal"),
    [
        (1, 1.0, 0, True),
        (1.0, 1.05, 0.1, True),
        (1.0, 1.2, 0.1, False),
        ([[1, None]], [[1, None]], 0, True),
        ([1, 2], [1], 0, False),
        ([1], 1, 0, False),
        (1, None, 9, False),
        (None, 1, 9, False),
        (float("nan"), None, 0, True),
        (True, 1, 0, False),
        (1, True, 0, False),
        (True, True, 0, True),
        ("in", "in", 0, True),
        ("in", ["in"], 0, False),
        (1, "1", 0, False),
        ({"a": 1}, {"a": 1, "b": 2}, 0, True),
        ({"a": 1}, {"b": 1}, 0, False),
        (1, float("inf"), 1, False),
    ],
)
def test_equal_means_equal_place_by_place(expected: Any, got: Any, tol: float, equal: bool) -> None:
    assert same(expected, got, tol) is equal


def test_any_number_becomes_plain() -> None:
    given = {"a": (Fraction(1, 2), np.float64("nan")), 2: np.array([1, 2]), "c": [None, True, "x"]}
    assert plain(given) == {"a": [0.5, None], "2": [1, 2], "c": [None, True, "x"]}


def test_a_file_ends_with_its_sums(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [case(), case(id="n", measure="beauty")]}), encoding="utf-8")
    said: list[str] = []
    assert run(path, said.append) == 1
    assert said == ["n: unknown measure 'beauty'", "1 passed, 1 failed"]


@pytest.mark.parametrize("text", ["", "{}", '{"cases": 3}', '{"cases": [3]}', "[[]]"])
def test_a_file_that_is_no_file_of_cases_fails(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(text, encoding="utf-8")
    said: list[str] = []
    assert run(path, said.append) == 1
    assert said[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(("names", "code"), [*(([str(file)], 0) for file in FILES), (["nowhere.json"], 1), ([], 2)])
def test_the_code_says_whether_all_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], names: list[str], code: int
) -> None:
    monkeypatch.setattr("sys.argv", ["reference", *names])
    assert reference.main() == code
    if code == 0:
        assert capsys.readouterr().out.splitlines()[-1] == f"{len(cases_of(Path(names[0])))} passed, 0 failed"


def test_the_file_and_the_runner_name_the_same_measures() -> None:
    assert {case["measure"] for case in CASES} <= set(MEASURES)
