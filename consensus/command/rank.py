"""consensus rank: a file of ballots in; orders by any method, with scores, uniqueness and how sure they are, out.

Orders come from rounds.measures: here they are asked for, named and set in columns. No method belongs here.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consensus.command import preflib, tidy
from consensus.command.table import UNDEFINED, figure, short, table
from consensus.command.words import many, ranked, remark
from rounds.measures import orders, worth
from rounds.measures.kemeny import kemeny
from rounds.measures.pairwise import Unranked, Whole, balanced_weights, doubled_points, pairwise
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.result import Result, as_data


@dataclass(frozen=True, slots=True)
class Panel:
    """ranks (people, statements), 0 = not ranked. groups: indices by person. weights: whole numbers that give every
    group the same say, or None. pairs: the table of pairs under these weights. n: people whose ballot ranks anything.
    """

    statements: tuple[str, ...]
    ranks: NDArray[np.integer[Any]]
    groups: NDArray[np.intp]
    group_names: tuple[str, ...]
    unranked: Unranked
    weights: Whole | None
    pairs: Whole
    n: int
    ghost: float

    @property
    def unit(self) -> float:
        """What one unit of weight is worth in people, so that the weights of all add up to their number."""
        return 1.0 if self.weights is None else self.n / max(1, int(self.weights.sum()))


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
MOST = 100_000_000  # places in all ballots; more do not fit into a small computer's memory
DIGITS = 7  # of a log worth; closer ones are tied: they are estimates, right to about 1e-8


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", help="PrefLib .soc, .soi, .toc or .toi, or a tidy .csv: participant,statement,rank")
    parser.add_argument("--method", type=_methods, default=["borda"], help=f"one or more of {','.join(METHODS)}")
    parser.add_argument("--unranked", choices=("below", "absent"), default="below", help="what a blank means")
    parser.add_argument("--group", help="the column of a CSV that groups people")
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
    panel = _panel(args, data)
    found = {name: METHODS[name](panel) for name in args.method}
    sure = _bootstrap(args, panel) if args.bootstrap else None
    beside = (
        orders.side_by_side(panel.ranks, panel.groups, args.top, unranked=panel.unranked)
        if len(panel.group_names) > 1
        else None
    )
    if args.json:
        yield json.dumps(_data(args.file, panel, found, sure, beside), ensure_ascii=False, indent=1, allow_nan=False)
        return
    yield from _heading(args.file, panel)
    if len(found) > 1:
        yield from ("", "Places", *_places(panel, found))
    for name, result in found.items():
        yield from ("", *_method(panel, name, result))
    if sure:
        yield from ("", *_sure(panel, sure))
    if beside:
        yield from ("", *_beside(panel, beside))


def _panel(args: Namespace, data: bytes) -> Panel:
    ending = PurePath(args.file).suffix.casefold().removeprefix(".")
    if ending in preflib.ENDINGS:
        if args.group:
            raise ValueError("a PrefLib file knows no groups; use a tidy CSV with a column of groups")
        ballots = preflib.read(data, ending)
        statements, names = ballots.statements, ballots.groups
        if int(ballots.times.sum()) * len(statements) > MOST:
            raise ValueError(f"more than {MOST} places in all ballots together")
        ranks = np.repeat(ballots.ranks.astype(np.min_scalar_type(len(statements))), ballots.times, axis=0)
        groups = np.repeat(ballots.group_of, ballots.times)
    elif ending == "csv":
        sheet = tidy.read(data, "rank", args.group, _rank)
        statements, names, ranks, groups = sheet.statements, sheet.groups, sheet.values, sheet.group_of
    else:
        raise ValueError(f"{args.file} ends neither in .csv nor in one of .{', .'.join(preflib.ENDINGS)}")
    if args.balanced and not args.group:
        raise ValueError("--balanced gives groups the same say; name their column with --group")
    handed_in = np.asarray(ranks.any(axis=1))
    weights = balanced_weights(groups, present=handed_in)[0] if args.balanced else None
    pairs = pairwise(ranks, unranked=args.unranked, weights=weights)
    return Panel(statements, ranks, groups, names, args.unranked, weights, pairs, int(handed_in.sum()), args.ghost)


def _rank(cell: str) -> int:
    """A blank is not ranked."""
    rank = tidy.whole(cell) if cell else 0
    if cell and rank < 1:
        raise ValueError(f"{rank} is not a rank; 1 is the best, and a blank is not ranked")
    return rank


def _bootstrap(args: Namespace, panel: Panel) -> Result:
    """Borda's points of each person, drawn again; with "absent" the share of opponents each statement has beaten."""
    given = panel.ranks > 0
    points = doubled_points(panel.ranks, unranked=panel.unranked) / 2
    if panel.unranked == "absent":
        others = given.sum(axis=1, keepdims=True) - 1
        scores = np.divide(points, others, out=np.full(points.shape, np.nan), where=given & (others > 0))
    else:
        scores = np.where(given.any(axis=1, keepdims=True), points, np.nan)
    return rank_bootstrap(
        scores, panel.groups, balanced=args.balanced, k=args.top, seed=args.seed, resamples=args.bootstrap
    )


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
        yield from table(
            ["statement", "place", *scores],
            [
                [panel.statements[a], place, *(short(s[a], 3) for s in scores.values())]
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
    head = ["statement", "place", "mean rank", f"{share} from", "to", f"in top {asked['k']}", "above next"]
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
    if said := remark(result):
        yield said


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
