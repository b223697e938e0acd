"""Run a file of reference cases through the measures: python -m tests.reference FILE

A file holds {"cases": [{"id", "measure", "input", "expected", "tol"}, ...]}; only the keys in "expected" are compared,
null is "undefined", tol is absolute. A line for each figure that differs, then the sums; exit code 1 on a failure.
Here inputs are only rearranged and figures only picked: a formula belongs in rounds.measures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.reference_measures import MEASURES, Unordered

SHOWN = 200  # characters of a figure in a line


def differences(case: Any) -> Iterator[str]:
    """A line for each key whose figure is not the expected one."""
    try:
        name = case.get("id", "?")
        measure, given, expected, tol = case["measure"], case["input"], case["expected"], float(case.get("tol", 0))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        yield f"{case.get('id', '?') if isinstance(case, dict) else case}: not a case: {wrong!r}"
        return
    if not isinstance(expected, Mapping):
        yield f"{name}: not a case: expected is no mapping"
        return
    if not isinstance(measure, str) or measure not in MEASURES:
        yield f"{name}: unknown measure {measure!r}"
        return
    figures: Mapping[str, Callable[[], Any]] = {}
    broken = ""
    try:
        figures = MEASURES[measure](given)
    except Exception as wrong:  # whatever goes wrong is a failure of this case, and the others still run
        broken = f"{type(wrong).__name__}: {wrong}"
    if not expected:
        yield f"{name}: nothing is expected"
    for key, figure in expected.items():
        if not broken and key not in figures:
            yield f"{name}, {key}: unknown key of {measure}"
            continue
        told = broken
        try:
            found = None if broken else figures[key]()
            got = plain(found)
            if isinstance(found, Unordered) and isinstance(figure, list):
                figure, got = _sorted(figure), _sorted(got)
        except Exception as wrong:
            told = f"{type(wrong).__name__}: {wrong}"
        if told or not same(figure, got, tol):
            yield f"{name}, {key}: expected {_short(figure)}, got {told or _short(got)}"


def _sorted(rows: list[Any]) -> list[Any]:
    """Orders of names in one order, each as a word where the file writes "ABC"."""
    return sorted("".join(map(str, row)) for row in rows)


def plain(value: Any) -> Any:
    """Numbers, words, None and lists: what a JSON file can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return None if number != number else number


def same(expected: Any, got: Any, tol: float) -> bool:
    """Equal within tol, place by place; a yes or no is no number, and undefined is only undefined."""
    if isinstance(expected, list | tuple):
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(same(one, other, tol) for one, other in zip(expected, got, strict=True))
        )
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(key in got and same(expected[key], got[key], tol) for key in expected)
    if isinstance(expected, bool) or isinstance(got, bool) or not isinstance(expected, int | float):
        return type(expected) is type(got) and expected == got
    if expected != expected:
        return got is None
    return isinstance(got, int | float) and (got == expected or abs(got - expected) <= tol)


def _short(figure: Any) -> str:
    said = json.dumps(figure, ensure_ascii=False)
    return said if len(said) <= SHOWN else said[: SHOWN - 1] + "…"


def run(path: Path, say: Callable[[str], None]) -> int:
    """Every case of a file; how many failed."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        cases = data["cases"] if isinstance(data, dict) else data
        failed = 0
        for case in cases:
            lines = list(differences(case))
            failed += bool(lines)
            for line in lines:
                say(line)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        say(f"{path}: not a file of cases: {wrong!r}")
        cases, failed = [], 1
    say(f"{len(cases) - failed if cases else 0} passed, {failed} failed")
    return failed


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m tests.reference FILE", file=sys.stderr)
        return 2
    return 1 if run(Path(sys.argv[1]), print) else 0


if __name__ == "__main__":
    sys.exit(main())
