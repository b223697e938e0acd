"""What the repository holds is written here, or vendored on purpose: nothing large, nothing built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.test_vendored import lines

HERE = Path(__file__).parents[2]
LARGEST = 500_000  # bytes
BUILT = {".whl", ".egg", ".pyc", ".pyo", ".so", ".pyd", ".zip", ".gz", ".tar", ".db", ".map"}
FOLDERS = {"dist", "build", "__pycache__", "node_modules", ".venv"}


def tracked() -> list[Path]:
    if not (HERE / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a clone: nothing is tracked")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=HERE, capture_output=True, text=True, check=True)
    return [HERE / name for name in done.stdout.split("\0") if name and (HERE / name).is_file()]


def test_no_tracked_file_is_large_unless_it_is_vendored() -> None:
    vendored = {file for file, _, _ in lines()}
    assert [path for path in tracked() if path.stat().st_size > LARGEST and path.resolve() not in vendored] == []


def test_no_tracked_file_was_built() -> None:
    names = [path.relative_to(HERE) for path in tracked()]
    assert [n for n in names if n.suffix in BUILT or FOLDERS & set(n.parts[:-1]) or ".egg-info" in str(n)] == []
