"""The long proofs. `python -m tests.long` lists them, `python -m tests.long NAME` runs one, or several.

A proof is a file beside this one. Its first paragraph says what it proves and about how long it takes on two quiet
cores; its last line names the file of its short form.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def proofs() -> dict[str, str]:
    """By name: what it says of itself."""
    files = sorted(path for path in HERE.glob("[!_]*.py") if path.stem != "conftest")
    return {path.stem: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in files}


def main(names: list[str]) -> int:
    found = proofs()
    unknown = [name for name in names if name not in found]
    if unknown or not names:
        for name, said in found.items():
            first = said.partition("\n\n")[0]
            sys.stdout.write(f"{name}: {' '.join(first.split())}\n")
        if unknown:
            sys.stderr.write(f"no such proof: {', '.join(unknown)}\n")
        return 2 if unknown else 0
    return int(pytest.main(["-n", "0", "-s", "--durations=5", *(str(HERE / f"{name}.py") for name in names)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
