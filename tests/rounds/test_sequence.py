"""Orders of rounds that make sense, and those that lose somebody's words."""

from __future__ import annotations

from itertools import permutations

import pytest

from consensus import protocol
from rounds import KINDS
from rounds.sequence import COMPILATION, FEEDBACK, WRITING, Planned, faults


def planned(*names: str) -> Planned:
    return [(f"{name}{n}", KINDS[name], KINDS[name].Settings()) for n, name in enumerate(names)]


@pytest.mark.parametrize("name", protocol.names())
def test_every_protocol_that_is_offered_makes_sense(name: str) -> None:
    for is_imported in (False, True):
        plans = protocol.read(name, is_imported)
        kinds = [(plan.key, KINDS[plan.kind], plan.settings) for plan in plans]
        assert not faults([(key, kind, kind.Settings(**settings)) for key, kind, settings in kinds])


def test_what_people_write_goes_to_the_compilation_and_to_nobody_else() -> None:
    assert not faults(planned("gather", "compilation", "rating"))
    assert not faults(planned("gather", "gather", "compilation"))
    assert faults(planned("compilation", "gather", "rating")) == {(WRITING, "gather1"), (COMPILATION, "gather1")}
    assert faults(planned("gather", "rating", "compilation")) == {(COMPILATION, "gather0")}
    assert faults(planned("gather")) == {(COMPILATION, "gather0")}


def test_what_stands_before_the_writing_is_lost_so_the_writing_is_first() -> None:
    assert faults(planned("rating", "gather", "compilation")) == {(WRITING, "gather1")}


def test_what_people_answered_before_is_shown_after_they_answered() -> None:
    rating = KINDS["rating"]
    again = ("again", rating, rating.Settings(feedback=True))
    assert not faults([*planned("rating"), again])
    assert faults([again, *planned("rating")]) == {(FEEDBACK, "again")}
    assert faults([*planned("ranking"), again]) == {(FEEDBACK, "again")}


def test_of_all_orders_of_a_triage_those_that_begin_with_writing_and_compiling_make_sense() -> None:
    names = ("gather", "compilation", "rating", "wall", "ranking")
    good = {order for order in permutations(names) if not faults(planned(*order))}
    assert good == {order for order in permutations(names) if order[:2] == names[:2]}
