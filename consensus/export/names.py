"""Do the names in a database hold? Every handle of the journal against its row, every leaf of the second seal against
its ballot and the root. It only reads. Chains and ballots are database.py's.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from tortoise.exceptions import BaseORMException

from consensus import leaves, models
from consensus.export.opened import Breach
from consensus.journal import handle
from consensus.reopening import CLOSED
from consensus.states import Left, RoundState
from rounds import KINDS
from rounds.contract import Ballot, Role

PIECE = 1000  # rows held at once
SEATED = "add_seats"


async def are_known() -> bool:
    """Not in a database of an earlier version that was not opened since: it is read as it is."""
    try:
        await models.Head.all().limit(1).values("secret")
        await models.Leaf.all().limit(1).values("is_person")
    except BaseORMException:
        return False
    return True


class Handles:
    """The handles of a session's lines, one line after another. Lines of earlier versions tell an alias of the seat."""

    def __init__(self, key: str, secret: str, aliases: Mapping[int, str]) -> None:
        self._key, self._secret, self._aliases = key, secret, aliases
        self._unseated = set(aliases)

    def check(self, line: Mapping[str, Any]) -> None:
        said = json.loads(line["payload"])
        about = said.get("about", [said["alias"]] if "alias" in said else [])
        if line["by_id"] is None:
            is_whole = line["alias"] == ""
        else:
            is_whole = line["alias"] in self._names(line, line["by_id"])
        if line["act"] == SEATED and "about" in said:
            is_whole = is_whole and self._seats(line, about)
        elif line["about_id"] is not None or about:
            is_whole = is_whole and len(about) == 1 and about[0] in self._names(line, line["about_id"])
        if not is_whole:
            raise Breach("verify.other_handle", chain=self._key, entry=line["seq"])

    def _names(self, line: Mapping[str, Any], seat: int | None) -> set[str]:
        if seat is None or seat not in self._aliases:
            return set()
        return {handle(self._secret, line["act"], line["seq"], seat), self._aliases[seat]} - {""}

    def _seats(self, line: Mapping[str, Any], about: Sequence[str]) -> bool:
        """Each of these is somebody whom no line before seated."""
        own = {handle(self._secret, line["act"], line["seq"], seat): seat for seat in self._unseated}
        if sorted(set(about)) != list(about) or not set(about) <= own.keys():
            return False
        self._unseated -= {own[name] for name in about}
        return True


async def handles_of(key: str, session: int) -> Handles:
    head = await models.Head.get_or_none(key=key)
    seats = await models.Seat.filter(session_id=session).values("id", "alias")
    return Handles(key, head.secret if head else "", {seat["id"]: seat["alias"] for seat in seats})


async def check_leaves(key: str, session: int) -> int:
    """The leaves of every closed round of a session: how many there are."""
    erased = {seat["id"] for seat in await models.Seat.filter(session_id=session, withdrawn=Left.ERASED).values("id")}
    n, people = 0, dict[int, str]()
    for row in await models.Round.filter(session_id=session).order_by("position"):
        found = [leaf async for leaf in _leaves(row.id)]
        line = await _closed(key, row.key) if row.state == RoundState.CLOSED else {}
        if "root" not in line and not found:
            continue  # open, or closed by an earlier version
        ballots = {ballot["seq"]: ballot for ballot in await models.Ballot.filter(round_id=row.id).values()}
        names: dict[int, str] = {}
        sealed = {leaf["seq"] for leaf in found if not (leaf["is_words"] or leaf["is_person"])} & ballots.keys()
        numbers = leaves.numbers((seq, ballots[seq]["slot"]) for seq in sealed)
        for leaf in found:
            is_same = not leaf["is_person"] or _is_one_person(leaf, people)
            if not is_same or not _is_whole(row, leaf, ballots.get(leaf["seq"]), erased, names, numbers):
                raise Breach("verify.other_leaf", chain=key, round=row.key, ballot=leaf["seq"])
        seal = row.seal or {}
        again = leaves.root(row.key, [leaf["hash"] for leaf in found], seal.get("order"), seal.get("findings"))
        is_double = any(len(set(own.values())) < len(own) for own in (names, people))
        if is_double or (again, len(found)) != (line.get("root"), line.get("leaves")):
            raise Breach("verify.other_root", chain=key, round=row.key)
        n += len(found)
    return n


async def _leaves(round_id: int) -> AsyncIterator[Mapping[str, Any]]:
    last = -1
    while piece := await models.Leaf.filter(round_id=round_id, id__gt=last).order_by("id").limit(PIECE).values():
        for leaf in piece:
            yield leaf
        last = piece[-1]["id"]


async def _closed(key: str, round_key: str) -> Mapping[str, Any]:
    """What the last line of a close says of this round."""
    lines = await models.Entry.filter(head=key, act=CLOSED).order_by("-seq").values("payload")
    said = (json.loads(line["payload"]) for line in lines)
    return next((one for one in said if one["round"] == round_key), {})


def _is_whole(
    row: models.Round,
    leaf: Mapping[str, Any],
    ballot: Mapping[str, Any] | None,
    erased: set[int],
    names: dict[int, str],
    numbers: Mapping[int, int],
) -> bool:
    """It is of this ballot, and of what the ballot says. names: the alias of each seat, so far. numbers: what marks
    call the ballots of the round."""
    if ballot is None or ballot["seat_id"] != leaf["seat_id"]:
        return False
    if leaf["said"] is None or ballot["marks"] is None:
        return leaf["said"] is None and ballot["marks"] is None and leaf["seat_id"] in erased
    if leaves.leaf(leaf["salt"] or "", leaf["said"]) != leaf["hash"]:
        return False
    said, marks = json.loads(leaf["said"]), json.loads(ballot["marks"])
    if said["round"] != row.key:
        return False
    if leaf["is_words"]:
        return (said["statement"], said["text"]) in {(a.statement, a.text) for a in KINDS[row.kind].answers(marks)}
    is_own: bool = names.setdefault(leaf["seat_id"], said["alias"]) == said["alias"]
    if leaf["is_person"]:
        return is_own
    whole = Ballot(leaf["seq"], "", Role.PARTICIPANT, None, ballot["slot"], marks)
    slot, told = leaves.numbered(KINDS[row.kind], whole, numbers)
    return is_own and said["slot"] == slot and _is_within(said["marks"], told)


def _is_one_person(leaf: Mapping[str, Any], people: dict[int, str]) -> bool:
    """people: the name over rounds of each seat, so far: one and the same in all of them."""
    said = json.loads(leaf["said"] or "{}")
    return "person" not in said or bool(people.setdefault(leaf["seat_id"], said["person"]) == said["person"])


def _is_within(part: Any, whole: Any) -> bool:
    """Words are left out, and of an answer the parts that no figure counts; nothing else may differ."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return part.keys() <= whole.keys() and all(_is_within(part[name], whole[name]) for name in part)
    return part in ("", whole)
