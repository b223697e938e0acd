"""The pages of the freeze: what people read of its day, who sets it, who is given individual answers, who signs."""

from __future__ import annotations

import html
from contextlib import aclosing
from datetime import timedelta

import pytest

from consensus import conduct, models, text, zones
from consensus.conduct import Guest
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table
from tests.freezing import freeze, move_day, tell_day


@pytest.fixture
async def here(site: Site) -> Table:
    """A session that is over; Rita, a researcher, sits in it."""
    table = await lay_table(site.house)
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    (rita,) = await conduct.add_seats(site.house, table.fay, [Guest(Role.RESEARCHER, name="Rita Côté")])
    table.odile = rita
    return table


def path_of(table: Table, rest: str = "") -> str:
    return f"/sessions/{table.session.id}{rest}"


async def said(browser, path: str, language: str = "en") -> str:
    return html.unescape((await browser.get(f"{path}?lang={language}")).text)


# The person


@pytest.mark.parametrize(
    ("language", "told"), [("en", "answers erased until {}"), ("fr", "effacer vos réponses jusqu’au {}")]
)
async def test_the_day_is_read_in_the_consent_and_on_ones_own_pages(
    site: Site, here: Table, language: str, told: str
) -> None:
    async with aclosing(await site.sit(here.aline)) as aline:
        for page in ("", "/agreed", "/withdraw"):
            assert told.format("") not in await said(aline, path_of(here, page), language)
        day = text.day(language, await tell_day(here))
        assert told.format(day) in await said(aline, path_of(here, "/take"), language)
        form = {"agree": "1", "version": "2"}
        assert (await aline.post(path_of(here, "/consent"), data=form)).status_code == 303
        for page in ("", "/agreed", "/withdraw"):
            assert told.format(day) in await said(aline, path_of(here, page), language), page


async def test_after_the_freeze_erasing_is_not_offered_and_is_refused(site: Site, here: Table) -> None:
    early = here.seats[1]
    await freeze(here, [seat for seat in here.seats if seat is not early])
    async with aclosing(await site.sit(here.aline)) as aline, aclosing(await site.sit(early)) as other:
        page = await said(aline, path_of(here, "/withdraw"))
        assert 'value="erase"' not in page and "only your name can be erased" in page and 'value="stop"' in page
        assert 'value="erase"' in await said(other, path_of(here, "/withdraw"))
        for language, sentence in (("en", "can no longer be erased"), ("fr", "ne peuvent plus être effacées")):
            sent = await aline.post(f"{path_of(here, '/withdraw')}?lang={language}", data={"choice": "erase"})
            assert sent.status_code == 422 and sentence in html.unescape(sent.text)
        assert (await other.post(path_of(here, "/withdraw"), data={"choice": "erase"})).status_code == 200
    assert not (await models.Seat.get(id=here.aline.id)).withdrawn
    assert (await models.Seat.get(id=early.id)).withdrawn == "erased"


# The study


async def test_the_facilitator_sets_the_day(site: Site, here: Table) -> None:
    path = f"/studies/{here.session.study_id}/freeze"
    study = await models.Study.get(id=here.session.study_id)
    day = zones.today_in(study.zone) + timedelta(days=30)
    async with aclosing(await site.sign_in()) as fay:
        assert path in (await fay.get(f"/studies/{here.session.study_id}")).text
        assert "No day is set" in await said(fay, path)
        for typed in ("", "soon", (day - timedelta(days=20)).isoformat()):
            refused = await fay.post(f"{path}?lang=en", data={"until": typed})
            assert refused.status_code == 422 and f'value="{typed}"' in refused.text
        assert (await fay.post(path, data={"until": day.isoformat()})).status_code == 303
        for language in ("en", "fr"):
            assert text.day(language, day) in await said(fay, path, language)
    version = (await models.Study.get(id=study.id)).versions[-1]
    assert text.day("fr", day) in version["news"]["fr"] and text.day("en", day) in version["news"]["en"]


async def test_nobody_else_sets_it_or_signs(site: Site, here: Table) -> None:
    study = f"/studies/{here.session.study_id}"
    await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD)
    browsers = [
        (await site.sign_in("ada@example.org"), 404),
        (await site.sit(here.odile), 403),
        (await site.sit(here.aline), 403),
        (site.client(), 401),
    ]
    for browser, status in browsers:
        for path in (f"{study}/freeze", f"{study}/signatures"):
            assert (await browser.get(path)).status_code == status
            assert (await browser.post(path, data={"until": "2031-01-01", "grant": "1"})).status_code == status
    assert len((await models.Study.get(id=here.session.study_id)).versions) == 1


# Individual answers


