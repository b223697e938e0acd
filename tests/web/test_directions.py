"""Whatever people wrote finds its own direction: on every page it stands in an element that says dir="auto".

One session of every kind is played in which each text of a person ends in Arabic; what a page prints of it is found by
these letters, on all pages that there are.
"""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import httpx2

from tests.conftest import Site
from tests.visits import Tour

MARK = "نص"
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "path", "circle", "rect"})
# Words that nobody reads as a paragraph: a browser sets these aside by itself, or draws them elsewhere.
ELSEWHERE = frozenset({"title", "option", "script", "style", "svg", "text", "desc"})
INLINE = frozenset({"a", "abbr", "b", "code", "del", "em", "i", "ins", "mark", "q", "small", "span", "strong"})


class Words(HTMLParser):
    """Elements that print a marked text and neither they nor what lies between them and the next block are auto."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool, str]] = []
        self.missing: list[str] = []
        self.found = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_auto = given.get("dir") == "auto" or tag == "bdi"
        if tag == "input" and MARK in (given.get("value") or "") and given.get("type") in {"text", "search"}:
            self.found += 1
            if not is_auto:
                self.missing.append(f"input {given.get('name')}")
        if tag not in VOID:
            self.open.append((tag, is_auto, given.get("class") or given.get("name") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands in it."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if MARK not in data or any(tag in ELSEWHERE for tag, _, _ in self.open):
            return
        self.found += 1
        for tag, is_auto, _ in reversed(self.open):
            if is_auto:
                return
            if tag not in INLINE:
                break
        way = " ".join(f"{tag}.{name}" if name else tag for tag, _, name in self.open[-4:])
        self.missing.append(f"{way}: {data.strip()[:60]}")


def missing(page: str) -> tuple[list[str], int]:
    words = Words()
    words.feed(page)
    return words.missing, words.found


def test_a_text_without_its_direction_is_found() -> None:
    assert missing(f"<div dir=auto><p><b>{MARK}</b></p></div>")[0]
    assert missing(f"<p><b>{MARK}</b> so</p><textarea name=t>{MARK}</textarea><input type=text value='{MARK}'>")[0]
    page = f"<p dir=auto><b>{MARK}</b></p><p>so <bdi>{MARK}</bdi></p><td><span dir=auto><i>{MARK}</i></span></td>"
    assert missing(page) == ([], 3)


async def test_every_text_of_a_person_has_its_own_direction_on_every_page(site: Site) -> None:
    tour = Tour(site.house, stages=("under way", "closed"), mark=f" {MARK}")
    wrong: Counter[str] = Counter()
    found = 0
    async for visits in tour.stops():
        for visit in visits:
            value = tour.cookies[visit.who]
            jar = {site.house.settings.cookie: value} if value else {}
            async with httpx2.AsyncClient(base_url=site.origin, cookies=jar, verify=False) as browser:
                answer = await browser.get(visit.path)
            here, n = missing(answer.text) if "html" in answer.headers["content-type"] else ([], 0)
            found += n
            wrong.update(f"{visit.route}: {one}" for one in here)
    assert found > 1000
    assert sorted(wrong) == []
