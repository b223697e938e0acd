"""A statement may say from which site it comes; one that does not is sealed as it always was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.export.known import Known, statement_sheet
from consensus.facts import rounds_of
from consensus.imports.places import Places
from consensus.imports.statements import for_spreadsheet, parse
from consensus.outcome import statement_data, statement_from
from consensus.results import History
from rounds.contract import Statement
from tests.conftest import Table

SITES = Places([("Halifax clinic", "s2"), ("Clinique de Halifax", "s2"), ("Moncton", "s3"), ("s2", "s2"), ("s3", "s3")])
CARD = Statement("P001", {"en": "More time.", "fr": "Plus de temps."}, "en")


def test_without_a_site_a_statement_is_written_as_before() -> None:
    assert statement_data(CARD).keys() == {
        *("id", "wordings", "original", "unchecked", "parents", "nature", "level", "theme", "source")
    }


@given(st.sampled_from(["", "s1", "s1; s2"]), st.sampled_from(["", "17"]))
def test_what_is_stored_of_a_statement_is_read_again(site: str, source_id: str) -> None:
    card = replace(CARD, site=site, source_id=source_id)
    data = statement_data(card)
    assert statement_from(data) == card
    assert ("site" in data, "source_id" in data) == (bool(site), bool(source_id))


@pytest.mark.parametrize(
    "column, cell, site",
    [("site", "Halifax clinic", "s2"), ("clinique", "clinique de halifax", "s2"), ("sites", "Moncton; s2", "s3; s2")],
)
def test_a_list_gives_statements_their_sites_in_either_language(column: str, cell: str, site: str) -> None:
    reading = parse(f"text_en,{column}\nMore time.,{cell}\nLess paper.,\n", ["en", "fr"], sites=SITES)
    assert not reading.problems
    assert [card.site for card in reading.statements] == [site, ""]


def test_an_unknown_site_is_said_with_its_line() -> None:
    reading = parse("text_en,site\nMore time.,Moncton\nLess paper.,Nowhere\n", ["en"], sites=SITES)
    assert [(one.line, one.key) for one in reading.problems] == [(3, "roster.bad_site")]


def test_a_copy_for_a_spreadsheet_is_read_as_the_same_list() -> None:
    held = [replace(CARD, site="s3; s2"), replace(CARD, id="P002", wordings={"en": "Less paper."})]
    copied = for_spreadsheet(held, ["en", "fr"], "en", {"s2": "Halifax clinic", "s3": "Moncton"}).decode("utf-8-sig")
    assert "Moncton; Halifax clinic" in copied
    assert [card.site for card in parse(copied, ["en", "fr"], sites=SITES).statements] == ["s3; s2", ""]
    bare = for_spreadsheet([CARD], ["en", "fr"], "en").decode("utf-8-sig")
    assert "site" not in bare.splitlines()[0]


async def test_a_site_that_a_statement_names_is_not_taken_away(table: Table) -> None:
    staff = await models.Staff.get(mail="fay@example.org")
    sites = [{"key": key, "names": {"en": key, "fr": key}, "within": "", "about": {}} for key in ("s1", "s2")]
    study = table.session.study_id
    await conduct.change_sites(table.house, staff, study, sites, [], [])
    await conduct.import_statements(table.house, table.fay, [replace(CARD, site="s1; s2")])
    with pytest.raises(conduct.Refused, match="site_used"):
        await conduct.change_sites(table.house, staff, study, sites[:1], [], [])
    row = await table.open("rating")
    assert [data["site"] for data in row.statements] == ["s1; s2"]


async def test_the_file_of_statements_tells_the_site_that_a_list_brought_and_no_writers_own(table: Table) -> None:
    met = rounds_of(await models.Round.filter(session_id=table.session.id).order_by("position"))[0]
    placed = replace(CARD, site="s1; s2")
    known = Known(frozenset(), frozenset(), frozenset(), frozenset({"P002"}))
    told = {"P001": History((placed,), met, True), "P002": History((replace(placed, id="P002"),), met, False)}
    rows = statement_sheet(told, known, ["en"], {}).rows
    assert [row["site"] for row in rows] == ["s1; s2", ""]
    bare = statement_sheet({"P001": History((CARD,), met, True)}, known, ["en"], {})
    assert "site" not in bare.columns, "a session without sites has the file it always had"
