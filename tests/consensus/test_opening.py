"""No round opens on nothing: whatever came before, a round that opens can be answered, and one that cannot says why."""

from __future__ import annotations

from random import Random

import pytest

from consensus import conduct, models
from consensus.conduct import Refused, Submission
from consensus.house import House
from consensus.outcome import statement_from
from consensus.protocol import Plan, plan_of
from consensus.simulation import panel, player
from consensus.text import Texts
from rounds import KINDS
from rounds.contract import By, Role
from tests.conftest import STATEMENTS, Table, lay_table

TEXTS, BOOK = Texts.load(), panel.book()
TRANSLATED = [statement_from(data) for data in STATEMENTS]


def plan(name: str, key: str, takes: str = "all") -> Plan:
    return Plan(key=key, kind=name, disclosure="at_close", takes=takes, grace=0)


async def laid(house: House, plans: list[Plan], n: int) -> Table:
    """A session with so many statements, and three people."""
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, TRANSLATED[:n])
    return table


async def opens(table: Table, key: str) -> str:
    """The sentence that refuses, or nothing."""
    try:
        await table.open(key, "They are written in one language.")
    except Refused as refused:
        for language in ("fr", "en"):
            assert TEXTS.say(language, refused.key, **refused.values)
        return refused.key
    return ""


async def is_answered(table: Table, key: str) -> bool:
    """Does the round take an answer of the person who comes first? Of the team, where only the team works."""
    row, kind = await table.row(key), KINDS[(await table.row(key)).kind]
    seat = table.aline if Role.PARTICIPANT in kind.cast_by else table.fay
    counted = await table.house.counts.now(row)
    by = By(Role(seat.role), str(seat.id), counted.round.blocks[0].key, "fr")
    for form in kind.play(counted.round, counted.official, by, Random(1), BOOK):
        await conduct.cast(table.house, seat.id, row.id, Submission(form, f"{key}-{seat.id}", "fr"))
        return True
    return False


async def test_a_first_round_that_was_to_take_a_place_takes_all_that_was_brought(house: House) -> None:
    """As where the step before it is taken out of the plan; it is sealed as what it took."""
    table = await laid(house, [plan("compilation", "first"), plan("rating", "then", takes="accepted")], 3)
    await conduct.drop_round(house, table.fay, (await table.row("first")).id)
    assert await opens(table, "then") == ""
    opened = await table.row("then")
    assert (len(opened.statements), opened.takes, opened.takes_of) == (3, "all", "")


@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("name", list(KINDS))
async def test_a_first_round_opens_on_enough_statements_and_on_no_fewer(house: House, name: str, n: int) -> None:
    table = await laid(house, [plan(name, "first")], n)
    enough = n >= KINDS[name].fewest
    assert await opens(table, "first") == ("" if enough else "refused.nothing_imported")
    assert not enough or KINDS[name].ordered or await is_answered(table, "first")


@pytest.mark.parametrize("before", list(KINDS))
async def test_whatever_came_before_a_round_that_opens_can_be_answered(house: House, before: str) -> None:
    """Every kind after every other, with each thing that it may take, where nobody answered anything."""
    for name in KINDS:
        table = await laid(house, [plan(before, "one"), plan(name, "two")], 2)
        if await opens(table, "one"):
            continue
        row = await table.row("one")
        try:
            await table.close("one")
        except Refused:  # the team has work to do first
            simulated = await player.simulated_in(house, table.session)
            await player.play_round(house, simulated, row)
        later = await table.row("two")
        for takes in await conduct.offered(later):
            await models.Round.filter(id=later.id).update(takes=takes, state="draft")
            house.counts.forget()
            said = await opens(table, "two")
            assert said in {"", "refused.nothing_left", "refused.nothing_taken", "refused.not_compiled"}, (
                before,
                name,
                takes,
            )
            if not said and not KINDS[name].ordered:
                assert await is_answered(table, "two"), (before, name, takes)
                await models.Ballot.filter(round_id=later.id).delete()


async def test_what_a_round_takes_is_chosen_among_the_places_of_the_one_before(house: House) -> None:
    table = await laid(house, [plan("rating", "one"), plan("ranking", "two", takes="selection")], 2)
    await table.open("one")
    for seat in table.seats:
        await table.cast(seat, "one", card="P001", importance="5")
    await table.close("one")
    assert await opens(table, "two") == "refused.nothing_taken"
    row = await table.row("two")
    for takes, key in (("selection", ""), ("nowhere", "refused.no_such_place"), ("all", "")):
        wanted = plan_of(row)
        wanted = Plan(wanted.key, wanted.kind, wanted.disclosure, takes, wanted.grace, wanted.settings, wanted.rule)
        if key:
            with pytest.raises(Refused) as refused:
                await conduct.plan_round(house, table.fay, row.id, wanted)
            assert refused.value.key == key
        else:
            await conduct.plan_round(house, table.fay, row.id, wanted)
    assert await opens(table, "two") == ""
