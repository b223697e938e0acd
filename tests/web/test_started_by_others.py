"""The application as others start it: `uvicorn asgi:app`, however told to log, writes no path, as paths are keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.conftest import SECRET, free_port, fresh

HERE = Path(__file__).parents[2]
KEY = "17-a-link-that-nobody-may-read"
LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"out": {"class": "logging.StreamHandler"}},
    "loggers": {name: {"handlers": ["out"], "level": "DEBUG"} for name in ("uvicorn", "uvicorn.access")},
    "root": {"handlers": ["out"], "level": "DEBUG"},
}


LOGGED = ["", "--log-level debug", "--log-level trace", "--log-config log.json", "--access-log"]


@pytest.mark.parametrize("told", LOGGED)
def test_no_log_of_the_server_holds_a_path(tmp_path: Path, told: str) -> None:
    (tmp_path / "log.json").write_text(json.dumps(LOG))
    port = free_port()
    settings = {"CONSENSUS_DATABASE": str(fresh(tmp_path / "a.db")), "CONSENSUS_SECRET": SECRET}
    settings |= {"CONSENSUS_ORIGIN": f"http://127.0.0.1:{port}", "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-m", "uvicorn", "asgi:app", "--port", str(port), *told.split()]
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=tmp_path, env=os.environ | settings, stdout=out, stderr=out)
        try:
            assert _asked(f"http://127.0.0.1:{port}/j/{KEY}") == 404
        finally:
            server.terminate()
            server.wait(timeout=20)
    assert b"running" in log.read_bytes()
    assert KEY.encode() not in log.read_bytes()


def _asked(url: str) -> int:
    for _ in range(200):
        try:
            return httpx2.get(url, timeout=5).status_code
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")
