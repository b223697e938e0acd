"""Files of rankings as people have them: PrefLib as it is found, lists, a row a person; or refused on their line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from consensus.command.table import cut, table, width
from tests.consensus.commands import call

FILES = Path(__file__).parents[1] / "data" / "rank"
METHODS = ("--method", "borda,schulze,kemeny")
CARE = ["Care, coordination", "A: colon", "Ünïcode 👩\u200d⚕️", "Delta"]


def told(path: Path | str, *words: str) -> dict[str, object]:
    code, out, err = call("rank", str(FILES / path), *METHODS, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def order(path: Path | str, *words: str) -> list[list[str]]:
    return told(path, *words)["methods"]["borda"]["order"]


def notes(path: Path | str, *words: str) -> list[str]:
    return [note["said"] for note in told(path, *words)["notes"]]


def refused(path: Path | str, *words: str) -> str:
    code, out, err = call("rank", str(FILES / path), *METHODS, *words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    return err.removeprefix(str(FILES / path))


def saved(tmp_path: Path, text: str | bytes, name: str = "ballots.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "name",
    [
        "01.soc",
        "10_crlf_bom.soc",
        "12_nospace.soc",
        "22_uppercase_ext.SOC",
        "25_remark_colonless.soc",
        "37_noext",
        "38_txt_preflib.txt",
        "39_float_int_weight.soc",
    ],
)
def test_the_same_ballots_are_read_however_they_are_written_and_named(name: str) -> None:
    assert told(name)["ballots"] == 5
    assert order(name) == [[one] for one in CARE]
    assert told(name)["pairwise"] == told("01.soc")["pairwise"]
    assert notes(name) == []


@pytest.mark.parametrize(
    ("name", "ballots", "wanted"),
    [
        ("02.soi", 6, [CARE[0], CARE[1], CARE[3], CARE[2]]),
        ("07_one_voter.soi", 1, [CARE[2]]),
        ("08_old.soc", 5, ["Care, coordination", "B", "C", "D"]),
        ("09_old.toi", 5, ["A"]),
        ("19_empty_braces.toi", 5, [CARE[0], CARE[3]]),
        ("20_name_missing.soc", 2, ["A", "2", "C"]),
        ("28_single_alt.soc", 3, ["A"]),
        ("31_tidy_tie_half.csv", 1, ["A"]),
    ],
)
def test_short_old_and_incomplete_files_are_read(name: str, ballots: int, wanted: list[str]) -> None:
    assert told(name)["ballots"] == ballots
    assert order(name)[: len(wanted)] == [[one] for one in wanted]
    assert notes(name) == []


def test_ties_in_files_tie() -> None:
    assert order("03.toc") == order("13_spaces_in_order.toc") == [[CARE[0]], CARE[1:3], [CARE[3]]]
    assert order("04.toi")[0] == [CARE[1]]
    assert order("29_condorcet_cycle.soc") == [["A", "B", "C"]]
    assert order("31_tidy_tie_half.csv") == [["A"], ["B", "C"]]
    assert order("32_tidy_gap.csv") == [["A", "B"], ["C"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("11_latin1.soc", "The letters of this file were read as windows-1252, which is a guess."),
        ("41_excel_fr_rank.csv", "The letters of this file were read as windows-1252, which is a guess."),
        ("16_wrong_total.soc", "NUMBER VOTERS is 6, and the file holds 5; those of the file count"),
        ("23_soc_named_toi.toi", "the file is named .toi, and its head says soc, which counts"),
    ],
)
def test_what_is_not_certain_is_told_before_the_order(name: str, said: str) -> None:
    out = call("rank", str(FILES / name))[1]
    assert said in out.splitlines()[0]
    assert told(name)["ballots"] in (1, 5)


def test_letters_that_were_guessed_are_right() -> None:
    assert order("11_latin1.soc") == [["Québec"], ["B"]]
    assert order("41_excel_fr_rank.csv") == [["Délai"], ["Numéro"]]


@pytest.mark.parametrize("name", ["06_zero_votes.toi", "40_blank_tidy_all.csv"])
def test_without_ballots_there_is_a_sentence_and_no_order(name: str) -> None:
    code, out, err = call("rank", str(FILES / name), *METHODS, "--bootstrap", "10")
    assert (code, err) == (0, "")
    assert out.endswith("No ballot ranks anything, so there is no order.\n")
    assert "borda" not in out
    assert all(method["value"] is None for method in told(name)["methods"].values())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("15_float_weight.soc", ":17: '2.5' is not a count of whole people"),
        ("17_cat.cat", ":3: the kind is 'cat', categories, which holds no orders"),
        ("18_wmd.wmd", ":2: the kind is 'wmd', a weighted matching, which holds no orders"),
        ("21_zero_based.soc", ":5: alternative 0: alternatives are numbered from 1"),
        ("33_tidy_zero.csv", ":2: '0' is not a rank; 1 is the best"),
        ("34_wide_rank.csv", "--wide"),
        ("35_pref_voting_csv.csv", "--wide"),
        ("36_order_gt.csv", "orders such as A>B>C, and files with a row a person, are read with --wide"),
    ],
)
def test_what_cannot_be_taken_is_refused_on_its_line(name: str, said: str) -> None:
    assert said in refused(name)


def test_a_row_a_person_is_read_with_wide(tmp_path: Path) -> None:
    assert order("34_wide_rank.csv", "--wide") == [["B"], ["A"], ["C"]]
    assert told("34_wide_rank.csv", "--wide")["ballots"] == 2
    assert order("36_order_gt.csv", "--wide") == [["A"], ["B"], ["C"]]
    tied = saved(tmp_path, "ballot\nB>A=C\nB > A\n")
    assert order(tied, "--wide") == [["B"], ["A"], ["C"]]
    assert "'B>>A'" in refused(saved(tmp_path, "ballot\nB>>A\n"), "--wide")


def test_a_row_may_stand_for_several_people(tmp_path: Path) -> None:
    found = told("35_pref_voting_csv.csv", "--wide")
    assert (found["ballots"], found["statements"]) == (7, ["A", "B", "C"])
    assert found["pairwise"][0] == [0, 5, 5]
    assert "each row is as many people as column '#' says" in notes("35_pref_voting_csv.csv", "--wide")[1]
    assert ":2: '1.5' is not a count of people" in refused(saved(tmp_path, "A,B,#\n1,2,1.5\n"), "--wide")


def test_our_own_answers_are_read_as_they_are(tmp_path: Path) -> None:
    head = "alias,block,round,statement,criterion,value,text,withheld\n"
    rows = "A1,p,ranking,S1,place,2,,no\nA1,p,ranking,S2,place,1,,no\nA1,p,points,S1,points,40,,no\n"
    path = saved(tmp_path, head + rows + "A1,p,comparison,S1,set 1,best,,no\n", "answers.csv")
    assert "choose one with --round" in refused(path)
    assert order(path, "--round", "ranking", "--group", "block") == [["S2"], ["S1"]]
    assert notes(path, "--round", "ranking") == [
        "only round 'ranking': 2 of 4 lines",
        "a statement that nobody ranked is not in this file, and has no place",
    ]
    assert "these answers are points, of which more is better" in refused(path, "--round", "points")
    assert "these answers are the best and the worst of sets" in refused(path, "--round", "comparison")


@pytest.mark.parametrize("name", ["32_tidy_gap.csv", "01.soc"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_other_letters_give_the_same_order(tmp_path: Path, name: str, codec: str) -> None:
    text = (FILES / name).read_text(encoding="utf-8")
    assert order(saved(tmp_path, text.encode(codec), name)) == order(name)


@pytest.mark.parametrize(
    "words",
    [
        ("rank", str(FILES / "01.soc")),
        ("rank", "--help"),
        ("verify", "nowhere.zip"),
    ],
)
def test_whoever_reads_may_have_enough(words: tuple[str, ...]) -> None:
    """As head does: the pipe is closed, and there is not a word of it."""
    with subprocess.Popen(
        [sys.executable, "-m", "consensus", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout and run.stderr
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait() == (0 if "--help" in words else 141)  # argparse ends help by itself


def test_joined_signs_keep_their_columns() -> None:
    words = ("cafe\u0301", "漢字", "👩\u200d⚕️ Soins", "می\u200cخواهم", "x" * 60, "👩🏽\u200d⚕️" * 20, "a\u200eb\u202ec")
    rows = list(table(["word", "n"], [[word, "1"] for word in words]))
    assert {width(row) for row in rows} == {width(rows[0])}
    assert "👩\u200d⚕️ Soins" in rows[3]
    assert "می\u200cخواهم" in rows[4]
    assert rows[7].startswith("abc ")
    assert cut("👩🏽\u200d⚕️" * 20, 6) == "👩🏽\u200d⚕️" * 2 + "…"
