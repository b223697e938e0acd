"""The .po files, read once and whole: a file with a fault is refused when the product starts, by its name and key.

Which form a number takes is what the file's own Plural-Forms says, never a place in a list. Nothing here says a
sentence to anybody; that is text.py.
"""

from __future__ import annotations

import gettext
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import SupportsFloat

from babel import Locale
from babel.messages.pofile import PoFileError, read_po

LOCALES = {"fr": Locale("fr", "CA"), "en": Locale("en", "CA")}
RULES = {"fr": (2, "n > 1"), "en": (2, "n != 1")}  # a header is held against these; forms are chosen by the header
TRIED = (*range(201), 1_000_000)  # numbers on which two rules are the same rule
HEADER = re.compile(r'\Amsgid ""\nmsgstr ""\n((?:".*"\n)*)')
DECLARED = re.compile(r'^"Plural-Forms: *nplurals *= *(\d+) *; *plural *= *(.+?) *;? *(?:\\n)?"$', re.MULTILINE)
ENTRY = re.compile(r'^msgid "(.+)"\nmsgid_plural ".+"\n((?:(?:msgstr\[\d+\] )?".*"\n?)*)', re.MULTILINE)
FORM = re.compile(r"^msgstr\[(\d+)\]", re.MULTILINE)


class WrongCatalog(ValueError):
    """A file of sentences that cannot be trusted; says which file, and which key where it is one."""


@dataclass(frozen=True, slots=True)
class Plural:
    """One wording per form, and the rule of the file in which they stand."""

    language: str
    forms: tuple[str, ...]
    rule: Callable[[int], int]

    def of(self, n: object) -> str:
        if isinstance(n, int) and not isinstance(n, bool):
            return self.forms[self.rule(abs(n))]
        if isinstance(n, bool) or not isinstance(n, SupportsFloat):
            raise TypeError(f"{n!r} is not a number: it chooses no form of {self.forms[0]!r}")
        return self.forms[self.rule(_alike(self.language, float(n)))]


Sentence = str | Plural


def _alike(language: str, n: float) -> int:
    """The whole number that n is, or one that the language treats as it treats n: 1,5 point, 1.5 points."""
    category = LOCALES[language].plural_form
    return int(abs(n)) if n.is_integer() else next(m for m in TRIED if category(m) == category(abs(n)))


def read_pair(sources: Mapping[str, Traversable]) -> dict[str, dict[str, Sentence]]:
    """The sentences of one folder by language and key: the same keys, and the same values in each of them."""
    found = {language: read(language, source) for language, source in sources.items()}
    first, *others = found
    for other in others:
        for key in found[first].keys() ^ found[other].keys():
            raise WrongCatalog(f"{sources[other]}: {key} stands in one language only")
        for key, sentence in found[first].items():
            here, there = _values(sentence), _values(found[other][key])
            if here != there:
                raise WrongCatalog(f"{sources[other]}: {key}: {_lacking(here ^ there)} stands in one language only")
    return found


def read(language: str, source: Traversable) -> dict[str, Sentence]:
    """Every sentence of one file by its key."""
    text = source.read_text(encoding="utf-8")
    count, rule = _rule(language, source, text)
    for key, written in ENTRY.findall(text):
        if [int(at) for at in FORM.findall(written)] != list(range(count)):
            raise WrongCatalog(f"{source}: {key} must have the forms 0 to {count - 1}, each once")
    try:
        with source.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as wrong:
        raise WrongCatalog(f"{source}: {wrong}") from wrong
    found: dict[str, Sentence] = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if message.fuzzy:
                raise WrongCatalog(f"{source}: {key} is marked fuzzy")
            said = message.string or ""
            found[key] = said if isinstance(said, str) else Plural(language, tuple(said), rule)
            _check(source, key, found[key])
    return found


def _rule(language: str, source: Traversable, text: str) -> tuple[int, Callable[[int], int]]:
    header = HEADER.match(text)
    declared = DECLARED.search(header[1]) if header else None
    if declared is None:
        raise WrongCatalog(f"{source}: Plural-Forms is missing from the header, or says nothing")
    try:
        rule = gettext.c2py(declared[2])
        forms = [rule(n) for n in TRIED]
    except (ValueError, ZeroDivisionError, RecursionError) as wrong:
        raise WrongCatalog(f"{source}: Plural-Forms: {declared[2]!r} is not a rule") from wrong
    count, expected = RULES[language]
    known = gettext.c2py(expected)
    if int(declared[1]) != count or forms != [known(n) for n in TRIED]:
        raise WrongCatalog(
            f"{source}: Plural-Forms is not that of {language!r}: nplurals={count}; plural=({expected});"
        )
    return count, rule


def _check(source: Traversable, key: str, sentence: Sentence) -> None:
    forms = sentence.forms if isinstance(sentence, Plural) else (sentence,)
    for form in forms:
        if not form.strip():
            raise WrongCatalog(f"{source}: {key} is empty")
        try:
            fields(form)
        except ValueError as wrong:
            raise WrongCatalog(f"{source}: {key}: {wrong}") from wrong
    if isinstance(sentence, Plural):
        one, every = sentence.of(1), _values(sentence)
        for form in forms:
            lacking = (
                every - fields(form) - ({"n"} if form is one else set())
            )  # "this statement" may say one without it
            if lacking:
                raise WrongCatalog(f"{source}: {key}: {_lacking(lacking)} is missing from one of its forms")


def _values(sentence: Sentence) -> set[str]:
    return set().union(*map(fields, sentence.forms)) if isinstance(sentence, Plural) else fields(sentence)


def fields(form: str) -> set[str]:
    """The values that a wording places."""
    return set(_named(form))


def _named(form: str) -> Iterator[str]:
    for _, name, spec, conversion in string.Formatter().parse(form):
        if name is not None:
            if not name.isidentifier() or spec or conversion:
                raise ValueError(f"{{{name}}} is not a value by its name")
            yield name


def _lacking(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
