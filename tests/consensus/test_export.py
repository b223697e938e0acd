"""Parcels: written from a whole session, checked by verify and by their own recount.py, and what they never tell."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from consensus import conduct, models, protocol
from consensus.export import released, row_level
from consensus.export.recounting import joined
from consensus.export.sheets import SUMS, parcel, sums, zipped
from consensus.export.verify import verify, verify_file
from consensus.house import House, build, open_house
from consensus.settings import Settings
from rounds import KINDS
from tests.conftest import SECRET, Site, Table, lay_table

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

    row_level: bytes
    again: bytes
    released: bytes
    erased_row_level: bytes
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
    envelope = conduct.Envelope(fields, os.urandom(8).hex(), seat.language, position=2)
    return (await conduct.cast(table.house, seat.id, (await table.row(key)).id, envelope)).seq


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
    proposals = (await models.Round.get(id=(await table.row("gather")).id)).outcome["official"]["statements"]
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
    taken = worded(text="Shorter")
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
    settings = Settings(database=str(folder / "export.db"), secret=SECRET, origin="http://127.0.0.1:9")
    async with open_house(build(settings)) as house:
        table = await lay(house)
        early = await refusal(house, table.session)
        for act in (play_gather, play_compilation, play_rating, play_wall, play_the_end):
            await act(table)
        first, again = await row_level(house, table.session), await row_level(house, table.session)
        told = await released(house, table.session)
        await conduct.withdraw(house, table.seats[LEAVER], erase=True)
        after = await row_level(house, table.session), await released(house, table.session)
        await models.Study.filter(id=table.session.study_id).update(is_row_level_allowed=False)
        forbidden = await refusal(house, table.session)
        aliases = [str(alias) for alias in await models.Seat.all().values_list("alias", flat=True)]
    return Parcels(first, again, told, *after, early, forbidden, aliases)


async def refusal(house: House, session: models.Session) -> str:
    with pytest.raises(conduct.Refused) as refused:
        await row_level(house, session)
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


def run_recount(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "recount.py"], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )


# Whole


def test_a_whole_parcel_is_verified_and_tells_its_chain_head(parcels: Parcels, tmp_path: Path) -> None:
    for data in (parcels.row_level, parcels.released, parcels.erased_row_level, parcels.erased_released):
        code, said = told(tmp_path, data)
        head = json.loads(inside(data)["manifest.json"])["chain"]["head"]
        assert code == 0 and said.endswith(head), said
    assert inside(parcels.released)["chain_head.txt"].decode().strip() in told(tmp_path, parcels.row_level)[1]


def test_the_verdict_is_said_in_french_too(parcels: Parcels, tmp_path: Path) -> None:
    path = tmp_path / "parcel.zip"
    path.write_bytes(parcels.row_level[:100])
    assert "abîmé" in verify_file(path, "fr")[1]
    assert verify(path).key == "verify.no_zip"
    assert verify_file(tmp_path / "nothing.zip")[0] == 1


def test_the_same_data_give_the_same_bytes(parcels: Parcels) -> None:
    assert parcels.row_level == parcels.again
    assert parcel(inside(parcels.row_level)) == parcels.row_level


def test_every_csv_is_utf8_with_crlf_and_comes_back_as_it_was(parcels: Parcels) -> None:
    files = inside(parcels.row_level)
    for name in files:
        if name.endswith(".csv"):
            assert files[name].endswith(b"\r\n") and files[name].decode()
    reasons = [row["validation.reasons"] for row in rows(files, "results.csv")]
    assert any(STAYS in reason and OBJECTION in reason for reason in reasons)


def test_a_parcel_packed_again_by_somebody_else_is_judged_by_its_files(parcels: Parcels, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in inside(parcels.row_level).items():
            archive.writestr(name, data)
    assert told(tmp_path, out.getvalue())[0] == 0


# Changed


def flipped(files: Mapping[str, bytes], name: str, place: int, bit: int) -> dict[str, bytes]:
    data = bytearray(files[name])
    data[place] ^= 1 << bit
    return {**files, name: bytes(data)}


@pytest.mark.parametrize("which", ["row_level", "released"])
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
    for size in (0, 10, len(parcels.row_level) // 2, len(parcels.row_level) - 1):
        code, said = told(tmp_path, parcels.row_level[:size])
        assert code == 1 and "parcel.zip" in said and "Traceback" not in said


def test_a_missing_file_and_one_too_many_are_named(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.row_level)
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


def a_vote(files: Mapping[str, bytes]) -> tuple[str, str, int]:
    """A standing vote of a participant: as written in ballots.csv, with another score, and its number."""
    vote = next(
        row
        for row in rows(files, "ballots.csv")
        if row["round"] == "rating" and row["standing"] == "yes" and '"importance":9' in row["marks"]
    )
    written = vote["salt"] + ',"' + vote["marks"].replace('"', '""')
    return written, written.replace('""importance"":9', '""importance"":1'), int(vote["seq"])


def test_a_changed_vote_does_not_match_its_commitment(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.row_level)
    old, new, seq = a_vote(files)
    code, said = told(tmp_path, resealed(files, "ballots.csv", old, new))
    assert code == 1 and f"ballot {seq} is not the one" in said


def test_a_changed_vote_makes_the_recount_name_the_difference(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.row_level)
    assert run_recount(unpacked(tmp_path, files)).returncode == 0
    old, new, _ = a_vote(files)
    (tmp_path / "ballots.csv").write_bytes(files["ballots.csv"].replace(old.encode(), new.encode()))
    done = run_recount(tmp_path)
    assert done.returncode == 1 and done.stdout.startswith("results.csv: S") and "rating." in done.stdout


def test_the_recount_says_what_it_checked(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.row_level)
    done = run_recount(unpacked(tmp_path, files))
    assert done.returncode == 0 and done.stderr == ""
    counted = [row["column"] for row in rows(files, "codebook.csv") if row["counted"] == "yes"]
    assert set(done.stdout.splitlines()[-1].split(", ")) == set(counted)
    for name in ("rank", "rating.decision", "rating.median[patients]", "wall.zone", "compilation.proposals"):
        assert name in counted
    source = files["recount.py"].decode()
    assert "import rounds" not in source and "from rounds" not in source and "consensus" not in source


def test_every_counted_column_is_counted_again(
    parcels: Parcels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = inside(parcels.row_level)
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
        ("journal.jsonl", '"act":"consent"', '"act":"confirm"', "entry"),
        ("answers.csv", ",importance,", ",feasibility,", "answers.csv: line"),
        ("measures.csv", ",eijk,", ",eiJk,", "measures.csv: line"),
        ("measures.csv", "ranking,,borda,", "ranking,,bordo,", "measures.csv: line"),
        ("results.csv", ",selection,", ",choice,", "results.csv"),
        ("lineage.csv", "S01,P", "S05,P", "statement"),
        ("manifest.json", '"percent": 60', '"percent": 99', "counted again"),
        ("recount.py", "return 1", "return 0", "recount.py"),
        ("statements.csv", "Merged (en)", "Merged (EN)", "told otherwise"),
    ],
)
def test_a_file_changed_with_its_sum_is_still_found(
    parcels: Parcels, tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    code, sentence = told(tmp_path, resealed(inside(parcels.row_level), name, old, new))
    assert code == 1
    assert said in sentence or name in sentence or "second count" in sentence, sentence


def test_a_ballot_left_out_or_erased_by_hand_is_missed(parcels: Parcels, tmp_path: Path) -> None:
    files = inside(parcels.row_level)
    kept = [line for line in files["ballots.csv"].decode().split("\r\n") if ",gather," not in line]
    changed = {**files, "ballots.csv": "\r\n".join(kept).encode()}
    assert "is in the journal and not in the file" in told(tmp_path, zipped({**changed, SUMS: sums(changed)}))[1]
    vote = rows(files, "ballots.csv")[0]
    old = vote["salt"] + ',"' + vote["marks"].replace('"', '""') + '"'
    assert told(tmp_path, resealed(files, "ballots.csv", old, ","))[0] == 1


# What the files say


def test_results_begin_with_the_ranked_list_and_ties_share_their_rank(parcels: Parcels) -> None:
    results = rows(inside(parcels.row_level), "results.csv")
    ranks = [int(row["rank"]) for row in results if row["rank"]]
    assert [bool(row["rank"]) for row in results] == [True] * len(ranks) + [False] * (len(results) - len(ranks))
    assert ranks == sorted(ranks) and len(set(ranks)) < len(ranks)
    assert all(rank == 1 + sum(other < rank for other in ranks) for rank in ranks)
    assert all(row["rank"] == row["ranking.rank"] and row["rank_balanced"] for row in results[: len(ranks)])
    assert "seq" not in results[0] and "alias" not in results[0]


def test_every_statement_is_listed_once_with_where_it_ended(parcels: Parcels) -> None:
    files = inside(parcels.row_level)
    results = {row["statement"]: row for row in rows(files, "results.csv")}
    assert len(results) == len(rows(files, "results.csv"))
    ends = [(row["ended_in"], row["ended_at"], row["how"], row["reason"], row["owner"]) for row in results.values()]
    assert ("wall", "bin", "after_discussion", "Not ours to do", "") in ends
    assert ("wall", "veto", "", "Against the law", "Ministry") in ends
    assert ("compilation", "rejected", "", "Half a thought", "") in ends
    assert ("compilation", "rejected", "", "Said elsewhere", "") in ends
    assert all(bool(row["ended_at"]) != bool(row["became"]) for row in results.values())
    assert [row for row in results.values() if row["became"] and row["rating.n"]]
    shorter = [row for row in results.values() if row["text_en"] == "Shorter (en)"]
    assert len(shorter) == 1 and shorter[0]["validation.taken"] == "1"


def test_answers_are_tidy_and_the_latest(parcels: Parcels) -> None:
    answers = rows(inside(parcels.row_level), "answers.csv")
    keys = [(row["alias"], row["round"], row["statement"], row["criterion"]) for row in answers]
    assert len(keys) == len(set(keys)) and {row["round"] for row in answers} == {
        *("gather", "rating", "wall", "ranking", "validation")
    }
    assert "Idea number 0, said better" in {row["text"] for row in answers}
    moves = rows(inside(parcels.row_level), "moves.csv")
    assert {row["role"] for row in moves} == {"facilitator"} and "Half a thought" in {row["text"] for row in moves}


def test_a_slot_that_is_empty_is_told_from_no_slot(parcels: Parcels) -> None:
    ballots = rows(inside(parcels.row_level), "ballots.csv")
    said = {(row["round"], row["slot"], row["replaces"]) for row in ballots}
    assert ("ranking", "", "yes") in said and ("compilation", "", "no") in said
    bob = [row for row in ballots if row["round"] == "validation" and STAYS[:5] in row["marks"]]
    standing = [r["standing"] for r in ballots if r["round"] == "validation" and r["alias"] == bob[0]["alias"]]
    assert standing == ["no", "yes"]


def test_every_column_of_every_file_has_a_meaning_in_both_languages(parcels: Parcels) -> None:
    for data in (parcels.row_level, parcels.released):
        files = inside(data)
        meanings = {(row["file"], row["column"]): row for row in rows(files, "codebook.csv")}
        for name in files:
            if name.endswith(".csv"):
                for column in files[name].decode().split("\r\n")[0].split(","):
                    row = meanings.pop((name, column))
                    assert row["meaning_en"] and row["meaning_fr"], (name, column)
        assert not meanings


def test_aliases_are_drawn_for_the_export(parcels: Parcels) -> None:
    files = inside(parcels.row_level)
    for name, data in files.items():
        if name != "journal.jsonl":
            assert not [alias for alias in parcels.aliases if alias.encode() in data], name
    drawn = {row["alias"] for row in rows(files, "ballots.csv")}
    assert len(drawn) == 12 and not [alias for alias in drawn if f'"{alias}"'.encode() in files["journal.jsonl"]]


# What they never tell


def test_who_had_everything_erased_is_in_no_file_and_the_chain_is_whole(parcels: Parcels, tmp_path: Path) -> None:
    before = b"".join(inside(parcels.row_level).values()).decode()
    assert all(secret in before for secret in SECRETS)
    for data in (parcels.erased_row_level, parcels.erased_released):
        for name, text in inside(data).items():
            assert not [secret for secret in SECRETS if secret.encode() in text], name
        assert told(tmp_path, data)[0] == 0
    files = inside(parcels.erased_row_level)
    gone = [row for row in rows(files, "proposals.csv") if row["erased"] == "yes"]
    assert len(gone) == 1 and not gone[0]["text_en"] and not gone[0]["text_fr"]
    assert {row["erased"] for row in rows(files, "ballots.csv") if not row["salt"]} == {"yes"}
    assert any(STAYS in row["validation.reasons"] for row in rows(files, "results.csv"))


def test_a_withdrawal_corrects_figures_beside_what_was_decided(parcels: Parcels) -> None:
    before, after = inside(parcels.row_level), inside(parcels.erased_row_level)
    manifest = json.loads(after["manifest.json"])
    assert json.loads(before["manifest.json"])["corrected_since_close"] == []
    assert {"rating", "ranking", "validation"} <= set(manifest["corrected_since_close"])
    assert manifest["as_decided"]["ranking"]
    texts = {row["statement"]: row["text_en"] for row in rows(before, "results.csv")}
    assert {row["statement"]: row["text_en"] for row in rows(after, "results.csv") if row["ended_at"]}.items() <= (
        texts.items()
    )


def test_the_released_parcel_holds_no_individual_answer(parcels: Parcels) -> None:
    files = inside(parcels.released)
    tables = ("results.csv", "statements.csv", "measures.csv", "codebook.csv")
    assert set(files) == {*tables, "manifest.json", "chain_head.txt", SUMS}
    everything = b"".join(files.values()).decode()
    assert OWN_WORDS not in everything and WHY not in everything and "Idea number" not in everything
    assert not [alias for alias in parcels.aliases if alias in everything]
    manifest = json.loads(files["manifest.json"])
    assert manifest["contains"] == "released figures"


def test_the_released_parcel_tells_the_hash_of_the_row_level_one(parcels: Parcels) -> None:
    manifest = json.loads(inside(parcels.released)["manifest.json"])
    assert manifest["row_level_sha256"] == sha256(parcels.row_level).hexdigest()


def test_nothing_under_k_is_released_and_totals_are_sums_of_what_is_told(parcels: Parcels) -> None:
    full, told = rows(inside(parcels.row_level), "results.csv"), rows(inside(parcels.released), "results.csv")
    assert list(full[0]) == list(told[0])
    hidden = 0
    for column in (name for name in told[0] if ".n[" in name):
        total = column.partition("[")[0]
        parts = [name for name in told[0] if name.startswith(total + "[")]
        for row, real in zip(told, sorted(full, key=lambda r: [t["statement"] for t in told].index(r["statement"]))):
            shown = [int(row[part]) for part in parts if row[part]]
            unsure = [int(row.get(part.replace(".n[", ".dont_know["), "") or 0) for part in parts if row[part]]
            assert all(sum(people) >= 5 for people in zip(shown, unsure, strict=True))
            assert not row[total] or int(row[total]) == sum(shown)
            hidden += bool(real[column]) and not row[column]
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
    files = inside(parcels.row_level)
    row = next(r for r in rows(files, "measures.csv") if r["measure"] == "mean" and "." in r["value"])
    value, before = float(row["value"]), f"{row['statement']},mean,"
    code, said = told(tmp_path, resealed(files, "measures.csv", before + row["value"], f"{before}{value + 0.001}"))
    assert code == 1 and "measures.csv: line" in said
    nearly = f"{before}{value * (1 + 1e-9)!r}"
    assert nearly != before + row["value"]
    code, said = told(tmp_path, resealed(files, "measures.csv", before + row["value"], nearly))
    assert code == 0, "another machine may round the last digits otherwise"


def test_every_measure_says_its_n_and_method_or_why_it_is_undefined(parcels: Parcels) -> None:
    for data in (parcels.row_level, parcels.released):
        told_rows = rows(inside(data), "measures.csv")
        assert {"rating", "ranking"} == {row["round"] for row in told_rows}
        for row in told_rows:
            assert row["n"].isdecimal() and row["method"] and bool(row["value"]) != bool(row["reason"]), row


async def test_the_parcels_are_fetched_by_whom_they_are_for(site: Site, tmp_path: Path) -> None:
    table = await lay_table(site.house)
    page = f"/sessions/{table.session.id}/parcel"
    fay, bob = await site.sign_in(), await site.sit(table.bob)
    assert (await fay.get(f"{page}/row-level")).status_code == 403  # not over
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    answer = await fay.get(f"{page}/row-level")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{table.session.id}-row-level.zip"'
    assert (await asyncio.to_thread(told, tmp_path, answer.content))[0] == 0
    assert (await bob.get(f"{page}/row-level")).status_code == 403
    answer = await bob.get(f"{page}/released")
    assert answer.status_code == 200 and (await asyncio.to_thread(told, tmp_path, answer.content))[0] == 0
    await models.Study.filter(id=table.session.study_id).update(is_row_level_allowed=False)
    assert (await fay.get(f"{page}/row-level")).status_code == 403
    await fay.aclose()
    await bob.aclose()
