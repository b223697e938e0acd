"""Who answers alike: a map of people from their votes, groups in it above what chance draws, and what sets them apart.

Votes are +1, 0 (passed) and -1; a statement not voted on is missing, never 0. The method is Polis' (Small et al. 2021,
doi 10.6035/recerca.5516), with a test before any group is shown. The same tests serve declared groups, which come
first. No weighting of groups, no score of a person and no rule of decision belong here.

votes, everywhere: (people, statements), either dense with NaN where there is no vote, or a scipy sparse array whose
stored entries, zeros too, are the votes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rounds.measures.result import Result, undefined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Sparse = Any  # scipy.sparse.csr_array: scipy has no types

Z = 1.2816  # one-sided 90 %
DENSE = 64  # statements or people up to which the whole decomposition is the quickest
VOTES = 7  # cast by a person who enters the search for groups
ENTRANTS = 15  # fewer than these: the most active enter too
PEOPLE = 40  # below it no group is looked for
MOST = 5  # groups
STARTS = 5  # of k-means
STEPS = 100  # of each
SAMPLE = 1500  # people whose silhouette is taken
ACTIONS = {"agree": 1, "disagree": -1}


# -- the map


def components(votes: ArrayLike | Sparse) -> Result:
    """Two principal components, blanks filled with the statement's mean, and where they put each person.

    value: (n, 2), the sum over the statements a person saw, times sqrt(statements / seen); NaN without a vote.
    more: loadings (2, m), the largest of each positive; eigenvalues (2,), variances over people - 1; share (2,) of
    the variance after filling; means (m,); seen (n,). A second component the data do not have is zero.

    n: people with a vote. Undefined: empty, n1, constant (each statement's voters all vote alike).
    """
    table = as_table(votes)
    seen = np.diff(table.indptr)
    n = int((seen > 0).sum())
    if n < 2:
        return undefined("n1" if n else "empty", n=n, method="components")
    centred, means = _centred(table)
    variance = float(centred.data @ centred.data) / (n - 1)
    if not variance:
        return undefined("constant", n=n, method="components")
    loadings, strength = _axes(centred)
    eigenvalues = strength**2 / (n - 1)
    more = {
        "loadings": loadings,
        "eigenvalues": eigenvalues,
        "share": eigenvalues / variance,
        "means": means,
        "seen": seen,
    }
    return Result(_placed(centred, loadings), n, "components", more=more)


def as_table(votes: ArrayLike | Sparse) -> Sparse:
    """The votes as a sparse array. ValueError for anything but +1, 0 and -1."""
    from scipy.sparse import csr_array, issparse  # noqa: PLC0415 - only maps need it

    if issparse(votes):
        table = csr_array(votes, dtype=np.float64)
    else:
        dense = np.asarray(votes, dtype=np.float64)
        if dense.ndim != 2:
            raise ValueError("votes are (people, statements)")
        at = np.nonzero(~np.isnan(dense))
        table = csr_array((dense[at], at), shape=dense.shape)
    if not np.isin(table.data, (-1, 0, 1)).all():
        raise ValueError("a vote is +1, 0 or -1")
    return table


def _centred(table: Sparse) -> tuple[Sparse, Floats]:
    """Votes less their statement's mean: missing ones, filled with it, stay the zeros that are not stored."""
    size = table.shape[1]
    count = np.bincount(table.indices, minlength=size)
    total = np.bincount(table.indices, table.data, size)
    means = np.full(size, np.nan)
    np.divide(total, count, out=means, where=count > 0)
    centred = table.copy()
    centred.data = table.data - means[table.indices]
    return centred, means


def _axes(centred: Sparse) -> tuple[Floats, Floats]:
    """Loadings (2, m) and singular values (2,), strongest first."""
    size = min(centred.shape)
    if size <= DENSE:
        _, strength, axes = np.linalg.svd(centred.toarray(), full_matrices=False)
    else:
        from scipy.sparse.linalg import svds  # noqa: PLC0415 - only large maps need it

        start = np.random.default_rng(0).standard_normal(size)
        _, strength, axes = svds(centred, k=2, v0=start)
        strength, axes = strength[::-1], axes[::-1]
    strength, axes = np.append(strength, 0)[:2], np.vstack([axes, np.zeros(axes.shape[1])])[:2]
    real = strength > strength[0] * 1e-10
    sign = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    return axes * (sign * real)[:, None], strength * real


def placed(votes: ArrayLike | Sparse, loadings: Floats, means: Floats) -> Floats:
    """Where people stand on a map made without them, or with: (n, 2), NaN without a vote on a statement of the map.

    votes: (n, m). loadings (2, m) and means (m,): of components(); a statement whose mean is NaN is left out, as if
    unseen.
    """
    table = as_table(votes).copy()
    asked = ~np.isnan(means)[table.indices]
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))[asked]
    at = table.indices[asked]
    centred = type(table)((table.data[asked] - means[at], (rows, at)), shape=table.shape)
    return _placed(centred, loadings)


