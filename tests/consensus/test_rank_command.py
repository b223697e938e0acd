"""Ranking a file of ballots: what is read, what is refused and on which line, and what is printed."""

from __future__ import annotations

import pytest

from consensus.command import preflib
from consensus.command.tidy import Malformed

TODAY = """\
# FILE NAME: 00099-00000001.toi
# DATA TYPE: toi
# NUMBER ALTERNATIVES: 4
# NUMBER VOTERS: 5
# NUMBER UNIQUE ORDERS: 2
# ALTERNATIVE NAME 1: A: with a colon
# ALTERNATIVE NAME 2: B
# ALTERNATIVE NAME 3: C
# ALTERNATIVE NAME 4: D
3: 1,{2,3},4
2: {4, 1}
"""
BEFORE = "3\n1,A\n2,B\n3,C\n5,5,2\n3,1,{2,3}\n2,3,2,1\n"


def wrong(text: str | bytes, ending: str = "toi") -> tuple[int, str]:
    with pytest.raises(Malformed) as found:
        preflib.read(text if isinstance(text, bytes) else text.encode(), ending)
    return found.value.line, found.value.reason


def test_ties_and_short_orders_are_read_with_their_voters() -> None:
    ballots = preflib.read(TODAY.encode(), "toi")
    assert ballots.statements == ("A: with a colon", "B", "C", "D")
    assert ballots.ranks.tolist() == [[1, 2, 2, 3], [1, 0, 0, 1]]
    assert ballots.times.tolist() == [3, 2]
    assert ballots.groups == ("",)


def test_the_older_format_is_read_too() -> None:
    ballots = preflib.read(BEFORE.encode(), "toc")
    assert ballots.statements == ("A", "B", "C")
    assert ballots.ranks.tolist() == [[1, 2, 2], [3, 2, 1]]
    assert ballots.times.tolist() == [3, 2]


@pytest.mark.parametrize("text", [TODAY, BEFORE])
def test_line_ends_and_a_byte_order_mark_change_nothing(text: str) -> None:
    plain = preflib.read(text.encode(), "toi" if text is TODAY else "toc")
    for same in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text, text.replace("\n", "\n\n")):
        ballots = preflib.read(same.encode(), "toi" if text is TODAY else "toc")
        assert ballots.ranks.tolist() == plain.ranks.tolist()
        assert ballots.statements == plain.statements


def test_alike_names_are_told_apart_by_their_number() -> None:
    assert preflib.read(TODAY.replace(": C", ": B").encode(), "toi").statements[1:3] == ("B (2)", "B (3)")


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("VOTERS: 5", "VOTERS: 6", 4, "NUMBER VOTERS is 6, and the file holds 5 ballots"),
        ("ORDERS: 2", "ORDERS: 3", 5, "NUMBER UNIQUE ORDERS is 3, and the file holds 2 orders"),
        ("ALTERNATIVES: 4", "ALTERNATIVES: 5", 3, "NUMBER ALTERNATIVES is 5"),
        ("# NUMBER VOTERS: 5\n", "", 1, "no NUMBER VOTERS"),
        ("# NUMBER VOTERS: 5", "# NUMBER VOTERS: five", 4, "'five' is not a count"),
        ("NAME 4", "NAME 5", 3, "not numbered"),
        ("NAME 4", "NAME 3", 9, "alternative 3 is named twice"),
        ("TYPE: toi", "TYPE: soc", 2, "the type is 'soc'"),
        ("3: 1,", "0: 1,", 10, "'0' is not a count"),
        ("3: 1,", "x: 1,", 10, "'x' is not a count"),
        ("3: 1,", "3 1,", 10, "no colon"),
        ("{2,3}", "{2,3", 10, "cannot be read"),
        ("{2,3}", "{2,1}", 10, "alternative 1 stands twice"),
        ("{2,3}", "{2,5}", 10, "no alternative 5"),
        ("{2,3}", "{}", 10, "'' is not a count"),
        ("{2,3}", "{2,3}{4}", 10, "cannot be read"),
        ("3},4", "3},4,", 10, "cannot be read"),
        ("2: {4, 1}", "2: ", 11, "cannot be read"),
        ("2: {4, 1}", "2: 1,{3,2},4", 11, "the same order as on line 10"),
        ("3: 1,{2,3},4\n2: {4, 1}\n", "", 4, "NUMBER VOTERS is 5, and the file holds 0"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_on_its_line(before: str, after: str, line: int, reason: str) -> None:
    assert before in TODAY
    at, why = wrong(TODAY.replace(before, after))
    assert (at, reason in why) == (line, True), why


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("5,5,2", "5,6,2", 5, "5 voters, and 6 votes"),
        ("5,5,2", "5,2", 5, "three counts"),
        ("5,5,2", "5,5,1", 5, "NUMBER UNIQUE ORDERS is 1"),
        ("3,C\n5,5,2\n3,1,{2,3}\n2,3,2,1\n", "", 3, "ends inside its header"),
        ("3\n1,A", "three\n1,A", 1, "'three' is not a count"),
        ("2,B", "2 B", 3, "'2 B' is not a count"),
    ],
)
def test_the_older_format_is_checked_as_well(before: str, after: str, line: int, reason: str) -> None:
    at, why = wrong(BEFORE.replace(before, after, 1), "toc")
    assert (at, reason in why) == (line, True), why


def test_what_the_ending_promises_is_held() -> None:
    assert wrong(BEFORE, "soc") == (6, "equal ranks, and .soc files have none")
    assert wrong(BEFORE.replace("{2,3}", "2"), "soc")[1].startswith("alternative 3 is not ranked")
    assert preflib.read(BEFORE.replace("{2,3}", "2").encode(), "soi").ranks.tolist() == [[1, 2, 0], [3, 2, 1]]


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b" \n\n", 1, "the file is empty"),
        (b"# A: b\n\xff\xfe", 2, "not UTF-8"),
        (b"# A: b\n\0", 2, "a zero byte"),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, line: int, reason: str) -> None:
    at, why = wrong(data)
    assert (at, reason in why) == (line, True), why
