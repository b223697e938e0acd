"""What becomes of an answer on its way, apart from page, store and network: the real script, in a real browser.

Tables are compared whole: a state or an event that is not in them, or a cell that says something else, fails. The laws
are tried on random walks through a world of one device, two pages and a network that fails in every way (`walk.js`).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from tests.browser.conftest import ARGUMENTS
from tests.conftest import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
WALK = Path(__file__).with_name("walk.js")
LOAD = """async (files) => {
  for (const [name, text] of Object.entries(files)) {
    globalThis[name] = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }
}"""
PLAY = "(all) => JSON.stringify(JSON.parse(all).map((steps) => world.walk(states, steps)))"
WALKS, STEPS = 300, 40
CARDS = ["P001", "P002", "P003"]
FATES = ["stored", "refused", "out", "later", "held", "closed"]  # held: it arrives, and nothing comes back

# Across, what happens; a dash: nothing follows of it.
ANSWER = """
          written  unwritten  stored  refused  out      later    read
pressed   sending  bare       -       -        -        -        -
sending   -        -          done    done     waiting  waiting  -
bare      -        -          done    done     done     lost     -
waiting   -        -          done    refused  waiting  waiting  -
refused   -        -          -       -        -        -        done
lost      -        -          -       -        -        -        -
done      -        -          -       -        -        -        -
"""
LINE = """
      heard  silent  lost  shut  online
open  -      away    away  -     -
away  open   -       -     open  open
"""
SEAT = """
     shut
own  out
out  -
"""
WORD = """
      pressed  lost  emptied  left  held
none  -        lost  sent     -     held
sent  none     lost  -        none  held
lost  none     -     -        -     -
held  none     lost  sent     -     -
"""
TURN = """
         begun  ended    over
resting  busy   -        over
busy     -      resting  over
over     -      -        -
"""
FOLLOWS = {
    ("pressed", "written"): ("pressed", ["send"]),
    ("pressed", "unwritten"): ("pressed", ["send"]),
    ("sending", "stored"): ("heard", ["forget", "hand"]),
    ("sending", "refused"): ("heard", ["forget", "hand"]),
    ("sending", "out"): ("heard", ["hand"]),
    ("sending", "later"): ("silent", []),
    ("bare", "stored"): ("heard", ["hand"]),
    ("bare", "refused"): ("heard", ["hand"]),
    ("bare", "out"): ("heard", ["hand"]),
    ("bare", "later"): ("lost", []),
    ("waiting", "stored"): ("heard", ["forget", "next"]),
    ("waiting", "refused"): ("heard", ["explain", "next"]),
    ("waiting", "out"): ("shut", ["forgetPages"]),
    ("waiting", "later"): ("silent", []),
    ("refused", "read"): (None, ["forget"]),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Page]:
    """A page of nobody's, with the script in it and nothing else."""
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = await browser.new_page()
        files = {"states": SCRIPTS / "outbox" / "states.js", "world": WALK}
        await page.evaluate(LOAD, {name: path.read_text(encoding="utf-8") for name, path in files.items()})
        yield page
        await browser.close()


def cells(table: str) -> dict[tuple[str, str], str]:
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return {(row[0], event): cell for row in rows for event, cell in zip(head, row[1:], strict=True)}


def states_and_events(table: str) -> tuple[set[str], set[str]]:
    return {state for state, _ in cells(table)}, {event for _, event in cells(table)}


async def test_every_state_of_an_answer_has_one_reply_to_every_event(engine: Page) -> None:
    written = await engine.evaluate("states.ANSWER")
    states, events = states_and_events(ANSWER)
    assert set(written) == states and {event for row in written.values() for event in row} == events
    for (state, event), cell in cells(ANSWER).items():
        news, deeds = FOLLOWS.get((state, event), (None, []))
        assert ((state, event) in FOLLOWS) == (cell != "-")
        expected = {"state": state if cell == "-" else cell, "news": news, "deeds": deeds}
        assert await engine.evaluate("([state, event]) => states.become(state, event)", [state, event]) == expected


async def test_every_part_of_what_a_page_knows_has_one_reply_to_every_news(engine: Page) -> None:
    tables = {"line": LINE, "seat": SEAT, "word": WORD, "turn": TURN}
    written = await engine.evaluate("states.PAGE")
    every = {part: states_and_events(table) for part, table in tables.items()}
    assert {part: (set(of), {event for row in of.values() for event in row}) for part, of in written.items()} == every
    all_news = sorted(set().union(*(events for _, events in every.values())))
    for combined in product(*(sorted(states) for states, _ in every.values())):
        page = dict(zip(tables, combined, strict=True))
        for news in all_news:
            told = {part: cells(table).get((page[part], news), "-") for part, table in tables.items()}
            expected = {part: page[part] if told[part] == "-" else told[part] for part in tables}
            assert await engine.evaluate("([page, news]) => states.learn(page, news)", [page, news]) == expected


