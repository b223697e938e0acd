"""Where a network blocks sockets, the page asks: the next step is there a few seconds later, and nothing alarms."""

from __future__ import annotations

import time

import pytest

from consensus.protocol import Plan
from tests.browser.people import PHONE, Crowd
from tests.browser.stage import accept, agree, lay
from tests.conftest import STATEMENTS, Site

ASKED_EVERY = 5.0  # seconds, as static/js/connection.js says
SPARE = 4.0  # for the answer and its drawing: two seconds, and as many again on a busy machine
PLANS = [Plan(key="rating", kind="rating", disclosure="facilitator", grace=0)]
# What such a network looks like from inside a page: a socket is closed before it opens, or is never answered at all.
SOCKET = """window.WebSocket = class extends EventTarget {
  static CONNECTING = 0; static OPEN = 1; static CLOSING = 2; static CLOSED = 3;
  readyState = 0;
  constructor() { super(); setTimeout(() => this.refuse()); }
  refuse() { ANSWER }
  tell(event) { this[`on${event.type}`]?.(event); this.dispatchEvent(event); }
  close() { this.readyState = 3; }
};"""
REFUSED = """this.readyState = 3; this.tell(new Event("error")); this.tell(new CloseEvent("close", { code: 1006 }));"""
SILENT = ""


@pytest.mark.parametrize("answer", [REFUSED, SILENT], ids=["refused", "silent"])
async def test_where_sockets_are_blocked_the_next_step_still_comes(site: Site, crowd: Crowd, answer: str) -> None:
    table = await lay(site, PLANS, STATEMENTS)
    aline = await crowd.comes("Aline", "fr", PHONE)
    await aline.page.context.add_init_script(SOCKET.replace("ANSWER", answer))
    await accept(site, aline, table.aline)
    await agree(aline)
    begun = time.perf_counter()
    await table.open("rating")
    await aline.sees("save_and_go_on")
    assert time.perf_counter() - begun < ASKED_EVERY + SPARE
    assert all("htmx:ws:error" in trouble for trouble in aline.troubles)  # the network's, and nothing of ours
