"""The demo as somebody meets it: a process, its links, the pages behind them, a panel that goes on, Ctrl-C."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread

import httpx2
import pytest

from consensus.server import FIRST, LAST, listen
from consensus.simulation.panel import GROUPS
from tests.conftest import free_port

FIRST_PAGE, LINKS, END = 30, 120, 5  # seconds at most: to any page, to the last link on a busy machine, to the end
MEETING = ["facilitator", *(group["key"] for group in GROUPS)]
ROOM = ["room facilitator", "room projector", "room person"]
NAMES = [*MEETING, *ROOM, "researcher", "projector", "results"]
PAGES = {"facilitator": "console", "researcher": "results", "projector": "projector", "results": "results"}
PAGES |= {"room facilitator": "console", "room projector": "projector"}


@dataclass
class Running:
    """A demo in its own process. lines: what it printed, as it came."""

    process: subprocess.Popen[str]
    origin: str
    lines: Queue[str] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def answers(self) -> bool:
        try:
            return httpx2.get(f"{self.origin}/", timeout=2).status_code == 200
        except httpx2.TransportError:
            return False

    def links(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while len(found) < len(NAMES):
            name, _, link = self.lines.get(timeout=LINKS).partition(": ")
            if link.startswith("http"):  # the other lines tell how far it is
                found[name] = link
        return found

    def stop(self) -> tuple[int, float]:
        """Ctrl-C: the exit code, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60), time.monotonic() - began


@contextmanager
def started(port: int, folder: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "consensus", "demo", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield Running(process, f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.communicate()


def until(is_so: Callable[[], bool], seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


def ballots(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'demo.db'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM ballot").fetchone()[0])


def enter(link: str) -> str:
    """Where a link's button leads; the page it leads to answers."""
    with httpx2.Client(timeout=30) as browser:
        assert browser.get(link).status_code == 200
        pressed = browser.post(link, headers={"Origin": link[: link.index("/", 8)]})
        assert pressed.status_code == 303
        there = str(pressed.headers["location"])
        shown = browser.get(httpx2.URL(link).join(there))
        assert shown.status_code == 200
        return there


def test_a_demo_is_looked_at_stopped_and_found_again(tmp_path: Path) -> None:
    port = free_port()
    with started(port, tmp_path) as demo:
        page = until(demo.answers, FIRST_PAGE)
        began = time.monotonic()
        links = demo.links()
        print(f"first page after {page:.1f} s, last link after {page + time.monotonic() - began:.1f} s")
        assert list(links) == NAMES
        led = {name: enter(link) for name, link in links.items()}
        for name, there in led.items():
            assert there.endswith("/" + PAGES.get(name, "take")), (name, there)
        session = {name: there.split("/")[2] for name, there in led.items()}
        assert session["researcher"] == session["results"] != session["projector"]
        assert len({session[name] for name in (*MEETING, "projector")}) == 1
        assert {session[name] for name in ROOM}.isdisjoint({session["facilitator"], session["results"]})
        assert len({session[name] for name in ROOM}) == 1
        before = ballots(tmp_path)
        until(lambda: ballots(tmp_path) > before, 20)
        code, took = demo.stop()
        assert code == 0
        assert took < END
        assert demo.process.stderr is not None
        assert demo.process.stderr.read() == ""
    with started(port, tmp_path) as again:
        assert again.links() == links
        assert enter(links["facilitator"]) == led["facilitator"]
        assert again.stop()[0] == 0


def test_a_demo_that_is_still_being_laid_out_ends_at_once(tmp_path: Path) -> None:
    with started(free_port(), tmp_path) as demo:
        assert demo.origin in demo.lines.get(timeout=FIRST_PAGE)  # not silent while it builds
        until(demo.answers, FIRST_PAGE)
        code, took = demo.stop()
        assert code == 0
        assert took < END


def test_the_first_free_port_from_8000_is_taken() -> None:
    with closing(listen()) as first, closing(listen()) as second:
        one, two = first.getsockname()[1], second.getsockname()[1]
        assert FIRST <= one < two < LAST


def test_a_port_that_is_taken_is_named() -> None:
    with closing(listen(0)) as taken, pytest.raises(OSError, match="port [0-9]+ is taken"):
        listen(taken.getsockname()[1])
