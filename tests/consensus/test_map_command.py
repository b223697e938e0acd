"""consensus map: Polis' file in, groups of opinion out; nobody's place; a clear sentence for another file."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.consensus.commands import call

HEAD = "participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree"
QUICK = ("--permutations", "20")


def write(folder: Path, sizes: tuple[int, ...], noise: float = 0.1) -> Path:
    """Synthetic: camps that vote against each other on the first twelve comments, all alike on the last two."""
    chance = np.random.default_rng(4)
    ways = np.array([[1] * 12, [-1] * 12])[: len(sizes)]
    rows = np.repeat(ways, sizes, axis=0) * np.where(chance.random((sum(sizes), 12)) < noise, -1, 1)
    rows = np.hstack([rows, np.where(chance.random((len(rows), 2)) < 0.05, -1, 1) * [1, -1]])
    lines = [",".join([HEAD, *(str(n) for n in range(3, 17))])]
    lines += [f"{n},,,0,14,0,0," + ",".join(map(str, row)) for n, row in enumerate(rows)]
    file = folder / "participants-votes.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_two_camps_come_out_with_comments_by_their_numbers(tmp_path: Path) -> None:
    code, out, err = call("map", str(write(tmp_path, (70, 50))), *QUICK)
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [group["people"] for group in found["value"]] == [70, 50]
    assert sorted(found["more"]["unites"]) == [["15", 1], ["16", -1]]
    assert found["more"]["divides"] == [str(n) for n in range(3, 15)]
    assert all(tile["people"] >= 5 for group in found["value"] for tile in group["tiles"])


def test_the_picture_says_in_words_what_it_draws(tmp_path: Path) -> None:
    file, drawn = write(tmp_path, (70, 50)), tmp_path / "map.svg"
    assert call("map", str(file), *QUICK, "--picture", str(drawn))[0] == 0
    told = ElementTree.fromstring(drawn.read_text(encoding="utf-8"))
    assert told[1].text == "2 groups of opinion: A 70 people, B 50 people."


@pytest.mark.parametrize(
    ("sizes", "noise", "reason", "words"),
    [((70, 50), 0.5, "noise", "stand out from chance"), ((50, 40), 0.1, "too_few", "no map is drawn")],
)
def test_what_is_not_told_has_its_reason(
    tmp_path: Path, sizes: tuple[int, ...], noise: float, reason: str, words: str
) -> None:
    drawn = tmp_path / "map.svg"
    out = call("map", str(write(tmp_path, sizes, noise)), *QUICK, "--picture", str(drawn))[1]
    assert (json.loads(out)["value"], json.loads(out)["reason"]) == (None, reason)
    assert words in drawn.read_text(encoding="utf-8")


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    file = str(write(tmp_path, (70, 50)))
    assert call("map", file, *QUICK) == call("map", file, *QUICK)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("participant,1,2\n1,1,5", ":2: a vote is 1, 0, -1 or nothing"),
        ("name,1,2\n1,1,1", ":1: no column participant"),
        ("participant,a,b\n1,1,1", ":1: no column participant"),
        ("participant,1,1\n1,1,1", ":1: two columns have the same number"),
        ("participant,1,2", ":1: nobody is in this file"),
        ("", ":1:"),
    ],
)
def test_another_file_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "votes.csv"
    file.write_text(content, encoding="utf-8")
    code, out, err = call("map", str(file))
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("option", [("--least", "1"), ("--permutations", "0")])
def test_an_option_that_makes_no_sense_is_refused(tmp_path: Path, option: tuple[str, str]) -> None:
    code, _, err = call("map", str(write(tmp_path, (70, 50))), *option)
    assert code == 2
    assert option[0] in err
