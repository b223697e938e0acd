"""Coded interviews as a table: a row says which statement rests on which source, and in which words. Read, not stored.

Several rows may speak of one statement, by its number in the file or by the same words, and of one source, by its name.
Whatever cannot be taken is told with its line; a row without a source or a quotation gives a statement alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consensus.evidence_words import INTERVIEW, KINDS, SILENT
from consensus.imports.arranging import Arranged, Choices, arrange
from consensus.imports.headers import Columns, folded
from consensus.imports.lines import Problem, problem
from consensus.imports.names import fold, same
from consensus.imports.places import NOWHERE, Places
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Limits, Row, Table, read_text
from consensus.imports.statements import LEVEL_OF, LONGEST, MOST_BYTES, MOST_ROWS, NATURE_OF, SITE, TEXTS, as_it_was
from consensus.spreadsheet import MARK, copy
from consensus.text import LANGUAGES
from rounds.contract import REALIST, SPREADS, Statement

LIMITS = Limits(rows=20_000, columns=200)
LONGEST_QUOTATION, LONGEST_WORDS, LONGEST_NAME = 4_000, 1_000, 200  # characters
MOST_PEOPLE = 500  # in one source
TEMPLATE = (
    *("statement", "text_fr", "text_en", "nature", "level", "theme", "spread", *REALIST),
    *("quotation", "quotation_language", "kind", "site", "informant", "people", "source", "may_quote"),
)
COLUMNS: Columns = {
    "statement": ("énoncé", "code", "id", "identifiant", "numéro", "number", "source_id"),
    "nature": ("type", "sorte"),
    "level": ("niveau",),
    "theme": ("thème", "category", "catégorie"),
    "spread": ("contexts", "contextes", "étendre à", "spread to"),
    "context": ("contexte",),
    "mechanism": ("mécanisme",),
    "outcome": ("effet", "résultat"),
    "limits": ("limites", "ne vaudrait pas", "would not hold", "exceptions"),
    "quotation": ("citation", "quote", "extrait", "excerpt", "verbatim"),
    "quotation_language": ("langue", "language", "langue de la citation", "language of the quotation"),
    "kind": ("kind of source", "genre de source", "sorte de source", "source kind"),
    "site": (*SITE, "site"),
    "informant": ("stakeholder", "partie prenante", "groupe", "group", "kind of person", "informateur", "profil"),
    "people": ("personnes", "n", "participants"),
    "source": ("interview", "entretien", "document", "origine"),
    "may_quote": ("consent to quote", "peut citer", "accord pour citer", "may be quoted"),
}
KIND_OF = {
    fold(word): kind
    for kind, words in {
        "interview": ("interview", "entretien", "entrevue"),
        "focus_group": ("focus group", "focus_group", "groupe de discussion", "groupe focalisé"),
        "observation": ("observation",),
        "questionnaire": ("questionnaire", "survey", "sondage"),
        "document": ("document", "study", "étude", "article"),
        "written": ("written here", "written", "écrit ici"),
    }.items()
    for word in words
}
SPREAD_OF = {fold(word): kind for word, kind in (("similar", "similar"), ("semblable", "similar"))} | {
    fold(word): "different" for word in ("different", "différent", "différents", "other", "autres")
}
YES = frozenset(map(fold, ("yes", "oui", "y", "o", "1", "x", "true", "vrai")))
NO = frozenset(map(fold, ("", "no", "non", "n", "0", "false", "faux")))


@dataclass(frozen=True, slots=True)
class CodedSource:
    """As consensus.models.Source holds it."""

    label: str
    kind: str
    site: str = ""
    informant: str = ""
    people: int = 1


@dataclass(frozen=True, slots=True)
class CodedQuotation:
    """source: its place among the sources. statements: the numbers that they have here."""

    text: str
    language: str
    may_quote: bool
    source: int
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """statements: numbered P001 on. without_words: (statement, source) where no words stand for it. A reading with
    problems is not to be taken. arranged: None where nothing could be read."""

    statements: tuple[Statement, ...] = ()
    sources: tuple[CodedSource, ...] = ()
    quotations: tuple[CodedQuotation, ...] = ()
    without_words: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    arranged: Arranged | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person says of the whole file. kind: of sources that say none; may_quote: everybody said yes."""

    languages: tuple[str, ...]
    kind: str = INTERVIEW
    may_quote: bool = False
    sites: Places = NOWHERE
    groups: Places = NOWHERE


