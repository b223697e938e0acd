"""Every field of a form in which people write is known as such, so that a refusal shows its words again."""

import re
from pathlib import Path

import pytest

from consensus.web.refused import SECRET, words_in

TEMPLATES = Path(__file__).parents[2] / "templates"
CALL = re.compile(r"\b(?:textarea|text|line)\(\"([\w.%]+)\"")
BOX = re.compile(r'<(?:textarea|input (?=[^>]*type="(?:text|email)"))[^>]*? name="([\w.]+)')
FIGURES = {"points."}  # a field of digits, drawn again in its row by its own page
DATES = {"retention", "until", "planned_on"}


def fields() -> list[tuple[str, str]]:
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        found += [(path.name, name) for name in [*CALL.findall(page), *BOX.findall(page)]]
    return found


@pytest.mark.parametrize(("page", "name"), fields())
def test_what_people_write_is_known_by_its_name(page: str, name: str):
    if name in FIGURES | DATES | SECRET:
        return
    whole = name + ("key.en" if name == "group." else "en" if name.endswith(".") else "")
    assert words_in({whole: ["Ours"]}), f"{page}: {name} is written by people: say so in consensus/web/refused.py"


def test_fields_are_found_at_all():
    names = {name for _, name in fields()}
    assert {"wording.", "reason", "roster", "text.", "body.", "password"} <= names
