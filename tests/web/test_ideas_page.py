"""What became of one's own sentences: for their author alone, each state at its moment, and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape

import httpx2
import pytest

from consensus import conduct, models
from consensus.conduct import Guest, Refused
from consensus.export import released
from consensus.export.study import study_parcel
from consensus.outcome import left_by
from consensus.protocol import Plan
from rounds.contract import Role
from tests.conftest import RATING, Site, Table, lay_table

MINE, JOINED, GONE = "Hours set aside in the week.", "One number that a person answers.", "Tell it on television."
THEIRS = "A desk where a person answers."
PLANS = [
    Plan(key="gather", kind="gather", disclosure="at_close", grace=0, settings={}),
    Plan(key="compile", kind="compilation", disclosure="live", grace=0, settings={}),
    *RATING,
]


@pytest.fixture
async def here(site: Site) -> Table:
    return await _written(site, PLANS)


@pytest.fixture
async def short(site: Site) -> Table:
    """Over as soon as the team has compiled."""
    return await _written(site, PLANS[:2])


async def _written(site: Site, plans: list[Plan]) -> Table:
    table = await lay_table(site.house, plans)
    await models.Session.filter(id=table.session.id).update(imported=[])
    await table.open("gather")
    for place, text in enumerate((MINE, JOINED, GONE), 1):
        await table.cast(table.aline, "gather", card=str(place), text=text)
    await table.cast(table.bob, "gather", card="1", text=THEIRS)
    return table


async def _page(browser: httpx2.AsyncClient, table: Table, language: str = "en") -> str:
    answer = await browser.get(f"/sessions/{table.session.id}/ideas?lang={language}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def _inside(data: bytes) -> dict[str, str]:
    """The text of every file of a parcel."""
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        return {name: parcel.read(name).decode("utf-8", "replace") for name in parcel.namelist()}


async def _number(table: Table, text: str) -> str:
    row = await table.row("gather")
    return next(s["id"] for s in row.outcome["left"]["statements"] if text in s["wordings"].values())


async def _compile(table: Table) -> None:
    mine, joined, gone, theirs = [await _number(table, text) for text in (MINE, JOINED, GONE, THEIRS)]
    await table.open("compile")
    words = {"wording__en": "Give each person one contact.", "wording__fr": "Donner à chacun un seul contact."}
    fields = {"act": ["merge"], "of": [joined, theirs], "looked": ["1"]}
    fields |= {name.replace("__", "."): [text] for name, text in words.items()}
    row = await table.row("compile")
    await conduct.cast(table.house, table.fay.id, row.id, conduct.Submission(fields, "merge", "en"))
    await table.cast(table.fay, "compile", act="accept", of=mine, looked="1")
    await table.cast(table.fay, "compile", act="reject", of=gone, reason="The plan says it already.")


async def test_before_the_compilation_closes_an_idea_is_only_received_or_read(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    assert (await _page(browser, here)).count("Not read yet") == 3
    await here.close("gather")
    assert (await _page(browser, here)).count("Not read yet") == 3
    await _compile(here)
    page = await _page(browser, here)
    assert page.count("Being read by the team") == 3
    assert "The plan says it already." not in page and "one contact" not in page
    await browser.aclose()


async def test_why_a_card_is_here_never_tells_how_many_wrote_it(site: Site, here: Table) -> None:
    """Whoever wrote one of two sentences of a card would know that one other wrote."""
    await here.close("gather")
    await _compile(here)
    await here.close("compile")
    made = [one["id"] for one in left_by((await here.row("compile")).outcome)["statements"]]
    (observer,) = await conduct.add_seats(site.house, here.fay, [Guest(Role.OBSERVER)])
    for seat in (here.aline, here.bob, observer):
        browser = await site.sit(seat)
        for name in made:
            answer = await browser.get(f"/sessions/{here.session.id}/where/{name}?lang=en")
            if answer.status_code == 200:
                main = answer.text.partition("<main")[2]
                assert "People wrote this here" in main
                assert not re.search(r"\d+ (source|sentence)", main) and THEIRS not in main and JOINED not in main
        await browser.aclose()
    team = await site.sign_in()
    joined = [(await team.get(f"/sessions/{here.session.id}/where/{name}?lang=en")).text for name in made]
    assert any("2 sentences that people wrote here are in it." in page for page in joined)
    await team.aclose()


async def test_afterwards_each_sentence_tells_its_way_and_why(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    await here.close("gather")
    await _compile(here)
    await here.close("compile")
    page = await _page(browser, here)
    assert "Taken in, in your own words" in page and "Joined with others:" in page
    assert "Give each person one contact." in page and "The plan says it already." in page
    assert THEIRS not in page and "Bob" not in page, "nothing of whoever wrote the other"
    assert (
        "Joined with 1" not in page and "facilitator" not in page.partition("<main")[2].partition("</main>")[0].lower()
    )
    page = await _page(browser, here, "fr")
    assert "Réunie avec d’autres" in page and "Raison écrite" in page
    home = await browser.get(f"/sessions/{here.session.id}?lang=en")
    results = await browser.get(f"/sessions/{here.session.id}/results?lang=en")
    thanks = await browser.get(f"/sessions/{here.session.id}/thanks?lang=en")
    assert all(f"/sessions/{here.session.id}/ideas" in one.text for one in (home, results, thanks))
    await browser.aclose()


async def test_nobody_else_reads_whose_sentence_became_what(site: Site, here: Table) -> None:
    """Another seat, an observer, a researcher, the team, somebody of another session, numbers tried in turn."""
    elsewhere = await lay_table(site.house, title="Ailleurs")
    await here.close("gather")
    await _compile(here)
    await here.close("compile")
    bob = await site.sit(here.bob)
    page = await _page(bob, here)
    assert THEIRS in page and not any(text in page for text in (MINE, JOINED, GONE))
    for more in (f"?seat={here.aline.id}", f"?idea={here.aline.id}", "?as=1"):
        answer = await bob.get(f"/sessions/{here.session.id}/ideas{more}")
        assert not any(text in unescape(answer.text) for text in (MINE, JOINED, GONE))
    for number in range(1, 6):
        assert (await bob.get(f"/sessions/{here.session.id}/ideas/{number}")).status_code == 404
    await bob.aclose()
    for role in (Role.OBSERVER, Role.RESEARCHER, Role.COFACILITATOR):
        (seat,) = await conduct.add_seats(site.house, here.fay, [Guest(role)])
        browser = await site.sit(seat)
        assert (await browser.get(f"/sessions/{here.session.id}/ideas")).status_code == 403
        await browser.aclose()
    async with site.client() as stranger:
        assert (await stranger.get(f"/sessions/{here.session.id}/ideas")).status_code == 401
    outsider = await site.sit(elsewhere.aline)
    assert (await outsider.get(f"/sessions/{here.session.id}/ideas")).status_code == 404
    await outsider.aclose()


async def test_two_people_who_wrote_the_same_do_not_learn_of_each_other(site: Site, here: Table) -> None:
    await here.cast(here.bob, "gather", card="2", text=MINE)
    await here.close("gather")
    twice = [
        s["id"] for s in (await here.row("gather")).outcome["left"]["statements"] if MINE in s["wordings"].values()
    ]
    assert len(twice) == 2
    await here.open("compile")
    await here.cast(here.fay, "compile", act="accept", of=twice[0], looked="1")
    await here.cast(here.fay, "compile", act="reject", of=twice[1], reason="Said twice.")
    for text in (JOINED, GONE, THEIRS):
        await here.cast(here.fay, "compile", act="accept", of=await _number(here, text), looked="1")
    await here.close("compile")
    for seat in (here.aline, here.bob):
        browser = await site.sit(seat)
        page = await _page(browser, here)
        assert page.count(MINE) == 1 and "Said twice." not in page
        await browser.aclose()


async def test_who_reads_the_parcel_beside_their_own_page_learns_of_nobody(site: Site, short: Table) -> None:
    """No table of the released parcel has a row of one person, or a number that joins two of one hand; and a person's
    own page gives none of the others' numbers."""
    await short.close("gather")
    await _compile(short)
    await short.close("compile")
    browser = await site.sit(short.aline)
    page = await _page(browser, short)
    main = page.partition("<main")[2].partition("</main>")[0]
    numbers = {text: await _number(short, text) for text in (MINE, JOINED, GONE, THEIRS)}
    assert numbers[THEIRS] not in main and str(short.bob.id) + '"' not in main
    await browser.aclose()
    files = _inside(await released(site.house, short.session))
    assert not {"answers.csv", "ballots.csv", "moves.csv", "words.csv", "participants.csv"} & files.keys()
    secret = {one.alias for one in await models.Entry.filter(act="cast") if one.alias} | {"Aline", "Bob"}
    for name, text in files.items():
        assert not any(one and re.search(rf"\b{re.escape(one)}\b", text) for one in secret), name
    rows = [row for name, text in files.items() if name.endswith(".csv") for row in csv.DictReader(io.StringIO(text))]
    of_proposals = [row for row in rows if set(numbers.values()) & set(" ".join(map(str, row.values())).split())]
    assert of_proposals, "they are in it, as statements that were compiled"
    for row in of_proposals:
        assert not {"alias", "seat", "block", "author", "person"} & {name for name, value in row.items() if value}, row


async def test_the_parcel_says_what_became_of_ideas_no_earlier_than_the_page(site: Site, short: Table) -> None:
    """While the team compiles there is none; and the study, of which this is the only session, has none either."""
    await short.close("gather")
    await _compile(short)
    with pytest.raises(Refused, match="session_not_over"):
        await released(site.house, short.session)
    with pytest.raises(Refused, match="study_not_over"):
        await study_parcel(site.house, short.session.study_id)
    await short.close("compile")
    late = "".join(_inside(await released(site.house, short.session)).values())
    assert "Give each person one contact." in late
