"""The only renderer: whole pages, and the blocks of a page that answers and sockets carry alone.

One drawing serves all three. A kind's template states its own blocks; nothing here chooses what may be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from consensus import text
from consensus.inks import inks
from consensus.settings import Settings
from consensus.statics import Statics
from consensus.text import NAMES, Texts

Context = Mapping[str, Any]


class Pages:
    def __init__(self, settings: Settings, texts: Texts) -> None:
        self._texts = texts
        self._jinja = Environment(
            loader=FileSystemLoader(settings.templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # looking at every file's date for every drawing would hold everybody up
        )
        statics = Statics.load(settings.static)
        self._jinja.globals.update(static=statics.address, language_names=NAMES, has_text=texts.has)
        self._jinja.globals.update(inks=inks(statics))

    def _words(self, language: str) -> dict[str, Any]:
        return {
            "lang": language,
            "say": partial(self._texts.say, language),
            "number": partial(text.number, language),
            "percent": partial(text.percent, language),
            "clock": partial(text.clock, language),
            "pick": lambda wordings: text.pick(wordings, language),
            "wording": lambda statement: text.wording(statement, language),
        }

    def whole(self, template: str, language: str, context: Context) -> str:
        return self._jinja.get_template(template).render(self._words(language) | dict(context))

    def block(self, template: str, frame: str, name: str, language: str, context: Context) -> Markup:
        """One block of a kind's template inside its frame, alone: the kind's own, or the frame's where it has none."""
        found = self._jinja.get_template(template)
        given = found.new_context(self._words(language) | {"frame": frame} | dict(context))
        page = found.root_render_func(given)
        next(page)  # up to the first character: by then every import is done and the blocks of all frames are known
        page.close()  # type: ignore[attr-defined]  # a generator, declared as an iterator
        return Markup("".join(given.blocks[name][0](given)))  # noqa: S704  # drawn by an autoescaping template
