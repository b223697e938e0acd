"""What the commands print of few people, gaps and ties: true reasons, no false certainty. Files in data/figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.consensus.commands import call

FIGURES = Path(__file__).parents[1] / "data" / "figures"
ON_NINE = ("--scale", "1-9", "--rule", "75", "--group", "group")


def printed(command: str, name: str, *words: str) -> str:
    code, out, err = call(command, str(FIGURES / name), *words)
    assert (code, err) == (0, "")
    return out


def told(command: str, name: str, *words: str) -> Any:
    return json.loads(printed(command, name, *words, "--json"))


def test_a_group_united_against_is_named_and_never_called_divided() -> None:
    out = printed("measure", "minority.csv", *ON_NINE)
    assert "S1: Most people rate this high (15 of 20), but this group scores it low (5 of 5): managers." in out
    assert "divided" not in out
    words = told("measure", "minority.csv", *ON_NINE)["statements"][0]["words"]
    assert words.startswith("Most people rate this high (15 of 20)")


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("alldk.csv", {"kendall_w": "empty", "w_incomplete": "empty", "icc:2,1": "empty", "ac:identity": "empty"}),
        ("n1.csv", {"kendall_w": "n1", "w_incomplete": "n1", "icc:2,1": "n1", "krippendorff:ordinal": "n1"}),
        ("n2.csv", {"kendall_w": "one_statement", "w_incomplete": "one_statement", "icc:2,1": "one_statement"}),
        ("n3_const.csv", {"kendall_w": "constant", "w_incomplete": "constant", "icc:2,1": "constant"}),
    ],
)
def test_what_is_undefined_has_its_true_reason(name: str, reasons: dict[str, str]) -> None:
    found = told("measure", name, *ON_NINE)["agreement"]
    assert {key: found[key]["reason"] for key in reasons} == reasons


@pytest.mark.parametrize(("name", "why"), [("n2.csv", "n1"), ("n3_const.csv", "no_variation")])
def test_no_interval_has_no_width(name: str, why: str) -> None:
    found = told("measure", name, *ON_NINE)["agreement"]
    defined = [one["more"] for one in found.values() if one["value"] is not None]
    assert defined and all(more["interval"] is None and more["interval_reason"] == why for more in defined)
    assert "no interval: " in printed("measure", name, *ON_NINE)


def test_people_stand_beside_their_answers() -> None:
    found = told("measure", "n3_const.csv", *ON_NINE)["agreement"]
    assert (found["krippendorff:ordinal"]["n"], found["krippendorff:ordinal"]["more"]["people"]) == (6, 3)


def test_one_i_do_not_know_loses_nobody(tmp_path: Path) -> None:
    rows = [(9, 8, "dont_know"), (8, 5, 6), (9, 7, 7), ("dont_know", 9, 5), (7, 7, 6)]
    path = tmp_path / "gaps.csv"
    lines = [f"p{n},S{at},{value}" for n, row in enumerate(rows) for at, value in enumerate(row)]
    path.write_text("participant,statement,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    found = json.loads(call("measure", str(path), "--scale", "1-9", "--rule", "75", "--json")[1])["agreement"]
    assert found["w_incomplete"]["n"] == 5 and found["w_incomplete"]["value"] is not None
    assert found["kendall_w"]["n"] == 3 and found["icc:2,1"]["reason"] == "incomplete"


def test_words_of_certainty_follow_the_place_that_is_printed() -> None:
    out = printed("rank", "nearly_top.csv", "--top", "2", "--bootstrap", "1000")
    assert "B: In the top 2, but only just" in out and "B: Just outside" not in out
    assert "One answer of 9, given otherwise, would be enough to change this list." in out
    assert told("rank", "nearly_top.csv", "--top", "2")["edge_margin"]["value"] == 1


def test_where_all_are_among_the_first_no_word_of_certainty_is_said() -> None:
    assert "top 9" not in printed("rank", "nearly_top.csv", "--top", "9", "--bootstrap", "50").split("above next")[1]


@pytest.mark.parametrize("balanced", [(), ("--group", "group", "--balanced")])
def test_the_sureness_belongs_to_the_borda_order_that_is_printed(balanced: tuple[str, ...], tmp_path: Path) -> None:
    data = told("rank", "absent_borda_vs_sure.csv", "--unranked", "absent", "--bootstrap", "200", *balanced)
    assert data["bootstrap"]["order"] == data["methods"]["borda"]["order"]
    assert data["bootstrap"]["order"][:2] == [["A"], ["C"]], "C beat seven in ten of those it met, B five"
    rows = ["p1,a,A,1", "p1,a,B,2", "p2,b,B,1", "p2,b,A,2", "p2,b,C,3", "p3,b,C,1", "p3,b,A,2", "p4,b,A,1", "p4,b,C,2"]
    path = tmp_path / "groups.csv"
    path.write_text("participant,group,statement,rank\n" + "\n".join(rows) + "\n", encoding="utf-8")
    words = ("rank", str(path), "--unranked", "absent", "--bootstrap", "50", *balanced, "--json")
    other = json.loads(call(*words)[1])
    assert other["bootstrap"]["order"] == other["methods"]["borda"]["order"]
    assert other["bootstrap"]["parameters"]["balanced"] is bool(balanced)


def test_a_band_without_a_width_is_said_to_be_no_certainty(tmp_path: Path) -> None:
    path = tmp_path / "alike.csv"
    rows = [f"p{n},{statement},{rank}" for n in range(6) for rank, statement in enumerate("ABC", 1)]
    path.write_text("participant,statement,rank\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out = call("rank", str(path), "--top", "1", "--bootstrap", "50")[1]
    assert "a width of nought is no certainty" in out


def test_where_everything_is_tied_no_method_puts_the_file_in_order(tmp_path: Path) -> None:
    path = tmp_path / "tied.csv"
    rows = [f"p{n},{statement},1" for n in range(3) for statement in "CAB"]
    path.write_text("participant,statement,rank\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out = call("rank", str(path), "--method", "borda,kemeny")[1]
    places = out.split("Places")[1].split("\n\n")[0].splitlines()[2:]
    assert {cell for line in places for cell in line.split()[1:]} == {"1="}


def test_four_ranks_never_show_one_figure(tmp_path: Path) -> None:
    path = tmp_path / "close.soi"
    orders = ["334: 1,2,3,4", "333: 2,3,4,1", "333: 3,4,1,2", "1: 4,1,2,3"]
    named = [f"# ALTERNATIVE NAME {n}: S{n}" for n in range(1, 5)]
    head = ["# NUMBER ALTERNATIVES: 4", *named, "# NUMBER VOTERS: 1001", "# NUMBER UNIQUE ORDERS: 4"]
    path.write_text("\n".join([*head, *orders]) + "\n", encoding="utf-8")
    out = call("rank", str(path), "--method", "mean_rank,borda")[1]
    for part in out.split("(n = 1001)")[1:]:
        rows = [line.split() for line in part.splitlines()[2:6]]
        assert len({row[2] for row in rows}) == len({row[1] for row in rows}), rows


def test_the_largest_difference_is_one_between_groups_of_five_and_more(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    answers = {"a": [9, 8, 9, 8, 9], "b": [5, 6, 7, 8, 9], "c": [1, 1, 1, 1]}
    rows = [f"{group}{n},{group},S1,{value}" for group, values in answers.items() for n, value in enumerate(values)]
    path.write_text("participant,group,statement,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out = call("measure", str(path), *ON_NINE)[1]
    assert "a - b" in out.split("Differences")[1] and "- c" not in out.split("Differences")[1]
