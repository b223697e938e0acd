"""Parcels: written from a whole session, checked by verify and by their own recount.py, and what they never tell."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models, protocol
from consensus.export import individual, released
from consensus.export.database import verify_database
from consensus.export.recounting import joined
from consensus.export.sheets import SUMS, parcel, sums, zipped
from consensus.export.verify import verify, verify_file
from consensus.house import House, build, open_house
from consensus.settings import Settings
from rounds import KINDS
from rounds.contract import Role
from tests.conftest import SECRET, Site, Table, fresh, lay_table
from tests.consensus.commands import call
from tests.freezing import freeze

LEAVER = 1  # a patient who writes, rates, ranks and objects, and has everything erased after the close
OWN_WORDS = "Zebra words that only the leaver wrote"
OBJECTION = "A giraffe objection by the leaver, with\na second line"
WHY = "A walrus reason of the leaver"
SECRETS = (OWN_WORDS, "giraffe objection", WHY)
STAYS = '=An objection, "quoted"; by Bob – à garder'
RATING_RULE = {"name": "share", "percent": 60, "scope": "pooled"}


@dataclass(frozen=True)
class Parcels:
    """The same session exported twice, released, and both once more after a patient had everything erased."""

    individual: bytes
    again: bytes
    released: bytes
    erased_individual: bytes
    erased_released: bytes
    early: str
    forbidden: str
    aliases: list[str]


def inside(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


async def send(table: Table, seat: models.Seat, key: str, **form: object) -> int:
    fields = {
        name.replace("__", "."): [str(v) for v in value] if isinstance(value, list) else [str(value)]
        for name, value in form.items()
    }
    submission = conduct.Submission(fields, os.urandom(8).hex(), seat.language, third=2)
    return (await conduct.cast(table.house, seat.id, (await table.row(key)).id, submission)).seq


def worded(number: int = 0, text: str = "") -> dict[str, object]:
    ending = f"__{number}" if number else ""
    return {f"wording__en{ending}": f"{text} (en)", f"wording__fr{ending}": f"{text} (fr)"}


async def play_gather(table: Table) -> None:
    await table.open("gather")
    for number, seat in enumerate(table.seats):
        text = OWN_WORDS if number == LEAVER else f"Idea number {number // 2}"
        await send(table, seat, "gather", card=1, text=text, nature="helps")
    await send(table, table.aline, "gather", card=1, text="Idea number 0, said better", nature="hinders")
    await table.close("gather")


async def play_compilation(table: Table) -> None:
    await table.open("compilation")
    proposals = (await models.Round.get(id=(await table.row("gather")).id)).outcome["left"]["statements"]
    own = next(p["id"] for p in proposals if OWN_WORDS in p["wordings"].values())
    others = [p["id"] for p in proposals if p["id"] != own]
    await send(table, table.fay, "compilation", act="merge", of=others[:2], **worded(text="Merged"))
    pieces = {**worded(1, "First piece"), **worded(2, "Second piece")}
    await send(table, table.fay, "compilation", act="split", of=others[2], **pieces)
    await send(table, table.fay, "compilation", act="reject", of="S03", reason="Half a thought")
    await send(table, table.fay, "compilation", act="reject", of=others[3], reason="Said elsewhere")
    await send(table, table.fay, "compilation", act="accept", of=own, **worded(text="The group's own wording"))
    await send(table, table.fay, "compilation", act="add", reason="Missing", **worded(text="Added by the team"))
    for number, name in enumerate(others[4:]):
        await send(table, table.fay, "compilation", act="accept", of=name, **worded(text=f"Accepted {number}"))
    undone = await send(table, table.fay, "compilation", act="reword", of="S01", **worded(text="Otherwise"))
    await send(table, table.fay, "compilation", act="undo", undo=undone)
    await table.close("compilation")


async def statements(table: Table, key: str) -> list[str]:
    return [statement["id"] for statement in (await table.row(key)).statements]


async def play_rating(table: Table) -> None:
    await table.open("rating")
    cards = await statements(table, "rating")
    for number, seat in enumerate(table.seats[:-1]):  # Bob does not rate: his block shows nothing
        for place, card in enumerate(cards[: len(cards) if number < 7 else 3]):
            reason = WHY if (number, place) == (LEAVER, 0) else ""
            importance = 1 + (3 * number + 5 * place) % 9 if number != LEAVER else 9
            score = "dont_know" if (number + place) % 7 == 3 else importance
            await send(table, seat, "rating", card=card, importance=score, feasibility=5, reason=reason)
    await send(table, table.aline, "rating", card=cards[0], importance=2, feasibility=9)
    await table.close("rating")


async def move(table: Table, card: str, to: str, **more: object) -> None:
    row = await table.row("wall")
    seen = (await table.house.counts.now(row)).official.todo.versions[card]
    await send(table, table.fay, "wall", act="move", card=card, to=to, seen=seen, **more)


async def play_wall(table: Table) -> None:
    await table.open("wall")
    cards = await statements(table, "wall")
    call = await send(table, table.fay, "wall", act="call", card=cards[0], seen=0)
    for number, seat in enumerate(table.seats):
        await send(table, seat, "wall", act="signal", call=call, signal=("keep", "unsure", "drop")[number % 3])
    await send(table, table.aline, "wall", act="signal", call=call, signal="drop")
    seen = {"seen": 0, f"seen__{cards[1]}": 0, f"seen__{cards[2]}": 0}
    await send(table, table.fay, "wall", act="merge", card=cards[1:3], **seen, **worded(text="Merged at the wall"))
    pieces = {**worded(1, "Wall piece one"), **worded(2, "Wall piece two")}
    await send(table, table.fay, "wall", act="split", card=cards[3], seen=0, **pieces)
    await move(table, cards[0], "bin", how="after_discussion", reason="Not ours to do")
    live = (await table.house.counts.now(await table.row("wall"))).official.statements
    first, *others = [statement.id for statement in live if statement.id != cards[0]]
    await move(table, first, "veto", reason="Against the law", owner="Ministry")
    for card in others:
        await move(table, card, "selection", how="no_objection")
    await table.close("wall")


async def play_the_end(table: Table) -> None:
    await table.open("ranking")
    cards = await statements(table, "ranking")
    for number, seat in enumerate(table.seats):
        first = cards[2] if number == LEAVER else cards[number % 2]
        await send(table, seat, "ranking", **{f"place__{first}": 1, f"place__{cards[3]}": 2})
    await table.close("ranking")
    await table.open("validation")
    for number, seat in enumerate(table.seats):
        said: dict[str, object] = {f"say__{card}": "agree" for card in cards}
        if number == LEAVER:
            said |= {f"say__{cards[0]}": "object", f"text__{cards[0]}": OBJECTION}
        await send(table, seat, "validation", **said)
    said = {f"say__{cards[0]}": "object", f"text__{cards[0]}": STAYS}
    change = {f"say__{cards[1]}": "change", f"text__{cards[1]}": "Say it shorter"}
    seq = await send(table, table.bob, "validation", **said, **change)
    now = next(one for one in (await table.row("validation")).statements if one["id"] == cards[1])
    taken = worded(text="Shorter") | {f"seen__{name}": text for name, text in now["wordings"].items()}
    await send(table, table.fay, "validation", act="take", change=f"{seq}-{cards[1]}", checked=1, **taken)
    await table.close("validation")


async def lay(house: House) -> Table:
    plans = [replace(plan, grace=0) for plan in protocol.read("triage")]
    settings = {**plans[2].settings, "second": "feasibility"}
    plans[2] = replace(plans[2], settings=settings, rule=RATING_RULE)
    table = await lay_table(house, plans)
    await conduct.import_statements(house, table.fay, [])
    return table


async def played(folder: Path) -> Parcels:
    settings = Settings(database=str(fresh(folder / "export.db")), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay(house)
        early = await refusal(house, table.session)
        for act in (play_gather, play_compilation, play_rating, play_wall, play_the_end):
            await act(table)
        first, again = await individual(house, table.session), await individual(house, table.session)
        told = await released(house, table.session)
        await conduct.withdraw(house, table.seats[LEAVER], erase=True)
        after = await individual(house, table.session), await released(house, table.session)
        await models.Study.filter(id=table.session.study_id).update(is_row_level_allowed=False)
        forbidden = await refusal(house, table.session)
        aliases = [entry.alias for entry in await models.Entry.exclude(alias="").exclude(head="house")]
    assert (await verify_database(settings.database)).is_whole, "also where marks are numbered within their round"
    return Parcels(first, again, told, *after, early, forbidden, aliases)


async def refusal(house: House, session: models.Session) -> str:
    with pytest.raises(conduct.Refused) as refused:
        await individual(house, session)
    return str(refused.value.key)


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Parcels:
    return asyncio.run(played(tmp_path_factory.mktemp("export")))


def told(tmp_path: Path, data: bytes) -> tuple[int, str]:
    path = tmp_path / "parcel.zip"
    path.write_bytes(data)
    return verify_file(path)


def unpacked(tmp_path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def run_recount(folder: Path, language: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "recount.py", language]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


# Whole


def test_a_whole_parcel_is_verified_and_tells_its_chain_head(parcels: Parcels, tmp_path: Path) -> None:
    for data in (parcels.individual, parcels.released, parcels.erased_individual, parcels.erased_released):
        code, said = told(tmp_path, data)
        head = json.loads(inside(data)["manifest.json"])["chain"]["head"]
        assert code == 0 and said.endswith(head), said
    assert inside(parcels.released)["chain_head.txt"] == inside(parcels.individual)["chain_head.txt"]


def test_the_verdict_is_said_in_french_too(parcels: Parcels, tmp_path: Path) -> None:
    path = tmp_path / "parcel.zip"
    path.write_bytes(parcels.individual[:100])
    assert "abîmé" in verify_file(path, "fr")[1]
    assert verify(path).key == "verify.no_zip"
    assert verify_file(tmp_path / "nothing.zip")[0] == 1


def test_the_same_data_give_the_same_bytes(parcels: Parcels) -> None:
    assert parcels.individual == parcels.again
    assert parcel(inside(parcels.individual)) == parcels.individual


def test_every_csv_is_utf8_with_crlf_and_comes_back_as_it_was(parcels: Parcels) -> None:
    files = inside(parcels.individual)
    for name in files:
        if name.endswith(".csv"):
            assert files[name].endswith(b"\r\n") and files[name].decode()
    reasons = [row["validation.reasons"] for row in rows(files, "results.csv")]
    assert any(STAYS in reason and OBJECTION in reason for reason in reasons)


def test_a_parcel_packed_again_by_somebody_else_is_judged_by_its_files(parcels: Parcels, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in inside(parcels.individual).items():
            archive.writestr(name, data)
    assert told(tmp_path, out.getvalue())[0] == 0


# Changed


def flipped(files: Mapping[str, bytes], name: str, place: int, bit: int) -> dict[str, bytes]:
    data = bytearray(files[name])
    data[place] ^= 1 << bit
    return {**files, name: bytes(data)}


@pytest.mark.parametrize("which", ["individual", "released"])
def test_any_flipped_byte_of_any_file_is_found_and_its_file_named(parcels: Parcels, tmp_path: Path, which: str) -> None:
    files, dice = inside(getattr(parcels, which)), random.Random(7)
    for name, data in files.items():
        places = {0, len(data) - 1, *(dice.randrange(len(data)) for _ in range(4))}
        if name == SUMS:
            places = set(range(0, len(data), 7))
        for place in places:
            code, said = told(tmp_path, zipped(flipped(files, name, place, dice.randrange(8))))
            assert code == 1 and name in said, (name, place, said)


def test_any_flipped_byte_of_the_zip_itself_is_found(parcels: Parcels, tmp_path: Path) -> None:
    dice, size = random.Random(11), len(parcels.released)
    for place in {*range(0, 60), *range(size - 1200, size, 5), *(dice.randrange(size) for _ in range(60))}:
        data = bytearray(parcels.released)
        data[place] ^= 1 << dice.randrange(8)
        code, said = told(tmp_path, bytes(data))
        assert code == 1 and len(said) > 20, place


def test_a_truncated_parcel_is_refused_in_one_sentence(parcels: Parcels, tmp_path: Path) -> None:
    for size in (0, 10, len(parcels.individual) // 2, len(parcels.individual) - 1):
        code, said = told(tmp_path, parcels.individual[:size])
        assert code == 1 and "parcel.zip" in said and "Traceback" not in said


def test_a_missing_file_and_one_too_many_are_named(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    less = {name: data for name, data in files.items() if name not in {"answers.csv", SUMS}}
    assert "answers.csv is missing" in told(tmp_path, parcel(less))[1]
    assert "more.csv" in told(tmp_path, parcel({**files, "more.csv": b""}))[1]
    assert "more.csv" in told(tmp_path, zipped({**files, "more.csv": b""}))[1]


def resealed(files: Mapping[str, bytes], name: str, old: str, new: str) -> bytes:
    """The parcel of somebody who changes a file and writes the sums again."""
    text = files[name].decode()
    assert old in text
    changed = {**files, name: text.replace(old, new, 1).encode()}
    return zipped({**changed, SUMS: sums(changed)})


def a_vote(files: Mapping[str, bytes]) -> tuple[str, str]:
    """A vote as written in sealed.csv, and with another score."""
    vote = next(row for row in rows(files, "sealed.csv") if '"importance":9' in row["said"])
    written = vote["salt"] + ',"' + vote["said"].replace('"', '""')
    return written, written.replace('""importance"":9', '""importance"":1')


def test_a_changed_vote_is_no_leaf_of_its_round(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    code, said = told(tmp_path, resealed(files, "sealed.csv", *a_vote(files)))
    assert code == 1 and "sealed.csv" in said and "no leaf" in said


def test_a_leaf_that_was_changed_left_out_or_added_does_not_give_the_root(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    leaf = rows(files, "leaves.csv")[40]
    line = f"{leaf['round']},{leaf['leaf']}\r\n"
    other = line.replace(leaf["leaf"][-4:], "0000" if leaf["leaf"][-4:] != "0000" else "1111")
    for new in ("", other, line + line):
        code, said = told(tmp_path, resealed(files, "leaves.csv", line, new))
        assert code == 1 and "leaves.csv" in said, said


def test_a_row_told_twice_is_found(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    lines = files["sealed.csv"].decode().split("\r\n")
    code, said = told(tmp_path, resealed(files, "sealed.csv", lines[5], f"{lines[5]}\r\n{lines[5]}"))
    assert code == 1 and "sealed.csv" in said


def test_a_changed_vote_makes_the_recount_name_its_row(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    assert run_recount(unpacked(tmp_path, files)).returncode == 0
    old, new = a_vote(files)
    (tmp_path / "sealed.csv").write_bytes(files["sealed.csv"].replace(old.encode(), new.encode()))
    done = run_recount(tmp_path)
    assert done.returncode == 1 and done.stdout.startswith("sealed.csv, row") and "no leaf" in done.stdout


def test_the_recount_speaks_the_language_of_the_reader_in_lines_of_a_hundred(parcels: Parcels, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, inside(parcels.individual))
    french, english = run_recount(folder, "fr"), run_recount(folder, "en")
    assert "recomptés\u00a0: tout concorde" in french.stdout and "all agree" not in french.stdout
    assert "counted again: all agree" in english.stdout and "concorde" not in english.stdout
    for line in (french.stdout + english.stdout).splitlines():
        assert len(line) <= 100
    for data in (joined(KINDS), (folder / "recount.py").read_bytes()):
        assert [line for line in data.decode().splitlines() if len(line) > 100] == [], (
            "as it is written, in both languages"
        )
    spoken = {"LANG": "fr_CA.UTF-8"}
    command = [sys.executable, "-I", "recount.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=spoken)
    assert done.stdout == french.stdout


@pytest.mark.parametrize("apart", [[["caregivers", "clinicians"]], []])
def test_the_recount_refuses_blocks_that_the_plan_forbids(parcels: Parcels, tmp_path: Path, apart: Any) -> None:
    files = inside(parcels.individual)
    folder, manifest = unpacked(tmp_path, files), json.loads(files["manifest.json"])
    for one in manifest["rounds"]:
        if one["key"] == "rating":
            one["counting"] |= {"apart": apart, "k": 5 if apart else 6}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    done = run_recount(folder)
    assert done.returncode == 1 and "the blocks are others" in done.stdout


def test_the_recount_says_what_it_checked(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    done = run_recount(unpacked(tmp_path, files))
    assert done.returncode == 0 and done.stderr == ""
    counted = [row["column"] for row in rows(files, "codebook.csv") if row["counted"] == "yes"]
    said = " ".join(done.stdout.split("Columns: ")[1].split()).removesuffix(".")
    assert set(said.split(", ")) == set(counted)
    for name in ("rank", "rating.decision", "rating.median[patients]", "wall.zone", "compilation.proposals"):
        assert name in counted
    source = files["recount.py"].decode()
    assert "import rounds" not in source and "from rounds" not in source and "consensus" not in source


def test_every_counted_column_is_counted_again(
    parcels: Parcels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = inside(parcels.individual)
    monkeypatch.chdir(unpacked(tmp_path, files))
    program: dict[str, Any] = {"__name__": "recount"}
    exec(compile(files["recount.py"], "recount.py", "exec"), program)
    counted = {row["column"] for row in rows(files, "codebook.csv") if row["counted"] == "yes"}
    results, dice = rows(files, "results.csv"), random.Random(3)
    for column in sorted(counted):
        row = dice.choice(results)
        before, row[column] = row[column], row[column] + "1"
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(row), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(results)
        (tmp_path / "results.csv").write_bytes(out.getvalue().encode())
        assert program["main"](program["KINDS"]) == 1
        assert f"{row['statement']}, {column}:" in capsys.readouterr().out
        row[column] = before


def test_the_joined_recount_is_one_program_for_any_choice_of_kinds() -> None:
    for kinds in ([name] for name in KINDS):
        compile(joined(kinds), "recount.py", "exec")
    assert joined(KINDS) == joined(list(KINDS)[::-1])


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("words.csv", "Idea number 4", "Idea number 9", "words.csv: line"),
        ("moves.csv", "Half a thought", "Half the thought", "moves.csv: line"),
        ("order.csv", "median,high", "median,low", "order.csv"),
        ("chain_head.txt", ":", ":0", "chain_head.txt"),
        ("answers.csv", ",importance,", ",feasibility,", "answers.csv: line"),
        ("measures.csv", ",eijk,", ",eiJk,", "measures.csv: line"),
        ("measures.csv", "ranking,,borda,", "ranking,,bordo,", "measures.csv: line"),
        ("results.csv", ",selection,", ",choice,", "results.csv"),
        ("results.csv", ",yes,validated,", ",no,validated,", "results.csv: line"),
        ("results.json", '"rank": 1,', '"rank": 2,', "results.csv: line"),
        ("results.json", '"tied": true', '"tied": false', "results.csv: line"),
        ("lineage.csv", "S01,P", "S05,P", "statement"),
        ("manifest.json", '"percent": 60', '"percent": 99', "counted again"),
        ("recount.py", "return 1", "return 0", "recount.py"),
        ("statements.csv", "Merged (en)", "Merged (EN)", "told otherwise"),
    ],
)
def test_a_file_changed_with_its_sum_is_still_found(
    parcels: Parcels, tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    code, sentence = told(tmp_path, resealed(inside(parcels.individual), name, old, new))
    assert code == 1
    assert said in sentence or name in sentence or "second count" in sentence, sentence


# What the files say


def test_results_begin_with_the_ranked_list_and_ties_share_their_rank(parcels: Parcels) -> None:
    results = rows(inside(parcels.individual), "results.csv")
    ranks = [int(row["rank"]) for row in results if row["rank"]]
    assert [bool(row["rank"]) for row in results] == [True] * len(ranks) + [False] * (len(results) - len(ranks))
    assert ranks == sorted(ranks) and len(set(ranks)) < len(ranks)
    assert all(rank == 1 + sum(other < rank for other in ranks) for rank in ranks)
    assert all(row["rank"] == row["ranking.rank"] and row["rank_balanced"] for row in results[: len(ranks)])
    assert "seq" not in results[0] and "alias" not in results[0]


def test_the_list_is_there_as_plain_data_with_exact_figures_and_why_one_is_missing(parcels: Parcels) -> None:
    for files in (inside(parcels.individual), inside(parcels.released)):
        told, table = json.loads(files["results.json"]), rows(files, "results.csv")
        assert [one["statement"] for one in told["statements"]] == [row["statement"] for row in table]
        names = {column["name"]: column for column in told["columns"]}
        assert {column["unit"] for column in names.values()} == {"number"} and len(names) == len(told["columns"])
        for one, row in zip(told["statements"], table, strict=True):
            assert not set(one["figures"]) & set(one["missing"]) and {*one["figures"], *one["missing"]} <= set(names)
            assert all(bool(row[name]) == (name in one["figures"]) for name in names if name != "validation.reasons")
            assert set(one["missing"].values()) <= {"withheld", "undefined"}
            assert (one["band"] is None) == (not row["rank_low"]) and (one["band"] or {"n": 11})["n"] == 11
        listed = [one for one in told["statements"] if one["section"] == "listed"]
        assert [one["rank"] for one in listed] == sorted(one["rank"] for one in listed)
        assert any("of" in one["figures"]["ranking.mean_rank"] for one in listed if "mean_rank" in str(one["figures"]))
    held = [name for one in told["statements"] for name, why in one["missing"].items() if why == "withheld"]
    assert "rating.median[caregivers+clinicians]" in held, "Bob did not rate, and four of his block are under the floor"


def test_every_statement_is_listed_once_with_where_it_ended(parcels: Parcels) -> None:
    files = inside(parcels.individual)
    results = {row["statement"]: row for row in rows(files, "results.csv")}
    assert len(results) == len(rows(files, "results.csv"))
    ends = [(row["ended_in"], row["ended_at"], row["how"], row["reason"], row["owner"]) for row in results.values()]
    assert ("wall", "bin", "after_discussion", "Not ours to do", "") in ends
    assert ("wall", "veto", "", "Against the law", "Ministry") in ends
    assert ("compilation", "rejected", "", "Half a thought", "") in ends
    assert ("compilation", "rejected", "", "Said elsewhere", "") in ends
    assert all(bool(row["ended_at"]) != bool(row["became"]) for row in results.values())
    assert [row for row in results.values() if row["became"] and row["rating.second_n"]]
    shorter = [row for row in results.values() if row["text_en"] == "Shorter (en)"]
    assert len(shorter) == 1 and shorter[0]["validation.taken"] == "1"


def test_answers_are_tidy_sorted_by_alias_and_hold_nothing_of_when_or_how(parcels: Parcels) -> None:
    files = inside(parcels.individual)
    answers = rows(files, "answers.csv")
    assert list(answers[0]) == ["round", "alias", "block", "statement", "criterion", "value", "salt"]
    keys = [(row["round"], row["alias"], row["statement"], row["criterion"]) for row in answers]
    assert len(keys) == len(set(keys)) and {key[0] for key in keys} == {"rating", "wall", "ranking", "validation"}
    for name in ("rating", "wall", "ranking", "validation"):
        drawn = [alias for key, alias, _, _ in keys if key == name]
        assert drawn == sorted(drawn)
    assert len({key[:2] for key in keys}) == len({key[1] for key in keys}), "another name in each round"
    for row in rows(files, "sealed.csv"):
        said = json.loads(row["said"])
        assert set(said) in ({"alias", "block", "marks", "number", "round", "slot"}, {"round", "statement", "text"})
        assert not said.get("block") or not {"lang", "present"} & set(said["marks"])
        assert not said.get("block") or not said["marks"].get("reason")


def test_words_stand_apart_in_the_order_of_the_texts(parcels: Parcels) -> None:
    words = rows(inside(parcels.individual), "words.csv")
    assert list(words[0]) == ["round", "statement", "text", "salt"]
    assert {"Idea number 0, said better", WHY, OBJECTION, STAYS} <= {row["text"] for row in words}
    for name in {row["round"] for row in words}:
        texts = [row["text"] for row in words if row["round"] == name]
        assert texts == sorted(texts)
    answers = {row["salt"] for row in rows(inside(parcels.individual), "answers.csv")}
    assert not answers & {row["salt"] for row in words}, "no salt leads from a text to an alias"


def test_acts_of_the_team_are_numbered_within_their_round(parcels: Parcels) -> None:
    files = inside(parcels.individual)
    moves = rows(files, "moves.csv")
    for name in ("compilation", "wall", "validation"):
        numbers = [int(row["number"]) for row in moves if row["round"] == name]
        sealed = [json.loads(row["said"]) for row in rows(files, "sealed.csv") if row["round"] == name]
        every = sorted(one["number"] for one in sealed if one.get("number"))
        assert numbers == sorted(numbers) and set(numbers) <= set(every) and every == list(range(1, len(every) + 1))
    undone = next(row for row in moves if row["act"] == "undo")
    assert int(undone["value"]) == int(undone["number"]) - 1, "the act before it, by its number in the round"
    taken = [row["value"] for row in moves if row["round"] == "validation"]
    assert taken and all(value.startswith("1-S") for value in taken), "a change leads to no answer of its author"
    calls = {row["slot"] for one in rows(files, "sealed.csv") if (row := json.loads(one["said"])).get("slot")}
    assert "call1" in calls


def test_the_commands_read_our_answers_and_find_our_figures(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    path = tmp_path / "answers.csv"
    path.write_bytes(files["answers.csv"])
    results = {row["statement"]: row for row in rows(files, "results.csv")}
    asked = ("--scale", "1-9", "--rule", "60", "--resamples", "0", "--json")
    code, out, err = call("measure", str(path), *asked, "--round", "rating", "--criterion", "importance")
    assert (code, err) == (0, "")
    for each in json.loads(out)["statements"]:
        wanted = results[each["statement"]]
        assert str(each["measures"]["median"]["n"]) == wanted["rating.n"]
        assert float(each["measures"]["median"]["value"]) == float(wanted["rating.median"])
    code, out, err = call("rank", str(path), "--round", "ranking", "--json")
    places = json.loads(out)["methods"]["borda"]["order"]
    found = [sorted(place) for place in places]
    ranks = sorted({int(row["rank"]) for row in results.values() if row["rank"]})[: len(found)]
    assert found == [sorted(name for name, row in results.items() if row["rank"] == str(rank)) for rank in ranks]


def test_every_column_of_every_file_has_a_meaning_in_both_languages(parcels: Parcels) -> None:
    for data in (parcels.individual, parcels.released):
        files = inside(data)
        meanings = {(row["file"], row["column"]): row for row in rows(files, "codebook.csv")}
        for name in files:
            if name.endswith(".csv"):
                for column in files[name].decode().split("\r\n")[0].split(","):
                    row = meanings.pop((name, column))
                    assert row["meaning_en"] and row["meaning_fr"], (name, column)
        for name in {row["measure"] for row in rows(files, "measures.csv")}:
            row = meanings.pop(("measures.csv", f"measure={name}"))
            assert {row["meaning_en"], row["meaning_fr"]}.isdisjoint({"", name}), name
        assert not meanings


def test_no_file_has_a_handle_an_alias_of_the_journal_or_a_salt_of_arrival(parcels: Parcels) -> None:
    for data in (parcels.individual, parcels.released):
        everything = b"".join(inside(data).values()).decode()
        assert not [name for name in parcels.aliases if name in everything]


def test_the_individual_file_holds_all_that_is_released_byte_for_byte(parcels: Parcels) -> None:
    individual, released = inside(parcels.individual), inside(parcels.released)
    for name in released.keys() - {"manifest.json", "codebook.csv", SUMS}:
        assert individual[name] == released[name], name


# What they never tell


def test_who_had_everything_erased_is_in_no_file_and_the_chain_is_whole(parcels: Parcels, tmp_path: Path) -> None:
    before = b"".join(inside(parcels.individual).values()).decode()
    assert all(secret in before for secret in SECRETS)
    for data in (parcels.erased_individual, parcels.erased_released):
        for name, text in inside(data).items():
            assert not [secret for secret in SECRETS if secret.encode() in text], name
        assert told(tmp_path, data)[0] == 0
    files = inside(parcels.erased_individual)
    gone = [row for row in rows(files, "proposals.csv") if row["erased"] == "yes"]
    assert len(gone) == 1 and not gone[0]["text_en"] and not gone[0]["text_fr"]
    assert any(STAYS in row["validation.reasons"] for row in rows(files, "results.csv"))


def test_where_one_left_since_the_close_no_row_of_the_cell_is_told(parcels: Parcels, tmp_path: Path) -> None:
    """The told sum less the other rows would be the answer that was erased."""
    before, after = inside(parcels.individual), inside(parcels.erased_individual)
    manifest = json.loads(after["manifest.json"])
    assert manifest["left_out"]["ranking"] == ["patients"] and manifest["left_out"]["rating"] == ["patients"]
    ranked = {row["block"] for row in rows(after, "answers.csv") if row["round"] == "ranking"}
    assert ranked == {"caregivers+clinicians"}
    assert len(rows(before, "leaves.csv")) == len(rows(after, "leaves.csv")), "bare leaves stay"
    done = run_recount(unpacked(tmp_path, after), "en")
    assert done.returncode == 0 and "rating (patients)" in " ".join(done.stdout.split())


def test_the_released_parcel_holds_no_individual_answer(parcels: Parcels) -> None:
    files = inside(parcels.released)
    tables = ("codebook.csv", "lineage.csv", "measures.csv", "order.csv", "results.csv", "statements.csv")
    read = ("sensitivity.csv", "voice.csv")
    assert set(files) == {*tables, *read, "manifest.json", "chain_head.txt", "results.json", SUMS}
    everything = b"".join(files.values()).decode()
    assert OWN_WORDS not in everything and WHY not in everything and "Idea number" not in everything
    assert not [alias for alias in parcels.aliases if alias in everything]
    manifest = json.loads(files["manifest.json"])
    assert manifest["contains"] == "released figures"


def test_nothing_under_k_is_told_and_totals_are_sums_of_what_is_told(parcels: Parcels) -> None:
    told = rows(inside(parcels.released), "results.csv")
    hidden = 0
    for column in (name for name in told[0] if ".n[" in name):
        total = column.partition("[")[0]
        parts = [name for name in told[0] if name.startswith(total + "[")]
        for row in told:
            shown = [int(row[part]) for part in parts if row[part]]
            assert all(people >= 5 or people == 0 for people in shown)
            assert not row[total] or int(row[total]) == sum(shown)
            hidden += bool(row[total]) and len(shown) < len(parts)
    assert hidden


def test_a_released_parcel_stays_as_it_was_told_when_somebody_leaves(parcels: Parcels) -> None:
    """Two releases must not differ by one person's answers."""
    before, after = rows(inside(parcels.released), "results.csv"), rows(inside(parcels.erased_released), "results.csv")
    for one, other in zip(before, after, strict=True):
        assert {name: v for name, v in one.items() if name != "validation.reasons"} == {
            name: v for name, v in other.items() if name != "validation.reasons"
        }


