"""Every sentence, number and date in the reader's language. .po files are read and checked at start, by catalogs.py.

Keys, not sentences, stand in code and templates; a kind's own keys are found under "<kind>.", those that say a
figure under "measures.". Nothing here knows who reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from consensus import zones
from consensus.catalogs import LOCALES, Plural, Sentence, read_pair
from rounds import KINDS
from rounds.contract import Statement
from rounds.rules import percent_of

LANGUAGES = ("fr", "en")
NAMES = {"fr": "Français", "en": "English"}
FOLDERS = {"consensus.locale": "", "rounds.measures": "measures.", **{f"rounds.{k}": f"{k}." for k in KINDS}}


class MissingText(KeyError):
    """A key without a sentence; a defect of the program, never a reader's."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All sentences, by language and key."""

    sentences: Mapping[str, Mapping[str, Sentence]]

    @classmethod
    @cache
    def load(cls) -> Texts:
        sentences: dict[str, dict[str, Sentence]] = {language: {} for language in LANGUAGES}
        for package, prefix in FOLDERS.items():
            files = resources.files(package)
            for language, read in read_pair({name: files / f"{name}.po" for name in LANGUAGES}).items():
                sentences[language] |= {prefix + key: sentence for key, sentence in read.items()}
        return cls(sentences)

    def has(self, language: str, key: str) -> bool:
        return key in self.sentences[language]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """The sentence of this key. n chooses the plural form; numbers and days stand as the language writes them."""
        sentence = self.sentences[language].get(key)
        if sentence is None:
            raise MissingText(f"{key!r} has no sentence in {language!r}")
        if isinstance(sentence, Plural):
            sentence = sentence.of(values.get("n"))
        if not values:
            return _plain(sentence)
        return sentence.format(**{name: _written(language, value) for name, value in values.items()})


@lru_cache(maxsize=8192)  # most sentences name nothing
def _plain(sentence: str) -> str:
    return sentence.format()


def _written(language: str, value: object) -> object:
    if isinstance(value, int | Fraction):
        return number(language, value)
    return day(language, value) if isinstance(value, date) else value


def number(language: str, value: int | Fraction | float | None, decimals: int = 1) -> str:
    """A figure: at most so many decimals, the language's own comma; a dash where it is undefined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        raise TypeError("a yes or no is not a figure")
    if isinstance(value, int):
        return _whole(language, value)
    return _decimal(language, round(float(value), decimals), decimals)


@lru_cache(maxsize=4096)  # a page is full of figures, and few of them differ
def _whole(language: str, value: int) -> str:
    return format_decimal(value, locale=LOCALES[language])


@lru_cache(maxsize=4096)
def _decimal(language: str, value: float, decimals: int) -> str:
    return format_decimal(value, format=f"#,##0.{'#' * decimals}", locale=LOCALES[language])


def percent(language: str, part: int, whole: int, decimals: int = 0) -> str:
    """A share as a percentage, whole unless more is asked for, rounded half up on integers; a dash without answers."""
    parts = percent_of(part, whole, decimals)
    return "–" if parts is None else _percent(language, parts, decimals)


@lru_cache(maxsize=1024)
def _percent(language: str, parts: int, decimals: int) -> str:
    exact = Decimal(parts).scaleb(-2 - decimals)
    return format_percent(exact, locale=LOCALES[language], decimal_quantization=False)


def day(language: str, value: date) -> str:
    return format_date(value, format="long", locale=LOCALES[language])


def clock(language: str, value: datetime, zone: str) -> str:
    """The time of day, and where it is that time: 10 h 42 (heure normale de l’Est), 10:42 (Eastern Standard Time)."""
    return _time(language, value, zone, "H\u00a0'h'\u00a0mm" if language == "fr" else "H:mm")


def moment(language: str, value: datetime, zone: str) -> str:
    """The same to the second: 10 h 42 min 05 s in French, 10:42:05 in English."""
    pattern = "H\u00a0'h'\u00a0mm\u00a0'min'\u00a0ss\u00a0's'" if language == "fr" else "H:mm:ss"
    return _time(language, value, zone, pattern)


def when(language: str, value: datetime, zone: str) -> str:
    """The day and the time of day."""
    return f"{day(language, zones.day_in(zone, value))}, {clock(language, value, zone)}"


def _time(language: str, value: datetime, zone: str, pattern: str) -> str:
    told = format_time(value.astimezone(zones.of(zone)), format=pattern, locale=LOCALES[language])
    return f"{told} ({zones.name_at(language, value, zone)})"


def listed(language: str, names: Sequence[str]) -> str:
    """Names as one says them together: a, b and c."""
    return format_list(list(names), locale=LOCALES[language])


def pick(wordings: Mapping[str, str], language: str) -> str:
    """A wording for this reader, or the first there is; "" where there is none."""
    return wordings.get(language) or next((text for text in wordings.values() if text), "")


def wording(statement: Statement, language: str) -> tuple[str, str]:
    return statement.wording(language)
