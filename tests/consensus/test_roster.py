"""A roster that was brought: people are read as people write them; any other line keeps its text and its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.conduct import Guest
from consensus.imports.arranging import Choices
from consensus.imports.reader import read
from consensus.imports.roster import MOST_LINES, Book, Reading, RosterLine, parse
from consensus.imports.roster import read as read_roster
from consensus.text import Texts
from rounds.contract import Role

CASES = Path(__file__).parents[1] / "data" / "roster"
BOOK = Book(
    groups=[
        *(("Patients", "patients"), ("patients", "patients"), ("Proches aidants", "caregivers")),
        *(("Caregivers", "caregivers"), ("caregivers", "caregivers"), ("Clinicians", "clinicians")),
        *(("Équipe clinique", "clinicians"), ("Ministère", "ministry"), ("Ministry", "ministry")),
        *(("Care navigators", "care_navigators"), ("care_navigators", "care_navigators")),
    ],
    languages=["fr", "en"],
    roles={"Observer": Role.OBSERVER, "Observation": Role.OBSERVER},
    staff={"obs@example.org": 7},
    seated=frozenset({"here@example.org"}),
)
TEXTS = Texts.load()
PATIENT = Role.PARTICIPANT


def lines(text: str) -> tuple[RosterLine, ...]:
    return parse(text, BOOK).lines


def line(text: str) -> RosterLine:
    (only,) = lines(text)
    return only


def reason(text: str) -> str:
    problem = line(text).problem
    assert problem is not None, text
    return problem.key


def group(written: str) -> str:
    found = line(f"A;;{written};fr").guest
    return found.group if found else ""


def case(name: str, group: str = "") -> Reading:
    return read_roster(read((CASES / f"{name}.txt").read_bytes()), BOOK, Choices(), group)


def person(name: str, mail: str, group: str = "patients", language: str = "en") -> Guest:
    return Guest(PATIENT, group, language, name, mail)


ANN = "ann@example.org"
READ = {
    "plain": [person("Ann Roy", ANN), person("Bob", "bob@example.org", "clinicians", "fr")],
    "excel_quotes_semicolon": [person('Ann "Nan" Roy', ANN)],
    "comma_name_quoted": [person("Roy, Ann", ANN)],
    "cr": [person("A", ANN), person("B", "b@example.org")],
    "tab_excel": [person("Ann Roy", ANN)],
    "header_fr": [person("Ann", ANN)],
    "header_other_order": [person("Ann", ANN, language="fr")],
    "trailing_sep1": [person("A", ANN)],
    "blank_sep_lines": [person("A", ANN), person("B", "b@example.org")],
    "bom_header": [person("Ann", ANN)],
    "group_fr_nfd": [person("A", ANN, "ministry", "fr")],
    "group_key": [person("A", ANN)],
    "group_singular": [person("A", ANN)],
    "nbsp_group": [person("A", ANN)],
    "nbsp_mail": [person("A", ANN)],
    "lang_locale": [person("A", ANN, language="fr"), person("B", "b@example.org")],
    "emoji": [person("👩🏽‍⚕️ Ann", ANN)],
    "rtl": [person("محمد علي", ANN)],
    "formula": [person("=1+1", ANN)],
    "html": [person("<b>Ann</b>", ANN)],
    "idn": [person("A", "ann@exämple.org")],
    "plus": [person("A", "ann+table@example.org")],
    "no_name": [person("", ANN)],
    "no_mail": [person("Ann", "")],
    "mixed_sep": [person("Ann, Roy", ANN)],
    "angle": [person("A", ANN)],
    "name_semicolon_comma_file": [person("Ann; MD", ANN)],
    "u2028": [person("A B", ANN)],
}
REFUSED = {
    "mailto": "address.mailto",
    "nonascii_local": "address.letters",
    "double_dot": "address.dots",
    "trailing_dot": "address.dots",
    "fullwidth_at": "address.full_width",
    "two_addresses": "address.several",
}
ASKED = {"redcap_participants", "same_name_twice", "upper_dup", "zwsp_dup"}


def test_every_case_has_its_promise() -> None:
    assert {path.stem for path in CASES.iterdir()} == READ.keys() | REFUSED.keys() | ASKED


@pytest.mark.parametrize("name", READ)
def test_people_are_read_as_a_careful_person_reads_them(name: str) -> None:
    found = case(name)
    assert found.guests == READ[name]
    assert not found.bad and not found.problems and not found.remarks


@pytest.mark.parametrize("name", REFUSED)
def test_an_address_that_no_mail_reaches_is_refused_on_its_line(name: str) -> None:
    (bad,) = case(name).bad
    assert bad.problem is not None
    assert (bad.problem.line, bad.problem.key) == (1, REFUSED[name])


def test_the_group_of_a_list_that_names_none_is_asked() -> None:
    (asked,) = case("redcap_participants").bad
    assert asked.problem is not None and (asked.problem.line, asked.problem.key) == (2, "roster.no_group")
    assert case("redcap_participants", "clinicians").guests == [person("Ann Roy", ANN, "clinicians", "fr")]


def test_one_name_twice_is_two_people_and_it_is_said() -> None:
    found = case("same_name_twice")
    assert len(found.guests) == 2 and not found.bad
    assert [(said.key, said.values["lines"]) for said in found.remarks] == [("roster.name_twice", "1, 2")]


@pytest.mark.parametrize("name", ["upper_dup", "zwsp_dup"])
def test_one_mailbox_twice_is_one_invitation_and_it_is_said(name: str) -> None:
    found = case(name)
    assert [guest.mail for guest in found.guests] == [ANN] and not found.bad
    said = found.lines[1].remark
    assert said is not None
    assert (said.key, said.line, said.values["other"]) == ("roster.mail_twice", 2, 1)


def test_a_line_becomes_a_guest() -> None:
    guest = line("Aline Roy; Aline@Example.org; Patients; English").guest
    assert guest == Guest(PATIENT, "patients", "en", "Aline Roy", "aline@example.org")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *[(written, "patients") for written in ("Patients", "PATIENTS", "patient", "Patient\u00a0", "pat\u200bients")],
        *[
            (w, "caregivers")
            for w in ("PROCHES  AIDANTS", "Proche aidant", "proches-aidants", "Caregiver", "caregivers")
        ],
        *[(w, "clinicians") for w in ("clinician", "equipe clinique", "E\u0301quipe clinique", "Équipes cliniques")],
        *[(w, "ministry") for w in ("ministries", "MINISTERE", "Ministère")],
        *[(w, "care_navigators") for w in ("care_navigators", "Care navigator", "care-navigators")],
        *[(w, "") for w in ("pharmacists", "patients, ministry", "aidants", "Pa")],
    ],
)
def test_a_group_is_any_of_its_names_however_it_is_written(written: str, key: str) -> None:
    assert group(written) == key


def test_a_singular_that_two_groups_share_is_neither() -> None:
    book = Book([("Managers", "a"), ("Manager", "b"), ("Nurses", "c"), ("Nursex", "d")], ["fr"])
    assert [book.group(word) for word in ("Managers", "manager", "nurse")] == ["a", "b", ""]


@pytest.mark.parametrize(
    ("written", "language"),
    [
        *[(w, "fr") for w in ("fr", "FR", "fr-CA", "fr_FR", "Français", "francaise", "French", "fra", "", "f")],
        *[(w, "en") for w in ("en", "En-us", "Anglais", "English", "English (Canada)", "eng", "e", "a")],
    ],
)
def test_a_language_is_read_by_any_of_its_names(written: str, language: str) -> None:
    guest = line(f"Ann;;Patients;{written}").guest
    assert guest is not None and guest.language == language


def test_only_the_group_is_required() -> None:
    assert line(";;patients").guest == Guest(PATIENT, "patients", "fr")
    assert reason("Aline;;") == "roster.no_group"
    assert reason("Aline Roy") == "roster.no_group"


def test_columns_without_names_are_known_by_what_they_hold() -> None:
    assert lines("ann@example.org;Patients;Ann Roy\nb@example.org;Patients;Bo")[0].guest == person(
        "Ann Roy", ANN, language="fr"
    )
    assert line("Patients,Ann,en,ann@example.org").guest == person("Ann", ANN)
    found = parse("ann@example.org\nbob@example.org", BOOK, group="patients").guests
    assert [guest.mail for guest in found] == [ANN, "bob@example.org"]


def test_first_and_last_names_come_together() -> None:
    for head in ("Prénom;Nom de famille", "firstname;lastname", "First name;Surname", "prenom;nom"):
        (found,) = parse(f"{head};Courriel;Groupe\nAnn;Roy;{ANN};Patients", BOOK).guests
        assert found.name == "Ann Roy"
    (found,) = parse("Nom;Prénom;Groupe\nAnn Roy;Ann;Patients\n", BOOK).guests
    assert found.name == "Ann Roy"


def test_a_name_before_an_address_is_a_name() -> None:
    (found,) = parse(f'courriel;groupe\n"""Roy, Ann"" <{ANN}>";Patients', BOOK).guests
    assert (found.name, found.mail) == ("Roy, Ann", ANN)


