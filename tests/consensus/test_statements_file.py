"""A list of statements: what can be taken is taken as it was written; every other line has its number and a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.imports.arranging import Choices
from consensus.imports.problems import Unreadable
from consensus.imports.reader import read as read_file
from consensus.imports.statements import MOST_BYTES, MOST_ROWS, Reading, parse, read
from consensus.outcome import statement_data, statement_from
from consensus.text import Texts

CASES = Path(__file__).parents[1] / "data" / "statements"
HEADER = "id,nature,level,theme,text_en,text_fr,source\n"
BOTH = ["fr", "en"]
TEXTS = Texts.load()


def reasons(text: str, languages: list[str] = BOTH) -> list[tuple[int, str]]:
    return [(problem.line, problem.key) for problem in parse(text, languages).problems]


def remarks(reading: Reading) -> list[tuple[int, str]]:
    return [(said.line, said.key) for said in reading.remarks]


def case(name: str, choices: Choices | None = None) -> Reading:
    return read(read_file((CASES / f"{name}.csv").read_bytes()), BOTH, choices or Choices())


def wordings(reading: Reading) -> list[dict[str, str]]:
    return [dict(statement.wordings) for statement in reading.statements]


WAIT = [
    {"fr": "Délai d’attente plus court", "en": "Shorter wait"},
    {"fr": "Numéro à appeler", "en": "A number"},
]
READ = {
    **dict.fromkeys(("utf8", "bom", "mac_cr", "mac_cr_semicolon_bom"), WAIT),
    "quoted_newline": [{"fr": 'Délai d’attente, "court"', "en": "x"}],
    "trailing_empty_body_cols": [{"fr": "A", "en": "B"}, {"fr": "C", "en": "D"}],
    "bare_quote": [{"fr": 'Le "dossier" partagé', "en": "x"}],
    "emoji_rtl": [{"fr": "👩🏽‍⚕️ Soins", "en": "انتظار أقل"}],
    "formula": [{"fr": "=cmd|calc", "en": "+1+1"}],
    "html": [{"fr": "<b>gras</b> & <script>alert(1)</script>", "en": "x"}],
    "nature_upper_fr": [{"fr": "A"}, {"fr": "B"}],
    "U_2028": [{"fr": "A B", "en": "x"}],
}
TOLD = {
    "extra_col": ([{"fr": "A", "en": "B"}], [(1, "import.unknown_columns")]),
    "excel_fr_cp1252_semicolon": (WAIT, [(1, "import.encoding")]),
    "one_column_no_header": ([{"fr": line["fr"]} for line in WAIT], [(1, "file.no_title_text_fr")]),
    "header_first_title_line": ([{"fr": "A", "en": "B"}], [(1, "import.title")]),
    "polis_comments": (
        [{"fr": "Les soins, d’abord"}, {"fr": "Autre idée sur deux lignes"}],
        [(1, "import.unknown_columns"), (1, "file.title_text_fr")],
    ),
    "polis_seed": ([{"fr": "First"}], [(1, "import.unknown_columns"), (1, "file.title_text_fr")]),
    "dup_texts": ([{"fr": "A same idea"}] * 2 + [{"fr": "A Same Idea"}], [(3, "file.text_twice")]),
    "control": ([{"fr": "AB", "en": "x"}], [(2, "import.control")]),
}
REFUSED = {"only_spaces_text": (2, "file.no_text")}
UNREADABLE = {"bare_quote_start": (2, "import.quotes"), "xlsx_renamed": (1, "import.workbook_broken")}


def test_every_case_has_its_promise() -> None:
    assert {path.stem for path in CASES.iterdir()} == {*READ, *TOLD, *REFUSED, *UNREADABLE}


@pytest.mark.parametrize("name", READ)
def test_statements_are_read_as_a_careful_person_reads_them(name: str) -> None:
    found = case(name)
    assert wordings(found) == READ[name]
    assert not found.problems and not found.remarks


@pytest.mark.parametrize("name", TOLD)
def test_what_has_to_be_known_is_said_before_anything_is_taken(name: str) -> None:
    found = case(name)
    assert (wordings(found), remarks(found)) == TOLD[name]
    assert not found.problems


@pytest.mark.parametrize("name", REFUSED)
def test_a_line_without_a_text_is_refused(name: str) -> None:
    assert [(problem.line, problem.key) for problem in case(name).problems] == [REFUSED[name]]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused_with_its_line(name: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        case(name)
    assert (wrong.value.problem.line, wrong.value.problem.key) == UNREADABLE[name]


def test_both_spellings_of_a_nature_are_read() -> None:
    assert [statement.nature for statement in case("nature_upper_fr").statements] == ["helps", "helps"]
    text = (
        "énoncé;nature;niveau\nA;Quelque chose qui aide;macro (système)\nB;Obstacle;Clinique\nC;Prochaine étape;micro\n"
    )
    found = [(statement.nature, statement.level) for statement in parse(text, BOTH).statements]
    assert found == [("helps", "macro"), ("hinders", "meso"), ("next_step", "micro")]


def test_a_column_may_be_chosen_otherwise() -> None:
    found = case("polis_seed", Choices(columns={0: "text_en", 1: "theme"}))
    assert (wordings(found), found.statements[0].theme, found.remarks) == ([{"en": "First"}], "note", ())
    found = case("one_column_no_header", Choices(header=True, columns={0: "text_en"}))
    assert wordings(found) == [{"en": "Numéro à appeler"}]
    assert wordings(case("utf8", Choices(header=False, columns={0: "text_en"})))[0] == {"en": "text_fr"}
    (said,) = case("polis_seed", Choices(columns={1: "text_fr"})).problems
    assert said.key == "import.chosen_twice"


def test_which_of_several_columns_holds_the_texts_is_asked() -> None:
    text = "un, premier; x\ndeux; y\n"
    assert reasons(text) == [(1, "file.no_text_column")]
    found = parse(text, BOTH, Choices(columns={0: "text_fr"}))
    assert wordings(found) == [{"fr": "un, premier"}, {"fr": "deux"}]
    assert wordings(parse(text, BOTH, Choices(separator="", columns={0: "text_fr"})))[0] == {"fr": "un, premier; x"}


def test_what_polis_moderated_out_is_left_out() -> None:
    text = "comment-id,moderated,comment-body\n0,1,First\n1,-1,Second\n2,0,Third\n"
    found = parse(text, ["en"])
    assert wordings(found) == [{"en": "First"}, {"en": "Third"}]
    assert [statement.source_id for statement in found.statements] == ["0", "2"]
    assert (3, "file.moderated") in remarks(found)


@pytest.mark.parametrize("name", ["id", "ID", "Numéro", "No", "statement", "Énoncé", "comment-id", "code"])
def test_what_a_statement_is_called_in_its_file_is_kept(name: str) -> None:
    found = parse(f"{name};text_fr\n12-b;Un\n;Deux\n", BOTH)
    assert [(s.id, s.source_id, s.wordings["fr"]) for s in found.statements] == [
        ("P001", "12-b", "Un"),
        ("P002", "", "Deux"),
    ]


def test_a_column_called_statement_holds_the_texts_where_no_other_does() -> None:
    assert wordings(parse("id,statement\n7,One\n", ["en"])) == [{"en": "One"}]
    assert wordings(parse("Énoncé\nUn\n", BOTH)) == [{"fr": "Un"}]


def test_one_number_of_the_file_on_two_lines_is_said() -> None:
    assert remarks(parse("id,text_fr\n7,Un\n7,Deux\n", BOTH)) == [(3, "file.id_twice")]


def test_statements_are_numbered_in_the_order_of_the_file() -> None:
    read = parse(HEADER + "S9,helps,macro,policy,One.,Un.,a source\nS2,,,,Two.,,\n", BOTH)
    assert not read.problems
    first, second = read.statements
    assert (first.id, first.wordings, first.original) == ("P001", {"fr": "Un.", "en": "One."}, "fr")
    assert (first.nature, first.level, first.theme, first.source) == ("helps", "macro", "policy", "a source")
    assert (second.id, second.wordings, second.original) == ("P002", {"en": "Two."}, "en")


def test_lines_copied_from_a_spreadsheet_are_parted_by_tabs() -> None:
    assert parse("text_en\ttext_fr\nOne, two.\tUn, deux.\n", BOTH).statements[0].wordings["en"] == "One, two."


def test_a_text_on_several_lines_becomes_one_line_and_keeps_the_line_numbers() -> None:
    text = 'text_en,nature\n"One\ntwo",helps\nThree,helpful\n'
    assert reasons(text) == [(4, "file.bad_nature")]
    assert parse(text, BOTH).statements[0].wordings == {"en": "One two"}


def test_no_break_spaces_stay() -> None:
    assert parse("text_fr\nUn\u00a0: deux\n", BOTH).statements[0].wordings["fr"] == "Un\u00a0: deux"


def test_each_bad_line_is_named_with_its_reason() -> None:
    rows = ["a,helpful,macro,t,One.,Un.,s", "b,helps,large,t,One.,Un.,s", "c,helps,macro,t,,,s", "d,,,f,g,h,i,j,k"]
    assert reasons(HEADER + "\n".join(rows)) == [
        (2, "file.bad_nature"),
        (3, "file.bad_level"),
        (4, "file.no_text"),
        (5, "import.cell_without_column"),
    ]


def test_the_reason_says_what_stood_there_and_what_was_expected() -> None:
    wrong = parse(HEADER + "a,helpful,,,One.,,\n", BOTH).problems[0]
    assert TEXTS.say("en", wrong.key, **wrong.values) == ("nature is “helpful”; expected helps, hinders or next_step.")


def test_a_text_must_be_in_a_language_of_the_session() -> None:
    assert reasons(HEADER + "a,,,,One.,,\n", ["fr"]) == [(2, "file.no_text")]
    assert reasons("text_en\nOne.\n", ["fr"]) == [(1, "file.no_text_column")]


def test_a_file_of_another_shape_is_refused_at_its_first_line() -> None:
    assert reasons("a,b\n1,2\n") == [(1, "file.no_text_column")]
    assert reasons("text_en,text_en\nOne.,Two.\n") == [(1, "import.column_twice")]
    assert reasons(HEADER) == [(1, "file.empty")]


def test_quotation_marks_that_do_not_match_are_said() -> None:
    assert reasons('text_en\nOne.\n"Two\nThree\n') == [(3, "import.quotes")]


def test_more_than_the_most_is_refused() -> None:
    assert reasons("text_en\n" + "One.\n" * (MOST_ROWS + 1)) == [(MOST_ROWS + 2, "file.too_many")]
    assert reasons("x" * (MOST_BYTES + 1)) == [(1, "file.too_large")]
    assert reasons(f"text_en\n{'x' * 1001}\n") == [(2, "file.too_long")]


@given(st.text(max_size=300), st.sampled_from([None, True, False]))
def test_no_text_breaks_the_reading_and_every_reason_has_a_sentence(text: str, header: bool | None) -> None:
    for start in ("", HEADER, "text_en\n"):
        read = parse(start + text, BOTH, Choices(header=header))
        assert read.statements or read.problems
        for said in (*read.problems, *read.remarks):
            assert all(TEXTS.say(language, said.key, **said.values) for language in BOTH)


def test_themes_that_are_nearly_the_same_are_said() -> None:
    text = "text_fr;theme\nUn;Accès aux soins\nDeux;acces  aux soins\nTrois;Soutien\n"
    (said,) = parse(text, BOTH).remarks
    assert (said.line, said.key, said.values["others"]) == (3, "file.theme_alike", "acces  aux soins")


def test_a_comma_in_a_list_of_sentences_parts_nothing() -> None:
    found = parse("Des soins, vite\nUn suivi, par une personne connue\nMoins d’attente, partout\n", BOTH)
    assert [words["fr"] for words in wordings(found)][0] == "Des soins, vite"
    assert (len(found.statements), remarks(found)) == (3, [(1, "file.no_title_text_fr")])
    assert reasons("a,b\nc, d\n") == [(1, "file.no_text_column")]


def test_a_statement_that_came_without_a_number_is_stored_and_sealed_as_before() -> None:
    (plain, called) = parse("id;text_fr\n;Un\n7;Deux\n", BOTH).statements
    assert "source_id" not in statement_data(plain)
    assert statement_from(statement_data(called)).source_id == "7" and statement_from(statement_data(plain)) == plain
