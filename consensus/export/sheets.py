"""Files of a parcel as bytes: CSV (UTF-8, RFC 4180, CRLF), JSON, sums, zip. The same data give the same bytes.

Members are stored, not deflated: the bytes of a deflated member depend on the zlib at hand. Values are written as
they are; nothing is escaped for a spreadsheet. No file of a parcel is known here.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import BinaryIO

from rounds.contract import figure

SUMS = "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its columns, and rows that have every column as text."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def csv(self) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, self.columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue().encode()


def sheet(columns: Sequence[str], rows: Iterable[Row]) -> Sheet:
    return Sheet(tuple(columns), tuple(rows))


def read_sheet(data: bytes) -> Sheet:
    """A table from its bytes. ValueError: not UTF-8, no header, or a row of another length."""
    csv.field_size_limit(2**31 - 1)
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("a row of another length")
    return sheet(rows[0], (dict(zip(rows[0], row, strict=True)) for row in rows[1:]))


def text(value: object) -> str:
    """A cell: nothing for None, yes or no for a truth."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def decimal(value: float | None) -> str:
    """A number that is no fraction of counts, in as many decimals as any other figure."""
    return figure(None if value is None else Fraction(value))


def json_bytes(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def sums(files: Mapping[str, bytes]) -> bytes:
    """A line a file, in the order of their names, as sha256sum writes and checks them."""
    names = sorted(name for name in files if name != SUMS)
    return "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in names).encode()


def write_zip(out: BinaryIO, files: Mapping[str, bytes]) -> None:
    """A parcel: the files in the order of their names, with fixed times and rights."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, files[name])


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    write_zip(out, files)
    return out.getvalue()


def parcel(files: Mapping[str, bytes]) -> bytes:
    return zipped({**files, SUMS: sums(files)})
