"""Groups of the study's own: added, named, put in order and kept apart as a browser without JavaScript would do it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx2
import pytest

from consensus import models
from consensus.text import Texts
from tests.conftest import Site
from tests.web.test_setup_pages import STUDY, newcomer

OFFERED = ["patients", "caregivers", "community", "clinicians", "managers", "ministry"]
PHARMACY = {"group.g7.en": "Pharmacy staff", "group.g7.fr": "Personnel en pharmacie"}
SCHOOL = {"group.g8.en": "School boards", "group.g8.fr": "Centres de services scolaires"}
ALL_SIX = {f"group.{key}": "1" for key in OFFERED} | {
    f"group.{key}.{language}": Texts.load().say(language, f"group.{key}")
    for key in OFFERED
    for language in ("en", "fr")
}


def own(*numbers: int) -> dict[str, str]:
    return {
        f"group.g{n}.{language}": f"{word} {n}" for n in numbers for language, word in (("en", "Own"), ("fr", "Soi"))
    }


async def sends(nora: httpx2.AsyncClient, *forms: dict[str, Any], language: str = "en") -> httpx2.Response:
    form = {name: value for one in forms for name, value in one.items()}
    return await nora.post(f"/studies/new?lang={language}", data=form)


def order(page: str) -> list[str]:
    found = re.search(r'name="order" value="([^"]*)"', page)
    assert found
    return found[1].split()


def fields(page: str) -> dict[str, str]:
    """What stands in the fields for names."""
    return dict(re.findall(r'name="(group\.\w+\.\w+)" type="text" dir="auto" value="([^"]*)"', unescape(page)))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_added_group_is_one_more_empty_row_and_nothing_typed_is_lost(site: Site, language: str) -> None:
    nora = await newcomer(site)
    page = await sends(nora, STUDY, PHARMACY, {"apart.patients": "g7", "add": "1"}, language=language)
    assert page.status_code == 200 and not await models.Study.exists()
    assert order(page.text) == [*OFFERED, "g7", "g8"]
    kept = fields(page.text)
    assert {name: kept[name] for name in (*PHARMACY, *SCHOOL)} == PHARMACY | dict.fromkeys(SCHOOL, "")
    shown = {name: text for name, text in STUDY.items() if name.startswith(("title.", "question.", "help_"))}
    assert all(f'value="{text}"' in page.text for text in shown.values())
    assert re.search(r'name="apart.patients" value="g7" checked', page.text)
    assert Texts.load().say(language, "study.group.fr", group=Texts.load().say(language, "study.group.own", n=8)) in (
        unescape(page.text)
    )
    await nora.aclose()


async def test_own_groups_are_kept_in_their_order_with_keys_and_shapes_of_the_product(site: Site) -> None:
    nora = await newcomer(site)
    moved = {"order": "g8 patients caregivers community clinicians g7 managers ministry"}
    made = await sends(nora, STUDY, PHARMACY, SCHOOL, moved, {"apart.g8": "g7"})
    assert made.status_code == 303, made.text
    study = await models.Study.get()
    assert [(group["key"], group["shape"]) for group in study.groups] == [
        ("g8", 2), ("patients", 1), ("g7", 3), ("managers", 4), ("ministry", 6),
    ]  # fmt: skip
    assert study.groups[0]["names"] == {"en": "School boards", "fr": "Centres de services scolaires"}
    assert study.apart == [["g8", "g7"]]
    await nora.aclose()


async def test_the_six_colours_return_with_other_shapes_from_the_seventh_group_on(site: Site) -> None:
    nora = await newcomer(site)
    assert (await sends(nora, STUDY, ALL_SIX, own(*range(7, 13)))).status_code == 303
    groups = (await models.Study.get()).groups
    assert [group["shape"] for group in groups] == [1, 2, 5, 3, 4, 6, 7, 8, 9, 10, 11, 12]
    await nora.aclose()


async def test_a_study_may_have_twelve_own_groups_and_none_that_is_offered(site: Site) -> None:
    nora = await newcomer(site)
    bare = {name: text for name, text in STUDY.items() if name not in {f"group.{key}" for key in OFFERED}}
    assert (await sends(nora, bare, own(*range(7, 19)))).status_code == 303
    groups = (await models.Study.get()).groups
    assert [group["shape"] for group in groups] == [*range(1, 13)]
    await nora.aclose()


async def test_a_group_moves_one_place_at_a_press_with_what_it_is_never_counted_with(site: Site) -> None:
    nora = await newcomer(site)
    page = await sends(nora, STUDY, PHARMACY, {"apart.ministry": "g7", "up": "g7"})
    assert page.status_code == 200 and order(page.text) == [*OFFERED[:5], "g7", "ministry"]
    assert re.search(r'name="apart.g7" value="ministry" checked', page.text)
    assert re.search(r'name="up" value="g7"[^>]*autofocus', page.text)
    back = await sends(nora, STUDY, PHARMACY, {"order": " ".join(order(page.text)), "down": "g7"})
    assert order(back.text) == [*OFFERED, "g7"]
    assert re.search(r'name="up" value="g7"[^>]*autofocus', back.text), "its other button is gone"
    await nora.aclose()


@pytest.mark.parametrize("nonsense", [{"up": "patients"}, {"down": "g99"}, {"up": ""}, {"order": "g7 g7 <b> g99"}])
async def test_what_no_button_asks_for_moves_nobody(site: Site, nonsense: dict[str, str]) -> None:
    nora = await newcomer(site)
    page = await sends(nora, STUDY, {"title.en": ""}, nonsense)
    assert [key for key in order(page.text) if key != "g7"] == OFFERED
    assert not await models.Study.exists()
    await nora.aclose()


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"group.g7.en": "Pharmacy staff"}, "group.g7.fr", "missing.group"),
        (PHARMACY | {"group.g7.fr": "PATIENTS"}, "group.g7.fr", "study.group.twice"),
        (PHARMACY | {"group.g7.fr": "Ministere"}, "group.g7.fr", "study.group.twice"),
        (PHARMACY | {"group.g8.en": "pharmacy-Staff", "group.g8.fr": "Autres"}, "group.g8.en", "study.group.twice"),
        (PHARMACY | {"group.g8.en": "Personnel en Pharmacie", "group.g8.fr": "B"}, "group.g8.en", "study.group.twice"),
        (ALL_SIX | own(*range(7, 14)), "add", "study.groups.most"),
        (ALL_SIX | own(*range(7, 13)) | {"add": "1"}, "add", "study.groups.most"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_groups_that_cannot_be_are_refused_in_words_beside_the_field(
    site: Site, form: dict[str, str], field: str, sentence: str, language: str
) -> None:
    nora = await newcomer(site)
    page = await sends(nora, STUDY, form, language=language)
    told = Texts.load().say(language, sentence, n=12, name=form.get(field, ""))
    assert page.status_code == 422 and not await models.Study.exists()
    text = unescape(page.text)
    assert text.count(told) == 2 and f'<a href="#f-{field}">{told}</a>' in text and f'id="f-{field}"' in text
    assert {name: fields(page.text)[name] for name in form if name.count(".") == 2} == {
        name: words for name, words in form.items() if name.count(".") == 2
    }
    await nora.aclose()


async def test_a_study_in_one_language_asks_for_names_in_that_one(site: Site) -> None:
    nora = await newcomer(site)
    made = await sends(nora, STUDY, {"languages": "fr", "group.g7.fr": "Personnel en pharmacie"})
    assert made.status_code == 303, made.text
    assert (await models.Study.get()).groups[-1]["names"] == {"fr": "Personnel en pharmacie"}
    await nora.aclose()


async def test_a_group_that_is_named_like_a_key_takes_it_from_nobody(site: Site) -> None:
    nora = await newcomer(site)
    made = await sends(nora, STUDY, PHARMACY, {"group.managers.en": "G7", "group.managers.fr": "Les Sept"})
    assert made.status_code == 303, made.text
    assert [group["key"] for group in (await models.Study.get()).groups] == ["patients", "g7", "ministry", "g7_2"]
    await nora.aclose()
