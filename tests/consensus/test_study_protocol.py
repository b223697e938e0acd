"""A protocol of a whole study reads as the sessions it lays, in the order in which they are held; nonsense is told."""

from __future__ import annotations

from typing import Any

import pytest

from consensus import protocol, study_protocol, study_words
from consensus.simulation import panel
from consensus.study_protocol import FEW_PEOPLE, FEW_SITES, BadProtocol, StudyProtocol
from consensus.text import LANGUAGES, Texts

ROUND = {"kind": "rating"}
BRINGS = {"list": "case_management"}
TEXTS = Texts.load()


def table(key: str, **told: Any) -> dict[str, Any]:
    return {"key": key, "round": [ROUND], "brings": BRINGS, "people": {"patients": 5}, **told}


def read(*tables: dict[str, Any], **told: Any) -> StudyProtocol:
    return study_protocol.parsed("mine", {"groups": ["patients"], "session": list(tables), **told})


LEVELS = [{"key": "province", "sites": ["qc", "nb"]}, {"key": "clinic", "each": 2}]


def test_one_table_is_held_at_each_site_of_its_level() -> None:
    found = read(table("here", at="clinic"), level=LEVELS)
    assert [one.key for one in found.sessions] == ["here-qc1", "here-qc2", "here-nb1", "here-nb2"]
    assert [(site.key, site.within) for site in found.sites][2:4] == [("qc1", "qc"), ("qc2", "qc")]


def test_what_is_taken_comes_from_the_sites_within() -> None:
    above = table("above", at="province", takes_from=[{"session": "here", "takes": "kept", "first": 3}])
    joint = table("joint", takes_from=[{"session": "above"}], sends=[{"session": "above", "each": 2}])
    found = {one.key: one for one in read(table("here", at="clinic"), above, joint, level=LEVELS).sessions}
    assert [(takes.session, takes.takes, takes.first) for takes in found["above-qc"].takes_from] == [
        ("here-qc1", "kept", 3),
        ("here-qc2", "kept", 3),
    ]
    assert [takes.session for takes in found["joint"].takes_from] == ["above-qc", "above-nb"]
    assert [(sends.session, sends.people) for sends in found["joint"].sends] == [("above-qc", 2), ("above-nb", 2)]


def test_an_arm_takes_of_its_own() -> None:
    later = table("later", by_arm=True, takes_from=[{"session": "first"}])
    found = {one.key: one for one in read(table("first", by_arm=True), later, arms=["a", "b"]).sessions}
    assert [takes.session for takes in found["later-b"].takes_from] == ["first-b"]


def test_all_of_one_moment_come_before_the_next_and_the_same_people_come_back() -> None:
    one = table("one", moments=[0, 6], newcomers={"patients": 1})
    found = read(one, table("two", moments=[0, 6], sends=[{"session": "one"}], people={})).sessions
    assert [each.key for each in found] == ["one-1", "two-1", "one-2", "two-2"]
    assert (found[2].follows, found[2].left_out, found[2].people) == ("one-1", 1, {"patients": 1})
    assert (found[3].follows, [sends.session for sends in found[3].sends]) == ("two-1", ["one-2"])


@pytest.mark.parametrize(
    ("tables", "told", "why"),
    [
        ([table("a"), table("a")], {}, "two sessions are called a"),
        ([table("a", people={"ministry": 1})], {}, "a seats ministry, which is no group of the study"),
        ([table("a", takes_from=[{"session": "b"}]), table("b")], {}, "a asks for b, which no session before it"),
        ([table("a", at="clinic")], {}, "a is held at clinic, which is no level of sites"),
        ([table("a", brings=None)], {}, "a has no statements"),
        ([table("a", round=[])], {}, "a has no rounds"),
        ([table("a")], {"headline": "loudest"}, "no way of counting called loudest"),
        (
            [table("a", moments=[6]), table("b", takes_from=[{"session": "a"}])],
            {},
            "b needs a, which is not over before it",
        ),
    ],
)
def test_nonsense_is_told_with_its_place(tables: list[dict[str, Any]], told: dict[str, Any], why: str) -> None:
    with pytest.raises(BadProtocol, match=why):
        read(*tables, **told)


def test_no_such_protocol_is_said_like_any_other() -> None:
    with pytest.raises(KeyError):
        study_protocol.read("triage")
    assert not set(study_protocol.names()) & set(protocol.names())


@pytest.mark.parametrize("name", study_protocol.names())
def test_a_short_form_has_few_sites_and_people_and_the_same_tables(name: str) -> None:
    whole, short = study_protocol.read(name), study_protocol.read(name, is_short=True)
    assert list(dict.fromkeys(one.entry for one in short.sessions)) == list(
        dict.fromkeys(one.entry for one in whole.sessions)
    )
    for level in {site.level for site in short.sites}:
        assert sum(site.level == level for site in short.sites) <= FEW_SITES
    assert all(sum(one.people.values()) <= FEW_PEOPLE for one in short.sessions)


@pytest.mark.parametrize("name", study_protocol.names())
def test_what_is_brought_is_there(name: str) -> None:
    for one in study_protocol.read(name).sessions:
        if one.brings:
            listed = panel.statements(one.brings.list)
            for field in ("nature", "level", "theme"):
                assert set(getattr(one.brings, f"{field}s")) <= {getattr(said, field) for said in listed}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", study_protocol.names())
def test_each_session_has_a_name_of_its_own(name: str, language: str) -> None:
    planned = study_protocol.read(name)
    titles = [told[language] for told in study_words.titles(TEXTS, LANGUAGES, planned).values()]
    assert len(set(titles)) == len(titles) and all(titles)
