"""README.txt of the analysis file: what it is, what it leaves out, and by what somebody could still be found in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consensus.export.following import Followed
from consensus.text import LANGUAGES, Texts, listed


def analysis_readme(texts: Texts, followed: Followed, unique: int, given: Sequence[str]) -> list[str]:
    """unique: how many rows have answers that no other row has. given: keys of how the file was given."""
    return [line for language in LANGUAGES for line in _lines(texts, language, followed, unique, given)]


def _lines(texts: Texts, language: str, followed: Followed, unique: int, given: Sequence[str]) -> Iterator[str]:
    yield texts.say(language, "analysis.readme.what")
    for key in given:
        yield texts.say(language, key)
    yield texts.say(language, "analysis.readme.followed", n=followed.people)
    yield texts.say(language, "analysis.readme.columns")
    for key, names in (("told", followed.told), ("blank", followed.blank)):
        if names:
            yield texts.say(language, f"analysis.readme.{key}", names=listed(language, names))
    yield texts.say(language, "analysis.readme.thirds")
    yield texts.say(language, "analysis.readme.unique", n=unique)
    yield texts.say(language, "analysis.readme.known")