def test_a_session_that_is_not_over_and_a_study_that_forbids_it_refuse(parcels: Parcels) -> None:
    assert parcels.early == "refused.session_not_over"
    assert parcels.forbidden == "refused.row_level_not_allowed"


# The pages


def test_a_measure_that_was_changed_with_its_sum_is_found(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.individual)
    row = next(r for r in rows(files, "measures.csv") if r["measure"] == "mean" and "." in r["value"])
    value, before = float(row["value"]), f"{row['statement']},mean,"
    code, said = told(tmp_path, resealed(files, "measures.csv", before + row["value"], f"{before}{value + 0.001}"))
    assert code == 1 and "measures.csv: line" in said
    nearly = f"{before}{value * (1 + 1e-9)!r}"
    assert nearly != before + row["value"]
    code, said = told(tmp_path, resealed(files, "measures.csv", before + row["value"], nearly))
    assert code == 0, "another machine may round the last digits otherwise"


def test_every_measure_says_its_n_and_method_or_why_it_is_undefined(parcels: Parcels) -> None:
    for data in (parcels.individual, parcels.released):
        told_rows = rows(inside(data), "measures.csv")
        assert {"rating", "ranking"} == {row["round"] for row in told_rows}
        for row in told_rows:
            assert row["method"] and bool(row["value"]) != bool(row["reason"]), row
            assert row["n"].isdecimal() if row["reason"] != "withheld" else row["n"] == "", row


