"""The rows that the results page is given: finished values, and nothing of a block that is not told."""

from __future__ import annotations

from consensus import models
from consensus.results import released
from consensus.web.listed import Listing, listing_of
from consensus.web.state import load_state
from consensus.web.view import plain
from tests.conftest import Site, Table, lay_table
from tests.web.test_results_page import PLANS, rated


async def listing(table: Table, language: str = "en") -> Listing:
    rows = await models.Round.filter(session_id=table.session.id).order_by("position")
    view = plain(await load_state(table.house, table.session))
    return listing_of(released(rows), view, table.house.texts, language)


async def test_a_row_tells_medians_by_block_and_the_share_of_high_scores(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await rated(table, table.seats)
    first, second, third = (await listing(table)).rows
    assert [row.card.statement.id for row in (first, second, third)] == ["P001", "P002", "P003"]
    assert first.median == 9 and first.quartiles == (9, 9) and first.between is None
    assert first.share == (11, 11) and third.share == (0, 11)
    assert [(median, name) for _, median, name in first.marks] == [(9, "Patients"), (9, "Caregivers and Clinicians")]
    assert first.hidden == ()


async def test_a_row_names_the_blocks_that_are_not_told_and_holds_no_figure_of_them(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    for seat in table.seats[:5]:
        await table.cast(seat, "rating", card="P001", importance="9")
    for seat in table.seats[5:]:
        await table.cast(seat, "rating", card="P003", importance="9")
    await table.cast(table.bob, "rating", card="P001", importance="1")
    await table.close("rating")
    row = next(row for row in (await listing(table)).rows if row.card.statement.id == "P001")
    assert [(median, name) for _, median, name in row.marks] == [(9, "Patients")]
    assert [name for _, name in row.hidden] == ["Caregivers and Clinicians"]
    assert row.share == (5, 5)


async def test_a_median_between_two_points_is_told_as_both(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await table.open("rating")
    for n, seat in enumerate(table.seats[:10]):
        await table.cast(seat, "rating", card="P001", importance="7" if n % 2 else "8")
    await table.close("rating")
    row = next(row for row in (await listing(table)).rows if row.card.statement.id == "P001")
    assert row.between == (7, 8)


async def test_settings_are_in_the_readers_words_and_a_look_is_a_deviation(site: Site) -> None:
    table = await lay_table(site.house, PLANS)
    await rated(table, table.seats)
    await models.Round.filter(session_id=table.session.id, key="rating").update(is_looked=True)
    found = await listing(table, "fr")
    assert ("Échelle", "De 1 à 9") in [(one.label, one.value) for one in found.steps[0].settings]
    assert [(one.row.key, one.act) for one in found.deviations] == [("rating", "look")]
