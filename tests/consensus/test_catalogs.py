"""A file of sentences with a fault never gets as far as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus.catalogs import WrongCatalog, read, read_pair

FR, EN = "nplurals=2; plural=(n > 1);", "nplurals=2; plural=(n != 1);"
LEFT = 'msgid "left"\nmsgid_plural "left"\nmsgstr[0] "{n} carte"\nmsgstr[1] "{n} cartes"\n'


def written(folder: Path, body: str, forms: str | None = FR, name: str = "fr") -> Path:
    declared = "" if forms is None else f'"Plural-Forms: {forms}\\n"\n'
    path = folder / f"{name}.po"
    path.write_text(f'msgid ""\nmsgstr ""\n"Language: {name}\\n"\n{declared}\n{body}', encoding="utf-8")
    return path


def test_the_files_own_rule_chooses_the_form(tmp_path: Path) -> None:
    left = read("fr", written(tmp_path, LEFT))["left"]
    assert not isinstance(left, str)
    assert [left.of(n) for n in (0, 1, 2, 5, 21, 1_000_000)] == ["{n} carte"] * 2 + ["{n} cartes"] * 4


@pytest.mark.parametrize(
    "forms",
    [
        None,
        "",
        "nplurals=2;",
        "nplurals=2; plural=(n >> 1);",
        "nplurals=2; plural=(n > ;",
        "nplurals=2; plural=n / 0;",
        "nplurals=2; plural=__import__('os');",
        EN,
        "nplurals=2; plural=0;",
        "nplurals=1; plural=0;",
        "nplurals=3; plural=(n > 1);",
        "nplurals=3; plural=(n==0 || n==1 ? 0 : n!=0 && n%1000000==0 ? 1 : 2);",
    ],
)
def test_a_header_that_is_missing_or_not_the_languages_is_refused(tmp_path: Path, forms: str | None) -> None:
    with pytest.raises(WrongCatalog, match=r"fr\.po: Plural-Forms"):
        read("fr", written(tmp_path, LEFT, forms))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LEFT.replace('msgstr[1] "{n} cartes"\n', ""), "left must have the forms"),
        (LEFT + 'msgstr[2] "{n} cartes"\n', "left must have the forms"),
        (LEFT.replace("msgstr[1]", "msgstr[0]"), "left must have the forms"),
        (LEFT.replace('"{n} cartes"', '""'), "left is empty"),
        (LEFT.replace('"{n} carte"', '" "'), "left is empty"),
        (LEFT.replace("{n} cartes", "{n} cartes, {size}"), "left: {size} is missing"),
        (LEFT.replace("{n} cartes", "des cartes"), "left: {n} is missing"),
        (LEFT.replace("{n} carte", "{n carte"), "left: "),
        (LEFT.replace("{n} carte", "{} carte"), "left: "),
        ('msgid "plain"\nmsgstr ""\n', "plain is empty"),
        ('#, fuzzy\nmsgid "plain"\nmsgstr "Oui"\n', "plain is marked fuzzy"),
    ],
)
def test_a_sentence_that_would_say_nothing_is_refused_by_its_key(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(WrongCatalog) as refused:
        read("fr", written(tmp_path, body))
    assert "fr.po" in str(refused.value) and said in str(refused.value)


def test_one_may_go_without_its_number(tmp_path: Path) -> None:
    assert read("fr", written(tmp_path, LEFT.replace("{n} carte", "Cette carte", 1)))


@pytest.mark.parametrize(
    "other",
    ['msgid "plain"\nmsgstr "{a}"\n', 'msgid "plain"\nmsgstr "{a} {b} {c}"\n', 'msgid "else"\nmsgstr "{a} {b}"\n'],
)
def test_a_value_or_a_key_in_one_language_only_is_refused(tmp_path: Path, other: str) -> None:
    french = written(tmp_path, 'msgid "plain"\nmsgstr "{b} {a}"\n')
    english = written(tmp_path, other, EN, "en")
    with pytest.raises(WrongCatalog, match=r"en\.po: (plain|else)"):
        read_pair({"fr": french, "en": english})
