"""What was taken from others is what was published: each file has its line, its licence beside it, and its hash."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
LISTS = [HERE / "static" / "vendor" / "VENDORED.md", HERE / "tests" / "vendor" / "VENDORED.md"]
LINE = re.compile(r"\| `(?P<file>[^`]+)` \| [^|]+ \| [^|]+, `(?P<licence>[^`]+)` \| `(?P<sum>[0-9a-f]{64})` \|")


def lines() -> list[tuple[Path, Path, str]]:
    """File, licence and hash of every line."""
    found = [(listed.parent, line) for listed in LISTS for line in LINE.finditer(listed.read_text(encoding="utf-8"))]
    return [((at / line["file"]).resolve(), at / line["licence"], line["sum"]) for at, line in found]


@pytest.mark.parametrize(("file", "licence", "expected"), lines(), ids=lambda value: getattr(value, "name", ""))
def test_a_vendored_file_is_as_published_and_has_its_licence(file: Path, licence: Path, expected: str) -> None:
    assert sha256(file.read_bytes()).hexdigest() == expected
    assert licence.is_file()


def test_no_file_of_others_lacks_its_line() -> None:
    listed = {file for file, _, _ in lines()}
    folders = (HERE / "static" / "vendor", HERE / "static" / "fonts", HERE / "tests" / "vendor")
    there = {file.resolve() for folder in folders for file in folder.iterdir() if file.suffix in {".js", ".woff2"}}
    assert there == listed
