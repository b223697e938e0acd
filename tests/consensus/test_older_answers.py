"""A network may hold a form and bring it long after its person said something else: what they said last stands."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consensus import conduct, models
from consensus.conduct import EnteredFor, Receipt, Submission
from consensus.house import House
from consensus.protocol import Plan
from tests.conftest import Table, lay_table

PHONE, LAPTOP = "0123456789abcdef", "fedcba9876543210"


def rated(score: int, card: str = "P001") -> dict[str, str]:
    return {"card": card, "importance": str(score)}


async def sends(table: Table, form: Mapping[str, str], page: str, number: str = "", key: str = "rating") -> Receipt:
    fields = {"number": number, **form} if number else dict(form)
    return await table.cast(table.aline, key, page, **{name.replace(".", "__"): said for name, said in fields.items()})


async def stands(table: Table, seat: models.Seat | None = None, key: str = "rating") -> Mapping[str, Any]:
    counted = await table.house.counts.now(await table.row(key))
    return counted.own.get(str((seat or table.aline).id), {})


async def score(table: Table) -> Any:
    return (await stands(table))["P001"]["values"]["importance"]


async def test_a_copy_of_an_answer_that_was_changed_on_its_page_never_counts_again(table: Table) -> None:
    await table.open("rating")
    first = await sends(table, rated(3), "page")
    await sends(table, rated(9), "page")
    assert await sends(table, rated(3), "page") == first
    assert await score(table) == 9
    assert await models.Ballot.all().count() == 2


async def test_an_older_answer_never_replaces_a_newer(table: Table) -> None:
    """The first try never came; its person went on to other pages, and only then the network brings it."""
    await table.open("rating")
    newer = await sends(table, rated(9), "second page", f"{PHONE}-2")
    assert await sends(table, rated(3), "first page", f"{PHONE}-1") == newer
    assert await score(table) == 9
    assert await models.Ballot.all().count() == 1


async def test_an_older_answer_to_another_card_counts(table: Table) -> None:
    await table.open("rating")
    await sends(table, rated(9), "second page", f"{PHONE}-2")
    await sends(table, rated(3, "P002"), "first page", f"{PHONE}-1")
    assert {card: marks["values"]["importance"] for card, marks in (await stands(table)).items()} == {
        "P001": 9,
        "P002": 3,
    }


async def test_of_two_devices_the_later_to_arrive_stands(table: Table) -> None:
    await table.open("rating")
    await sends(table, rated(9), "a page", f"{PHONE}-7")
    await sends(table, rated(3), "another page", f"{LAPTOP}-1")
    assert await score(table) == 3
    await sends(table, rated(5), "a third page", f"{PHONE}-8")
    assert await score(table) == 5
    await sends(table, rated(1), "a page of before", f"{PHONE}-6")
    assert await score(table) == 5


async def test_going_back_to_the_first_choice_on_the_same_page_is_meant(table: Table) -> None:
    await table.open("rating")
    for number, said in enumerate((7, 2, 7), start=1):
        await sends(table, rated(said), "page", f"{PHONE}-{number}")
    assert await score(table) == 7
    await sends(table, rated(2), "page", f"{PHONE}-2")
    assert await score(table) == 7
    assert await models.Ballot.all().count() == 3


async def test_without_script_a_fresh_page_takes_the_first_choice_again(table: Table) -> None:
    await table.open("rating")
    for page, said in (("page", 7), ("page", 2), ("a fresh page", 7), ("page", 2), ("page", 7)):
        await sends(table, rated(said), page)
    assert await score(table) == 7
    assert await models.Ballot.all().count() == 3


async def test_the_first_choice_again_on_the_first_of_two_pages_is_meant(table: Table) -> None:
    await table.open("rating")
    for number, (said, page) in enumerate(((7, "one"), (2, "other"), (7, "one")), start=1):
        await sends(table, rated(said), page, f"{PHONE}-{number}")
    assert await score(table) == 7
    await sends(table, rated(2), "other", f"{PHONE}-2")
    assert await score(table) == 7


async def test_a_press_that_said_the_same_again_is_newer_than_what_was_held_before_it(table: Table) -> None:
    await table.open("rating")
    for number, said, page in ((1, 7, "one"), (3, 7, "one"), (2, 2, "other")):
        await sends(table, rated(said), page, f"{PHONE}-{number}")
    assert await score(table) == 7


async def test_a_button_pressed_twice_counts_once_though_each_press_has_its_number(table: Table) -> None:
    await table.open("rating")
    first = await sends(table, rated(7), "page", f"{PHONE}-1")
    assert await sends(table, rated(7), "page", f"{PHONE}-2") == first


@pytest.mark.parametrize("number", ["1", "x-1", f"{PHONE}-0", f"{PHONE}-{'9' * 40}", f"{PHONE}--1", f"{PHONE}-1\0x"])
async def test_a_number_that_makes_no_sense_is_none(table: Table, number: str) -> None:
    await table.open("rating")
    await sends(table, rated(9), "second page", f"{PHONE}-2")
    await sends(table, rated(3), "first page", number)
    assert await score(table) == 3
    assert not (await models.Ballot.all().order_by("-seq").first()).device  # type: ignore[union-attr]


async def test_one_device_beside_two_seats_cannot_be_told_for_one(table: Table) -> None:
    await table.open("rating")
    for seat in (table.aline, table.bob):
        await table.cast(seat, "rating", number=f"{PHONE}-1", **rated(7))
    marks = set(await models.Ballot.all().values_list("device", flat=True))
    assert len(marks) == 2 and PHONE not in marks


async def test_who_has_their_answers_erased_leaves_no_mark_of_their_device(table: Table) -> None:
    await table.open("rating")
    await sends(table, rated(7), "page", f"{PHONE}-1")
    await conduct.withdraw(table.house, table.aline, erase=True)
    assert await models.Ballot.all().values_list("device", "number") == [("", None)]


# Every kind in which people answer: an answer, another to the same, and what stands after the first comes again

PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0),
    Plan(key="rating", kind="rating", disclosure="at_close", grace=0),
    Plan(key="comparison", kind="comparison", disclosure="at_close", grace=0, settings={"size": 3}),
    Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0),
    Plan(key="points", kind="points", disclosure="at_close", grace=0),
    Plan(key="approval", kind="approval", disclosure="at_close", grace=0),
    Plan(key="validation", kind="validation", disclosure="at_close", grace=0),
    Plan(key="wall", kind="wall", disclosure="at_close", grace=0),
]
FORMS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "gather": ({"card": "1", "text": "One number to call."}, {"card": "1", "take_back": "1"}),
    "rating": (rated(3), rated(9)),
    "comparison": ({"card": "1", "best": "P001", "worst": "P002"}, {"card": "1", "best": "P002", "worst": "P001"}),
    "ranking": ({"place.P001": "1"}, {"place.P002": "1"}),
    "points": ({"points.P001": "100"}, {"points.P002": "100"}),
    "approval": ({"choose.P001": "1"}, {"choose.P002": "1"}),
    "validation": ({"say.P001": "agree"}, {"say.P001": "object", "text.P001": "Not here."}),
    "wall": ({"call": "", "signal": "keep"}, {"call": "", "signal": "drop"}),
}


async def _opened(house: House, kind: str) -> tuple[Table, Sequence[dict[str, str]]]:
    table = await lay_table(house, [plan for plan in PLANS if plan.kind == kind])
    row = await table.open(kind)
    forms = [dict(form) for form in FORMS[kind]]
    if kind == "wall":
        await table.cast(table.fay, "wall", act="call", card="P001", seen="0")
        (asked,) = (await house.counts.now(row)).asked
        for form in forms:
            form["call"] = asked.removeprefix("call")
    return table, forms


@pytest.mark.parametrize("kind", list(FORMS))
@pytest.mark.parametrize("numbers", [("", ""), (f"{PHONE}-1", f"{PHONE}-2")], ids=["by key", "by number"])
async def test_in_every_kind_what_was_said_last_stands(house: House, kind: str, numbers: tuple[str, str]) -> None:
    table, (older, newer) = await _opened(house, kind)
    if numbers[0]:  # the first comes for the first time when the second is there
        order = [(newer, "second page", numbers[1]), (older, "first page", numbers[0])]
    else:
        order = [(older, "page", ""), (newer, "page", ""), (older, "page", "")]
    await sends(table, *order[0], key=kind)
    for form, page, number in order[1:-1]:
        await sends(table, form, page, number, kind)
    before = await stands(table, key=kind)
    await sends(table, *order[-1], key=kind)
    assert await stands(table, key=kind) == before


async def test_a_copy_of_a_move_at_the_wall_moves_nothing_again(house: House) -> None:
    table = await lay_table(house, [plan for plan in PLANS if plan.kind == "wall"])
    row = await table.open("wall")
    moved = {"act": "move", "card": "P001", "seen": "0", "to": "grouping"}
    first = await table.cast(table.fay, "wall", "page", **moved)
    await table.cast(table.fay, "wall", "page", act="call", card="P002", seen="0")
    await table.cast(table.fay, "wall", "next page", act="undo", undo=str(first.seq))
    assert await table.cast(table.fay, "wall", "page", **moved) == first
    wall = (await house.counts.now(row)).official.todo
    assert wall.places["P001"].zone == "memory" and await models.Ballot.all().count() == 3


# What the team enters for somebody


async def _enters(table: Table, form: Mapping[str, str], page: str, number: str, again: bool = False) -> object:
    through = EnteredFor(table.fay, "paper")
    fields = {name: [said] for name, said in {**form, "number": number}.items()}
    act = conduct.enter_again if again else conduct.cast
    return await act(
        table.house, table.aline.id, (await table.row("rating")).id, Submission(fields, page, "fr"), through
    )


@pytest.mark.parametrize("again", [False, True], ids=["first entry", "second entry"])
async def test_an_older_entry_for_somebody_never_replaces_a_newer(table: Table, again: bool) -> None:
    await table.open("rating")
    if again:
        await _enters(table, rated(9), "page", f"{LAPTOP}-1")

    async def said() -> str:
        made = models.SecondEntry.all() if again else models.Ballot.all()
        return str((await made.order_by("-id").first()).marks)  # type: ignore[union-attr]

    await _enters(table, rated(3), "first page", f"{LAPTOP}-3", again)
    await _enters(table, rated(9), "second page", f"{LAPTOP}-4", again)
    stands = await said()
    await _enters(table, rated(3), "first page", f"{LAPTOP}-3", again)  # a copy
    await _enters(table, rated(5), "page before", f"{LAPTOP}-2", again)  # held since before
    assert await said() == stands


async def test_without_script_a_copy_of_a_second_entry_changes_nothing(table: Table) -> None:
    await table.open("rating")
    await _enters(table, rated(9), "page", "")
    for page, said in (("first page", 3), ("second page", 9), ("first page", 3)):
        await _enters(table, rated(said), page, "", again=True)
    (second,) = await models.SecondEntry.all()
    assert '"importance":9' in second.marks


# Any order in which a network may bring what one device sent


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_the_network_holds_the_highest_number_stands(table: Table, data: st.DataObject) -> None:
    """Copies of copies, in any order; pages with one answer or with many."""
    row = await table.row("rating")
    if row.state == "draft":
        await table.open("rating")
    run = os.urandom(8).hex()  # another example is another device
    said = data.draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=6))
    forms = [(score, f"{run} page {page}", f"{run}-{n}") for n, (score, page) in enumerate(said, start=1)]
    copies = data.draw(st.lists(st.sampled_from(forms), max_size=6))
    for held in data.draw(st.permutations([*forms, *copies])):
        await sends(table, rated(held[0]), held[1], held[2])
    assert await score(table) == forms[-1][0]
