"""Two lists of one session stand on the pages of their study, each under its name and with places of its own."""

from __future__ import annotations

import html
import re

import pytest

from consensus import conduct
from consensus.export.study import study_parcel
from tests.conftest import Site
from tests.consensus.test_study_lists import FACTORS, OTHER, STRATEGIES, played

NAMES = {"en": ["Hinders", "Next step", "Helps"], "fr": ["Nuit", "Prochaine étape", "Aide"]}
TITLE = {"en": "From another house", "fr": "D’une autre maison"}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_both_lists_are_compared_and_pooled_at_home_and_in_another_house(site: Site, language: str) -> None:
    study = (await played(site.house)).study.id
    brought = await conduct.keep_brought(site.house, None, await study_parcel(site.house, study), TITLE)
    fay = await site.sign_in()
    await site.house.studies.of(study, patience=60)
    for home in (f"/studies/{study}", f"/brought/{brought.id}"):
        pages = {}
        for name in ("pooled", "compare"):
            answer = await fay.get(f"{home}/{name}?lang={language}")
            assert answer.status_code == 200, answer.text
            pages[name] = html.unescape(answer.text)
            words = {"en": "Do thing number {}.", "fr": "Faire la chose numéro {}."}[language]
            assert all(words.format(n) in pages[name] for n in (*FACTORS, *STRATEGIES, *OTHER))
        heads = re.findall(r"<h2>([^<]+)</h2>", pages["pooled"])
        assert [one for one in heads if one in NAMES[language]] == NAMES[language], heads
        rows = re.findall(r"<tr>\n.*?</tr>", pages["compare"], re.DOTALL)
        assert any(NAMES[language][1] in row and words.format(5) in row for row in rows)
