"""A newcomer sets a session up, over HTTP as a browser without JavaScript would; nothing typed is lost on the way."""

from __future__ import annotations

import re

import httpx2

from consensus import conduct, models
from consensus.protocol import read
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, lay_table

CSV = "id,nature,level,theme,text_en,text_fr,source\n" + "".join(
    f'S{n},helps,macro,"care, shared",Statement {n}.,Énoncé {n}.,\n' for n in range(1, 81)
)
STUDY = {
    "languages": "both",
    "title.fr": "Gestion de cas",
    "title.en": "Case management",
    "question.fr": "Et ensuite?",
    "question.en": "What next?",
    "floor": "3",
    "help_name": "Nora Roy",
    "help_phone": "819 555-0100",
    "retention": "2099-12-31",
    "consent.fr": "Vous pouvez partir.",
    "consent.en": "You may leave.",
    "row_level": "1",
    **{f"group.{key}": "1" for key in ("patients", "managers", "ministry")},
    **{f"group.{key}.fr": name for key, name in (("patients", "Patients"), ("managers", "Gestionnaires"))},
    **{f"group.{key}.en": name for key, name in (("patients", "Patients"), ("managers", "Managers"))},
    "group.ministry.fr": "Ministère",
    "group.ministry.en": "Ministry",
}
ROUND = {
    "setting.scale": "1-7",
    "setting.criterion": "importance",
    "setting.second": "feasibility",
    "setting.rotate": "1",
    "setting.flags": "0",
    "rule.name": "share",
    "rule.percent": "60",
    "rule.opposite": "15",
    "rule.scope": "every",
    "rule.blocks": "1",
    "disclosure": "at_close",
    "grace": "30",
}


async def newcomer(site: Site, mail: str = "nora@example.org") -> httpx2.AsyncClient:
    await conduct.add_staff(site.house, mail, "Nora", PASSWORD)
    client = await site.sign_in(mail)
    assert (await client.get("/studies?lang=en")).status_code == 200
    return client


async def session_of(nora: httpx2.AsyncClient, statements: str = "import") -> str:
    """The address of a new session; made as the forms make it."""
    made = await nora.post("/studies/new", data=STUDY)
    assert made.status_code == 303, made.text
    titles = {"title.fr": "Estrie", "title.en": "Estrie", "protocol": "triage", "statements": statements}
    begun = await nora.post(made.headers["location"], data=titles)
    assert begun.status_code == 303, begun.text
    return re.sub(r"/(setup|statements)$", "", begun.headers["location"])


async def good(nora: httpx2.AsyncClient, path: str) -> str:
    page = await nora.get(path)
    assert page.status_code == 200, page.text
    return str(page.text)


async def brings_statements(nora: httpx2.AsyncClient, here: str) -> None:
    """Looked at first, then taken."""
    looked = await nora.post(f"{here}/statements", files={"file": ("s.csv", CSV.encode("utf-8-sig"), "text/csv")})
    assert looked.status_code == 200, looked.text
    assert "80 statements can be imported" in looked.text
    assert (await models.Session.get()).imported == []
    sent = re.search(r"<textarea[^>]*name=\"text\"[^>]*>\n(.*?)</textarea>", looked.text, re.S)
    assert sent
    brought = await nora.post(f"{here}/statements", files={"text": (None, CSV), "do": (None, "confirm")})
    assert brought.status_code == 303, brought.text
    imported = (await models.Session.get()).imported
    assert (len(imported), imported[79]["id"], imported[0]["theme"]) == (80, "P080", "care, shared")


