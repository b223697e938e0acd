"""One family tree over the sessions of a study: where every statement comes from, and where it went."""

from __future__ import annotations

import json

from consensus import conduct, models, protocol
from consensus.house import House
from consensus.numbers import numbers_of
from consensus.results.forebears import forebears
from consensus.results.lineage import FamilyTree, Link, family_tree, tree_data
from consensus.simulation import player
from tests.conftest import RATING, Table, lay_table
from tests.consensus.test_numbers import another
from tests.consensus.test_passing import WRITING, rated


def is_sound(tree: FamilyTree) -> bool:
    """Every link leads from one statement to another, each is there once, and none is its own forebear."""
    names = [(node.session, node.statement) for node in tree.nodes]
    parents: dict[tuple[int, str], set[tuple[int, str]]] = {name: set() for name in names}
    for link in tree.links:
        parents[link.to].add(link.of)
    left = dict(parents)
    while roots := [name for name, found in left.items() if not found & left.keys()]:
        left = {name: found for name, found in left.items() if name not in roots}
    return len(set(names)) == len(names) and not left and all(link.of in parents for link in tree.links)


async def passed(table: Table) -> models.Seat:
    """The desk of a session that took the list of this one, merged two statements and took one over as it was."""
    desk = await another(table, "National", protocol.read("triage", is_imported=True))
    await rated(table, "P002")
    await conduct.pass_on(table.house, table.fay, desk.session_id)
    there = Table(table.house, await models.Session.get(id=desk.session_id), desk, [], table.odile)
    await there.open("compilation")
    row = await models.Round.get(session_id=desk.session_id, key="compilation")
    form = {"act": ["merge"], "of": ["P001", "P002"], "wording.en": ["Both."], "wording.fr": ["Les deux."]}
    await conduct.cast(table.house, desk.id, row.id, conduct.Submission(form, "merge", "en"))
    await there.cast(desk, "compilation", act="accept", of="P003")
    await there.close("compilation")
    return desk


async def test_the_tree_goes_on_into_the_session_that_passed_it_on(table: Table) -> None:
    desk = await passed(table)
    tree = await family_tree(table.session.study_id)
    here, there = table.session.id, desk.session_id
    assert is_sound(tree)
    assert [(node.session, node.statement, node.number) for node in tree.nodes] == [
        *((here, f"P00{n}", n) for n in (1, 2, 3)),
        *((there, f"P00{n}", number) for n, number in ((1, 2), (2, 1), (3, 3))),
        (there, "S01", 4),
        (there, "S02", 3),
    ]
    assert tree.links == (
        Link((here, "P002"), (there, "P001"), is_passed=True),
        Link((here, "P001"), (there, "P002"), is_passed=True),
        Link((here, "P003"), (there, "P003"), is_passed=True),
        Link((there, "P001"), (there, "S01"), is_passed=False),
        Link((there, "P002"), (there, "S01"), is_passed=False),
        Link((there, "P003"), (there, "S02"), is_passed=False),
    )


async def test_one_number_is_one_statement_in_every_session(table: Table) -> None:
    await passed(table)
    tree = await family_tree(table.session.study_id)
    texts: dict[int | None, set[str]] = {}
    for node in tree.nodes:
        texts.setdefault(node.number, set()).add(node.texts["en"])
    assert all(len(found) == 1 for found in texts.values())


async def test_as_json_it_is_plain_and_the_same_each_time(table: Table) -> None:
    await passed(table)
    first, second = [tree_data(await family_tree(table.session.study_id)) for _ in range(2)]
    assert json.loads(json.dumps(first)) == second
    assert first["sessions"][str(table.session.id)] == {"en": "Estrie", "fr": "Estrie"}


async def test_a_rehearsal_and_another_study_have_no_part_in_it(table: Table) -> None:
    await player.rehearse(table.house, table.fay)
    tree = await family_tree(table.session.study_id)
    assert {node.session for node in tree.nodes} == {table.session.id} == set(tree.sessions)


async def test_what_people_wrote_is_in_it_once_the_team_has_worked_on_it(house: House) -> None:
    table = await lay_table(house, [*WRITING, *RATING])
    await conduct.import_statements(house, table.fay, [])
    await table.open("gather")
    await table.cast(table.aline, "gather", card="1", text="One idea.")
    await table.close("gather")
    assert (await family_tree(table.session.study_id)).nodes == ()
    await table.open("compilation")
    await table.cast(table.fay, "compilation", act="accept_all", looked="1")
    await table.close("compilation")
    tree = await family_tree(table.session.study_id)
    assert [(node.statement, node.number, node.round) for node in tree.nodes] == [
        ("P001", None, "gather"),
        ("S01", 1, "compilation"),
    ]


async def test_words_of_another_session_are_for_whoever_has_a_seat_there(table: Table) -> None:
    """What was written when it was passed on is told to the team that took it; the rest of the tree is not."""
    desk = await passed(table)
    taking = await models.Session.get(id=desk.session_id)
    (mine,) = (await forebears(taking, {table.session.id}))["P001"]
    (theirs,) = (await forebears(taking, {taking.id}))["P001"]
    assert mine.came == theirs.came and mine.came.told.rank == 1
    assert (mine.has_seat, theirs.has_seat) == (True, False)
    assert theirs.made_of == () and not theirs.before


async def test_a_chain_of_sessions_is_followed_to_its_beginning(table: Table) -> None:
    desk = await passed(table)
    end = await another(table, "End")
    await conduct.pass_on(table.house, desk, end.session_id)
    (found,) = (await forebears(await models.Session.get(id=end.session_id), {table.session.id, desk.session_id}))[
        "P001"
    ]
    assert [origin.statement.id for origin in found.made_of] == ["P001", "P002"]
    assert [one.came.session.id for one in found.before["P002"]] == [table.session.id]
    assert await numbers_of(end.session_id) == {"P001": 4, "P002": 3}
    assert is_sound(await family_tree(table.session.study_id))