async def test_nothing_is_told_that_no_table_knows_and_all_that_they_know_is_told(engine: Page) -> None:
    shell = (SCRIPTS / "outbox.js").read_text(encoding="utf-8")
    answer, page = await engine.evaluate("[states.ANSWER, states.PAGE]")
    follows = [step for row in answer.values() for step in row.values()]
    told = named(shell, "tell") | {step["news"] for step in follows} - {None}
    assert told == {news for part in page.values() for row in part.values() for news in row}
    happens = named(shell, "carryOut") - set(answer) | {said for _, said in VERDICTS}
    assert happens == {event for row in answer.values() for event in row}
    deeds = set(re.findall(r"^  (\w+)[:,]", shell.partition("const DEEDS = {")[2].partition("};")[0], re.MULTILINE))
    deeds |= set(re.findall(r'deeds\.includes\("(\w+)"\)', shell)) | {"send"}  # whatever is new is sent
    assert deeds == {deed for step in follows for deed in step["deeds"]}


def named(script: str, function: str) -> set[str]:
    calls = re.findall(rf"\b{function}\((.*?)\);", script)
    return {name for call in calls for name in re.findall(r'"(\w+)"', call)}


ROW = {"key": "k" * 8, "url": "/sessions/1/take"}
VERDICTS = [
    ([{"kept": "k" * 8, "path": None, "status": 200}, ROW], "stored"),
    ([{"kept": None, "path": "/sessions/1/take", "status": 200}, ROW], "stored"),
    ([{"kept": "k" * 8, "path": None, "status": 500}, ROW], "stored"),  # we have said it, whatever came of the page
    ([{"kept": None, "path": None, "status": 200}, ROW], "later"),  # the page by which a network asks for a sign-in
    ([{"kept": "another", "path": None, "status": 200}, ROW], "later"),
    ([{"kept": "", "path": None, "status": 200}, ROW | {"key": ""}], "later"),
    ([{"kept": None, "path": "/portal", "status": 200}, ROW], "later"),
    *(([{"kept": None, "path": None, "status": status}, ROW], "out") for status in (401, 403, 404, 409)),
    *(([{"kept": None, "path": None, "status": status}, ROW], "refused") for status in (400, 413, 422)),
    *(([{"kept": None, "path": None, "status": status}, ROW], "later") for status in (0, 302, 408, 429, 500, 502, 503)),
]


async def test_only_our_own_word_for_it_makes_an_answer_stored(engine: Page) -> None:
    for given, said in VERDICTS:
        assert await engine.evaluate("([said, row]) => states.verdict(said, row)", given) == said


async def test_what_lies_on_a_device_says_itself_whether_it_goes_again(engine: Page) -> None:
    rows = [{}, {"reason": "Closed."}]
    assert await engine.evaluate("(rows) => rows.map(states.stateOf)", rows) == ["waiting", "refused"]


def pages() -> Iterator[dict[str, Any]]:
    for states in product(*({state: None for state, _ in cells(table)} for table in (LINE, SEAT, WORD, TURN))):
        yield dict(zip(("line", "seat", "word", "turn"), states, strict=True))


async def test_a_turn_sends_what_waits_asks_after_a_silence_and_else_rests(engine: Page) -> None:
    for page, n, online, old in product(pages(), (0, 2), (True, False), (True, False)):
        may = online and page["turn"] != "over"
        expected = "rest"
        if may and n and page["seat"] == "own":
            expected = "send"
        if may and not n and (old or page["line"] == "away"):
            expected = "ask"
        given = [page, {"n": n, "isOnline": online, "isOld": old}]
        assert await engine.evaluate("([page, facts]) => states.due(page, facts)", given) == expected


