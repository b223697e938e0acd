"""The analysis file: one alias over rounds, proved by the seals; and what nobody finds in it."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from consensus import conduct, leaves, models
from consensus.conduct import Guest, Refused
from consensus.consents import REUSE
from consensus.export import analysis, individual, released
from consensus.export.checks import OF_PEOPLE, Parcel
from consensus.export.database import verify_database
from consensus.export.opened import Breach, table
from consensus.export.rows import opened_from
from consensus.export.sheets import SUMS, Sheet, json_bytes, parcel, read_sheet, sums, zipped
from consensus.export.verify import ANALYSIS, TABLES, verify
from consensus.house import House, build, open_house
from consensus.journal import HOUSE, head_of
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import SECRET, Table, fresh, lay_table
from tests.consensus.test_export import flipped, inside, resealed, rows
from tests.freezing import freeze
from tests.older import go_back_to

CARDS = ("P001", "P002", "P003")
DELPHI = [Plan(key=key, kind="rating", disclosure="at_close", grace=0) for key in ("rating", "rating2")]


async def laid(house: House, more: Mapping[str, int], title: str = "Delphi") -> Table:
    """Patients 5, caregivers 2, clinicians 4, and so many more of each; every second one speaks English."""
    laid = await lay_table(house, DELPHI, title=title, has_analysis_file=True)
    guests = [
        Guest(Role.PARTICIPANT, group, "en" if n % 2 else "fr") for group, n_of in more.items() for n in range(n_of)
    ]
    made = await conduct.add_seats(house, laid.fay, guests)
    for seat in made:
        await conduct.consent(house, seat)
        seat.consented = True
    laid.seats += made
    return laid


async def rate(table: Table, key: str, seats: Sequence[models.Seat], through: Mapping[int, str] | None = None) -> None:
    """through: by seat, how the team was told their answers; everybody else answers by themselves."""
    await table.open(key)
    dice = random.Random(key)
    for seat in seats:
        for card in CARDS:
            submission = conduct.Submission(
                {"card": [card], "importance": [str(dice.randint(1, 9))]}, f"{seat.id}{key}{card}", "en"
            )
            row, way = await table.row(key), (through or {}).get(seat.id)
            if way:
                await conduct.cast(table.house, seat.id, row.id, submission, conduct.EnteredFor(table.fay, way))
            else:
                await conduct.cast(table.house, seat.id, row.id, submission)
    await table.close(key)


async def checked(data: bytes, folder: Path) -> dict[str, object]:
    path = folder / "file.zip"
    path.write_bytes(data)
    verdict = await asyncio.to_thread(verify, path)
    assert verdict.is_whole, verdict
    return dict(verdict.values)


def why(data: bytes, folder: Path) -> str:
    path = folder / "file.zip"
    path.write_bytes(data)
    verdict = verify(path)
    return "" if verdict.is_whole else verdict.key


def unlinked(files: Mapping[str, bytes], key: str) -> set[str]:
    """The aliases of a round of which nothing says whose they are in another."""
    joined = {row[f"alias_{key}"] for row in rows(files, "people.csv")}
    return {row["alias"] for row in rows(files, "answers.csv") if row["round"] == key} - joined


# A whole one


@dataclass(frozen=True)
class Whole:
    """Twenty-two people who answered both rounds, and another session of the same house."""

    data: bytes
    individual: bytes
    released: bytes
    elsewhere: bytes
    names: Mapping[str, Sequence[str]]  # by name over rounds: the values that this person gave, in both rounds


async def played(folder: Path) -> Whole:
    settings = Settings(database=str(fresh(folder / "analysis.db")), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table, other = await laid(house, MORE), await laid(house, MORE, "Ailleurs")
        for one in (table, other):
            await rate(one, "rating", one.seats)
            await rate(one, "rating2", one.seats)
            await freeze(one)
        names: dict[str, list[str]] = {}
        for ballot in await models.Ballot.filter(seat_id__in=[seat.id for seat in table.seats]).order_by("seq"):
            person = leaves.person_of(SECRET, table.session.id, ballot.seat_id)
            names.setdefault(person, []).append(str(json.loads(str(ballot.marks))["values"]["importance"]))
        files = [await write(house, table.session) for write in (analysis, individual, released)]
        whole = Whole(*files, await analysis(house, other.session), names)
    assert (await verify_database(settings.database)).is_whole, "the leaves about people too"
    return whole


MORE = {"patients": 1, "caregivers": 4, "clinicians": 6}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return asyncio.run(played(tmp_path_factory.mktemp("analysis")))


async def test_it_holds_the_individual_answers_and_joins_those_of_one_person(whole: Whole, tmp_path: Path) -> None:
    files, rowed = inside(whole.data), inside(whole.individual)
    same = {"answers.csv", "words.csv", "moves.csv", "leaves.csv", "results.csv", "measures.csv", "recount.py"}
    assert all(files[name] == rowed[name] for name in same)
    assert set(files) - set(rowed) == {"people.csv"}
    values: dict[tuple[str, str], list[str]] = {}
    for row in rows(files, "answers.csv"):
        values.setdefault((row["round"], row["alias"]), []).append(row["value"])
    people = rows(files, "people.csv")
    told = {
        row["person"]: values["rating", row["alias_rating"]] + values["rating2", row["alias_rating2"]] for row in people
    }
    assert told == whole.names and len(told) == 22
    assert [row["person"] for row in people] == sorted(told), "in no order but that of the aliases"
    assert await checked(whole.data, tmp_path) == {
        **(await checked(whole.individual, tmp_path)),
        "files": len(files),
        "rows": len(rows(files, "sealed.csv")),
        "people": 22,
        "over": 1,
    }


def test_nobody_gets_one_name_from_another_without_the_secret(whole: Whole) -> None:
    people = rows(inside(whole.data), "people.csv")
    names = [row[name] for row in people for name in ("person", "alias_rating", "alias_rating2")]
    assert len(set(names)) == 66
    elsewhere = rows(inside(whole.elsewhere), "people.csv")
    assert not set(names) & {row[name] for row in elsewhere for name in ("person", "alias_rating", "alias_rating2")}
    drawn = {leaves.person_of(secret, 2, seat) for secret in ("", "0" * 40) for seat in range(400)}
    assert not drawn & set(names)


def test_neither_the_individual_nor_the_released_file_has_anything_about_people(whole: Whole) -> None:
    people = rows(inside(whole.data), "people.csv")
    everything = b"".join(inside(whole.individual).values()) + b"".join(inside(whole.released).values())
    assert not [row["person"] for row in people if row["person"].encode() in everything]
    assert b'"language":' not in inside(whole.individual)["sealed.csv"]
    assert b'""entered"":' not in inside(whole.individual)["sealed.csv"]


def test_change_between_two_rounds_is_worked_out_again_from_the_rows(whole: Whole) -> None:
    """Two people whose second answers are swapped: every leaf and root of the tables holds, the figures do not."""
    whole_one = opened_parcel(whole.data)
    for check in OF_PEOPLE.values():
        check(whole_one)
    links = [one for one in whole_one.opened if one.round == "rating2" and "person" in one.data]
    first, second, *_ = links
    swapped = {
        id(first): replace(first, said=first.said.replace(first.data["person"], second.data["person"])),
        id(second): replace(second, said=second.said.replace(second.data["person"], first.data["person"])),
    }
    other = replace(whole_one, opened=tuple(swapped.get(id(one), one) for one in whole_one.opened))
    with pytest.raises(Breach, match=r"verify\.row"):
        OF_PEOPLE["measures.csv"](other)


def opened_parcel(data: bytes) -> Parcel:
    files = inside(data)
    sheets = {f"{name}.csv": table(files, f"{name}.csv") for name in TABLES[ANALYSIS]}
    opened = tuple(map(opened_from, sheets["sealed.csv"].rows))
    return Parcel(files, json.loads(files["manifest.json"]), sheets, json.loads(files["results.json"]), opened)


# Changed


def test_any_flipped_byte_of_any_file_is_found(whole: Whole, tmp_path: Path) -> None:
    files, dice = inside(whole.data), random.Random(7)
    for name, data in files.items():
        for place in {0, len(data) - 1, *(dice.randrange(len(data)) for _ in range(3))}:
            assert why(zipped(flipped(files, name, place, dice.randrange(8))), tmp_path), (name, place)


def without(files: Mapping[str, bytes], person: str) -> dict[str, bytes]:
    """The file of somebody who takes a person out of people.csv, of sealed.csv and of the number of people, and writes
    the sums again."""
    links = [one for one in map(opened_from, read_sheet(files["sealed.csv"]).rows) if one.is_person]
    names = {(one.round, one.data["alias"]) for one in links if one.data.get("person") == person}
    gone = {one.salt for one in links if (one.round, one.data["alias"]) in names}
    manifest = json.loads(files["manifest.json"])
    manifest["people"]["followed"] -= 1
    changed = {**files, "manifest.json": json_bytes(manifest)}
    for name, is_gone in (
        ("sealed.csv", lambda row: row["salt"] in gone),
        ("people.csv", lambda row: row["person"] == person),
    ):
        sheet = read_sheet(files[name])
        changed[name] = Sheet(sheet.columns, tuple(row for row in sheet.rows if not is_gone(row))).csv()
    return changed


def test_a_row_that_is_taken_out_is_found(whole: Whole, tmp_path: Path) -> None:
    files = inside(whole.data)
    for number in (1, 9, 22):
        lines = files["people.csv"].decode().splitlines(keepends=True)
        fewer = {**files, "people.csv": "".join(lines[:number] + lines[number + 1 :]).encode()}
        assert why(parcel(fewer), tmp_path) == "verify.row"
    person = rows(files, "people.csv")[4]["person"]
    fewer = without(files, person)
    assert why(parcel(fewer), tmp_path) == "verify.few_alike", "one alone is not followed"
    uncounted = {**fewer, "manifest.json": files["manifest.json"]}
    assert why(parcel(uncounted), tmp_path) == "verify.other_table"


@pytest.mark.parametrize("name", ["person", "alias_rating2"])
def test_an_alias_of_another_session_is_no_leaf(whole: Whole, tmp_path: Path, name: str) -> None:
    files, elsewhere = inside(whole.data), rows(inside(whole.elsewhere), "people.csv")
    mine, theirs = rows(files, "people.csv")[3][name], elsewhere[3][name]
    assert why(resealed(files, "people.csv", mine, theirs), tmp_path) == "verify.row"
    changed = {file: data.replace(mine.encode(), theirs.encode()) for file, data in files.items()}
    assert why(zipped({**changed, SUMS: sums(changed)}), tmp_path) == "verify.no_leaf"


def test_a_group_or_a_language_that_was_changed_is_no_leaf(whole: Whole, tmp_path: Path) -> None:
    files = inside(whole.data)
    row = next(one for one in rows(files, "sealed.csv") if '"group"' in one["said"])
    said = row["said"].replace('"', '""')
    other = (
        said.replace("clinicians", "patients")
        if "clinicians" in said
        else said.replace(said.split('""group"":""')[1][:5], "clini")
    )
    assert why(resealed(files, "sealed.csv", said, other), tmp_path) == "verify.no_leaf"


# Nobody stands out


def combinations(files: Mapping[str, bytes]) -> Counter[tuple[str, ...]]:
    """What the table and the blocks say of each person, together."""
    blocks = {(row["round"], row["alias"]): row["block"] for row in rows(files, "answers.csv")}
    return Counter(
        (
            *(row[name] for name in ("group", "language", "entered")),
            *(blocks.get((key, row[f"alias_{key}"]), "") for key in ("rating", "rating2")),
        )
        for row in rows(files, "people.csv")
    )


async def test_a_column_with_a_rare_combination_is_blank_for_everybody_and_the_readme_says_so(
    house: House, tmp_path: Path
) -> None:
    table = await laid(house, {"patients": 6, "caregivers": 9, "clinicians": 8})
    by_phone = {table.seats[0].id: "phone", table.seats[1].id: "paper"}
    await rate(table, "rating", table.seats, by_phone)
    await rate(table, "rating2", table.seats)
    await freeze(table)
    data = await analysis(house, table.session)
    files = inside(data)
    await checked(data, tmp_path)
    assert min(combinations(files).values()) >= 5 and len(rows(files, "people.csv")) == len(table.seats)
    assert {row["entered"] for row in rows(files, "people.csv")} == {""}
    assert {row["language"] for row in rows(files, "people.csv")} == {"en", "fr"}
    assert json.loads(files["manifest.json"])["people"] == {"followed": len(table.seats), "blank": ["entered"]}
    assert "phone" not in files["sealed.csv"].decode(), "a column that is blank is opened nowhere"
    readme = files["README.txt"].decode()
    for language in ("en", "fr"):
        for name, names in (
            ("blank", "entered"),
            ("told", {"en": "language and group", "fr": "language et group"}[language]),
        ):
            assert table.house.texts.say(language, f"analysis.readme.{name}", names=names) in readme
        for key in ("what", "columns", "thirds", "known"):
            assert table.house.texts.say(language, f"analysis.readme.{key}") in readme
        assert table.house.texts.say(language, "analysis.readme.unique", n=len(table.seats)) in readme


@pytest.mark.parametrize("n, is_told", [(5, True), (4, False)])
async def test_sites_and_arm_are_told_where_k_people_share_them(
    house: House, tmp_path: Path, n: int, is_told: bool
) -> None:
    """Ten clinicians of one site, n of them of a second one too."""
    table = await laid(house, {"clinicians": 2 + n})
    await models.Session.filter(id=table.session.id).update(site="s1", arm="with")
    people = [seat for seat in table.seats if seat.group == "clinicians"]
    await models.Seat.filter(session_id=table.session.id, role=Role.PARTICIPANT).update(language="fr")
    await models.Seat.filter(id__in=[seat.id for seat in people[:n]]).update(sites=["s2"])
    people = people if n == 5 else people[: 5 + n]
    for key in ("rating", "rating2"):
        await rate(table, key, people)
    await freeze(table)
    data = await analysis(house, table.session)
    await checked(data, tmp_path)
    files = inside(data)
    told = Counter((row.get("site"), row.get("arm")) for row in rows(files, "people.csv"))
    blank = json.loads(files["manifest.json"])["people"]["blank"]
    if is_told:
        assert told == {("s1 s2", "with"): 5, ("s1", "with"): len(people) - 5}
        assert blank == []
    else:
        assert set(told) == {(None, "with")}
        assert "site" in blank
    assert b'""site"":' in files["sealed.csv"] if is_told else b'""site"":' not in files["sealed.csv"]


async def test_how_answers_came_is_told_where_k_people_share_it(house: House, tmp_path: Path) -> None:
    table = await laid(house, MORE)
    people = [seat for seat in table.seats if seat.group == "clinicians"]
    await models.Seat.filter(session_id=table.session.id).update(language="fr")
    by_phone = {seat.id: "phone" for seat in people[:5]}
    await rate(table, "rating", table.seats, by_phone)
    await rate(table, "rating2", table.seats, by_phone)
    data = await analysis(house, table.session)
    await checked(data, tmp_path)
    told = Counter((row["group"], row["language"], row["entered"]) for row in rows(inside(data), "people.csv"))
    assert told["clinicians", "fr", "phone"] == told["clinicians", "fr", "page"] == 5


async def test_whoever_stopped_after_the_first_round_is_one_of_k_that_nothing_joins(
    house: House, tmp_path: Path
) -> None:
    """The team knows who left, and when. Three patients of twelve stop: none of the three is followed, and more than
    the three are not, so that no row of the first round is theirs more likely than five others'."""
    table = await laid(house, {"patients": 7, "caregivers": 10, "clinicians": 8})
    await rate(table, "rating", table.seats)
    patients = [seat for seat in table.seats if seat.group == "patients"]
    for seat in patients[:3]:
        await conduct.withdraw(house, seat, erase=False)
    await rate(table, "rating2", [seat for seat in table.seats if seat not in patients[:3]])
    data = await analysis(house, table.session)
    files = inside(data)
    values = await checked(data, tmp_path)
    gone = {leaves.alias_of(SECRET, table.session.id, "rating", seat.id) for seat in patients[:3]}
    assert gone < unlinked(files, "rating") and len(unlinked(files, "rating")) >= 8
    blocks = {row["alias"]: row["block"] for row in rows(files, "answers.csv") if row["round"] == "rating"}
    assert all(n >= 5 for n in Counter(blocks[alias] for alias in unlinked(files, "rating")).values())
    assert min(combinations(files).values()) >= 5
    assert values["over"] == 0, "figures over two rounds stand as the seal covers them"


