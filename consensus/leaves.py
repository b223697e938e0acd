"""The second seal of a round, made for files: one leaf for each counted ballot, each text and, where the study has an
analysis file, each thing about a person; in no order.

The first seal is the journal: a salted commitment for each ballot, in the order of arrival. A file that opened those
would tell when somebody answered. So each ballot that counts at the close is sealed once more, under a salt of its own
and an alias of this round, and each text apart from both; the journal's line of the close holds the root. Nothing here
reads a database: whoever checks a file uses the same functions.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from consensus.journal import canonical
from consensus.seats import ALPHABET
from rounds.contract import Ballot
from rounds.kind import Kind
from rounds.words import bare

ALIAS_LENGTH = 8  # 39.6 bits: in a thousand people two share one in a round once in 1.7 million


def alias_of(secret: str, session: int, round: str, seat: int | str) -> str:
    """What the files of a session call a person in one round, and nowhere else."""
    return _drawn(secret, f"alias|{session}|{round}|{seat}")


def person_of(secret: str, session: int, seat: int | str) -> str:
    """What the analysis file of a session calls a person over its rounds; nobody can tell it from the other names."""
    return _drawn(secret, f"person|{session}|{seat}")


def _drawn(secret: str, what: str) -> str:
    number, signs = int.from_bytes(hmac.digest(secret.encode(), what.encode(), "sha256"), "big"), ""
    for _ in range(ALIAS_LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return signs


def without_words(marks: Mapping[str, Any]) -> Mapping[str, Any]:
    """Not even a sign in their place: who alone wrote something of a statement would be found by it."""
    return bare(marks, sign="")


def answer_said(round: str, alias: str, block: str, slot: str | None, number: int | None, marks: Any) -> str:
    """slot None: nothing is replaced, and number is the place among such acts of the round; else None."""
    said = {"round": round, "alias": alias, "block": block, "slot": slot, "number": number, "marks": marks}
    return canonical(said)


def numbers(ballots: Iterable[tuple[int, str | None]]) -> dict[int, int]:
    """What marks call an act or an answer of their round, by its number in the journal: acts of the team in the order
    in which they came; an answer has no number, but 1. ballots: (number, slot) of those that count."""
    named = {seq: 1 if slot is not None else 0 for seq, slot in ballots}
    acts = sorted(seq for seq, number in named.items() if not number)
    named.update((seq, n) for n, seq in enumerate(acts, start=1))
    return named


def numbered(kind: Kind, ballot: Ballot, names: Mapping[int, int]) -> tuple[str | None, Any]:
    """A ballot's slot and marks as files tell them, where they name no line of the journal."""
    if kind.renumbered is None:
        return ballot.slot, ballot.marks
    marks = kind.renumbered(ballot.marks, names)
    return (None if ballot.slot is None else kind.slot(marks)), marks


def words_said(round: str, statement: str, text: str) -> str:
    """What was written of a statement, without whose it is."""
    return canonical({"round": round, "statement": statement, "text": text})


def person_said(round: str, alias: str, name: str, value: str) -> str:
    """One thing about whoever has this alias in a round: person (their name over rounds), group, language, entered."""
    return canonical({"round": round, "alias": alias, name: value})


def leaf(salt: str, said: str) -> str:
    return sha256((salt + said).encode("utf-8", "surrogatepass")).hexdigest()


def root(round: str, leaves: Iterable[str], order: Any, findings: Any) -> str:
    """order, findings: the sums that no row gives again, sealed as they are told: by thirds of the order of the cards,
    and over two rounds. It is the hash of the one object of all these, with the leaves sorted, in canonical spelling;
    made piece by piece, since of hundreds of thousands of leaves a single step would hold up everybody."""
    hash, comma = sha256(f'{{"findings":{canonical(findings)},"leaves":['.encode()), ""
    pieces: dict[str, list[str]] = {}
    for one in leaves:
        pieces.setdefault(one[:3], []).append(one)
    for first in sorted(pieces):
        hash.update((comma + canonical(sorted(pieces[first]))[1:-1]).encode())
        comma = ","
    hash.update(f'],"order":{canonical(order)},"round":{canonical(round)}}}'.encode())
    return hash.hexdigest()