def _placed(centred: Sparse, loadings: Floats) -> Floats:
    seen = np.diff(centred.indptr)[:, None]
    scale = np.full(seen.shape, np.nan)
    np.divide(centred.shape[1], seen, out=scale, where=seen > 0)
    points: Floats = (centred @ loadings.T) * np.sqrt(scale)
    return points


# -- groups in it


def clusters(points: ArrayLike, *, seed: int) -> Result:
    """Groups of points by k-means, as many as give the best mean silhouette: 2 up to min(5, 2 + n // 12).

    points: (n, d); a row with NaN is in no group. value: (n,) labels, 0 for the largest group, -1 for none. more: k;
    silhouette; silhouettes by k asked for; sizes; centres (k, d). The order of the rows changes nothing. Of more than
    1,500 points (parameter sample) as many are drawn for the search and the silhouette, and the others join the
    nearest centre.

    n: points in a group. Undefined: empty; too_few under 3; constant if all drawn are in one place.
    """
    given = np.asarray(points, dtype=np.float64)
    there = np.flatnonzero(~np.isnan(given).any(axis=1))
    n = len(there)
    parameters = {"seed": seed, "sample": SAMPLE, "starts": STARTS}
    if n < 3:
        return undefined("too_few" if n else "empty", n=n, method="clusters", parameters=parameters)
    along = there[np.lexsort(given[there].T[::-1])]
    ordered = given[along]
    found, silhouettes = _grouped(ordered, np.random.default_rng(seed))
    if not found:
        return undefined("constant", n=n, method="clusters", parameters=parameters)
    k = max(silhouettes, key=lambda groups: silhouettes[groups])
    sizes = np.bincount(found[k])
    centres = np.stack([ordered[found[k] == name].mean(axis=0) for name in range(len(sizes))])
    by_size = np.lexsort((*centres.T[::-1], -sizes))
    labels = np.full(len(given), -1)
    labels[along] = np.argsort(by_size)[found[k]]
    more = {
        "k": len(sizes),
        "silhouette": silhouettes[k],
        "silhouettes": silhouettes,
        "sizes": sizes[by_size],
        "centres": centres[by_size],
    }
    return Result(labels, n, "clusters", parameters, more)


