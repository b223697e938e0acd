"""Attacks on the files: what somebody works out who has a parcel, the pages and a clock, where a group is small."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from consensus import conduct, models
from consensus.card_order import in_order
from consensus.conduct import Guest
from consensus.export import individual, released
from consensus.export.verify import verify_file
from consensus.house import House, build, open_house
from consensus.journal import head_of
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds import comparison
from rounds.contract import Role
from tests.conftest import GROUPS, SECRET, Table, fresh, lay_table

MANAGERS = {"key": "managers", "names": {"en": "Managers", "fr": "Gestionnaires"}, "shape": 4}
NEVER = [["managers", "patients"], ["managers", "caregivers"], ["managers", "clinicians"]]
CARDS = ("P001", "P002", "P003")
SCOPES = ("pooled", "balanced", "every", "some")
RULES: dict[str, dict[str, Any]] = {
    **{scope: {"name": "share", "percent": 60, "scope": scope} for scope in SCOPES},
    "ram": {"name": "ram"},
    "spread": {"name": "spread"},
    "majority": {"name": "majority"},
}
Form = Mapping[str, str]


def plan(kind: str, key: str = "", **more: Any) -> Plan:
    return Plan(key=key or kind, kind=kind, disclosure="at_close", grace=0, **more)


async def laid(
    house: House, plans: Sequence[Plan], k: int, apart: Sequence[Sequence[str]] = (), alone: int = 1
) -> Table:
    """Patients 5, caregivers 6, clinicians 6, and as many managers who answer as alone; the floor k."""
    table = await lay_table(house, list(plans), groups=[*GROUPS, MANAGERS])
    added = ["caregivers"] * 4 + ["clinicians"] * 2 + ["managers"] * alone
    made = await conduct.add_seats(house, table.fay, [Guest(Role.PARTICIPANT, group, "en") for group in added])
    for seat in made:
        await conduct.consent(house, seat)
        seat.consented = True
    table.seats += made
    await models.Study.filter(id=table.session.study_id).update(floor=k, apart=[list(pair) for pair in apart])
    return table


def inside(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


def apart_from_head_and_root(data: bytes) -> dict[str, bytes]:
    """A released parcel, but for the head of the chain and the roots: what anybody could work a vote out of."""
    files = inside(data)
    manifest = json.loads(files["manifest.json"])
    del manifest["chain"]
    for one in manifest["rounds"]:
        del one["seal"]["root"]
    files["manifest.json"] = json.dumps(manifest).encode()
    return {name: text for name, text in files.items() if name not in {"SHA256SUMS", "chain_head.txt"}}


def house_at(folder: Path, name: str) -> Any:
    return open_house(
        build(Settings(database=str(fresh(folder / f"{name}.db")), secret=SECRET, origin="http://127.0.0.1:9"))
    )


async def whole(data: bytes, folder: Path) -> None:
    path = folder / "file.zip"
    path.write_bytes(data)
    code, said = await asyncio.to_thread(verify_file, path)
    assert code == 0, said


def order_of(dice: random.Random) -> Form:
    return {f"place.{card}": str(place) for place, card in enumerate(dice.sample(CARDS, 3), start=1)}


def points_of(dice: random.Random) -> Form:
    first = dice.randint(0, 10)
    return {"points.P001": str(first), "points.P002": str(10 - first)}


# Attack 1: one person of a group, ranking at the close


@pytest.mark.parametrize(("k", "seed"), [(3, 1), (5, 2), (5, 3)])
async def test_one_person_of_a_group_is_counted_with_others_and_no_block_alone_is_told(
    house: House, tmp_path: Path, k: int, seed: int
) -> None:
    dice = random.Random(seed)
    table = await laid(house, [plan("ranking", settings={"top": 3})], k)
    row = await table.open("ranking")
    for seat in table.seats:
        await table.cast(seat, "ranking", **order_of(dice))
    await table.close("ranking")
    told, one_by_one = await released(house, table.session), await individual(house, table.session)
    await whole(told, tmp_path)
    await whole(one_by_one, tmp_path)
    blocks = json.loads(inside(told)["manifest.json"])["rounds"][0]["blocks"]
    assert row.id and [block for block in blocks if "managers" in block["key"]] == [
        block for block in blocks if block["key"] == "patients+managers"
    ]
    assert not [name for name in rows(inside(told), "results.csv")[0] if "[managers]" in name]
    people = Counter(r["block"] for r in rows(inside(one_by_one), "answers.csv") if r["statement"] == "P001")
    assert min(people.values()) >= 5 and sum(people.values()) == 18


# Attack 2: points, choices and comparison, where she may be counted with nobody


IN_SETTINGS: dict[str, dict[str, int]] = {"points": {"total": 10}, "approval": {"most": 2}, "comparison": {"size": 3}}


async def sealed_without(folder: Path, name: str, kind: str, k: int, seed: int, is_there: bool) -> dict[str, bytes]:
    dice = random.Random(seed)
    rule = {"name": "chosen", "percent": 40, "scope": "every"} if kind == "approval" else None
    async with house_at(folder, name) as house:
        table = await laid(house, [plan(kind, settings=IN_SETTINGS[kind], rule=rule)], k, NEVER)
        row = await table.open(kind)
        for seat in table.seats:
            is_hers = seat.group == "managers"
            for form in await forms(house, row, kind, dice):
                if is_there or not is_hers:
                    await table.cast(seat, kind, **form)
        await table.close(kind)
        await whole(await individual(house, table.session), folder)
        return apart_from_head_and_root(await released(house, table.session))


async def forms(house: House, row: models.Round, kind: str, dice: random.Random) -> list[Form]:
    if kind == "points":
        return [points_of(dice)]
    if kind == "approval":
        return [{f"choose.{card}": "1" for card in dice.sample(CARDS, dice.randint(1, 2))}]
    found = []
    for card in comparison.cards((await house.counts.now(row)).round):
        best, worst = dice.sample([statement.id for statement in card.statements], 2)
        found.append({"card": card.id, "best": best, "worst": worst})
    return found


@pytest.mark.parametrize(
    ("kind", "k", "seed"), [("points", 3, 1), ("points", 5, 2), ("comparison", 5, 3), ("approval", 5, 4)]
)
async def test_a_ballot_that_is_set_aside_changes_no_byte_but_head_and_root(
    tmp_path: Path, kind: str, k: int, seed: int
) -> None:
    there = await sealed_without(tmp_path, "there", kind, k, seed, is_there=True)
    assert there == await sealed_without(tmp_path, "away", kind, k, seed, is_there=False)
    ranked = [row for row in rows(there, "results.csv") if row["rank"]]
    assert ranked and "managers" not in there["results.csv"].decode()


# Attack 3: every rule and scope of a rating


async def rated_with(folder: Path, k: int, value: str) -> dict[str, bytes]:
    dice = random.Random(k)
    async with house_at(folder, f"rated{k}{value}") as house:
        plans = [
            plan("rating", name, rule=rule if name != "some" else {**rule, "blocks": 2}) for name, rule in RULES.items()
        ]
        table = await laid(house, plans, k, NEVER)
        for name in RULES:
            await table.open(name)
            for seat, card in itertools.product(table.seats, CARDS[:1]):
                score = str(dice.choice([2, 5, 7, 8, 9])) if seat.group != "managers" else value
                await table.cast(seat, name, card=card, importance=score)
            await table.close(name)
        return apart_from_head_and_root(await released(house, table.session))


@pytest.mark.parametrize("k", [3, 5])
async def test_whatever_she_answered_the_released_parcel_is_the_same(tmp_path: Path, k: int) -> None:
    first = await rated_with(tmp_path, k, "1")
    assert {"kept", "undecided"} & set(first["results.csv"].decode().replace("\r\n", ",").split(","))
    for value in ("5", "9") if k == 3 else ("9", "dont_know"):  # all of them: `python -m tests.long small_cells`
        assert first == await rated_with(tmp_path, k, value), value


# Attacks 5 and 6: "I don't know" at exactly k; the second criterion left open


@pytest.mark.parametrize("second", [False, True])
async def test_a_cell_under_k_valid_answers_has_no_figure_and_totals_are_of_the_others(
    house: House, tmp_path: Path, second: bool
) -> None:
    table = await laid(house, [plan("rating", settings={"second": "feasibility"} if second else {})], 5)
    await table.open("rating")
    patients = [seat for seat in table.seats if seat.group == "patients"]
    for seat, card in itertools.product([s for s in table.seats if s.group != "managers"], CARDS):
        is_short = card == "P002" and seat.id == patients[0].id
        form = {"importance": "dont_know" if is_short and not second else "7"}
        if second and not (card == "P002" and seat.id in {one.id for one in patients[:3]}):
            form["feasibility"] = "6"
        await table.cast(seat, "rating", card=card, **form)
    await table.close("rating")
    for write in (released, individual):
        data = await write(house, table.session)
        await whole(data, tmp_path)
        (row,) = [one for one in rows(inside(data), "results.csv") if one["statement"] == "P002"]
        cell = "rating.second_" if second else "rating."
        hidden = {name: text for name, text in row.items() if name.startswith(cell) and "[patients]" in name}
        assert hidden and set(hidden.values()) == {""}, "withheld is not zero"
        assert row["withheld"] == ("rating.feasibility[patients]" if second else "rating[patients]")
        (one,) = [s for s in json.loads(inside(data)["results.json"])["statements"] if s["statement"] == "P002"]
        assert {one["missing"][name] for name in hidden} == {"withheld"}
        assert row[f"{cell}n"] == "12" and row[f"{cell}n[caregivers]"] == row[f"{cell}n[clinicians]"] == "6"
    answers = [r for r in rows(inside(data), "answers.csv") if r["statement"] == "P002" and r["block"] == "patients"]
    assert {row["criterion"] for row in answers} == ({"importance"} if second else set())


# Attack 12: one objection in a small block


@pytest.mark.parametrize("apart", [[], NEVER])
async def test_an_objection_leads_to_no_block(house: House, tmp_path: Path, apart: Sequence[Sequence[str]]) -> None:
    table = await laid(house, [plan("validation")], 5, apart)
    await table.open("validation")
    for seat in table.seats:
        said = {f"say.{card}": "agree" for card in CARDS}
        if seat.group == "managers":
            said |= {"say.P001": "object", "text.P001": "Only a manager knows"}
        await table.cast(seat, "validation", **said)
    await table.close("validation")
    data = await released(house, table.session)
    await whole(data, tmp_path)
    results = {row["statement"]: row for row in rows(inside(data), "results.csv")}
    by_block = [name for name in results["P001"] if name.startswith("validation.object[")]
    if apart:
        everything = b"".join(inside(data).values()) + b"".join(inside(await individual(house, table.session)).values())
        assert b"Only a manager" not in everything and results["P001"]["validation.object"] == "0"
    else:
        assert by_block == ["validation.object[patients+caregivers+clinicians+managers]"]
        assert results["P001"]["validation.reasons"] == "Only a manager knows"


async def test_an_objection_that_is_set_aside_is_not_told_beside_one_that_is(house: House) -> None:
    """The column of texts is read again for a file, so that an erased one is in none: of counted people alone."""
    table = await laid(house, [plan("validation")], 5, NEVER)
    await table.open("validation")
    for seat, group in ((seat, seat.group) for seat in table.seats):
        objects = group == "managers" or seat.id == table.aline.id
        said = {"say.P001": "object", "text.P001": f"Said by {group}"} if objects else {"say.P001": "agree"}
        await table.cast(seat, "validation", **said, **{f"say.{card}": "agree" for card in CARDS[1:]})
    await table.close("validation")
    for data in (await released(house, table.session), await individual(house, table.session)):
        assert rows(inside(data), "results.csv")[0]["validation.reasons"] == "Said by patients"
        assert b"Said by managers" not in b"".join(inside(data).values())


# Attacks 13 and 14: the file of individual answers, the journal's page, the clock, a look over a shoulder


async def rated_in_turn(folder: Path, name: str, is_turned: bool) -> tuple[dict[str, bytes], list[str]]:
    """Everybody rates; the last first where the turn is the other way round. The file, and what the journal tells."""
    async with house_at(folder, name) as house:
        table = await laid(house, [plan("rating")], 5)
        row = await table.open("rating")
        for number, seat in list(enumerate(table.seats))[:: -1 if is_turned else 1]:
            for card in in_order(house.settings, CARDS, row, seat):
                await table.cast(seat, "rating", card=card, importance=str(1 + number % 9))
        await table.close("rating")
        files = inside(await individual(house, table.session))
        lines = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq")
        told = [word for line in lines for word in (line.alias, line.hash, line.prev, line.at) if word]
        for line in lines:
            said = json.loads(line.payload)
            told += [str(said[name]) for name in ("commitment", "words") if name in said] + list(said.get("about", []))
        return files, told


async def test_the_order_of_arrival_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    """Attack 13: who pressed first, by the clock of every answer, is nowhere in the rows."""
    forth, _ = await rated_in_turn(tmp_path, "forth", is_turned=False)
    back, _ = await rated_in_turn(tmp_path, "back", is_turned=True)

    def answers(files: Mapping[str, bytes]) -> list[dict[str, str]]:
        return [{k: v for k, v in row.items() if k != "salt"} for row in rows(files, "answers.csv")]

    assert answers(forth) == answers(back)
    for name in ("results.csv", "measures.csv", "moves.csv", "words.csv", "double_entry.csv", "statements.csv"):
        assert forth[name] == back[name], name


async def test_the_file_and_the_journal_have_no_word_in_common_but_the_head(tmp_path: Path) -> None:
    files, told = await rated_in_turn(tmp_path, "journal", is_turned=False)
    head = json.loads(files["manifest.json"])["chain"]["head"]
    everything = b"".join(files.values()).decode()
    assert head in told and not [word for word in told if word != head and word in everything]


async def test_the_rows_of_everybody_are_in_one_order_whatever_cards_they_met_first(tmp_path: Path) -> None:
    """Attack 14: who saw the first three cards over a shoulder finds no alias that begins with them."""
    files, _ = await rated_in_turn(tmp_path, "shoulder", is_turned=False)
    met: dict[str, list[str]] = {}
    for row in rows(files, "answers.csv"):
        met.setdefault(row["alias"], []).append(row["statement"])
    assert len(met) == 18 and {tuple(cards) for cards in met.values()} == {CARDS}


async def test_row_and_roster_agree_as_often_as_chance(tmp_path: Path) -> None:
    """Attack 13: aliases in their order against seats in theirs; right in about one of a block's size."""
    files, _ = await rated_in_turn(tmp_path, "roster", is_turned=False)
    values = {row["alias"]: row["value"] for row in rows(files, "answers.csv") if row["statement"] == "P001"}
    hits = sum(values[alias] == str(1 + number % 9) for number, alias in enumerate(sorted(values)))
    assert hits <= 7, "18 people give two of each value: two are right by chance"


