"""What is said beside a list: figures that tell ranks apart, and the places that a tie takes up."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from consensus.text import LANGUAGES, number, percent
from rounds.listing import decimals, spans_of

figures = st.lists(st.fractions(1, 30, max_denominator=400), min_size=1, max_size=8)


@given(figures)
def test_figures_that_differ_look_different_in_every_language(values):
    fine = decimals(values)
    if fine < 6:
        for language in LANGUAGES:
            assert len({number(language, value, fine) for value in values}) == len(set(values))


@given(st.lists(st.fractions(0, 1, max_denominator=400), min_size=1, max_size=8))
def test_shares_that_differ_look_different_too(values):
    fine = decimals(values, 2)
    if fine < 6:
        said = {percent("en", value.numerator, value.denominator, fine - 2) for value in values}
        assert len(said) == len(set(values))


def test_no_more_decimals_than_the_ranks_need():
    assert decimals([Fraction(2), Fraction(5, 2), None]) == 1
    assert decimals([Fraction(324, 100), Fraction(321, 100), Fraction(318, 100), Fraction(315, 100)]) == 2
    assert decimals([Fraction(1, 3), Fraction(1, 3)]) == 1, "equals may look alike"
    assert decimals([Fraction(1), Fraction(10**9 + 1, 10**9)]) == 6, "a line has an end"


def test_a_tie_takes_up_the_places_of_all_its_statements():
    assert spans_of(((2,), (0, 1), (3,))) == {2: (1, 1), 0: (2, 3), 1: (2, 3), 3: (4, 4)}
