"""A file of statements: what can be taken is taken as it was written; every other line has its number and a reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consensus.statements_file import MOST_BYTES, MOST_ROWS, decode, parse
from consensus.text import Texts

HEADER = "id,nature,level,theme,text_en,text_fr,source\n"
BOTH = ["fr", "en"]
TEXTS = Texts.load()


def reasons(text: str, languages: list[str] = BOTH) -> list[tuple[int, str]]:
    return [(problem.line, problem.key) for problem in parse(text, languages).problems]


def test_statements_are_numbered_in_the_order_of_the_file() -> None:
    read = parse(HEADER + "S9,helps,macro,policy,One.,Un.,a source\nS2,,,,Two.,,\n", BOTH)
    assert not read.problems
    first, second = read.statements
    assert (first.id, first.wordings, first.original) == ("P001", {"fr": "Un.", "en": "One."}, "fr")
    assert (first.nature, first.level, first.theme, first.source) == ("helps", "macro", "policy", "a source")
    assert (second.id, second.wordings, second.original) == ("P002", {"en": "Two."}, "en")


def test_a_byte_order_mark_semicolons_and_windows_line_ends_are_fine() -> None:
    data = b"\xef\xbb\xbf" + "text_fr;text_en\r\n« Un » ; deux;\r\n".replace(" ; deux", "").encode()
    text = decode(data)
    assert text is not None
    assert [s.wordings for s in parse(text, BOTH).statements] == [{"fr": "« Un »"}]


def test_lines_copied_from_a_spreadsheet_are_parted_by_tabs() -> None:
    assert parse("text_en\ttext_fr\nOne, two.\tUn, deux.\n", BOTH).statements[0].wordings["en"] == "One, two."


def test_a_text_on_several_lines_becomes_one_line_and_keeps_the_line_numbers() -> None:
    text = 'text_en,nature\n"One\ntwo",helps\nThree,helpful\n'
    assert reasons(text) == [(4, "file.bad_nature")]
    assert parse(text, BOTH).statements[0].wordings == {"en": "One two"}


def test_no_break_spaces_stay() -> None:
    assert parse("text_fr\nUn\u00a0: deux\n", BOTH).statements[0].wordings["fr"] == "Un\u00a0: deux"


def test_each_bad_line_is_named_with_its_reason() -> None:
    rows = ["a,helpful,macro,t,One.,Un.,s", "b,helps,large,t,One.,Un.,s", "c,helps,macro,t,,,s", "d,e,f,g,h,i,j,k"]
    assert reasons(HEADER + "\n".join(rows)) == [
        (2, "file.bad_nature"),
        (3, "file.bad_level"),
        (4, "file.no_text"),
        (5, "file.too_many_cells"),
    ]


def test_the_reason_says_what_stood_there_and_what_was_expected() -> None:
    wrong = parse(HEADER + "a,helpful,,,One.,,\n", BOTH).problems[0]
    assert TEXTS.say("en", wrong.key, **wrong.values) == ("nature is “helpful”; expected helps, hinders or next_step.")


def test_a_text_must_be_in_a_language_of_the_session() -> None:
    assert reasons(HEADER + "a,,,,One.,,\n", ["fr"]) == [(2, "file.no_text")]


def test_a_file_of_another_shape_is_refused_at_its_first_line() -> None:
    assert reasons("a,b\n1,2\n") == [(1, "file.no_text_column")]
    assert reasons("text_en,colour\nOne.,red\n") == [(1, "file.strange_column")]
    assert reasons("text_en,text_en\nOne.,Two.\n") == [(1, "file.column_twice")]
    assert reasons(HEADER) == [(1, "file.empty")]


def test_quotation_marks_that_do_not_match_are_said() -> None:
    assert reasons('text_en\nOne.\n"Two\nThree\n') == [(3, "file.quotes")]


def test_another_encoding_is_not_guessed() -> None:
    assert decode("é".encode("latin-1")) is None


def test_more_than_the_most_is_refused() -> None:
    assert reasons("text_en\n" + "One.\n" * (MOST_ROWS + 1)) == [(MOST_ROWS + 2, "file.too_many")]
    assert reasons("x" * (MOST_BYTES + 1)) == [(1, "file.too_large")]
    assert reasons(f"text_en\n{'x' * 1001}\n") == [(2, "file.too_long")]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_and_every_reason_has_a_sentence(text: str) -> None:
    for start in ("", HEADER, "text_en\n"):
        read = parse(start + text, BOTH)
        assert read.statements or read.problems
        for wrong in read.problems:
            assert all(TEXTS.say(language, wrong.key, **wrong.values) for language in BOTH)
