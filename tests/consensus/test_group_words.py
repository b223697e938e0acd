"""Names of groups in files and the journal are the study's own, whatever the database calls the group."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models
from consensus.conduct import Guest
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.groups import named, words_of
from consensus.house import House
from consensus.outcome import SEALED, digest, seal
from consensus.protocol import Plan
from rounds.blocks import planned
from rounds.contract import Block, Role
from tests.conftest import Site, Table, lay_table
from tests.consensus.test_export import inside, rows, run_recount, unpacked
from tests.web.test_setup_pages import STUDY, newcomer

# What the database calls them; no study of these tests does.
KEYS = ("patients", "caregivers", "clinicians")
GROUPS: list[dict[str, Any]] = [
    {"key": "patients", "names": {"en": "People with diabetes", "fr": "Personnes diabétiques"}, "shape": 1},
    {"key": "caregivers", "names": {"en": "Care navigators", "fr": "Intervenantes et intervenants pivots"}, "shape": 2},
    {"key": "clinicians", "names": {"en": "Nurses", "fr": "Personnel infirmier"}, "shape": 3},
]


@pytest.fixture
async def pivots(house: House) -> Table:
    """A session of that study, before its first round: five, two and four people."""
    plan = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, settings={})
    return await lay_table(house, [plan], groups=GROUPS)


async def rated(table: Table) -> None:
    await conduct.add_seats(table.house, table.fay, [Guest(Role.PARTICIPANT, "caregivers", "fr")])
    await conduct.regroup(table.house, table.fay, table.seats[0].id, "caregivers")
    await conduct.regroup(table.house, table.fay, table.seats[0].id, "patients")
    await table.open("rating")
    for value, seat in enumerate(table.seats):
        for card in ("P001", "P002"):
            await table.cast(seat, "rating", card=card, importance=str(value % 9 + 1))
    await table.close("rating")


# Words


def word(name: str, language: str = "en") -> str:
    return words_of([{"key": "k", "names": {language: name}}])["k"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Care navigators", "care_navigators"),
        ("Gestionnaires d’œuvres – à l’écoute", "gestionnaires_d_oeuvres_a_l_ecoute"),
        ("  (Ministry)  ", "ministry"),
        ("2nd line + others", "g_2nd_line_others"),
        ("患者", "group_1"),
    ],
)
def test_a_word_is_made_of_the_name_and_legal_in_a_column(name: str, expected: str) -> None:
    assert word(name) == expected and re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", expected)


def test_a_study_in_french_has_french_words_and_alike_names_have_two() -> None:
    assert word("Personnes proches aidantes", "fr") == "personnes_proches_aidantes"
    names = {"a": "Nurses", "b": "nurses!", "c": "Nurses 2"}
    alike = [{"key": key, "names": {"en": name}} for key, name in names.items()]
    assert words_of(alike) == {"a": "nurses", "b": "nurses_2", "c": "nurses_2_2"}


def test_a_session_that_began_under_other_words_keeps_them() -> None:
    begun = (Block("caregivers+clinicians", ("caregivers", "clinicians"), 6),)
    words = words_of(GROUPS, begun)
    assert words == {"caregivers": "caregivers", "clinicians": "clinicians", "patients": "people_with_diabetes"}
    again = planned([("patients", 5), ("caregivers", 2), ("clinicians", 4)], 5)
    assert [block.key for block in named(again, words)] == ["people_with_diabetes", "caregivers+clinicians"]


# Files


async def test_no_file_of_either_parcel_tells_a_key(house: House, pivots: Table, tmp_path: Path) -> None:
    await rated(pivots)
    for name, write in (("individual", individual), ("told", released)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(await write(house, pivots.session))
        code, said = await asyncio.to_thread(verify_file, path)
        assert code == 0, said
        files = inside(path.read_bytes())
        leaks = {
            (file, key) for file, data in files.items() if file != "recount.py" for key in KEYS if key in data.decode()
        }
        assert not leaks
        assert "rating.median[people_with_diabetes]" in rows(files, "results.csv")[0]
        assert "rating.median[care_navigators+nurses]" in rows(files, "results.csv")[0]


async def test_the_codebook_names_every_block_in_both_languages(house: House, pivots: Table) -> None:
    await rated(pivots)
    files = inside(await individual(house, pivots.session))
    meanings = {(row["file"], row["column"]): row for row in rows(files, "codebook.csv")}
    pooled = meanings["results.csv", "rating.median[care_navigators+nurses]"]
    assert "Care navigators and Nurses" in pooled["meaning_en"]
    assert "Intervenantes et intervenants pivots et Personnel infirmier" in pooled["meaning_fr"]
    for file in ("answers.csv",):
        assert "care_navigators = Care navigators" in meanings[file, "block"]["meaning_en"]
        assert "nurses = Personnel infirmier" in meanings[file, "block"]["meaning_fr"]
    assert {row["block"] for row in rows(files, "answers.csv")} == {"people_with_diabetes", "care_navigators+nurses"}
    manifest = json.loads(files["manifest.json"])
    assert manifest["groups"][1] == {"key": "care_navigators", "names": GROUPS[1]["names"]}


async def test_the_second_count_agrees_under_the_studys_own_words(house: House, pivots: Table, tmp_path: Path) -> None:
    await rated(pivots)
    done = await asyncio.to_thread(run_recount, unpacked(tmp_path, inside(await individual(house, pivots.session))))
    assert done.returncode == 0 and "rating.n[care_navigators+nurses]" in done.stdout


async def test_a_round_that_opened_before_there_were_words_still_has_its_seal(pivots: Table) -> None:
    row = await pivots.open("rating")
    keys = [{"key": "patients", "groups": ["patients"], "seats": 5}]
    assert seal({name: getattr(row, name) for name in SEALED}, digest(row.statements)) == row.hash
    row.blocks, row.counting = keys, None
    old = digest([row.kind, row.takes, row.settings, row.rule, keys, digest(row.statements)])
    assert seal({name: getattr(row, name) for name in SEALED}, digest(row.statements)) == old


async def test_a_corrected_group_counts_in_its_new_block_from_the_next_round_on(house: House, pivots: Table) -> None:
    row = await pivots.open("rating")
    await pivots.cast(pivots.aline, "rating", card="P001", importance="9")
    await conduct.regroup(house, pivots.fay, pivots.aline.id, "clinicians")
    line = await models.Entry.get(act="regroup")
    assert json.loads(line.payload)["from"] == "people_with_diabetes" and json.loads(line.payload)["to"] == "nurses"
    counted = await house.counts.now(row)
    assert counted.answered == {"people_with_diabetes": 1}, "moving one person would move two blocks by one"


# Set-up


async def test_groups_renamed_at_set_up_are_known_by_their_new_names_only(site: Site) -> None:
    nora = await newcomer(site)
    renamed = {"group.managers.en": "Care navigators", "group.managers.fr": "Intervenantes pivots"}
    async with aclosing(nora):
        made = await nora.post("/studies/new", data=STUDY | renamed)
        assert made.status_code == 303
        keys = [group["key"] for group in (await models.Study.get()).groups]
        assert keys == ["patients", "care_navigators", "ministry"]
        titles = {"title.fr": "Estrie", "title.en": "Estrie", "protocol": "triage", "statements": "write"}
        here = (await nora.post(made.headers["location"], data=titles)).headers["location"].removesuffix("/setup")
        bad = await nora.post(f"{here}/roster?by=list", data={"roster": "A;;managers;en", "do": "confirm"})
        assert bad.status_code == 422
        good = await nora.post(f"{here}/roster?by=list", data={"roster": "A;;care navigators;en", "do": "confirm"})
        assert good.status_code == 303
        for page in ("roster", "setup", "seats", "console"):
            assert "managers" not in (await nora.get(f"{here}/{page}?lang=en")).text.casefold()