async def test_the_parcels_are_fetched_by_whom_they_are_for(site: Site, tmp_path: Path) -> None:
    table = await lay_table(site.house)
    page = f"/sessions/{table.session.id}/parcel"
    (seat,) = await conduct.add_seats(site.house, table.fay, [conduct.Guest(Role.RESEARCHER)])
    await conduct.give_answers(site.house, table.fay, table.session.id, seat.id)
    await conduct.accept_conditions(site.house, seat)
    rita, bob = await site.sit(seat), await site.sit(table.bob)
    assert (await rita.get(f"{page}/row-level")).status_code == 422  # not over
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    await freeze(table)
    for language, sort in (("fr", "reponses-individuelles"), ("en", "individual-answers")):
        answer = await rita.get(f"{page}/row-level?lang={language}")
        named = rf'attachment; filename="{sort}_{table.session.id}_[-0-9]{{10}}\.zip"'
        assert re.fullmatch(named, answer.headers["Content-Disposition"])
    assert (await asyncio.to_thread(told, tmp_path, answer.content))[0] == 0
    assert (await bob.get(f"{page}/row-level")).status_code == 403
    answer = await bob.get(f"{page}/released")
    assert answer.status_code == 200 and (await asyncio.to_thread(told, tmp_path, answer.content))[0] == 0
    await models.Study.filter(id=table.session.study_id).update(is_row_level_allowed=False)
    assert (await rita.get(f"{page}/row-level")).status_code == 422
    await rita.aclose()
    await bob.aclose()


async def test_a_parcel_of_simulated_people_that_denies_it_is_refused(house: House, tmp_path: Path) -> None:
    """Also the released one, which holds no journal; and whoever did not say so at their seat is still no person."""
    table = await lay_table(house)
    real = inside(await released_of(table))
    assert b'"rehearsal": false' in real["manifest.json"]
    assert (await asyncio.to_thread(told, tmp_path, zipped(real)))[0] == 0
    await models.Seat.filter(id=table.seats[0].id).update(is_simulated=True)
    for data in (await individual(house, table.session), await released(house, table.session)):
        files = inside(data)
        assert b'"rehearsal": true' in files["manifest.json"]
        assert (await asyncio.to_thread(told, tmp_path, data))[0] == 0
    denied = resealed(files, "manifest.json", '"rehearsal": true', '"rehearsal": false')
    code, said = await asyncio.to_thread(told, tmp_path, denied)
    assert code == 1 and "simulated" in said
    silent = resealed(files, "manifest.json", '"rehearsal": true', '"rehearsed": true')
    assert (await asyncio.to_thread(told, tmp_path, silent))[0] == 1


async def released_of(table: Table) -> bytes:
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="8")
    await table.close("rating")
    return await released(table.house, table.session)
