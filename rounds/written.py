"""What somebody typed, as it is read in every kind of round: whole, or refused with a sentence; never cut.

A browser counts a line break as one character and sends two: here it is one, so that both count alike.
"""

from __future__ import annotations

from rounds.contract import BallotError, Form, one

LONGEST = 2000  # characters of a text, where a kind does not ask for a shorter one


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def written(form: Form, name: str, longest: int) -> str:
    """The text of a field. BallotError("too_long") where it is longer than so many characters."""
    text = plain(one(form, name))
    if len(text) > longest:
        raise BallotError("too_long", length=longest, now=len(text))
    return text
