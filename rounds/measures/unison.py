"""Verdicts that several panels came to on the same statements: where they agree, and where one kept what one dropped.

No verdict is made here (rounds.rules), and no order compared (panels.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from rounds.contract import Decision
from rounds.measures.agreement import chance_corrected
from rounds.measures.change import weighted_kappa
from rounds.measures.panels import PANELS, too_few
from rounds.measures.result import Result, undefined

STEPS = (Decision.DROPPED, Decision.UNDECIDED, Decision.KEPT)  # as a scale: undecided lies between


def panel_verdicts(verdicts: Sequence[Sequence[Decision | None]]) -> Result:
    """How often two panels come to the same verdict, over all pairs of panels on all statements. Value: that share.

    verdicts (panels, statements): None = not asked, which is no verdict. n: statements with verdicts of two panels or
    more. more: unanimous (how many of these have one verdict only), opposed (kept by one panel and dropped by another:
    what to talk about), once (judged by one panel only), not_asked (judged by none), same (the value again);
    of two panels alone table (3, 3: dropped, undecided, kept, by the first and by the second) and kappa, weighted
    linearly, None where both give one and the same verdict to all; ac2 (Gwet's, linear, any number of panels), which
    does not fall where nearly all verdicts are one.
    Undefined: empty (no verdict), one_panel, no_common (no statement has two verdicts); once is told. ValueError: rows
    of unequal length. Cohen 1968, doi:10.1037/h0026256; Gwet 2008, doi:10.1348/000711006X126600.
    """
    columns = list(zip(*verdicts, strict=True))
    counts = np.array([[column.count(step) for step in STEPS] for column in columns]).reshape(-1, len(STEPS))
    judged = counts.sum(axis=1)
    compared = judged >= PANELS
    n = int(compared.sum())
    more: dict[str, Any] = {
        "unanimous": int((compared & (counts.max(axis=1, initial=0) == judged)).sum()),
        "opposed": tuple(np.flatnonzero(counts[:, 0] * counts[:, -1]).tolist()),
        "once": tuple(np.flatnonzero(judged == 1).tolist()),
        "not_asked": tuple(np.flatnonzero(judged == 0).tolist()),
    }
    if not n:
        panels = sum(any(verdict is not None for verdict in row) for row in verdicts)
        return undefined(too_few(panels) or "no_common", n=0, method="panel_verdicts", more=more)
    pairs, alike = (int((of * (of - 1)).sum()) // 2 for of in (judged, counts))
    table = _table(verdicts) if len(verdicts) == PANELS else None
    more |= {
        "same": Fraction(alike, pairs),
        "table": table,
        "kappa": None if table is None else weighted_kappa(table, "linear").value,
        "ac2": chance_corrected(counts, "ac", "linear").value,
    }
    return Result(more["same"], n, "panel_verdicts", {"weights": "linear"}, more)


def _table(verdicts: Sequence[Sequence[Decision | None]]) -> tuple[tuple[int, ...], ...]:
    both = list(zip(*verdicts, strict=True))
    return tuple(tuple(both.count((one, other)) for other in STEPS) for one in STEPS)
