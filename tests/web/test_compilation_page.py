"""The workshop of the team, by plain forms: from proposals to statements, with every act, its undo and its refusals."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest

from consensus.outcome import statement_from
from consensus.protocol import Plan
from rounds.contract import Statement, Tally
from tests.conftest import Site, Table, lay_table

PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={}),
    Plan(key="compilation", kind="compilation", disclosure="live", grace=0, settings={}),
]
LONG = "Forms are long. Nobody answers the phone."
ALIKE = ("Give case managers read access to records.", "Give case managers a read access to the records.")
NAMED = "Let us call Mme Tremblay at 819 555-0123."
APART = "Build a hockey rink."


@dataclass(frozen=True)
class Workshop:
    """One member of the team at the console. ids: the number of each proposal, by its text."""

    browser: httpx2.AsyncClient
    table: Table
    ids: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"/sessions/{self.table.session.id}/console"

    async def see(self, query: str = "lang=en") -> str:
        page = await self.browser.get(f"{self.path}?{query}")
        assert page.status_code == 200, page.text
        return page.text

    async def do(self, act: str, *cards: str, **form: str) -> httpx2.Response:
        """One act, sent as the sheet of the first card sends it. wording__fr stands for wording.fr."""
        page = await self.see(f"card={cards[0]}" if cards else "sheet=add")
        key = re.findall(r'id="act-form".*?name="key" value="([^"]+)"', page, re.S)
        fields = {name.replace("__", "."): value for name, value in form.items()}
        data = {"round": "compilation", "key": key[0] if key else "late", "act": act, "of": list(cards), **fields}
        return await self.browser.post(self.path, data=data | ({"card": cards[0]} if cards else {}))

    async def done(self, act: str, *cards: str, **form: str) -> str:
        """An act that must be taken; the page after it."""
        answer = await self.do(act, *cards, **form)
        assert answer.status_code == 303, answer.text
        return unescape((await self.browser.get(answer.headers["location"])).text)

    async def tally(self) -> Tally:
        return (await self.table.house.counts.now(await self.table.row("compilation"))).official

    async def statement(self, name: str) -> Statement:
        return next(card for card in (await self.tally()).statements if card.id == name)


@pytest.fixture
async def workshop(site: Site) -> AsyncIterator[Workshop]:
    """Six proposals, gathered and closed; the compilation is open, and Fay reads English."""
    table = await lay_table(site.house, plans=PLANS)
    await table.open("gather")
    reads_english = next(seat for seat in table.seats if seat.language == "en")
    for card, text in enumerate((LONG, *ALIKE, NAMED, APART), start=1):
        await table.cast(reads_english, "gather", card=str(card), text=text)
    await table.cast(table.aline, "gather", card="1", text="Un seul numéro à appeler.", nature="next_step")
    row = await table.close("gather")
    await table.open("compilation")
    proposals = [statement_from(data) for data in row.outcome["left"]["statements"]]
    browser = await site.sign_in()
    browser.cookies.set("language", "en", domain="127.0.0.1")
    yield Workshop(browser, table, {card.wordings[card.original]: card.id for card in proposals})
    await browser.aclose()


async def test_the_desk_shows_originals_flags_and_likely_duplicates(workshop: Workshop) -> None:
    page = unescape(await workshop.see())
    assert "6 proposals wait" in page and "Proposals handled: 0 of 6" in page
    assert '<p dir="auto" lang="fr">Un seul numéro à appeler.</p>' in page
    assert "Title and name: Mme Tremblay" in page and "Telephone number: 819 555-0123" in page
    one, other = (workshop.ids[text] for text in ALIKE)
    assert f"Looks like {one}" in page and f"Looks like {other}" in page
    assert (await workshop.tally()).statements == ()  # suggested, not applied


async def test_the_live_desk_holds_no_text_input(workshop: Workshop) -> None:
    drawn = await workshop.browser.get(f"/sessions/{workshop.table.session.id}/frame/console")
    assert drawn.status_code == 200 and workshop.ids[LONG] in drawn.text
    assert not re.search(r"<textarea|<select|type=\"(text|checkbox|radio)\"", drawn.text)


async def test_both_languages_render(workshop: Workshop) -> None:
    card = workshop.ids[LONG]
    for query in ("", f"card={card}", "sheet=add", "sheet=accept_all"):
        assert "Compilation</h1>" in await workshop.see(f"lang=fr&{query}")
        assert "Compilation</h1>" in await workshop.see(f"lang=en&{query}")
    assert "Accepter comme énoncé" in await workshop.see(f"lang=fr&card={card}")
    assert "Accept as a statement" in await workshop.see(f"lang=en&card={card}")


async def test_a_compilation_goes_from_proposals_to_a_closed_list(workshop: Workshop) -> None:
    one, other = (workshop.ids[text] for text in ALIKE)
    page = await workshop.done("merge", one, other, wording__en="Share records.", wording__fr="Partager les dossiers.")
    assert f"{one}, {other} were merged into S01" in page and "2 original texts" in page
    pieces = {"wording__en__1": "Shorten the forms.", "wording__en__2": "Answer the phone."}
    await workshop.done("split", workshop.ids[LONG], **pieces)
    page = await workshop.done("reject", workshop.ids[APART], reason="Not about care.")
    assert "Reason: Not about care." in page
    single = workshop.ids["Un seul numéro à appeler."]
    page = await workshop.done("accept", single, wording__fr="Un seul numéro.", wording__en="One number.", level="meso")
    assert "Proposals handled: 5 of 6" in page
    refused = await workshop.browser.post(f"/sessions/{workshop.table.session.id}/rounds/compilation/close")
    assert refused.status_code == 422 and "1 proposal still waits" in refused.text
    page = await workshop.done("accept_all", looked="1")
    assert "Every proposal is handled." in page
    await workshop.table.close("compilation")
    names = [card.id for card in (await workshop.tally()).statements]
    assert names == ["S01", "S02", "S03", "S04", "S05"]
    assert (await workshop.statement("S04")).level == "meso"
    closed = await workshop.see()
    assert 'name="act"' not in closed and "close the round" not in closed  # nothing is changed any more


async def test_a_rewording_marks_the_other_wording_until_somebody_looked(workshop: Workshop) -> None:
    await workshop.done("accept", workshop.ids[APART], wording__en=APART, wording__fr="Construire une patinoire.")
    page = await workshop.done("reword", "S01", wording__en="Build a rink.", wording__fr="Construire une patinoire.")
    assert "To be checked" in page and (await workshop.statement("S01")).unchecked == ("fr",)
    assert "Both wordings say the same" in await workshop.see("card=S01")
    page = await workshop.done("check", "S01")
    assert "To be checked" not in page


async def test_a_rewording_is_shown_before_it_is_done_and_nothing_is_kept_yet(workshop: Workshop) -> None:
    await workshop.done("accept", workshop.ids[APART], wording__en=APART, wording__fr="Construire une patinoire.")
    typed = {"wording__en": "Noted", "wording__fr": "Construire une patinoire."}
    sheet = await workshop.see("card=S01")
    assert 'name="look" value="reword"' in sheet and 'name="act" value="reword"' not in sheet
    looked = await workshop.do("", "S01", look="reword", **typed)
    page = unescape(looked.text)
    assert looked.status_code == 200 and 'name="act" value="reword"' in page
    assert "Added: </span>Noted<" in page and "No word of the current wording stays." in page
    assert (await workshop.statement("S01")).wordings["en"] == APART


async def test_a_missing_wording_is_marked(workshop: Workshop) -> None:
    page = await workshop.done("accept", workshop.ids[APART])
    assert "Still to be written" in page


async def test_an_undo_puts_the_proposal_back(workshop: Workshop) -> None:
    page = await workshop.done("accept", workshop.ids[APART])
    assert "Proposals handled: 1 of 6" in page
    seq = re.findall(r'name="undo" value="(\d+)"', page)[0]
    page = await workshop.done("undo", undo=seq)
    assert "Proposals handled: 0 of 6" in page and "No longer counts" in page
    assert (await workshop.tally()).statements == ()


async def test_an_act_that_another_builds_on_offers_no_undo(workshop: Workshop) -> None:
    page = await workshop.done("accept", workshop.ids[APART])
    first = re.findall(r'name="undo" value="(\d+)"', page)[0]
    page = await workshop.done("reject", "S01", reason="Not about care.")
    assert f'name="undo" value="{first}"' not in page and "builds on it" in page
    refused = await workshop.do("undo", undo=first)
    assert refused.status_code == 422 and "builds on act" in refused.text


async def test_a_flagged_text_waits_until_somebody_looked(workshop: Workshop) -> None:
    card = workshop.ids[NAMED]
    refused = await workshop.do("accept", card, wording__en=NAMED, wording__fr="Pouvoir appeler directement.")
    assert refused.status_code == 422 and "Mme Tremblay" in refused.text
    assert "Pouvoir appeler directement.</textarea>" in refused.text and 'name="looked"' in refused.text
    page = await workshop.done("accept", card, wording__en=NAMED, looked="1")
    assert f"{card} became S01" in page


async def test_accepting_all_asks_to_look_at_the_flagged_ones(workshop: Workshop) -> None:
    sheet = unescape(await workshop.see("sheet=accept_all"))
    assert "1 proposal may point to someone." in sheet and 'name="looked"' in sheet
    refused = await workshop.do("accept_all")
    assert refused.status_code == 422 and workshop.ids[NAMED] in refused.text


async def test_a_form_that_comes_too_late_keeps_what_was_typed(workshop: Workshop) -> None:
    card = workshop.ids[APART]
    await workshop.done("accept", card)
    late = await workshop.do("accept", card, wording__en="My careful wording.", reason="My reason.")
    page = unescape(late.text)
    assert late.status_code == 422 and f"has already accepted {card}" in page
    assert f"{card} was already handled" in page and "Open S01" in page
    assert "My careful wording.</textarea>" in page and "My reason.</textarea>" in page


async def test_a_refused_split_keeps_its_pieces_and_the_ticks_of_a_merge_stay(workshop: Workshop) -> None:
    one, other = (workshop.ids[text] for text in ALIKE)
    refused = await workshop.do("split", one, wording__en__1="Only one piece.")
    assert refused.status_code == 422 and "Only one piece.</textarea>" in refused.text
    assert '<details class="fold" id="split" open>' in refused.text
    refused = await workshop.do("merge", one, other, wording__en="", wording__fr="")
    assert refused.status_code == 422 and f'name="of" value="{other}" checked' in refused.text


async def test_the_other_language_keeps_what_the_team_typed(workshop: Workshop) -> None:
    page = await workshop.do("", workshop.ids[APART], wording__fr="À moitié traduit", say_in="fr")
    assert page.status_code == 200 and "À moitié traduit</textarea>" in unescape(page.text)
    assert f"Traiter {workshop.ids[APART]}" in page.text


async def test_the_same_accept_sent_twice_counts_once(workshop: Workshop) -> None:
    page = await workshop.see()
    key = re.findall(rf'name="key" value="([^"]+\.accept\.{workshop.ids[APART]}\.0)"', page)[0]
    form = {"round": "compilation", "key": key, "act": "accept", "of": workshop.ids[APART]}
    first = await workshop.browser.post(workshop.path, data=form)
    again = await workshop.browser.post(workshop.path, data=form)
    assert first.headers["location"] == again.headers["location"]
    assert len((await workshop.tally()).statements) == 1


async def test_a_participant_waits_and_then_reads_the_statements(workshop: Workshop, site: Site) -> None:
    aline = await site.sit(workshop.table.aline)
    await workshop.done("accept", workshop.ids[APART], wording__en=APART, wording__fr="Construire une patinoire.")
    take = f"/sessions/{workshop.table.session.id}/take"
    page = (await aline.get(take)).text
    assert "Rien à faire" in page and 'name="act"' not in page
    await workshop.done("accept_all", looked="1")
    await workshop.table.close("compilation")
    assert "Construire une patinoire." in (await aline.get(take)).text
    await aline.aclose()


async def test_a_rewording_of_an_older_wording_is_told_and_keeps_both_texts(workshop: Workshop) -> None:
    """Two open the same statement; the second to save is told, sees the new wording, and may still replace it."""
    french = "Des formulaires courts."
    await workshop.done("accept", workshop.ids[LONG], wording__en="Shorten the forms.", wording__fr=french)
    assert 'name="seen" value="0"' in await workshop.see("lang=en&card=S01")
    mine = {"wording__en": "Shorter forms for all.", "wording__fr": french, "seen": "0"}
    await workshop.done("reword", "S01", **{**mine, "wording__en": "Make the forms short."})
    late = await workshop.do("reword", "S01", **mine)
    page = unescape(late.text)
    assert late.status_code == 422 and "A colleague reworded S01 meanwhile." in page
    assert "Make the forms short." in page and "Shorter forms for all." in page and 'name="seen" value="1"' in page
    assert (await workshop.statement("S01")).wordings["en"] == "Make the forms short."
    await workshop.done("reword", "S01", **{**mine, "seen": "1"})
    assert (await workshop.statement("S01")).wordings["en"] == "Shorter forms for all."
