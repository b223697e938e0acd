"""The renderer: pieces are kept that follow from what they are given alone, and a language speaks for itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consensus import page
from consensus.settings import Settings
from consensus.text import LANGUAGES, Texts

TEMPLATES = Path(__file__).parents[2] / "templates"
DOOR = {
    **dict.fromkeys(("session", "study", "seat", "staff")),
    **{"query": {}, "path": "/", "languages": list(LANGUAGES), "may": lambda what: False, "error": ""},
    **{"typed": lambda name, default="": "", "to": ""},
}


@pytest.fixture
def pages() -> page.Pages:
    return page.Pages(Settings(database=":memory:", secret="s" * 32))


@pytest.mark.parametrize("template", sorted(page.KEPT))
def test_a_piece_that_is_kept_follows_from_what_it_is_given(template: str) -> None:
    """A macro sees the page that imports it only where something is imported with the context of that page."""
    assert "with context" not in (TEMPLATES / template).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [path.name for path in sorted(TEMPLATES.rglob("*.html"))])
def test_no_page_imports_a_kept_piece_with_its_context(name: str) -> None:
    for path in TEMPLATES.rglob(name):
        imports = re.findall(r'{%-? from "([^"]+)" import [^%]* with context', path.read_text(encoding="utf-8"))
        assert not set(imports) & set(page.KEPT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_language_it_is_drawn_in(pages: page.Pages, language: str) -> None:
    html = pages.whole("staff/sign_in.html", language, DOOR)
    assert f'<html lang="{language}">' in html and Texts.load().say(language, "help") in html


def test_what_is_imported_with_a_page_is_made_when_it_is_used_and_once() -> None:
    made = []

    class Parts:
        def name(self, *, of: str) -> str:
            return f"the name of {of}"

    def make() -> Parts:
        made.append(True)
        return Parts()

    later = page._Later(make)
    name = later.name
    assert not made and [name(of="a"), name(of="b")] == ["the name of a", "the name of b"] and len(made) == 1
