"""Every sentence, number and date in the reader's language. .po files are read as they are, at start.

Keys, not sentences, stand in code and templates; a kind's own keys are found under "<kind>.", those that say a
figure under "measures.". Nothing here knows who reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources

from babel import Locale
from babel.dates import format_date, format_time, get_timezone
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from rounds import KINDS
from rounds.contract import Statement

LANGUAGES = ("fr", "en")
LOCALES = {"fr": Locale("fr", "CA"), "en": Locale("en", "CA")}
NAMES = {"fr": "Français", "en": "English"}
ZONE = get_timezone("America/Toronto")

Sentence = str | tuple[str, ...]  # one wording, or one per plural form


class MissingText(KeyError):
    """A key without a sentence; a defect of the program, never a reader's."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All sentences, by language and key."""

    sentences: Mapping[str, Mapping[str, Sentence]]

    @classmethod
    @cache
    def load(cls) -> Texts:
        return cls({language: dict(_all(language)) for language in LANGUAGES})

    def has(self, language: str, key: str) -> bool:
        return key in self.sentences[language]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The sentence of this key. n chooses the plural form; numbers are written as the language writes them."""
        sentence = self.sentences[language].get(key)
        if sentence is None:
            raise MissingText(f"{key!r} has no sentence in {language!r}")
        if isinstance(sentence, tuple):
            n = values.get("n")
            form = LOCALES[language].plural_form(n if isinstance(n, int) else 0)
            sentence = sentence[0 if form == "one" else -1]
        written = {name: number(language, v) if isinstance(v, int | Fraction) else v for name, v in values.items()}
        return sentence.format(**written)


def _all(language: str) -> Iterable[tuple[str, Sentence]]:
    yield from _read(language, "consensus.locale", "")
    yield from _read(language, "rounds.measures", "measures.")
    for kind in KINDS:
        yield from _read(language, f"rounds.{kind}", f"{kind}.")


def _read(language: str, package: str, prefix: str) -> Iterable[tuple[str, Sentence]]:
    with resources.files(package).joinpath(f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    for message in catalog:
        if message.id and message.string and not message.fuzzy:
            key = message.id if isinstance(message.id, str) else message.id[0]
            yield prefix + key, message.string if isinstance(message.string, str) else tuple(message.string)


def number(language: str, value: int | Fraction | float | None) -> str:
    """A figure: at most one decimal, the language's own comma; a dash where it is undefined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        raise TypeError("a yes or no is not a figure")
    return _whole(language, value) if isinstance(value, int) else _tenths(language, round(float(value), 1))


@lru_cache(maxsize=4096)  # a page is full of figures, and few of them differ
def _whole(language: str, value: int) -> str:
    return format_decimal(value, locale=LOCALES[language])


@lru_cache(maxsize=4096)
def _tenths(language: str, value: float) -> str:
    return format_decimal(value, format="#,##0.#", locale=LOCALES[language])


def percent(language: str, part: int, whole: int) -> str:
    """A share as a whole percentage, rounded half up on integers; a dash without answers."""
    if not whole:
        return "–"
    return _percent(language, (200 * part + whole) // (2 * whole))


@lru_cache(maxsize=1024)
def _percent(language: str, hundredths: int) -> str:
    return format_percent(hundredths / 100, locale=LOCALES[language])


def day(language: str, value: date) -> str:
    return format_date(value, format="long", locale=LOCALES[language])


def clock(language: str, value: datetime) -> str:
    """The time of day: 10 h 42 in French, 10:42 in English."""
    pattern = "H\u00a0'h'\u00a0mm" if language == "fr" else "H:mm"
    return format_time(value.astimezone(ZONE), format=pattern, locale=LOCALES[language])


def pick(wordings: Mapping[str, str], language: str) -> str:
    """A wording for this reader, or the first there is; "" where there is none."""
    return wordings.get(language) or next((text for text in wordings.values() if text), "")


def wording(statement: Statement, language: str) -> tuple[str, str]:
    return statement.wording(language)
