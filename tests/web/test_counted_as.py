"""After a close everybody reads which groups were counted together, and which are in no figure."""

from __future__ import annotations

from html import unescape

import httpx2

from consensus import conduct, models
from consensus.counting import told_of
from rounds.disclosure import Mode
from tests.conftest import Site, Table
from tests.web.test_before_close import CLINICIANS, PATIENTS, answer, keep_apart, laid

MINE = "Your answer is kept but was not counted: too few people of your group answered."
JOINED = "Patients and Clinicians: counted together, because fewer than 5 answered in at least one of these groups."


async def read(browser: httpx2.AsyncClient, table: Table, path: str, language: str = "en") -> str:
    page = await browser.get(f"/sessions/{table.session.id}/{path}?lang={language}")
    assert page.status_code == 200, page.text
    return unescape(page.text)


async def closed(site: Site, clinicians: int, *pairs: tuple[str, str], mode: Mode = Mode.AT_CLOSE) -> Table:
    table = await laid(site, mode)
    await keep_apart(table, *pairs)
    await table.open("round")
    await answer(table, PATIENTS)
    await answer(table, CLINICIANS[:clinicians])
    if mode is Mode.FACILITATOR:
        await conduct.reveal_figures(site.house, table.fay, (await table.row("round")).id)
    await table.close("round")
    return table


async def test_groups_counted_together_are_named_together_in_both_languages(site: Site) -> None:
    table = await closed(site, 1)
    fay = await site.sign_in()
    page = await read(fay, table, "results")
    assert JOINED in page
    assert "Caregivers: fewer than 5 answered, not counted." in page
    french = await read(fay, table, "results", "fr")
    assert "Patients et Cliniciens\u00a0: réponses comptées ensemble, car il y en a moins de 5" in french
    assert "Proches aidants\u00a0: moins de 5 réponses, non comptées." in french
    clinician = await site.sit(table.seats[CLINICIANS[0]])
    assert JOINED in await read(clinician, table, "results")
    assert MINE not in await read(clinician, table, "take")
    await fay.aclose()
    await clinician.aclose()


async def test_who_is_set_aside_reads_that_their_answer_is_kept_and_not_counted(site: Site) -> None:
    table = await closed(site, 1, ("patients", "clinicians"))
    answered, silent, patient = (table.seats[n] for n in (CLINICIANS[0], CLINICIANS[1], PATIENTS[0]))
    for seat, is_told in ((answered, True), (silent, False), (patient, False)):
        browser = await site.sit(seat)
        assert (MINE in await read(browser, table, "take")) is is_told
        await browser.aclose()
    browser = await site.sit(answered)
    assert "Votre réponse est gardée mais n’a pas été comptée" in await read(browser, table, "take", "fr")
    assert "Clinicians: fewer than 5 answered, not counted." in await read(browser, table, "results")
    await browser.aclose()


async def test_whether_few_answered_or_nobody_reads_the_same(site: Site) -> None:
    told = []
    for mode in (Mode.AT_CLOSE, Mode.FACILITATOR):
        for clinicians in (0, 1):
            table = await closed(site, clinicians, ("patients", "clinicians"), ("caregivers", "clinicians"), mode=mode)
            found = told_of(await table.row("round"))
            assert found is not None
            told.append((mode, found.k, set(found.aside)))
    assert told[0] == told[1] and told[2] == told[3]
    assert "clinicians" in told[0][2] and "clinicians" in told[2][2]


async def test_blocks_that_stayed_as_planned_are_not_said_to_be_made_of_few(site: Site) -> None:
    table = await closed(site, 4, mode=Mode.FACILITATOR)
    found = told_of(await table.row("round"))
    assert found is not None and found.joined == () and set(found.aside) == {"caregivers", "clinicians"}


async def test_a_round_of_before_and_one_that_is_open_say_nothing(site: Site) -> None:
    table = await laid(site)
    assert told_of(await table.open("round")) is None
    await answer(table, PATIENTS)
    row = await table.close("round")
    await models.Round.filter(id=row.id).update(counting=None, made=None)
    assert told_of(await table.row("round")) is None
    fay = await site.sign_in()
    assert "answered, not counted." not in await read(fay, table, "results")
    await fay.aclose()


async def test_the_consent_names_the_groups_with_which_an_answer_may_be_counted(site: Site) -> None:
    table = await laid(site)
    await keep_apart(table, ("patients", "clinicians"))
    await models.Seat.filter(session_id=table.session.id).update(consented=False)
    patient, clinician = await site.sit(table.aline), await site.sit(table.bob)
    page = await read(patient, table, "take")
    assert "Figures are shown for at least 5 answers together." in page
    assert "your answer is counted with another group (Caregivers), or not at all." in page
    assert "If everyone in a group answers alike, everyone’s answer is known." in page
    assert "votre réponse est comptée avec un autre groupe (Proches aidants)" in await read(
        clinician, table, "take", "fr"
    )
    await keep_apart(table, ("patients", "clinicians"), ("patients", "caregivers"))
    assert "If few people of your group answer, your answer is not counted." in await read(patient, table, "take")
    await patient.aclose()
    await clinician.aclose()
