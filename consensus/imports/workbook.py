"""An Excel workbook, by way of a program of its own (sheets.py) with limits of memory and time.

What it is, and how large it would unpack, is looked at before; every refusal says what to do.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from consensus.imports.problems import unreadable
from consensus.settings import bare_environment

LARGEST_PART = 40_000_000  # bytes, unpacked
ALL_PARTS = 3 * LARGEST_PART
PROGRAM = Path(__file__).with_name("sheets.py")
_KINDS = (  # a part that tells a kind of container, and the reason why it is not read
    ("xl/workbook.bin", "other_workbook"),
    ("word/document.xml", "no_workbook"),
    ("ppt/presentation.xml", "no_workbook"),
    ("content.xml", "other_workbook"),
    ("Index/Document.iwa", "other_workbook"),
)


def is_container(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06")


def read(data: bytes, rows: int, columns: int, seconds: int, sheet: str) -> dict[str, Any]:
    """rows: each its number and cells; sheet: the name read; others: names of sheets that were not."""
    _is_workbook(data)
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-W", "ignore", str(PROGRAM), str(rows), str(columns), str(seconds), sheet],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment() | {"OPENPYXL_LXML": "False"},
            timeout=3 * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise unreadable(1, "workbook_too_large") from None
    if done.returncode:  # below zero: a limit ended it
        raise unreadable(1, "workbook_too_large" if done.returncode < 0 else "workbook_broken")
    told: dict[str, Any] = json.loads(done.stdout)
    if "wrong" in told:
        raise unreadable(told.pop("line"), told.pop("wrong"), told.pop("value", ""), **told)
    return told


def _is_workbook(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            parts = {part.filename: part for part in container.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise unreadable(1, "workbook_broken") from None
    if any(part.flag_bits & 1 for part in parts.values()):
        raise unreadable(1, "password")
    if "xl/workbook.xml" not in parts:
        raise unreadable(1, next((key for name, key in _KINDS if name in parts), "no_workbook"))
    sizes = [part.file_size for part in parts.values() if part.filename.endswith((".xml", ".rels"))]
    if max(sizes) > LARGEST_PART or sum(sizes) > ALL_PARTS:
        raise unreadable(1, "workbook_too_large")
