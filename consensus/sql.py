"""Statements that no row of the ORM says, alike on SQLite and PostgreSQL, and the two ways to ask several of them.

A statement comes with its values, ? for each. Steps are a generator that yields statements and is sent their rows: the
same steps are one visit to an embedded file, or are asked one by one over a connection. No connection is opened here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")
Statement = tuple[str, Sequence[object]]
LEAF = (
    "INSERT INTO leaf (round_id, seat_id, seq, is_words, is_person, said, salt, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
Rows = Sequence[Mapping[str, Any]]
Steps = Generator[Statement, Rows, T]
# Tables that lose rows, or words, with somebody.
OF_A_PERSON = (
    "ballot",
    "leaf",
    "second_entry",
    "person",
    "member",
    "login",
    "call",
    "heard",
    "notice",
    "round",
    "seat",
)
# Those that lose some with a study.
OF_A_STUDY = (
    *OF_A_PERSON,
    *("study", "session", "member", "study_number", "study_table", "grant_of_answers", "mail", "head", "entry"),
)


async def one_by_one(steps: Steps[T], ask: Callable[..., Awaitable[Rows]]) -> T:
    """What comes of the steps. ask: a statement, and its values."""
    found: Rows | None = None
    try:
        while True:
            statement, values = steps.send(cast(Rows, found))  # nothing at the first
            found = await ask(statement, *values)
    except StopIteration as end:
        return cast(T, end.value)


def at_once(connection: sqlite3.Connection, steps: Steps[T]) -> T:
    """The same as one transaction of its own, in the thread of the connection."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found: Any = None
        try:
            while True:
                statement, values = steps.send(found)
                found = connection.execute(statement, values).fetchall()
        except StopIteration as end:
            connection.execute("COMMIT")
            return cast(T, end.value)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def hold_end(head: str) -> Statement:
    """The end of a chain and its secret, held until the transaction ends."""
    return "UPDATE head SET seq = seq WHERE key = ? RETURNING seq, hash, secret", (head,)


def move_end(head: str, seq: int, sealed: str, secret: str) -> Statement:
    return "UPDATE head SET seq = ?, hash = ?, secret = ? WHERE key = ?", (seq, sealed, secret, head)


def case(seat_id: int, round_id: int) -> Statement:
    """A seat and a round of its session."""
    return (
        'SELECT s.id AS seat_id, s.role, s.group_key AS "group", s.withdrawn, s.consented, s.session_id,'
        " r.id AS round_id, r.key, r.kind, r.state, r.closing_at, r.grace"
        ' FROM seat s JOIN "round" r ON r.session_id = s.session_id WHERE s.id = ? AND r.id = ?',
        (seat_id, round_id),
    )


# +round_id: they are found by the seat, of which there are few. By the round, SQLite would walk all that anybody said.


def sent_before(seat_id: int, round_id: int, key: str, device: str, number: int | None) -> Statement:
    """A person's ballots of a round under this key, and those that the same device sent later."""
    sent = (
        "SELECT id, seat_id, round_id, seq, slot, is_late, key, salt, body, device, number FROM ballot"
        " WHERE seat_id = ? AND +round_id = ? AND"
    )
    by_key = f"{sent} key = ?", (seat_id, round_id, key)  # no value is spliced in
    if number is None:
        return by_key
    # Not in one with OR: then either may be found among all that the person said.
    return f"{by_key[0]} UNION {sent} number > ? AND device = ?", (*by_key[1], seat_id, round_id, number, device)


def said_since(ballot: Mapping[str, object], key: str) -> Statement:
    """Whether the same person said something under this key, or to the same place, after this ballot."""
    return (
        "SELECT 1 FROM ballot WHERE seat_id = ? AND +round_id = ? AND seq > ? AND (key = ? OR slot = ?) LIMIT 1",
        (ballot["seat_id"], ballot["round_id"], ballot["seq"], key, ballot["slot"]),
    )


def standing(seat_id: int, round_id: int, slot: str) -> Statement:
    """Who entered what a person said to one place, each time."""
    return (
        "SELECT seq, entered_by FROM ballot WHERE seat_id = ? AND +round_id = ? AND slot = ? AND marks IS NOT NULL",
        (seat_id, round_id, slot),
    )


def renumber(ballot_id: int, number: int | None) -> Statement:
    return "UPDATE ballot SET number = ? WHERE id = ?", (number, ballot_id)


def add(table: str, row: Mapping[str, object]) -> Statement:
    """table, and the names in row: ours, never what somebody typed."""
    return _insert(table, tuple(row)), tuple(row.values())


@cache
def _insert(table: str, names: tuple[str, ...]) -> str:
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608


def erase_marks(seat_id: int) -> list[Statement]:
    """Forget what a seat said, and all by which it could be found again. Seat, slot and round of each line stay: the
    chain of the journal stays whole."""
    erased = "marks = NULL, salt = NULL, body = '', key = '', third = 0, device = '', number = NULL"
    return [
        (f"UPDATE ballot SET {erased} WHERE seat_id = ?", (seat_id,)),  # noqa: S608  # no value is spliced in
        ("UPDATE leaf SET said = NULL, salt = NULL WHERE seat_id = ?", (seat_id,)),
        ("DELETE FROM second_entry WHERE seat_id = ?", (seat_id,)),
    ]
