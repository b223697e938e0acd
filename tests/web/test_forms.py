"""A submitted form answers what is asked of it in one way, and never fails over what somebody typed."""

from __future__ import annotations

import pytest

from consensus.web.form import Typed
from rounds.contract import Form, one


def test_a_single_value_comes_without_the_space_around_it() -> None:
    typed = Typed({"reason": ["  Because.\n", "Not this."], "empty": [" \u200b "]})
    assert typed.one("reason") == "Because."
    assert typed.one("empty") == typed.one("absent") == ""
    assert typed.one("absent", "else") == "else"


def test_what_is_shown_again_is_as_it_was_typed() -> None:
    typed = Typed({"password": [" two words "]})
    assert typed("password") == " two words "
    assert typed("absent", "offered") == "offered"


def test_all_values_of_a_field_are_told_in_order() -> None:
    typed = Typed({"show": ["b", "a"], "apart.x": ["y"], "apart.z": [""]})
    assert list(typed.many("show")) == ["b", "a"]
    assert list(typed.many("absent")) == []
    assert typed.has("show", "a") and not typed.has("show", "c")
    assert typed.lists("apart.") == {"x": ["y"]}


@pytest.mark.parametrize("said", ["", "-1", "1.5", "seven", "1e3", "1234567890", "9" * 5000])
def test_what_is_no_short_whole_number_is_none(said: str) -> None:
    assert Typed({"seat": [said]}).number("seat") is None


def test_a_number_has_as_many_digits_as_the_field_takes() -> None:
    typed = Typed({"minutes": [" 1234 "]})
    assert typed.number("minutes") == 1234
    assert typed.number("minutes", digits=3) is None
    assert Typed({"card": ["0"]}).number("card") == 0


def test_a_key_is_never_longer_than_the_database_keeps() -> None:
    assert Typed({"key": ["k" * 65]}).key == "k" * 64
    assert Typed().key == ""


def test_a_kind_reads_the_same_form() -> None:
    typed: Form = Typed({"card": [" P001 "]})
    assert one(typed, "card") == "P001"
    assert not Typed()
