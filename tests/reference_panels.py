"""How the cases of panels compared and pooled are laid out: adapters as in reference_measures.py, and no formula.

An order is a list of ties, best first; a ballot is [count, order, group], a bare name standing for a tie of one. A
session may have "asked" (all statements by default) and "site" (itself by default); null or 0 is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from rounds.contract import Decision
from rounds.measures import divisions, heterogeneity, panels, pooled_order, pooling, study_bootstrap, unison
from rounds.measures.pooling import SCHEMES, Cell, Origin
from rounds.measures.result import Result
from rounds.rules import Box, Share
from tests.reference_measures import WORDS, Figures, Given, array, ballot, measure, more, named, names, picked

DECISIONS = {word: decision for decision, word in WORDS.items()}


def told(result: Result, keys: str) -> Figures:
    """Figures that are called alike in the file and in the result."""
    return picked(result, {key: key for key in keys.split()})


def items_of(orders: Sequence[Any]) -> list[str]:
    """The statements in some order, by name."""
    return sorted({name for order in orders for tied in order for name in tied})


def numbered(order: Any, items: Sequence[str]) -> Any:
    return tuple(tuple(items.index(name) for name in tied) for tied in order)


# Panels compared ------------------------------------------------------------------------------------------------------


def pair(given: Given) -> tuple[list[str], Any, Any]:
    items = items_of([given["a"], given["b"]])
    return items, numbered(given["a"], items), numbered(given["b"], items)


@measure("top_overlap")
def top_overlap(given: Given) -> Figures:
    items, a, b = pair(given)
    result = panels.top_overlap(a, b, given["k"])
    return told(result, "m size_a size_b expected jaccard p_at_least p_at_most") | {
        "overlap": lambda: result.value,
        "only_a": lambda: names(items, more(result, "only_a")),
        "only_b": lambda: names(items, more(result, "only_b")),
    }


@measure("core_overlap")
def core_overlap(given: Given) -> Figures:
    items = items_of(given["orders"])
    result = panels.core_overlap([numbered(order, items) for order in given["orders"]], given["k"])
    return told(result, "m sizes expected p_at_least") | {
        "core": lambda: names(items, result.value),
        "in_panels": lambda: {items[a]: times for a, times in more(result, "in_panels").items()},
    }


@measure("rbo")
def rbo(given: Given) -> Figures:
    _, a, b = pair(given)
    result = panels.rbo(a, b, given["p"], given.get("depth"))
    return told(result, "m rbo_min agreement weight") | {"rbo": lambda: result.value}


@measure("panel_tau")
def panel_tau(given: Given) -> Figures:
    _, a, b = pair(given)
    result = panels.panel_tau(a, b)
    keys = "m concordant discordant tied_a tied_b tied_both kemeny kemeny_share tau_b"
    return told(result, keys) | {"tau_x": lambda: result.value}


@measure("panels_tau")
def panels_tau(given: Given) -> Figures:
    items = items_of(given["orders"])
    result = panels.panels_tau([numbered(order, items) for order in given["orders"]])
    return told(result, "tau_x most_central farthest") | {"mean_tau_x": lambda: result.value}


@measure("panel_verdicts")
def panel_verdicts(given: Given) -> Figures:
    rows = [[None if word is None else DECISIONS[word] for word in row] for row in given["verdicts"]]
    result = unison.panel_verdicts(rows)
    return told(result, "unanimous opposed once same table kappa ac2") | {"n": lambda: result.n}


@measure("heterogeneity")
def heterogeneity_(given: Given) -> Figures:
    result = heterogeneity.heterogeneity(given["votes"], given["n"])
    return told(result, "panels df i2 p_chi2 least_expected use lowest highest") | {
        "q": lambda: result.value,
        "p_exact": lambda: more(result, "p_permutation"),
    }


@measure("heterogeneity_mean")
def heterogeneity_mean(given: Given) -> Figures:
    result = heterogeneity.heterogeneity_mean(given["means"], given["sds"], given["n"])

    def guard() -> str:
        small = "small" if "few_in_panel" in result.flags else "none"
        return {"no_variation": "no_variance"}.get(result.reason, result.reason or small)

    return told(result, "panels q df p i2 tau2 fixed prediction") | {"random": lambda: result.value, "guard": guard}


@measure("panels_differ")
def panels_differ(given: Given) -> Figures:
    result = divisions.panels_differ(array(given["scores"]), given["panel"])
    return told(result, "share divisions") | {
        "statistic": lambda: result.value,
        "p_exact": lambda: more(result, "p_permutation"),
    }


@measure("overlap_reference")
def overlap_reference(given: Given) -> Figures:
    result = divisions.overlap_reference(array(given["scores"]), given["panel"], given["k"])
    return told(result, "expected p_at_most") | {"overlap": lambda: result.value}


# Sessions pooled ------------------------------------------------------------------------------------------------------


def cell(row: Given) -> Cell:
    origin = Origin(row["session"], row.get("site", row["session"]), row["group"])
    return Cell(origin, Box(row["high"], row["low"], row["n"]) if row["n"] else None)


@measure("pooling")
def pooling_(given: Given) -> Figures:
    result = pooling.pooling([cell(row) for row in given["cells"]], Share(given["threshold"], given.get("opposite")))

    def words(decisions: Mapping[str, Decision]) -> dict[str, str]:
        return {scheme: WORDS[decision] for scheme, decision in decisions.items()}

    return told(result, "low n_eff not_asked agree") | {
        "n": lambda: result.n,
        "share": lambda: result.value,
        "verdict": lambda: words(more(result, "verdict")),
        "sessions": lambda: {WORDS[decision]: times for decision, times in more(result, "sessions").items()},
    }


def voters(given: Given) -> tuple[Any, Any, list[Origin]]:
    """Ranks, what each person was asked, and where they come from."""
    items, ranks, asked, origins = given["items"], [], [], []
    for session in given["sessions"]:
        put = [name in session.get("asked", items) for name in items]
        for times, order, group in session["ballots"]:
            ranks += [ballot(order, items)] * times
            asked += [put] * times
            origins += [Origin(session["name"], session.get("site", session["name"]), group)] * times
    return np.array(ranks), np.array(asked), origins


@measure("pooled_order")
def pooled_order_(given: Given) -> Figures:
    items, result = given["items"], pooled_order.pooled_order(*voters(given))
    return told(result, "points left_out") | {
        "n": lambda: result.n,
        "common": lambda: names(items, more(result, "common")),
        "order": lambda: {scheme: named(items, result.value[scheme]) for scheme in SCHEMES},
    }


@measure("leave_one_out")
def leave_one_out(given: Given) -> Figures:
    items = given["items"]
    result = pooled_order.leave_one_out(*voters(given), given["k"], by=given["by"], scheme=given["weights"])
    return {
        "top": lambda: names(items, more(result, "top")),
        "tops": lambda: {str(unit): names(items, top) for unit, top in more(result, "tops").items()},
        "stays": lambda: {items[a]: times for a, times in result.value.items()},
        "enters": lambda: names(items, more(result, "enters")),
        "decisive": lambda: [str(unit) for unit in more(result, "decisive")],
    }


@measure("study_bootstrap")
def study_bootstrap_(given: Given) -> Figures:
    people = given["people"]

    @cache
    def result() -> Result:
        return study_bootstrap.study_bootstrap(
            array([scores for _, _, scores in people]),
            [Origin(session, session, group) for session, group, _ in people],
            given["k"],
            scheme=given["weights"],
            unit=given.get("unit", "person"),
            seed=given["seed"],
            resamples=given["B"],
        )

    return {"p_top": lambda: result().value, "singletons": lambda: more(result(), "singletons")}


@measure("stratified_shares")
def stratified_shares(given: Given) -> Figures:
    result = pooling.stratified_shares(np.array(given["tables"]))
    return told(result, "sessions or chi2 p p_exact crude") | {"rd": lambda: result.value}