def test_a_participant_list_of_limesurvey_is_read() -> None:
    text = '"tid","firstname","lastname","email","emailstatus","token","language"\n'
    text += f'"1","Ann","Roy","{ANN}","OK","xyz","fr"\n'
    found = parse(text, BOOK, group="patients")
    assert found.guests == [person("Ann Roy", ANN, language="fr")]
    assert [said.key for said in found.remarks] == ["import.unknown_columns"]
    assert found.remarks[0].values["columns"] == "tid, emailstatus, token"


def test_what_a_person_says_of_the_columns_counts() -> None:
    text = f"Roy;Ann;{ANN};Patients"
    assert parse(text, BOOK, Choices(columns={0: "last", 1: "first"})).guests[0].name == "Ann Roy"
    assert parse(text, BOOK, Choices(columns={0: ""})).guests[0].name == ""
    assert parse(f"who;{ANN};Patients", BOOK, Choices(header=True)).problems[0].key == "roster.empty"
    (said,) = parse(text, BOOK, Choices(columns={1: "mail"})).problems
    assert said.key == "import.chosen_twice"


def test_a_header_titles_and_empty_lines_are_left_out_and_numbers_stay() -> None:
    assert [found.number for found in lines("nom; courriel; groupe; langue\n\nA;;patients;\n")] == [3]
    titled = parse("Panel Estrie\nnom;courriel;groupe\nA;;patients", BOOK)
    assert [found.number for found in titled.lines] == [3]
    assert [said.key for said in titled.remarks] == ["import.title"]


