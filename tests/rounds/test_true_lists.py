"""A list never contradicts the words of certainty beside it, in each kind that leaves one, whatever people answered.

The list counts every ballot; how sure a place is comes from those that may be shown. The ballots of one block are
hidden here, as a small group's are.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rounds import approval, comparison, points, ranking
from tests.rounds import test_approval, test_comparison, test_points, test_ranking
from tests.rounds.listed import BLOCKS, counted

KINDS = [
    (points, test_points),
    (comparison, test_comparison),
    (ranking, test_ranking),
    (approval, test_approval),
]
INSIDE, OUTSIDE = {"top.firm", "top.likely", "top.unsure"}, {"top.close", "top.near", "top.outside"}


@pytest.mark.parametrize(("kind", "drawn"), KINDS, ids=lambda one: one.__name__.rpartition(".")[2])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_list_has_among_the_first_is_never_said_to_be_outside(
    kind: ModuleType, drawn: Any, data: st.DataObject
) -> None:
    ballots, round = data.draw(drawn.panels()), data.draw(drawn.rounds)
    hidden = data.draw(st.sampled_from([None, *BLOCKS]))
    printed = {line.statement: line.values["rank"] for line in counted(kind, ballots, round).lines}
    shown = [ballot for ballot in ballots if ballot.block != hidden]
    for finding in kind.analyse(round, shown, (), 1):
        if finding.measure != "bootstrap" or not finding.statement:
            continue
        first, k = printed[finding.statement], finding.result.parameters["k"]
        last = first + list(printed.values()).count(first) - 1
        phrase = kind.reading.certainty_of(finding.result, (first, last))
        if phrase is None:
            assert finding.result.more["listed"] <= k
        elif first <= k < last:
            assert phrase == ("top.tied", {"n": k})
        else:
            assert phrase[0] in (INSIDE if last <= k else OUTSIDE) and phrase[1] == {"n": k}
