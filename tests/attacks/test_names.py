"""Attacks 13 and 14, by whoever has everything of the team and the file: the sheet of the seats, the page of the
journal, the moment of every answer and who was seen to send it. Nothing of it leads from an alias, or from a text, to
a person more often than chance."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import permutations
from random import Random

from consensus import export, leaves, models
from consensus.journal import commitment, halves, head_of
from consensus.protocol import Plan
from rounds.words import bare, words
from tests.conftest import Site, Table, lay_table

CARDS = ("P001", "P002", "P003")
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=0)
VALIDATION = Plan(key="validation", kind="validation", disclosure="at_close", grace=0)


async def answered_in_turn(site: Site, seed: int) -> tuple[Table, list[models.Seat], list[str]]:
    """One after another, in an order that the attacker sees, each by the forms of their own page. After each the team
    looks at the journal. Who answered, in that order; the pages of the journal."""
    table = await lay_table(site.house, [RATING], title=f"Session {seed}")
    await models.Study.filter(id=table.session.study_id).update(floor=3)
    await table.open("rating")
    arrived, seen = list(table.seats), []
    Random(seed).shuffle(arrived)
    async with aclosing(await site.sign_in()) as fay:
        for place, seat in enumerate(arrived):
            async with aclosing(await site.sit(seat)) as browser:
                for turn in range(len(CARDS)):
                    page = (await browser.get(f"/sessions/{table.session.id}/take")).text
                    card = re.search(r'name="card" value="(\w+)"', page)
                    assert card, "a card is asked"
                    form = {"round": "rating", "key": f"{place}.{turn}", "card": card[1], "importance": "5"}
                    answer = await browser.post(f"/sessions/{table.session.id}/take", data=form)
                    assert answer.status_code == 303
            if place % 4 == 0:
                seen.append((await fay.get(f"/sessions/{table.session.id}/journal")).text)
    await table.close("rating")
    return table, arrived, seen


def tables_of(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        return {name: parcel.read(name).decode() for name in parcel.namelist()}


def orders_of(files: Mapping[str, str], block: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Every order in which a file has these aliases, and those of what stands beside them."""
    for name, text in files.items():
        found = [alias for alias in dict.fromkeys(re.findall(r"\b[\w-]+\b", text)) if alias in block]
        if len(found) == len(block):
            yield name, found
    rows = list(csv.DictReader(io.StringIO(files["sealed.csv"])))
    for column in ("salt", "hash"):
        if column in rows[0]:
            beside = [(row[column], alias) for row in rows for alias in block if alias in str(row.values())]
            yield column, list(dict.fromkeys(alias for _, alias in sorted(beside)))


async def test_no_order_of_a_file_is_that_of_the_seats_or_of_the_clock(site: Site) -> None:
    hits: dict[tuple[str, str], int] = {}
    expected = 0
    for seed in range(4):
        table, arrived, _ = await answered_in_turn(site, seed)
        files = tables_of(await export.individual(site.house, table.session, is_for_team=True))
        row = await table.row("rating")
        secret = site.house.settings.secret
        alias_of = {seat.id: leaves.alias_of(secret, row.session_id, row.key, str(seat.id)) for seat in arrived}
        for block in row.made["blocks"]:
            people = [seat for seat in arrived if seat.group in block["groups"]]
            names = [alias_of[seat.id] for seat in people]
            expected += 1
            for where, found in orders_of(files, names):
                for known, order in (("clock", people), ("roster", sorted(people, key=lambda seat: seat.id))):
                    for turned in (order, order[::-1]):
                        there = sum(alias_of[s.id] == alias for s, alias in zip(turned, found, strict=True))
                        key = (where, f"{known}{turned is order}")
                        hits[key] = hits.get(key, 0) + there
    assert len(hits) >= 8 and expected >= 4, "aliases are in some order in each file"
    assert max(hits.values()) <= 3 * expected + 4, hits  # each block has one right by chance; by a true order all


