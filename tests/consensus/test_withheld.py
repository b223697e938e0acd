"""Who may not be quoted: no word of theirs is in any file, and every figure is the one it was."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from consensus import conduct, models
from consensus.consents import PURPOSES, agreed, allows, present
from consensus.export import individual, released
from consensus.export.sheets import SUMS, sums, zipped
from consensus.house import House, build, open_house
from consensus.journal import commitment, halves
from consensus.settings import Settings
from rounds.words import WITHHELD
from tests.conftest import SECRET, Table, fresh, lay_table
from tests.consensus.test_export import (
    LEAVER,
    OBJECTION,
    OWN_WORDS,
    SECRETS,
    STAYS,
    WHY,
    inside,
    lay,
    play_compilation,
    play_gather,
    play_rating,
    play_the_end,
    play_wall,
    rows,
    run_recount,
    told,
    unpacked,
)
from tests.older import go_back_to

TEXT_COLUMNS = {"text", "withheld", "marks", "words_salt", "text_en", "text_fr", "validation.reasons"}


@dataclass(frozen=True)
class Parcels:
    """The same session: nothing asked; asked, and the patient at LEAVER says no to quotes; released then."""

    free: bytes
    withheld: bytes
    released: bytes


async def asks(house: House, table: Table, **choices: tuple[str, ...]) -> None:
    """The study asks for the purposes; everybody agrees to both, but those named by their place."""
    study = await models.Study.get(id=table.session.study_id)
    staff, texts = await models.Staff.get(mail="fay@example.org"), {"en": "New text.", "fr": "Nouveau texte."}
    await conduct.write_consent(house, staff, study.id, texts, texts, PURPOSES)
    for place, seat in enumerate(table.seats):
        await conduct.consent(house, seat, choices.get(f"p{place}", PURPOSES))


async def played(folder: Path) -> Parcels:
    settings = Settings(database=str(fresh(folder / "withheld.db")), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay(house)
        for act in (play_gather, play_compilation, play_rating, play_wall, play_the_end):
            await act(table)
        free = await individual(house, table.session)
        await asks(house, table, **{f"p{LEAVER}": ("reuse",)})
        return Parcels(free, await individual(house, table.session), await released(house, table.session))


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Parcels:
    return asyncio.run(played(tmp_path_factory.mktemp("withheld")))


def test_no_word_of_who_may_not_be_quoted_is_in_any_file(parcels: Parcels) -> None:
    everything = b"".join(inside(parcels.free).values())
    hidden = b"".join([*inside(parcels.withheld).values(), *inside(parcels.released).values()])
    for secret in SECRETS:
        assert secret.encode() in everything and secret.encode() not in hidden
        assert json.dumps(secret)[1:-1].encode() not in hidden
    assert STAYS.split('"')[0].encode() in hidden, "words of others stay"


def test_the_leaves_of_what_is_left_out_stay_bare(parcels: Parcels) -> None:
    free, withheld = inside(parcels.free), inside(parcels.withheld)
    assert free["leaves.csv"] == withheld["leaves.csv"]
    words, before = rows(withheld, "words.csv"), rows(free, "words.csv")
    gone = [row for row in before if row not in words]
    assert {row["round"] for row in gone} == {"gather", "rating", "validation"}
    assert {row["text"] for row in gone} == {OWN_WORDS, WHY, OBJECTION} and len(words) + len(gone) == len(before)
    proposals = [row for row in rows(withheld, "proposals.csv") if row["withheld"] == "yes"]
    assert [(row["text_en"], row["text_fr"], row["erased"]) for row in proposals] == [("", "", "no")]


@pytest.mark.parametrize("name", ["answers.csv", "measures.csv", "results.csv", "moves.csv"])
def test_no_figure_changes(parcels: Parcels, name: str) -> None:
    def figures(data: bytes) -> list[dict[str, str]]:
        return [{k: v for k, v in row.items() if k not in TEXT_COLUMNS} for row in rows(inside(data), name)]

    assert figures(parcels.free) == figures(parcels.withheld)


def test_verify_and_the_stand_alone_recount_agree(parcels: Parcels, tmp_path: Path) -> None:
    for data in (parcels.free, parcels.withheld, parcels.released):
        code, said = told(tmp_path, data)
        assert code == 0, said
    done = run_recount(unpacked(tmp_path, inside(parcels.withheld)))
    assert done.returncode == 0, done.stdout
    reasons = [row["validation.reasons"] for row in rows(inside(parcels.withheld), "results.csv")]
    assert any(WITHHELD in text for text in reasons) and not any(OBJECTION in text for text in reasons)


def test_words_cannot_be_changed(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.withheld)
    for name in ("sealed.csv", "words.csv"):
        text = files[name].decode()
        assert "Say it shorter" in text
        changed = {**files, name: text.replace("Say it shorter", "Say it", 1).encode()}
        code, said = told(tmp_path, zipped({**changed, SUMS: sums(changed)}))
        assert code == 1 and name in said


async def test_who_has_not_read_the_new_text_is_not_quoted(house: House) -> None:
    table = await lay_table(house)
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7", reason="Said before anybody asked")
    for seat in table.seats[1:]:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    staff, texts = await models.Staff.get(mail="fay@example.org"), {"en": "New.", "fr": "Neuf."}
    assert b"Said before" in b"".join(inside(await individual(house, table.session)).values())
    await conduct.write_consent(house, staff, table.session.study_id, texts, texts, ["quote"])
    assert b"Said before" not in b"".join(inside(await individual(house, table.session)).values())
    await conduct.consent(house, table.aline, ["quote"])
    assert b"Said before" in b"".join(inside(await individual(house, table.session)).values())


async def test_consent_is_kept_on_either_database(database: str) -> None:
    async with open_house(build(Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9"))) as house:
        table = await lay_table(house)
        await asks(house, table, p0=("reuse",))
        seat = await models.Seat.get(id=table.aline.id)
        assert (seat.consented, seat.agreed["version"], seat.agreed["purposes"]) == (True, 2, ["reuse"])
        assert [one["number"] for one in (await models.Study.get(id=table.session.study_id)).versions] == [1, 2]


async def test_a_database_from_before_versions_keeps_its_text_and_its_people(database: str) -> None:
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        await go_back_to("0004_device")
    async with open_house(build(settings)) as house:
        study, seat = await models.Study.get(id=table.session.study_id), await models.Seat.get(id=table.aline.id)
        assert (present(study).number, present(study).texts, present(study).purposes) == (1, study.consent, ())
        assert study.zone == "America/Toronto", "the zone of before there were zones"
        assert seat.consented and agreed(seat) is None and allows(study, seat, "quote") is None


def test_the_salt_of_the_marks_does_not_open_the_words() -> None:
    of_marks, of_words = halves("ab" * 16)
    assert len(of_marks) == len(of_words) == 32 and of_marks != of_words
    assert commitment(of_marks, ["x"]) != commitment(of_words, ["x"])
