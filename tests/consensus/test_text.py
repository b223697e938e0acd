"""Every sentence in both languages, as good in one as in the other."""

from __future__ import annotations

import re
import string
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from consensus import text
from consensus.text import MissingText, Texts
from rounds import KINDS

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "consensus" / "locale", ROOT / "rounds" / "measures", *(ROOT / "rounds" / kind for kind in KINDS)]
TEXTS = Texts.load()
every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def sentences(folder: Path, language: str) -> dict[str, tuple[str, ...]]:
    with (folder / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    found = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            assert not message.fuzzy, f"{folder.name}/{language}.po: {key} is fuzzy"
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@every_folder
def test_no_sentence_is_in_one_language_only(folder: Path) -> None:
    fr, en = sentences(folder, "fr"), sentences(folder, "en")
    assert set(fr) == set(en)
    for key in fr:
        assert all(fr[key]), f"{key} is empty in French"
        assert all(en[key]), f"{key} is empty in English"


@every_folder
def test_both_languages_say_the_same_things(folder: Path) -> None:
    fr, en = sentences(folder, "fr"), sentences(folder, "en")
    different = [k for k in fr if set.union(*map(fields, fr[k])) != set.union(*map(fields, en[k]))]
    assert not different


@every_folder
def test_no_key_stands_twice(folder: Path) -> None:
    for language in ("fr", "en"):
        keys = re.findall(r'^msgid "(.+)"$', (folder / f"{language}.po").read_text(encoding="utf-8"), flags=re.M)
        assert len(keys) == len(set(keys)), sorted({key for key in keys if keys.count(key) > 1})


@every_folder
def test_french_is_set_as_in_quebec(folder: Path) -> None:
    """No space before ; ! ?, a no-break space before : and % and inside « », ’ and not '."""
    for key, forms in sentences(folder, "fr").items():
        for sentence in forms:
            assert not re.search(r"[\s\u00a0\u202f][;!?]", sentence), key
            assert not re.search(r"(?<![\u00a0\d/])[:](?=\s|$)", sentence), key
            assert not re.search(r"[^\u00a0]»|«[^\u00a0]", sentence), key
            assert not re.search(r"[\d}] ?%", sentence), key
            assert "'" not in sentence, key


@every_folder
def test_english_is_set_as_in_canada(folder: Path) -> None:
    """75% without a space, no no-break space, curly quotes and apostrophes."""
    for key, forms in sentences(folder, "en").items():
        for sentence in forms:
            assert not re.search(r"\s%", sentence), key
            assert not re.search("['\"\u00a0\u202f]", sentence), key


def test_every_literal_key_has_its_sentence() -> None:
    """say("...") in a template or in Python, with a key that is written out."""
    known = set(TEXTS.sentences["en"])
    missing = []
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "consensus").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"""(?<!texts\.)\b(?:say|Refused)\(\s*"([a-z_]+[\w.]*)"(?!\s*~)""", text):
            if key not in known:
                missing.append(f"{path.relative_to(ROOT)}: {key}")
    assert not missing


def test_a_key_without_a_sentence_is_a_defect_not_an_empty_page() -> None:
    with pytest.raises(MissingText):
        TEXTS.say("fr", "no.such.key")


def test_numbers_and_shares_are_written_as_the_reader_writes_them() -> None:
    assert text.number("fr", Fraction(11, 2)) == "5,5"
    assert text.number("en", Fraction(11, 2)) == "5.5"
    assert text.number("fr", None) == text.number("en", None) == "–"
    assert text.percent("fr", 3, 4) == "75\u00a0%"
    assert text.percent("en", 3, 4) == "75%"
    assert text.percent("en", 1, 8) == "13%"
    assert text.percent("en", 0, 0) == "–"


def test_one_and_many_are_told_apart_as_each_language_does() -> None:
    """French says nobody in the singular, English in the plural."""
    assert "personne a" in TEXTS.say("fr", "online", n=0)
    assert "people have" in TEXTS.say("en", "online", n=0)
    assert "person has" in TEXTS.say("en", "online", n=1)
    assert TEXTS.say("fr", "pause.left", n=Fraction(3, 2)) == "Il vous reste 1,5 réponse à donner."
    assert TEXTS.say("en", "pause.left", n=Fraction(3, 2)) == "You have 1.5 answers left."


@pytest.mark.parametrize("n", [0, 1, 2, 5, 21, 1_000_000, Fraction(1, 2), Fraction(5, 2)])
@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_sentence_says_something_for_every_number(language: str, n: int | Fraction) -> None:
    for key, sentence in TEXTS.sentences[language].items():
        forms = [sentence] if isinstance(sentence, str) else list(sentence.forms)
        names = set().union(*map(fields, forms))
        said = TEXTS.say(language, key, **dict.fromkeys(names, "x") | {"n": n})
        assert said.strip() and ("{" not in said or any("{{" in form for form in forms)), (key, said)


def test_a_plural_without_its_number_is_a_defect() -> None:
    for n in (None, "3", True):
        with pytest.raises(TypeError):
            TEXTS.say("fr", "pause.left", n=n)