def test_each_bad_line_has_its_reason() -> None:
    assert reason("A; not a mail; patients") == "address.bad"
    assert reason("A;;pharmacists") == "roster.bad_group"
    assert reason("A;;patients;Spanish") == "roster.bad_language"
    assert reason("A;;patients;fr;king") == "roster.bad_role"
    assert reason("A;here@example.org;patients") == "roster.already_seated"
    assert reason("x" * 121 + ";;patients") == "roster.long_name"
    (only,) = lines("nom;groupe;téléphone\nA;patients;" + "1" * 41)
    assert only.problem is not None and only.problem.key == "roster.long_phone"


def test_a_list_whose_shape_is_wrong_is_refused_as_a_whole() -> None:
    for text, key, at in (
        ('A;;"patients', "import.quotes", 1),
        ("nom;nom;groupe\nA;B;patients", "import.column_twice", 1),
    ):
        found = parse(text, BOOK)
        assert (found.lines, found.arranged) == ((), None)
        assert [(wrong.key, wrong.line) for wrong in found.problems] == [(key, at)]


def test_a_bad_line_keeps_its_text_among_the_good_ones() -> None:
    found = lines("A;;patients\nB;;pharmacists\nC;;patients")
    assert [line.problem is None for line in found] == [True, False, True]
    assert found[1].text == "B; ; pharmacists"


def test_who_does_not_answer_needs_an_account() -> None:
    assert line("O; obs@example.org;; en; Observer").guest == Guest(Role.OBSERVER, "", "en", staff_id=7)
    assert reason("O; other@example.org;; en; observation") == "roster.no_account"


def test_a_roster_has_a_most_of_lines() -> None:
    last = lines("A;;patients\n" * (MOST_LINES + 1))[-1].problem
    assert last is not None
    assert last.key == "roster.too_many_lines"


@given(st.text(max_size=200), st.sampled_from([None, True, False]))
def test_no_text_breaks_the_reading_and_every_reason_has_a_sentence(text: str, header: bool | None) -> None:
    found = parse(text, BOOK, Choices(header=header))
    assert all((line.guest or line.remark) is not None or line.problem for line in found.lines)
    said = [*found.problems, *found.remarks, *(line.problem or line.remark for line in found.lines)]
    for each in filter(None, said):
        assert all(TEXTS.say(name, each.key, **each.values) for name in BOOK.languages)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *[(w, "clinicians") for w in ("Cliniciens", "clinicienne", "Clinicien", "Cliniciens et cliniciennes")],
        *[(w, "caregivers") for w in ("Proche aidant", "proches aidantes", "Personne proche aidante")],
        *[(w, "patients") for w in ("Patiente", "les patients", "Patients et patientes")],
        *[(w, "") for w in ("Aidants", "Personnes", "Cliniciens et patients", "et")],
    ],
)
def test_a_group_is_known_by_either_half_of_its_doublet(written: str, key: str) -> None:
    names = {"patients": "Patientes et patients", "caregivers": "Personnes proches aidantes"}
    names["clinicians"] = "Cliniciennes et cliniciens"
    book = Book([(name, key) for key, name in names.items()], ["fr"])
    assert book.group(written) == key


def test_several_addresses_on_a_row_without_names_of_columns_are_refused() -> None:
    (bad,) = parse("Ann <ann@example.org>; Bo <bo@example.org>", BOOK, group="patients").bad
    assert bad.problem is not None and bad.problem.key == "address.several"
