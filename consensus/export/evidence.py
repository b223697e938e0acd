"""evidence.csv: how many sources of each kind a statement rests on, from k sources of the kind on. No quotation, no
site, no kind of person; made by the same function when it is written and when it is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from consensus.evidence_words import KINDS
from consensus.export.sheets import Sheet, sheet

FILE = "evidence.csv"


def evidence_sheet(told: Iterable[Sequence[Any]]) -> Sheet:
    """told: (statement, kind, sources), ... as manifest.json has them."""
    rows = ({"statement": str(name), "kind": str(kind), "sources": str(n)} for name, kind, n in told)
    return sheet(("statement", "kind", "sources"), rows)


def is_from_k_on(told: Iterable[Sequence[Any]], k: int) -> bool:
    return all(kind in KINDS and isinstance(n, int) and n >= k for _, kind, n in told)
