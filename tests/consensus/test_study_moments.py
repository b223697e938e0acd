"""Two moments beside each other, what panels share, and that all of it is worked out once for each state."""

from __future__ import annotations

import asyncio
from typing import Any

from consensus import conduct, models
from consensus.house import House
from consensus.results.study.moments import Moments, moments_of
from consensus.results.study.panels import panels_of
from consensus.results.study.pooled import pooled
from consensus.results.study.reading import read_study
from tests.studies import Answer, Panel, Played, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}


async def two_moments(house: House, then: Answer, now: Answer, same: range) -> tuple[Played, Moments]:
    """same: the places of the people who sit in both."""
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), then)
    await played.add(Panel("c1", FULL, (1, 2), follows=0), now)
    for at in same:
        person = await models.Person.create(name="")
        both = [seats[at].id for seats in played.seats]
        await models.Seat.filter(id__in=both).update(person_id=person.id)
    (moments,) = moments_of(*await read_study(played.study.id))
    return played, moments


def all_say(value: int) -> Answer:
    return lambda *_: value


async def test_the_same_people_changed_their_mind(house: House) -> None:
    _, moments = await two_moments(house, all_say(8), all_say(2), range(16))
    assert (moments.stayed, moments.left, moments.joined, moments.replaced) == (16, 0, 0, 0)
    first = moments.changes[0]
    assert first.whole is not None
    assert (first.before, first.after, first.whole.change) == ("kept", "dropped", -1)
    assert first.same is not None
    assert (first.same.n, first.same.changed, first.same.cause) == (16, 16, "opinions")
    assert {then.groups for then in first.by_group} == {("patients",), ("caregivers",), ("clinicians",)}


async def test_nothing_is_told_of_the_same_people_where_few_left(house: House) -> None:
    """One patient is another one: what both moments tell, less what the others said, would be that person's."""
    _, moments = await two_moments(house, all_say(8), all_say(2), range(1, 16))
    assert (moments.stayed, moments.left, moments.joined, moments.replaced) == (None, None, None, None)
    assert all(change.same is None for change in moments.changes)
    assert moments.changes[0].whole is not None


async def test_other_people_are_told_as_other_people(house: House) -> None:
    _, moments = await two_moments(house, all_say(8), all_say(2), range(0))
    assert (moments.stayed, moments.left, moments.joined, moments.replaced) == (0, 16, 16, 16)
    same = moments.changes[0].same
    assert same is not None
    assert (same.n, same.cause) == (0, "people")


async def test_after_an_erasure_nothing_is_worked_out_of_people_again(house: House) -> None:
    played, before = await two_moments(house, by_chance(1, 0), by_chance(2, 0), range(16))
    assert before.changes[0].same is not None
    results, _ = await read_study(played.study.id)
    await conduct.withdraw(house, played.seats[0][0], erase=True)
    again, answers = await read_study(played.study.id)
    assert [cell.votes for cell in again.cells] == [cell.votes for cell in results.cells], "told sums stay"
    (after,) = moments_of(again, answers)
    assert all(change.same is None for change in after.changes)
    panels = panels_of(again, pooled(again), answers)
    assert {pair.about for pair in panels.pairs} == {None}
    assert panels.sure == {}


async def test_panels_are_held_against_the_same_people_divided_by_chance(house: House) -> None:
    played = await lay_study(house)
    for place in ("c1", "c2"):
        await played.add(Panel(place, FULL, tuple(range(1, 7))), by_chance(3, 0))
    results, answers = await read_study(played.study.id)
    first, second = (panels_of(results, pooled(results), answers) for _ in range(2))
    assert first == second
    (pair,) = first.pairs
    assert pair.shared is not None
    assert pair.about is not None
    assert 0 < pair.about <= first.top
    assert set(first.sure) == {one.key for one in results.statements}


async def test_it_is_worked_out_once_for_each_state(house: House) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), by_chance(4))
    many = await asyncio.gather(*(house.studies.of(played.study.id, 30) for _ in range(5)))
    assert len({id(one) for one in many}) == 1
    assert await house.studies.of(played.study.id, 30) is many[0]
    await played.add(Panel("c2", FULL, (1, 2)), by_chance(4))
    later: Any = await house.studies.of(played.study.id, 30)
    assert len(later.results.sessions) == 2


async def test_a_page_does_not_wait_for_it(house: House) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), by_chance(4))
    assert await house.studies.of(played.study.id, 0) is None
    assert await house.studies.of(played.study.id, 30) is not None
