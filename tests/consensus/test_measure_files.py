"""Files of ratings as people have them give the figures of the plain one, are told of, or are refused on their line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.consensus.commands import call

FILES = Path(__file__).parents[1] / "data" / "measure"
ASKED = ("--scale", "1-9", "--rule", "75", "--resamples", "20")
PLAIN = "01_utf8.csv"


def told(path: Path | str, *words: str) -> dict[str, object]:
    code, out, err = call("measure", str(FILES / path), *ASKED, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def figures(path: Path | str, *words: str) -> dict[str, object]:
    """All that is counted; whose file it is and what was said of it are not."""
    return {key: value for key, value in told(path, *words).items() if key not in ("file", "notes")}


def notes(path: Path | str, *words: str) -> list[str]:
    return [note["said"] for note in told(path, *words)["notes"]]


def refused(path: Path | str, *words: str) -> str:
    code, out, err = call("measure", str(FILES / path), *ASKED, *words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    return err.removeprefix(str(FILES / path))


def saved(tmp_path: Path, data: str | bytes, name: str = "ratings.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "name",
    [
        "02_bom.csv",
        "05_utf8_semicolon_bom_crlf.csv",
        "06_mac_cr.csv",
        "09_trailing_empty_cols.csv",
        "10_trailing_empty_cols_only_body.csv",
        "11_trailing_blank_rows.csv",
        "13_decimal_comma.csv",
        "14_float_8.0.csv",
        "15_nbsp_trailing.csv",
        "41_pipe.csv",
    ],
)
def test_how_a_file_was_saved_changes_no_figure_and_asks_nothing(name: str) -> None:
    assert figures(name, "--group", "group") == figures(PLAIN, "--group", "group")
    assert notes(name) == []


@pytest.mark.parametrize(
    ("name", "encoding"), [("03_excel_fr_cp1252_semicolon_crlf.csv", "windows-1252"), ("07_macroman.csv", "mac-roman")]
)
def test_letters_that_are_a_guess_are_told_before_the_figures(name: str, encoding: str) -> None:
    assert figures(name, "--group", "group") == figures(PLAIN, "--group", "group")
    out = call("measure", str(FILES / name), *ASKED)[1]
    first = out.splitlines()[0]
    assert encoding in first and "guess" in first


def test_one_answer_twice_is_refused_unless_the_last_counts(tmp_path: Path) -> None:
    assert refused("17_double_row.csv").startswith(
        ":8: 'p01' answered 'Délai d’attente' already on line 2; with --last"
    )
    assert figures("17_double_row.csv", "--last") == figures(PLAIN)
    log = (FILES / PLAIN).read_text(encoding="utf-8").replace(
        "attente,8", "attente,1"
    ) + "p01,patients,Délai d’attente,8\n"
    assert figures(saved(tmp_path, log), "--last") == figures(PLAIN)
    assert notes(saved(tmp_path, log), "--last") == [
        "1 of 7 answers were given again later in the file; the last one counts"
    ]


@pytest.mark.parametrize(
    ("name", "people", "statements", "said"),
    [
        ("18_case_participant.csv", 4, 2, "participants 'p01' and 'P01' differ only by case"),
        ("21_double_space.csv", 4, 3, "statements 'Délai d’attente' and 'Délai  d’attente' differ only by case"),
    ],
)
def test_names_that_are_nearly_the_same_stay_apart_and_are_told_first(
    name: str, people: int, statements: int, said: str
) -> None:
    out = call("measure", str(FILES / name), *ASKED)[1].splitlines()
    assert said in out[0]
    assert f"{people} people, {statements} statements" in out[2]


@pytest.mark.parametrize(
    "pair", [("Patients", "patients"), ("l’accès", "l'accès"), ("Délai", "délai"), ("Urgence", "Urgence\u200b\u200d")]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_near_name_anywhere_is_told(tmp_path: Path, pair: tuple[str, str], place: int) -> None:
    rows = [["p1", "g", "S1", "8"], ["p2", "g", "S2", "7"]]
    for row, name in zip(rows, pair, strict=True):
        row[place] = name
    text = "participant,group,statement,value\n" + "".join(",".join(row) + "\n" for row in rows)
    said = notes(saved(tmp_path, text), "--group", "group")
    assert len(said) == 1 and "differ only by" in said[0]


def test_composed_and_decomposed_accents_are_one_name() -> None:
    assert told("19_nfd_nfc.csv")["people"] == 4
    assert [each["statement"] for each in told("19_nfd_nfc.csv")["statements"]] == [
        "Délai d’attente",
        "Numéro à appeler",
    ]
    assert notes("19_nfd_nfc.csv") == []


@pytest.mark.parametrize(
    ("name", "words", "statements", "people", "answers"),
    [
        ("23_wide_redcap.csv", (), ["r1_s1", "r1_s2", "r1_s3"], 3, 7),
        ("24_wide_redcap_labels.csv", (), ["Délai d’attente", "Numéro à appeler"], 2, 3),
        ("26_google_forms_wide.csv", (), ["Délai d’attente", "Numéro à appeler"], 2, 3),
        ("27_limesurvey_expert_bom_semicolon_wide.csv", (), ["s1", "s2"], 1, 2),
        ("23_wide_redcap.csv", ("--columns", "r1_s1,r1_s3"), ["r1_s1", "r1_s3"], 3, 5),
        ("24_wide_redcap_labels.csv", ("--columns", "2. Numéro à appeler"), ["Numéro à appeler"], 2, 1),
    ],
)
def test_a_row_a_person_is_read_with_wide(
    name: str, words: tuple[str, ...], statements: list[str], people: int, answers: int
) -> None:
    found = told(name, "--wide", *words)
    assert [each["statement"] for each in found["statements"]] == statements
    assert found["people"] == people
    assert sum(each["measures"]["mean"]["n"] for each in found["statements"]) == answers
    said = notes(name, "--wide", *words)
    assert any(f"{len(statements)} column" in each and f"with {answers} answer" in each for each in said)


@pytest.mark.parametrize("name", [path.name for path in sorted(FILES.glob("2[3-7]*"))])
def test_without_wide_it_is_refused_by_a_sentence_that_names_it(name: str) -> None:
    said = refused(name)
    assert said.startswith(":1: no column ") and "--wide" in said


def test_what_is_left_out_of_a_wide_file_is_named_and_groups_are_found() -> None:
    assert "left out: 'rating_round_1_complete'" in notes("23_wide_redcap.csv", "--wide")
    assert "left out: 'Timestamp'" in notes("26_google_forms_wide.csv", "--wide")
    assert "no column names people; each row is one person" in notes("26_google_forms_wide.csv", "--wide")
    assert told("26_google_forms_wide.csv", "--wide", "--group", "group")["groups"] == {"Patients": 1, "Managers": 1}
    assert told("26_google_forms_wide.csv", "--wide", "--group", "votre groupe")["groups"]["Patients"] == 1


LIME = (
    '"id. Response ID";"submitdate. Date submitted";"G01Q01[SQ001]. Cotez [Délai]";"G01Q01[SQ002]. Cotez [Accueil]"\n'
)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        (LIME + '"1";"2026-03-01";"A8";"A9"\n"2";"2026-03-01";"A1";""\n', ["Délai", "Accueil"]),
        (
            "id,submitdate,lastpage,G1[SQ001],G1[SQ002]\n1,x,3,AO8,AO9\n2,y,3,AO1,N/A\n",
            ["SQ001", "SQ002"],
        ),
        ("Horodateur,Note [A],Note [B],Commentaire\nx,8,9,oui\ny,1,,non\n", ["A", "B"]),
        ("a;b\n8,0;9\n1,0;dont_know\n", ["a", "b"]),
        ("Sondage de mai\n\nalias,b1,b2\nx,8,9\ny,1,\n", ["b1", "b2"]),
        ("record_id,Q [A],R [A]\n1,8,9\n2,1,\n", ["Q [A]", "R [A]"]),
        ("participant,group-id,n-comments,n-votes,0,1\n0,0,2,2,8,9\n1,,2,1,1,\n", ["0", "1"]),
    ],
)
def test_forms_of_every_program_are_read(tmp_path: Path, text: str, statements: list[str]) -> None:
    found = told(saved(tmp_path, text), "--wide")
    assert [each["statement"] for each in found["statements"]] == statements
    assert found["statements"][0]["measures"]["mean"]["n"] == 2
    assert found["statements"][1]["measures"]["mean"]["n"] == 1
    assert found["statements"][0]["measures"]["mean"]["value"] == 4.5


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("id,a,b\n1,8,9\n1,7,6\n", (), ":3: '1' answered 'a' already on line 2; with --last"),
        ("id,a,b\n1,8,oui\n2,7,6\n3,7,6\n", (), ":2: in column 'b': 'oui' is not a whole number"),
        ("id,a,b\n1,x,y\n", (), ":1: no column holds only numbers; name those of the answers with --columns"),
        ("id,a,b\n1,8,9\n", ("--columns", "a,c"), ":1: no column 'c'"),
        ("id,a,a\n1,8,9\n", ("--columns", "a"), ":1: more than one column 'a'"),
        ("1,2,3\n8,9,7\n", (), ":1: the first line has to name the columns"),
        ("id,a\n1,8,9\n", (), ":2: more cells than columns"),
        ("id,age,a\n1,45,9\n", (), ":2: in column 'age': 45 is off the scale 1-9"),
    ],
)
def test_a_wide_file_that_cannot_be_taken_is_refused_on_its_line(
    tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    assert refused(saved(tmp_path, text), "--wide", *words).endswith(
        err := refused(saved(tmp_path, text), "--wide", *words)
    )
    assert said in err


@pytest.mark.parametrize("name", ["30_only_header.csv", "31_all_blank.csv"])
def test_where_nobody_answered_there_is_a_sentence_and_no_figure(name: str) -> None:
    assert ":1: n" in refused(name)


def test_undefined_coefficients_are_a_dash_with_their_reason() -> None:
    for name in ("28_all_identical.csv", "29_one_person.csv", "35_one_disagreement.csv"):
        out = call("measure", str(FILES / name), *ASKED)[1]
        lines = [line for line in out.splitlines() if line.startswith(("Kendall W", "Krippendorff", "ICC"))]
        assert lines
        for line in lines:
            assert "–" not in line.split() or len(line.split("–")[-1].strip()) > 8, line


def test_names_that_a_spreadsheet_may_have_changed_are_told() -> None:
    assert [each["statement"] for each in told("32_dates_mangled.csv")["statements"]] == ["1-9", "janv-09"]
    assert notes("32_dates_mangled.csv") == [
        "a spreadsheet may have made dates of names, or may do so: '1-9', 'janv-09'"
    ]


def test_headers_are_read_in_french_with_spaces_and_quotes() -> None:
    assert told("34_header_french.csv", "--group", "groupe")["groups"] == {"pat": 1}
    assert told("37_spaces_in_header.csv")["people"] == 1
    assert told("42_quoted_header_comma.csv")["statements"][0]["statement"] == "A, B"


def test_a_header_may_say_more_than_a_name(tmp_path: Path) -> None:
    text = '"Participant\n(code)";"Énoncé [fr]";"Valeur (1 à 9)";"Avis"\np1;A;8;x\n'
    assert told(saved(tmp_path, text))["people"] == 1
    assert notes(saved(tmp_path, text)) == ["A column that is not known was left alone: Avis."]


def test_words_instead_of_numbers_are_refused_by_name(tmp_path: Path) -> None:
    assert "'Tout à fait d’accord' is not a whole number" in refused("36_likert_labels.csv")
    several = "participant,statement,value\np1,A,d’accord\np2,A,pas d’accord\np3,A,8\n"
    assert ":2: 'd’accord' is not a whole number" in refused(saved(tmp_path, several))
    assert "nor can 'pas d’accord' be taken" in refused(saved(tmp_path, several))


def test_formulas_and_quotes_are_texts() -> None:
    assert told("39_formula_cell.csv")["statements"][0]["statement"] == '=HYPERLINK("http://x","y")'
    assert told("12_quoted_newline_comma.csv")["statements"][0]["statement"] == 'Délai,\nd’attente "long"'


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.replace(",", "\t").encode("utf-8-sig"),
        lambda text: ("sep=;\n" + text.replace(",", ";")).encode("utf-8-sig"),
        lambda text: ('"sep=|"\n' + text.replace(",", "|")).encode(),
        lambda text: ("\n\n" + text).encode(),
        lambda text: text.replace(
            "participant,group,statement,value", '"Participant","Groupe","Énoncé","Note"'
        ).encode(),
        lambda text: text.replace("dont_know", "Ne sait pas").replace("appeler,\n", "appeler,NA\n").encode(),
        lambda text: text.replace("appeler,\n", "appeler\n").encode(),
    ],
)
def test_other_ways_of_saving_change_nothing(tmp_path: Path, change: object) -> None:
    text = (FILES / PLAIN).read_text(encoding="utf-8")
    path = saved(tmp_path, change(text))
    assert figures(path, "--group", "group") == figures(PLAIN, "--group", "group")
    assert notes(path) == []


def test_columns_that_nobody_knows_and_titles_are_told(tmp_path: Path) -> None:
    text = "Étude de mai\nvaleur;auteur;énoncé;alias\n8;Moi;S1;p1\n;;S2;p1\n9;;S1;p2\n"
    assert notes(saved(tmp_path, text)) == [
        "“Étude de mai” stands above the names of the columns. It was left out.",
        "A column that is not known was left alone: auteur.",
    ]


def book(rows: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_a_workbook_gives_the_figures_of_the_text(tmp_path: Path) -> None:
    text = (FILES / PLAIN).read_text(encoding="utf-8")
    rows: list[list[object]] = [line.split(",") for line in text.splitlines()]
    for row in rows[1:]:
        row[3] = float(row[3]) if str(row[3]).isdigit() else row[3]
    for name in ("ratings.xlsx", "ratings.csv"):
        assert figures(saved(tmp_path, book(rows), name), "--group", "group") == figures(PLAIN, "--group", "group")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (8.5, ":2: '8.5' is not a whole number"),
        (True, ":2: 'TRUE' is not a whole number"),
        (46024, ":2: '46024' is a date, which a spreadsheet makes of entries such as 1-9"),
    ],
)
def test_a_cell_that_excel_changed_is_refused_with_its_row(tmp_path: Path, cell: object, said: str) -> None:
    data = book([["participant", "statement", "value"], ["p1", "S1", cell]])
    assert said in refused(saved(tmp_path, data, "ratings.xlsx"))


def test_an_event_log_of_polis_is_read_with_last(tmp_path: Path) -> None:
    text = "timestamp,datetime,comment-id,voter-id,vote\n1,a,0,0,1\n2,b,1,0,-1\n3,c,0,1,1\n4,d,0,0,-1\n"
    path = saved(tmp_path, text)
    words = ("--scale=-1-1", "--rule", "75")
    code, out, err = call("measure", str(path), *words)
    assert (code, out) == (2, "") and "--last" in err
    code, out, err = call("measure", str(path), *words, "--last", "--json")
    assert json.loads(out)["statements"][0]["measures"]["mean"]["value"] == 0


ANSWERS = """alias,block,round,statement,criterion,value,text,withheld
A01,patients,gather,,card.1,,,yes
A01,patients,rating,S01,importance,8,,no
A02,managers,rating,S01,importance,dont_know,,no
A01,patients,rating,S01,feasibility,3,,no
A01,patients,wall,S01,signal,keep,,no
A01,patients,ranking,S01,place,1,,no
A01,patients,points,S01,points,40,,no
"""


def test_our_own_answers_are_read_as_they_are(tmp_path: Path) -> None:
    path = saved(tmp_path, ANSWERS, "answers.csv")
    assert "several rounds: 'gather', 'rating', 'wall', 'ranking', 'points'; choose one with --round" in refused(path)
    assert "several criteria: 'importance', 'feasibility'; choose one with --criterion" in refused(
        path, "--round", "rating"
    )
    words = ("--round", "rating", "--criterion", "importance")
    found = told(path, *words, "--group", "block")
    assert found["groups"] == {"patients": 1, "managers": 1}
    assert found["statements"][0]["measures"]["mean"]["n"] == 1
    assert found["statements"][0]["dont_know"] == 1
    assert notes(path, *words) == ["only round 'rating': 3 of 7 lines", "only criterion 'importance': 2 of 7 lines"]
    assert "there is no round 'x'" in refused(path, "--round", "x")
    assert "'keep' is not a whole number" in refused(path, "--round", "wall")
    assert "these answers are places of a ranking" in refused(path, "--round", "ranking")
    assert "these answers are points that were shared out" in refused(path, "--round", "points")
