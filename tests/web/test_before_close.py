"""Whoever is about to close reads who would be counted with whom, and whose answers in nothing; and so it comes."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.protocol import Plan
from rounds.disclosure import Mode
from tests.conftest import Site, Table, lay_table

PATIENTS, CAREGIVERS, CLINICIANS = range(0, 5), range(5, 7), range(7, 11)  # k = 5


async def laid(site: Site, mode: Mode = Mode.AT_CLOSE, kind: str = "rating") -> Table:
    return await lay_table(site.house, [Plan(key="round", kind=kind, disclosure=mode, grace=0, settings={})])


async def answer(table: Table, seats: range, cards: int = 3, value: str = "7") -> None:
    for seat in seats:
        for card in range(1, cards + 1):
            await table.cast(table.seats[seat], "round", card=f"P{card:03}", importance=value)


async def read(browser: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    page = await browser.get(f"/sessions/{table.session.id}/console?lang={language}")
    assert page.status_code == 200, page.text
    return unescape(page.text)


def told(page: str) -> list[str]:
    found = re.search(r'id="before-close">(.*?)</div></div>', page, re.S)
    return re.findall(r'<(?:li dir="auto"|p)>(.*?)</(?:li|p)>', found.group(1), re.S) if found else []


async def keep_apart(table: Table, *pairs: tuple[str, str]) -> None:
    staff = await models.Staff.get(mail="fay@example.org")
    await conduct.keep_apart(table.house, staff, table.session.study_id, pairs)


async def test_a_small_group_is_told_with_whom_it_would_be_counted_and_is(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    fay = await site.sign_in()
    assert "0 people gave an answer; figures need 5." in told(await read(fay, table))[0]
    await answer(table, PATIENTS)
    await answer(table, CLINICIANS[:1])
    assert told(await read(fay, table)) == [
        "Answered: Clinicians (1 of 4); figures need 5. That answer is counted together with Patients (5 of 5)."
    ]
    french = "Ont répondu\u00a0: Cliniciens (1 sur 4); il faut 5 réponses pour un chiffre. Cette réponse sera"
    assert told(await read(fay, table, "fr"))[0].startswith(french)
    assert "/invitations" in await read(fay, table)
    closed = await table.close("round")
    assert [block["groups"] for block in closed.made["blocks"]] == [["patients", "clinicians"]]
    await fay.aclose()


async def test_who_may_join_nobody_is_told_that_they_count_in_nothing_and_do_not(site: Site) -> None:
    table = await laid(site)
    await keep_apart(table, ("patients", "clinicians"))
    await table.open("round")
    await answer(table, PATIENTS)
    await answer(table, CLINICIANS[:1])
    fay = await site.sign_in()
    assert told(await read(fay, table)) == [
        "Answered: Clinicians (1 of 4). Your study never counts these people with Patients. "
        "That answer is not counted and not shown."
    ]
    await keep_apart(table)  # for the steps to come: this one goes on as it opened
    assert "never counts these people with Patients" in told(await read(fay, table))[0]
    assert (await table.close("round")).made["aside"] == ["clinicians"]
    await fay.aclose()


async def test_a_look_fixes_the_groups_and_that_is_said_before_and_after_it(site: Site) -> None:
    table = await laid(site, Mode.FACILITATOR)
    row = await table.open("round")
    await answer(table, PATIENTS)
    await answer(table, CLINICIANS[:1])
    fay, fixes = await site.sign_in(), "Looking now fixes the groups: a group under 5 will not be counted with another"
    page = await read(fay, table)
    assert fixes in page and "is counted together with Patients (5 of 5)" in told(page)[0]
    assert "Regarder maintenant fige les groupes" in await read(fay, table, "fr")
    await conduct.reveal_figures(site.house, table.fay, row.id)
    page = await read(fay, table)
    assert fixes not in page
    assert told(page) == [
        "Answered: Clinicians (1 of 4); figures need 5, and the groups of this step are fixed. "
        "That answer is not counted and not shown."
    ]
    assert (await table.close("round")).made["aside"] == ["caregivers", "clinicians"], "one block, as planned"
    await fay.aclose()


async def test_statements_on_which_few_gave_a_valid_answer_are_counted(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    await answer(table, PATIENTS)
    await table.cast(table.seats[0], "round", card="P002", importance="dont_know")
    fay = await site.sign_in()
    assert told(await read(fay, table)) == [
        "Patients: on 1 statement of 3, fewer than 5 people gave an answer (“I don’t know” is none). "
        "There, they are not counted."
    ]
    await table.cast(table.seats[0], "round", card="P003", importance="dont_know")
    assert "on 2 statements of 3" in told(await read(fay, table))[0]
    await fay.aclose()


async def test_small_groups_that_make_a_block_together_are_named_in_one_sentence(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    await answer(table, PATIENTS[:3])
    await answer(table, CLINICIANS[:2])
    fay = await site.sign_in()
    assert told(await read(fay, table)) == [
        "Answered: Patients (3 of 5) and Clinicians (2 of 4). Figures need 5: these groups are counted together."
    ]
    await fay.aclose()


async def test_blocks_with_few_valid_answers_are_lines_under_one_sentence(site: Site) -> None:
    table = await laid(site)
    study = table.session.study_id
    await models.Study.filter(id=study).update(floor=4)
    await table.open("round")
    await answer(table, PATIENTS[:4])
    await answer(table, CLINICIANS)
    for seat, card in ((0, "P001"), (0, "P002"), (-1, "P003")):
        await table.cast(table.seats[seat], "round", card=card, importance="dont_know")
    fay = await site.sign_in()
    few = " ".join(told(await read(fay, table)))
    assert few.count("“I don’t know” is no answer. Where fewer than 4 people gave one, they are not counted:") == 1
    page = await read(fay, table)
    assert "Patients: 2 statements of 3" in page and "Clinicians: 1 statement of 3" in page
    await fay.aclose()


async def test_nothing_is_said_where_every_group_is_counted_by_itself(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    await answer(table, PATIENTS)
    fay = await site.sign_in()
    assert told(await read(fay, table)) == []
    await fay.aclose()


async def test_no_value_moves_a_word_of_it(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    await answer(table, PATIENTS[:4])
    await answer(table, CLINICIANS[:2], cards=2)
    fay = await site.sign_in()
    before = told(await read(fay, table))
    for value in ("1", "9"):
        await answer(table, PATIENTS[:4], value=value)
        assert told(await read(fay, table)) == before
    await fay.aclose()


async def test_a_list_for_which_no_statement_is_answered_by_itself_counts_no_statement(site: Site) -> None:
    table = await laid(site, kind="ranking")
    await table.open("round")
    for seat in [*PATIENTS, *CAREGIVERS]:
        await table.cast(table.seats[seat], "round", place__P001="1", place__P002="2")
    fay = await site.sign_in()
    assert told(await read(fay, table)) == [
        "Answered: Caregivers (2 of 2); figures need 5. Those answers are counted together with Patients (5 of 5)."
    ]
    await fay.aclose()


@pytest.mark.parametrize("kind", ["gather", "wall", "compilation"])
async def test_where_a_close_counts_nobody_nothing_is_said(site: Site, kind: str) -> None:
    table = await laid(site, kind=kind)
    await table.open("round")
    fay = await site.sign_in()
    page = await read(fay, table)
    assert told(page) == [] and "fixes the groups" not in page
    await fay.aclose()


async def test_a_round_from_before_its_counting_was_sealed_says_nothing(site: Site) -> None:
    table = await laid(site)
    row = await table.open("round")
    await models.Round.filter(id=row.id).update(counting=None)
    fay = await site.sign_in()
    assert told(await read(fay, table)) == []
    await fay.aclose()


async def test_participants_and_observers_read_none_of_it(site: Site) -> None:
    table = await laid(site)
    await table.open("round")
    await answer(table, PATIENTS)
    await answer(table, CLINICIANS[:1])
    browser = await site.sit(table.aline)
    for path in ("", "/take", "/frame/room"):
        page = await browser.get(f"/sessions/{table.session.id}{path}?lang=en")
        assert "counted together with" not in page.text and 'id="before-close"' not in page.text
    assert (await browser.get(f"/sessions/{table.session.id}/console")).status_code == 403
    await browser.aclose()
