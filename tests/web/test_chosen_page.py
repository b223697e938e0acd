"""Which sessions count in the pooled list: ticked on its page, said at its head, the same in its file."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from consensus.results.study.comparing import BY
from tests.conftest import Site
from tests.consensus.test_chosen_sessions import two_lists
from tests.studies import RANKING, RATING


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_where_no_statement_is_common_the_page_offers_the_lists_that_there_are(site: Site, language: str) -> None:
    played = await two_lists(site.house)
    fay = await site.sign_in()
    at = f"/studies/{played.study.id}/pooled"
    page = unescape((await fay.get(f"{at}?lang={language}")).text)
    assert "<table" not in page and page.count('type="checkbox" name="of"') == 4
    assert f'href="{at}?of=1&of=2"' in page and f'href="{at}?of=3&of=4"' in page
    assert ("2 sessions, 4 statements" if language == "en" else "2 séances, 4 énoncés") in " ".join(page.split())
    one = unescape((await fay.get(f"{at}?of=1&of=2&lang={language}")).text)
    assert "<table" in one and len(re.findall(r'name="of" value="\d+" checked', one)) == 2
    assert ("2 of 4: Table 1" if language == "en" else "2 sur 4\u00a0: Table 1") in one
    assert f'href="{at}.csv?of=1&of=2"' in one
    assert "&of=1&of=2" in one.split('class="lang"')[1][:200], "the other language keeps the choice"


async def test_the_file_has_the_figures_of_the_page_and_says_whose_they_are(site: Site) -> None:
    played = await two_lists(site.house, RATING, RANKING)
    fay = await site.sign_in()
    at = f"/studies/{played.study.id}/pooled.csv"
    rows = list(csv.DictReader(io.StringIO((await fay.get(f"{at}?of=2&of=1&of=none")).text)))
    assert {(row["of"], row["basis"], row["left_out"]) for row in rows} == {("1 2", "places", "")}
    assert [row["statement"] for row in rows if row["listed"] == "list"] != []
    whole = (await fay.get(at)).text
    assert (await fay.get(f"{at}?of=nonsense")).text == whole
    assert (await fay.get(f"{at}?of=1&of=2&of=3&of=4")).text == whole


async def test_an_outsider_sees_no_choice_either(site: Site) -> None:
    played = await two_lists(site.house)
    at = f"/studies/{played.study.id}/pooled"
    for path in (f"{at}?of=1", f"{at}.csv?of=1", f"/studies/{played.study.id}/compare.csv?table=alike"):
        assert (await (await site.sit(played.seats[0][0])).get(path)).status_code == 403
        assert (await site.client().get(path)).status_code == 401


@pytest.mark.parametrize("by", BY)
async def test_side_by_side_a_sentence_says_how_alike_the_sessions_are(site: Site, by: str) -> None:
    played = await two_lists(site.house)
    fay = await site.sign_in()
    page = " ".join((await fay.get(f"/studies/{played.study.id}/compare?lang=en&by={by}")).text.split())
    assert "How alike the sessions are" in page and "given otherwise would change that." in page
    assert "One session asked it: nothing to hold it against." in page
    told = (await fay.get(f"/studies/{played.study.id}/compare.csv?table=alike")).text
    rows = list(csv.DictReader(io.StringIO(told)))
    assert len(rows) == 7 and {row["state"] for row in rows} <= {"told", "undefined"}
