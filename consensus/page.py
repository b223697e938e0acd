"""The only renderer: whole pages, and the blocks of a page that answers and sockets carry alone.

One drawing serves all three. A kind's template states its own blocks; nothing here chooses what may be seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import cache, lru_cache, partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from consensus import compiled, text
from consensus.difference import difference, is_all_new
from consensus.facts import round_name
from consensus.geometry import heights, spots
from consensus.inks import inks
from consensus.sections import named
from consensus.settings import Settings
from consensus.statics import Statics
from consensus.text import LANGUAGES, NAMES, Texts
from rounds.listing import decimals

Context = Mapping[str, Any]
KEY = "\0key\0"  # stands where each page has the key of its forms; nobody can write it
INDENT = re.compile("^ +", re.MULTILINE)
# Pieces that follow from what they are given and from their language, and nothing else: macros see no page. Kept, since
# pages show each of them many times.
KEPT = {
    "parts/icons.html": ("icon", "mark", "zone_icon", "brand"),
    "parts/shapes.html": ("ink", "glyph", "shape"),
    "parts/bars.html": ("bands", "swatch", "progress"),
    "parts/hatches.html": ("hatches",),
    "parts/hands.html": ("hands",),
    "parts/help.html": ("help",),
    "parts/offline.html": ("alerts", "words"),
    "parts/question.html": ("stored",),
    "parts/steady.html": ("turned", "answering_as", "ways_on", "rest", "so_far", "foot", "timer_words"),
}


class Unindented(FileSystemLoader):
    """Templates are indented for whoever reads them: nobody waits for the spaces, and no field of a form has them."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_fresh = super().get_source(environment, template)
        return INDENT.sub("", source), path, is_fresh


def each(write: Callable[[Any], str], things: Iterable[Any]) -> list[str]:
    """What a macro writes of each of several things, as words: to be put together as one says them."""
    return [Markup(write(thing)).unescape() for thing in things]  # noqa: S704  # macros escape


class _Later:
    """What a template imports with its context: made when something of it is used, as a page uses few of its parts."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._made = make, None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def drawn(*things: Any, **named: Any) -> Any:
            if self._made is None:
                self._made = self._make()
            return getattr(self._made, name)(*things, **named)

        return drawn


class _Template(Template):
    def make_module(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Context | None = None
    ) -> Any:
        make = partial(super().make_module, vars, shared, locals)
        return make() if vars is None else _Later(make)

    def _get_default_module(self, ctx: object = None) -> Any:
        """Every template of a language has the same globals: no import brings others."""
        return super()._get_default_module()


class _Templates(Environment):
    template_class = _Template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One flat table for each template: asked for at every import of every drawing, where a chain is slow."""
        return {**self.globals, **(d or {})}


@cache
def _code() -> BytecodeCache:
    return compiled.kept(Path(__file__))


@cache
def _jinja(templates: Path, static: Path, language: str) -> Environment:
    """The templates as one language speaks them. Read once in a process, however many houses it builds."""
    jinja = _Templates(
        loader=Unindented(templates),
        bytecode_cache=_code(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,  # looking at every file's date for every drawing would hold everybody up
        cache_size=-1,  # all of them, and no book of which was asked for last
    )
    statics, texts = Statics.load(static), Texts.load()
    jinja.globals.update(static=statics.address, language_names=NAMES, has_text=texts.has)
    jinja.globals.update(inks=inks(statics), decimals=decimals, difference=difference, is_all_new=is_all_new)
    jinja.globals.update(heights=heights, spots=spots, each=each, zip=zip, section=named)
    jinja.globals.update(_words(texts, language), key=KEY)
    for template, names in KEPT.items():
        drawn = jinja.get_template(template).module
        for name in names:
            setattr(drawn, name, lru_cache(maxsize=2048)(getattr(drawn, name)))
    return jinja


def _words(texts: Texts, language: str) -> dict[str, Any]:
    """How this language says and writes things: part of every template, so that a macro needs no page to speak."""
    return {
        "lang": language,
        "say": partial(_said, texts, language),
        "number": partial(text.number, language),
        "percent": partial(text.percent, language),
        "moment": partial(text.moment, language),
        "pick": lambda wordings: text.pick(wordings, language),
        "listed": partial(text.listed, language),
        "wording": lambda statement: text.wording(statement, language),
        "round_name": lambda row: round_name(partial(texts.say, language), row, language),
    }


def _said(texts: Texts, language: str, key: str, /, **values: object) -> str:
    """A piece of a sentence that a macro wrote is text again: it is escaped once, with its sentence."""
    if not values:
        return texts.say(language, key)
    plain = {name: value.unescape() if isinstance(value, Markup) else value for name, value in values.items()}
    return texts.say(language, key, **plain)


class Pages:
    def __init__(self, settings: Settings) -> None:
        self._jinja = {language: _jinja(settings.templates, settings.static, language) for language in LANGUAGES}

    def compile(self) -> None:
        """All templates, before anybody waits for one."""
        for jinja in self._jinja.values():
            for name in jinja.list_templates():
                jinja.get_template(name)

    def whole(self, template: str, language: str, context: Context) -> str:
        """A page; the same form of the same page sent twice is one."""
        return self._jinja[language].get_template(template).render(context).replace(KEY, token_urlsafe(16))

    def blocks(
        self, template: str, frame: str, names: Iterable[str], language: str, context: Context
    ) -> Iterator[tuple[str, Markup]]:
        """Blocks of a kind's template inside its frame, alone: the kind's own, or the frame's where it has none."""
        found = self._jinja[language].get_template(template)
        given = found.new_context({"frame": frame} | dict(context))
        page = found.root_render_func(given)
        next(page)  # up to the first character: by then every import is done and the blocks of all frames are known
        page.close()  # type: ignore[attr-defined]  # a generator, declared as an iterator
        for name in names:
            yield name, Markup("".join(given.blocks[name][0](given)))  # noqa: S704  # by an autoescaping template
