"""How the cases of sensitivity, margins and equal voice are laid out; the other half of reference_measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rounds.measures import margins, sensitivity, verdict_margins, voice
from rounds.measures.pairwise import Whole, balanced_weights
from rounds.measures.result import Result
from rounds.rules import Box
from tests.reference_measures import WORDS, Figures, Given, array, ballot, measure, more, names, picked, share


def even(labels: Sequence[Any]) -> Callable[[Any], Whole]:
    """The same say for each label."""
    return lambda present: balanced_weights(np.array(labels), present=present)[0]


@measure("sensitivity")
def sensitivity_(given: Given) -> Figures:
    items, rows, sessions, groups = given["items"], [], [], []
    for session in given["sessions"]:
        for times, row, group in session["ballots"]:
            rows += [ballot(row, items)] * times
            sessions += [session["name"]] * times
            groups += [group] * times
    labels = {"person": range(len(rows)), "group": groups, "session": sessions}
    weights = {scheme: even(labels[scheme]) for scheme in given["weights"]}
    result = sensitivity.sensitivity(
        np.array(rows), given["k"], weights, groups=groups, sessions=sessions, methods=given["methods"]
    )
    return picked(result, {"scenarios": "scenarios", "stays": "stays"}) | {
        key: lambda key=key: names(items, more(result, key)) for key in ("always", "never")
    }


@measure("score_margin")
def score_margin(given: Given) -> Figures:
    result = margins.score_margin(
        array(given["rows"]), given["inside"], given["outside"], low=given["lo"], high=given["hi"]
    )
    return picked(result, {"gap": "gap", "tie": "tie"}) | {"swap": lambda: result.value}


@measure("share_margin")
def share_margin(given: Given) -> Figures:
    boxes = {str(place): Box(row[0], row[2], sum(row)) for place, row in enumerate(given["cells"])}
    rule = share(given, given.get("scope", "pooled"), given.get("k", 1))
    result = verdict_margins.share_margin(boxes, rule)
    return picked(result, {key: key for key in ("leave", "join", "to_in", "to_out")}) | {
        "verdict": lambda: WORDS[result.more["verdict"]],
        "change": lambda: result.value,
    }


@measure("survival")
def survival(given: Given) -> Figures:
    result = voice.survival(given["proposed"], given["survived"], given["authors"], floor=given.get("k", 5))
    return picked(result, {key: key for key in ("rate", "expected", "ci", "chance", "p", "withheld")}) | {
        "index": lambda: result.value,
    }


@measure("speaking")
def speaking(given: Given) -> Figures:
    result = voice.speaking(given["turns"], given["group"])
    return picked(result, {key: key for key in ("silent", "index", "gini", "effective")}) | {
        "n": lambda: result.n,
        "share": lambda: result.value,
    }


@measure("stratified_cliff")
def stratified_cliff(given: Given) -> Figures:
    result: Result = voice.stratified_cliff([(array(each["x"]), array(each["y"])) for each in given["strata"]])
    return picked(result, {key: key for key in ("sessions", "deltas", "p_exact", "crude")}) | {
        "delta": lambda: result.value,
    }
