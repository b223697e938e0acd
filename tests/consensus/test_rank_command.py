"""Ranking a file of ballots: what is read, what is refused and on which line, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus.command import preflib
from consensus.command.rank import METHODS
from consensus.command.tidy import Malformed
from tests.consensus.commands import call

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

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


@st.composite
def ballots(draw: st.DrawFn) -> tuple[int, dict[tuple[tuple[int, ...], ...], int]]:
    """Orders of some of m alternatives, with ties, each with its voters."""
    m = draw(st.integers(1, 6))
    places = st.permutations(range(1, m + 1)).flatmap(
        lambda order: st.lists(st.booleans(), min_size=m, max_size=m).map(lambda cuts: _cut(order, cuts))
    )
    return m, draw(st.dictionaries(places, st.integers(1, 9), min_size=1, max_size=5))


def _cut(order: list[int], cuts: list[bool]) -> tuple[tuple[int, ...], ...]:
    """A place ends where a cut is; what follows the last cut is not ranked."""
    found, open_ = [], []
    for number, ends in zip(order, [True, *cuts[1:]], strict=True):
        open_.append(number)
        if ends:
            found.append(tuple(sorted(open_)))
            open_ = []
    return tuple(found)


@given(ballots())
def test_what_is_written_is_read(written: tuple[int, dict[tuple[tuple[int, ...], ...], int]]) -> None:
    m, orders = written
    lines = [
        f"{times}: " + ",".join(f"{{{','.join(map(str, tied))}}}" if len(tied) > 1 else str(tied[0]) for tied in order)
        for order, times in orders.items()
    ]
    head = [
        f"NUMBER ALTERNATIVES: {m}",
        f"NUMBER VOTERS: {sum(orders.values())}",
        f"NUMBER UNIQUE ORDERS: {len(orders)}",
    ]
    head += [f"ALTERNATIVE NAME {i}: name {i}" for i in range(1, m + 1)]
    found = preflib.read("\n".join([*("# " + line for line in head), *lines]).encode(), "toi")
    for row, times, (order, wanted) in zip(found.ranks, found.times, orders.items(), strict=True):
        read = [tuple(i + 1 for i, rank in enumerate(row) if rank == place) for place in range(1, max(row) + 1)]
        assert (tuple(read), times) == (order, wanted)


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
        ("ALTERNATIVES: 4", "ALTERNATIVES: 5", 3, "NUMBER ALTERNATIVES is 5"),
        ("# NUMBER VOTERS: 5", "# NUMBER VOTERS: five", 4, "'five' is not a count"),
        ("NAME 4", "NAME 5", 3, "not numbered"),
        ("NAME 4", "NAME 3", 9, "alternative 3 is named twice"),
        ("TYPE: toi", "TYPE: soc", 10, "equal ranks, and .soc files have none"),
        ("TYPE: toi", "TYPE: cat", 2, "the kind is 'cat', categories"),
        ("NAME 1", "NAME 0", 6, "alternatives are numbered from 1"),
        ("3: 1,", "3: 0,", 10, "alternatives are numbered from 1"),
        ("3: 1,", "2.5: 1,", 10, "'2.5' is not a count of whole people"),
        ("3: 1,", "-3: 1,", 10, "'-3' is not a count of whole people"),
        ("3: 1,", "x: 1,", 10, "'x' is not a count"),
        ("3: 1,", "3 1,", 10, "no colon"),
        ("{2,3}", "{2,3", 10, "cannot be read"),
        ("{2,3}", "{2,1}", 10, "alternative 1 stands twice"),
        ("{2,3}", "{2,5}", 10, "no alternative 5"),
        ("{2,3}", "{2,3}{4}", 10, "cannot be read"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_on_its_line(before: str, after: str, line: int, reason: str) -> None:
    assert before in TODAY
    at, why = wrong(TODAY.replace(before, after))
    assert (at, reason in why) == (line, True), why


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("VOTERS: 5", "VOTERS: 6", 4, "NUMBER VOTERS is 6, and the file holds 5"),
        ("ORDERS: 2", "ORDERS: 3", 5, "NUMBER UNIQUE ORDERS is 3, and the file holds 2"),
        ("2: {4, 1}", "2: 1,{3,2},4", 11, "the same order as on line 10; the two are added up"),
        ("NAME 3: C", "NAME 3: b", 1, "the alternatives 'B' and 'b' differ only by case"),
        ("2: {4, 1}", "2: ", 1, "2 of 5 ballots rank nobody"),
        ("2: {4, 1}", "2: {}", 1, "2 of 5 ballots rank nobody"),
        ("3: 1,{2,3},4\n2: {4, 1}\n", "", 4, "NUMBER VOTERS is 5, and the file holds 0"),
    ],
)
def test_what_a_head_says_otherwise_is_told(before: str, after: str, line: int, said: str) -> None:
    notes = preflib.read(TODAY.replace(before, after).encode(), "toi").notes
    assert (line, True) in [(note.line, said in note.said) for note in notes], notes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3: 1,", "3.0: 1,"),
        ("3: 1,", "3 :1 ,"),
        ("3},4", "3},4,"),
        ("{2,3},4", "{2,3},{},4"),
        ("2: {4, 1}", "# a remark\n2: {4, 1}\n#: another: one"),
        ("# FILE", "# no colon here\n#\n# FILE"),
        ("# NUMBER VOTERS: 5\n", ""),
        ("3: 1,{2,3},4", "1: 1,{2,3},4\n2: 1,{3,2},4"),
    ],
)
def test_files_as_they_are_found_hold_the_same_ballots(before: str, after: str) -> None:
    assert before in TODAY
    found, plain = (preflib.read(text.encode(), "toi") for text in (TODAY.replace(before, after), TODAY))
    assert (found.statements, found.ranks.tolist()) == (plain.statements, plain.ranks.tolist())
    assert found.times.tolist() == plain.times.tolist()


def test_an_empty_ballot_counts_as_one_that_ranks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "ballots.toi"
    path.write_text(TODAY.replace("2: {4, 1}", "2: "), encoding="utf-8")
    data = data_of(path)
    assert data["ballots"] == 3
    assert data["pairwise"][0] == [0, 3, 3, 3]


@pytest.mark.parametrize(
    ("before", "after", "line", "reason"),
    [
        ("5,5,2", "5,2", 5, "three counts"),
        ("3,C\n5,5,2\n3,1,{2,3}\n2,3,2,1\n", "", 3, "ends inside its head"),
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
        (b"# A: b\n\0", 2, "neither a text with columns nor a workbook"),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, line: int, reason: str) -> None:
    at, why = wrong(data)
    assert (at, reason in why) == (line, True), why


CONDORCET = """\
# DATA TYPE: soc
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 60
# NUMBER UNIQUE ORDERS: 5
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob
# ALTERNATIVE NAME 3: Cy
23: 1,2,3
17: 2,3,1
2: 2,1,3
10: 3,1,2
8: 3,2,1
"""
MANAGERS = ["Ann", "Cy", "Bob"]
PATIENTS = ["Bob", "Cy", "Ann"]


def csv_of(*people: tuple[str, str, list[str]]) -> str:
    rows = [f"{person},{group},{name},{rank}" for person, group, order in people for rank, name in enumerate(order, 1)]
    return "\n".join(["participant,group,statement,rank", *rows]) + "\n"


@pytest.fixture
def soc(tmp_path: Path) -> Path:
    path = tmp_path / "ballots.soc"
    path.write_text(CONDORCET, encoding="utf-8")
    return path


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Nine managers put Ann first, three patients put Bob first."""
    people = [(f"m{i}", "managers", MANAGERS if i < 5 else ["Ann", "Bob", "Cy"]) for i in range(9)]
    path = tmp_path / "ballots.csv"
    path.write_text(csv_of(*people, *((f"p{i}", "patients", PATIENTS) for i in range(3))), encoding="utf-8")
    return path