# Later research


async def keeping_back(table: Table, people: Sequence[models.Seat]) -> None:
    study, staff = await models.Study.get(id=table.session.study_id), await models.Staff.get(mail="fay@example.org")
    texts = {"en": f"New, {len(people)}.", "fr": f"Neuf, {people[-1].id}."}
    await conduct.write_consent(table.house, staff, study.id, texts, texts, ["reuse"])
    for seat in table.seats:
        await conduct.consent(table.house, seat, () if seat in people else ("reuse",))


async def test_there_is_no_file_where_few_keep_their_answers_back(house: House, tmp_path: Path) -> None:
    table = await laid(house, [plan("ranking", settings={"top": 3})], 5)
    await table.open("ranking")
    for seat in table.seats:
        await table.cast(seat, "ranking", **order_of(random.Random(seat.id)))
    await table.close("ranking")
    await keeping_back(table, table.seats[:4])
    with pytest.raises(conduct.Refused, match="few_keep_back"):
        await individual(house, table.session)
    await keeping_back(table, table.seats[:5])  # all the patients
    data = await individual(house, table.session)
    await whole(data, tmp_path)
    left = Counter(row["block"] for row in rows(inside(data), "answers.csv") if row["statement"] == "P001")
    assert left == {"caregivers": 6, "clinicians": 6, "patients+managers": 1} or left == {
        "caregivers": 6,
        "clinicians": 6,
    }
    await keeping_back(table, [*table.seats[3:7], table.seats[11]])  # two patients, three caregivers
    data = await individual(house, table.session)
    await whole(data, tmp_path)
    assert {row["block"] for row in rows(inside(data), "answers.csv")} == {"clinicians"}, "no cell lacks one to four"


