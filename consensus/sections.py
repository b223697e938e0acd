"""A drawing in sections: what of the live parts of a page changed between two moments, and nothing else of them.

A template puts `{% call section(name, of) %}` round one element of a live part; its name is that element's id. Where
only sections differ between two drawings, only they are sent; where what stands round them differs too, the whole part
is. of: all that moves and that the section is drawn from: while it stays the same, so does its drawing. Nothing here
knows what a section shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

MARK = re.compile(r"<!--section ([\w-]+)-->")  # no text of a person begins so: it would be escaped
FIRST = re.compile(r"\s*<[a-z]\w*")


@dataclass(frozen=True, slots=True)
class Section:
    """mark: in its place. of: see above."""

    html: Markup
    mark: Markup
    of: object = None

    def stays(self, of: object) -> bool:
        """Is it drawn from the same?"""
        return of is not None and (self.of is of or self.of == of)


@dataclass(frozen=True, slots=True)
class Part:
    """One live part of a page. around: what stands round its sections, with a mark in the place of each."""

    name: str
    around: str
    sections: Mapping[str, Section]

    def whole(self) -> str:
        html = MARK.sub(lambda mark: self.sections[mark[1]].html, self.around)
        return f'<hx-partial hx-target="#{self.name}" hx-swap="innerMorph">{html}</hx-partial>'

    def since(self, older: Part) -> str:
        if self.around != older.around:
            return self.whole()
        return "".join(
            f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{section.html}</hx-partial>'
            for name, section in self.sections.items()
            if section is not older.sections[name] and section.html != older.sections[name].html
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """The live parts of a page at one moment. of: what they were drawn from; scene: the same but for what moves."""

    of: object
    scene: object
    parts: tuple[Part, ...]

    def whole(self) -> str:
        return "".join(part.whole() for part in self.parts)

    def since(self, older: Drawing) -> str:
        return "".join(part.since(before) for part, before in zip(self.parts, older.parts, strict=True))


class Cut:
    """What a template calls to cut a part. before: the sections of the last drawing of the same scene."""

    def __init__(self, before: Mapping[str, Section]) -> None:
        self._before = before
        self._is_within = False
        self._sections: dict[str, Section] = {}

    def __call__(self, name: str, of: object = None, *, caller: Callable[[], str]) -> Markup:
        if self._is_within:  # a section within a section is a part of it
            return named(name, of, caller=caller)
        known = self._before.get(name)
        if known is None or not known.stays(of):
            self._is_within = True
            mark = Markup(f"<!--section {escape(name)}-->")  # noqa: S704  # our own sign
            known = Section(named(name, caller=caller), mark, of)
            self._is_within = False
        self._sections[name] = known
        return known.mark

    def taken(self) -> Mapping[str, Section]:
        """Those that were cut since this was last asked."""
        taken, self._sections = self._sections, {}
        return taken


def named(name: str, of: object = None, *, caller: Callable[[], str]) -> Markup:
    """The section as a whole page has it: its element, with its name."""
    html = caller()
    first = FIRST.match(html)
    assert first is not None, f"the section {name} is no element"
    return Markup(f'{html[: first.end()]} id="{escape(name)}"{html[first.end() :]}')  # noqa: S704  # from a template


def as_drawn(last: object, scene: Callable[[], object]) -> Callable[..., Markup]:
    """What a whole page calls for its sections. Those of the last drawing are there already, where it is of the same
    scene and what the section is drawn from has not moved; they go with that drawing."""
    known: dict[str, Section] = {}
    if isinstance(last, Drawing) and last.scene == scene():
        known = {name: section for part in last.parts for name, section in part.sections.items()}

    def section(name: str, of: object = None, *, caller: Callable[[], str]) -> Markup:
        found = known.get(name)
        return found.html if found is not None and found.stays(of) else named(name, caller=caller)

    return section


def cut(
    draw: Callable[[Cut], Iterable[tuple[str, str]]], of: object, scene: Callable[[], object], last: object
) -> Drawing:
    """The parts that draw gives, by name, one after another. last: the drawing before, or None."""
    known = last if isinstance(last, Drawing) else None
    if known is not None and known.of == of:
        return known
    now = scene()
    kept = known.parts if known is not None and known.scene == now else ()
    cutter = Cut({name: section for part in kept for name, section in part.sections.items()})
    return Drawing(of, now, tuple(Part(name, str(around), cutter.taken()) for name, around in draw(cutter)))
