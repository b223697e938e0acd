"""A figure is defined or says why not, and can be written as plain JSON."""

import json
from fractions import Fraction

import numpy as np
import pytest

from rounds.measures.result import FLAGS, REASONS, Result, as_data, undefined, withheld


def test_a_figure_is_undefined_with_a_reason_or_defined_without_one() -> None:
    with pytest.raises(ValueError, match="with a reason"):
        Result(None, 0, "median")
    with pytest.raises(ValueError, match="with a reason"):
        Result(1, 3, "median", reason="empty")


def test_reasons_and_flags_are_words_that_are_explained() -> None:
    with pytest.raises(ValueError, match="because"):
        undefined("because", n=0, method="median")
    with pytest.raises(ValueError, match="odd"):
        Result(1, 3, "median", flags=("small_group", "odd"))
    assert all(REASONS.values()) and all(FLAGS.values())


def test_what_is_undefined_is_null_and_keeps_its_parameters() -> None:
    data = as_data(undefined("empty", n=0, method="iqr", parameters={"kind": 7}))
    assert (data["value"], data["reason"], data["parameters"]) == (None, "empty", {"kind": 7})


def test_fractions_arrays_and_numbers_of_numpy_become_plain_json() -> None:
    more = {
        "half": Fraction(1, 2),
        "whole": Fraction(4, 2),
        "table": np.arange(4).reshape(2, 2),
        "count": np.int64(3),
        "none": np.float64("nan"),
        "order": ((0,), (1, 2)),
        3: True,
    }
    data = as_data(Result((Fraction(1, 4), None), 5, "wilson", more=more, flags=("small_group",)))
    assert data == json.loads(json.dumps(data))
    assert data["value"] == [0.25, None] and data["flags"] == ["small_group"] and data["reason"] is None
    assert data["more"] == {
        "half": 0.5, "whole": 2, "table": [[0, 1], [2, 3]], "count": 3, "none": None, "order": [[0], [1, 2]], "3": True,
    }  # fmt: skip


def test_only_what_is_withheld_may_be_without_a_number_of_people():
    found = withheld(Result(0.5, 3, "m", {"level": 1}), None, fewest=5)
    assert (found.value, found.n, found.reason, found.more) == (None, None, "withheld", {})
    assert found.parameters == {"level": 1, "fewest": 5} and as_data(found)["n"] is None
    for value, reason in ((1, ""), (None, "empty")):
        with pytest.raises(ValueError, match="unknown reason"):
            Result(value, None, "m", reason=reason)