def data_of(path: Path, *words: str) -> dict[str, object]:
    code, out, err = call("rank", str(path), *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_condorcets_sixty_voters(soc: Path) -> None:
    """Young 1988, doi 10.2307/1961757: Kemeny gives Bob, Cy, Ann with 104 agreements; Borda's points are 58, 69, 53."""
    data = data_of(soc, "--method", "borda,kemeny")
    assert data["ballots"] == 60
    assert data["pairwise"] == [[0, 33, 25], [27, 0, 42], [35, 18, 0]]
    assert data["methods"]["borda"]["more"]["points"] == [58, 69, 53]
    assert data["methods"]["kemeny"]["order"] == [["Bob"], ["Cy"], ["Ann"]]
    assert data["methods"]["kemeny"]["more"]["score"] == 104


def test_every_method_is_printed_with_names_and_places(soc: Path) -> None:
    code, out, err = call("rank", str(soc), "--method", ",".join(METHODS))
    assert (code, err) == (0, "")
    assert out.startswith(f"{soc}: 60 ballots, 3 statements\n")
    places = out.split("Places\n")[1].split("\n\n")[0].splitlines()
    assert places[0].split() == ["statement", *METHODS]
    assert places[1].split()[:2] == ["Bob", "1"]
    for name in METHODS:
        assert f"\n{name} (n = " in out
    assert "made for one winner, not for a list" in out


def test_ties_share_their_place(tmp_path: Path) -> None:
    path = tmp_path / "tied.toi"
    path.write_text(TODAY, encoding="utf-8")
    out = call("rank", str(path))[1]
    rows = [line.split() for line in out.splitlines()]
    assert ["B", "2=", "1.1", "0.367", "3"] in rows
    assert ["C", "2=", "1.1", "0.367", "3"] in rows


def test_what_a_blank_means_is_said_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "short.toi"
    path.write_text(TODAY, encoding="utf-8")
    below, absent = data_of(path), data_of(path, "--unranked", "absent")
    assert below["pairwise"][3] == [0, 2, 2, 0]
    assert absent["pairwise"][3] == [0, 0, 0, 0]
    assert "never put to that person" in call("rank", str(path), "--unranked", "absent")[1]


def test_groups_of_equal_say_turn_an_order_over(csv: Path) -> None:
    pooled, balanced = data_of(csv, "--group", "group"), data_of(csv, "--group", "group", "--balanced")
    assert pooled["methods"]["borda"]["order"] == [["Ann"], ["Bob"], ["Cy"]]
    assert balanced["methods"]["borda"]["order"] == [["Bob"], ["Ann"], ["Cy"]]
    assert pooled["groups"] == {"managers": 9, "patients": 3}
    beside = pooled["side_by_side"]["more"]
    assert beside["balanced_points"] == pytest.approx([1, 7 / 9, 11 / 9])  # Ann, Cy, Bob


def test_who_owes_the_list_to_the_weight_of_groups_is_named(csv: Path) -> None:
    out = call("rank", str(csv), "--group", "group", "--top", "1", "--bootstrap", "20")[1]
    assert "ballots alike only: Ann" in out
    assert "groups alike only: Bob" in out
    assert out.count("a group has fewer than five people") == 2  # beside the resamples, and beside the two lists


def test_large_groups_need_no_warning(tmp_path: Path) -> None:
    people = [(f"{group}{i}", group, order) for group, order in (("m", MANAGERS), ("p", PATIENTS)) for i in range(6)]
    path = tmp_path / "ballots.csv"
    path.write_text(csv_of(*people), encoding="utf-8")
    out = call("rank", str(path), "--group", "group", "--bootstrap", "20", "--top", "1")[1]
    assert "resamples of people inside their groups" in out
    assert out.splitlines()[-2:] == ["ballots alike only: none", "groups alike only: none"]


def test_worths_do_not_depend_on_the_unit_of_weights(csv: Path) -> None:
    """Every group twice: the same say, the same worths."""
    methods = ("--method", "plackett_luce,bradley_terry", "--group", "group", "--balanced", "--ghost", "0.5")
    once = data_of(csv, *methods)["methods"]
    text = csv.read_text(encoding="utf-8")
    head, *rows = text.splitlines()
    csv.write_text("\n".join([head, *rows, *("again-" + row for row in rows)]) + "\n", encoding="utf-8")
    twice = data_of(csv, *methods, "--ghost", "1")["methods"]
    for name in ("plackett_luce", "bradley_terry"):
        assert twice[name]["more"]["log_worth"] == pytest.approx(once[name]["more"]["log_worth"], abs=1e-6)


def test_how_sure_an_order_is(soc: Path) -> None:
    words = ("rank", str(soc), "--bootstrap", "200", "--seed", "3", "--top", "1")
    code, out, _ = call(*words)
    assert code == 0
    assert "How sure: 200 resamples of people, seed 3, by Borda points" in out
    assert call(*words)[1] == out
    rows = [line.split() for line in out.split("How sure")[1].splitlines()[2:5]]
    assert sum(float(row[5]) for row in rows) == pytest.approx(1, abs=0.002)


def test_with_absent_the_share_of_opponents_is_drawn_again(tmp_path: Path) -> None:
    path = tmp_path / "short.toi"
    path.write_text(TODAY, encoding="utf-8")
    data = data_of(path, "--bootstrap", "50", "--unranked", "absent")
    assert data["bootstrap"]["order"][0] == ["A: with a colon"]


def test_one_ballot_has_an_order_and_no_certainty(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("participant,statement,rank\na,x,2\na,y,1\na,z,\n", encoding="utf-8")
    code, out, _ = call("rank", str(path), "--bootstrap", "10", "--method", "borda,plackett_luce")
    assert code == 0
    assert [line.split()[:2] for line in out.split("borda (n")[1].splitlines()[2:5]] == [
        ["y", "1"],
        ["x", "2"],
        ["z", "3"],
    ]
    assert "undefined: one answer or one person, where two are needed" in out
    assert "undefined: some statements were never compared" in out


def test_ballots_that_rank_nothing_have_no_order(tmp_path: Path) -> None:
    path = tmp_path / "blank.csv"
    path.write_text("participant,group,statement,rank\na,g,x,\nb,h,x,\na,g,y,\n", encoding="utf-8")
    code, out, _ = call("rank", str(path), "--group", "group", "--method", "borda,schulze", "--bootstrap", "5")
    assert code == 0
    assert out.endswith("No ballot ranks anything, so there is no order.\n")


@pytest.mark.parametrize(
    ("name", "text", "words", "said"),
    [
        ("b.soc", CONDORCET.replace("23:", "23.5:"), (), ":8: '23.5' is not a count of whole people"),
        ("b.csv", "participant,statement,rank\na,x,0\n", (), ":2: '0' is not a rank; 1 is the best"),
        ("b.csv", "participant,statement,rank\na,x,first\n", (), ":2: 'first' is not a rank"),
        ("b.csv", "participant,statement,rank\na,x,1\na,x,2\n", (), ":3: 'a' answered 'x' already on line 2"),
        ("b.csv", "participant,statement,rank\na,x,1\n", ("--balanced",), "--group"),
        ("b.soc", CONDORCET, ("--group", "group"), "knows no groups"),
        ("b.txt", "some words\n", (), ":1: no column participant, statement, rank"),
        ("b.soc", CONDORCET, ("--top", "0"), "--top is at least 1"),
    ],
)
def test_nothing_is_printed_as_a_result_of_what_is_wrong(
    tmp_path: Path, name: str, text: str, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    code, out, err = call("rank", str(path), *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_more_ballots_than_fit_are_refused(soc: Path) -> None:
    text = CONDORCET.replace("NUMBER VOTERS: 60", "NUMBER VOTERS: 99999037").replace("23:", "99999000:")
    soc.write_text(text, encoding="utf-8")
    code, out, err = call("rank", str(soc))
    assert (code, out) == (2, "")
    assert "more than 100000000 places" in err


def test_an_unknown_method_is_named(soc: Path) -> None:
    code, out, err = call("rank", str(soc), "--method", "borda,best")
    assert (code, out) == (2, "")
    assert "there is no method 'best'" in err
