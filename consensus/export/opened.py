"""A parcel as somebody hands it over: a zip file, opened without trust, its sums compared byte for byte.

Nothing is unpacked to a path that the file chooses, and nothing of it is run. What the files say is checks.py's.
"""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from consensus.export.sheets import EPOCH, SUMS, Sheet, read_sheet, sums, zipped

BAD = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error)
MOST = 2**30  # bytes in all; more is no parcel of ours


class Breach(Exception):
    """What is wrong first. key names the sentence; values fill it: always the file or the entry."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


def opened(path: Path) -> dict[str, bytes]:
    """The files by name, each as its sum says. Breach: the zip is damaged, a file is missing, one too many, changed."""
    try:
        data = path.read_bytes()
    except OSError as failure:
        raise Breach("verify.no_file", file=path.name, why=failure.strerror or "") from None
    try:
        with zipfile.ZipFile(path) as archive:
            files = _files(archive)
            is_ours = any(member.date_time == EPOCH for member in archive.infolist())
    except (*BAD, OSError):
        raise Breach("verify.no_zip", file=path.name) from None
    _same_sums(files)
    # Packed again by somebody else it has other times, and is judged by its files alone.
    if is_ours and zipped(files) != data:
        raise Breach("verify.container", file=path.name)
    return files


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = archive.infolist()
    names = [member.filename for member in members if not member.is_dir()]
    for name in names:
        if names.count(name) > 1:
            raise Breach("verify.twice", file=name)
    if sum(member.file_size for member in members) > MOST:
        raise Breach("verify.too_large", n=MOST)
    files = {}
    for name in names:
        try:
            files[name] = archive.read(name)
        except (*BAD, zlib.error):
            raise Breach("verify.damaged", file=name) from None
    return files


def _same_sums(files: Mapping[str, bytes]) -> None:
    given = files.get(SUMS)
    if given is None:
        raise Breach("verify.missing", file=SUMS)
    wanted = sums(files)
    if given == wanted:
        return
    told = {line[66:]: line[:64] for line in given.decode("utf-8", "replace").split("\n") if line[64:66] == "  "}
    real = {line[66:]: line[:64] for line in wanted.decode("utf-8", "replace").split("\n") if line}
    for name, digest in real.items():
        if name in told and told[name] != digest:
            raise Breach("verify.changed", file=name)
    for name in sorted(told.keys() ^ real.keys()):
        raise Breach("verify.listed_only" if name in told else "verify.unlisted", file=name)
    raise Breach("verify.sums", file=SUMS)


def table(files: Mapping[str, bytes], name: str) -> Sheet:
    """A CSV of the parcel. Breach: it is no such table, or is not written as this program writes it."""
    try:
        found = read_sheet(_file(files, name))
    except (ValueError, csv.Error):
        raise Breach("verify.unreadable", file=name) from None
    if found.csv() != files[name]:
        raise Breach("verify.unreadable", file=name)
    return found


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise Breach("verify.missing", file=name)
    return files[name]