async def test_six_who_stopped_are_followed_as_far_as_they_went(house: House, tmp_path: Path) -> None:
    table = await laid(house, {"patients": 9, "caregivers": 4, "clinicians": 3})
    await rate(table, "rating", table.seats)
    patients = [seat for seat in table.seats if seat.group == "patients"]
    await rate(table, "rating2", [seat for seat in table.seats if seat not in patients[:6]])
    data = await analysis(house, table.session)
    people = rows(inside(data), "people.csv")
    assert len(people) == len(table.seats) and sum(not row["alias_rating2"] for row in people) == 6
    assert (await checked(data, tmp_path))["over"] == 1


async def test_a_person_of_whom_one_cell_is_left_out_is_joined_to_no_row_of_it(house: House, tmp_path: Path) -> None:
    """One patient erases after the closes. The patients' rows are in no file, and their names over rounds in none."""
    table = await laid(house, {"patients": 4, "caregivers": 6, "clinicians": 4})
    for key in ("rating", "rating2"):
        await rate(table, key, table.seats)
    await conduct.withdraw(house, table.aline, erase=True)
    data = await analysis(house, table.session)
    files = inside(data)
    assert (await checked(data, tmp_path))["over"] == 0
    assert {row["block"] for row in rows(files, "answers.csv")} == {"caregivers", "clinicians"}
    assert len(rows(files, "people.csv")) == 16
    mine = leaves.person_of(SECRET, table.session.id, table.aline.id)
    assert mine.encode() not in b"".join(files.values())


