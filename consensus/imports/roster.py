"""A roster that somebody brought, read: a row a person, its columns named in any order, or name, mail, group, language.

Each row keeps its line and its text, beside the guest it stands for or the reason why it cannot be taken. Who has an
account or a seat already is given, not asked; nobody is seated here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from consensus import addresses
from consensus.conduct import Guest
from consensus.imports.arranging import Arranged, Choices, arrange
from consensus.imports.headers import folded
from consensus.imports.lines import Problem, problem
from consensus.imports.names import fold, same, spaced
from consensus.imports.places import NOWHERE, Places
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Limits, Row, Table, read_text
from rounds.contract import Role

MOST_LINES = 5_000
NAME, PHONE = 120, 40  # characters
WORD = 200  # of a group or a role
LOOKED_AT = 100  # rows, to tell what a column holds
LIMITS = Limits(rows=MOST_LINES)
ORDER = ("name", "mail", "group", "language", "role")  # of the columns, where nothing else says it
COLUMNS = {
    "name": (
        *("nom", "nom complet", "full name", "prénom et nom", "nom et prénom", "first and last name", "display name"),
        *("nom prénom", "prénom nom", "name surname", "nom de la personne", "nom du participant", "names", "noms"),
        *("participant", "participante", "participant identifier", "participant name", "personne", "person"),
    ),
    "first": ("firstname", "first name", "prénom", "given name"),
    "last": ("lastname", "last name", "nom de famille", "surname", "family name"),
    "mail": (
        *("email", "e-mail", "courriel", "adresse courriel", "adresse de courriel", "adresse électronique", "mél"),
        *("adresse e-mail", "adresse email", "email address", "e-mail address", "mail address", "participant email"),
        *("courrier électronique", "adresse de messagerie", "e-mail 1 value", "mail 1", "adresse", "address"),
    ),
    "group": (
        *("groupe", "bloc", "block", "profil", "profile", "partie prenante", "stakeholder", "stakeholder group"),
        *("catégorie", "category", "groupes", "groups", "groupe de parties prenantes", "stakeholder type"),
        *("type d’intervenant", "type of stakeholder"),
    ),
    "language": (
        *("langue", "lang", "locale", "preferred language", "langue préférée", "langue parlée", "languages", "langues"),
        *("langue de correspondance", "langue de communication", "correspondence language"),
    ),
    "role": ("rôle", "fonction"),
    "phone": (
        *("telephone", "téléphone", "tel", "tél", "cell", "cellulaire", "mobile", "phone number"),
        *("numéro de téléphone", "telephone number"),
    ),
}
PLACED = {  # columns of a study that has sites or arms; of any other they are left alone, and told
    "site": (
        *("sites", "clinic", "clinics", "clinique", "cliniques", "lieu", "lieux", "place", "places", "milieu"),
        *("établissement", "établissements", "site clinique", "clinical site", "centre", "center"),
    ),
    "arm": ("bras", "arms", "study arm", "bras de l’étude", "trial arm"),
}
LANGUAGES = {
    **dict.fromkeys(("fr", "fra", "fre", "francais", "francaise", "french", "f"), "fr"),
    **dict.fromkeys(("en", "eng", "anglais", "anglaise", "english", "e", "a"), "en"),
}
PLURAL = re.compile(r"(?<=\w{3})(?:(i)es|[sx])\b")
AND = re.compile(r" (?:et|and|ou|or|&) ")
PEOPLE = frozenset({"personne", "people", "les", "des", "the"})


@dataclass(frozen=True, slots=True)
class Book:
    """What a roster may speak of. groups: (name or key as it may be written, key), sites and arms likewise; roles:
    words to role; staff: mail to account; seated: mails. A name of a group, a word of a role: as people write them.

    languages: of the session, in order; the first is taken where a row names none.
    """

    groups: Sequence[tuple[str, str]]
    languages: Sequence[str]
    roles: Mapping[str, Role] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)
    seated: frozenset[str] = frozenset()
    sites: Places = NOWHERE
    arms: Places = NOWHERE

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        named = {"site": self.sites.named, "arm": self.arms.named}
        return COLUMNS | {name: words for name, words in PLACED.items() if named[name]}

    def group(self, written: str) -> str:
        """The key of the group that is meant: by its name, or by its singular if no other has the same; or ""."""
        for form in (spaced, _singular, _rough) if len(written) <= WORD else ():
            meant = form(written)
            if len(found := {key for name, key in self.groups if form(name) & meant}) == 1:
                return found.pop()
        return ""

    def role(self, written: str) -> Role | None:
        meant = fold(written).replace("_", "") if len(written) <= WORD else ""
        return next((role for word, role in self.roles.items() if fold(word).replace("_", "") == meant), None)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """guest, or the problem; neither where the row stands for somebody of an earlier one, as its remark says."""

    number: int
    text: str
    guest: Guest | None = None
    problem: Problem | None = None
    remark: Problem | None = None

    @property
    def urgency(self) -> int:
        """That a list is too long is known first: nothing else has to be corrected before."""
        if self.problem:
            return 0 if self.problem.key == "roster.too_many_lines" else 1
        return 2 if self.remark else 3


@dataclass(frozen=True, slots=True)
class Reading:
    """arranged: None where nothing could be read at all, for the reason in problems."""

    lines: tuple[RosterLine, ...] = ()
    arranged: Arranged | None = None
    remarks: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def bad(self) -> list[RosterLine]:
        return [line for line in self.lines if line.problem]

    @property
    def shown(self) -> list[RosterLine]:
        """In the order in which a person looks at them: what is wrong, what is left out, then the rest."""
        return sorted(self.lines, key=lambda line: line.urgency)

    @property
    def guests(self) -> list[Guest]:
        return [line.guest for line in self.lines if line.guest]


def parse(text: str, book: Book, choices: Choices | None = None, group: str = "") -> Reading:
    """group: of whoever's row names none."""
    choices = choices or Choices()
    try:
        table = read_text(text, LIMITS, names=folded(book.columns), separator=choices.separator)
        return read(table, book, choices, group)
    except Unreadable as wrong:
        return Reading(problems=(wrong.problem,))


