"""A pasted roster: who can be seated is read as written; a line that cannot be taken keeps its text and its reason."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consensus.conduct import Guest
from consensus.roster import MOST_LINES, Book, Line, parse
from consensus.text import Texts
from rounds.contract import Role

BOOK = Book(
    groups={"patients": "patients", "proches aidants": "caregivers", "caregivers": "caregivers"},
    languages=["fr", "en"],
    roles={"observer": Role.OBSERVER, "observation": Role.OBSERVER},
    staff={"obs@example.org": 7},
    seated=frozenset({"here@example.org"}),
)
TEXTS = Texts.load()


def line(text: str) -> Line:
    (only,) = parse(text, BOOK)
    return only


def reason(text: str) -> str:
    problem = line(text).problem
    assert problem is not None, text
    return problem.key


def test_a_line_becomes_a_guest() -> None:
    guest = line("Aline Roy; Aline@Example.org; Patients; English").guest
    assert guest == Guest(Role.PARTICIPANT, "patients", "en", "Aline Roy", "aline@example.org")


def test_names_of_groups_and_languages_are_read_without_case_or_accents() -> None:
    guest = line("Bé;;PROCHES  AIDANTS;Français").guest
    assert guest is not None
    assert (guest.group, guest.language) == ("caregivers", "fr")


def test_only_the_group_is_required() -> None:
    assert line(";;patients").guest == Guest(Role.PARTICIPANT, "patients", "fr")
    assert reason("Aline;;") == "roster.no_group"


def test_tabs_and_commas_part_a_line_too() -> None:
    assert line("A, B\ta@example.org\tpatients\ten").guest == Guest(
        Role.PARTICIPANT, "patients", "en", "A, B", "a@example.org"
    )
    assert line("A,a@example.org,patients").guest is not None


def test_a_header_and_empty_lines_are_left_out_and_numbers_stay() -> None:
    lines = parse("nom; courriel; groupe; langue\n\nA;;patients;\n", BOOK)
    assert [found.number for found in lines] == [3]


def test_each_bad_line_has_its_reason() -> None:
    assert reason("just a name") == "roster.cells"
    assert reason("A; not a mail; patients") == "roster.bad_mail"
    assert reason("A;;pharmacists") == "roster.bad_group"
    assert reason("A;;patients;Spanish") == "roster.bad_language"
    assert reason("A;;patients;fr;king") == "roster.bad_role"
    assert reason("A;here@example.org;patients") == "roster.already_seated"
    assert reason("x" * 121 + ";;patients") == "roster.long_name"


def test_a_bad_line_keeps_its_text_among_the_good_ones() -> None:
    lines = parse("A;;patients\nB;;pharmacists\nC;;patients", BOOK)
    assert [found.problem is None for found in lines] == [True, False, True]
    assert lines[1].text == "B;;pharmacists"


def test_the_same_mail_twice_names_the_other_line() -> None:
    second = parse("A;a@example.org;patients\nB;A@example.org;patients", BOOK)[1].problem
    assert second is not None
    assert (second.key, second.values["other"]) == ("roster.mail_twice", 1)


def test_who_does_not_answer_needs_an_account() -> None:
    assert line("O; obs@example.org;; en; Observer").guest == Guest(Role.OBSERVER, "", "en", staff_id=7)
    assert reason("O; other@example.org;; en; observation") == "roster.no_account"


def test_a_roster_has_a_most_of_lines() -> None:
    last = parse("A;;patients\n" * (MOST_LINES + 1), BOOK)[-1].problem
    assert last is not None
    assert last.key == "roster.too_many_lines"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_and_every_reason_has_a_sentence(text: str) -> None:
    for found in parse(text, BOOK):
        assert (found.guest is None) != (found.problem is None)
        if found.problem:
            assert all(TEXTS.say(name, found.problem.key, **found.problem.values) for name in BOOK.languages)
