"""What a rehearsed study leaves in its folder: the individual answers of each session, the study's parcel, and beside
it the tables that are in it.

The tables of one seed are the same bytes each time; parcels hold the ends of journals, which are not.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

from consensus.export.study import study_parcel
from consensus.export.study.plan import TABLE as PLAN
from consensus.house import House

PARCEL = "study.zip"
RESULTS, MOMENTS, POOLED, COMPARED = "study.json", "moments.json", "pooled.csv", "comparison.csv"
TABLES = (RESULTS, POOLED, COMPARED, MOMENTS, "panels.json", PLAN)


def parcel_name(number: int, key: str) -> str:
    """In the order in which they were held."""
    return f"{number:02}-{key}.zip"


async def write_study(house: House, study_id: int, out: Path) -> list[str]:
    """The files of a study into a folder; a line for each."""
    data = await study_parcel(house, study_id)
    files = {PARCEL: data, **await asyncio.to_thread(_tables, data)}
    for name, content in files.items():
        await asyncio.to_thread((out / name).write_bytes, content)
    return [f"{name}: {len(content) // 1024 + 1} KB" for name, content in files.items()]


def _tables(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        return {name: parcel.read(name) for name in TABLES if name in parcel.namelist()}