async def keeping_back(table: Table, people: Sequence[models.Seat]) -> None:
    study, staff = await models.Study.get(id=table.session.study_id), await models.Staff.get(mail="fay@example.org")
    texts = {"en": "New.", "fr": "Neuf."}
    await conduct.write_consent(table.house, staff, study.id, texts, texts, [REUSE])
    for seat in table.seats:
        await conduct.consent(table.house, seat, () if seat in people else (REUSE,))


async def test_sums_over_two_rounds_less_the_rows_are_of_k_people_or_of_nobody(house: House, tmp_path: Path) -> None:
    """Five patients keep their answers back; three of them answered the second round too. Their change is what all
    changed, less what the rows tell: so two more are not followed, of those who answered both."""
    table = await laid(house, {"patients": 9, "caregivers": 6, "clinicians": 4})
    patients = [seat for seat in table.seats if seat.group == "patients"]
    await rate(table, "rating", table.seats)
    stopped = [*patients[:2], *patients[10:14]]  # two who keep back, four who do not
    await rate(table, "rating2", [seat for seat in table.seats if seat not in stopped])
    await keeping_back(table, patients[:5])
    data = await analysis(house, table.session)
    files = inside(data)
    await checked(data, tmp_path)
    assert not [row for row in rows(files, "answers.csv") if row["round"] == "rating2" and row["block"] == "patients"]
    patients_now = [row for row in rows(files, "people.csv") if row["group"] == "patients"]
    assert not patients_now or len(patients_now) >= 5


