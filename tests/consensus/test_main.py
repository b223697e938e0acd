"""The command line: what it says when something is missing, and the code it ends with; never a traceback."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from unittest import mock
from zipfile import ZipFile

import pytest

from consensus import __version__
from consensus.__main__ import parser
from consensus.house import build, open_house
from consensus.settings import Settings
from tests.conftest import PASSWORD, SECRET, fresh, lay_table
from tests.consensus.commands import call
from tests.warm import command


def consensus(*words: str, typed: str = "", **settings: str) -> tuple[int, str]:
    """The command in its own process: exit code, and everything it said."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CONSENSUS_")} | settings
    code, out, err = command(*words, timeout=60, env=env, typed=typed)
    assert "Traceback" not in out + err, out + err
    return code, out + err


def here(*words: str, **settings: str) -> tuple[int, str]:
    """The same in this process, for what is refused: a process takes a second to begin."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CONSENSUS_")} | settings
    with mock.patch.dict(os.environ, env, clear=True):
        code, out, err = call(*words)
    return code, out + err


def at(folder: Path) -> dict[str, str]:
    """With its tables: to make them takes longer than any command; what a newcomer waits for is tried by others."""
    path = folder / "main.db"
    return {"CONSENSUS_DATABASE": str(path if path.exists() else fresh(path)), "CONSENSUS_SECRET": SECRET}


def test_help_names_every_command() -> None:
    done = subprocess.run([sys.executable, "-m", "consensus", "--help"], capture_output=True, text=True, timeout=60)
    code, said = done.returncode, done.stdout
    assert code == 0 and not done.stderr
    for name in ("serve", "demo", "rehearse", "export", "export-study", "import-study", "verify", "staff"):
        assert name in said


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parser().parse_args(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.strip() == __version__


def test_a_parcel_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said = consensus("verify", str(tmp_path / "nowhere.zip"))
    assert code != 0
    assert "nowhere.zip" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("what", ["not a zip", "an empty zip"])
def test_a_file_that_is_no_parcel_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(b"not a zip at all")
    if what == "an empty zip":
        ZipFile(path, "w").close()
    code, said = here("verify", str(path))
    assert code != 0
    assert said.strip()


def test_a_session_that_is_unknown_is_not_exported(tmp_path: Path) -> None:
    out = tmp_path / "p.zip"
    code, said = here("export", "41", "--out", str(out), **at(tmp_path))
    assert code == 2
    assert "41" in said
    assert not out.exists()


@pytest.mark.parametrize(("kind", "why"), [("--released", "every round is closed"), ("", "no files of")])
async def test_a_session_that_is_not_over_is_not_exported(tmp_path: Path, kind: str, why: str) -> None:
    settings = Settings(database=at(tmp_path)["CONSENSUS_DATABASE"], secret=SECRET)
    async with open_house(build(settings)) as house:
        session = (await lay_table(house)).session.id
    out = tmp_path / "p.zip"
    asked = ("export", str(session), "--out", str(out), *filter(None, [kind]))
    code, said = await asyncio.to_thread(partial(here, *asked, **at(tmp_path)))
    assert code == 2
    assert why in said
    assert not out.exists()


def test_staff_are_added_with_a_password_from_standard_input(tmp_path: Path) -> None:
    who = ("staff", "ann@example.org", "Ann")
    code, said = consensus(*who, typed="short\n", **at(tmp_path))
    assert code == 2
    assert "characters" in said
    code, said = consensus(*who, typed=f"{PASSWORD}\n", **at(tmp_path))
    assert code == 0
    assert "ann@example.org" in said
    code, said = consensus(*who, typed=f"{PASSWORD}\n", **at(tmp_path))
    assert code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSENSUS_SECRET", "short"),
        ("CONSENSUS_ORIGIN", "http://table.example"),
        ("CONSENSUS_ORIGIN", "table.example"),
        ("CONSENSUS_PLAIN_HTTP", "maybe"),
        ("CONSENSUS_STAFF_KEYS", "1"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, name: str, value: str) -> None:
    code, said = here("export", "1", "--out", str(tmp_path / "p.zip"), **{**at(tmp_path), name: value})
    assert code == 2
    assert name in said


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.db").mkdir()
    code, said = consensus("export", "1", "--out", str(tmp_path / "p.zip"), **at(tmp_path))
    assert code == 2
    assert said.strip()


def test_a_protocol_that_is_unknown_is_refused_with_the_known_ones() -> None:
    code, said = here("rehearse", "nothing", "--people", "5")
    assert code == 2
    assert "triage" in said
