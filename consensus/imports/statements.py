"""A list of statements that somebody brought, read: rows that can be taken, and for every other its line and reason.

Columns in any order, by their names in either language, or chosen; only one text is required. Statements are numbered
P001, P002, ... in the order of the file; what they are called there is kept beside it. Nothing is stored here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from consensus.imports.arranging import Arranged, Choices, arrange
from consensus.imports.headers import Columns, find_header, folded
from consensus.imports.lines import Problem, problem
from consensus.imports.names import alike, fold, same
from consensus.imports.places import NOWHERE, Places
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Limits, Row, Table, read_text
from consensus.spreadsheet import MARK, copy, plain
from consensus.text import LANGUAGES
from rounds.contract import Statement, joined

SITE = ("sites", "clinic", "clinique", "lieu", "établissement", "milieu")  # where the study has sites
LONGEST = {"theme": 200, "text_en": 1000, "text_fr": 1000, "source": 2000, "id": 200}  # characters
MOST_BYTES = 960_000  # a megabyte, less the line breaks that a browser adds when it sends the text again
MOST_ROWS = 2000
LIMITS = Limits(rows=5_000, columns=2_000)  # results.csv has a column for each figure of each group

TEXTS = {
    "fr": (
        *("fr", "français", "french", "texte fr", "énoncé fr", "texte français", "énoncé français", "en français"),
        *("texte en français", "formulation fr", "libellé fr", "fr text", "text fr", "statement fr", "fr ca", "textfr"),
        *("énoncé en français", "énoncés en français", "statement french", "text french", "text in french", "item fr"),
        *("formulation en français", "formulation française", "wording fr", "french text", "french statement"),
    ),
    "en": (
        *("en", "english", "anglais", "text en", "statement en", "english text", "english statement", "in english"),
        *("texte en anglais", "texte anglais", "énoncé anglais", "énoncé en", "wording en", "texte en", "en text"),
        *("statement english", "statement in english", "statements in english", "text english", "text in english"),
        *("énoncé en anglais", "formulation en anglais", "formulation anglaise", "en ca", "texten", "item en"),
    ),
}
# A text that does not say its language is in the first one of the session, until somebody says otherwise.
ANY_TEXT = (
    *("text", "texte", "wording", "formulation", "libellé", "phrase", "sentence", "idea", "idée", "proposition"),
    *("proposal", "comment body", "comment text", "comment", "commentaire", "question", "affirmation", "description"),
    *("statements", "énoncés", "items", "ideas", "idées", "phrases", "propositions", "comments", "commentaires"),
)
NAMED = ("statement", "énoncé", "item")  # a number where the file has a text too, and else the text itself
COLUMNS: Columns = {
    "id": (
        *("identifiant", "identifier", "identificateur", "numéro", "number", "no", "nº", "num", "code", "clé", "key"),
        *("comment id", "statement id", "item id", "id énoncé", "numéro de l’énoncé", "statement number"),
    ),
    "nature": ("kind", "type", "sorte"),
    "level": ("niveau",),
    "theme": ("thème", "category", "catégorie", "topic", "sujet"),
    "source": ("origine", "provenance", "reference", "référence"),
    "source_id": (),
}
OURS = ("original", "unchecked", "became", MARK)  # further columns of files that we write
POLIS = ("moderated", "modéré")
NATURES = {
    "helps": (
        *("help", "helping", "helping factor", "facilitator", "facilitateur", "enabler", "something that helps"),
        *("aide", "aidant", "facilite", "facilitant", "élément facilitant", "quelque chose qui aide", "ce qui aide"),
    ),
    "hinders": (
        *("hinder", "hindering", "barrier", "obstacle", "something that gets in the way", "nuit", "frein", "barrière"),
        *("entrave", "quelque chose qui nuit", "ce qui nuit", "ce qui freine"),
    ),
    "next_step": (*("next steps", "action", "action to take", "étape", "prochaine étape", "action à entreprendre"),),
}
LEVELS = {"macro": ("system", "système"), "meso": ("clinic", "clinique"), "micro": ("person", "personne")}


def _by_synonym(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {fold(said): word for word, synonyms in words.items() for said in (word, *synonyms)}


NATURE_OF, LEVEL_OF = _by_synonym(NATURES), _by_synonym(LEVELS)


@dataclass(frozen=True, slots=True)
class Reading:
    """statements: those of the rows that can be taken. A reading with problems is not to be imported.

    arranged: None where nothing could be read at all.
    """

    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    arranged: Arranged | None = None

    @property
    def is_guessed(self) -> bool:
        """Which column holds the texts, and in which language, nothing says."""
        guesses = ("file.title_", "file.no_title_", "file.no_text_column")
        return any(said.key.startswith(guesses) for said in (*self.problems, *self.remarks))

    @property
    def has_ids(self) -> bool:
        """Does any statement have a number in the file that it came from?"""
        return any(statement.source_id for statement in self.statements)


def parse(text: str, languages: Sequence[str], choices: Choices | None = None, sites: Places = NOWHERE) -> Reading:
    """languages: of the session, in order; the first in which a statement has a text is its original. sites: as the
    study calls them; without any, a column of that name is left alone, and told."""
    if len(text.encode()) > MOST_BYTES:
        return Reading(problems=(problem(1, "file.too_large", n=MOST_BYTES // 1000),))
    choices = choices or Choices()
    names = folded(_columns(languages, has_text=False, has_sites=bool(sites.named)))
    try:
        table = read_text(text, LIMITS, names=names, separator=choices.separator)
        if choices.separator is None and table.separator == "," and _is_prose(text, table, languages):
            table = read_text(text, LIMITS, names=names, separator="")
        return read(table, languages, choices, sites)
    except Unreadable as wrong:
        return Reading(problems=(wrong.problem,))


def read(table: Table, languages: Sequence[str], choices: Choices, sites: Places = NOWHERE) -> Reading:
    """Unreadable where the header contradicts itself."""
    columns = _columns(languages, has_text=_has_text(table, languages), has_sites=bool(sites.named))
    arranged = as_it_was(arrange(table, columns, choices, lambda rows: _guess(rows, languages)))
    remarks = [said for said in arranged.remarks if said.key != "import.blank_row"]
    problems = list(arranged.problems)
    problems += [_no_text(said.line, languages) for said in arranged.remarks if said.key == "import.blank_row"]
    if not any(arranged.has(f"text_{name}") for name in languages):
        return Reading((), (problem(arranged.header or 1, "file.no_text_column"),), tuple(remarks), arranged)
    rows, left = _standing(arranged, languages)
    statements: list[Statement] = []
    for row in rows:
        if wrong := [*_problems(row, arranged, languages), *_misplaced(row, arranged, sites)]:
            problems += wrong
        else:
            made = _statement(row, arranged, len(statements) + 1, languages)
            statements.append(replace(made, site="; ".join(sites.meant(arranged.cell(row, "site")))))
    if len(statements) > MOST_ROWS:
        problems.append(problem(rows[MOST_ROWS].line, "file.too_many", n=MOST_ROWS))
    if not statements and not problems:
        problems.append(problem(1, "file.empty"))
    remarks += [*_taken(arranged, languages, choices), *left, *_repeated(rows, arranged, languages)]
    remarks += _themes_alike(rows, arranged)
    return Reading(tuple(statements), tuple(sorted(problems, key=lambda one: one.line)), tuple(remarks), arranged)


COPIED = ("source_id", "nature", "level", "theme", "source", "original", "unchecked")


def for_spreadsheet(
    statements: Sequence[Statement], languages: Sequence[str], language: str, sites: Mapping[str, str] | None = None
) -> bytes:
    """A list that was brought, to be changed in a spreadsheet and brought again. language: of whoever opens it. sites:
    their whole names, by key; their column is there where a statement has one."""
    named = dict(sites or {})
    texts = {f"text_{name}": name for name in languages}
    rows = [
        {
            **{column: statement.wordings.get(name, "") for column, name in texts.items()},
            **{name: str(getattr(statement, name)) for name in COPIED},
            "unchecked": " ".join(statement.unchecked),
            "site": "; ".join(named.get(key, key) for key in statement.site.split("; ")),
        }
        for statement in statements
    ]
    placed = ["site"] * any(statement.site for statement in statements)
    return copy(language, [*texts, *COPIED, *placed], [{n: row[n] for n in [*texts, *COPIED, *placed]} for row in rows])


def as_it_was(arranged: Arranged) -> Arranged:
    """Of a copy of ours, the texts as they were before they were escaped."""
    if not arranged.has(MARK):
        return arranged
    rows = tuple(replace(row, cells=tuple(map(plain, row.cells))) for row in arranged.rows)
    columns = tuple(replace(column, first=tuple(map(plain, column.first))) for column in arranged.columns)
    return replace(arranged, rows=rows, columns=columns)


def _columns(languages: Sequence[str], has_text: bool, has_sites: bool = False) -> Columns:
    """has_text: a column says itself that it holds texts; then "statement" names a number."""
    texts = {f"text_{name}": TEXTS.get(name, ()) for name in LANGUAGES}
    further = ANY_TEXT if has_text else (*NAMED, *ANY_TEXT)
    texts[f"text_{languages[0]}"] = (*texts[f"text_{languages[0]}"], *further)
    named = (*COLUMNS["id"], *NAMED) if has_text else COLUMNS["id"]
    placed = {"site": SITE} if has_sites else {}
    return {**texts, **COLUMNS, "id": named, **placed, **dict.fromkeys(OURS, ()), "moderated": POLIS}


def _has_text(table: Table, languages: Sequence[str]) -> bool:
    try:
        found = find_header(table, _columns(languages, has_text=True))
    except Unreadable:
        return True  # it will be said of the columns as they are
    return any(name.startswith("text_") for name in found.columns)


def _is_prose(text: str, table: Table, languages: Sequence[str]) -> bool:
    """Sentences under no names of columns, in which a comma is a comma: a space follows nearly every one."""
    if find_header(table, _columns(languages, has_text=False)).line:
        return False
    spaced = len(re.findall(r",(?=\s)", text))
    return spaced * 10 >= text.count(",") * 9


def offered(languages: Sequence[str], has_sites: bool = False) -> tuple[str, ...]:
    """What a person may say that a column holds."""
    return (*(f"text_{name}" for name in languages), "id", "nature", "level", "theme", "source", *["site"] * has_sites)


def _guess(rows: Sequence[Row], languages: Sequence[str]) -> dict[int, str]:
    """A list without names of columns is one of texts; which of several columns holds them, nobody can know."""
    return {0: f"text_{languages[0]}"} if all(len(row.cells) == 1 for row in rows) else {}


def _taken(arranged: Arranged, languages: Sequence[str], choices: Choices) -> Iterator[Problem]:
    """Where nothing says which language a text is in, or that a line is no name of a column."""
    told = {fold(word) for name in languages for word in (f"text_{name}", *TEXTS[name])}
    for column in arranged.columns:
        if column.name.startswith("text_") and fold(column.title) not in told and not choices.columns.get(column.place):
            key = f"file.{'title' if column.title else 'no_title'}_{column.name}"
            yield problem(arranged.header or 1, key, column.title)


def _standing(arranged: Arranged, languages: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """Of a file of ours: without what became another statement, and without those whose words are told nowhere. Of
    Polis: without what was moderated out."""
    became = [row for row in arranged.rows if arranged.cell(row, "became")]
    is_ours = arranged.has("became")
    untold = [row for row in arranged.rows if is_ours and row not in became and not _texts(row, arranged, languages)]
    moderated = [row for row in arranged.rows if arranged.cell(row, "moderated") == "-1"]
    out = {row.line for row in (*became, *untold, *moderated)}
    said = (("became", became), ("untold", untold), ("moderated", moderated))
    told = [problem(rows[0].line, f"file.{key}", n=len(rows)) for key, rows in said if rows]
    return [row for row in arranged.rows if row.line not in out], told


def _texts(row: Row, arranged: Arranged, languages: Sequence[str]) -> dict[str, str]:
    texts = {name: _folded(arranged.cell(row, f"text_{name}")) for name in languages}
    return {name: text for name, text in texts.items() if text}


def _folded(cell: str) -> str:
    """A cell on one line; no-break spaces stay, French needs them."""
    return re.sub(r"[ \t]*\n+[ \t]*", " ", cell)


def _word(written: str, known: Mapping[str, str]) -> str | None:
    """The word of ours that is meant; None where it is none. What stands in brackets explains it."""
    if not written:
        return ""
    return known.get(fold(written)) or known.get(fold(written.partition("(")[0]))


def _problems(row: Row, arranged: Arranged, languages: Sequence[str]) -> Iterator[Problem]:
    for name, known in (("nature", NATURE_OF), ("level", LEVEL_OF)):
        if _word(written := arranged.cell(row, name), known) is None:
            yield problem(row.line, f"file.bad_{name}", written)
    if not _texts(row, arranged, languages):
        yield _no_text(row.line, languages)
    for name, longest in LONGEST.items():
        if len(arranged.cell(row, name)) > longest:
            yield problem(row.line, "file.too_long", name, n=longest)


def _misplaced(row: Row, arranged: Arranged, sites: Places) -> Iterator[Problem]:
    if isinstance(found := sites.meant(arranged.cell(row, "site")), str):
        yield problem(row.line, sites.trouble(found), found)


def _no_text(line: int, languages: Sequence[str]) -> Problem:
    return problem(line, "file.no_text", columns=", ".join(f"text_{name}" for name in languages))


def _statement(row: Row, arranged: Arranged, number: int, languages: Sequence[str]) -> Statement:
    cells = {name: _folded(arranged.cell(row, name)) for name in (*COLUMNS, "original", "unchecked")}
    wordings = _texts(row, arranged, languages)
    return Statement(
        id=f"P{number:03}",
        wordings=wordings,
        original=cells["original"] if cells["original"] in wordings else next(iter(wordings)),
        unchecked=tuple(name for name in cells["unchecked"].split() if name in wordings),
        nature=_word(cells["nature"], NATURE_OF) or "",
        level=_word(cells["level"], LEVEL_OF) or "",
        theme=cells["theme"],
        source=cells["source"],
        source_id=joined((cells["id"], cells["source_id"])),
    )


def _repeated(rows: Sequence[Row], arranged: Arranged, languages: Sequence[str]) -> Iterator[Problem]:
    """One idea, or one number of the file, on several lines, however it is written: all are taken, and it is said."""
    for key in ("file.text_twice", "file.id_twice"):
        lines: dict[tuple[str, str], list[int]] = {}
        first: dict[tuple[str, str], str] = {}
        for row in rows:
            told = _texts(row, arranged, languages) if key == "file.text_twice" else {"": arranged.cell(row, "id")}
            for language, text in told.items():
                if text:
                    first.setdefault((language, same(text)), text)
                    lines.setdefault((language, same(text)), []).append(row.line)
        seen: set[str] = set()
        for said, where in lines.items():
            told_lines = ", ".join(map(str, where))
            if len(where) > 1 and told_lines not in seen:
                seen.add(told_lines)
                yield problem(where[1], key, first[said], n=len(where), lines=told_lines)


def _themes_alike(rows: Sequence[Row], arranged: Arranged) -> Iterator[Problem]:
    """Themes that differ in case, accents or blanks only, and would be several."""
    first: dict[str, int] = {}
    for row in rows:
        if theme := _folded(arranged.cell(row, "theme")):
            first.setdefault(theme, row.line)
    for names in alike(first):
        yield problem(first[names[1]], "file.theme_alike", names[0], others=", ".join(names[1:]))
