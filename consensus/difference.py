"""What changes between two wordings, word by word, for a page that shows it before the change is taken.

Nothing is decided here, and no sentence stands here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PARTS = re.compile(r"\s+|[\w’'-]+|[^\w\s]")  # spaces, words, signs


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: the same in both where it stays, else what goes and what comes."""

    old: str
    new: str

    @property
    def stays(self) -> bool:
        return self.old == self.new


def difference(old: str, new: str) -> list[Piece]:
    before, after = PARTS.findall(old), PARTS.findall(new)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return _joined([Piece("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in steps])


def is_all_new(old: str, new: str) -> bool:
    """Does no word of the old text stay? Then perhaps something else was typed than a wording."""
    return not any(piece.stays and re.search(r"\w", piece.old) for piece in difference(old, new))


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """A space that stays between two changes belongs to them: a sentence is not read in crumbs."""
    joined: list[Piece] = []
    for place, piece in enumerate(pieces):
        is_gap = piece.stays and piece.old.isspace() and 0 < place < len(pieces) - 1
        if joined and not joined[-1].stays and (is_gap or not piece.stays):
            joined[-1] = Piece(joined[-1].old + piece.old, joined[-1].new + piece.new)
        else:
            joined.append(piece)
    return joined