def linked(files: Mapping[str, bytes]) -> dict[str, tuple[str, str, str]]:
    return {row["alias_rating"]: (row["group"], row["language"], row["entered"]) for row in rows(files, "people.csv")}


@pytest.mark.parametrize("seed", range(3))
async def test_seat_sheet_journal_and_file_lead_to_no_alias_but_by_chance(
    house: House, tmp_path: Path, seed: int
) -> None:
    """Attack 13: the team has the list of people with group, language, whom it typed in, who left and when; the lines
    of the journal; and the file. For each person at least five rows remain, none likelier than the others."""
    dice = random.Random(seed)
    table = await laid(house, {"patients": dice.randint(4, 9), "caregivers": dice.randint(5, 9), "clinicians": 6})
    typed = {seat.id: "paper" for seat in dice.sample(table.seats, 3)}
    left = dice.sample(table.seats, 2)
    await rate(table, "rating", dice.sample(table.seats, len(table.seats)), typed)
    for seat in left:
        await conduct.withdraw(house, seat, erase=False)
    await rate(table, "rating2", [seat for seat in table.seats if seat not in left], {})
    files = inside(await analysis(house, table.session))
    blocks = {row["alias"]: row["block"] for row in rows(files, "answers.csv") if row["round"] == "rating"}
    about, loose = linked(files), unlinked(files, "rating")
    both = {row["alias_rating"] for row in rows(files, "people.csv") if row["alias_rating2"]}
    for seat in table.seats:
        entered = typed.get(seat.id, "page")
        sheet = (seat.group, seat.language, entered if seat in left or entered == "page" else f"page+{entered}")
        fits = {
            alias
            for alias, told in about.items()
            if all(not column or column == mine for column, mine in zip(told, sheet, strict=True))
            and seat.group in blocks[alias].split("+")
            and not (seat in left and alias in both)
        }
        fits |= {alias for alias in loose if seat.group in blocks[alias].split("+")}
        assert leaves.alias_of(SECRET, table.session.id, "rating", seat.id) in fits and len(fits) >= 5
    lines = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq")
    said = " ".join(f"{line.alias} {line.payload}" for line in lines)
    names = [row["person"] for row in rows(files, "people.csv")]
    assert names and not [name for name in (*names, *about) if name in said]


