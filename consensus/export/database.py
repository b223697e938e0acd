"""Is this database whole? Every chain against its head, every ballot against the line that sealed it, every name of the
journal and leaf of the second seal against its row (names.py); and a head that somebody kept, against the chains.

Read in pieces, so that a large house needs no more memory than a small one. It only reads: no table is brought up to
date, and a file that is not there is not made. What a parcel must say is checks.py's.
"""

from __future__ import annotations

import asyncio
import json
import os.path
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException

from consensus import models
from consensus.export.names import are_known, check_leaves, handles_of
from consensus.export.opened import Breach
from consensus.export.verify import ODD, Verdict
from consensus.journal import commitment, halves, seal
from consensus.states import Left
from consensus.upgrade import APPS
from rounds.words import bare, words

PIECE = 1000  # rows held at once
LINE = ("seq", "at", "role", "alias", "act", "payload", "prev", "hash")  # what every version has
SESSION = re.compile(r"session-(\d+)")


async def verify_database(address: str, kept: Sequence[tuple[int, str]] = ()) -> Verdict:
    """address: the file of an embedded database, or that of a server. kept: heads that were printed or sent, as number
    and hash: a chain that was made anew as a whole has them no more."""
    is_file = "://" not in address
    if is_file and not await asyncio.to_thread(os.path.isfile, address):
        return Verdict(False, "verify.no_database", {"file": address})
    credentials = {"file_path": address, "query_only": "ON"}
    engine = {"engine": "tortoise.backends.sqlite", "credentials": credentials} if is_file else address
    context = TortoiseContext()
    with context:
        try:
            await context.init(config={"connections": {"default": engine}, "apps": APPS}, _enable_global_fallback=True)
            return await _whole(kept)
        except Breach as breach:
            return Verdict(False, breach.key, breach.values)
        except (BaseORMException, OSError):
            return Verdict(False, "verify.no_database", {"file": address if is_file else "CONSENSUS_DATABASE"})
        finally:
            await context.close_connections()


async def _whole(kept: Sequence[tuple[int, str]]) -> Verdict:
    heads = {head.key: head for head in await models.Head.all().only("key", "seq", "hash")}
    told = await models.Entry.all().distinct().values_list("head", flat=True)
    figures, has_names = {"chains": 0, "entries": 0, "ballots": 0, "leaves": 0}, await are_known()
    for key in sorted({*heads, *map(str, told)}):
        figures["entries"] += await _chain(key, heads.get(key))
        figures["chains"] += 1
        if session := SESSION.fullmatch(key):
            figures["ballots"] += await _ballots(key, int(session[1]))
            if has_names:
                await _handles(key, int(session[1]))
                figures["leaves"] += await check_leaves(key, int(session[1]))
    for number, sealed in kept:
        if not await models.Entry.exists(seq=number, hash=sealed):
            raise Breach("verify.no_such_head", entry=number, hash=sealed)
    return Verdict(True, "verify.database_whole", figures)


async def _handles(key: str, session: int) -> None:
    handles = await handles_of(key, session)
    async for line in _lines(key, *LINE, "by_id", "about_id"):
        try:
            handles.check(line)
        except ODD:
            raise Breach("verify.other_handle", chain=key, entry=line["seq"]) from None


async def _lines(key: str, *columns: str) -> AsyncIterator[Mapping[str, Any]]:
    last, wanted = -(2**31), columns or LINE
    while piece := await models.Entry.filter(head=key, seq__gt=last).order_by("seq").limit(PIECE).values(*wanted):
        for line in piece:
            yield line
        last = piece[-1]["seq"]


async def _chain(key: str, head: models.Head | None) -> int:
    """Each line follows from the one before it, and the last is the one that the head names."""
    n, prev = 0, ""
    async for line in _lines(key):
        n += 1
        if (line["seq"], line["prev"], line["hash"]) != (n, prev, seal(prev, line)):
            raise Breach("verify.chain_broken", chain=key, entry=n)
        prev = line["hash"]
    if (n, prev) != ((head.seq, head.hash) if head else (0, "")):
        raise Breach("verify.chain_short", chain=key, last=n, n=head.seq if head else 0)
    return n


async def _ballots(key: str, session: int) -> int:
    """The ballots of a session and the lines that sealed them, side by side in the order of the journal."""
    rounds = {row.id: row.key for row in await models.Round.filter(session_id=session).only("id", "key")}
    erased = {seat.id for seat in await models.Seat.filter(session_id=session, withdrawn=Left.ERASED).only("id")}
    n, last = 0, -(2**31)
    sealed = (line async for line in _lines(key) if line["act"] == "cast")
    while piece := await _after(list(rounds), last):
        for ballot in piece:
            line = await anext(sealed, None)
            if line is None or line["seq"] != ballot["seq"]:
                if line is not None and line["seq"] < ballot["seq"]:
                    raise Breach("verify.sealed_missing", chain=key, ballot=line["seq"])
                raise Breach("verify.sealed_otherwise", chain=key, ballot=ballot["seq"])
            if not _is_sealed(ballot, rounds[ballot["round_id"]], line, erased):
                raise Breach("verify.sealed_otherwise", chain=key, ballot=ballot["seq"])
        n, last = n + len(piece), piece[-1]["seq"]
    if (line := await anext(sealed, None)) is not None:
        raise Breach("verify.sealed_missing", chain=key, ballot=line["seq"])
    return n


async def _after(rounds: list[int], seq: int) -> list[dict[str, Any]]:
    found = models.Ballot.filter(round_id__in=rounds, seq__gt=seq).order_by("seq").limit(PIECE)
    return [dict(row) for row in await found.values("seq", "round_id", "seat_id", "slot", "marks", "salt")]


def _is_sealed(ballot: Mapping[str, Any], round: str, line: Mapping[str, Any], erased: set[int]) -> bool:
    """A ballot without marks was erased, which only somebody who left may ask for."""
    if ballot["marks"] is None:
        return ballot["seat_id"] in erased
    try:
        marks, said = json.loads(ballot["marks"]), json.loads(line["payload"])
        told = {"round": round, "slot": ballot["slot"]}
        if "words" not in said:
            return bool(commitment(ballot["salt"], {**told, "marks": marks}) == said["commitment"])
        of_marks, of_words = halves(ballot["salt"])
        is_same = commitment(of_marks, {**told, "marks": bare(marks)}) == said["commitment"]
        return bool(is_same and commitment(of_words, words(marks)) == said["words"])
    except ODD:
        return False
