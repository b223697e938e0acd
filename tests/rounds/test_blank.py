"""A text in which nothing can be seen says nothing; inside a text, unseen signs do their work."""

from __future__ import annotations

import pytest

from rounds.blank import is_blank, without_unseen
from rounds.contract import one

NOTHING = [
    *("", " ", "\u00a0", "\u202f\u2003", "\t\r\n", "\u2028\u2029", "\u200b", "\u200c\u200d", "\u2060", "\ufeff"),
    *("\u00ad", "\u200e\u200f", "\u202a\u202c", "\u2066\u2069", "\u034f", "\u061c", "\u180e", "\u2800", "\u3164"),
    *("\uffa0", "\u115f", "\ufe0f", "\U000e0020", "\U000e0100", "\x07", "\x00", "\x1b", "\u3000", " \u200b \ufeff "),
]
SOMETHING = [
    *("a", ".", "–", "é", "👩🏽‍⚕️", "انتظار أقل", "می‌خواهم", "क्‍ष", "\u200ba", "0", "\u0600", "\ufffd", "↵", "☐"),
]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_cannot_be_seen_is_empty_where_texts_come_in(text: str) -> None:
    assert is_blank(text)
    assert one({"text": [text]}, "text") == ""


@pytest.mark.parametrize("text", SOMETHING, ids=ascii)
def test_a_text_keeps_its_unseen_signs(text: str) -> None:
    assert not is_blank(text)
    assert one({"text": [f" {text}\n"]}, "text") == text


def test_what_machines_compare_is_without_them() -> None:
    assert without_unseen("te\u00adxt\ufeff_f\u200br") == "text_fr"