# Who may have one


async def test_there_is_none_where_the_study_did_not_ask_when_it_was_made(table: Table) -> None:
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7")
    await table.close("rating")
    assert not await models.Leaf.filter(is_person=True).exists()
    with pytest.raises(Refused, match="no_analysis_file"):
        await analysis(table.house, table.session)


async def test_the_journals_say_that_a_study_has_one_and_that_it_was_given(house: House) -> None:
    table = await laid(house, {})
    made = await models.Entry.filter(head=HOUSE, act="create_study").order_by("-seq").first()
    assert made is not None and json.loads(made.payload)["analysis"] is True
    (rita,) = await conduct.add_seats(house, table.fay, [Guest(Role.RESEARCHER, name="Rita", mail="r@x.org")])
    await conduct.give_answers(house, table.fay, table.session.id, rita.id)
    line = await models.Entry.get(head=head_of(table.session.id), act="give_answers")
    assert json.loads(line.payload)["analysis"] is True and line.about_id == rita.id


async def test_a_study_that_gives_no_rows_has_no_analysis_file(table: Table) -> None:
    study = await models.Study.get(id=table.session.study_id)
    staff = await models.Staff.get(id=table.fay.staff_id)
    fields = {
        name: getattr(study, name) for name in ("title", "question", "consent", "languages", "groups", "help_name")
    }
    fields |= {"help_phone": "1", "retention": "2031-12-31", "is_row_level_allowed": False, "has_analysis_file": True}
    with pytest.raises(Refused, match="analysis_needs_rows"):
        await conduct.create_study(table.house, staff, **fields)