async def test_nothing_that_the_team_sees_makes_an_alias_or_a_salt(site: Site) -> None:
    """No digest of a seat's number, code, link, handle or line, with whatever is public beside it, is in the file; and
    no salt of the file opens a line of the journal."""
    table, _, seen = await answered_in_turn(site, 9)
    files = tables_of(await export.individual(site.house, table.session, is_for_team=True))
    row, everything = await table.row("rating"), "\n".join(files.values())
    lines = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq")
    known = [str(seat.id) for seat in table.seats] + [line.alias for line in lines if line.alias]
    known += [line.hash for line in lines] + [str(line.seq) for line in lines]
    beside = [str(table.session.id), row.key, row.hash]
    for one in known:
        for parts in permutations([one, *beside[:2]]):
            for sep in ("", "|", ":", " "):
                digest = hashlib.sha256(sep.join(parts).encode()).hexdigest()
                assert digest[:12] not in everything
    commitments = {str(json.loads(line.payload).get("commitment")) for line in lines if line.act == "cast"}
    assert len(commitments) == 3 * len(table.seats)
    for sealed in csv.DictReader(io.StringIO(files["sealed.csv"])):
        salt = sealed["salt"]
        for card in CARDS:
            marks = {"card": card, "values": {"importance": 5}, "reason": ""}
            for half in (salt, *halves(salt)):
                assert commitment(half, {"round": row.key, "slot": card, "marks": bare(marks)}) not in commitments
                assert commitment(half, words(marks)) not in commitments
    for page in seen:
        tokens = set(re.findall(r"\b[0-9a-f]{8,64}\b", page))
        assert tokens and not [token for token in tokens if token in files["sealed.csv"] + files["answers.csv"]]


async def test_a_text_before_the_team_has_not_the_number_of_its_line(site: Site) -> None:
    """By that number the page of the journal tells the minute, and who was seen to come in then."""
    plans = [RATING, replace(VALIDATION, takes="all")]
    table = await lay_table(site.house, plans)
    await table.open("rating")
    for seat in table.seats:
        for card in CARDS:
            await table.cast(seat, "rating", card=card, importance="7", reason=f"Because {seat.id} {card}.")
    await table.close("rating")
    await table.open("validation", "Nobody translates here.")
    for seat in table.seats:
        await table.cast(
            seat,
            "validation",
            **{f"say.{c}": "change" for c in CARDS},
            **{f"text.{c}": f"Say {seat.id}." for c in CARDS},
        )
    async with aclosing(await site.sign_in()) as fay:
        for page, round in (("reasons/rating", "rating"), ("console", "validation"), ("frame/console", "validation")):
            row = await table.row(round)
            numbers = {str(b["seq"]) for b in await models.Ballot.filter(round_id=row.id).values("seq")}
            text = (await fay.get(f"/sessions/{table.session.id}/{page}")).text
            named = set(re.findall(r'(?:value|href|id|name|for)="([^"]+)"', text))
            parts = {part for name in named for part in re.split(r"[^0-9A-Za-z]+", name)}
            assert ("Because" in text or "Say" in text) and not parts & numbers, page


async def test_a_form_of_a_call_does_not_count_who_signalled(site: Site) -> None:
    """Two calls under the numbers of their lines would tell how many lines came between, of a group not told too."""
    table = await lay_table(site.house, [Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    row = await table.open("wall")
    async with aclosing(await site.sit(table.aline)) as aline:
        for card in CARDS[:2]:
            await table.cast(table.fay, "wall", act="call", card=card, seen="0")
            table_now = (await site.house.counts.now(row)).official.todo.table
            page = (await aline.get(f"/sessions/{table.session.id}/take")).text
            name = re.search(r'name="call" value="(\w+)"', page)
            assert name and name[1] != str(table_now.call) and f"call{table_now.call}" not in page
            assert f"call{table_now.call}" not in (await aline.get(f"/sessions/{table.session.id}/kept")).text
            form = {"round": "wall", "key": card, "call": name[1], "signal": "keep"}
            assert (await aline.post(f"/sessions/{table.session.id}/take", data=form)).status_code == 303
            own = (await site.house.counts.now(row)).own[str(table.aline.id)]
            assert own[f"call{table_now.call}"]["signal"] == "keep"
