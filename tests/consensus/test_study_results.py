"""What the sessions of a study told, as one: read from closed rounds alone, exact, and the same for whoever reads."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from consensus import models
from consensus.house import House
from consensus.results.reading import released
from consensus.results.study import as_data, compared, pooled, study_results
from consensus.results.study.comparing import BY
from consensus.results.study.data import NOT_ASKED, WITHHELD
from consensus.results.study.reading import read_study
from rounds.measures.pooled_order import pooled_order
from rounds.measures.pooling import SCHEMES, Origin
from tests.studies import RANKING, RATING, Panel, by_chance, lay_study

FULL = {"patients": 6, "caregivers": 5, "clinicians": 5}


async def test_a_statement_that_was_not_asked_is_no_vote(house: House) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2, 3)), by_chance(1))
    await played.add(Panel("c3", FULL, (1, 2)), by_chance(1))
    results = await study_results(played.study.id)
    pool = pooled(results)
    assert [one.key for one in results.statements] == ["1", "2", "3"]
    assert {row.statement for row in pool.rows} == {"1", "2"}
    assert [row.statement for row in pool.apart] == ["3"]
    side = compared(results, pool)
    third = next(row for row in side.rows if row.statement == "3")
    assert [figure.status for figure in third.figures] == ["told", NOT_ASKED]
    assert third.figures[1].n is None


async def test_a_study_of_one_session_gives_that_session(house: House) -> None:
    played = await lay_study(house)
    session = await played.add(Panel("c1", FULL, (1, 2, 3, 4), plans=(RATING, RANKING)), by_chance(2))
    results = await study_results(played.study.id)
    pool = pooled(results)
    own = released(await models.Round.filter(session_id=session.id).order_by("position"))
    numbers = {f"P{at:03}": str(at) for at in range(1, 5)}
    by_rank = {numbers[card.statement.id]: card.rank for card in own.listed}
    for row in pool.rows:
        line = own.scoring.lines[next(name for name, key in numbers.items() if key == row.statement)]
        weighed = row.by_scheme["person"]
        assert weighed.share == Fraction(line.values["high"], line.values["n"])
        assert weighed.verdict == line.decision
        if row.statement in by_rank:
            assert weighed.rank == by_rank[row.statement]
        assert row.whole is not None
        assert row.whole.median == line.values["median"]
        assert row.by_scheme["session"] == row.by_scheme["site"] == weighed


async def test_a_group_that_was_counted_with_another_has_no_row_of_its_own(house: House) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), by_chance(3, blank=0))
    await played.add(Panel("c2", {"patients": 6, "caregivers": 2, "clinicians": 4}, (1, 2)), by_chance(3, blank=0))
    results = await study_results(played.study.id)
    side = compared(results, pooled(results), "group")
    assert [(column.key, column.sessions) for column in side.columns] == [
        ("patients", ("1", "2")),
        ("caregivers", ("1",)),
        ("clinicians", ("1",)),
        ("caregivers+clinicians", ("2",)),
    ]


async def test_too_few_answers_are_withheld_and_never_a_nought(house: House) -> None:
    def shy(session: int, person: int, group: str, number: int) -> int:
        return 0 if number == 2 and session == 0 and person > 2 else 7

    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), shy)
    await played.add(Panel("c2", FULL, (1, 2)), shy)
    results = await study_results(played.study.id)
    second = next(row for row in compared(results, pooled(results)).rows if row.statement == "2")
    assert [figure.status for figure in second.figures] == [WITHHELD, "told"]
    assert second.figures[0].share is None


@pytest.mark.parametrize("by", BY)
async def test_what_was_read_is_plain_and_the_same_twice(house: House, by: str) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2, 3), arm="with"), by_chance(4))
    await played.add(Panel("c3", FULL, (3, 2, 1), arm="without"), by_chance(4))
    texts = []
    for _ in range(2):
        results = await study_results(played.study.id)
        pool = pooled(results)
        texts.append(json.dumps([as_data(results), as_data(pool), as_data(compared(results, pool, by))]))
    assert texts[0] == texts[1]
    assert '"id"' not in texts[0]


async def test_an_open_round_and_a_rehearsal_tell_nothing(house: House) -> None:
    played = await lay_study(house)
    await played.add(Panel("c1", FULL, (1, 2)), by_chance(5))
    other = await played.add(Panel("c2", FULL, (1, 2)), by_chance(5))
    await models.Session.filter(id=other.id).update(rehearses=played.sessions[0].id)
    assert [one.key for one in (await study_results(played.study.id)).sessions] == ["1"]
    await models.Session.filter(id=other.id).update(rehearses=None)
    await models.Round.filter(session_id=other.id).update(state="open")
    results = await study_results(played.study.id)
    assert ([one.key for one in results.sessions], results.waiting) == (["1"], 1)


async def test_somebody_who_sits_in_two_sessions_has_one_voice(house: House) -> None:
    played = await lay_study(house)
    for site in ("c1", "c2"):
        await played.add(Panel(site, FULL, (1, 2)), by_chance(6, blank=0))
    person = await models.Person.create(name="Aline")
    await models.Seat.filter(id__in=[seats[0].id for seats in played.seats]).update(person_id=person.id)
    results = await study_results(played.study.id)
    row = pooled(results).rows[0]
    assert (row.n, row.people) == (32, 31)
    mine = [cell for cell in results.cells if cell.groups == ("patients",) and cell.statement == row.statement]
    assert [(cell.n, cell.voices) for cell in mine] == [(6, Fraction(11, 2))] * 2
    shares = {scheme: row.by_scheme[scheme].share for scheme in SCHEMES}
    cells = [cell for cell in results.cells if cell.statement == row.statement]
    assert shares["person"] == sum(cell.voices * cell.high / cell.n for cell in cells) / 31


@pytest.mark.parametrize("numbers", [((1, 2, 3, 4, 5), (1, 2, 3, 4, 5)), ((1, 2, 3, 4, 5), (2, 3, 4, 6))])
async def test_places_are_pooled_as_the_method_pools_ballots(
    house: House, numbers: tuple[tuple[int, ...], ...]
) -> None:
    """Where lists differ each ballot is cut to the common statements; the order is that of rounds.measures."""
    played = await lay_study(house)
    for site, asked in zip(("c1", "c2"), numbers, strict=True):
        await played.add(Panel(site, FULL, asked, plans=(RANKING,)), by_chance(8, blank=0))
    results, answers = await read_study(played.study.id)
    pool = pooled(results)
    assert pool.basis == "places"
    keys = [one.key for one in results.statements]
    asked_in = {one.key: set(one.asked) for one in results.statements}
    found = pooled_order(
        np.array([[one.values.get(key, 0) for key in keys] for one in answers.placed]),
        [[one.session in asked_in[key] for key in keys] for one in answers.placed],
        [Origin(one.session, one.session, one.groups) for one in answers.placed],
    )
    for scheme, order in found.value.items():
        listed = sorted(pool.rows, key=lambda row: row.by_scheme[scheme].rank or 0)  # noqa: B023
        flat = [keys[at] for tied in order for at in tied]
        assert {row.statement for row in pool.rows} == set(flat)
        assert [row.by_scheme[scheme].rank for row in listed] == sorted(
            1 + sum(len(t) for t in order[:place]) for place, tied in enumerate(order) for _ in tied
        )
        points = dict(zip((keys[at] for at in found.more["common"]), found.more["points"][scheme], strict=True))
        assert {row.statement: row.by_scheme[scheme].under for row in pool.rows} == points
