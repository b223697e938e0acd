"""What is timed: the data, made up and the same in every run, the call, and what a peer is asked for it.

A task's figures are compared with the peer's, never asserted. No clock and no other process belongs here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rounds import rating
from rounds.contract import Ballot, Block, Role, Round, Statement
from rounds.measures.agreement import fleiss, krippendorff, krippendorff_of_counts
from rounds.measures.change import wilcoxon
from rounds.measures.contrast import h_kernel
from rounds.measures.counts import count_table, move
from rounds.measures.describe import HALF, QUARTER, exact_quantile
from rounds.measures.kemeny import kemeny
from rounds.measures.landscape import clusters, components, noise_threshold, silhouette_of_points
from rounds.measures.orders import borda, schulze
from rounds.measures.pairwise import balanced_weights, doubled_points, pairwise
from rounds.measures.report import report
from rounds.measures.resampling import rank_bootstrap
from rounds.measures.result import Result
from rounds.measures.worth import plackett_luce
from rounds.rating.scales import SCALES
from rounds.rules import Share

Ints = NDArray[np.int64]

SEED = 1
SHARES = (0.3, 0.25, 0.2, 0.15, 0.06, 0.04)  # of people: six groups of unequal size
SCALE = SCALES["1-9"]
EVENTS = 1000  # live votes in one run
PANELS = 20
ALONE = "none of the packages compared has it ready-made"
FACTORIAL = "pref_voting goes through all orders, which 60 statements forbid"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to time.

    size: of the data, in words. events: how often it happens in one call; times are of one. slowest: the limit is for
    the slowest run, not for the median. peer: the key in peer.TASKS, or "" with the reason in alone. data: what the
    peer reads. figures: what must agree, to tolerance. said: what else a reader should know of the result.
    """

    name: str
    size: str
    call: Callable[[], Any]
    events: int = 1
    limit_ms: float | None = None
    limit_ratio: float | None = None
    slowest: bool = False
    peer: str = ""
    alone: str = ALONE
    data: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    figures: Callable[[Any], Any] = float
    tolerance: float = 1e-9
    said: Callable[[Any], Mapping[str, Any]] = lambda result: {}


# -- the data, made up: the same in every run


def groups_of(people: int) -> Ints:
    return np.random.default_rng(SEED).choice(len(SHARES), people, p=SHARES)


def ratings_of(people: int, statements: int, missing: float = 0.1) -> Ints:
    """(people, statements) 1..9, 0 = no answer."""
    chance = np.random.default_rng(SEED)
    liking = 6 + 1.5 * chance.normal(size=statements) + 1.5 * chance.normal(size=(people, statements))
    values = np.clip(np.rint(liking), 1, SCALE.top).astype(np.int64)
    return np.where(chance.random(values.shape) < missing, 0, values)


def rankings_of(groups: Ints, statements: int, *, common: float = 0.5, own: float = 1.0, seed: int = SEED) -> Ints:
    """Ranks (people, statements) without ties. common, own: how much all people share, and the people of a group."""
    chance = np.random.default_rng(seed)
    worth = common * chance.normal(size=statements) + own * chance.normal(size=(len(SHARES), statements))[groups]
    return orders_of(orders_of(-(worth + chance.gumbel(size=worth.shape)))) + 1


def orders_of(ranks: NDArray[Any]) -> Ints:
    """(people, statements): the statement in each place."""
    return np.argsort(ranks, axis=1)


def votes_of(people: int, statements: int, seen: float) -> Any:
    """A sparse table of +1, 0, -1 by three camps, of which a share is cast."""
    chance = np.random.default_rng(SEED)
    at = np.nonzero(chance.random((people, statements)) < seen)
    leaning = chance.normal(size=(3, statements))[chance.integers(3, size=people)[at[0]], at[1]]
    votes = np.clip(np.rint(leaning + 0.7 * chance.normal(size=len(leaning))), -1, 1)
    return csr_array((votes, at), shape=(people, statements))


# -- the tasks


def item_report() -> Task:
    ratings, groups = ratings_of(10_000, 200), groups_of(10_000)

    def call() -> Any:
        counts = count_table(ratings, groups, top=SCALE.top, group_count=len(SHARES))
        return report(counts, top=SCALE.top, low=SCALE.low, high=SCALE.high)

    return Task("item report from ratings", "10,000 people x 200 statements, six groups", call, limit_ms=50)


