"""Whatever value one person gives who is never counted, of every scale and rule, the released parcel is the same to the
byte. About 1 minute.

Short form: tests/consensus/test_small_cells.py
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.consensus.test_small_cells import rated_with

VALUES = [*(str(n) for n in range(1, 10)), "dont_know"]


@pytest.mark.parametrize("k", [3, 5])
async def test_whatever_she_answered_the_released_parcel_is_the_same(tmp_path: Path, k: int) -> None:
    first, *others = [await rated_with(tmp_path, k, value) for value in VALUES]
    assert not [value for value, other in zip(VALUES[1:], others, strict=True) if other != first]
