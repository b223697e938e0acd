"""What files and the journal call a group: a word made of the study's own name for it, never the key of the database.

A word is English where the study has an English name, since every other word of a file is; it is legal in a column's
name, and the same from the first round of a session to its last. What people read is the name itself (facts.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from consensus.text import pick
from rounds.contract import Block

TOGETHER = "+"  # between the words of groups that are counted together
Groups = Sequence[Mapping[str, Any]]


def words_of(groups: Groups, blocks: Iterable[Block] = ()) -> dict[str, str]:
    """The word of every group, by its key. blocks: of the rounds that opened; the words of these are kept."""
    words = {group: word for block in blocks for group, word in zip(block.groups, parts(block.key), strict=False)}
    for place, group in enumerate(groups, start=1):
        if group["key"] not in words:
            words[group["key"]] = free(_word(pick(group["names"], "en")) or f"group_{place}", words.values())
    return words


def named(blocks: Iterable[Block], words: Mapping[str, str]) -> tuple[Block, ...]:
    """Each block under the words of its groups, which is how every figure of it will be called."""
    return tuple(replace(block, key=TOGETHER.join(words[group] for group in block.groups)) for block in blocks)


def parts(block: str) -> list[str]:
    return block.split(TOGETHER)


def told(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block as it is sealed and exported: its groups by their words."""
    return {**block, "groups": parts(block["key"])}


def block_of_word(blocks: Iterable[Block], word: str) -> str | None:
    """The block in which a group counts that the journal speaks of; lines of old tell the group by its key."""
    held = list(blocks)
    found = [block.key for block in held if word in parts(block.key)]
    found += [block.key for block in held if word in block.groups]
    return found[0] if found else None


def _word(name: str) -> str:
    """care_navigators of Care navigators; "" of a name without any letter or figure that a column may have."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    word = re.sub("[^a-z0-9]+", "_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")
    return f"g_{word}" if word[:1].isdigit() else word


def free(word: str, taken: Container[str]) -> str:
    number, free = 1, word
    while free in taken:
        number += 1
        free = f"{word}_{number}"
    return free
