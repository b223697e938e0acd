"""The wheel that is built, installed outside the clone: it serves, and plays the demo, with nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(HERE)], check=True, timeout=180)
    wheel = next(folder.glob("*.whl"))
    install = [*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)]
    subprocess.run(install, check=True, timeout=180)
    return folder


@pytest.mark.parametrize(("command", "last"), [("serve", "Ctrl-C"), ("demo", "facilitator: ")])
def test_the_wheel_works_outside_the_clone(elsewhere: Path, command: str, last: str) -> None:
    site = str(elsewhere / "site")
    env = os.environ | {"PYTHONPATH": site, "CONSENSUS_DATABASE": str(elsewhere / "w.db")}
    found = [sys.executable, "-c", "import consensus; print(consensus.__file__)"]
    assert subprocess.check_output(found, cwd=elsewhere, env=env, text=True).startswith(site)
    words = [sys.executable, "-m", "consensus", command, "--port", "0"]
    with subprocess.Popen(words, cwd=elsewhere, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith(last) for line in process.stdout)
        finally:
            process.kill()