def live_vote() -> Task:
    ratings, groups = ratings_of(75, 30, missing=0), groups_of(75)
    ratings[:, 7] = 3
    counts = count_table(ratings, groups, top=SCALE.top, group_count=len(SHARES))
    rule, blocks = Share(70, 15), tuple("abcdef")

    def vote(old: int, new: int) -> Any:
        move(counts, int(groups[0]), 7, old, new)
        rows = counts[:, 7].tolist()
        everyone = dict(enumerate(map(sum, zip(*rows, strict=True)), 1))
        middle = [exact_quantile(everyone, share) for share in (QUARTER, HALF, 1 - QUARTER)]
        return middle, rule.decide_counts(dict(zip(blocks, rows, strict=True)), SCALE)

    def call() -> None:
        for _ in range(EVENTS // 2):
            vote(3, 8)
            vote(8, 3)

    size = "one card, six groups, 75 people"
    return Task("live vote: counts, quartiles, 70/15 rule", size, call, EVENTS, limit_ms=0.1)


def live_ballot() -> Task:
    blocks = tuple(Block(key, (key,), 20) for key in "abcdef")
    card = Statement("S1", {"en": "S1"}, "en")
    rated = Round("rate", "rating", rating.Settings(), ("en",), blocks, (card,), Share(70, 15))
    count = rating.start(rated)

    def ballot(seat: int, value: int) -> Ballot:
        marks = {"card": "S1", "values": {"importance": value}, "reason": ""}
        return Ballot(seat, str(seat), Role.PARTICIPANT, "abcdef"[seat % 6], "S1", marks)

    for seat, value in enumerate(ratings_of(75, 1, missing=0)[:, 0].tolist()):
        rating.add(count, ballot(seat, value), +1)
    low, high = ballot(75, 3), ballot(75, 8)
    rating.add(count, low, +1)

    def call() -> None:
        for old, new in ((low, high), (high, low)) * (EVENTS // 2):
            rating.add(count, old, -1)
            rating.add(count, new, +1)
            rating.tally(count, rated)

    size = "one card, every figure of everyone and of six blocks, 76 people"
    return Task("live ballot: the rating kind's add and line", size, call, EVENTS, limit_ms=0.1)


def pairs() -> Task:
    ranks = rankings_of(groups_of(10_000), 50)
    return Task(
        "pairwise table",
        "10,000 people x 50 statements",
        lambda: pairwise(ranks),
        limit_ms=30,
        peer="pairwise",
        data={"orders": orders_of(ranks)},
        figures=np.asarray,
        tolerance=0,
    )


def pairs_balanced() -> Task:
    groups = groups_of(10_000)
    ranks, (weights, _) = rankings_of(groups, 50), balanced_weights(groups)
    return Task(
        "pairwise table, balanced",
        "10,000 people x 50 statements, six groups with equal say",
        lambda: pairwise(ranks, weights=weights),
        limit_ms=30,
        peer="pairwise",
        data={"orders": orders_of(ranks), "weights": weights},
        figures=np.asarray,
        tolerance=0,
    )


def kemeny_order(common: float, own: float, listed: int, kind: str) -> Task:
    """Another panel in every run, so that max_ms, which the limit is held against, is that of the slowest panel."""
    tables = []
    for seed in range(PANELS):
        ranks = rankings_of(np.arange(300) % len(SHARES), 60, common=common, own=own, seed=seed)
        tables.append(pairwise(np.where(ranks <= listed, ranks, 0)))
    turns, found = cycle(range(PANELS)), dict[int, Result]()

    def call() -> None:
        panel = next(turns)
        found[panel] = kemeny(tables[panel])

    def said(_: None) -> dict[str, int]:
        proven = sum(each.more["bound"] == each.more["score"] for each in found.values())
        unique = [each.more["unique"] for each in found.values()]
        return {"panels": len(found), "proven": proven, "unique": unique.count(True), "unknown": unique.count(None)}

    size = f"60 statements, 300 ballots {kind}"
    name = "Kemeny with proof and uniqueness"
    return Task(name, size, call, limit_ms=1000, slowest=True, alone=FACTORIAL, said=said)


def worths() -> Task:
    ranks = rankings_of(groups_of(10_000), 50)
    return Task(
        "Plackett-Luce",
        "10,000 full rankings x 50 statements",
        lambda: plackett_luce(ranks),
        limit_ratio=20,
        peer="plackett_luce",
        data={"orders": orders_of(ranks)},
        figures=lambda found: found.value,
        tolerance=1e-6,
        said=lambda found: {"iterations": found.more["iterations"]},
    )


def bootstrap() -> Task:
    groups = groups_of(200)
    scores = doubled_points(rankings_of(groups, 50))
    call = partial(rank_bootstrap, scores, groups, balanced=True, k=10, seed=SEED, resamples=1000)
    return Task("bootstrap of ranks", "1,000 x (200 people x 50 statements), balanced", call, limit_ms=300)


def map_of_people() -> Task:
    votes = votes_of(10_000, 1_000, 0.05)

    def call() -> Any:
        return clusters(components(votes).value, seed=SEED)

    size = "10,000 people x 1,000 statements, 5 % seen"
    return Task(
        "landscape: components, clusters, silhouette",
        size,
        call,
        limit_ms=2000,
        alone="its parts are compared below",
        said=lambda found: {"k": found.more["k"], "silhouette": round(found.more["silhouette"], 3)},
    )


def noise() -> Task:
    votes = votes_of(10_000, 1_000, 0.05)
    size = "10,000 people x 1,000 statements, 5 % seen; 100 permutations of 500 people drawn"
    return Task("landscape: noise threshold", size, lambda: noise_threshold(votes, seed=SEED))


def axes() -> Task:
    votes = votes_of(10_000, 1_000, 0.05)
    total, seen = (np.bincount(votes.indices, weights) for weights in (votes.data, None))
    centred = votes.data - (total / seen)[votes.indices]
    return Task(
        "principal components; the peer is given the means taken away",
        "10,000 people x 1,000 statements, 5 % seen",
        lambda: components(votes),
        peer="components",
        data={"centred": centred, "indices": votes.indices, "indptr": votes.indptr, "shape": np.array(votes.shape)},
        figures=lambda found: found.more["eigenvalues"],
        tolerance=1e-8,
    )


def apart() -> Task:
    points = np.random.default_rng(SEED).normal(size=(1_500, 2))
    labels = (points[:, 0] > 0) + (points[:, 1] > 0)
    return Task(
        "silhouette",
        "1,500 points, three groups",
        lambda: silhouette_of_points(points, labels, seed=SEED),
        peer="silhouette",
        data={"points": points, "labels": labels},
        figures=lambda found: found.value,
    )


def alpha() -> Task:
    ratings = ratings_of(10_000, 200)
    return Task(
        "Krippendorff's alpha from ratings, ordinal",
        "10,000 people x 200 statements, 10 % missing",
        lambda: krippendorff(ratings),
        peer="krippendorff",
        data={"ratings": ratings},
        figures=lambda found: found.value,
    )


def alpha_of_counts() -> Task:
    counts = count_table(ratings_of(75, 200), np.zeros(75, np.int64), top=SCALE.top, group_count=1)[0]
    return Task(
        "Krippendorff's alpha from counts, ordinal",
        "200 statements x 9 values, 75 people",
        lambda: krippendorff_of_counts(counts),
        peer="krippendorff_of_counts",
        data={"counts": counts},
        figures=lambda found: found.value,
    )


def kappa() -> Task:
    counts = count_table(ratings_of(75, 200, missing=0), np.zeros(75, np.int64), top=SCALE.top, group_count=1)[0]
    return Task(
        "Fleiss' kappa from counts",
        "200 statements x 9 values, 75 people",
        lambda: fleiss(counts),
        peer="fleiss",
        data={"counts": counts},
        figures=lambda found: found.value,
    )


def signed_ranks(way: str) -> Task:
    before = ratings_of(1_000, 200, missing=0)
    chance = np.random.default_rng(SEED + 1)
    moves = chance.integers(-2, 3, before.shape) * (chance.random(before.shape) < 0.5)
    after = np.clip(before + moves, 1, SCALE.top)
    rows = list(zip(before.T.copy(), after.T.copy(), strict=True))
    return Task(
        f"Wilcoxon's signed ranks, normal p; the peer {'in a loop' if way else 'over an axis'}",
        "200 statements, 1,000 people",
        lambda: [wilcoxon(x, y, p="normal").more["p_two_sided"] for x, y in rows],
        peer="wilcoxon" + way,
        data={"before": before, "after": after},
        figures=np.asarray,
    )


def several_groups(way: str) -> Task:
    ratings, groups = ratings_of(1_000, 200, missing=0), groups_of(1_000)
    return Task(
        f"Kruskal-Wallis' H from ratings; the peer {'in a loop' if way else 'over an axis'}",
        "200 statements, 1,000 people in six groups",
        lambda: h_kernel(count_table(ratings, groups, top=SCALE.top, group_count=len(SHARES))),
        peer="kruskal" + way,
        data={"ratings": ratings, "groups": groups},
        figures=np.asarray,
        tolerance=1e-8,
    )


def points() -> Task:
    ranks = rankings_of(groups_of(10_000), 50)
    return Task(
        "Borda from ballots",
        "10,000 people x 50 statements",
        lambda: borda(ranks),
        peer="borda",
        data={"orders": orders_of(ranks)},
        figures=lambda found: [float(points) for points in found.more["points"]],
        tolerance=0,
    )


def paths() -> Task:
    ranks = rankings_of(groups_of(1_001), 50, common=0)
    table = pairwise(ranks)
    return Task(
        "Schulze from the pairwise table; the winners compared",
        "50 statements, 1,001 people",
        lambda: schulze(table),
        peer="schulze",
        data={"orders": orders_of(ranks)},
        figures=lambda found: found.more["winners"],
        tolerance=0,
    )


TASKS: tuple[Callable[[], Task], ...] = (
    item_report,
    live_vote,
    live_ballot,
    pairs,
    pairs_balanced,
    partial(kemeny_order, 1.0, 0.7, 60, "of partly agreeing groups"),
    partial(kemeny_order, 1.0, 0.7, 10, "of partly agreeing groups, first ten places only"),
    partial(kemeny_order, 0.0, 1.0, 60, "of groups with nothing in common"),
    worths,
    bootstrap,
    map_of_people,
    noise,
    axes,
    apart,
    alpha,
    alpha_of_counts,
    kappa,
    *(partial(signed_ranks, way) for way in ("", "_loop")),
    *(partial(several_groups, way) for way in ("", "_loop")),
    points,
    paths,
)
