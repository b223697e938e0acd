"""How alike the sessions of a study are on each statement: how far their shares lie apart, and how far the verdict of
all told answers together is from turning.

From told cells alone, whole; people who are told in no session of their own are in none of it. Slow where there are
many sessions; asked in a thread. No word is made of I2 here: in panels as small as clinics it says little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from consensus.results.study.data import OTHERS, TOLD, UNDEFINED, WITHHELD, Cell, StudyResults
from consensus.results.study.lists import by_list
from consensus.results.study.sums import by_statement, rule_of, sum_of
from rounds.measures.heterogeneity import heterogeneity
from rounds.measures.multiple import holm
from rounds.measures.verdict_margins import share_margin
from rounds.rules import Share

DRAWS, DECIMALS = 999, 3
NO_RULE = "no_rule"  # sessions of several rules, or of one that is none of shares: no verdict of all together


@dataclass(frozen=True, slots=True)
class Alike:
    """state: told, withheld (too few people in all sessions but one, or in all) or undefined; reason: why undefined.
    sessions, n: those whose answers are told, and these. q, df, i2: as heterogeneity() gives them. p: the share of
    divisions by chance in which shares lie as far apart, p_kind how it was counted; p_holm: raised for all statements.
    verdict: of all told answers together; turns: how many of them, given otherwise, make it another; margin_reason: why
    there is no such number."""

    statement: str
    state: str
    reason: str
    sessions: int
    n: int
    lowest: Fraction | None
    highest: Fraction | None
    q: Fraction | None
    df: int | None
    i2: Fraction | None
    p: float | None
    p_kind: str
    p_holm: float | None
    verdict: str
    turns: int | None
    margin_reason: str


def alike_of(results: StudyResults) -> tuple[Alike, ...]:
    """Each statement that two sessions or more were asked."""
    cells = by_statement(results.cells)
    rules = {one.key: rule_of(own) for own in by_list(results) for one in own.statements}
    asked = {one.key for one in results.statements if len(one.asked) > 1}
    held = {(one.session, one.statement) for one in results.outcomes if one.state == WITHHELD}
    found = [
        _alike(
            one.key, cells.get(one.key, []), rules[one.key], any((session, one.key) in held for session in one.asked)
        )
        for one in results.statements
        if one.key in asked
    ]
    raised = holm([float("nan") if one.p is None else one.p for one in found]).tolist()
    return tuple(
        one if one.p is None else replace(one, p_holm=round(p, DECIMALS)) for one, p in zip(found, raised, strict=True)
    )


def _alike(key: str, cells: Sequence[Cell], rule: Share | None, is_held: bool) -> Alike:
    """is_held: answers were given in a session that may not be told."""
    by_session: dict[str, list[Cell]] = {}
    for cell in cells:
        by_session.setdefault(cell.session, []).append(cell)
    by_session.pop(OTHERS, None)
    totals = [total for own in by_session.values() if (total := sum_of(own))]
    apart = heterogeneity([one.high for one in totals], [one.n for one in totals], draws=DRAWS)
    more: Mapping[str, Any] = apart.more
    state = TOLD if apart.value is not None else WITHHELD if len(totals) < 2 and is_held else UNDEFINED
    p, (verdict, turns, margin_reason) = more.get("p_permutation"), _margin(cells, rule)
    return Alike(
        statement=key,
        state=state,
        reason=apart.reason if state == UNDEFINED else "",
        sessions=len(totals),
        n=apart.n or 0,
        lowest=more.get("lowest"),
        highest=more.get("highest"),
        q=apart.value,
        df=more.get("df"),
        i2=more.get("i2"),
        p=None if p is None else round(float(p), DECIMALS),
        p_kind=more.get("p_kind", ""),
        p_holm=None,
        verdict=verdict,
        turns=turns,
        margin_reason=margin_reason,
    )


def _margin(cells: Sequence[Cell], rule: Share | None) -> tuple[str, int | None, str]:
    total = sum_of([cell for cell in cells if cell.session != OTHERS])
    if rule is None or total is None:
        return "", None, NO_RULE if rule is None else "empty"
    found = share_margin({"": total.box}, rule)
    return str(found.more["verdict"]), found.value, found.reason
