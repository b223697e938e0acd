"""Orders of rounds that make sense, and those that lose somebody's words."""

from __future__ import annotations

from itertools import permutations

import pytest

from consensus import protocol
from rounds import KINDS
from rounds.sequence import FEEDBACK, UNCOMPILED, WRITING, Planned, faults


def planned(*names: str) -> Planned:
    return [(f"{name}{n}", KINDS[name], KINDS[name].Settings(), n == 0) for n, name in enumerate(names)]


@pytest.mark.parametrize("name", protocol.names())
def test_every_protocol_that_is_offered_makes_sense(name: str) -> None:
    for is_imported in (False, True):
        plans = protocol.read(name, is_imported)
        kinds = [(plan.key, KINDS[plan.kind], plan.settings, plan is plans[0]) for plan in plans]
        assert not faults([(key, kind, kind.Settings(**settings), first) for key, kind, settings, first in kinds])


def test_what_people_write_goes_to_the_compilation_and_to_nobody_else() -> None:
    assert not faults(planned("gather", "compilation", "rating"))
    assert not faults(planned("gather", "gather", "compilation"))
    assert faults(planned("compilation", "gather", "rating")) == {(UNCOMPILED, "gather1")}
    assert faults(planned("gather", "rating", "compilation")) == {(UNCOMPILED, "gather0")}
    assert faults(planned("gather")) == {(UNCOMPILED, "gather0")}


def test_what_stands_before_the_writing_is_lost_so_the_writing_is_first() -> None:
    assert faults(planned("rating", "ranking", "gather", "compilation")) == {(WRITING, "gather2")}


def test_a_brought_list_may_be_rated_before_or_while_people_write_and_meets_it_at_the_compilation() -> None:
    assert not faults(planned("rating", "gather", "compilation"))
    gather, rating, compilation = planned("gather", "rating", "compilation")
    assert faults([gather, rating, compilation]) == {(UNCOMPILED, "gather0")}
    assert not faults([gather, (*rating[:3], True), compilation])


def test_what_people_answered_before_is_shown_after_they_answered() -> None:
    rating = KINDS["rating"]
    again = ("again", rating, rating.Settings(feedback=True), False)
    assert not faults([*planned("rating"), again])
    assert faults([again, *planned("rating")]) == {(FEEDBACK, "again")}
    assert faults([*planned("ranking"), again]) == {(FEEDBACK, "again")}


def test_of_all_orders_of_a_triage_those_that_begin_with_writing_and_compiling_make_sense() -> None:
    names = ("gather", "compilation", "rating", "wall", "ranking")
    good = {order for order in permutations(names) if not faults(planned(*order))}
    first = [*names[:2]]  # or after one round on what was brought
    assert good == {one for one in permutations(names) if [*one[:2]] == first or [*one[1:3]] == first}
