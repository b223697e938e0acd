"""Commands in processes of their own that need not begin anew: one process reads the whole program, which takes longer
than most commands, and forks for each of them. That a process begins by itself is tried by test_main.py,
test_first_minute.py and test_wheel.py."""

from __future__ import annotations

import atexit
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


class Warm:
    """The process that forks; killed with ours."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        atexit.register(self.end)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def asks(self, **asked: Any) -> int:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(asked)}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@cache
def _warm() -> Warm:
    return Warm()


def command(
    *words: str, timeout: int, env: Mapping[str, str] | None = None, typed: str = "", memory: int = 0
) -> tuple[int, str, str]:
    """As `consensus WORDS` in its own process: exit code, standard output, standard error. memory: bytes of addresses
    at most, 0 for no bound. A command that takes longer than so many seconds is killed: -9."""
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("in", "out", "err")]
        Path(files[0]).write_text(typed, encoding="utf-8")
        told = dict(os.environ if env is None else env)
        code = _warm().asks(words=words, files=files, env=told, cwd=str(Path.cwd()), timeout=timeout, memory=memory)
        out, err = (Path(file).read_text(encoding="utf-8") for file in files[1:])
        return code, out, err


def _run(asked: Mapping[str, Any]) -> None:
    """In the fork: what a new process would find, then the program."""
    from consensus.__main__ import main  # noqa: PLC0415  # only the process that forks reads it

    for place, (file, mode) in enumerate(
        zip(asked["files"], (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)
    ):
        os.dup2(os.open(file, mode), place)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    if asked["memory"]:
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"],) * 2)
    sys.argv = ["consensus", *asked["words"]]
    main()


def _waited(pid: int, seconds: int) -> int:
    until = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def serve() -> None:
    import consensus.__main__  # noqa: F401, PLC0415

    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            sys.stdin = open(asked["files"][0], encoding="utf-8")  # noqa: SIM115, PTH123  # not what we are asked by
            _run(asked)
            sys.exit("a command ends with a code")
        sys.stdout.write(f"{_waited(pid, asked['timeout'])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
