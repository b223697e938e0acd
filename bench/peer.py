"""The same tasks by other packages: python peer.py TASK DATA.npz prints one JSON line, in any environment that has
the package and numpy.

What a package needs in a form of its own is put into that form before the clock starts, and of the ways it offers to
the same figures the fastest one found is taken. Nothing of this project is imported here: each package runs alone.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np

Data = Mapping[str, Any]  # arrays by name
Work = tuple[Callable[[], Any], Callable[[Any], Any]]  # what is timed, and the figures to compare in what it gives

BUDGET = 2.0  # seconds for one task
FEWEST, MOST = 3, 50  # runs
LONG = 5.0  # seconds; what takes longer is not warmed up: its first run counts


def timed(call: Callable[[], Any]) -> tuple[list[float], Any]:
    """Milliseconds of each run, and what the last run gave. A first run only warms up; no garbage is collected."""
    gc.collect()
    gc.disable()
    try:
        first, result = _run(call)
        times = [first] if first > LONG else []
        while len(times) < FEWEST or (len(times) < MOST and sum(times) < BUDGET):
            seconds, result = _run(call)
            times.append(seconds)
    finally:
        gc.enable()
    return [seconds * 1000 for seconds in times], result


def _run(call: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    result = call()
    return perf_counter() - start, result


def plackett_luce(data: Data) -> Work:
    import choix  # noqa: PLC0415

    orders = [tuple(order) for order in data["orders"].tolist()]
    return lambda: choix.ilsr_rankings(data["orders"].shape[1], orders), lambda found: found - found.mean()


def pairwise(data: Data) -> Work:
    from pref_voting.profiles import Profile  # noqa: PLC0415

    return lambda: Profile(data["orders"], rcounts=data.get("weights")), _supports


def _supports(profile: Any) -> list[list[int]]:
    return [[int(profile.support(a, b)) for b in profile.candidates] for a in profile.candidates]


def borda(data: Data) -> Work:
    from pref_voting.profiles import Profile  # noqa: PLC0415

    profile = Profile(data["orders"])
    return profile.borda_scores, lambda found: [int(found[candidate]) for candidate in profile.candidates]


def schulze(data: Data) -> Work:
    from pref_voting.profiles import Profile  # noqa: PLC0415
    from pref_voting.voting_methods import beat_path  # noqa: PLC0415

    profile = Profile(data["orders"])
    return lambda: beat_path(profile), lambda found: [int(candidate) for candidate in found]


def krippendorff(data: Data) -> Work:
    from krippendorff import alpha  # noqa: PLC0415

    ratings = np.where(data["ratings"] > 0, data["ratings"], np.nan)
    return lambda: alpha(reliability_data=ratings, level_of_measurement="ordinal"), float


def krippendorff_of_counts(data: Data) -> Work:
    from krippendorff import alpha  # noqa: PLC0415

    counts = data["counts"]
    return lambda: alpha(value_counts=counts, level_of_measurement="ordinal"), float


def fleiss(data: Data) -> Work:
    from statsmodels.stats.inter_rater import fleiss_kappa  # noqa: PLC0415

    return lambda: fleiss_kappa(data["counts"], method="fleiss"), float


def components(data: Data) -> Work:
    from scipy.sparse import csr_array  # noqa: PLC0415
    from sklearn.decomposition import PCA  # noqa: PLC0415

    centred = csr_array((data["centred"], data["indices"], data["indptr"]), shape=tuple(data["shape"].tolist()))
    model = PCA(2, svd_solver="arpack", random_state=0)  # several times faster than on the filled matrix
    return lambda: model.fit_transform(centred), lambda found: model.explained_variance_


def silhouette(data: Data) -> Work:
    from sklearn.metrics import silhouette_score  # noqa: PLC0415

    return lambda: silhouette_score(data["points"], data["labels"]), float


def wilcoxon(data: Data) -> Work:
    from scipy.stats import wilcoxon as test  # noqa: PLC0415

    before, after = data["before"], data["after"]
    return lambda: test(after, before, zero_method="pratt", method="asymptotic", axis=0).pvalue, np.asarray


def wilcoxon_loop(data: Data) -> Work:
    from scipy.stats import wilcoxon as test  # noqa: PLC0415

    pairs = list(zip(data["after"].T.copy(), data["before"].T.copy(), strict=True))
    return lambda: [test(*pair, zero_method="pratt", method="asymptotic").pvalue for pair in pairs], np.asarray


def kruskal(data: Data) -> Work:
    from scipy.stats import kruskal as test  # noqa: PLC0415

    samples = [data["ratings"][data["groups"] == group] for group in np.unique(data["groups"])]
    return lambda: test(*samples, axis=0).statistic, np.asarray


def kruskal_loop(data: Data) -> Work:
    from scipy.stats import kruskal as test  # noqa: PLC0415

    whole = [data["ratings"][data["groups"] == group].T.copy() for group in np.unique(data["groups"])]
    return lambda: [test(*samples).statistic for samples in zip(*whole, strict=True)], np.asarray


TASKS: dict[str, tuple[str, Callable[[Data], Work]]] = {  # package, and what it does
    "plackett_luce": ("choix", plackett_luce),
    "pairwise": ("pref_voting", pairwise),
    "borda": ("pref_voting", borda),
    "schulze": ("pref_voting", schulze),
    "krippendorff": ("krippendorff", krippendorff),
    "krippendorff_of_counts": ("krippendorff", krippendorff_of_counts),
    "fleiss": ("statsmodels", fleiss),
    "components": ("scikit-learn", components),
    "silhouette": ("scikit-learn", silhouette),
    "wilcoxon": ("scipy", wilcoxon),
    "wilcoxon_loop": ("scipy", wilcoxon_loop),
    "kruskal": ("scipy", kruskal),
    "kruskal_loop": ("scipy", kruskal_loop),
}


def main(task: str, file: str) -> None:
    package, prepare = TASKS[task]
    with np.load(file) as data:
        call, figures = prepare(dict(data))
    times, result = timed(call)
    found = np.asarray(figures(result), dtype=np.float64).tolist()
    print(json.dumps({"version": version(package), "times": times, "figures": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
