"""A number beside a noun has its plural, and whoever says a plural hands in its number.

Words that only look plural after a value that is a name are known by the value: {name}, {card} and the like.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from consensus.text import Texts
from rounds import KINDS

ROOT = Path(__file__).parents[2]
TEXTS = Texts.load()
PLURAL = {key for key, sentence in TEXTS.sentences["en"].items() if not isinstance(sentence, str)}
NAMES = {  # what stands there is not a number
    "alias",
    "at",
    "ballot",
    "blocks",
    "card",
    "cards",
    "day",
    "entry",
    "file",
    "group",
    "groups",
    "kind",
    "label",
    "language",
    "made",
    "name",
    "names",
    "of",
    "owner",
    "place",
    "round",
    "row",
    "said",
    "statement",
    "status",
    "step",
    "study",
    "text",
    "title",
    "version",
    "what",
    "when",
    "who",
}
BESIDE = {
    "fr": re.compile(
        r"\{(\w+)\}[ \u00a0](?:[a-zà-ÿ]{2,}[sx]|ont|sont)\b(?<!dans)(?<!sans)(?<!plus)(?<!puis)(?<!pas)(?<!vers)"
    ),
    "en": re.compile(
        r"\{(\w+)\} (?:[a-z]{3,}s|people|have|are)\b(?<!this)(?<!was)(?<!has)(?<!does)(?<!stands)(?<!keeps)(?<!builds)"
    ),
}
LAST = re.compile(
    r"\{\w+\} (?:sur|of) \{(\w+)\}[ \u00a0](?:[a-zà-ÿ]{3,}[sx]|ont|sont|people|person|answered|[a-z]+ed)\b"
)
UNITS = re.compile(r"\} ?[ \u00a0]?(?:min|ko|kB|Mo|MB|%)\b")


def beside_a_noun(language: str, sentence: str) -> bool:
    bare = UNITS.sub("}", sentence)
    return any(name not in NAMES for name in BESIDE[language].findall(bare)) or bool(LAST.search(bare))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_number_beside_a_noun_has_its_plural(language: str) -> None:
    bare = {
        key: sentence
        for key, sentence in TEXTS.sentences[language].items()
        if isinstance(sentence, str) and beside_a_noun(language, sentence)
    }
    assert bare == {}


@pytest.mark.parametrize(
    ("language", "sentence", "is_wrong"),
    [
        ("fr", "les {n} premiers sont retenus", True),
        ("fr", "{votes} personnes sur {of}", True),
        ("fr", "{n} sur {of} ont répondu", True),
        ("fr", "Ont répondu : {n} sur {of}", False),
        ("fr", "{card} n’est plus ici", False),
        ("fr", "Il reste {n} min", False),
        ("en", "{n} of {of} people answered", True),
        ("en", "at least {blocks_needed} blocks", True),
        ("en", "Answered: {n} of {of}", False),
        ("en", "{name} answers", False),
    ],
)
def test_a_bare_number_is_found(language: str, sentence: str, is_wrong: bool) -> None:
    assert beside_a_noun(language, sentence) is is_wrong


def test_the_number_of_a_plural_is_in_the_first_place_of_its_kind() -> None:
    """Two numbers of which one is beside the noun and the other before "of" cannot both choose: they want a label."""
    for language in ("fr", "en"):
        for key in PLURAL:
            for form in TEXTS.sentences[language][key].forms:  # type: ignore[union-attr]
                assert not re.search(r"\{\w+\} (?:sur|of) \{n\}|\{n\} of \{\w+\} [a-z]+", form), (key, form)


def key_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)  # type: ignore[misc]
    return None


def said_in_python(path: Path) -> Iterator[tuple[str, bool]]:
    """Every key that a line of the program says, and whether its number goes with it."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in {"say", "Refused", "BallotError"}:
                for argument in call.args[:2]:
                    if key := key_of(argument):
                        yield key, any(keyword.arg in (None, "n") for keyword in call.keywords)


def part(node: nodes.Node) -> str:
    if isinstance(node, nodes.Const):
        return str(node.value)
    return "".join(map(part, node.nodes)) if isinstance(node, nodes.Concat) else "\0"


def said_in_a_template(path: Path) -> Iterator[tuple[str, bool]]:
    tree = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(path.read_text("utf-8"))  # noqa: S701
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "say" and call.args:
            has_n = call.dyn_kwargs is not None or any(keyword.key == "n" for keyword in call.kwargs)
            first = call.args[0]
            for way in (first.expr1, first.expr2) if isinstance(first, nodes.CondExpr) else (first,):
                if way is not None and part(way) != "\0":
                    yield part(way), has_n


def test_whoever_says_a_plural_hands_in_its_number() -> None:
    sources = [
        *((path, said_in_python) for root in ("consensus", "rounds") for path in (ROOT / root).rglob("*.py")),
        *((path, said_in_a_template) for path in (ROOT / "templates").rglob("*.html")),
    ]
    without = [
        f"{path.relative_to(ROOT)}: {key!r}"
        for path, said in sources
        for key, has_n in said(path)
        if not has_n
        and (key in PLURAL or any(f"{kind}.{key}" in PLURAL for kind in KINDS) or ("\0" in key and sure(key)))
    ]
    assert without == []


def sure(pattern: str) -> bool:
    """A made key of which every sentence that fits is a plural; where only some are, its caller knows which."""
    asked = re.compile(r"(?:[a-z]+\.)?" + r"[\w.]+".join(map(re.escape, pattern.split("\0"))))
    fitting = [key for key in TEXTS.sentences["en"] if asked.fullmatch(key)]
    return bool(fitting) and all(key in PLURAL for key in fitting)
