"""The letters that go out by mail: plain text with a few places to fill in, said in words ({name}, {link}).

Reading and filling only: nothing is stored or sent here, and no letter may hold a picture, a style or anything that
tells who opened it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consensus import models
from consensus.freeze import day_of
from consensus.text import Texts, pick

INVITATION, REMINDER, FREEZE = "invitation", "reminder", "freeze"
LETTERS = (INVITATION, REMINDER)  # which the facilitator may write; the one of the freeze is always the house's
# What may be filled in, by the words that each language has for it; either is understood in any letter.
PLACES = {
    "name": {"en": "name", "fr": "nom"},
    "link": {"en": "link", "fr": "lien"},
    "code": {"en": "code", "fr": "code"},
    "help": {"en": "help", "fr": "aide"},
    "until": {"en": "until", "fr": "échéance"},
}
MEANT = {word: place for place, words in PLACES.items() for word in words.values()}
# One alone on its line takes the line with it, where it has nothing to say.
PLACE = re.compile(r"(\n(?=\{[^{}\n]*\}(?:\n|$))|[ \u00a0]?)\{([^{}\n]*)\}")
SUBJECT, BODY = 150, 5000  # characters
KEPT = frozenset("\u00a0\u200c\u200d")  # unseen, and a part of words


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


Wrong = tuple[str, dict[str, object]]  # the key of a sentence, and what fills it


def places(language: str) -> list[str]:
    """What may be filled in, as this language writes it."""
    return [f"{{{words[language]}}}" for words in PLACES.values()]


def letters_of(texts: Texts, session: models.Session, study: models.Study, what: str) -> dict[str, Letter]:
    """The letter in each language of the session: as the facilitator wrote it, or the house's own."""
    written = (session.letters or {}).get(what, {})
    return {
        language: Letter(**written[language]) if language in written else _own(texts, study, what, language)
        for language in session.languages
    }


def _own(texts: Texts, study: models.Study, what: str, language: str) -> Letter:
    told = {"study": pick(study.title, language), "date": day_of(study)}
    subject = texts.say(language, f"letter.{what}.subject", **told)
    return Letter(subject[:SUBJECT], texts.say(language, f"letter.{what}.body", **told))


def tidy(subject: str, body: str) -> Letter:
    """As typed in a form: one line of subject, paragraphs with plain line ends."""
    return Letter(one_line(subject), body.replace("\r\n", "\n").replace("\r", "\n").strip())


def one_line(text: str) -> str:
    """Nothing in it can end a line or hide: a name comes from a list that somebody pasted. Joiners stay in words."""
    spaced = re.sub(r"[^\S\u00a0]+", " ", text).strip()
    return "".join(sign for sign in spaced if sign.isprintable() or sign in KEPT)


def wrong(letter: Letter, language: str) -> Wrong | None:
    """Why a letter cannot go out, or None."""
    in_subject, in_body = _places(letter.subject), _places(letter.body)
    unknown = [word for word in [*in_subject, *in_body] if word not in MEANT]
    if not letter.subject or not letter.body:
        return "mails.empty", {}
    if len(letter.subject) > SUBJECT or len(letter.body) > BODY:
        return "mails.long", {"subject": SUBJECT, "body": BODY}
    if unknown:
        return "mails.unknown_place", {"value": f"{{{unknown[0][:20]}}}", "offered": ", ".join(places(language))}
    if "link" not in {MEANT[word] for word in in_body}:
        return "mails.no_link", {"link": f"{{{PLACES['link'][language]}}}"}
    if {MEANT[word] for word in in_subject} & {"link", "code"}:
        return "mails.secret_subject", {}
    return None


def _places(text: str) -> list[str]:
    return [word for _, word in PLACE.findall(text)]


def fill(letter: Letter, values: Mapping[str, str]) -> Letter:
    """What is sent. A place with nothing to say leaves no space behind; what is filled in is never read again."""

    def put(found: re.Match[str]) -> str:
        space, word = found.groups()
        if word not in MEANT:
            return found.group(0)
        value = values.get(MEANT[word], "")
        return space + value if value else ""

    return Letter(one_line(PLACE.sub(put, letter.subject)), PLACE.sub(put, letter.body))
