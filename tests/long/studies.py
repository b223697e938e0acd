"""Every protocol of a study is rehearsed whole, twice with one seed: every law holds in each session, every parcel is
verified, each run ends within ten minutes, and the study's tables are the same byte for byte. About 10 minutes.

Short form: tests/plays/test_rehearse_study.py
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from consensus import study_protocol
from tests.plays.test_rehearse_study import LONG, ends_well, rehearsed, tables


@pytest.mark.parametrize("name", study_protocol.names())
def test_a_study_holds_every_law_and_gives_the_same_tables_again(tmp_path: Path, name: str) -> None:
    for run in ("one", "two"):
        began = time.perf_counter()
        said = rehearsed(tmp_path / run, name)
        assert time.perf_counter() - began < LONG
        ends_well(tmp_path / run, said, study_protocol.read(name))
    assert tables(tmp_path / "one") == tables(tmp_path / "two")
