"""What a newcomer reads in the first minute, at a real terminal: where it answers, who may sign in, and how."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from consensus.seats import PASSWORD_LENGTH
from tests.conftest import PASSWORD

ROOT = Path(__file__).parents[2]
PROMPT = re.compile(r"(?:Password|The same again): ")
COMMAND = [sys.executable, "-m", "consensus"]


def _settings(folder: Path) -> dict[str, str]:
    return os.environ | {"CONSENSUS_DATABASE": str(folder / "first.db")}


def _served(folder: Path) -> str:
    """What serve says before it waits for people."""
    said = ""
    words = [*COMMAND, "serve", "--port", "0"]
    with subprocess.Popen(words, cwd=ROOT, env=_settings(folder), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if line.startswith("Ctrl-C"):
                    break
        finally:
            process.terminate()
    return said


def _typed(folder: Path, *lines: str) -> tuple[int, str]:
    """consensus staff at a terminal where these lines are typed, each when it is asked for."""
    ours, theirs = pty.openpty()
    words = [*COMMAND, "staff", "ann@example.org", "Ann"]
    with subprocess.Popen(
        words, cwd=ROOT, env=_settings(folder), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        said, sent = "", 0
        while True:
            try:
                said += os.read(ours, 4096).decode()
            except OSError:  # the other end has closed
                break
            if sent < min(len(lines), len(PROMPT.findall(said))):
                os.write(ours, f"{lines[sent]}\n".encode())
                sent += 1
        code = process.wait(timeout=30)
    os.close(ours)
    return code, said


def test_serve_says_where_it_answers_and_how_the_first_person_signs_in(tmp_path: Path) -> None:
    said = _served(tmp_path)
    [address] = set(re.findall(r"http://127\.0\.0\.1:\d+", said))  # on any port, people use the one that answers
    assert f"{address}/staff" in said and str(tmp_path / "first.db") in said
    assert "nobody may sign in yet" in said and "staff you@example.org" in said
    code, asked = _typed(tmp_path, PASSWORD, PASSWORD)
    assert code == 0, asked
    again = _served(tmp_path)
    assert "nobody may sign in yet" not in again and "/staff" in again


def test_a_password_is_asked_twice_and_its_length_told_before(tmp_path: Path) -> None:
    code, asked = _typed(tmp_path, "short", PASSWORD, "another horse battery", PASSWORD, PASSWORD)
    assert code == 0, asked
    assert asked.index(f"{PASSWORD_LENGTH} characters") < asked.index("Password:")
    assert "shorter" in asked and "The two differ" in asked and PASSWORD not in asked
