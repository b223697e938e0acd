"""What may be told of a map of opinions: groups and tiles of at least k people, and lists of statements. No person.

A place on the map is a person's marks in two numbers, so no place leaves, and no outline drawn through places: the
outermost would be somebody. Told are tiles, cut at halves of a square that depends on nobody's exact place, each with
nobody or at least k people of one group in it. A group under k joins the nearest: left out, it could be subtracted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.landscape import (
    Sparse,
    Z,
    as_table,
    placed,
    proportion_test,
    representativeness,
    tallies,
)
from rounds.measures.result import Result, as_data, undefined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PEOPLE = 100  # who voted: a panel under it gets no map
CUTS = 8  # of the square, in turn from side to side and from top to bottom: 16 by 16 tiles at most


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the square, its people all of one group. left, right, low, high: in units of the map."""

    left: float
    right: float
    low: float
    high: float
    people: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """A group of opinion. apart: (statement, +1 agrees or -1 disagrees), the strongest first; tiles: where it stands.

    centre: of its tiles, weighed by their people, so that it tells no more than they do.
    """

    people: int
    centre: tuple[float, float]
    apart: tuple[tuple[int, int], ...]
    tiles: tuple[Tile, ...]


def told(votes: ArrayLike | Sparse, found: Result, k: int) -> Result:
    """What anyone may read of a landscape. votes: those it was found in, (people, statements). k: the fewest people.

    value: Opinions, the largest first. more: silhouette and threshold as found says; side, the square reaching from
    -side to side; unites, (statement, +1 or -1), on which every group votes alike, each more than chance would; and
    divides, statements that set one group apart by agreeing and another by disagreeing, first to last; counts, by
    statement, of each group how many agree, disagree and voted at all. People with too few votes to enter are in no
    group if none or at least k of them are; if fewer, they join the nearest group. Of a statement on which 1 to k - 1
    people of a group, or of those in none, voted, counts are None, and it is in no list: less the others, all votes
    on it would be theirs.

    n: people in a group. Undefined: as landscape(); too_few if under 100 people voted; withheld if one group alone is
    left.
    ValueError: k under 1.
    """
    if k < 1:
        raise ValueError("k is at least 1")
    parameters = {**found.parameters, "k": k, "people_least": PEOPLE}
    more: dict[str, Any] = {name: found.more.get(name) for name in ("silhouette", "threshold")}
    voters = int((np.diff(as_table(votes).indptr) > 0).sum())
    reason = found.reason if voters >= PEOPLE or found.reason == "empty" else "too_few"
    if reason:
        more = {} if reason != "noise" else more
        return undefined(reason, n=found.n, method="opinions", parameters=parameters, more=more)
    points, labels = _everybody(votes, found, k)
    labels = joined(points, labels, k)
    if labels.max() < 1:
        return undefined("withheld", n=found.n, method="opinions", parameters=parameters)
    counts = tallies(votes, labels)
    is_told = _is_told(votes, counts[2], k)
    agree, disagree, seen = (np.where(is_told, count, 0) for count in counts)
    apart = representativeness(agree, disagree, seen).value
    side = _side(points)
    groups = tuple(_opinion(points[labels == name], side, k, apart[name]) for name in range(len(apart)))
    more |= {"side": side, "unites": _unites(agree, disagree, seen), "divides": _divides(apart)}
    more["counts"] = _by_statement(agree, disagree, seen, is_told)
    return Result(groups, int((labels >= 0).sum()), "opinions", parameters, more)


def _is_told(votes: ArrayLike | Sparse, seen: Ints, k: int) -> NDArray[np.bool_]:
    """(statements,): nobody or at least k people of each group voted on it, and of those who are in no group."""
    table = as_table(votes)
    rest = np.bincount(table.indices, minlength=table.shape[1]) - seen.sum(axis=0)
    cells = np.vstack([seen, rest])
    is_told: NDArray[np.bool_] = ((cells == 0) | (cells >= k)).all(axis=0)
    return is_told


def _by_statement(agree: Ints, disagree: Ints, seen: Ints, is_told: NDArray[np.bool_]) -> tuple[Any, ...]:
    cells = np.stack([agree, disagree, seen], axis=-1).transpose(1, 0, 2).tolist()
    return tuple(tuple(map(tuple, rows)) if told else None for rows, told in zip(cells, is_told.tolist(), strict=True))


