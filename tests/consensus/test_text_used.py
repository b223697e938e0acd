"""No sentence waits for a page that is gone: each shared key is named somewhere, or made from parts that are."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

from rounds import KINDS

ROOT = Path(__file__).parents[2]
SOURCES = [
    *(ROOT / "consensus").rglob("*.py"),
    *(ROOT / "rounds").rglob("*.py"),
    *(ROOT / "templates").rglob("*.html"),
]
QUOTED = re.compile(r"""(f?)(["'])((?:(?!\2)[^\\\n])*)\2""")
JOINED = re.compile(r"""(?:["'][\w.]*["']|[\w.()\[\]]+)(?:\s*~\s*(?:["'][\w.]*["']|\([^()]*\)|[\w.()\[\]]+))+""")


def _literals(text: str) -> set[str]:
    said = re.findall(r"""\bsay\(\s*["']([\w.]+)["']""", text)  # also inside the quotes of an attribute
    return {*said, *(found.group(3) for found in QUOTED.finditer(text))}


def _patterns(text: str) -> set[str]:
    """Keys that are put together: "a." ~ b in a template, f"a.{b}" in Python; what is put in may be anything."""
    made = {
        re.sub(r"\\{.*?\\}", r"[\\w.]+", re.escape(found.group(3))) for found in QUOTED.finditer(text) if found.group(1)
    }
    for found in JOINED.finditer(text):
        parts = [part.strip() for part in found.group(0).split("~")]
        made.add("".join(re.escape(p[1:-1]) if p[0] in "\"'" else r"[\w.]+" for p in parts))
    return {pattern for pattern in made if re.search(r"[a-z]{3}", pattern.replace(r"[\w.]+", ""))}


def unused(keys: set[str], sources: list[str]) -> set[str]:
    literals: set[str] = set().union(*map(_literals, sources))
    patterns = [re.compile(pattern) for pattern in set().union(*map(_patterns, sources))]
    return {key for key in keys - literals if not any(pattern.fullmatch(key) for pattern in patterns)}


def test_every_shared_sentence_is_said_somewhere() -> None:
    with (ROOT / "consensus" / "locale" / "en.po").open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    keys = {message if isinstance(message, str) else message[0] for message in messages}
    assert unused(keys, [path.read_text(encoding="utf-8") for path in SOURCES]) == set()


def test_a_sentence_that_nobody_says_is_found() -> None:
    sources = ['{{ say("landing.title") }} {{ say("failed." ~ status ~ ".title") }}', 'say(f"role.{role}")']
    keys = {"landing.title", "failed.404.title", "role.observer", "landing.old", "failed.404", f"{next(iter(KINDS))}.x"}
    assert unused(keys, sources) == {"landing.old", "failed.404", f"{next(iter(KINDS))}.x"}
