"""Ballots that were stored before the bench looks: the rows that so many votes would have left, sealed in the journal
as the product seals them.

Written beside the acts, into a file that nobody has open: this is how the product stores an answer, said once more.
Where that changes, this file is the place to follow it. Nothing here may be used on a real database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any

from consensus.journal import canonical, commitment, halves, head_of, seal
from rounds.words import bare, words

MANY = 5_000  # rows in one commit
ENTRY = ("head", "seq", "at", "role", "alias", "act", "payload", "prev", "hash")
BALLOT = ("round_id", "seat_id", "seq", "slot", "marks", "salt", "language", "third", "key", "body", "device")
Rows = tuple[tuple[Any, ...], tuple[Any, ...]]


def put(file: str, session: int, round: int, cards: Sequence[str], number: int) -> None:
    """One after another each person answers their next card; once through, they change what they said."""
    with sqlite3.connect(file) as base:
        head = head_of(session)
        seq, prev = base.execute("SELECT seq, hash FROM head WHERE key = ?", (head,)).fetchone()
        people = base.execute("SELECT id FROM seat WHERE session_id = ? AND role = 'participant'", (session,))
        seats = [seat for (seat,) in people.fetchall()]
        made = _rows(head, round, seats, cards, seq, prev, number)
        while some := list(islice(made, MANY)):
            base.executemany(_insert("entry", ENTRY), [entry for entry, _ in some])
            base.executemany(_insert("ballot", BALLOT), [ballot for _, ballot in some])
            last = some[-1][0]
            base.execute("UPDATE head SET seq = ?, hash = ? WHERE key = ?", (last[1], last[-1], head))
            base.commit()
    base.close()


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"


def _rows(
    head: str, round: int, seats: Sequence[int], cards: Sequence[str], seq: int, prev: str, number: int
) -> Iterator[Rows]:
    for n in range(number):
        turn, place = divmod(n, len(seats))
        seat, card = seats[place], cards[(turn + place) % len(cards)]
        marks = {"card": card, "values": {"importance": 1 + (n * 7 + place * 3) % 9}, "reason": ""}
        salt = sha256(f"salt {n}".encode()).hexdigest()[:32]
        of_marks, of_words = halves(salt)
        sealed = commitment(of_marks, {"round": "rating", "slot": card, "marks": bare(marks)})
        said = {"round": "rating", "commitment": sealed, "words": commitment(of_words, words(marks))}
        seq += 1
        line = {"seq": seq, "at": "2026-11-29T00:00Z", "role": "participant", "alias": "", "act": "cast"}
        line["payload"] = canonical(said)
        hash = seal(prev, line)
        ballot = (round, seat, seq, card, canonical(marks), salt, "fr", 1, f"stored {n}", "0" * 64, "")
        yield (head, *line.values(), prev, hash), ballot
        prev = hash
