"""Forty sessions of every kind, of twenty random acts each: after every act the live tally is the recount, and the one
that is counted by hand. About 4 minutes.

Short form: tests/consensus/test_count.py
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from rounds import KINDS
from tests.consensus.test_count import played


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", KINDS)
def test_the_live_tally_is_the_recount_at_every_step(laid: Path, tmp_path: Path, kind: str, seed: int) -> None:
    path = Path(shutil.copy(laid, tmp_path / "one.db"))
    asyncio.run(played(path, kind, seed))
