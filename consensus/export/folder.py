"""A folder of parcels verified, as a rehearsed study leaves it: each parcel by itself, one line each, and the sums of
all files. Nothing is known here of what the other files say.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from consensus.export.sheets import SUMS, sums
from consensus.export.verify import verify_file


def write_sums(folder: Path) -> None:
    """SHA256SUMS of all that is there, as sha256sum checks it."""
    (folder / SUMS).write_bytes(sums(_files(folder)))


def verify_folder(folder: Path) -> Iterator[tuple[int, str]]:
    """(code, told) of each parcel and of the sums, as they are found: 0 holds, 1 does not, 2 nothing is there."""
    parcels = sorted(folder.glob("*.zip"))
    if not parcels:
        yield 2, f"{folder}: there is no parcel in this folder"
    for parcel in parcels:
        code, told = verify_file(parcel)
        yield code, f"{parcel.name}: {told.splitlines()[-1] if code == 0 else told}"
    if (folder / SUMS).exists():
        yield from ((1, f"{name}: is not what {SUMS} says") for name in differing(folder))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def differing(folder: Path) -> list[str]:
    """Files that changed, are gone, or came since."""
    told = set((folder / SUMS).read_text(encoding="utf-8").splitlines())
    now = set(sums(_files(folder)).decode().splitlines())
    return sorted({line.split("  ", 1)[-1] for line in told ^ now})
