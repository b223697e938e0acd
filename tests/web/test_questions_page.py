"""Questions about people: set on the study, met once after the consent, one's own to change; nobody else reads them."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.journal import HOUSE, head_of
from tests.conftest import PASSWORD, RATING, Site, Table, lay_table

YEARS = {
    "key": "years",
    "names": {"fr": "Depuis quand?", "en": "Since when?"},
    "choices": [{"key": f"c{n}", "names": {"fr": f"Choix {n}", "en": f"Choice {n}"}} for n in (1, 2, 3)],
}
GENDER = {"key": "gender", "names": {"fr": "Genre?", "en": "Gender?"}, "choices": []}
WORDS = "In words that nobody else uses"


@pytest.fixture
async def here(site: Site) -> Table:
    return await asking(await lay_table(site.house, [*RATING]))


async def asking(table: Table, *questions: dict[str, Any]) -> Table:
    """The study asks these of people; they have not agreed yet."""
    staff = await models.Staff.get(id=table.fay.staff_id)
    await conduct.write_questions(table.house, staff, table.session.study_id, questions or (YEARS, GENDER))
    await models.Seat.filter(id__in=[seat.id for seat in table.seats]).update(consented=False, agreed=None)
    return table


async def read(browser: httpx2.AsyncClient, path: str, language: str = "en") -> str:
    return unescape((await browser.get(f"{path}{'&' if '?' in path else '?'}lang={language}")).text)


async def said_by(seat: models.Seat) -> Any:
    return (await models.Seat.get(id=seat.id)).profile


def at(table: Table) -> str:
    return f"/sessions/{table.session.id}"


def questions_at(table: Table) -> str:
    return f"/studies/{table.session.study_id}/questions"


# People


async def test_who_agrees_meets_the_questions_once_and_may_skip_them(site: Site, here: Table) -> None:
    bob = await site.sit(here.bob)
    agreed = await bob.post(f"{at(here)}/consent", data={"agree": "1", "version": "1"})
    assert agreed.headers["location"] == f"{at(here)}/profile?first=yes"
    page = await read(bob, f"{at(here)}/profile?first=yes")
    assert "Since when?" in page and "Choice 2" in page and "Gender?" in page
    assert page.count('<button class="btn">Save and go on') == page.count('<button class="btn" name="skip"') == 1
    skipped = await bob.post(f"{at(here)}/profile", data={"first": "yes", "skip": "1", "q.gender": WORDS})
    assert skipped.headers["location"] == f"{at(here)}/take"
    assert await said_by(here.bob) is None, "saying nothing stores nothing"


async def test_without_questions_nobody_meets_a_page_more(site: Site) -> None:
    table = await lay_table(site.house, [*RATING])
    await models.Seat.filter(id=table.bob.id).update(consented=False, agreed=None)
    bob = await site.sit(table.bob)
    assert "short question" not in await read(bob, f"{at(table)}/take")
    agreed = await bob.post(f"{at(table)}/consent", data={"agree": "1", "version": "1"})
    assert agreed.headers["location"] == f"{at(table)}/take"
    assert (await bob.get(f"{at(table)}/profile")).headers["location"] == f"{at(table)}/agreed"
    assert "What I said about myself" not in await read(bob, f"{at(table)}/agreed")


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Next, 2 short questions about you."), ("fr", "Ensuite, 2 courtes questions sur vous.")],
)
async def test_the_consent_tells_of_them_before(site: Site, here: Table, language: str, told: str) -> None:
    assert told in await read(await site.sit(here.bob), f"{at(here)}/take", language)


async def test_what_one_said_is_changed_and_deleted_from_what_one_agreed_to(site: Site, here: Table) -> None:
    await conduct.consent(site.house, here.bob)
    bob = await site.sit(here.bob)
    assert f'href="{at(here)}/profile"' in await read(bob, f"{at(here)}/agreed")
    await bob.post(f"{at(here)}/profile", data={"q.years": "c2", "q.gender": WORDS})
    assert await said_by(here.bob) == {"years": "c2", "gender": WORDS}
    page = await read(bob, f"{at(here)}/profile")
    assert WORDS in page and 'value="c2" checked' in page and 'name="skip"' not in page
    await bob.post(f"{at(here)}/profile", data={"q.years": "c1"})
    assert await said_by(here.bob) == {"years": "c1"}, "what is left empty is kept no more"
    await bob.post(f"{at(here)}/profile", data={"q.years": "c1", "delete": "1"})
    assert await said_by(here.bob) is None


@pytest.mark.parametrize("said", [{"q.years": "c9"}, {"q.gender": "x" * 81}])
async def test_an_answer_that_is_none_is_refused_and_what_was_typed_stays(
    site: Site, here: Table, said: dict[str, str]
) -> None:
    await conduct.consent(site.house, here.bob)
    bob = await site.sit(here.bob)
    page = await bob.post(f"{at(here)}/profile", data={"first": "yes", "q.gender": WORDS, **said})
    assert page.status_code == 422 and said.get("q.gender", WORDS) in page.text and 'name="skip"' in page.text
    assert await said_by(here.bob) is None


async def test_no_journal_no_page_of_the_team_and_nobody_elses_tells_it(site: Site, here: Table) -> None:
    await conduct.consent(site.house, here.bob)
    bob, before = await site.sit(here.bob), await models.Entry.all().count()
    await bob.post(f"{at(here)}/profile", data={"q.years": "c2", "q.gender": WORDS})
    assert await models.Entry.all().count() == before, "no line tells that anything was said"
    await here.open("rating")
    fay, aline = await site.sign_in(), await site.sit(here.aline)
    await conduct.consent(site.house, here.aline)
    pages = ("console", "seats", "results", "journal", "roster", "invitations", f"seats/{here.bob.id}/answers")
    for page in pages:
        found = await fay.get(f"{at(here)}/{page}")
        assert found.status_code == 200 and WORDS not in found.text and 'value="c2" checked' not in found.text
    for page in ("take", "results", "profile", "agreed"):
        assert WORDS not in (await aline.get(f"{at(here)}/{page}")).text


async def test_an_outsider_reads_and_writes_none(site: Site, here: Table) -> None:
    other = await lay_table(site.house, title="Ailleurs")
    odile, stranger = await site.sit(other.aline), site.client()
    for browser, status in ((odile, 404), (stranger, 401)):
        assert (await browser.get(f"{at(here)}/profile")).status_code == status
        assert (await browser.post(f"{at(here)}/profile", data={"q.years": "c1"})).status_code == status
        assert (await browser.get(questions_at(here))).status_code in {401, 403}
    fay = await site.sign_in()
    assert (await fay.get(f"{at(here)}/profile")).status_code == 403
    await conduct.add_staff(site.house, "max@example.org", "Max", PASSWORD)
    max_ = await site.sign_in("max@example.org")
    for call in (max_.get(questions_at(here)), max_.post(questions_at(here), data={"order": ""})):
        assert (await call).status_code == 404
    assert len((await models.Study.get(id=here.session.study_id)).profile) == 2


async def test_the_team_enters_what_somebody_said_on_the_telephone_and_never_over_their_own(
    site: Site, here: Table
) -> None:
    await here.open("rating")
    fay = await site.sign_in()
    page = await read(fay, f"{at(here)}/seats/{here.bob.id}/answers")
    assert "Since when?" in page and "if they wish to answer" in page
    form = {"by": "phone", "agreed": "1", "version": "1", "first": "1"}
    await fay.post(f"{at(here)}/seats/{here.bob.id}/answers", data={**form, "q.years": "c1"})
    assert await said_by(here.bob) == {"years": "c1"}
    await fay.post(f"{at(here)}/seats/{here.bob.id}/answers", data={**form, "q.years": "c3", "q.gender": WORDS})
    assert await said_by(here.bob) == {"years": "c1", "gender": WORDS}
    await fay.post(f"{at(here)}/seats/{here.bob.id}/answers", data=form)
    assert await said_by(here.bob) == {"years": "c1", "gender": WORDS}


# The study's page


async def test_an_example_is_added_moved_removed_and_saved_without_a_script(site: Site) -> None:
    table = await lay_table(site.house, [*RATING])
    fay, path = await site.sign_in(), questions_at(table)
    page = await fay.post(path, data={"order": "", "add": "years"})
    assert page.status_code == 200 and 'name="order" value="years"' in page.text
    page = await fay.post(path, data={"order": "years", "add": "own"})
    assert 'name="order" value="years q1"' in page.text and "autofocus" in page.text
    moved = await fay.post(path, data={"order": "years q1", "name.q1.fr": "Rôle?", "name.q1.en": "Role?", "up": "q1"})
    assert 'name="order" value="q1 years"' in moved.text and 'value="Rôle?"' in moved.text
    assert await models.Study.get(id=table.session.study_id).values_list("profile", flat=True) is None
    form = {
        "order": "q1 years",
        "name.q1.fr": "Rôle?",
        "name.q1.en": "Role?",
        "choices.q1.fr": "Un\nDeux",
        "choices.q1.en": "One\n\n Two ",
        "name.years.fr": "Ans?",
        "name.years.en": "Years?",
        "choices.years.fr": "",
        "choices.years.en": "",
    }
    gone = await fay.post(path, data=form | {"remove": "q1"})
    assert 'name="order" value="years"' in gone.text
    assert (await fay.post(path, data=form)).status_code == 303
    first, second = (await models.Study.get(id=table.session.study_id)).profile
    assert first["choices"][1] == {"key": "c2", "names": {"fr": "Deux", "en": "Two"}}
    assert second == {"key": "years", "names": {"fr": "Ans?", "en": "Years?"}, "choices": []}
    line = await models.Entry.filter(head=HOUSE, act="write_questions").first()
    assert line is not None and json.loads(line.payload)["n"] == 2 and "Rôle" not in line.payload


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name.q1.fr": ""}, "Write the question in this language."),
        ({"choices.q1.fr": "Un\nDeux", "choices.q1.en": "One"}, "Write as many choices in each language."),
        ({"choices.q1.fr": "Un", "choices.q1.en": "One"}, "Write 2 to 12 choices, or none for a short text."),
        ({"choices.q1.fr": "Un\nUN", "choices.q1.en": "One\nTwo"}, "Two choices say the same."),
        ({"choices.q1.fr": "Un\n" + "x" * 81, "choices.q1.en": "One\nTwo"}, "Shorten a choice to 80 characters"),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_typed_is_lost(site: Site, wrong: dict[str, str], why: str) -> None:
    table = await lay_table(site.house, [*RATING])
    fay = await site.sign_in()
    form = {"order": "q1", "name.q1.fr": "Rôle?", "name.q1.en": "Role? Mine", "choices.q1.fr": "", "choices.q1.en": ""}
    page = await fay.post(f"{questions_at(table)}?lang=en", data=form | wrong)
    assert page.status_code == 422 and why in unescape(page.text) and "Role? Mine" in page.text


async def test_once_somebody_answered_words_change_and_questions_are_added_only(site: Site, here: Table) -> None:
    await conduct.consent(site.house, here.bob)
    await conduct.say_profile(site.house, here.bob, {"years": "c2"})
    staff, study = await models.Staff.get(id=here.fay.staff_id), here.session.study_id
    fewer = {**YEARS, "choices": YEARS["choices"][:2]}
    for others in ([GENDER], [GENDER, YEARS], [fewer, GENDER], []):
        with pytest.raises(Refused, match="questions_answered"):
            await conduct.write_questions(site.house, staff, study, others)
    reworded = {**YEARS, "names": {"fr": "Ans?", "en": "Years?"}}
    more = {"key": "q1", "names": {"fr": "Et?", "en": "And?"}, "choices": []}
    await conduct.write_questions(site.house, staff, study, [reworded, GENDER, more])
    assert [one["key"] for one in (await models.Study.get(id=study)).profile] == ["years", "gender", "q1"]
    page = await read(await site.sign_in(), questions_at(here))
    assert "You can still change wordings and add questions." in page and 'name="remove"' not in page


async def test_a_line_about_people_names_nobody(site: Site, here: Table) -> None:
    lines = await models.Entry.filter(head=head_of(here.session.id))
    assert "profile" not in {line.act for line in lines}