@dataclass(slots=True)
class _Found:
    statements: dict[str, Statement] = field(default_factory=dict)
    sources: dict[str, CodedSource] = field(default_factory=dict)
    quotations: dict[tuple[str, str], CodedQuotation] = field(default_factory=dict)
    bare: dict[tuple[str, int], None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # of statements, by what a row calls them


def template(language: str) -> bytes:
    """The columns, and two rows that show what stands in them; for a spreadsheet."""
    one = {
        "statement": "C01",
        "text_fr": "Réserver à l’horaire des heures protégées.",
        "text_en": "Set aside protected hours in the schedule.",
        "nature": "next_step",
        "level": "meso",
        "theme": "Temps",
        "spread": "similar",
        "quotation": "Je fais la gestion de cas entre deux vaccins.",
        "quotation_language": "fr",
        "kind": "interview",
        "site": "Clinique A",
        "informant": "clinicians",
        "people": "1",
        "source": "Entretien 1",
        "may_quote": "yes",
    }
    two = {"statement": "C01", "kind": "focus_group", "people": "6", "source": "Groupe 1", "may_quote": "no"}
    return copy(language, TEMPLATE, [{name: row.get(name, "") for name in TEMPLATE} for row in (one, two)])


def offered(languages: Sequence[str]) -> tuple[str, ...]:
    return (*(f"text_{name}" for name in languages), *COLUMNS)


def parse(text: str, asking: Asking, choices: Choices | None = None) -> Reading:
    if len(text.encode()) > MOST_BYTES:
        return Reading(problems=(problem(1, "file.too_large", n=MOST_BYTES // 1000),))
    choices, columns = choices or Choices(), _columns(asking.languages)
    try:
        table = read_text(text, LIMITS, names=folded(columns), separator=choices.separator)
        return _read(table, asking, columns, choices)
    except Unreadable as wrong:
        return Reading(problems=(wrong.problem,))


def _columns(languages: Sequence[str]) -> Columns:
    texts = {f"text_{name}": tuple(TEXTS.get(name, ())) for name in LANGUAGES}
    texts[f"text_{languages[0]}"] += ("text", "texte", "wording", "libellé")
    return {**texts, **COLUMNS, MARK: ()}


def _read(table: Table, asking: Asking, columns: Columns, choices: Choices) -> Reading:
    arranged = as_it_was(arrange(table, columns, choices, lambda rows: {}))
    remarks = [said for said in arranged.remarks if said.key != "import.blank_row"]
    if not any(arranged.has(name) for name in ("statement", *(f"text_{name}" for name in asking.languages))):
        return Reading((), problems=(problem(arranged.header or 1, "coded.no_columns"),), arranged=arranged)
    problems, found = list(arranged.problems), _Found()
    differing = 0
    for row in arranged.rows:
        wrong = list(_problems(row, arranged, asking))
        problems += wrong
        if not wrong:
            differing += _take(row, arranged, asking, found, problems)
    if len(found.statements) > MOST_ROWS:
        problems.append(problem(1, "file.too_many", n=MOST_ROWS))
    if not found.statements and not problems:
        problems.append(problem(1, "file.empty"))
    if differing:
        remarks.append(problem(arranged.header or 1, "coded.differs", n=differing))
    return Reading(
        tuple(found.statements.values()),
        tuple(found.sources.values()),
        tuple(found.quotations.values()),
        tuple(found.bare),
        tuple(sorted(problems, key=lambda one: one.line)),
        tuple(remarks),
        arranged,
    )


def _problems(row: Row, arranged: Arranged, asking: Asking) -> Iterator[Problem]:
    for name, known in (("nature", NATURE_OF), ("level", LEVEL_OF)):
        if _word(written := arranged.cell(row, name), known) is None:
            yield problem(row.line, f"file.bad_{name}", written)
    for name, known in (("kind", KIND_OF), ("spread", SPREAD_OF)):
        if _word(written := arranged.cell(row, name), known) is None:
            yield problem(row.line, f"coded.bad_{name}", written)
    if fold(written := arranged.cell(row, "may_quote")) not in YES | NO:
        yield problem(row.line, "coded.bad_may_quote", written)
    if (written := arranged.cell(row, "people")) and not _is_count(written):
        yield problem(row.line, "coded.bad_people", written, n=MOST_PEOPLE)
    if (written := _flat(arranged.cell(row, "quotation_language"))) and _language(written) is None:
        yield problem(row.line, "coded.bad_language", written)
    bounds = {"quotation": LONGEST_QUOTATION, "theme": LONGEST["theme"], **dict.fromkeys(REALIST, LONGEST_WORDS)}
    bounds |= dict.fromkeys(("source", "site", "informant", "statement"), LONGEST_NAME)
    bounds |= {f"text_{name}": LONGEST[f"text_{name}"] for name in asking.languages}
    for name, longest in bounds.items():
        if len(arranged.cell(row, name)) > longest:
            yield problem(row.line, "file.too_long", name, n=longest)


def _take(row: Row, arranged: Arranged, asking: Asking, found: _Found, problems: list[Problem]) -> bool:
    """Does this row say otherwise of its source than an earlier one?"""
    name = _statement(row, arranged, asking, found)
    if name is None:
        columns = ", ".join(f"text_{one}" for one in asking.languages)
        problems.append(problem(row.line, "file.no_text", columns=columns))
        return False
    words, label = _flat(arranged.cell(row, "quotation")), _flat(arranged.cell(row, "source"))
    if not (words or label):
        return False
    made = _source(row, arranged, asking, label or f"#{len(found.sources) + 1}")
    held = found.sources.setdefault(same(made.label), made)
    place = list(found.sources).index(same(made.label))
    if not words:
        found.bare.setdefault((name, place))
        return held != made
    language = _language(_flat(arranged.cell(row, "quotation_language"))) or asking.languages[0]
    may_quote = asking.may_quote or fold(arranged.cell(row, "may_quote")) in YES
    new = CodedQuotation(words, language, may_quote, place, (name,))
    one = found.quotations.setdefault((same(made.label), words), new)
    if name not in one.statements:
        found.quotations[same(made.label), words] = replace(one, statements=(*one.statements, name))
    return held != made


def _statement(row: Row, arranged: Arranged, asking: Asking, found: _Found) -> str | None:
    """The number here of the statement that a row is about; None where nothing says which, or in what words."""
    code = _flat(arranged.cell(row, "statement"))
    texts = {name: _flat(arranged.cell(row, f"text_{name}")) for name in asking.languages}
    texts = {name: text for name, text in texts.items() if text}
    called = f"#{fold(code)}" if code else "=" + same(" | ".join(texts.values()))
    if called in found.names:
        return found.names[called]
    if not texts:
        return None
    name = f"P{len(found.statements) + 1:03}"
    found.names[called] = name
    found.statements[name] = Statement(
        id=name,
        wordings=texts,
        original=next(iter(texts)),
        nature=_word(arranged.cell(row, "nature"), NATURE_OF) or "",
        level=_word(arranged.cell(row, "level"), LEVEL_OF) or "",
        theme=_flat(arranged.cell(row, "theme")),
        source_id=code.replace("; ", ", "),
        spread=_word(arranged.cell(row, "spread"), SPREAD_OF) or "",
    )
    said: dict[str, Any] = {one: _flat(arranged.cell(row, one)) for one in REALIST}
    found.statements[name] = replace(found.statements[name], **said)
    return name


def _source(row: Row, arranged: Arranged, asking: Asking, label: str) -> CodedSource:
    kind = _word(arranged.cell(row, "kind"), KIND_OF) or asking.kind
    people = arranged.cell(row, "people")
    n = int(people) if people else 0 if kind in SILENT else 1
    site, informant = _flat(arranged.cell(row, "site")), _flat(arranged.cell(row, "informant"))
    return CodedSource(label, kind, asking.sites.key(site) or site, asking.groups.key(informant) or informant, n)


def _word(written: str, known: dict[str, str]) -> str | None:
    if not written:
        return ""
    return known.get(fold(written)) or known.get(fold(written.partition("(")[0]))


def _language(written: str) -> str | None:
    short = fold(written)[:2]
    return {"fr": "fr", "en": "en", "an": "en"}.get(short)


def _is_count(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 4 and int(written) <= MOST_PEOPLE


def _flat(cell: str) -> str:
    return re.sub(r"[ \t]*\n+[ \t]*", " ", cell)


assert set(KIND_OF.values()) == set(KINDS)
assert set(SPREAD_OF.values()) == set(SPREADS)