async def test_a_newcomer_goes_from_signing_in_to_the_first_open_round(site: Site) -> None:
    nora = await newcomer(site)
    assert "New study" in await good(nora, "/studies")
    assert "Informal caregivers" in await good(nora, "/studies/new")
    here = await session_of(nora)

    await brings_statements(nora, here)
    assert "Scale" in await good(nora, f"{here}/setup/rating")
    saved = await nora.post(f"{here}/setup/rating", data=ROUND)
    assert saved.status_code == 303, saved.text
    row = await models.Round.get(key="rating")
    assert row.settings == {
        "scale": "1-7", "criterion": "importance", "second": "feasibility", "reason": False, "rotate": True,
        "feedback": False, "flags": 0,
    }  # fmt: skip
    assert row.rule == {"name": "share", "percent": 60, "opposite": 15, "scope": "every", "blocks": 1}
    assert (row.disclosure, row.grace) == ("at_close", 30)

    roster = "A; a@example.org; Patients; fr\nB; ; Pharmacists; en\n" + ";;Patients\n" * 2 + "C;;Ministère;fr\n" * 2
    bad = await nora.post(f"{here}/roster?by=list", data={"roster": roster, "do": "confirm"})
    assert bad.status_code == 422
    assert "There is no group “Pharmacists”" in bad.text
    assert "B; ; Pharmacists; en" in bad.text
    assert await models.Seat.filter(role=Role.PARTICIPANT).count() == 0
    seated = await nora.post(
        f"{here}/roster?by=list", data={"roster": roster.replace("Pharmacists", "managers"), "do": "confirm"}
    )
    assert seated.status_code == 303, seated.text
    assert await models.Seat.filter(role=Role.PARTICIPANT).count() == 6

    plan = await good(nora, f"{here}/setup")
    assert "Managers and Ministry count together: 3 people." in plan
    assert "Managers and Ministry 2 of 3" in plan
    assert "80 cards are many" in plan
    opened = await nora.post(f"{here}/rounds/compilation/open")
    assert opened.status_code == 303, opened.text
    assert (await models.Round.get(key="compilation")).state == "open"
    assert "its settings no longer change" in await good(nora, f"{here}/setup/compilation")
    frozen = await nora.post(f"{here}/statements", files={"text": (None, CSV), "do": (None, "confirm")})
    assert frozen.status_code == 422
    await nora.aclose()