async def test_an_erasure_takes_what_was_said_about_the_person(house: House) -> None:
    table = await laid(house, MORE)
    await rate(table, "rating", table.seats)
    mine = models.Leaf.filter(seat_id=table.aline.id, is_person=True)
    assert await mine.filter(said__isnull=False).count() == 4
    await conduct.withdraw(house, table.aline, erase=True)
    assert await mine.count() == 4 and not await mine.filter(said__isnull=False).exists()


async def test_the_database_knows_whose_names_over_rounds_were_changed(tmp_path: Path) -> None:
    settings = Settings(database=str(fresh(tmp_path / "names.db")), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await laid(house, MORE)
        for key in ("rating", "rating2"):
            await rate(table, key, table.seats)
        row = await table.row("rating2")
        leaf = await models.Leaf.filter(round_id=row.id, is_person=True, said__contains='"person"').first()
        assert leaf is not None
        said = json.loads(str(leaf.said)) | {"person": "SOMEBODY"}
        leaf.said = json.dumps(said, sort_keys=True, separators=(",", ":"))
        leaf.hash = leaves.leaf(str(leaf.salt), leaf.said)
        await leaf.save()
    assert (await verify_database(settings.database)).key == "verify.other_leaf"


async def test_a_study_of_before_has_none_after_the_upgrade(database: str) -> None:
    settings = Settings(database=database, secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        await go_back_to("0015_freeze")
    async with open_house(build(settings)) as house:
        assert not (await models.Study.get(id=table.session.study_id)).has_analysis_file
