"""A file made to harm whoever checks it: a sentence, within bounds of memory and time."""

from __future__ import annotations

import asyncio
import json
import struct
import zipfile
from functools import partial
from pathlib import Path

import pytest

from consensus import models
from consensus.export.database import verify_database
from consensus.export.sheets import parcel
from consensus.journal import head_of
from tests.conftest import Table
from tests.warm import command

MEMORY, SECONDS = 2 * 2**30, 20  # of addresses, most of them the libraries' own
HEAD = {"format": "table-ronde/1", "contains": "released figures"}


def checked(path: Path) -> str:
    code, said, err = command("verify", str(path), timeout=SECONDS, memory=MEMORY)
    assert code == 1 and not err and len(said.splitlines()) == 1, (code, said, err)
    return said


def lying(path: Path) -> None:
    """A member that says it holds ten bytes and holds a million."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("journal.jsonl", b"0" * 10**6)
    data, size = bytearray(path.read_bytes()), struct.pack("<I", 10**6)
    while (place := data.find(size)) >= 0:
        data[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(data)


def write(path: Path, what: str) -> None:
    if what == "lying":
        return lying(path)
    if what in {"deep", "long"}:
        files = {"manifest.json": json.dumps(HEAD).encode(), "chain_head.txt": b"\n"}
        files |= {f"{name}.csv": b"a\r\n" for name in ("codebook", "measures", "results", "statements")}
        deep, long = b"[" * 10**6, b"a,b\r\n" + b"1,2\r\n" * 10**6
        files |= {"manifest.json": deep} if what == "deep" else {"measures.csv": long}
        path.write_bytes(parcel(files))
        return None
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if what == "zeros":
            with archive.open("journal.jsonl", "w") as file:
                for _ in range(900):
                    file.write(bytes(10**6))
        if what == "many":
            for number in range(30_000):
                archive.writestr(f"{number}", b"")
        if what == "path":
            archive.writestr("/etc/passwd", b"x")
    return None


@pytest.mark.parametrize("what", ["zeros", "many", "path", "lying", "deep", "long"])
def test_a_hostile_file_is_refused_in_a_sentence_within_bounds(tmp_path: Path, what: str) -> None:
    write(tmp_path / "hostile.zip", what)
    said = checked(tmp_path / "hostile.zip")
    assert said.endswith(".\n") and "Traceback" not in said


async def test_the_database_is_checked_to_its_last_line(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    address, chain = table.house.settings.database, head_of(table.session.id)
    assert (await verify_in_its_own(address)).startswith("The database is whole")
    ballot = await models.Ballot.all().first()
    await models.Ballot.filter(id=ballot.id).update(marks=ballot.marks.replace("7", "8"))
    assert f"ballot {ballot.seq} is not the one" in await verify_in_its_own(address)
    await models.Entry.filter(head=chain, seq=ballot.seq).delete()
    assert "The last entries are missing" in await verify_in_its_own(address)
    await models.Entry.filter(head=chain, seq=1).delete()
    assert "entry 1 is missing or was changed" in await verify_in_its_own(address)


async def verify_in_its_own(address: str) -> str:
    _, said, err = await asyncio.to_thread(partial(command, "verify", "--database", address, timeout=60))
    assert not err, err
    return said


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    verdict = await verify_database(str(tmp_path / "none.db"))
    assert verdict.key == "verify.no_database" and not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