# Rule 5: a ranking in which a card left out says nothing


ABSENT = {"top": 2, "unranked": "absent"}


async def placed_with(folder: Path, name: str, k: int, hers: Form) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Everybody places P001 and P002; she places what few do. What anyone may have, but for head and root."""
    dice = random.Random(k)
    async with house_at(folder, name) as house:
        table = await laid(house, [plan("ranking", settings=ABSENT, rule={"name": "first", "n": 2})], k)
        await table.open("ranking")
        for seat in table.seats:
            first, second = dice.sample(CARDS[:2], 2)
            order = {f"place.{first}": "1", f"place.{second}": "2"}
            await table.cast(seat, "ranking", **(order if seat.group != "managers" else hers))
        await table.close("ranking")
        told, one_by_one = await released(house, table.session), await individual(house, table.session)
        await whole(told, folder)
        await whole(one_by_one, folder)
        return apart_from_head_and_root(told), inside(one_by_one)


async def test_a_card_that_few_placed_has_no_figure_no_rank_and_is_never_chosen(tmp_path: Path) -> None:
    told, one_by_one = await placed_with(tmp_path, "few", 5, {"place.P003": "1"})
    for files in (told, one_by_one):
        results = {row["statement"]: row for row in rows(files, "results.csv")}
        few = {name: text for name, text in results["P003"].items() if name.startswith("ranking.")}
        assert few.pop("ranking.decision") == "undecided" and set(few.values()) == {""} and not results["P003"]["rank"]
        assert results["P003"]["withheld"].split()[0] == "ranking" and results["P001"]["ranking.n"] == "17"
        assert {results[card]["rank"] for card in CARDS[:2]} <= {"1", "2"}
        (step,) = json.loads(files["manifest.json"])["rounds"]
        assert [block["groups"] for block in step["blocks"]] == [["patients", "caregivers", "clinicians", "managers"]]
    assert "P003" not in {row["statement"] for row in rows(one_by_one, "answers.csv")}


async def test_whoever_placed_only_what_few_placed_changes_no_byte_but_head_and_root(tmp_path: Path) -> None:
    first, _ = await placed_with(tmp_path, "one", 3, {"place.P003": "1"})
    other, _ = await placed_with(tmp_path, "two", 3, {"place.P003": "2"})
    assert first == other


async def test_such_a_step_tells_nothing_before_its_close_and_closes_once(house: House) -> None:
    for mode in ("live", "after_own", "facilitator"):
        early = Plan(key="ranking", kind="ranking", disclosure=mode, settings=ABSENT)
        with pytest.raises(conduct.Refused, match="told_once"):
            await lay_table(house, [early])
    table = await laid(house, [plan("ranking", settings=ABSENT)], 3)
    row = await table.open("ranking")
    await table.close("ranking")
    with pytest.raises(conduct.Refused, match="closed_once"):
        await conduct.reopen_round(house, table.fay, row.id, "One more")


@pytest.mark.parametrize("apart", [[], NEVER])
async def test_it_counts_everybody_together_but_where_groups_are_kept_apart(
    house: House, apart: Sequence[Sequence[str]]
) -> None:
    table = await laid(house, [plan("ranking", settings=ABSENT)], 5)
    staff = await models.Staff.get(mail="fay@example.org")
    await conduct.keep_apart(house, staff, table.session.study_id, apart)
    row = await table.open("ranking")
    for seat in table.seats:
        await table.cast(seat, "ranking", **{"place.P001": "1"})
    await table.close("ranking")
    line = (await house.counts.now(row)).shown.line("P001")
    counted = (await table.row("ranking")).made["blocks"]
    assert len(counted) == (1 if not apart else 3)
    assert line is not None and line.values["n"] == (18 if not apart else 17)
