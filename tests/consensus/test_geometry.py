"""Marks of the large charts stand beside each other, never on each other."""

from fractions import Fraction

from consensus.geometry import FIRST, STEP, heights, spots

AXES = (1, 9, "x"), (1, 9, "y")


def sides(*points: tuple[float, float]) -> list[str]:
    return [spot.side for spot in spots([{"label": str(n), "x": x, "y": y} for n, (x, y) in enumerate(points)], *AXES)]


def test_ties_stand_one_under_the_other_and_who_is_not_there_takes_no_place() -> None:
    rows = [{"label": "A", "ranks": [2, 1]}, {"label": "B", "ranks": [1, 1]}, {"label": "C", "ranks": [None, 3]}]
    first, second = heights(rows, 2)
    assert first == {"B": FIRST, "A": FIRST + STEP}
    assert second == {"A": FIRST, "B": FIRST + STEP, "C": FIRST + 2 * STEP}


def test_a_word_stands_where_no_other_point_is() -> None:
    assert sides((5, 5)) == ["right"]
    assert sides((9, 5)) == ["left"], "it would leave the picture"
    assert sides((5, 5), (6, 5)) == ["left", "right"]
    assert sides((5, 5), (6, 5), (4, 5)) == ["under", "right", "left"]
    assert sides((5, 5), (5, 9)) == ["right", "right"], "far above is not beside"
    assert sides((5, 5), (5, 5)) == ["under", "under"]


def test_points_lie_in_the_plot() -> None:
    low, high = spots([{"label": "a", "x": 1, "y": 1}, {"label": "b", "x": 9, "y": Fraction(9)}], *AXES)
    assert (low.x, low.y) == (34, 200) and (high.x, high.y) == (322, 24)
