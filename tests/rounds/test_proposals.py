"""Proposals: which texts are one person's own, and what is left of a round without them."""

from rounds import KINDS
from rounds.contract import Line, Place, Statement, Tally
from rounds.proposals import compiles, emptied, erased, without, writes, written

gather, compilation, rating, wall = (KINDS[name] for name in ("gather", "compilation", "rating", "wall"))

FIRST = Statement("P001", {"fr": "Un texte"}, "fr", nature="helps")
TWIN = Statement("P002", {"fr": "Un texte"}, "fr", nature="helps")
OTHER = Statement("P003", {"en": "Another"}, "en")
MADE = Statement("S01", {"en": "Both"}, "en", parents=("P001", "P003"))
LEFT = Tally((), (FIRST, TWIN, OTHER), {one.id: Place("written") for one in (FIRST, TWIN, OTHER)})


def test_people_write_in_one_kind_of_round_and_the_team_alone_works_in_another():
    assert [writes(kind) for kind in (gather, compilation, rating, wall)] == [True, False, False, False]
    assert [compiles(kind) for kind in (gather, compilation, rating, wall)] == [False, True, False, False]


def test_a_proposal_is_made_where_people_write_of_nobody_elses():
    assert written(gather, (), LEFT) == {"P001", "P002", "P003"}
    assert written(gather, (FIRST,), LEFT) == {"P001", "P002", "P003"}, "what came has the same numbers by chance"
    assert written(compilation, (), LEFT) == frozenset()
    assert written(wall, (FIRST, TWIN), Tally((), (FIRST, TWIN, MADE), ended=(OTHER,))) == {"P003"}


def test_nothing_is_left_of_those_that_are_taken_out():
    tally = Tally((Line("P001", {}), Line("P003", {})), (FIRST, OTHER), {"P001": Place("x"), "P003": Place("y")})
    tally = without(tally, {"P001"})
    assert tally == Tally((Line("P003", {}),), (OTHER,), {"P003": Place("y")})
    assert without(Tally(ended=(FIRST, MADE)), {"P001"}).ended == (MADE,)


def test_of_equal_ones_as_many_go_as_were_erased():
    names = frozenset({"P001", "P002", "P003"})
    assert erased(LEFT, names, LEFT) == frozenset()
    assert erased(LEFT, names, Tally((), (FIRST, OTHER))) == {"P002"}
    assert erased(LEFT, names, Tally((), (OTHER,))) == {"P001", "P002"}
    assert erased(LEFT, frozenset({"P003"}), Tally()) == {"P003"}


def test_the_number_stays_and_no_word():
    assert emptied(FIRST) == Statement("P001", {"fr": ""}, "fr")
    assert emptied(FIRST).is_erased and not FIRST.is_erased
