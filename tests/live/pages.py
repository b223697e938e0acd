"""A page as a browser holds it, without a browser: the tree of its live parts, changed by what a socket brings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img", "meta", "link"}
PARTIAL = re.compile(r'<hx-partial hx-target="#([\w-]+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.S)


@dataclass
class Element:
    tag: str
    attrs: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def found(self, name: str) -> tuple[Element, int] | None:
        """The place of the element of this id: what holds it, and where."""
        for place, child in enumerate(self.children):
            if isinstance(child, Element):
                if child.attrs.get("id") == name:
                    return self, place
                if deeper := child.found(name):
                    return deeper
        return None


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(html)
        self.close()
        assert self.open == [self.root], f"not closed: {[one.tag for one in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.open[-1].children.append(" ".join(data.split()))


def read(html: str) -> list[Element | str]:
    return Reader(html).root.children


def partials(message: str) -> list[tuple[str, str, str]]:
    """Where each piece of a message goes, how, and what it is; the message is nothing else."""
    assert not PARTIAL.sub("", message).strip()
    return [(found[1], found[2], found[3]) for found in PARTIAL.finditer(message)]


class Page:
    """The live parts, by their place on the page."""

    def __init__(self) -> None:
        self.parts: dict[str, Element] = {}

    def take(self, message: str) -> None:
        for target, how, html in partials(message):
            if how == "innerMorph":
                self.parts[target] = Element("div", {"id": target}, read(html))
                continue
            assert how == "outerMorph"
            holders = [place for part in self.parts.values() if (place := part.found(target))]
            ((holder, at),) = holders  # one element has this id, and it is on the page
            (holder.children[at],) = read(html)