def read(table: Table, book: Book, choices: Choices, group: str = "") -> Reading:
    """Unreadable where the header contradicts itself."""
    arranged = arrange(table, book.columns, choices, lambda rows: _guess(rows[:LOOKED_AT], book), is_strict=True)
    lines: list[RosterLine] = []
    seen: dict[str, int] = {}
    for row in arranged.rows[: MOST_LINES + 1]:
        found = _line(row, arranged, book, seen, group, is_over=len(lines) >= MOST_LINES)
        lines.append(found)
        if found.guest and found.guest.mail:
            seen[found.guest.mail] = row.line
    problems = arranged.problems if lines else (*arranged.problems, problem(1, "roster.empty"))
    twice = [line.remark for line in lines if line.remark]
    return Reading(tuple(lines), arranged, (*arranged.remarks, *twice, *_namesakes(lines)), problems)


def _line(row: Row, arranged: Arranged, book: Book, seen: Mapping[str, int], group: str, is_over: bool) -> RosterLine:
    text = "; ".join(row.cells)
    if is_over:
        return RosterLine(row.line, text, problem=problem(row.line, "roster.too_many_lines"))
    cells = {name: arranged.cell(row, name) for name in (*COLUMNS, *PLACED)}
    if more := _another_mail(row, arranged):
        return RosterLine(row.line, text, problem=problem(row.line, "address.several", more))
    read = _read(row.line, cells, book, group)
    if isinstance(read, Problem):
        return RosterLine(row.line, text, problem=read)
    if read.mail in seen:
        return RosterLine(
            row.line, text, remark=problem(row.line, "roster.mail_twice", read.mail, other=seen[read.mail])
        )
    return RosterLine(row.line, text, guest=read)


def _another_mail(row: Row, arranged: Arranged) -> str:
    """Several people on one row, where no header says what else an address may be."""
    known = {column.place for column in arranged.columns if column.name}
    cells = enumerate(row.cells) if not arranged.header else ()
    return next((cell for place, cell in cells if place not in known and _has_mail(cell)), "")


def _guess(rows: Sequence[Row], book: Book) -> dict[int, str]:
    """Columns without names: what their cells hold is looked at first, then the usual order."""
    tests: dict[str, Callable[[str], bool]] = {
        "mail": _has_mail,
        "group": lambda cell: bool(book.group(cell)),
        "language": lambda cell: len(cell) > 1 and fold(cell).partition("_")[0] in LANGUAGES and len(fold(cell)) < 11,
        "role": lambda cell: book.role(cell) is not None,
    }
    wide = max((len(row.cells) for row in rows), default=0)
    found: dict[int, str] = {}
    for name, holds in tests.items():
        fits = Counter(p for row in rows for p, cell in enumerate(row.cells) if cell and p not in found and holds(cell))
        if fits:
            found[max(fits, key=lambda place: (fits[place], place == ORDER.index(name), -place))] = name
    mails = {place for row in rows for place, cell in enumerate(row.cells) if _has_mail(cell)}
    free = [place for place in range(wide) if place not in found and place not in mails]
    for place, name in enumerate(ORDER[:wide]):
        if place in free and name not in found.values():
            found[place] = name
    if "name" not in found.values() and (left := [place for place in free if place not in found]):
        found[left[0]] = "name"
    return found


