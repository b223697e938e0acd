"""A pasted roster, read: a line a person, "name; mail; group; language; role"; the last two may be left out.

Each line keeps its number and its text, beside the guest it stands for or the reason why it cannot be taken. Who has
an account or a seat already is given, not asked; nobody is seated here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consensus.conduct import Guest
from consensus.lines import Problem, plain, problem
from rounds.contract import Role

MOST_LINES = 500
NAME, MAIL = 120, 254  # characters
A_MAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>]+")
LANGUAGES = {
    **dict.fromkeys(("fr", "francais", "french", "f"), "fr"),
    **dict.fromkeys(("en", "anglais", "english", "e", "a"), "en"),
}
HEADER = {"group", "groupe"}


@dataclass(frozen=True, slots=True)
class Book:
    """What a roster may speak of. groups, roles: plain words to key; staff: mail to account; seated: mails.

    languages: of the session, in order; the first is taken where a line names none.
    """

    groups: Mapping[str, str]
    languages: Sequence[str]
    roles: Mapping[str, Role] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)
    seated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    guest: Guest | None = None
    problem: Problem | None = None


def parse(text: str, book: Book) -> list[Line]:
    """Every line that is not empty, in order. A header is left out; the same mail twice is a problem."""
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, written in enumerate(text.replace("\0", "").splitlines(), 1):
        cells = _cells(written)
        if not any(cells) or (not lines and any(plain(cell) in HEADER for cell in cells)):
            continue
        read = _read(number, cells, book, seen) if len(lines) < MOST_LINES else problem(number, "roster.too_many_lines")
        if isinstance(read, Problem):
            lines.append(Line(number, written, problem=read))
            continue
        lines.append(Line(number, written, guest=read))
        if read.mail:
            seen[read.mail] = number
    return lines


def _cells(written: str) -> list[str]:
    parting = next((sign for sign in "\t;" if sign in written), ",")
    return [cell.strip() for cell in written.split(parting)]


def _read(number: int, cells: list[str], book: Book, seen: Mapping[str, int]) -> Guest | Problem:
    if len(cells) > 5 or len(cells) < 3:
        return problem(number, "roster.cells", n=len(cells))
    name, mail, group, language, role = [*cells, "", ""][:5]
    mail = mail.lower()
    spoken = LANGUAGES.get(plain(language), "") if language else book.languages[0]
    seat = book.roles.get(plain(role)) if role else Role.PARTICIPANT
    if wrong := _who(number, name, mail, book, seen):
        return wrong
    if spoken not in book.languages:
        return problem(number, "roster.bad_language", language, offered=", ".join(book.languages))
    if seat is None:
        return problem(number, "roster.bad_role", role)
    if seat is not Role.PARTICIPANT:
        return _colleague(number, seat, name, mail, spoken, book)
    if plain(group) not in book.groups:
        return problem(number, "roster.bad_group" if group else "roster.no_group", group)
    return Guest(seat, book.groups[plain(group)], spoken, name, mail)


def _who(number: int, name: str, mail: str, book: Book, seen: Mapping[str, int]) -> Problem | None:
    if len(name) > NAME:
        return problem(number, "roster.long_name", name, n=NAME)
    if mail and (len(mail) > MAIL or not A_MAIL.fullmatch(mail)):
        return problem(number, "roster.bad_mail", mail)
    if mail in seen:
        return problem(number, "roster.mail_twice", mail, other=seen[mail])
    if mail and mail in book.seated:
        return problem(number, "roster.already_seated", mail)
    return None


def _colleague(number: int, seat: Role, name: str, mail: str, spoken: str, book: Book) -> Guest | Problem:
    """Whoever does not answer signs in with an account of their own."""
    if mail not in book.staff:
        return problem(number, "roster.no_account", mail or name)
    return Guest(seat, "", spoken, staff_id=book.staff[mail])
