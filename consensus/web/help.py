"""Help to read and to print: for those who take part, who run a session, plan a study or read one; who is counted.

The files of docs/ in the reader's language, drawn as pages. Nothing that a person typed is drawn here, and no other
file of the machine can be asked for.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus.web.asking import Ask

DOCUMENTS = {
    "participant": "help",
    "facilitator": "guide",
    "study": "study",
    "reading": "compare",
    "counting": "counted",
}
OTHER_LANGUAGE = re.compile(r"^\*\[[^\]]*\]\((?:help|guide|study|compare|counted)\.\w\w\.md\)\*\n+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manual:
    """title: the document's own first heading. body: its page, headings and pictures included."""

    title: str
    body: Markup


async def manual(ask: Ask) -> Response:
    name = ask.request.path_params["document"]
    if name not in DOCUMENTS:
        raise HTTPException(404)
    drawn = await asyncio.to_thread(read, ask.house.settings.docs, DOCUMENTS[name], ask.language)
    return ask.page("manual.html", manual=drawn, document=name, documents=list(DOCUMENTS))


@cache
def read(folder: Path, name: str, language: str) -> Manual:
    """One document, drawn once. The page has its own toggle of the language; links lead to served documents alone."""
    text = OTHER_LANGUAGE.sub("", (folder / f"{name}.{language}.md").read_text(encoding="utf-8"))
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = html.replace('src="images/', 'src="/help/images/')
    html = re.sub(r'<a href="([^"]*)\.md">(.*?)</a>', _linked, html)
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    return Manual(title[1] if title else "", Markup(html))  # noqa: S704  # our own documents, html switched off


def _linked(found: re.Match[str]) -> str:
    name = found[1].rpartition(".")[0]
    served = next((page for page, document in DOCUMENTS.items() if document == name), "")
    return f'<a href="/help/{served}">{found[2]}</a>' if served else found[2]