def _grouped(points: Floats, rng: np.random.Generator) -> tuple[dict[int, Ints], dict[int, float]]:
    """Labels and mean silhouette by number of groups."""
    n = len(points)
    chosen = points[_drawn(n, rng)]
    between = np.sqrt(_squares(chosen, chosen))
    found, silhouettes = {}, {}
    for k in range(2, min(MOST, 2 + n // 12, len(np.unique(chosen, axis=0)), n - 1) + 1):
        centres = min((_settled(chosen, _start(chosen, k, rng)) for _ in range(STARTS)), key=lambda end: end[1])[0]
        found[k] = np.unique(_squares(points, centres).argmin(axis=1), return_inverse=True)[1]
        silhouettes[k] = float(_silhouettes(between, _squares(chosen, centres).argmin(axis=1)).mean())
    return found, silhouettes


def _drawn(n: int, rng: np.random.Generator) -> Ints:
    every: Ints = np.arange(n)
    return every if n <= SAMPLE else np.sort(rng.choice(n, SAMPLE, replace=False))


def _start(points: Floats, k: int, rng: np.random.Generator) -> Floats:
    """k points far from each other: k-means++ (Arthur & Vassilvitskii 2007)."""
    centres: Floats = points[rng.integers(len(points))][None]
    while len(centres) < k:
        reach = np.cumsum(_squares(points, centres).min(axis=1))
        far = int(np.searchsorted(reach, rng.random() * reach[-1], side="right"))
        centres = np.vstack([centres, points[far]])
    return centres


def _settled(points: Floats, centres: Floats) -> tuple[Floats, float]:
    """Lloyd's algorithm: the centres it ends at, and the squared distance left."""
    labels = np.full(len(points), -1)
    for _ in range(STEPS):
        squares = _squares(points, centres)
        before, labels = labels, squares.argmin(axis=1)
        if np.array_equal(before, labels):
            break
        inside = (labels[:, None] == np.arange(len(centres))).astype(np.float64)
        sizes = inside.sum(axis=0)[:, None]
        centres = np.where(sizes > 0, inside.T @ points / np.maximum(sizes, 1), centres)
    return centres, float(squares.min(axis=1).sum())


def _squares(points: Floats, centres: Floats) -> Floats:
    total = np.zeros((len(points), len(centres)))
    for axis in range(points.shape[1]):
        total += (points[:, axis, None] - centres[:, axis]) ** 2
    return total


def silhouette(distances: ArrayLike, labels: ArrayLike) -> Result:
    """How much nearer people are to their own group than to the next one, -1..1: the mean over people.

    distances: (n, n). labels: (n,), 0..k-1. more: each (n,); k. Alone in a group counts 0, and so does equal
    distance (Rousseeuw 1987, doi 10.1016/0377-0427(87)90125-7). Undefined: empty; one_group.
    """
    between, label = np.asarray(distances, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    n, k = len(label), len(np.unique(label))
    if k < 2:
        return undefined("one_group" if n else "empty", n=n, method="silhouette")
    each = _silhouettes(between, label)
    return Result(float(each.mean()), n, "silhouette", more={"each": each, "k": k})


def silhouette_of_points(points: ArrayLike, labels: ArrayLike, *, seed: int) -> Result:
    """The silhouette of declared groups on the map, by straight distance; of a drawn 1,500 where there are more.

    points: (n, d), a row with NaN is left out; labels: (n,), 0..k-1, -1 = none. n: people counted. more, reasons: as
    silhouette.
    """
    place, label = np.asarray(points, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    there = np.flatnonzero(~np.isnan(place).any(axis=1) & (label >= 0))
    chosen = there[_drawn(len(there), np.random.default_rng(seed))]
    found = silhouette(np.sqrt(_squares(place[chosen], place[chosen])), label[chosen])
    return replace(found, parameters={"seed": seed, "sample": SAMPLE})


def _silhouettes(between: Floats, labels: Ints) -> Floats:
    inside = labels[:, None] == np.unique(labels)
    sizes = inside.sum(axis=0)
    total = between @ inside
    own = total[inside] / np.maximum(sizes @ inside.T - 1, 1)
    other = np.where(inside, np.inf, total / sizes).min(axis=1)
    widest = np.maximum(own, other)
    counts = (sizes @ inside.T > 1) & (widest > 0)
    each: Floats = np.where(counts, other - own, 0) / np.where(counts, widest, 1)
    return each


def noise_threshold(votes: ArrayLike | Sparse, *, seed: int, permutations: int = 100, people: int = 500) -> Result:
    """The silhouette that groups must exceed: the 95th percentile of those found where votes are dealt at random.

    Each statement's votes are shuffled among those who voted on it: who saw what and every tally stay, groups go.
    With more than `people` people who enter, as many are drawn, and `observed` is of the same people. more:
    silhouettes (permutations,), observed. Undefined: as components and clusters.
    """
    table = as_table(votes)
    table = table[entrants(table)]
    parameters = {"seed": seed, "permutations": permutations, "people": people}
    rng = np.random.default_rng(seed)
    if table.shape[0] > people:
        table = table[np.sort(rng.choice(table.shape[0], people, replace=False))]
    placed = components(table)
    grouped = clusters(placed.value, seed=seed) if placed.value is not None else placed
    if grouped.value is None:
        return undefined(grouped.reason, n=placed.n, method="noise_threshold", parameters=parameters)
    centred = _centred(table)[0].tocsc()
    column = np.repeat(np.arange(table.shape[1]), np.diff(centred.indptr))
    silhouettes = np.array([_dealt(centred, column, rng) for _ in range(permutations)])
    more = {"silhouettes": silhouettes, "observed": grouped.more["silhouette"]}
    return Result(float(np.quantile(silhouettes, 0.95)), placed.n, "noise_threshold", parameters, more)


def _dealt(centred: Sparse, column: Ints, rng: np.random.Generator) -> float:
    dealt = centred.copy()
    dealt.data = centred.data[np.argsort(column + rng.random(len(column)))]
    dealt = dealt.tocsr()
    return float(max(_grouped(_placed(dealt, _axes(dealt)[0]), rng)[1].values()))


def entrants(votes: ArrayLike | Sparse) -> NDArray[np.bool_]:
    """Who has cast enough votes for a place in a group: seven, or all there are; if under 15 have, the 15 most
    active and those as active as they.
    """
    table = as_table(votes)
    seen: Ints = np.diff(table.indptr)
    fifteenth = int(np.sort(seen)[-ENTRANTS]) if len(seen) >= ENTRANTS else 1
    enough: NDArray[np.bool_] = seen >= max(1, min(VOTES, table.shape[1], fifteenth))
    return enough


def landscape(
    votes: ArrayLike | Sparse,
    groups: ArrayLike | None = None,
    *,
    seed: int,
    permutations: int = 100,
    people: int = 500,
) -> Result:
    """The map, what sets declared groups apart, and groups found in it where there are more than chance would draw.

    groups: (n,) declared ones, 0..G-1, -1 for none. value: (n,) labels of the groups found, -1 for people who have
    not voted enough to enter. more: entered (n,); points (n, 2), NaN for who did not enter; the rest of components, of
    those who did; silhouette, silhouettes, sizes of clusters; threshold and observed of noise_threshold; found and
    declared, each what representativeness and group_informed_consensus say of these groups, all their people
    included: sets_apart, consensus.

    n: people who entered. Undefined, more as far as it goes: as components; too_few under 40; noise where the
    silhouette does not exceed the threshold. With many people the threshold is that of a drawn 500: fewer points
    scatter more, so it errs towards showing no groups.
    """
    table = as_table(votes)
    entered = entrants(table)
    n = int(entered.sum())
    parameters = {"seed": seed, "permutations": permutations, "people": people}
    placed = components(table[entered])
    points = np.full((len(entered), 2), np.nan)
    more: dict[str, Any] = {**placed.more, "points": points, "entered": entered}
    if groups is not None:
        more["declared"] = _apart(table, np.asarray(groups, dtype=np.int64))
    if placed.value is not None:
        points[entered] = placed.value
    reason = placed.reason or ("too_few" if n < PEOPLE else "")
    if reason:
        return undefined(reason, n=n, method="landscape", parameters=parameters, more=more)
    found = clusters(points, seed=seed)
    noise = noise_threshold(table, seed=seed, permutations=permutations, people=people)
    more |= {key: found.more[key] for key in ("silhouette", "silhouettes", "sizes")}
    more |= {"threshold": noise.value, "observed": noise.more["observed"]}
    if found.more["silhouette"] <= noise.value:
        return undefined("noise", n=n, method="landscape", parameters=parameters, more=more)
    more["found"] = _apart(table, found.value)
    return Result(found.value, n, "landscape", parameters, more)


def _apart(table: Sparse, labels: Ints) -> dict[str, Any]:
    counts = tallies(table, labels)
    return {
        "sets_apart": representativeness(*counts).value,
        "consensus": group_informed_consensus(counts[0], counts[2]).value,
    }


# -- what sets a group apart, found or declared


def tallies(votes: ArrayLike | Sparse, labels: ArrayLike) -> tuple[Ints, Ints, Ints]:
    """Who agreed, who disagreed and who voted at all, each (groups, statements). labels: (n,), 0..G-1, -1 = none."""
    table, label = as_table(votes), np.asarray(labels, dtype=np.int64)
    shape = (int(label.max(initial=-1)) + 1, table.shape[1])
    of_vote = np.repeat(label, np.diff(table.indptr))
    cell = of_vote * shape[1] + table.indices

    def count(chosen: NDArray[np.bool_]) -> Ints:
        return np.bincount(cell[chosen & (of_vote >= 0)], minlength=shape[0] * shape[1]).reshape(shape)

    return count(table.data > 0), count(table.data < 0), count(np.isfinite(table.data))


def proportion_test(successes: ArrayLike, n: ArrayLike) -> Floats:
    """z of a share against one half, one success added: 2 sqrt(n + 1) ((s + 1) / (n + 1) - 1/2). Any shape.

    1 where n is 0: the success added, alone. It never passes the threshold of 1.2816.
    """
    s, trials = np.asarray(successes, dtype=np.float64) + 1, np.asarray(n, dtype=np.float64) + 1
    z: Floats = 2 * np.sqrt(trials) * (s / trials - 0.5)
    return z


def two_proportions(s_in: ArrayLike, s_out: ArrayLike, n_in: ArrayLike, n_out: ArrayLike) -> Floats:
    """z of one share against another with the pooled variance, one added to all four counts. Any shape.

    0 where everyone on both sides agrees: the two shares are the same.
    """
    s1, s2, n1, n2 = (np.asarray(count, dtype=np.float64) + 1 for count in (s_in, s_out, n_in, n_out))
    pooled = (s1 + s2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    z = np.zeros_like(variance)
    np.divide(s1 / n1 - s2 / n2, np.sqrt(variance), out=z, where=variance > 0)
    return z


def representativeness(agree: ArrayLike, disagree: ArrayLike, seen: ArrayLike) -> Result:
    """The statements on which each group votes as one, and otherwise than all other people together.

    agree, disagree, seen: (groups, statements) counts. value: by group, (statement, +1 agrees or -1 disagrees), those
    whose p_test and rep_test both exceed 1.2816, largest product of the four figures first. more, for "agree" and
    "disagree", each (groups, statements): p = (votes + 1) / (seen + 2); p_test, of one share (proportion_test); rep =
    p / p of the others; rep_test, of both shares (two_proportions). A group that saw nothing has p = 1/2 and passes
    no test.

    n: the most people who saw one statement. Undefined: empty; one_group.
    """
    counts = {"agree": np.asarray(agree), "disagree": np.asarray(disagree)}
    shown = np.asarray(seen)
    n = int(shown.sum(axis=0).max(initial=0))
    if len(shown) < 2 or not n:
        return undefined("one_group" if n else "empty", n=n, method="representativeness", parameters={"z": Z})
    others = shown.sum(axis=0) - shown
    more = {}
    for action, own in counts.items():
        rest = own.sum(axis=0) - own
        p = (own + 1) / (shown + 2)
        more[action] = {
            "p": p,
            "p_test": proportion_test(own, shown),
            "rep": p / ((rest + 1) / (others + 2)),
            "rep_test": two_proportions(own, rest, shown, others),
        }
    value = tuple(_listed(more, group) for group in range(len(shown)))
    return Result(value, n, "representativeness", {"z": Z}, more)


def _listed(figures: dict[str, dict[str, Floats]], group: int) -> tuple[tuple[int, int], ...]:
    rows = []
    for action, sign in ACTIONS.items():
        p, p_test, rep, rep_test = (figure[group] for figure in figures[action].values())
        product = p * p_test * rep * rep_test
        rows += [(-product[at], at, sign) for at in np.flatnonzero((p_test > Z) & (rep_test > Z)).tolist()]
    return tuple((statement, sign) for _, statement, sign in sorted(rows))


def group_informed_consensus(votes: ArrayLike, seen: ArrayLike) -> Result:
    """How far every group agrees: the product over groups of (agree + 1) / (seen + 2), by statement.

    votes, seen: (groups, statements) counts; for consensus against, give those who disagree. value: (m,), NaN for a
    statement nobody saw. A group that did not see it counts one half. n: as representativeness. Undefined: empty.
    """
    shown = np.asarray(seen)
    people = shown.sum(axis=0)
    n = int(people.max(initial=0))
    if not n:
        return undefined("empty", n=0, method="group_informed_consensus")
    products = ((np.asarray(votes) + 1) / (shown + 2)).prod(axis=0)
    return Result(np.where(people > 0, products, np.nan), n, "group_informed_consensus")
