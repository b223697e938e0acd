"""What in a text can be seen: characters that draw nothing, or only space, are no word of anybody.

A text of nothing else is empty wherever texts come in. Inside a text they stay: joiners shape letters and pictures.
"""

from __future__ import annotations

import unicodedata

# Unicode's Default_Ignorable_Code_Point, which the standard library does not tell, and two signs that draw nothing.
_UNSEEN = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    (0xE0000, 0xE0FFF),
)
UNSEEN = frozenset(chr(code) for first, last in _UNSEEN for code in range(first, last + 1))
SPACES = frozenset({"Cc", "Zs", "Zl", "Zp"})


def is_blank(text: str) -> bool:
    """Is there nothing to be seen in it?"""
    if text[:1].isalnum() and text[0] not in UNSEEN:  # most texts
        return False
    return all(sign in UNSEEN or unicodedata.category(sign) in SPACES for sign in text)


def without_unseen(text: str) -> str:
    """For what is compared or sent by machines, where an unseen sign is always a slip: addresses, names of columns."""
    return "".join(sign for sign in text if sign not in UNSEEN)