async def test_until_the_freeze_there_is_no_file_and_the_page_says_until_when(site: Site, here: Table) -> None:
    await conduct.give_answers(site.house, here.fay, here.session.id, here.odile.id)
    async with aclosing(await site.sit(here.odile)) as rita:
        refused = await rita.get(f"{path_of(here, '/parcel/row-level')}?lang=en")
        assert refused.status_code == 422 and "has not told people until when" in refused.text
        await tell_day(here)
        for language in ("en", "fr"):
            day = text.day(language, await move_day(here, 20))
            refused = await rita.get(f"{path_of(here, '/parcel/row-level')}?lang={language}")
            assert refused.status_code == 422 and day in html.unescape(refused.text)
            assert "zip" not in refused.headers["content-type"]


async def test_a_named_researcher_accepts_the_conditions_and_has_the_file(site: Site, here: Table) -> None:
    await freeze(here)
    file = path_of(here, "/parcel/row-level")
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sit(here.odile)) as rita:
        refused = await rita.get(f"{file}?lang=en")
        assert refused.status_code == 422 and "They were not given to you" in refused.text
        page = await said(fay, path_of(here, "/individual"))
        assert "Rita Côté" in page and "Not given." in page
        gave = await fay.post(path_of(here, "/individual/give"), data={"seat": str(here.odile.id)})
        assert gave.status_code == 303
        assert "The conditions are not accepted yet" in await said(fay, path_of(here, "/individual"))
        sent = await rita.get(file)
        assert sent.status_code == 303 and sent.headers["location"] == path_of(here, "/individual")
        assert "J’accepte ces conditions" in await said(rita, path_of(here, "/individual"), "fr")
        unticked = await rita.post(f"{path_of(here, '/individual')}?lang=en", data={})
        assert unticked.status_code == 422 and "Tick the box" in unticked.text
        assert (await rita.get(file)).status_code == 303
        assert (await rita.post(path_of(here, "/individual"), data={"accept": "1"})).status_code == 303
        had = await rita.get(file)
        assert had.status_code == 200 and had.headers["content-type"] == "application/zip"
        journal = await said(fay, path_of(here, "/journal"))
        assert journal.count("Gave the individual answers") == journal.count("Accepted the conditions") == 1
        assert "Rita" not in journal and "Froze the session" in journal


async def test_the_team_has_no_file_but_by_a_second_persons_signature(site: Site, here: Table) -> None:
    await freeze(here)
    await conduct.add_staff(site.house, "ada@example.org", "Ada", PASSWORD, is_administrator=True)
    file, sign = path_of(here, "/parcel/row-level"), f"/studies/{here.session.study_id}/signatures"
    async with aclosing(await site.sign_in()) as fay, aclosing(await site.sign_in("ada@example.org")) as ada:
        assert (await fay.get(file)).status_code == 422
        gave = await fay.post(path_of(here, "/individual/give"), data={"seat": str(here.fay.id)})
        assert gave.status_code == 303
        refused = await fay.get(f"{file}?lang=en")
        assert refused.status_code == 422 and "A second person has to sign" in refused.text
        grant = {"grant": str((await models.Grant.get(seat_id=here.fay.id)).id)}
        assert "You sit in this session" in await said(fay, sign)
        assert (await fay.post(sign, data=grant)).status_code == 422
        assert "Fay" in await said(ada, sign)
        assert (await ada.post(sign, data={"grant": "999"})).status_code == 422
        assert (await ada.post(sign, data=grant)).status_code == 303
        assert "Nothing waits" in await said(ada, sign)
        assert (await fay.post(path_of(here, "/individual"), data={"accept": "1"})).status_code == 303
        assert (await fay.get(file)).headers["content-type"] == "application/zip"


async def test_only_the_facilitator_gives_and_outsiders_find_nothing(site: Site, here: Table) -> None:
    await freeze(here)
    outside = await lay_table(site.house, title="Ailleurs")
    (cof, obs) = await conduct.add_seats(site.house, here.fay, [Guest(Role.COFACILITATOR), Guest(Role.OBSERVER)])
    held = [(here.odile, 200, 403), (cof, 200, 403), (obs, 403, 403), (here.aline, 403, 403), (outside.aline, 404, 404)]
    for browser, sees, gives in [*[(await site.sit(seat), a, b) for seat, a, b in held], (site.client(), 401, 401)]:
        page = await browser.get(path_of(here, "/individual"))
        assert page.status_code == sees and "Fay" not in page.text.partition("<main")[2].partition("</main")[0]
        give = await browser.post(path_of(here, "/individual/give"), data={"seat": str(here.odile.id)})
        assert give.status_code == gives
        file = await browser.get(path_of(here, "/parcel/row-level"))
        assert file.status_code == (422 if sees == 200 else sees)
    assert not await models.Grant.all().exists()


async def test_the_team_of_a_rehearsal_has_its_file_without_more(site: Site, here: Table) -> None:
    await models.Session.filter(id=here.session.id).update(rehearses=here.session.id)
    async with aclosing(await site.sign_in()) as fay:
        had = await fay.get(path_of(here, "/parcel/row-level"))
        assert had.status_code == 200 and "rehearsal-reponses-individuelles" in had.headers["content-disposition"]
