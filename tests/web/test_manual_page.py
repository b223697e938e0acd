"""Help: the guide and the participants' page, in both languages, for anyone, from our own documents only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from consensus.web.help import DOCUMENTS, read
from tests.conftest import Site, lay_table

DOCS = Path(__file__).parents[2] / "docs"
TITLES = {
    ("participant", "en"): "Taking part",
    ("participant", "fr"): "Participer",
    ("facilitator", "en"): "Running a session",
    ("facilitator", "fr"): "Animer une séance",
    ("study", "en"): "Planning a study of several sessions",
    ("study", "fr"): "Planifier une étude de plusieurs séances",
    ("counting", "en"): "Who is counted",
    ("counting", "fr"): "Qui est compté",
}


@pytest.mark.parametrize(("document", "language"), list(TITLES))
async def test_anyone_reads_the_help_in_their_language(site: Site, document: str, language: str) -> None:
    async with site.client() as stranger:
        answer = await stranger.get(f"/help/{document}?lang={language}")
        assert answer.status_code == 200
        assert f"<h1>{TITLES[document, language]}</h1>" in answer.text
        assert answer.text.count("<h1") == 1 and ".md" not in answer.text
        for picture in re.findall(r'src="(/help/images/[^"]+)"', answer.text):
            shown = await stranger.get(picture)
            assert shown.status_code == 200 and shown.headers["content-type"] == "image/png"


async def test_every_header_leads_to_the_help_that_is_for_its_reader(site: Site) -> None:
    table = await lay_table(site.house)
    browser, fay = await site.sit(table.aline), await site.sign_in()
    assert 'href="/help/participant"' in (await browser.get(f"/sessions/{table.session.id}/take")).text
    assert 'href="/help/facilitator"' in (await fay.get(f"/sessions/{table.session.id}/console")).text
    study = f"/studies/{table.session.study_id}"
    for page in (study, f"{study}/panel", "/studies", "/studies/new"):
        assert 'href="/help/study"' in (await fay.get(page)).text, page
    for page in ("compare", "pooled"):
        assert 'href="/help/reading"' in (await fay.get(f"{study}/{page}")).text, page
    await browser.aclose()
    await fay.aclose()


@pytest.mark.parametrize("path", ["/help/decisions", "/help/..%2fpyproject", "/help/images/..%2f..%2fREADME.md"])
async def test_no_other_file_can_be_asked_for(site: Site, path: str) -> None:
    async with site.client() as stranger:
        assert (await stranger.get(path)).status_code == 404


def test_both_pages_for_participants_say_the_same_in_one_printed_page() -> None:
    pages = [(DOCS / f"help.{language}.md").read_text(encoding="utf-8") for language in ("en", "fr")]
    for mark in ("\n## ", "\n- ", "\n1. ", "**"):
        assert pages[0].count(mark) == pages[1].count(mark)
    for page in pages:
        assert len(page.split()) < 500, "one page; that it prints on one is seen in a browser"
        for line in page.splitlines():
            for sentence in re.split(r"(?<=[.!?:])\s", line):
                assert len(sentence.split()) <= 20, sentence


def test_a_document_is_drawn_without_html_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "odd.en.md").write_text("# Odd\n\n<script>alert(1)</script> and [a](x.md)\n", encoding="utf-8")
    drawn = read(tmp_path, "odd", "en")
    assert drawn.title == "Odd" and "<script>" not in drawn.body and "x.md" not in drawn.body


def test_every_document_of_the_help_exists_in_both_languages() -> None:
    for name in DOCUMENTS.values():
        assert (DOCS / f"{name}.en.md").is_file() and (DOCS / f"{name}.fr.md").is_file()
