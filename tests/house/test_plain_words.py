"""What participants read is plain: short sentences, a school level that most adults have, in both languages.

The level is measured on all their sentences together, because formulas of readability mean nothing for one line.
English: the grade of Kincaid and others (1975). French: the ease of Kandel and Moles (1958), where 60 and more is what
thirteen- to fifteen-year-olds read with ease.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consensus.text import Texts
from rounds import KINDS
from rounds.contract import Role

ROOT = Path(__file__).parents[2]
TEXTS = Texts.load()
MOST_WORDS, GRADE, EASE = 20, 8.0, 60.0
PAGES = [
    *(ROOT / "templates" / "participant").glob("*.html"),
    *(ROOT / "templates" / name for name in ("invitation.html", "landing.html", "error.html", "parts/ends.html")),
]
KEY = re.compile(r'say\(\s*["\']([\w.]+)["\']\s*(~?)')
BLOCK = re.compile(r"\{% block (?:ballot|closed|heading|where|live) %\}.*?(?=\{% block |\Z)", re.DOTALL)
MACRO = re.compile(r"\{%-? macro (\w+)\(.*?endmacro", re.DOTALL)
WORD = re.compile(r"[^\W\d_][\w’'-]*")
SOUNDS = {"en": re.compile(r"[aeiouy]+"), "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûü]+")}
MUTE = {"en": re.compile(r"(?<![aeiouyl])e(s|d)?$"), "fr": re.compile(r"(?<=[^aeiouyéèêà])e(s|nt)?$")}


def keys_of_participants() -> set[str]:
    """Of their pages, what each kind asks of them, and what refuses an answer of theirs."""
    parts = [path.read_text(encoding="utf-8") for path in PAGES]
    for kind, module in KINDS.items():
        if Role.PARTICIPANT in module.cast_by:
            parts += seen_in((ROOT / "templates" / "rounds" / f"{kind}.html").read_text(encoding="utf-8"))
    known, keys = TEXTS.sentences["en"], set()
    for key, is_part in KEY.findall("\n".join(parts)):
        keys |= {name for name in known if name.startswith(key)} if is_part else {key} & set(known)
    return keys


def seen_in(template: str) -> list[str]:
    """The blocks that participants see, and the macros that these call, and those call."""
    macros = {found[1]: found[0] for found in MACRO.finditer(template)}
    parts = [MACRO.sub("", block) for block in BLOCK.findall(template)]
    called: set[str] = set()
    while new := {name for name in macros.keys() - called if any(f"{name}(" in part for part in parts)}:
        called |= new
        parts += [macros[name] for name in new]
    return parts


def sentences(language: str, keys: set[str]) -> list[tuple[str, str]]:
    found = []
    for key in sorted(keys):
        said = TEXTS.sentences[language][key]
        for form in (said,) if isinstance(said, str) else said.forms:
            plain = re.sub(r"\{\w+\}", "8", form)  # a figure or a name stands there
            found += [(key, part) for part in re.split(r"(?<=[.!?:;])\s+", plain) if part]
    return found


def syllables(word: str, language: str) -> int:
    heard = MUTE[language].sub("", word.lower())
    return max(1, len(SOUNDS[language].findall(heard)))


def measured(texts: list[str], language: str) -> tuple[float, float]:
    """Words a sentence, syllables a word."""
    words = [WORD.findall(text) for text in texts]
    flat = [word for line in words for word in line]
    return len(flat) / len(words), sum(syllables(word, language) for word in flat) / len(flat)


def whole(parts: list[tuple[str, str]]) -> list[str]:
    """Sentences, not the words of a button."""
    return [text for _, text in parts if text[-1] in ".!?" and len(WORD.findall(text)) > 3]


def test_participants_are_found_to_read_something() -> None:
    keys = keys_of_participants()
    assert {"consent.agree", "waiting.not_open", "rating.dont_know", "wall.means.keep"} <= keys
    assert not any(key.startswith(("setup.", "console.", "compilation.")) for key in keys)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sentence_that_anybody_reads_is_long(language: str) -> None:
    every = sentences(language, set(TEXTS.sentences[language]))
    long = {key: text for key, text in every if len(WORD.findall(text)) > MOST_WORDS}
    assert long == {}


@pytest.mark.parametrize("name", ["help.en.md", "help.fr.md"])
def test_no_sentence_of_the_printed_help_is_long(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    parts = re.split(r"(?<=[.!?:;])\s+|\n\n|\n[-#\d]", text)
    assert [part for part in parts if len(WORD.findall(part)) > MOST_WORDS] == []


def test_english_for_participants_is_at_grade_eight_or_lower() -> None:
    length, sounds = measured(whole(sentences("en", keys_of_participants())), "en")
    assert 0.39 * length + 11.8 * sounds - 15.59 <= GRADE


def test_french_for_participants_is_as_easy() -> None:
    length, sounds = measured(whole(sentences("fr", keys_of_participants())), "fr")
    assert 207 - 1.015 * length - 73.6 * sounds >= EASE


def test_a_hard_text_is_found_hard() -> None:
    hard = ["The operationalization of interprofessional collaboration necessitates institutional accountability."]
    length, sounds = measured(hard, "en")
    assert 0.39 * length + 11.8 * sounds - 15.59 > GRADE
    length, sounds = measured(
        ["L’opérationnalisation interprofessionnelle nécessite une imputabilité organisationnelle."], "fr"
    )
    assert 207 - 1.015 * length - 73.6 * sounds < EASE


def test_syllables_are_counted_as_they_are_heard() -> None:
    assert [syllables(word, "en") for word in ("table", "agree", "saved", "idea", "before")] == [2, 2, 1, 2, 2]
    assert [syllables(word, "fr") for word in ("table", "patientes", "réponse", "gardent", "vous")] == [1, 2, 2, 1, 1]
