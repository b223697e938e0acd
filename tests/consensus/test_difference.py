"""What changes between two wordings, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from consensus.difference import difference, is_all_new


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.old, piece.new) for piece in difference(old, new)]


def test_only_the_words_that_change_are_marked():
    assert told("The nurse phones.", "The nurse phones today.") == [
        ("The nurse phones", "The nurse phones"),
        ("", " today"),
        (".", "."),
    ]
    assert told("Le suivi est lent.", "Le suivi est très lent.")[1] == ("", "très ")


def test_a_phrase_that_is_replaced_is_one_piece_and_not_crumbs():
    assert told("Care takes too long", "Noted") == [("Care takes too long", "Noted")]


def test_nothing_changed_is_one_piece_and_an_empty_text_is_all_new():
    assert told("Same", "Same") == [("Same", "Same")]
    assert told("", "First") == [("", "First")] and told("", "") == []


def test_a_wording_of_which_no_word_stays_is_told_from_a_change():
    assert is_all_new("The nurse phones.", "Noted.")
    assert not is_all_new("The nurse phones.", "The doctor phones.")


@given(st.text("ab \n.’", max_size=30), st.text("ab \n.’", max_size=30))
def test_both_texts_are_whole_in_their_difference(old: str, new: str):
    pieces = difference(old, new)
    assert "".join(piece.old for piece in pieces) == old and "".join(piece.new for piece in pieces) == new
