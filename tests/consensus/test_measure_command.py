"""Measuring a file of ratings: what is read, what is refused and on which line, and what is printed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.command import columns, reading, scales, tidy
from consensus.command.table import cut, figure, probability, share, short, table, width
from consensus.command.tidy import Malformed
from rounds.rules import Majority, Ram, Share, Spread
from tests.consensus.commands import call

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

HEAD = "participant,group,statement,value\n"
SMALL = HEAD + "ann,patients,S1,7\nann,patients,S2,\nbob,managers,S1,dont_know\nbob,managers,S2,9\n"


def panel(shift: int = 0) -> str:
    """Six people in two groups on three statements: all high, split, all low."""
    scores = [(8, 9, 1), (9, 1, 2), (7, 9, 1), (8, 1, 3), (9, 9, 2), (8, 1, 1)]
    rows = [
        f"p{i},{'patients' if i % 2 else 'managers'},{name},{score + shift}\n"
        for i, line in enumerate(scores)
        for name, score in zip(("Keep", "Split", "Drop"), line, strict=True)
    ]
    return HEAD + "".join(rows)


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text(panel(), encoding="utf-8")
    return path


def read(text: str | bytes, group: str | None = "group") -> tidy.Sheet:
    parser = ArgumentParser()
    reading.arguments(parser)
    asked = parser.parse_args([] if group is None else ["--group", group])
    return reading.sheet(asked, text if isinstance(text, bytes) else text.encode(), columns.VALUE, tidy_value)


def tidy_value(cell: str) -> int:
    return {"": 0, "dont_know": -1}[cell] if cell in ("", "dont_know") else tidy.whole(cell)


def wrong(text: str | bytes, group: str | None = "group") -> tuple[int, str]:
    with pytest.raises(Malformed) as found:
        read(text, group)
    return found.value.line, found.value.reason


def test_people_statements_and_groups_keep_the_order_of_the_file() -> None:
    sheet = read(SMALL)
    assert (sheet.people, sheet.statements, sheet.groups) == (("ann", "bob"), ("S1", "S2"), ("patients", "managers"))
    assert sheet.values.tolist() == [[7, 0], [-1, 9]]
    assert sheet.group_of.tolist() == [0, 1]


def test_without_a_column_of_groups_everyone_is_together() -> None:
    sheet = read(SMALL, None)
    assert sheet.groups == ("",)
    assert sheet.group_of.tolist() == [0, 0]


@pytest.mark.parametrize(
    "same",
    [
        SMALL.replace("\n", "\r\n"),
        SMALL.replace("\n", "\r"),
        "\ufeff" + SMALL,
        SMALL.replace(",", ";"),
        SMALL.replace(",", "\t"),
        SMALL.replace("ann", '"ann"').replace("S1", '" S1 "'),
        SMALL.replace("\n", "\n\n"),
        SMALL.rstrip("\n"),
        SMALL.replace("participant,group,statement", "Participant, GROUP ,statement"),
    ],
)
def test_how_a_file_was_saved_changes_nothing(same: str) -> None:
    sheet, plain = read(same), read(SMALL)
    assert (sheet.people, sheet.statements, sheet.groups) == (plain.people, plain.statements, plain.groups)
    assert sheet.values.tolist() == plain.values.tolist()


def test_columns_stand_in_any_order_and_others_are_let_be() -> None:
    rows = [line.split(",") for line in SMALL.splitlines()]
    turned = "\n".join(",".join([row[3], "note", row[2], row[1], row[0]]) for row in rows)
    assert read(turned).values.tolist() == [[7, 0], [-1, 9]]


def test_names_that_look_alike_are_one() -> None:
    assert read("participant,statement,value\ne\u0301va,s,1\n\u00e9va,t,2\n", None).people == ("\u00e9va",)


def test_a_text_may_hold_commas_quotes_and_line_breaks() -> None:
    text = 'participant,statement,value\na,"one, ""two""\nthree",5\nb,x,z\n'
    assert read(text.replace("z", "5"), None).statements[0] == 'one, "two"\nthree'
    assert wrong(text, None) == (4, "'z' is not a whole number")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "The file is empty"),
        ("\ufeff\n \n", 1, "The file is empty"),
        (HEAD, 1, "no answer below"),
        (SMALL.replace("value", "mark"), 1, "no column value"),
        (SMALL.replace("participant", "who"), 1, "no column participant"),
        (SMALL.replace("group,", "team,"), 1, "no column group"),
        (SMALL.replace("group,statement", "value,statement"), 1, "There are two columns “value”"),
        (SMALL.replace("S1,7", "S1,seven"), 2, "'seven' is not a whole number"),
        (SMALL.replace("S1,7", "S1,7.5"), 2, "'7.5' is not a whole number"),
        (SMALL.replace("S1,7", "S1,7-9-2026"), 2, "'7-9-2026' is a date"),
        (
            SMALL.replace("S1,7", "S1,low").replace("S2,9", "S2,high"),
            2,
            "'low' is not a whole number; nor can 'high' be",
        ),
        (SMALL.replace("S1,7", "S1,-+7"), 2, "'-+7' is not a whole number"),
        (SMALL.replace("S1,7", "S1,7,8"), 2, "“8” stands in column 5, which has no name"),
        (SMALL.replace("bob,managers,S1", ",managers,S1"), 4, "no participant"),
        (SMALL.replace("managers,S1", "managers,"), 4, "no statement"),
        (SMALL.replace("managers,S1", ",S1"), 4, "no group for 'bob'"),
        (SMALL + "bob,patients,S3,1\n", 6, "'bob' is in group 'patients' here and in 'managers' on line 4"),
        (SMALL + "ann,patients,S2,4\n", 6, "'ann' answered 'S2' already on line 3"),
        (SMALL.replace("S1,7", 'S1,"7'), 2, "quotation marks do not match"),
        (SMALL.replace("S1,7", 'S1,"7"x'), 2, "quotation marks do not match"),
        ("\n\n" + SMALL.replace("S1,7", "S1,x"), 4, "'x'"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_on_its_line(text: str, line: int, reason: str) -> None:
    at, why = wrong(text)
    assert (at, reason in why) == (line, True), why


def test_bytes_that_are_no_text_are_refused_on_their_line() -> None:
    assert wrong(SMALL.encode() + b"\xe9,p,S,1\n\0")[0] == 7
    assert "neither a text with columns nor a workbook" in wrong(SMALL + "\0")[1]


def test_the_first_of_several_repeats_is_named() -> None:
    assert wrong(SMALL + "bob,managers,S2,1\nann,patients,S1,1\n")[0] == 6


@pytest.mark.parametrize(
    ("text", "band", "low", "high"),
    [
        ("1-9", None, (1, 3), (7, 9)),
        ("1-7", None, (1, 2), (6, 7)),
        ("1-5", None, (1, 2), (4, 5)),
        ("0-10", None, (1, 4), (8, 11)),
        ("-3-3", None, (1, 2), (6, 7)),
        ("-5--1", 1, (1, 1), (5, 5)),
        ("0-1", None, (1, 1), (2, 2)),
    ],
)
def test_a_scale_has_bands_of_a_third(text: str, band: int | None, low: tuple[int, int], high: tuple[int, int]) -> None:
    on = scales.scale(text, band)
    assert (on.low, on.high) == (low, high)


@pytest.mark.parametrize(("text", "band"), [("9", None), ("9-1", None), ("1-1", None), ("1-99", None), ("1-9", 5)])
def test_what_is_no_scale_is_refused(text: str, band: int | None) -> None:
    with pytest.raises(ValueError, match=r"scale|points|band"):
        scales.scale(text, band)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ram", Ram("ipras", 6)),
        ("ram-classic", Ram("classic", 6)),
        ("70/15", Share(70, 15)),
        ("66.7", Share("66.7")),
        ("apmo", Majority()),
        ("iqr", Spread(7, 2, 6)),
        ("iqr:6.5/1", Spread("6.5", 1, 6)),
    ],
)
def test_a_rule_is_named_in_a_word(text: str, rule: object) -> None:
    assert scales.rule(text, "pooled", 1, 6, scales.scale("1-9", None)) == rule


def test_a_median_is_named_in_the_numbers_that_people_saw() -> None:
    assert scales.rule("iqr:7/2", "pooled", 1, 7, scales.scale("0-10", None)) == Spread(8, 2)
    assert scales.rule("iqr", "pooled", 1, 7, scales.scale("1-5", None)) == Spread(4, 1)


def test_a_scope_belongs_to_a_share() -> None:
    on = scales.scale("1-9", None)
    assert scales.rule("75", "some", 2, 7, on) == Share(75, None, "some", 2)
    with pytest.raises(ValueError, match="scope"):
        scales.rule("ram", "every", 1, 7, on)


@pytest.mark.parametrize("text", ["rams", "0", "101", "70/0", "1.2.3", "iqr:7", "iqr:1.2.3/2", "-70", ""])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rule"):
        scales.rule(text, "pooled", 1, 7, scales.scale("1-9", None))


def test_ratings_become_figures_and_verdicts(ratings: Path) -> None:
    code, out, err = call("measure", str(ratings), "--scale", "1-9", "--rule", "70/15", "--group", "group")
    assert (code, err) == (0, "")
    assert "6 people, 3 statements; groups: managers 3, patients 3" in out
    said = {line.split()[0]: line for line in out.split("Answers\n")[1].split("\n\n")[0].splitlines()}
    assert said["Keep"].split() == ["Keep", "6", "0", "0", "0", "6", "8", "8", "8.75", "8.17", "8", "kept"]
    assert said["Split"].split()[-1] == "undecided"
    assert said["Drop"].split()[-1] == "dropped"
    assert "Differences between groups" in out
    assert "a group has fewer than five people" in out
    lines = out.splitlines()[1:]  # the first names the file, wherever it lies
    assert all(width(line) <= 130 for line in lines if not line.startswith("Rule"))


def test_without_groups_nothing_is_said_of_them(ratings: Path) -> None:
    out = call("measure", str(ratings), "--scale", "1-9", "--rule", "ram")[1]
    assert "group" not in out.partition("\n")[2]
    assert "balanced" not in out
    assert "the panel is smaller" in out


def test_a_priority_order_stands_beside_the_ram_verdicts(ratings: Path) -> None:
    out = call("measure", str(ratings), "--scale", "1-9", "--rule", "ram")[1]
    head, *rows = out.split("Answers\n")[1].split("\n\n")[0].splitlines()
    assert "order" in head
    assert [row.split()[-2] for row in rows] == ["1", "2", "3"]


def test_the_cut_off_of_majority_opinions_is_told(ratings: Path) -> None:
    """Majorities: 6 and 6 of 6; three against three is none. 12 of 18 are 66.67 %."""
    assert "APMO cut-off: 66.67 %" in call("measure", str(ratings), "--scale", "1-9", "--rule", "apmo")[1]


def data_of(path: Path, *words: str) -> dict[str, object]:
    code, out, err = call("measure", str(path), *words, "--json", "--resamples", "50")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_json_holds_every_figure_with_its_method(ratings: Path) -> None:
    data = data_of(ratings, "--scale", "1-9", "--rule", "ram", "--group", "group")
    keep = data["statements"][0]
    assert keep["statement"] == "Keep"
    assert keep["decision"] == "kept"
    median = {"value": 8, "n": 6, "method": "median", "parameters": {}, "more": {}, "reason": None, "flags": []}
    assert keep["measures"]["median"] == median
    assert set(keep["groups"]) == {"managers", "patients"}
    assert data["agreement"]["kendall_w"]["more"]["resamples"] == 50
    assert [each["statement"] for each in data["contrasts"]] == ["Keep", "Split", "Drop"]


def test_moving_the_scale_moves_places_and_nothing_else(ratings: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.csv"
    moved.write_text(panel(-1), encoding="utf-8")
    plain = data_of(ratings, "--scale", "1-9", "--rule", "iqr:7/2")
    other = data_of(moved, "--scale", "0-8", "--rule", "iqr:6/2")
    assert "at least 6 " in other["rule_in_words"]
    for one, two in zip(plain["statements"], other["statements"], strict=True):
        assert one["decision"] == two["decision"]
        for name in ("median", "q1", "q3", "mean", "balanced_mean"):
            assert two["measures"][name]["value"] == pytest.approx(one["measures"][name]["value"] - 1)
        for name in ("iqr", "eijk", "leik", "tastle_wierman", "ram", "wilson", "balanced_share"):
            assert two["measures"][name]["value"] == one["measures"][name]["value"]
        assert two["measures"]["modes"]["value"] == [value - 1 for value in one["measures"]["modes"]["value"]]
        assert two["measures"]["high"]["parameters"] == {"low": 6, "high": 8}
    keep = other["statements"][0]["measures"]  # quartiles 7 and 7.75: CQV depends on where the scale starts
    assert keep["cqv"]["value"] == pytest.approx(0.75 / 14.75)
    assert keep["iqr"]["more"] == {"q1": 7, "q3": 7.75}


@settings(max_examples=15)
@given(st.permutations(panel().splitlines()[1:]))
def test_the_order_of_the_lines_changes_no_figure(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    path = tmp_path_factory.mktemp("turned") / "ratings.csv"
    figures = []
    for lines in (panel().splitlines()[1:], rows):
        path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
        data = data_of(path, "--scale", "1-9", "--rule", "ram", "--group", "group", "--resamples", "0")
        figures.append(
            {each["statement"]: (each["decision"], each["measures"], each["groups"]) for each in data["statements"]}
        )
        figures.append({name: each["value"] for name, each in data["agreement"].items()})
        figures.append({each["statement"]: each["value"] for each in data["contrasts"]})
    assert figures[0] == figures[3]
    assert figures[1] == pytest.approx(figures[4])
    assert figures[2] == pytest.approx(figures[5])


def test_the_same_seed_gives_the_same_output(ratings: Path) -> None:
    words = ("measure", str(ratings), "--scale", "1-9", "--rule", "75", "--group", "group", "--seed", "5")
    assert call(*words) == call(*words)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        (SMALL, ("--scale", "1-5", "--rule", "ram"), ":2: 7 is off the scale 1-5"),
        (
            SMALL.replace("S1,7", "S1,high"),
            ("--scale", "1-9", "--rule", "ram"),
            ":2: 'high' is not a whole number, nor",
        ),
        ("", ("--scale", "1-9", "--rule", "ram"), ":1: The file is empty"),
        (SMALL, ("--scale", "1-9", "--rule", "best"), "there is no rule 'best'"),
        (SMALL, ("--scale", "nine", "--rule", "ram"), "'nine' is not a scale"),
        (SMALL, ("--scale", "1-9", "--rule", "ram", "--level", "2"), "level"),
        (SMALL, ("--scale", "1-9", "--rule", "ram", "--resamples", "-1"), "--resamples"),
    ],
)
def test_nothing_is_printed_as_a_result_of_what_is_wrong(
    tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text, encoding="utf-8")
    code, out, err = call("measure", str(path), *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_not_there_is_named() -> None:
    code, out, err = call("measure", "nowhere.csv", "--scale", "1-9", "--rule", "ram")
    assert (code, out) == (2, "")
    assert "nowhere.csv" in err


def test_one_person_and_only_blanks_have_no_figures_but_are_told(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("participant,statement,value\na,S1,\na,S2,5\na,S3,dont_know\n", encoding="utf-8")
    code, out, _ = call("measure", str(path), "--scale", "1-9", "--rule", "75")
    assert code == 0
    rows = out.split("Answers\n")[1].split("\n\n")[0].splitlines()[1:]
    assert rows[0].split() == ["S1", "0", "0", "0", "0", "0", "–", "–", "–", "–", "–", "undecided"]
    assert rows[2].split()[1:3] == ["0", "1"]
    assert "one.csv: 1 person, 3 statements" in out
    assert "Kendall W: " in out


def test_a_group_without_answers_is_told_and_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(HEAD + "a,g,S1,9\nb,h,S1,\nb,h,S2,3\n", encoding="utf-8")
    code, out, _ = call("measure", str(path), "--scale", "1-9", "--rule", "75", "--group", "group")
    assert code == 0
    assert "groups without a valid answer were left out" in out
    row = next(line for line in out.split("Differences")[1].splitlines() if line.startswith("S1"))
    assert set(row.split()[1:]) == {"–"}


def test_columns_line_up_whatever_the_letters() -> None:
    rows = list(table(["word", "n"], [["cafe\u0301", "7"], ["漢字", "12"], ["x" * 60, "1"], ["a\nb\x1b", "2"]]))
    assert [width(row) for row in rows] == [32, 32, 32, 32, 32]
    assert rows[3].startswith("x" * 27 + "…")
    assert rows[4].startswith("a b ")


def test_figures_are_written_short_and_true() -> None:
    assert [figure(value) for value in (None, float("nan"), 3, 0.1234, -0.0001, 2.0)] == [
        "–", "–", "3", "0.123", "0.000", "2.000",
    ]  # fmt: skip
    assert [short(value) for value in (7.0, 6.5, 2 / 3, 10, None)] == ["7", "6.5", "0.67", "10", "–"]
    assert [probability(p) for p in (None, 0.0004, 0.04, 1.0)] == ["–", "<0.001", "0.040", "1.000"]
    assert [share(1, 8), share(0, 0), share(2, 3)] == ["13 %", "–", "67 %"]
    assert cut("short") == "short"
