"""Whether groups were heard: asked of the team, told by group from the floor on, and nothing by subtraction."""

from __future__ import annotations

import csv
import io
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.protocol import Plan
from consensus.results.voice import Wrote, ancestors, spoken, survived
from tests.conftest import Site, Table, lay_table

PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0),
    Plan(key="compilation", kind="compilation", disclosure="live", grace=0),
]


async def wrote(site: Site) -> Table:
    """Five patients write one proposal each, a caregiver three; the first four are compiled."""
    table = await lay_table(site.house, PLANS)
    await table.open("gather")
    patients, caregiver = table.seats[:5], table.seats[5]
    for n, seat in enumerate(patients):
        await table.cast(seat, "gather", card="1", text=f"Idea {n}", nature="helps")
    for n in (1, 2, 3):
        await table.cast(caregiver, "gather", card=str(n), text=f"Other {n}", nature="helps")
    for seat in (patients[0], caregiver):
        await conduct.call(site.house, seat, "speak")
        call = await models.Call.get(seat_id=seat.id)
        await conduct.answer_call(site.house, table.fay, call.id)
    await table.close("gather")
    row = await table.open("compilation")
    for statement in row.statements:
        if "Idea" in str(statement["wordings"]):
            await table.cast(table.fay, "compilation", act="accept", of=statement["id"])
        else:
            await table.cast(table.fay, "compilation", act="reject", of=statement["id"], reason="Said already.")
    await table.close("compilation")
    await conduct.analyse_due(site.house)
    return table


async def page(site: Site, table: Table, path: str) -> tuple[int, str]:
    browser = await site.sign_in()
    answer = await browser.get(f"/sessions/{table.session.id}/results/{path}")
    await browser.aclose()
    return answer.status_code, unescape(answer.text)


async def test_the_team_reads_turn_out_first_then_what_lived_on_as_a_question(site: Site) -> None:
    table = await wrote(site)
    code, told = await page(site, table, "voice?lang=en")
    assert code == 200 and told.index("Who answered") < told.index("What became of what each group wrote")
    assert "A question to ask yourselves, no proof" in told and "Minutes are not recorded" in told
    code, told = await page(site, table, "voice?lang=fr")
    assert code == 200 and "Est-ce que chaque groupe a été entendu?" in told


async def test_what_few_people_wrote_is_in_no_row_and_no_other_row_gives_it_away(site: Site) -> None:
    """One caregiver alone: the patients, though five, are hidden with her, since all proposals less theirs are hers."""
    table = await wrote(site)
    _, told = await page(site, table, "voice.csv")
    rows = list(csv.DictReader(io.StringIO(told)))
    assert {(row["group"], row["stage"]) for row in rows} >= {("patients", "written"), ("caregivers", "written")}
    assert not any(row["n"] for row in rows if row["group"] in {"patients", "caregivers"} and row["stage"] != "turns")


async def test_the_page_is_the_team_s_and_nobody_else_s(site: Site) -> None:
    table = await wrote(site)
    for browser in (await site.sit(table.bob), site.client()):
        for path in ("voice", "voice.csv"):
            answer = await browser.get(f"/sessions/{table.session.id}/results/{path}")
            assert "patients" not in answer.text and "What became" not in answer.text


groups = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1)


@given(groups, st.integers(3, 6), st.data())
def test_which_proposals_of_hidden_groups_live_on_changes_nothing_that_is_told(
    panel: dict[str, tuple[int, int]], floor: int, data: st.DataObject
) -> None:
    """Their sum is told, of so many people; whose they are is not."""
    group_of = {f"{group}{n}": group for group, (_, wrote) in panel.items() for n in range(wrote)}
    held = Wrote({group: authors for group, (authors, _) in panel.items()}, group_of)
    alive = data.draw(st.sets(st.sampled_from(sorted(group_of))))
    told = survived(held, {"final": alive}, floor)
    hidden = {row["group"] for row in told if row["written"] is None}
    assert all(row["stages"] is None for row in told if row["group"] in hidden)
    assert not hidden or sum(panel[group][0] for group in hidden) >= floor or len(hidden) == len(panel)
    assert {group for group, (authors, _) in panel.items() if authors < floor} <= hidden
    theirs = sorted(name for name, group in group_of.items() if group in hidden)
    n = len(alive & set(theirs))
    other = (alive - set(theirs)) | set(data.draw(st.permutations(theirs))[:n])
    assert survived(held, {"final": other}, floor) == told


def test_turns_of_a_small_group_are_in_no_row() -> None:
    told = spoken([3, 0, 0, 1, 2], ["a", "a", "a", "b", "c"], 3)
    assert [row["turns"] for row in told] == [None, None, None], "three and two alone: the three would give two away"
    assert spoken([0, 0], ["a", "b"], 3) == []
    assert [row["turns"] for row in spoken([1, 1, 0, 2, 0, 0], [*"aaabbb"], 3)] == [2, 2]


def test_a_proposal_lives_on_in_whatever_was_made_of_it() -> None:
    parents = {"S2": ("S1", "P3"), "S1": ("P1", "P2")}
    assert ancestors({"S2"}, parents) == {"S2", "S1", "P1", "P2", "P3"}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_participant_reads_one_sentence_of_a_group_that_may_be_told(site: Site, language: str) -> None:
    table = await wrote(site)
    browser = await site.sit(table.aline)
    told = unescape((await browser.get(f"/sessions/{table.session.id}/results?lang={language}")).text)
    await browser.aclose()
    assert "Your group wrote" not in told and "Votre groupe a écrit" not in told, "hidden beside the one caregiver"
