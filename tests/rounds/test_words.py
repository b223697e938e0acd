"""A person's own words are found by the name they stand under, and leave their sign behind."""

from __future__ import annotations

from rounds.words import WITHHELD, bare, words

MARKS = {"z": {"text": "2", "reason": ""}, "a": [{"reason": "1"}], "texts": "no", "text": {"say": "object"}, "n": 3}


def test_words_come_in_the_order_of_their_names_whatever_the_order_of_the_marks() -> None:
    assert words(MARKS) == words(dict(reversed(MARKS.items()))) == ["1", "2"]


def test_bare_marks_differ_in_words_alone_and_say_where_one_stood() -> None:
    signed = {"text": WITHHELD, "reason": ""}
    assert bare(MARKS) == {**MARKS, "z": signed, "a": [{"reason": WITHHELD}]}
    assert bare(bare(MARKS)) == bare(MARKS) and words(bare(MARKS)) == [WITHHELD] * 2
    assert words(MARKS) == ["1", "2"], "what was given is left as it was"
