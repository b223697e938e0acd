"""A parcel as somebody hands it over: a zip file, opened without trust, its sums compared byte for byte.

Nothing is unpacked to a path that the file chooses, and nothing of it is run. What the files say is checks.py's.
"""

from __future__ import annotations

import csv
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from consensus.export.sheets import EPOCH, SUMS, Sheet, read_sheet, sums, write_zip

BAD = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error)
MOST = 2**28  # bytes in all; more is no parcel of ours
SMALL = 2**23  # bytes of a file that grows with the method, not with the answers
GROWS = {
    *("journal.jsonl", "ballots.csv", "answers.csv", "moves.csv", "measures.csv", "statements.csv"),
    *("sealed.csv", "leaves.csv", "words.csv", "people.csv", "proposals.csv", "lineage.csv"),
    *("results.csv", "results.json"),
}
FILES = 512  # in a parcel; a session's has about fifteen, a study's one for each session
AT_ONCE = 2**20  # bytes of one read, so that a list of members is never long
CHUNK = 2**16
LINES, CELLS = 400_000, 8_000_000  # of a table
READS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # unpacked piece by piece; other ways give everything at once


class Breach(Exception):
    """What is wrong first. key names the sentence; values fill it: always the file or the entry."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class _Careful(io.FileIO):
    """A zip file from which nobody reads much at once: the list of its members is short, or there are too many."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > AT_ONCE:
            raise Breach("verify.too_many", n=FILES)
        return super().read(size if size is not None and size >= 0 else AT_ONCE) or b""


def opened(path: Path) -> dict[str, bytes]:
    """The files by name, each as its sum says. Breach: the zip is damaged, a file is missing, one too many, changed.

    However large a file says it is, or turns out to be, no more than MOST bytes are held."""
    try:
        with _Careful(path) as file:
            files, is_ours = _read(path, file)
            _same_sums(files)
            # Packed again by somebody else it has other times, and is judged by its files alone.
            if is_ours and not _is_written_so(files, file):
                raise Breach("verify.container", file=path.name)
    except OSError as failure:
        raise Breach("verify.no_file", file=path.name, why=failure.strerror or "") from None
    return files


def _read(path: Path, file: BinaryIO) -> tuple[dict[str, bytes], bool]:
    try:
        with zipfile.ZipFile(file) as archive:
            return _files(archive), any(member.date_time == EPOCH for member in archive.infolist())
    except BAD:
        raise Breach("verify.no_zip", file=path.name) from None


def _is_written_so(files: Mapping[str, bytes], given: BinaryIO) -> bool:
    with tempfile.TemporaryFile() as again:
        write_zip(again, files)
        again.seek(0)
        given.seek(0)
        while chunk := again.read(CHUNK):
            if given.read(CHUNK) != chunk:
                return False
        return not given.read(1)


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(archive.infolist()) > FILES:
        raise Breach("verify.too_many", n=FILES)
    sizes: dict[str, int] = {}
    for member in members:
        if member.filename in sizes:
            raise Breach("verify.twice", file=member.filename[:80])
        sizes[member.filename] = member.file_size
        if member.compress_type not in READS or member.flag_bits & 1:
            raise Breach("verify.damaged", file=member.filename[:80])
        if member.file_size > SMALL and not _grows(member.filename):
            raise Breach("verify.too_large", n=SMALL)
    if sum(sizes.values()) > MOST:
        raise Breach("verify.too_large", n=MOST)
    return {member.filename: _content(archive, member) for member in members}


def _grows(name: str) -> bool:
    return name in GROWS or name.startswith("sessions/")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """As many bytes as the list of members says; a member that holds more or fewer fails its own check."""
    try:
        with archive.open(member) as file:
            found = b"".join(iter(lambda: file.read(CHUNK), b""))
    except (*BAD, zlib.error):
        raise Breach("verify.damaged", file=member.filename[:80]) from None
    if len(found) != member.file_size:
        raise Breach("verify.damaged", file=member.filename[:80])
    return found


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
        data = _file(files, name)
        if data.count(b"\n") > LINES or data.count(b",") > CELLS:
            raise Breach("verify.too_long", file=name, n=LINES)
        found = read_sheet(data)
    except (ValueError, csv.Error):
        raise Breach("verify.unreadable", file=name) from None
    if found.csv() != files[name]:
        raise Breach("verify.unreadable", file=name)
    return found


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise Breach("verify.missing", file=name)
    return files[name]
