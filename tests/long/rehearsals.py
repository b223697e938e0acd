"""Every protocol is rehearsed to its end by ten and by 24 people, twice with one seed: every law holds, both lists are
the same, and one flipped bit in any place of a file is found. About 12 minutes.

Short form: tests/plays/test_rehearse.py
"""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus import protocol
from tests.plays.test_rehearse import ends_well, flips_are_found, rehearsed, results


@pytest.mark.parametrize("people", [10, 24])
@pytest.mark.parametrize("name", protocol.names())
def test_a_protocol_holds_every_law_and_gives_the_same_list_again(tmp_path: Path, name: str, people: int) -> None:
    one, two = (rehearsed(tmp_path / f"{n}.zip", name, people) for n in range(2))
    ends_well(one, name, people)
    assert results(one.parcel) == results(two.parcel)
    flips_are_found(one.parcel, tmp_path)