def _everybody(votes: ArrayLike | Sparse, found: Result, k: int) -> tuple[Floats, Ints]:
    """Places and labels; with so few people who voted and did not enter that they could be subtracted."""
    points, labels = found.more["points"].copy(), np.asarray(found.value, dtype=np.int64).copy()
    table = as_table(votes)
    late = np.flatnonzero(~found.more["entered"] & (np.diff(table.indptr) > 0))
    if 0 < len(late) < k:
        points[late] = placed(table[late], found.more["loadings"], found.more["means"])
        centres = np.array([points[labels == name].mean(axis=0) for name in range(labels.max() + 1)])
        labels[late] = ((points[late, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    return points, labels


def joined(points: ArrayLike, labels: ArrayLike, k: int) -> Ints:
    """Labels of groups of at least k, 0 for the largest: the smallest one under k joins the nearest, until none is.

    points: (n, 2), NaN for nobody to be placed; labels: (n,), -1 for none. An only group stays, however small.
    """
    place, label = np.asarray(points, dtype=np.float64), np.asarray(labels, dtype=np.int64).copy()
    while len(names := np.unique(label[label >= 0])) > 1:
        sizes = np.array([(label == name).sum() for name in names])
        if sizes.min() >= k:
            break
        centres = np.array([place[label == name].mean(axis=0) for name in names])
        small = np.lexsort((*centres.T[::-1], sizes))[0]
        away = ((centres - centres[small]) ** 2).sum(axis=1)
        away[small] = np.inf
        label[label == names[small]] = names[away.argmin()]
    return _by_size(place, label)


def _by_size(place: Floats, label: Ints) -> Ints:
    names, found = np.unique(label[label >= 0], return_inverse=True)
    centres = np.array([place[label == name].mean(axis=0) for name in names])
    order = np.lexsort((*centres.T[::-1], -np.bincount(found)))
    again = label.copy()
    again[label >= 0] = np.argsort(order)[found]
    return again


def tiles(points: ArrayLike, side: float, k: int) -> tuple[Tile, ...]:
    """The square from -side to side cut in halves, as long as each half holds nobody or at least k; the empty left out.

    points: (n, 2), all in the square. The tiles hold everybody once. Fewer than k points: no tile.
    """
    there = np.asarray(points, dtype=np.float64)
    if len(there) < k:
        return ()
    return tuple(_cut(there, (-side, side, -side, side), k, 0))


def _cut(there: Floats, edges: tuple[float, ...], k: int, depth: int) -> Iterator[Tile]:
    if not len(there):
        return
    axis = depth % 2
    low, high = edges[2 * axis : 2 * axis + 2]
    middle = (low + high) / 2
    is_under = there[:, axis] < middle
    if depth == CUTS or any(0 < half < k for half in (int(is_under.sum()), int((~is_under).sum()))):
        left, right, below, above = edges
        yield Tile(left, right, below, above, len(there))
        return
    before, after = edges[: 2 * axis], edges[2 * axis + 2 :]
    yield from _cut(there[is_under], (*before, low, middle, *after), k, depth + 1)
    yield from _cut(there[~is_under], (*before, middle, high, *after), k, depth + 1)


def _side(points: Floats) -> float:
    """The least power of two that no place is beyond: the outermost place itself would be somebody's."""
    widest = float(np.nanmax(np.abs(points)))
    return float(2.0 ** np.ceil(np.log2(widest)))


def _opinion(points: Floats, side: float, k: int, apart: tuple[tuple[int, int], ...]) -> Opinion:
    found = tiles(points, side, k)
    weights = [tile.people for tile in found]
    x = np.average([(tile.left + tile.right) / 2 for tile in found], weights=weights)
    y = np.average([(tile.low + tile.high) / 2 for tile in found], weights=weights)
    return Opinion(len(points), (float(x), float(y)), apart, found)


def _unites(agree: Ints, disagree: Ints, seen: Ints) -> tuple[tuple[int, int], ...]:
    """The ones that the least agreeing group agrees on most come first."""
    rows = []
    for sign, own in ((1, agree), (-1, disagree)):
        weakest = np.where(seen > 0, proportion_test(own, seen), 0).min(axis=0)
        rows += [(-weakest[at], at, sign) for at in np.flatnonzero(weakest > Z).tolist()]
    return tuple((statement, sign) for _, statement, sign in sorted(rows))


def _divides(apart: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[int, ...]:
    signs = {(statement, sign) for rows in apart for statement, sign in rows}
    return tuple(sorted(statement for statement, sign in signs if sign > 0 and (statement, -1) in signs))


def as_plain(found: Result) -> Result:
    """The same with groups as names and numbers, to be written down."""
    return found if found.value is None else replace(found, value=[asdict(group) for group in found.value])


def named(found: Result, statements: Sequence[str]) -> dict[str, Any]:
    """Everything that is told, as plain data, with statements called by their names."""
    data = as_data(as_plain(found))
    if found.value is None:
        return data
    for group in data["value"]:
        group["apart"] = [[statements[at], sign] for at, sign in group["apart"]]
    more = data["more"]
    more["unites"] = [[statements[at], sign] for at, sign in more["unites"]]
    more["divides"] = [statements[at] for at in more["divides"]]
    more["counts"] = dict(zip(statements, more["counts"], strict=True))
    return data