async def test_a_bad_file_shows_its_lines_and_imports_nothing(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    broken = CSV.replace("S6,helps", "S6,helpful")
    for given in ({"file": ("s.csv", broken.encode(), "text/csv")}, {"text": (None, broken), "do": (None, "confirm")}):
        refused = await nora.post(f"{here}/statements", files=given)
        assert refused.status_code == 422
        assert "nature is “helpful”; expected helps, hinders or next_step." in refused.text
        assert re.search(r'<th scope="row">7</th>', refused.text)
        assert "S6,helpful" in refused.text
    empty = await nora.post(f"{here}/statements", files={"text": (None, "")})
    assert empty.status_code == 422
    assert (await models.Session.get()).imported == []
    await nora.aclose()


async def test_a_large_file_of_statements_may_come_where_other_forms_may_not(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    large = "text_en\n" + f"{'x' * 450}\n" * 2000
    looked = await nora.post(f"{here}/statements", files={"file": ("s.csv", large.encode(), "text/csv")})
    assert looked.status_code == 200
    assert (await nora.post(f"{here}/setup/rating", data={"note": large})).status_code == 413
    people = await nora.post(f"{here}/roster?by=list", data={"roster": f"{'x' * 170};;Patients\n" * 5001})
    assert (people.status_code, "At most 5,000 lines at a time" in people.text) == (422, True)
    larger = await nora.post(f"{here}/statements", files={"file": ("s.csv", (large * 2).encode(), "text/csv")})
    assert larger.status_code == 422
    await nora.aclose()


async def test_what_was_typed_for_a_study_comes_back_with_every_reason(site: Site) -> None:
    nora = await newcomer(site)
    wrong = STUDY | {"title.fr": "", "floor": "2", "retention": "yesterday", "question.en": "What then?"}
    wrong.pop("group.managers")
    page = await nora.post("/studies/new", data=wrong)
    assert page.status_code == 422
    for sentence in ("Give a title in each language.", "whole number from 3 to 20", "Give a date after today."):
        assert sentence in page.text
    assert 'value="What then?"' in page.text
    assert re.search(r'id="f-group.ministry" name="group.ministry" value="1" checked', page.text)
    assert not re.search(r'name="group.managers" value="1" checked', page.text)
    french = await nora.post("/studies/new", data=STUDY | {"say_in": "fr"})
    assert 'value="What next?"' in french.text
    assert "Nouvelle étude" in french.text
    assert await models.Study.all().count() == 0
    await nora.aclose()


async def test_settings_that_make_no_sense_are_refused_and_kept_on_the_page(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    for changed, sentence in (
        ({"setting.second": "importance"}, ""),
        ({"rule.percent": "101"}, "101 is not a share"),
        ({"rule.percent": "most"}, "“most” is not a whole number"),
        ({"disclosure": "never"}, "Choose who sees the figures"),
        ({"grace": "4000"}, "at most 3,600 seconds"),
    ):
        page = await nora.post(f"{here}/setup/rating", data=ROUND | {"rule.opposite": "17"} | changed)
        assert page.status_code == 422, changed
        assert sentence in page.text
        assert 'value="17"' in page.text
    assert (await models.Round.get(key="rating")).rule is None
    await nora.aclose()


async def test_every_round_of_every_kind_can_be_saved_as_it_stands(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora, "write")
    for plan in read("triage"):
        before = await models.Round.get(key=plan.key)
        for language in ("fr", "en"):
            html = await good(nora, f"{here}/setup/{plan.key}?lang={language}")
        sent = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)" checked', html))
        sent |= dict(re.findall(r'<input[^>]* name="([^"]+)" type="(?:number|text)" value="([^"]*)"', html))
        sent |= dict(re.findall(r'<select[^>]* name="([^"]+)".*?value="([^"]*)" selected', html))
        saved = await nora.post(f"{here}/setup/{plan.key}", data=sent)
        assert saved.status_code == 303, saved.text
        after = await models.Round.get(key=plan.key)
        assert (after.settings, after.disclosure, after.grace) == (before.settings, before.disclosure, before.grace)
    await nora.aclose()


async def test_words_per_language_and_names_of_zones_are_kept(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    typed = {
        "setting.names.bin.fr": "Corbeille",
        "setting.names.bin.en": "",
        "setting.veto_means.en": "The committee decides.",
        "setting.selection_size": "8",
        "disclosure": "live",
        "grace": "0",
    }
    assert (await nora.post(f"{here}/setup/wall", data=typed)).status_code == 303
    row = await models.Round.get(key="wall")
    assert row.settings == {
        "names": {"bin": {"fr": "Corbeille"}}, "veto_means": {"en": "The committee decides."}, "selection_size": 8,
    }  # fmt: skip
    assert "The committee decides." in await good(nora, f"{here}/setup")
    await nora.aclose()


async def test_a_round_that_has_not_opened_can_be_taken_out(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    assert (await nora.post(f"{here}/setup", data={"round": "wall"})).status_code == 303
    assert not await models.Round.exists(key="wall")
    assert "The round before has no place “selection”" in await good(nora, f"{here}/setup")
    assert (await nora.post(f"{here}/setup", data={"round": "wall"})).status_code == 422
    assert (await nora.get(f"{here}/setup/wall")).status_code == 404
    await nora.aclose()


async def test_seats_without_names_and_colleagues_are_added(site: Site) -> None:
    nora = await newcomer(site)
    here = await session_of(nora)
    bob = await newcomer(site, "bob@example.org")
    numbers = {"seats.patients": "5", "seats.ministry": "", "language": "en"}
    assert (await nora.post(f"{here}/roster?by=number", data=numbers)).status_code == 303
    assert await models.Seat.filter(group="patients", language="en").count() == 5
    assert (await nora.post(f"{here}/roster?by=number", data={"seats.patients": "x"})).status_code == 422
    colleague = {"mail": "bob@example.org", "role": "cofacilitator"}
    assert (await bob.get(f"{here}/seats")).status_code == 404
    assert (await nora.post(f"{here}/roster?by=staff", data=colleague)).status_code == 303
    assert "already has a seat" in (await nora.post(f"{here}/roster?by=staff", data=colleague)).text
    nobody = await nora.post(f"{here}/roster?by=staff", data=colleague | {"mail": "eve@example.org"})
    assert (nobody.status_code, "Nobody signs in with" in nobody.text) == (422, True)
    assert (await bob.get(f"{here}/seats")).status_code == 200
    for path in ("setup", "setup/rating", "statements", "roster"):
        assert (await bob.get(f"{here}/{path}")).status_code == 403
    titles = {"title.fr": "Laval", "title.en": "Laval", "protocol": "triage", "statements": "import"}
    begun = await nora.post(f"/studies/{(await models.Study.get()).id}/sessions/new", data=titles)
    there = re.sub(r"/(setup|statements)$", "", begun.headers["location"])
    everywhere = {"mail": "bob@example.org", "role": "researcher", "everywhere": "1"}
    assert (await nora.post(f"{here}/roster?by=staff", data=everywhere)).status_code == 303
    roles = models.Seat.filter(staff__mail="bob@example.org").order_by("session_id")
    assert await roles.values_list("role", flat=True) == ["cofacilitator", "researcher"]
    assert "already has a seat" in (await nora.post(f"{there}/roster?by=staff", data=everywhere)).text
    await nora.aclose()
    await bob.aclose()


async def test_the_seat_cards_carry_link_code_and_picture_without_inline_style(site: Site) -> None:
    table = await lay_table(site.house)
    fay = await site.sign_in()
    here = f"/sessions/{table.session.id}"
    sheet = await good(fay, f"{here}/seats")
    assert sheet.count("<svg") >= 2 * len(table.seats)
    assert " style=" not in sheet
    links = re.findall(r"<code>(http[^<]+)</code>", sheet)
    assert len(links) == len(table.seats)
    change = {"seat": str(table.aline.id), "group": "clinicians"}
    assert (await fay.post(f"{here}/seats", data=change)).status_code == 303
    assert (await models.Seat.get(id=table.aline.id)).group == "clinicians"
    assert (await fay.post(f"{here}/seats", data=change)).status_code == 422
    assert (await fay.post(f"{here}/seats", data=change | {"group": "kings"})).status_code == 422
    assert (await fay.post(f"{here}/seats", data={"seat": "x", "revoke": "1"})).status_code == 422
    assert (await fay.post(f"{here}/seats", data={"seat": change["seat"], "revoke": "1"})).status_code == 303
    assert links[0] not in await good(fay, f"{here}/seats")
    await fay.aclose()


async def test_nobody_else_sets_a_session_up(site: Site) -> None:
    table = await lay_table(site.house)
    here, study = f"/sessions/{table.session.id}", f"/studies/{table.session.study_id}"
    pages = ["/studies", "/studies/new", f"{study}/sessions/new", f"{here}/setup", f"{here}/setup/rating"]
    pages += [f"{here}/statements", f"{here}/roster", f"{here}/seats"]
    aline, stranger, eve = await site.sit(table.aline), site.client(), await newcomer(site, "eve@example.org")
    for path in pages:
        for client, codes in ((aline, {403, 404}), (stranger, {401})):
            assert (await client.get(path)).status_code in codes, path
            if path != "/studies":
                assert (await client.post(path, data={"round": "rating"})).status_code in codes, path
        if path not in {"/studies", "/studies/new"}:
            assert (await eve.get(path)).status_code == 404, path
            assert (await eve.post(path, data={"round": "rating"})).status_code == 404, path
    assert "Case management" not in await good(eve, "/studies")
    for client in (aline, stranger, eve):
        await client.aclose()


async def test_signs_that_nobody_sees_are_no_title_no_name_and_no_list(site: Site) -> None:
    nora = await newcomer(site)
    for name, sentence in (("title.fr", "Give a title in each language."), ("help_name", "person")):
        page = await nora.post("/studies/new", data=STUDY | {name: "\u200b\u2800\u202f\u3164"})
        assert (page.status_code, sentence in page.text) == (422, True)
    here = await session_of(nora)
    for path, field in ((f"{here}/statements", "text"), (f"{here}/roster?by=list", "roster")):
        page = await nora.post(path, files={field: (None, "\u200b\n\ufeff"), "do": (None, "confirm")})
        assert page.status_code == 422
    await nora.aclose()