async def said_of(engine: Page, known: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[tuple[list[str], bool]]:
    said = "(all) => JSON.stringify(JSON.parse(all).map((one) => [states.words(...one), states.isOff(...one)]))"
    return [(words, off) for words, off in json.loads(await engine.evaluate(said, json.dumps(known)))]


async def test_the_banner_never_says_more_than_is_known(engine: Page) -> None:
    names = ("isOnline", "isOld", "isAll", "keeps", "canGoOn")
    known = [
        (page, {"n": n, **dict(zip(names, flags, strict=True))})
        for page, n, *flags in product(pages(), (0, 2), *[(True, False)] * len(names))
    ]
    for (page, facts), (said, off) in zip(known, await said_of(engine, known), strict=True):
        assert off == (page["line"] == "away" or not facts["isOnline"] or facts["isOld"])
        assert len(said) <= 1 or said == ["saysWaiting", "saysAll"]
        if facts["n"]:  # that something waits is told, but before it: nobody leaves now, and what is lost
            first = {"held": "saysHeld", "lost": "saysLost"}.get(page["word"], "saysWaiting" if off else None)
            first = "saysOut" if page["seat"] == "out" and page["word"] != "held" else first
            assert said[:1] == ([first] if first else [])
        else:
            assert not {"saysHeld", "saysOut", "saysWaiting", "saysAll"} & set(said)
        assert ("saysAll" in said) == ("saysWaiting" in said and facts["isAll"])
        assert "saysSent" not in said or page["word"] == "sent"
        assert page["word"] != "lost" or said[0] in {"saysLost", "saysOut"}


# Walks


def steps(seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    acts = ["press"] * 6 + ["turn"] * 8 + ["open", "open", "online", "leave", "read", "fill", "clear", "clear"]

    def step() -> dict[str, Any]:
        fates = draw.choices(FATES, weights=[6, 2, 1, 3, 2, 1], k=3)
        more = {"card": draw.choice(CARDS), "fate": fates[0], "fates": fates, "newer": draw.random() < 0.2}
        return {"act": draw.choice(acts), "tab": draw.randrange(2), **more}

    return [step() for _ in range(STEPS)]


# The network is well again, and whoever was signed out opens the page anew.
MENDED = [
    {"act": "clear"},
    *({"act": "signIn", "tab": tab} for tab in (0, 1)),
    *({"act": "turn", "tab": tab, "fates": ["stored"]} for tab in (0, 1, 0, 1)),
]


async def walked(engine: Page, end: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return await played(engine, [[*steps(seed), *end] for seed in range(WALKS)])


async def played(engine: Page, walks: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await engine.evaluate(PLAY, json.dumps(walks)))
    return found


def when(log: list[list[str]], what: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, (name, key, _) in enumerate(log):
        if name == what:
            found.setdefault(key, []).append(at)
    return found


async def test_nothing_that_was_acknowledged_is_sent_again(engine: Page) -> None:
    heard = 0
    for seed, walk in enumerate(await walked(engine, MENDED)):
        sent = when(walk["log"], "sent")
        for key, at in when(walk["log"], "heard").items():
            assert len(at) == 1 and max(sent[key]) < at[0], (seed, key, walk["log"])
            heard += 1
    assert heard > WALKS  # the walks do come by


async def test_nothing_unacknowledged_is_forgotten(engine: Page) -> None:
    """It was handed to its page or heard, lies on the device, was read, or told as lost; or a newer took its place."""
    ends: dict[str, int] = {}
    for seed, walk in enumerate(await walked(engine, [])):
        log, there = walk["log"], dict(walk["device"])
        assert set(when(log, "heard")) <= set(when(log, "counted")), (seed, log)
        for at, (key, card) in ((at, said) for at, (what, *said) in enumerate(log) if what == "pressed"):
            known = [what for what in ("heard", "handed", "read", "lost", "closed") if key in when(log, what)]
            newer = [other for what, other, same in log[at + 1 :] if (what, same) == ("written", card) and other != key]
            end = "there" if key in there else known[0] if known else "newer" if newer else ""
            assert end, (seed, key, log)
            ends[end] = ends.get(end, 0) + 1
    assert set(ends) == {"there", "heard", "handed", "read", "lost", "closed", "newer"}


async def test_what_was_refused_is_told_once(engine: Page) -> None:
    told = 0
    for seed, walk in enumerate(await walked(engine, [*MENDED, {"act": "read"}, {"act": "read"}])):
        log = walk["log"]
        explained, read = when(log, "explained"), when(log, "read")
        handed = {key for what, key, said in log if what == "handed" and said == "refused"}
        assert all(len(at) == 1 for at in [*explained.values(), *read.values()]), (seed, log)
        assert not handed & set(explained)
        sent = when(log, "sent")
        for key, at in explained.items():
            assert max(sent[key]) < at[0], (seed, key, log)
            told += 1
        assert "refused" not in dict(walk["device"]).values()
    assert told > WALKS / 2


async def test_once_the_network_is_well_everything_comes_to_rest(engine: Page) -> None:
    for seed, walk in enumerate(await walked(engine, MENDED)):
        assert walk["due"] == ["rest", "rest"], (seed, walk["log"])
        assert "waiting" not in dict(walk["device"]).values()
        assert all((page["line"], page["seat"], page["turn"]) == ("open", "own", "resting") for page in walk["pages"])


async def test_what_waits_is_sent_in_the_order_in_which_it_was_said(engine: Page) -> None:
    pressed = [{"act": "press", "tab": 0, "card": card, "fate": "later"} for card in ("P002", "P001", "P003", "P002")]
    [walk] = await played(engine, [[*pressed, *MENDED]])
    last = [key for what, key, _ in walk["log"] if what == "sent"][len(pressed) :]
    assert last == ["k1", "k2", "k3"]  # the first answer to P002 has none to send: the second stands in its place
