"""Lists brought to a set-up, over HTTP: shown as they were read, corrected in place, then taken as a whole."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx2
import pytest
from openpyxl import Workbook

from consensus import conduct, models
from consensus.export import individual, released
from consensus.export.sheets import read_sheet
from consensus.imports.roster import Book
from consensus.imports.roster import parse as parse_roster
from consensus.imports.statements import parse as parse_statements
from rounds.contract import Role
from tests.conftest import Site, Table, lay_table
from tests.web.test_setup_pages import newcomer, session_of

DATA = Path(__file__).parents[1] / "data"
LATIN = "Nom;Courriel;Groupe\nHélène Côté;h@example.org;Patients\n"


def form(page: httpx2.Response) -> dict[str, str]:
    """What a browser would send of the one form of this page, without a button."""
    text = page.text
    body = text[text.index("<main") :]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", body):
        kind, name = re.search(r'type="(\w+)"', tag), re.search(r' name="([^"]+)"', tag)
        if name and kind and (kind[1] in {"hidden", "text"} or (kind[1] == "radio" and " checked" in tag)):
            value = re.search(r' value="([^"]*)"', tag)
            sent[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    for name, words in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', body, re.S):
        sent[name] = html.unescape(re.sub("\r\n?", "\n", words))
    return sent


async def brings(client: httpx2.AsyncClient, path: str, data: bytes, name: str = "list.csv") -> httpx2.Response:
    return await client.post(path, files={"file": (name, data, "application/octet-stream")})


async def sends(client: httpx2.AsyncClient, path: str, page: httpx2.Response, /, **changed: str) -> httpx2.Response:
    """The form of this page with these fields changed; its text as a browser ends its lines."""
    fields = {name: value.replace("\n", "\r\n") for name, value in form(page).items()} | changed
    return await client.post(path, files={name: (None, value) for name, value in fields.items()})


def shown(page: httpx2.Response) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)))


async def people() -> list[tuple[str, str, str]]:
    held = await models.Seat.filter(role=Role.PARTICIPANT).order_by("id").select_related("person")
    return [(s.person.name if s.person else "", s.person.mail if s.person else "", s.group) for s in held]


async def test_guessed_letters_are_shown_and_another_guess_changes_the_words(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/roster?by=list"
    looked = await brings(nora, path, LATIN.encode("cp1252"))
    assert looked.status_code == 200
    assert "Windows (Windows-1252): Hélène, Côté" in shown(looked) and "Hélène Côté" in form(looked)["roster"]
    assert await people() == []
    other = await sends(nora, path, looked, letters="mac-roman", do="confirm")
    assert other.status_code == 200 and "You changed something" in shown(other)
    assert "Hélène" not in form(other)["roster"] and await people() == []
    back = await sends(nora, path, other, letters="windows-1252", do="look")
    assert form(back)["roster"] == LATIN
    assert (await sends(nora, path, back, do="confirm")).status_code == 303
    assert await people() == [("Hélène Côté", "h@example.org", "patients")]


async def test_a_list_from_an_old_mac_is_read_too(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/roster?by=list"
    looked = await brings(nora, path, LATIN.replace("\n", "\r").encode("mac_roman"))
    assert "Hélène Côté" in shown(looked)
    assert (await sends(nora, path, looked, do="confirm")).status_code == 303
    assert (await people())[0][0] == "Hélène Côté"


async def test_a_roster_comes_as_a_workbook_and_a_reason_names_its_row(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/roster?by=list"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [["Nom", "Groupe", "Courriel"], ["Ann; MD", "Patients", "ann@example.org"], []]
    for row in [*rows, ["Bo\nRoy", "Ministère", None]]:
        sheet.append(row)
    sheet.append(["Cy", "Pharmacists", "cy@example.org"])
    other = book.create_sheet("Notes")
    other["A1"] = "do not read"

    def data() -> bytes:
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    bad = await brings(nora, path, data(), "people.csv")
    assert bad.status_code == 422
    assert "There is no group “Pharmacists”" in shown(bad) and '<th scope="row">5</th>' in bad.text
    assert "another one was not: Notes" in shown(bad)
    sheet["B5"] = "managers"
    looked = await brings(nora, path, data(), "people.xlsx")
    assert looked.status_code == 200
    assert (await sends(nora, path, looked, do="confirm")).status_code == 303
    assert await people() == [
        ("Ann; MD", "ann@example.org", "patients"),
        ("Bo Roy", "", "ministry"),
        ("Cy", "cy@example.org", "managers"),
    ]


async def test_the_group_of_a_list_that_names_none_is_asked_and_nothing_is_lost(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/roster?by=list"
    asked = await brings(nora, path, (DATA / "roster" / "redcap_participants.txt").read_bytes())
    assert asked.status_code == 422 and "Group of the people whose line names none" in shown(asked)
    looked = await sends(nora, path, asked, group="managers", do="confirm")
    assert looked.status_code == 200, "shown as it is understood now, before it is taken"
    assert "Managers" in shown(looked)
    assert (await sends(nora, path, looked, do="confirm")).status_code == 303
    assert await people() == [("Ann Roy", "ann@example.org", "managers")]


@pytest.mark.parametrize("name", ["upper_dup", "zwsp_dup"])
async def test_one_mailbox_twice_is_one_seat(site: Site, name: str) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/roster?by=list"
    looked = await brings(nora, path, (DATA / "roster" / f"{name}.txt").read_bytes())
    assert "stands on line 1 already" in shown(looked)
    assert (await sends(nora, path, looked, do="confirm")).status_code == 303
    assert await people() == [("A", "ann@example.org", "patients")]
    again = await nora.post(path, data={"roster": "A;ANN@EXAMPLE.ORG;Patients", "do": "confirm"})
    assert (again.status_code, "already has a seat" in again.text) == (422, True)


async def test_which_column_is_the_text_and_in_which_language_can_be_said(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/statements"
    looked = await brings(nora, path, (DATA / "statements" / "polis_comments.csv").read_bytes())
    assert looked.status_code == 200
    assert "Column “comment-body” was taken for the statements, in French." in shown(looked)
    english = await sends(nora, path, looked, **{"column.7": "text_en", "do": "look"})
    assert "was taken for" not in shown(english)
    assert (await sends(nora, path, english, do="confirm")).status_code == 303
    imported = (await models.Session.get()).imported
    assert [(data["wordings"], data["source_id"]) for data in imported] == [
        ({"en": "Les soins, d’abord"}, "0"),
        ({"en": "Autre idée sur deux lignes"}, "1"),
    ]


async def test_nobody_guesses_which_of_several_columns_holds_the_texts(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/statements"
    asked = await nora.post(path, files={"text": (None, "one;two\nthree;four\n"), "do": (None, "confirm")})
    assert asked.status_code == 422 and "No column is known to hold the statements." in shown(asked)
    joined = await sends(nora, path, asked, **{"separator": "none", "column.0": "text_en", "do": "look"})
    assert (await sends(nora, path, joined, do="confirm")).status_code == 303
    assert [data["wordings"]["en"] for data in (await models.Session.get()).imported] == ["one;two", "three;four"]


async def test_a_text_that_was_changed_since_the_look_is_looked_at_again(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/statements"
    looked = await nora.post(path, files={"text": (None, "text_en\nOne.\n")})
    changed = await sends(nora, path, looked, text="text_en\nTwo.\n", do="confirm")
    assert changed.status_code == 200 and "You changed something" in shown(changed)
    assert (await models.Session.get()).imported == []
    assert (await sends(nora, path, changed, do="confirm")).status_code == 303
    assert [data["wordings"]["en"] for data in (await models.Session.get()).imported] == ["Two."]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "older Excel format"),
        ((DATA / "statements" / "xlsx_renamed.csv").read_bytes(), "Excel workbook that cannot be opened"),
        ((DATA / "statements" / "bare_quote_start.csv").read_bytes(), "Line 2: From this line on, quotation marks"),
        ("text_fr\nÉté à côté\nDéjà là\n".encode() + b"D\xe9lai\n", "Line 4: Most of this file is in UTF-8"),
        (b"%PDF-1.7\n", "neither a text with columns nor a workbook"),
    ],
)
async def test_what_cannot_be_read_says_why_and_imports_nothing(site: Site, data: bytes, sentence: str) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/statements"
    page = await brings(nora, path, data)
    assert (page.status_code, sentence in shown(page)) == (422, True), shown(page)
    assert (await models.Session.get()).imported == []


async def test_what_a_file_calls_its_statements_is_kept_through_results_and_files_and_comes_back(site: Site) -> None:
    table = await lay_table(site.house)
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}"
    await fay.get("/studies?lang=en")
    text = "No;text_en;text_fr\nA-12;One.;Un.\nB 7;Two.;Deux.\n;Three.;Trois.\n"
    taken = await fay.post(f"{here}/statements", files={"text": (None, text), "do": (None, "confirm")})
    assert taken.status_code == 303
    await table.open("rating")
    for seat in table.seats:
        for card, score in (("P001", "9"), ("P002", "5"), ("P003", "2")):
            await table.cast(seat, "rating", card=card, importance=score)
    await table.close("rating")
    assert "In the file: A-12" in shown(await fay.get(f"{here}/results"))
    session = await models.Session.get(id=table.session.id)
    for parcel in (await released(site.house, session), await individual(site.house, session)):
        with ZipFile(io.BytesIO(parcel)) as files:
            for name in ("statements.csv", "results.csv"):
                called = {row["statement"]: row["source_id"] for row in read_sheet(files.read(name)).rows}
                assert called == {"P001": "A-12", "P002": "B 7", "P003": ""}
                again = await _again(fay, table, files.read(name))
                assert {kept["wordings"]["en"]: kept["source_id"] for kept in again} == {
                    "One.": "P001; A-12",
                    "Two.": "P002; B 7",
                    "Three.": "P003",
                }


async def _again(fay: httpx2.AsyncClient, table: Table, data: bytes) -> list[dict[str, Any]]:
    """Into another session of the study, by the form."""
    study = await models.Study.get(id=table.session.study_id)
    staff = await models.Staff.get(mail="fay@example.org")
    other = await conduct.create_session(table.house, staff, study, {"en": "B", "fr": "B"}, [])
    path = f"/sessions/{other.id}/statements"
    looked = await brings(fay, path, data)
    assert looked.status_code == 200, shown(looked)
    assert (await sends(fay, path, looked, do="confirm")).status_code == 303
    return (await models.Session.get(id=other.id)).imported


async def test_a_workbook_is_parted_as_its_cells_are_whatever_they_hold(site: Site) -> None:
    nora = await newcomer(site)
    path = f"{await session_of(nora)}/statements"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Énoncé", "Thème"], ['Un "mot"; deux, trois, quatre', "a, b; c"], ["Cinq, six, sept, huit", None]]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    looked = await brings(nora, path, out.getvalue(), "list.xlsx")
    assert (await sends(nora, path, looked, do="confirm")).status_code == 303
    imported = (await models.Session.get()).imported
    assert [(data["wordings"]["fr"], data["theme"]) for data in imported] == [
        ('Un "mot"; deux, trois, quatre', "a, b; c"),
        ("Cinq, six, sept, huit", ""),
    ]
    pasted = await nora.post(path, files={"text": (None, "text_fr;theme\nUn;a\n"), "do": (None, "confirm")})
    assert pasted.status_code == 303


async def test_every_file_of_the_cases_comes_through_the_form_as_it_is_read(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    groups = [("Patients", "patients"), ("Ministère", "ministry"), ("Managers", "managers")]
    for file in sorted((DATA / "roster").iterdir()):
        looked = await brings(nora, f"{here}/roster?by=list", file.read_bytes(), file.name)
        reading = parse_roster(form(looked)["roster"], Book(groups, ["fr", "en"]))
        assert looked.status_code == (422 if reading.bad else 200), file.name
    for file in sorted((DATA / "statements").iterdir()):
        await models.Session.all().update(imported=[])
        looked = await brings(nora, f"{here}/statements", file.read_bytes(), file.name)
        reading_of = parse_statements(form(looked)["text"], ["fr", "en"])
        assert looked.status_code == (422 if reading_of.problems else 200), file.name
        if looked.status_code == 200:
            assert (await sends(nora, f"{here}/statements", looked, do="confirm")).status_code == 303, file.name
            imported = (await models.Session.get()).imported
            assert [data["wordings"] for data in imported] == [dict(s.wordings) for s in reading_of.statements]
