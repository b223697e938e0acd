"""consensus rank: a file of ballots in; orders by any method, with scores, uniqueness and how sure they are, out.

Orders come from rounds.measures: here they are asked for, named and set in columns. No method belongs here.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from consensus.command import reading
from consensus.command.ballots import Panel, panel_of
from consensus.command.table import UNDEFINED, cut, figure, short, table
from consensus.command.words import in_english, many, noted, ranked, remark
from rounds.listing import decimals, guarded, spans_of
from rounds.measures import orders, worth
from rounds.measures.concordance import ranking_w
from rounds.measures.kemeny import kemeny
from rounds.measures.margins import edge_margin
from rounds.measures.pairwise import doubled_points
from rounds.measures.phrases import certainty, edge
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.result import Result, as_data

METHODS: dict[str, Callable[[Panel], Result]] = {
    "borda": lambda of: orders.borda(of.ranks, unranked=of.unranked, weights=of.weights),
    "mean_rank": lambda of: orders.mean_rank(of.ranks, unranked=of.unranked, weights=of.weights),
    "copeland": lambda of: orders.copeland(of.pairs, n=of.n),
    "schulze": lambda of: orders.schulze(of.pairs, n=of.n),
    "ranked_pairs": lambda of: orders.ranked_pairs(of.pairs, n=of.n),
    "kemeny": lambda of: kemeny(of.pairs, n=of.n),
    "irv": lambda of: orders.instant_runoff(of.ranks, weights=of.weights),
    "bradley_terry": lambda of: _by_worth(worth.bradley_terry(of.pairs * of.unit, ref=None, ghost=of.ghost)),
    "plackett_luce": lambda of: _by_worth(
        worth.plackett_luce(
            of.ranks,
            unranked=of.unranked,
            weights=None if of.weights is None else of.weights * of.unit,
            ghost=of.ghost,
        )
    ),
}

# By method: the figures of each statement beside its place (key in more -> heading), and those of the whole order.
SCORES = {
    "borda": {"mean_points": "mean points", "share": "opponents beaten", "ranked_by": "ranked by"},
    "mean_rank": {"mean_rank": "mean rank", "ranked_by": "ranked by"},
    "bradley_terry": {"log_worth": "log worth", "worth": "worth"},
    "plackett_luce": {"log_worth": "log worth", "worth": "worth"},
    "copeland": {"score": "score", "wins": "wins", "ties": "ties", "losses": "losses"},
}
WHOLE = {
    "kemeny": ("score", "bound"),
    "bradley_terry": ("loglik",),
    "plackett_luce": ("loglik", "tie_sizes", "tie_log"),
}
DIGITS = 7  # of a log worth; closer ones are tied: they are estimates, right to about 1e-8


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="PrefLib; or text or .xlsx with participant, statement, rank; or --wide")
    parser.add_argument("--method", type=_methods, default=["borda"], help=f"one or more of {','.join(METHODS)}")
    parser.add_argument("--unranked", choices=("below", "absent"), default="below", help="what a blank means")
    reading.arguments(parser)
    parser.add_argument("--balanced", action="store_true", help="every group has the same say; needs --group")
    parser.add_argument("--bootstrap", type=int, default=0, metavar="RESAMPLES", help="draw people again so many times")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--top", type=int, default=10, help="length of the list that matters")
    parser.add_argument("--ghost", type=float, default=0, help="for worths: pseudo wins and losses, as 0.5")
    parser.add_argument("--json", action="store_true", help="everything, with method and parameters")


def _methods(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in METHODS:
            raise ArgumentTypeError(f"there is no method {name!r}; one or more of {','.join(METHODS)}")
    return list(dict.fromkeys(names))


def lines(args: Namespace, data: bytes) -> Iterator[str]:
    """What to print. tidy.Malformed for a file that cannot be taken, ValueError for an option that makes no sense."""
    if args.top < 1 or args.bootstrap < 0 or not 0 <= args.ghost < float("inf"):
        raise ValueError("--top is at least 1, --bootstrap and --ghost at least 0")
    panel = panel_of(args, data)
    found = {name: METHODS[name](panel) for name in args.method}
    sure = _bootstrap(args, panel) if args.bootstrap else None
    beside = (
        orders.side_by_side(panel.ranks, panel.groups, args.top, unranked=panel.unranked)
        if len(panel.group_names) > 1
        else None
    )
    margin = edge_margin(panel.ranks, args.top, weights=panel.weights) if panel.unranked == "below" else None
    concordance = ranking_w(panel.ranks, panel.unranked)
    if args.json:
        told = _data(args.file, panel, found, sure, beside) | _last(margin, concordance)
        yield json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
        return
    yield from noted(args.file, panel.notes)
    yield from _heading(args.file, panel)
    if not panel.n:
        yield "No ballot ranks anything, so there is no order."
        return
    if len(found) > 1:
        yield from ("", "Places", *_places(panel, found))
    for name, result in found.items():
        yield from ("", *_method(panel, name, result))
    if sure:
        yield from ("", *_sure(panel, sure))
    if last := [*_edge(panel, margin), *_concordance(concordance)]:
        yield from ("", *last)
    if beside:
        yield from ("", *_beside(panel, beside))


def _bootstrap(args: Namespace, panel: Panel) -> Result:
    """The people drawn again, and their statements ranked each time by the score that Borda prints: opponents beaten of
    opponents met, over all people, each with their weight."""
    given = panel.ranks > 0
    met = np.maximum(given.sum(axis=1, keepdims=True) - 1, 0) * given
    if panel.unranked == "below":
        met = np.broadcast_to(given.any(axis=1, keepdims=True) * max(1, len(panel.statements) - 1), given.shape)
    heads = np.ones(len(given)) if panel.weights is None else panel.weights.astype(np.float64)
    times = met * heads[:, None]
    points = doubled_points(panel.ranks, unranked=panel.unranked) / 2 * heads[:, None]
    scores = np.where(times > 0, points, np.nan)
    asked = {"k": args.top, "seed": args.seed, "resamples": args.bootstrap}
    found = rank_bootstrap(scores, panel.groups, balanced=False, times=times, **asked)
    found = replace(found, parameters={**found.parameters, "balanced": args.balanced})
    return guarded(found, np.where(times > 0, scores / np.maximum(times, 1), np.nan), panel.groups)


def _by_worth(result: Result) -> Result:
    """Estimated log worths as an order."""
    if result.value is None:
        return result
    order = orders.order_of([Fraction(round(log, DIGITS)) for log in result.value])
    return replace(result, value=order, more={**result.more, "log_worth": result.value})


def _heading(file: str, panel: Panel) -> Iterator[str]:
    groups = ", ".join(f"{name} {int((panel.groups == g).sum())}" for g, name in enumerate(panel.group_names) if name)
    said = f"{many(panel.n, 'ballot', 'ballots')}, {many(len(panel.statements), 'statement', 'statements')}"
    yield f"{file}: {said}" + (f"; groups: {groups}" if groups else "")
    blank = "below all that is ranked" if panel.unranked == "below" else "absent: never put to that person"
    yield f"A statement that is not ranked is {blank}."
    yield "Every group has the same say." if panel.weights is not None else "Every ballot counts alike."


def _places(panel: Panel, found: Mapping[str, Result]) -> Iterator[str]:
    """The place of each statement under each method, in the order of the first that gives one."""
    by_method = [ranked(result) for result in found.values()]
    first = next((places for places in by_method if places), {})
    rows = [*first, *(a for a in range(len(panel.statements)) if a not in first)]
    return table(
        ["statement", *found], [[panel.statements[a], *(p.get(a, UNDEFINED) for p in by_method)] for a in rows]
    )


def _method(panel: Panel, name: str, result: Result) -> Iterator[str]:
    yield f"{name} (n = {result.n})"
    if result.value is not None:
        scores = {head: result.more[key] for key, head in SCORES.get(name, {}).items()}
        fine = {head: decimals(column, 3) for head, column in scores.items()}
        yield from table(
            ["statement", "place", *scores],
            [
                [panel.statements[a], place, *(short(s[a], fine[head]) for head, s in scores.items())]
                for a, place in ranked(result).items()
            ],
        )
        for key in WHOLE.get(name, ()):
            if figures := result.more[key] if isinstance(result.more[key], tuple) else (result.more[key],):
                yield f"{key.replace('_', ' ')} {', '.join(short(one, 3) for one in figures)}"
    if said := remark(result):
        yield f"{'undefined: ' if result.value is None else ''}{said}"


def _sure(panel: Panel, result: Result) -> Iterator[str]:
    asked = result.parameters
    drawn = "people inside their groups" if len(panel.group_names) > 1 else "people"
    yield f"How sure: {asked['resamples']} resamples of {drawn}, seed {asked['seed']}, by Borda points"
    if result.value is None:
        yield f"undefined: {remark(result)}"
        return
    more = result.more
    above = dict(zip((upper for upper, _ in more["neighbours"]), more["p_above_next"], strict=True))
    share = f"{float(asked['level']):.0%}"
    top = asked["k"]
    head = ["statement", "place", "mean rank", f"{share} from", "to", f"in top {top}", "above next"]
    rows = [
        [
            panel.statements[a],
            place,
            *(short(float(more[key][a])) for key in ("mean_rank", "low", "high")),
            figure(float(more["p_top"][a])),
            figure(float(above[a])) if a in above else "",
        ]
        for a, place in ranked(result).items()
    ]
    yield from table(head, rows)
    spans = spans_of(result.value)
    if len(spans) > top:
        yield from ("", *(f"{cut(panel.statements[a])}: {_in_words(result, a, spans)}" for a in spans))
    if said := remark(result):
        yield said


def _in_words(result: Result, a: int, spans: Mapping[int, tuple[int, int]]) -> str:
    """As pages say it: of the place that is printed, and of the chance beside it."""
    asked = result.parameters
    times = Fraction(float(result.more["p_top"][a])).limit_denominator(10**6) * int(result.more["ranked"][a])
    key, values = certainty(*spans[a], asked["k"], times / asked["resamples"])
    return in_english(f"measures.{key}", values)


def _edge(panel: Panel, margin: Result | None) -> Iterator[str]:
    """How many ballots would change the first of the list: counted, for Borda."""
    if margin is None or margin.value is None:
        return
    more, k = margin.more, margin.parameters["k"]
    inside, outside = (panel.statements[more[side]] for side in ("inside", "outside"))
    yield f"What would change the top {k}, by Borda: {margin.value} of {margin.n} ballots, filled in otherwise"
    gap = "tied" if more["edge_tied"] else f"{short(more['gap'], 3)} points apart"
    yield f"At the edge: {inside} and {outside}, {gap}"
    if few := edge(margin):
        yield in_english(f"measures.{few[0]}", few[1])


def _concordance(w: Result) -> Iterator[str]:
    """How far people agree on the order, where anybody gave one."""
    if w.reason == "empty":
        return
    yield f"Agreement on the order: W {figure(w.value)} ({w.parameters['places']} ranked; n = {w.n})"
    if said := remark(w):
        yield f"{'undefined: ' if w.value is None else ''}{said}"


def _last(margin: Result | None, w: Result) -> dict[str, Any]:
    return {"edge_margin": margin and as_data(margin), "ranking_w": as_data(w)}


def _beside(panel: Panel, result: Result) -> Iterator[str]:
    """Which statements owe their place to the weight of groups."""
    yield f"Borda, top {result.parameters['k']}: every ballot alike beside every group alike"
    if result.value is None:
        yield f"undefined: {remark(result)}"
        return
    for title, tops in (("ballots alike only", "pooled_top"), ("groups alike only", "balanced_top")):
        only = [panel.statements[a] for a in result.more[tops] if a in result.value]
        yield f"{title}: {'; '.join(only) or 'none'}"
    if said := remark(result):
        yield said


def _data(
    file: str, panel: Panel, found: Mapping[str, Result], sure: Result | None, beside: Result | None
) -> dict[str, Any]:
    """Statements by their place in "statements"; each order with names, too."""
    return {
        "file": file,
        "notes": [note._asdict() for note in panel.notes],
        "ballots": panel.n,
        "statements": list(panel.statements),
        "groups": {name: int((panel.groups == g).sum()) for g, name in enumerate(panel.group_names) if name},
        "unranked": panel.unranked,
        "balanced": panel.weights is not None,
        "pairwise": panel.pairs.tolist(),
        "methods": {name: _named(panel, result) for name, result in found.items()},
        "bootstrap": sure and _named(panel, sure),
        "side_by_side": beside and as_data(beside),
    }


def _named(panel: Panel, result: Result) -> dict[str, Any]:
    places: Sequence[Sequence[int]] = result.value or ()
    return as_data(result) | {"order": [[panel.statements[a] for a in place] for place in places]}
