"""A letter is plain text with a few places to fill in, and one that nobody could use is refused."""

from __future__ import annotations

import pytest

from consensus.mail.letters import LETTERS, Letter, fill, letters_of, one_line, places, tidy, wrong
from consensus.text import LANGUAGES, Texts
from tests.conftest import Table

VALUES = {"name": "Léa", "link": "https://t.example/j/1-x", "code": "ABCD-2345", "help": "Fay 819"}


@pytest.mark.parametrize("what", LETTERS)
async def test_the_houses_own_letters_can_go_out(table: Table, what: str) -> None:
    study = await table.session.study
    letters = letters_of(Texts.load(), table.session, study, what)
    assert list(letters) == ["fr", "en"]
    for language, letter in letters.items():
        assert wrong(letter, language) is None
        said = fill(letter, VALUES)
        assert all(value in said.body for value in VALUES.values()) and "{" not in said.body
        assert study.title[language] in said.subject


def test_what_may_be_filled_in_is_said_in_either_language() -> None:
    assert places("fr") == ["{nom}", "{lien}", "{code}", "{aide}", "{échéance}"] and places("en")[1] == "{link}"
    assert (
        fill(Letter("s", "{lien} {link} {nom}"), VALUES).body == "https://t.example/j/1-x https://t.example/j/1-x Léa"
    )


def test_a_person_without_a_name_leaves_no_space_behind() -> None:
    assert fill(Letter("Hi {name}!", "Bonjour {nom},\n{link}"), {**VALUES, "name": ""}).body.startswith("Bonjour,\n")


def test_what_is_filled_in_is_never_read_again() -> None:
    assert fill(Letter("s", "{name}"), {**VALUES, "name": "{link}"}).body == "{link}"


def test_a_subject_is_one_line_whatever_fills_it() -> None:
    name = "Léa\r\nBcc: eve@example.org\x00\u2028x"
    assert (
        fill(Letter("Hello {name}", "{link}"), {**VALUES, "name": name}).subject == "Hello Léa Bcc: eve@example.org x"
    )
    assert tidy(" a\nb ", " c\r\nd ") == Letter("a b", "c\nd")
    assert one_line("a\tb\x07") == "a b"
    assert one_line("می\u200cخواهم 👩\u200d⚕️ \u202etxt") == "می\u200cخواهم 👩\u200d⚕️ txt"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("subject", "body", "key"),
    [
        ("", "{link}", "mails.empty"),
        ("Hello", "", "mails.empty"),
        ("Hello", "Come to {help}", "mails.no_link"),
        ("Hello", "{link} {nombre}", "mails.unknown_place"),
        ("Hello {0.__class__}", "{link}", "mails.unknown_place"),
        ("Hello {link}", "{link}", "mails.secret_subject"),
        ("Your code: {code}", "{link}", "mails.secret_subject"),
        ("x" * 151, "{link}", "mails.long"),
        ("Hello", "{link}" + "x" * 5000, "mails.long"),
    ],
)
def test_a_letter_that_cannot_go_out_is_refused_with_a_sentence(
    language: str, subject: str, body: str, key: str
) -> None:
    found = wrong(Letter(subject, body), language)
    assert found is not None and found[0] == key
    assert Texts.load().say(language, key, **found[1])