def _has_mail(cell: str) -> bool:
    return "@" in cell or "＠" in cell


def _read(number: int, cells: Mapping[str, str], book: Book, group: str) -> Guest | Problem:
    name = _name(cells)
    if len(name) > NAME:
        return problem(number, "roster.long_name", name, n=NAME)
    if len(cells["phone"]) > PHONE:
        return problem(number, "roster.long_phone", cells["phone"], n=PHONE)
    try:
        mail = addresses.read(cells["mail"]) if cells["mail"] else ""
    except addresses.BadAddress as bad:
        return problem(number, bad.key, cells["mail"])
    if mail and mail in book.seated:
        return problem(number, "roster.already_seated", mail)
    spoken = _language(cells["language"]) if cells["language"] else book.languages[0]
    if spoken not in book.languages:
        return problem(number, "roster.bad_language", cells["language"], offered=", ".join(book.languages))
    seat = book.role(cells["role"]) if cells["role"] else Role.PARTICIPANT
    if seat is None:
        return problem(number, "roster.bad_role", cells["role"])
    if seat is not Role.PARTICIPANT:
        return _colleague(number, seat, name, mail, spoken, book)
    key = book.group(cells["group"]) if cells["group"] else group
    if not key:
        return problem(number, "roster.bad_group" if cells["group"] else "roster.no_group", cells["group"])
    return _placed(number, cells, book, Guest(seat, key, spoken, name, mail, cells["phone"]))


def _placed(number: int, cells: Mapping[str, str], book: Book, guest: Guest) -> Guest | Problem:
    """With the sites and the arm of the row, where it names some."""
    sites, arm = book.sites.meant(cells["site"]), book.arms.key(cells["arm"])
    if isinstance(sites, str):
        return problem(number, book.sites.trouble(sites), sites)
    if cells["arm"] and not arm:
        return problem(number, "roster.bad_arm", cells["arm"])
    return replace(guest, sites=sites, arm=arm)


def _name(cells: Mapping[str, str]) -> str:
    """First and last names stand in two columns, the last sometimes under "name"; or before an address in angles."""
    name, first, last = cells["name"], cells["first"], cells["last"]
    if not (name or first or last):
        return cells["mail"].partition("<")[0].strip(" '\"") if "<" in cells["mail"] else ""
    if name and (last or same(first) in same(name)):
        return name
    return " ".join(filter(None, (first, last or name)))


def _language(written: str) -> str:
    """fr of fr-CA, en of Anglais; "" of what is neither."""
    word = fold(written)
    return LANGUAGES.get(word) or LANGUAGES.get(word.partition("_")[0], "")


def _colleague(number: int, seat: Role, name: str, mail: str, spoken: str, book: Book) -> Guest | Problem:
    """Whoever does not answer signs in with an account of their own."""
    if mail not in book.staff:
        return problem(number, "roster.no_account", mail or name)
    return Guest(seat, "", spoken, staff_id=book.staff[mail])


@lru_cache(maxsize=1024)
def _singular(name: str) -> frozenset[str]:
    """Without what makes a word a plural in either language, roughly: both sides lose the same."""
    return frozenset(PLURAL.sub(lambda found: "y" if found[1] else "", form) for form in spaced(name))


@lru_cache(maxsize=1024)
def _rough(name: str) -> frozenset[str]:
    """Each half of a doublet (cliniciennes et cliniciens) without its gender, and without a word for people."""
    halves = (half for form in spaced(name) for half in AND.split(form))
    found = (" ".join(word for word in PLURAL.sub("", half).split() if word not in PEOPLE) for half in halves)
    return frozenset(re.sub(r"(?<=en)ne\b|(?<=\w{3})e\b", "", half) for half in found) - {""}


def _namesakes(lines: Sequence[RosterLine]) -> list[Problem]:
    """Names that stand on several rows, however they are written: two people, or one person twice."""
    by_name: dict[str, list[RosterLine]] = {}
    for line in lines:
        if line.guest and line.guest.name:
            by_name.setdefault(same(line.guest.name), []).append(line)
    return [
        problem(held[1].number, "roster.name_twice", held[0].guest.name, lines=_numbers(held))
        for held in by_name.values()
        if len(held) > 1 and held[0].guest
    ]


def _numbers(lines: Sequence[RosterLine]) -> str:
    return ", ".join(str(line.number) for line in lines)
