"""What needs the facilitator: said once, the most pressing first, and nothing where all goes well."""

from __future__ import annotations

from dataclasses import replace

from consensus.attention import Need, People, Situation, needs

WELL = Situation(True, 5, (People("Patients", 6, 6, 6), People("Clinicians", 5, 4, 5)), left=None)


def keys(now: Situation) -> list[str]:
    return [need.key for need in needs(now)]


def test_nothing_is_said_where_all_goes_well() -> None:
    assert needs(WELL) == [] and needs(replace(WELL, left=1200)) == []


def test_raised_hands_come_first_whatever_the_moment() -> None:
    assert needs(Situation(False, 5, calls=2)) == [Need("needs.calls", "calls", {"n": 2})]
    assert keys(replace(WELL, calls=1, left=0))[0] == "needs.calls"


def test_a_group_of_which_nobody_has_a_page_open_is_named() -> None:
    away = replace(WELL, people=(People("Patients", 6, 0, 0), People("Ministry", 0, 0, 0)))
    assert needs(away) == [Need("needs.nobody", "seats", {"block": "Patients"})]


def test_groups_that_are_away_are_named_in_one_sentence() -> None:
    away = replace(WELL, people=(People("Patients", 6, 0, 5), People("Ministry", 5, 0, 0)))
    assert needs(away) == [Need("needs.nobody", "seats", {"block": "Patients, Ministry"})]


def test_where_everybody_is_one_group_it_is_not_named() -> None:
    assert needs(replace(WELL, people=(People("Everyone", 24, 0, 5),))) == [Need("needs.nobody.all", "seats")]


def test_a_group_that_has_answered_may_go() -> None:
    assert needs(replace(WELL, people=(People("Patients", 6, 0, 6),))) == []


def test_a_group_under_the_floor_is_asked_by_hands() -> None:
    small = replace(WELL, people=(People("Patients", 4, 4, 4),))
    assert needs(small) == [Need("needs.hands", "seats", {"block": "Patients", "n": 4})]
    assert keys(replace(small, people=(People("Patients", 5, 5, 5),))) == []


def test_few_answers_are_worth_a_word_only_near_the_end() -> None:
    few = replace(WELL, people=(People("Patients", 6, 6, 2), People("Clinicians", 5, 4, 3)))
    assert keys(replace(few, left=301)) == keys(few) == []
    assert needs(replace(few, left=300)) == [Need("needs.few", "timer", {"done": 5, "n": 11})]
    assert keys(replace(few, left=300, people=(People("Patients", 6, 6, 3),))) == []


def test_time_that_is_up_is_told_however_many_answered() -> None:
    assert needs(replace(WELL, left=0)) == [Need("needs.over", "timer", {"done": 11, "n": 11})]


def test_a_card_without_a_wording_leads_to_the_card() -> None:
    (need,) = needs(replace(WELL, lacking=("S02", "S05")))
    assert (need.key, need.at, need.values["card"], need.values["n"]) == ("needs.wording", "card", "S02", 2)


def test_entries_that_differ_lead_to_where_they_are_settled() -> None:
    assert needs(replace(WELL, unsettled=(7, 9))) == [Need("needs.entries", "entries", {"n": 2, "seat": 7})]


def test_while_nobody_is_asked_groups_and_time_are_not_told() -> None:
    assert needs(replace(WELL, is_asking=False, left=0, people=(People("Patients", 3, 0, 0),))) == []
