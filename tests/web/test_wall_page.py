"""The wall over HTTP: a card on the table, signals, moves by two facilitators, and what each audience sees of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.protocol import Plan
from rounds.contract import Role
from tests.conftest import RATING, Site, Table, lay_table

ZONES = ("memory", "grouping", "selection", "fridge", "veto", "bin")


def plan(**settings: object) -> Plan:
    return Plan(key="wall", kind="wall", disclosure="live", grace=0, settings=settings)


@dataclass
class Desk:
    """A browser of the team, and the forms it finds on its page."""

    browser: httpx2.AsyncClient
    path: str
    page: str = ""

    async def look(self, query: str = "") -> str:
        answer = await self.browser.get(f"{self.path}?{query}")
        assert answer.status_code == 200, answer.text
        self.page = answer.text
        return unescape(self.page)

    async def press(self, card: str, **fields: str) -> httpx2.Response:
        """A button on a card, as the card stood when the page was loaded."""
        found = re.search(rf'id="card-{card}".*?<form.*?</form>', self.page, re.S)
        assert found, f"{card} has no form"
        return await self.send(hidden(found[0]) | fields)

    async def fill(self, **fields: str | list[str]) -> httpx2.Response:
        """The form of the sheet."""
        found = re.search(r'id="sheet-form".*?</form>', self.page, re.S)
        assert found, "no sheet is open"
        typed = {name.replace("__", "."): said for name, said in fields.items()}
        return await self.send(hidden(found[0]) | typed)

    async def send(self, fields: Mapping[str, str | list[str]]) -> httpx2.Response:
        answer = await self.browser.post(self.path, data=dict(fields))
        if answer.status_code == 422:
            self.page = answer.text
        return answer


def hidden(html: str) -> dict[str, str | list[str]]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))


def zone_of(html: str, card: str) -> str:
    """The zone of the wall in which a page shows a card; "" where it shows none."""
    for zone in ZONES:
        found = re.search(rf'<section class="zone" data-zone="{zone}".*?</section>', html, re.S)
        if found and f'id="card-{card}"' in found[0]:
            return zone
    return ""


@asynccontextmanager
async def laid(site: Site, *plans: Plan, language: str = "en") -> AsyncIterator[tuple[Table, Desk]]:
    """An open wall, and Fay at the desk."""
    table = await lay_table(site.house, list(plans) or [plan()])
    await table.open(plans[-1].key if plans else "wall")
    async with at_desk(site, table, table.fay, language) as desk:
        await desk.look()
        yield table, desk


@asynccontextmanager
async def at_desk(site: Site, table: Table, seat: models.Seat, language: str) -> AsyncIterator[Desk]:
    browser = await site.sit(seat)
    browser.cookies.set("language", language, domain="127.0.0.1")
    yield Desk(browser, f"/sessions/{table.session.id}/console")
    await browser.aclose()


async def cofacilitator(table: Table) -> models.Seat:
    [seat] = await conduct.add_seats(table.house, table.fay, [Guest(Role.COFACILITATOR)])
    return seat


async def take(site: Site, table: Table, seat: models.Seat, language: str = "en") -> tuple[httpx2.AsyncClient, str]:
    browser = await site.sit(seat)
    browser.cookies.set("language", language, domain="127.0.0.1")
    page = await browser.get(f"/sessions/{table.session.id}/take")
    assert page.status_code == 200, page.text
    return browser, page.text


async def signal(site: Site, table: Table, seat: models.Seat, choice: str) -> None:
    browser, page = await take(site, table, seat)
    form = re.search(r'<form id="answer".*?</form>', page, re.S)
    assert form
    answer = await browser.post(f"/sessions/{table.session.id}/take", data=hidden(form[0]) | {"signal": choice})
    assert answer.status_code == 303, answer.text
    await browser.aclose()


async def test_signals_on_the_card_on_the_table_are_shown_by_block(site: Site) -> None:
    async with laid(site) as (table, desk):
        assert (await desk.press("P001", act="call")).status_code == 303
        for seat in table.seats:
            await signal(site, table, seat, "keep" if seat.group == "patients" else "drop")
        page = await desk.look()
        assert "Answered: 11 of 11" in " ".join(re.sub("<[^>]+>", "", page).split())
        assert "Of 10: keep 5 · unsure 0 · do not keep 5" in page, "the sixth of a block waits for two more"
        assert 'aria-label="5 keep, 0 unsure, 0 do not keep"' in page


async def test_a_block_that_is_still_too_few_says_so(site: Site) -> None:
    async with laid(site) as (table, desk):
        await desk.press("P001", act="call")
        for seat in table.seats[:4]:
            await signal(site, table, seat, "keep")
        page = await desk.look()
        assert "Not shown yet. Answered: 4 of 5" in page and "No signal shown yet" in page


async def test_no_figure_is_drawn_where_the_round_shows_none(site: Site) -> None:
    hidden_round = Plan(key="wall", kind="wall", disclosure="at_close", grace=0, settings={})
    async with laid(site, hidden_round) as (table, desk):
        await desk.press("P001", act="call")
        for seat in table.seats[:5]:
            await signal(site, table, seat, "keep")
        assert "Figures are not shown for now." in await desk.look() and "5/5" not in desk.page
        screen = await desk.browser.get(f"/sessions/{table.session.id}/projector")
        assert "Signals are not shown now" in screen.text and "Answered: 5 of 11" in screen.text
        assert "5/5" not in screen.text


async def test_a_press_before_the_next_drawing_counts_once(site: Site) -> None:
    async with laid(site) as (_, desk):
        first, second = await desk.press("P001", to="grouping"), await desk.press("P001", to="grouping")
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.headers["location"] == second.headers["location"]


async def test_a_card_can_be_moved_again_the_same_way_after_an_undo(site: Site) -> None:
    async with laid(site) as (_, desk):
        for _twice in range(2):
            await desk.press("P001", to="fridge")
            assert zone_of(await desk.look(), "P001") == "fridge"
            assert (await desk.send(undo_form(desk.page))).status_code == 303
            assert zone_of(await desk.look(), "P001") == "memory"


def undo_form(page: str) -> dict[str, str | list[str]]:
    log = re.search(r'<footer class="log">.*?</form>', page, re.S)
    assert log, "nothing can be undone"
    return hidden(log[0]) | {"act": "undo"}


async def test_a_move_to_the_selection_says_how_the_group_decided(site: Site) -> None:
    async with laid(site, plan(selection_size=2)) as (_, desk):
        refused = await desk.press("P001", to="selection")
        assert refused.status_code == 422
        assert "Say how the group decided" in refused.text
        assert (await desk.fill(to="selection", how="no_objection")).status_code == 303
        page = await desk.look()
        assert zone_of(page, "P001") == "selection"
        assert "No objection heard" in page and "1 of 2" in page and "1 place left" in page


async def test_a_bin_without_a_reason_is_refused_and_nothing_is_lost(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.look("card=P001&to=bin")
        refused = await desk.fill(to="bin", how="after_discussion", reason="")
        assert refused.status_code == 422
        assert refused.text.count("Write why the group sets this card aside.") == 2
        assert re.search(r'value="after_discussion" checked', refused.text)
        assert (await desk.fill(to="bin", how="after_discussion", reason="Done already.")).status_code == 303
        page = await desk.look()
        assert zone_of(page, "P001") == "bin" and "Done already." in page


async def test_a_veto_needs_an_owner_and_keeps_the_reason_that_was_typed(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.look("card=P001&to=veto")
        refused = await desk.fill(to="veto", reason="Beyond our <mandate>")
        assert refused.status_code == 422
        assert "Write who will decide about this card." in refused.text
        assert "Beyond our &lt;mandate&gt;</textarea>" in refused.text
        await desk.fill(to="veto", reason="Beyond our mandate", owner="Dr. Roy")
        assert "Dr. Roy decides" in await desk.look()


async def test_what_a_veto_means_stands_in_its_zone(site: Site) -> None:
    async with laid(site) as (_, desk):
        assert "A person named on the card decides after the session." in desk.page
    meaning = {"en": "The regional board decides in May.", "fr": "Le comité régional décide en mai."}
    async with laid(site, plan(veto_means=meaning), language="fr") as (_, desk):
        assert "Le comité régional décide en mai." in desk.page


async def test_the_second_of_two_facilitators_is_told_who_moved_it_where(site: Site) -> None:
    async with laid(site) as (table, first), at_desk(site, table, table.fay, "en") as second:
        await second.look()
        await first.press("P001", to="grouping")
        refused = await second.press("P001", to="fridge")
        assert refused.status_code == 422
        assert "The facilitator was here before you. P001 is now in this place: Groupings." in refused.text
        assert zone_of(refused.text, "P001") == "grouping", "the page shows the wall as it is now"
        assert (await second.fill(to="fridge")).status_code == 303
        assert zone_of(await first.look(), "P001") == "fridge"


async def test_a_cofacilitator_is_told_in_french_and_keeps_what_was_typed(site: Site) -> None:
    async with laid(site) as (table, fay), at_desk(site, table, await cofacilitator(table), "fr") as second:
        await second.look("card=P002&to=bin")
        await fay.press("P002", to="grouping")
        refused = await second.fill(to="bin", how="no_objection", reason="Déjà fait")
        page = unescape(refused.text)
        assert refused.status_code == 422
        assert "La personne qui anime est passée avant vous. P002 est maintenant dans cette zone\u00a0: Regroup" in page
        assert "Déjà fait</textarea>" in page and 'value="bin" checked' in page
        assert (await second.fill(to="bin", how="no_objection", reason="Déjà fait")).status_code == 303
        refused = await fay.press("P002", to="fridge")
        assert "The co-facilitator was here before you. P002 is now in this place: Bin." in refused.text


async def test_a_renamed_zone_has_its_name_in_every_sentence(site: Site) -> None:
    names = {"grouping": {"en": "Piles", "fr": "Tas"}}
    async with laid(site, plan(names=names)) as (table, first), at_desk(site, table, table.fay, "en") as second:
        await second.look()
        await first.press("P001", to="grouping")
        refused = await second.press("P001", to="fridge")
        assert "P001 is now in this place: Piles." in refused.text
        page = await first.look()
        assert "P001: from Memory to Piles" in page and "Groupings" not in page


async def test_merged_cards_keep_their_originals_within_reach(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.look("card=P001&sheet=merge")
        refused = await desk.fill(wording__en="Both")
        assert refused.status_code == 422 and "Choose at least two cards to merge." in refused.text
        assert "Both</textarea>" in refused.text
        merged = await desk.fill(card=["P001", "P002"], wording__en="Both", wording__fr="Les deux", to="grouping")
        assert merged.status_code == 303, merged.text
        page = await desk.look()
        assert zone_of(page, "S01") == "grouping" and zone_of(page, "P001") == ""
        assert "2 merged" in page and "Statement 1." in page and "Statement 2." in page
        gone = await desk.look("card=P001")
        assert "P001 is no longer on the wall." in gone and "P001, P002: merged into S01" in gone


async def test_a_card_is_split_into_its_pieces(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.look("card=P003&sheet=split")
        pieces = {"wording__en__1": "One", "wording__fr__1": "Un", "wording__en__2": "Two", "wording__fr__2": "Deux"}
        assert (await desk.fill(**pieces)).status_code == 303
        page = await desk.look()
        assert [zone_of(page, card) for card in ("P003", "S01", "S02")] == ["", "memory", "memory"]


async def test_a_reworded_card_marks_the_other_wording_unless_it_was_checked(site: Site) -> None:
    async with laid(site, language="fr") as (_, desk):
        for card, extra, is_marked in (("P001", {}, True), ("P002", {"checked": "1"}, False)):
            await desk.look(f"card={card}&sheet=reword")
            new = {"wording__en": "Other words.", "wording__fr": f"Énoncé {card[-1]}.", **extra}
            looked = await desk.fill(look="reword", **new)
            assert looked.status_code == 200 and "Ajouté\u00a0: </span>Other words<" in looked.text
            reworded = await desk.fill(act="reword", **new)
            assert reworded.status_code == 303, reworded.text
            found = re.search(rf'id="card-{card}".*?</li>', await desk.look(), re.S)
            assert found and ("À vérifier" in found[0]) is is_marked


async def test_history_tells_every_act_and_takes_one_back(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.press("P001", to="grouping")
        await desk.look()
        await desk.press("P002", to="fridge")
        page = await desk.look("sheet=history")
        entry = re.search(r"<li>(?:(?!<li>).)*P001: from Memory to Groupings.*?</form>", page, re.S)
        assert entry
        assert (await desk.send(hidden(entry[0]) | {"act": "undo"})).status_code == 303
        page = await desk.look()
        assert zone_of(page, "P001") == "memory" and zone_of(page, "P002") == "fridge"


async def test_an_act_that_another_builds_on_is_not_taken_back(site: Site) -> None:
    async with laid(site) as (_, desk):
        await desk.press("P001", to="grouping")
        await desk.look()
        earlier = undo_form(desk.page)
        await desk.press("P001", to="fridge")
        refused = await desk.send(earlier)
        assert refused.status_code == 422
        assert "A later act on P001 builds on this one." in refused.text


async def test_the_sheet_is_read_in_the_other_language_with_what_was_typed(site: Site) -> None:
    async with laid(site) as (_, desk):
        assert 'form="sheet-form"' in await desk.look("card=P001&to=bin")
        turned = await desk.fill(to="bin", reason="Half a reason", say_in="fr")
        assert turned.status_code == 200
        assert "Où va la carte?" in turned.text and "Half a reason</textarea>" in turned.text


async def test_the_wall_closes_only_when_every_card_has_its_place(site: Site) -> None:
    async with laid(site) as (table, desk):
        path = f"/sessions/{table.session.id}/rounds/wall/close"
        refused = await desk.browser.post(path)
        assert refused.status_code == 422
        assert "Some cards still wait: memory 3, groupings 0, fridge 0." in refused.text
        for card in ("P001", "P002", "P003"):
            await desk.press(card, to="selection", how="after_discussion")
            await desk.look()
        assert (await desk.browser.post(path)).status_code == 303
        page = await desk.look()
        assert (
            zone_of(page, "P001") == "selection"
            and "<form method" not in page.split('id="desk"')[1].split("</footer>")[0]
        )
        browser, seen = await take(site, table, table.aline, "fr")
        assert "Après discussion" in seen and "Énoncé 1." in seen
        await browser.aclose()


async def test_earlier_ratings_stay_visible_beside_the_card(site: Site) -> None:
    table = await lay_table(site.house, [*RATING, plan()])
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="8")
    await table.close("rating")
    await table.open("wall")
    async with at_desk(site, table, table.fay, "en") as desk:
        await desk.look()
        await desk.press("P001", act="call")
        page = await desk.look()
        assert page.count("Median 8, 11 of 11 high") == 2, "on the card, and beside it on the table"
        browser, seen = await take(site, table, table.aline, "fr")
        assert "Médiane 8; en haut\u00a0: 11 sur 11" in seen
        await browser.aclose()


async def test_a_participant_signals_and_never_moves(site: Site) -> None:
    async with laid(site) as (table, desk):
        browser, page = await take(site, table, table.bob)
        assert "No card is on the table" in page
        await desk.press("P001", act="call")
        page = (await browser.get(f"/sessions/{table.session.id}/take")).text
        assert re.findall(r'name="signal" value="(\w+)" aria-pressed="(\w+)"', page) == [
            ("keep", "false"),
            ("unsure", "false"),
            ("drop", "false"),
        ]
        assert not re.findall(r'name="(?:to|act|how|reason)"', page) and 'class="wall"' not in page
        await signal(site, table, table.bob, "unsure")
        page = (await browser.get(f"/sessions/{table.session.id}/take")).text
        assert 'value="unsure" aria-pressed="true"' in page and "Your signal is kept: Unsure." in page
        moved = await browser.post(
            f"/sessions/{table.session.id}/take",
            data={"round": "wall", "key": "x", "act": "move", "card": "P001", "to": "bin", "seen": "0"},
        )
        assert moved.status_code == 422 and "Only the facilitators move cards." in moved.text
        for path in ("console", "frame/console", "projector"):
            assert (await browser.get(f"/sessions/{table.session.id}/{path}")).status_code == 403
        await browser.aclose()


async def test_a_signal_for_a_card_that_has_gone_is_refused_with_a_sentence(site: Site) -> None:
    async with laid(site) as (table, desk):
        await desk.press("P001", act="call")
        browser, page = await take(site, table, table.aline, "fr")
        form = re.search(r'<form id="answer".*?</form>', page, re.S)
        assert form
        await desk.look()
        await desk.press("P002", act="call")
        answer = await browser.post(f"/sessions/{table.session.id}/take", data=hidden(form[0]) | {"signal": "keep"})
        assert answer.status_code == 422
        assert "Cette carte n’est plus sur la table." in answer.text and "Énoncé 2." in answer.text
        await browser.aclose()


async def test_the_whole_wall_can_be_read_in_a_line_at_a_distance(site: Site) -> None:
    async with laid(site) as (table, desk):
        await desk.look("card=P001&to=veto")
        await desk.fill(to="veto", reason="Beyond our mandate", owner="Dre Roy")
        browser, page = await take(site, table, table.aline, "fr")
        listed = unescape(page.split('id="list"')[1])
        assert tuple(re.findall(r'data-zone="(\w+)"', listed)) == ZONES
        assert "Décision\u00a0: Dre Roy" in listed and "Beyond our mandate" in listed and "Énoncé 3." in listed
        await browser.aclose()


async def test_nothing_that_is_drawn_live_can_be_typed_in(site: Site) -> None:
    async with laid(site) as (table, desk):
        await desk.press("P001", act="call")
        frame = await desk.browser.get(f"/sessions/{table.session.id}/frame/console")
        kinds = set(re.findall(r'<input type="(\w+)"', frame.text))
        assert frame.status_code == 200 and kinds == {"hidden"}
        assert "<textarea" not in frame.text and "<select" not in frame.text


@pytest.mark.parametrize(
    ("language", "asked", "none"),
    [
        ("en", "Keep this card in the selection?", "No card is on the table"),
        ("fr", "Garder cette carte dans la sélection?", "Aucune carte sur la table"),
    ],
)
async def test_the_big_screen_shows_the_card_on_the_table(site: Site, language: str, asked: str, none: str) -> None:
    async with laid(site, language=language) as (table, desk):
        path = f"/sessions/{table.session.id}/projector"
        assert none in (await desk.browser.get(path)).text
        await desk.press("P001", act="call")
        shown = (await desk.browser.get(path)).text
        assert asked in shown and {"en": "Statement 1.", "fr": "Énoncé 1."}[language] in shown


@asynccontextmanager
async def watching(site: Site, desk: Desk, table: Table, audience: str) -> AsyncIterator[ClientConnection]:
    cookies = "; ".join(f"{name}={value}" for name, value in desk.browser.cookies.items())
    url = f"{site.origin.replace('http', 'ws', 1)}/sessions/{table.session.id}/live/{audience}"
    async with connect(url, origin=site.origin, additional_headers={"Cookie": cookies}, proxy=None) as socket:  # type: ignore[arg-type]
        yield socket


async def comes(socket: ClientConnection, words: str) -> str:
    """The first drawing with these words; within the second in which everybody must have seen it, and some patience."""
    async with asyncio.timeout(5):
        while True:
            drawing = str(await socket.recv())
            if words in drawing:
                return drawing


async def test_a_signal_reaches_the_big_screen_by_itself(site: Site) -> None:
    async with laid(site) as (table, desk), watching(site, desk, table, "projector") as screen:
        await comes(screen, "No card is on the table")
        await desk.press("P001", act="call")
        await comes(screen, "Answered: 0 of 11")
        for n, seat in enumerate(table.seats[:5], 1):
            await signal(site, table, seat, "keep")
            drawing = await comes(screen, f"Answered: {n} of 11")
        assert "5/5" in drawing and "Statement 1." in drawing


async def test_a_move_reaches_the_other_facilitator_by_itself(site: Site) -> None:
    async with laid(site) as (table, desk), watching(site, desk, table, "console") as other:
        await comes(other, 'id="card-P001"')
        await desk.press("P001", to="grouping")
        assert zone_of(await comes(other, "P001: from Memory to Groupings"), "P001") == "grouping"


POOLED = [("en", "Caregivers and Clinicians"), ("fr", "Proches aidants et Cliniciens")]


@pytest.mark.parametrize(("language", "name"), POOLED)
async def test_a_pooled_block_is_read_aloud_by_all_its_groups(site: Site, language: str, name: str) -> None:
    table = await lay_table(site.house, [RATING[0], plan()])
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="8")
    await table.close("rating")
    await table.open("wall")
    async with at_desk(site, table, table.fay, language) as desk:
        page = await desk.look("card=P001")
    assert f'<span class="vh" dir="auto">{name}</span><span class="num">6/6</span>' in page
