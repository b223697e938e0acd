"""How the input of each measure in a file of cases is laid out, and where its figures stand in the results.

An adapter gives, for each key that may be expected, a function that fetches the figure: only keys that are asked for
are computed. Adapters rearrange and pick; no formula belongs here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from rounds import rules
from rounds.contract import Decision
from rounds.measures import (
    agreement,
    change,
    concordance,
    contrast,
    describe,
    guards,
    landscape,
    margins,
    multiple,
    orders,
    phrases,
    points,
    resampling,
    spread,
    verdicts,
    worth,
)
from rounds.measures import ram as rand
from rounds.measures.counts import count_table
from rounds.measures.kemeny import kemeny, kemeny_set
from rounds.measures.pairwise import doubled_points, pairwise, ranks_of
from rounds.measures.result import Result

Given = Mapping[str, Any]
Figures = Mapping[str, Callable[[], Any]]

MEASURES: dict[str, Callable[[Given], Figures]] = {}


def measure(*names: str) -> Callable[[Callable[[Given], Figures]], Callable[[Given], Figures]]:
    def keep(adapter: Callable[[Given], Figures]) -> Callable[[Given], Figures]:
        MEASURES.update(dict.fromkeys(names, adapter))
        return adapter

    return keep


class Unordered(list[Any]):
    """A list in which the file's order means nothing."""


def more(result: Result, key: str) -> Any:
    """A figure beside the value; undefined with it where the result does not hold it."""
    return result.more.get(key) if result.value is None else result.more[key]


def picked(result: Result, names: Mapping[str, str]) -> Figures:
    """names: key in the file -> key in more."""
    return {key: lambda name=name: more(result, name) for key, name in names.items()}


def exact(number: Any) -> Any:
    """A number of the file as it is written there: 0.1 is a tenth."""
    return None if number is None else Fraction(str(number))


def answers(given: Given) -> Mapping[Any, int]:
    """A distribution, from raw answers or from counts of 1, 2, ..."""
    if "counts" in given:
        return {value: n for value, n in enumerate(given["counts"], 1) if n}
    return Counter(exact(value) for value in given["data"] if value is not None)


def array(rows: Sequence[Any]) -> Any:
    """Numbers, NaN where the file has null."""
    return np.array(rows, dtype=float)


def over(rows: Sequence[Any], figure: Callable[[Any], Any]) -> Any:
    """A figure of each row; of the one row, where the file gives it by itself."""
    return [figure(row) for row in rows] if rows and isinstance(rows[0], list) else figure(rows)


def by_type(figure: Callable[[int], Any]) -> Figures:
    return {f"type{kind}": lambda kind=kind: figure(kind) for kind in range(1, 10)}


# One distribution -----------------------------------------------------------------------------------------------------


@measure("quantile")
def quantile(given: Given) -> Figures:
    shares = given["p"] if isinstance(given["p"], list) else [given["p"]]
    table = answers(given)
    figures = by_type(lambda kind: [describe.quantile(table, str(p), kind).value for p in shares])
    return figures if isinstance(given["p"], list) else {k: lambda f=f: f()[0] for k, f in figures.items()}


@measure("iqr_rule")
def iqr_rule(given: Given) -> Figures:
    def holds(kind: int) -> bool | None:
        width = describe.iqr(answers(given), kind).value
        return None if width is None else width <= exact(given["max"])

    return by_type(holds)


@measure("iqr")
def iqr(given: Given) -> Figures:
    return by_type(lambda kind: describe.iqr(answers(given), kind).value) | {
        "iqr": lambda: describe.iqr(answers(given), given.get("type", 7)).value
    }


@measure("median", "mean")
def middle(given: Given) -> Figures:
    return {
        "median": lambda: describe.median(answers(given)).value,
        "mean": lambda: describe.mean(answers(given)).value,
    }


@measure("cqv")
def cqv(given: Given) -> Figures:
    result = spread.cqv(answers(given), given.get("type", 7))
    return {"cqv": lambda: result.value, "q1": lambda: more(result, "q1"), "q3": lambda: more(result, "q3")}


@measure("modes")
def modes(given: Given) -> Figures:
    result = describe.modes(answers(given))
    return {"modes": lambda: result.value, "votes": lambda: more(result, "votes")}


@measure("wilson")
def wilson(given: Given) -> Figures:
    level = str(given.get("level", "0.95"))
    return {"ci": lambda: [describe.wilson(votes, n, level).value for votes, n in given["pairs"]]}


@measure("balanced")
def balanced(given: Given) -> Figures:
    result = describe.balanced_mean([exact(total) for total in given["sums"]], given["ns"])
    return picked(result, {"pooled": "pooled", "n_eff": "n_eff", "dropped": "dropped"}) | {
        "balanced": lambda: result.value
    }


@measure("weighted_median")
def weighted_median(given: Given) -> Figures:
    values, weights = [exact(value) for value in given["data"]], [str(weight) for weight in given["weights"]]
    return {"median": lambda: describe.weighted_median(values, weights).value}


@measure("eijk")
def eijk(given: Given) -> Figures:
    rows = given["counts"] if "counts" in given else given["shares"]

    def a(row: Sequence[Any]) -> Any:
        given = [exact(number) for number in row]
        is_counted = all(number.denominator == 1 for number in given)
        return spread.eijk([int(number) for number in given]).value if is_counted else spread.eijk_of_shares(given)

    return {
        "A": lambda: over(rows, a),
        "polarization": lambda: over(rows, lambda row: None if a(row) is None else (1 - a(row)) / 2),
    }


@measure("tastle_wierman")
def tastle_wierman(given: Given) -> Figures:
    return {"Cns": lambda: over(given["counts"], lambda row: spread.tastle_wierman(row).value)}


@measure("leik")
def leik(given: Given) -> Figures:
    return {
        "D": lambda: over(given["counts"], lambda row: spread.leik(row).value),
        "consensus": lambda: over(given["counts"], lambda row: more(spread.leik(row), "consensus")),
    }


# Rules ----------------------------------------------------------------------------------------------------------------

WORDS = {Decision.KEPT: "in", Decision.DROPPED: "out", Decision.UNDECIDED: "none"}


class Thirds:
    """The bands of a scale: a third of its points at either end."""

    def __init__(self, top: int) -> None:
        band = (top + 1) // 3
        self.top, self.low, self.high = top, (1, band), (top + 1 - band, top)


def share(given: Given, scope: str = "pooled", blocks: int = 1) -> rules.Share:
    return rules.Share(given["threshold"], given.get("opposite"), scope, blocks)


def word(rule: rules.Share, rows: Sequence[Sequence[int]]) -> str:
    if not any(map(any, rows)):
        return "no data"
    return WORDS[rule.decide_counts({str(block): row for block, row in enumerate(rows)}, Thirds(len(rows[0])))]


@measure("meets")
def meets(given: Given) -> Figures:
    return {"answers": lambda: [rules.meets(votes, n, limit, sign) for votes, n, limit, sign in given["tests"]]}


@measure("min_votes")
def min_votes(given: Given) -> Figures:
    return {"votes": lambda: [rules.votes_needed(n, given["threshold"]) for n in given["n"]]}


@measure("comet")
def comet(given: Given) -> Figures:
    return {"verdict": lambda: [word(share(given), [row]) for row in given["counts"]]}


@measure("group_rule")
def group_rule(given: Given) -> Figures:
    rows = given["counts"]
    return {
        "per_group": lambda: [word(share(given), [row]) for row in rows],
        "pooled": lambda: word(share(given), rows),
        "balanced": lambda: word(share(given, "balanced"), rows),
        "all_groups": lambda: word(share(given, "every"), rows),
        "some_groups": lambda: word(share(given, "some", given["k"]), rows),
    }


@measure("apmo")
def apmo(given: Given) -> Figures:
    result = rand.apmo(given["items"])
    return picked(result, {"in": "in", "out": "out"}) | {"apmo_pct": lambda: result.value}


RAM = "median p30 p70 ipr ai ipras di disagreement_ipras disagreement_classic agreement_classic cls_ipras cls_classic"


@measure("ram")
def ram(given: Given) -> Figures:
    result = rand.ram(given["counts"], given.get("type", 7))
    return picked(result, {key: key for key in RAM.split()}) | {"n": lambda: result.n or None}


@measure("ram_panel_rule")
def ram_panel_rule(given: Given) -> Figures:
    sizes = given["n"] if isinstance(given["n"], list) else [given["n"]]
    return {
        "disagreement_min": lambda: [rand.panel_rule(n)[0] for n in sizes],
        "agreement_max_outside": lambda: [rand.panel_rule(n)[1] for n in sizes],
    }


# Agreement between people ---------------------------------------------------------------------------------------------


@measure("kendall_w")
def kendall_w(given: Given) -> Figures:
    result = agreement.kendall_w(array(given["ratings"]), missing=np.nan)
    names = {key: key for key in ("chi2", "df", "p", "F", "p_f", "dropped", "mean_spearman")}
    return picked(result, names | {"F_p": "p_f", "p_F": "p_f", "df_F": "df_f", "df_f": "df_f"}) | {
        "W": lambda: result.value,
        "n": lambda: result.n,
    }


@measure("krippendorff")
def krippendorff(given: Given) -> Figures:
    def alpha(level: str) -> Any:
        if "counts" in given:
            return agreement.krippendorff_of_counts(given["counts"], level).value
        return agreement.krippendorff(array(given["ratings"]), level, missing=np.nan).value

    return {level: lambda level=level: alpha(level) for level in agreement.LEVELS}


def statement_counts(given: Given) -> Any:
    """(statements, top), from counts or from people's ratings on 1..K."""
    if "counts" in given:
        return np.array(given["counts"])
    ratings = np.nan_to_num(array(given["ratings"])).astype(int)
    top = given.get("K", int(ratings.max(initial=1)))
    return count_table(ratings, np.zeros(len(ratings), dtype=int), top=top, group_count=1)[0]


@measure("gwet")
def gwet(given: Given) -> Figures:
    return {
        f"{coefficient}:{weights}": lambda c=coefficient, w=weights: (
            agreement.chance_corrected(statement_counts(given), c, w).value
        )
        for coefficient in agreement.COEFFICIENTS
        for weights in agreement.WEIGHTS
    }


@measure("fleiss")
def fleiss(given: Given) -> Figures:
    result = agreement.fleiss(statement_counts(given))
    return picked(result, {"p_a": "p_a", "p_e": "p_e"}) | {"kappa": lambda: result.value}


@measure("icc")
def icc(given: Given) -> Figures:
    """The file prints statements as rows and people as columns, as Shrout and Fleiss do."""
    ratings = array(given["ratings"]).T
    return {form: lambda form=form: agreement.icc(ratings, form, missing=np.nan).value for form in agreement.FORMS}


# Orders from ballots --------------------------------------------------------------------------------------------------


def unranked(given: Given) -> Any:
    """What a blank means; a short ballot by default."""
    return {"bottom": "below"}.get(given.get("unranked", "below"), given.get("unranked", "below"))


def ranks(given: Given) -> tuple[Any, Any]:
    """(rows, statements), 0 = not ranked; and how many people gave each row."""
    rows = [ballot(row, given["items"]) for _, row, *_ in given["ballots"]]
    times = [int(times) if times == int(times) else times for times, *_ in given["ballots"]]
    return np.array(rows, dtype=int).reshape(-1, len(given["items"])), np.array(times or [0])[: len(rows)]


def ballot(row: Sequence[Any], statements: Sequence[Any]) -> Any:
    """An order, best first, tied ones in a list."""
    return ranks_of([tuple(entry) if isinstance(entry, list) else entry for entry in row], statements)


def people(given: Given) -> tuple[Any, Any]:
    """As ranks(), one row per person; and the group of each."""
    rows, times = ranks(given)
    groups = np.array(given.get("group", [0] * len(rows)))
    return np.repeat(rows, times, axis=0), np.repeat(groups, times)


def names(items: Sequence[Any], chosen: Any) -> Any:
    return None if chosen is None else [items[a] for a in chosen]


def unordered(found: Any) -> Any:
    return None if found is None else Unordered(found)


def named(items: Sequence[Any], order: Any) -> Any:
    """Names in the places of an order, tied ones together."""
    return None if order is None else [[items[a] for a in place] for place in order]


def listed(items: Sequence[Any], order: Any) -> Any:
    """As named(), flat where nothing is tied."""
    places = named(items, order)
    return [place[0] for place in places] if places and all(len(place) == 1 for place in places) else places


@measure("rank_methods", "pairwise", "borda", "copeland", "schulze", "ranked_pairs", "kemeny", "irv", "condorcet")
def rank_methods(given: Given) -> Figures:
    items = given["items"]
    if "matrix" in given:
        table = np.array(given["matrix"])
        borda = orders.borda_of_table(table, (table + table.T).sum(axis=1))
    else:
        rows, times = ranks(given)
        table = pairwise(rows, unranked=unranked(given), weights=times)
        borda = orders.borda(rows, unranked=unranked(given), weights=times)
    copeland, schulze, tideman = (method(table) for method in (orders.copeland, orders.schulze, orders.ranked_pairs))

    def runoff() -> Result:
        return orders.instant_runoff(rows, weights=times)

    def mean_rank() -> Result:
        return orders.mean_rank(rows, unranked=unranked(given), weights=times)

    return {
        "pairwise": lambda: table,
        "borda": lambda: more(borda, "share" if unranked(given) == "absent" else "points"),
        "borda_order": lambda: named(items, borda.value),
        "mean_rank": lambda: more(mean_rank(), "mean_rank"),
        "mean_rank_order": lambda: named(items, mean_rank().value),
        "copeland": lambda: more(copeland, "score"),
        "copeland_order": lambda: named(items, copeland.value),
        "condorcet_winner": lambda: (
            None if orders.condorcet_winner(table).value is None else items[orders.condorcet_winner(table).value]
        ),
        "schulze_order": lambda: named(items, schulze.value),
        "schulze_winners": lambda: unordered(names(items, more(schulze, "winners"))),
        "schulze_strengths": lambda: more(schulze, "strengths"),
        "ranked_pairs": lambda: listed(items, tideman.value),
        "ranked_pairs_tie": lambda: more(tideman, "tie"),
        "kemeny_order": lambda: listed(items, kemeny(table).value),
        "kemeny_score": lambda: more(kemeny(table), "score"),
        "kemeny_unique": lambda: more(kemeny(table), "unique"),
        "irv_order": lambda: listed(items, runoff().value),
        "irv_winner": lambda: listed(items, runoff().value)[0],
        "irv_tie": lambda: more(runoff(), "tie"),
    }


@measure("kemeny_set")
def kemeny_set_(given: Given) -> Figures:
    items = given["items"]
    if "matrix" in given:
        table = np.array(given["matrix"])
    else:
        rows, times = ranks(given)
        table = pairwise(rows, unranked=unranked(given), weights=times)
    found = kemeny_set(table)
    return {
        "score": lambda: more(found, "score"),
        "count": lambda: more(found, "count"),
        "optimal": lambda: found.value and Unordered([listed(items, order) for order in found.value]),
        "unique": lambda: more(found, "count") == 1,
    }


@measure("borda_ballots")
def borda_ballots(given: Given) -> Figures:
    rows, times = ranks(given)
    return {
        "scores": lambda: doubled_points(rows, unranked=unranked(given)) / 2,
        "total": lambda: more(orders.borda(rows, unranked=unranked(given), weights=times), "points"),
    }


@measure("unranked_meaning")
def unranked_meaning(given: Given) -> Figures:
    rows, times = ranks(given)
    return {
        name: lambda meaning=meaning: pairwise(rows, unranked=meaning, weights=times)
        for name, meaning in (("bottom", "below"), ("below", "below"), ("absent", "absent"))
    }


@measure("balanced_borda")
def balanced_borda(given: Given) -> Figures:
    rows, groups = people(given)
    both = orders.side_by_side(rows, groups, given.get("k", 10), unranked=unranked(given))
    figures: dict[str, Callable[[], Any]] = {"differ": lambda: names(given["items"], both.value)}
    for name in ("pooled", "balanced"):
        figures[name] = lambda name=name: more(both, f"{name}_points")
        figures[f"{name}_order"] = lambda name=name: named(given["items"], more(both, f"{name}_order"))
    return figures


# Between rounds -------------------------------------------------------------------------------------------------------


def pair(given: Given) -> tuple[Any, Any]:
    return array(given["x"]), array(given["y"])


def square(given: Given) -> Any:
    """A table of people by answer before and after, as it is or from their answers on 1..K."""
    if "table" in given:
        return np.array(given["table"])
    x, y = (np.nan_to_num(values).astype(int) for values in pair(given))
    return change.transitions(x, y, given.get("K", int(max(x.max(initial=1), y.max(initial=1)))))


@measure("wilcoxon")
def wilcoxon(given: Given) -> Figures:
    kind = {"asymptotic": "normal", "approx": "normal"}.get(given.get("p", "auto"), given.get("p", "auto"))
    result = change.wilcoxon(*pair(given), given.get("zero", "pratt"), kind, bool(given.get("continuity", False)))
    names = ("w_plus", "w_minus", "p_two_sided", "p_greater", "p_less", "changed")
    return picked(result, {name: name for name in names}) | {
        "rank_biserial": lambda: result.value,
        "n": lambda: result.n,
    }


@measure("square_table")
def square_table(given: Given) -> Figures:
    bowker, maxwell = change.bowker(square(given)), change.stuart_maxwell(square(given))
    return (
        {"bowker": lambda: bowker.value, "sm": lambda: maxwell.value}
        | picked(bowker, {"bowker_df": "df", "bowker_p": "p"})
        | picked(maxwell, {"sm_df": "df", "sm_p": "p"})
    )


@measure("mcnemar_exact", "mcnemar")
def mcnemar(given: Given) -> Figures:
    b, c = (given["b"], given["c"]) if "b" in given else (given["table"][0][1], given["table"][1][0])
    return {
        "p": lambda: change.mcnemar(b, c, given.get("p", "exact")).value,
        "p_chi2": lambda: change.mcnemar(b, c, "chi2").value,
        "chi2": lambda: more(change.mcnemar(b, c, "chi2"), "statistic"),
    }


@measure("weighted_kappa")
def weighted_kappa(given: Given) -> Figures:
    result = change.weighted_kappa(square(given), given.get("weights", "quadratic"))
    return picked(result, {"p_o": "p_o", "p_e": "p_e"}) | {"kappa": lambda: result.value, "n": lambda: result.n}


@measure("spearman")
def spearman(given: Given) -> Figures:
    result = change.spearman(*pair(given))
    return {"rho": lambda: result.value, "n": lambda: result.n}


def settled(given: Given) -> bool | None:
    x, y = (np.nan_to_num(values).astype(int) for values in pair(given))
    return change.is_stable(x, y, given["K"], given.get("same_verdict", True)).value


@measure("stability")
def stability(given: Given) -> Figures:
    net, moved = change.scheibe_of_table(square(given)), change.movement_of_table(square(given))
    return picked(moved, {key: key for key in ("toward", "away", "median_move")}) | {
        "scheibe": lambda: net.value,
        "stable": lambda: settled(given),
        "pairs": lambda: net.n,
        "changed": lambda: more(net, "changed"),
    }


# Between groups -------------------------------------------------------------------------------------------------------


@measure("kruskal")
def kruskal(given: Given) -> Figures:
    result = contrast.kruskal([array(group) for group in given["groups"]])
    names = {"df": "df", "p": "p", "epsilon_squared": "epsilon_squared", "epsilon2": "epsilon_squared"}
    names |= {"eps2": "epsilon_squared", "p_permutation": "p_permutation", "p_exact": "p_permutation"}
    return picked(result, names) | {"H": lambda: result.value, "n": lambda: result.n}


@measure("mann_whitney", "cliff")
def mann_whitney(given: Given) -> Figures:
    x, y = (array(group) for group in given["groups"])
    kind = {"asymptotic": "normal", "approx": "normal"}.get(given.get("p", "auto"), given.get("p", "auto"))
    result = contrast.mann_whitney(x, y, kind, bool(given.get("continuity", False)))
    names = ("p_two_sided", "p_greater", "p_less", "cliff", "label")
    return picked(result, {name: name for name in names}) | {"U": lambda: result.value}


def adjusted(given: Given, method: Callable[[Any], Any]) -> Any:
    return method(array(given["p"]))


@measure("holm")
def holm(given: Given) -> Figures:
    methods = {"holm": multiple.holm, "bh": multiple.benjamini_hochberg}
    return {
        "adjusted": lambda: adjusted(given, methods[given.get("method", "holm")]),
        "holm": lambda: adjusted(given, multiple.holm),
        "bh": lambda: adjusted(given, multiple.benjamini_hochberg),
    }


@measure("bh", "benjamini_hochberg")
def benjamini_hochberg(given: Given) -> Figures:
    return {"adjusted": lambda: adjusted(given, multiple.benjamini_hochberg)}


# Uncertainty ----------------------------------------------------------------------------------------------------------


@measure("bootstrap_topk")
def bootstrap_topk(given: Given) -> Figures:
    times = [many for many, _ in given["scores"]]
    result = resampling.rank_bootstrap(
        np.repeat(array([scores for _, scores in given["scores"]]), times, axis=0),
        np.repeat(np.array(given["group"]), times),
        balanced=given.get("balanced", False),
        k=given["k"],
        seed=given.get("seed", 1),
        resamples=given.get("B", 1000),
    )
    return picked(result, {key: key for key in ("p_top", "mean_rank", "low", "high", "p_above_next")})


# Worths and points ----------------------------------------------------------------------------------------------------


@measure("plackett_luce")
def plackett_luce(given: Given) -> Figures:
    rows = [ballot(row, range(given["m"])) for row in given["orders"]] if "orders" in given else given["ranks"]
    meaning = {"bottom": "below"}.get(given.get("unranked", "absent"), given.get("unranked", "absent"))
    result = worth.plackett_luce(
        np.array(rows, dtype=int),
        weights=given.get("weights"),
        unranked=meaning,
        ghost=given.get("ghost", 0),
    )
    names = {"log_ref0": "log_ref", "log_ref": "log_ref", "worth": "worth", "loglik": "loglik"}
    return picked(result, names) | {
        "log_centred": lambda: result.value,
        "tie_log": lambda: more(result, "tie_log"),
        "tie": lambda: more(result, "tie_log"),
        "mle_exists": lambda: result.value is not None,
    }


@measure("bradley_terry")
def bradley_terry(given: Given) -> Figures:
    wins = np.array(given["wins"])
    result = worth.bradley_terry(wins, ref=given.get("ref", 0), ghost=given.get("ghost", 0))
    return picked(result, {"se": "se", "worth": "worth", "loglik": "loglik"}) | {
        "log_ref": lambda: result.value,
        "log_ref0": lambda: worth.bradley_terry(wins, ref=0, ghost=given.get("ghost", 0)).value,
        "log_centred": lambda: worth.bradley_terry(wins, ref=None, ghost=given.get("ghost", 0)).value,
    }


@measure("strong_connection")
def strong_connection(given: Given) -> Figures:
    return {"mle_exists": lambda: worth.is_connected(np.array(given["wins"]))}


@measure("allocation")
def allocation(given: Given) -> Figures:
    sheets = np.nan_to_num(array(given["points"]))
    groups = np.array(given["group"]) if "group" in given else None
    result = points.allocation(sheets, budget=given.get("budget"), groups=groups)
    names = {key: key for key in ("median_share", "any_points", "hhi", "effective", "pooled_share", "over_budget")}
    return picked(result, names) | {"n_used": lambda: result.n, "mean_share": lambda: result.value}


@measure("chnri")
def chnri(given: Given) -> Figures:
    weights = [exact(weight) for weight in given["weights"]] if given.get("weights") else None
    result = points.chnri(array(given["answers"]), weights=weights)
    names = {key: key for key in ("per_criterion", "aea", "informed")}
    return picked(result, names) | {"rps": lambda: result.value, "n": lambda: result.n}


# Opinion landscape ----------------------------------------------------------------------------------------------------


@measure("prop_tests")
def prop_tests(given: Given) -> Figures:
    return {
        "one": lambda: [landscape.proportion_test(successes, n) for successes, n in given["one"]],
        "two": lambda: [landscape.two_proportions(*counts) for counts in given["two"]],
    }


@measure("repness")
def repness(given: Given) -> Figures:
    agree, disagree, seen = (np.array(given[key]) for key in ("na", "nd", "ns"))
    result = landscape.representativeness(agree, disagree, seen)

    def alone(figures: Any) -> Any:
        """One statement's figure by itself."""
        return figures if figures is None or len(figures) > 1 else figures[0]

    def of_group(key: str) -> Any:
        return alone(more(result, given.get("for", "agree"))[key][given["group"]])

    return {key: lambda key=key: of_group(key) for key in ("p", "p_test", "rep", "rep_test")} | {
        "group_informed_consensus": lambda: alone(landscape.group_informed_consensus(agree, seen).value),
    }


@measure("pca_missing")
def pca_missing(given: Given) -> Figures:
    """An axis may point either way."""
    result = landscape.components(array(given["votes"]))

    def size(figures: Any, place: Any) -> Any:
        return None if figures is None else np.abs(figures[place])

    figures: dict[str, Callable[[], Any]] = {"eigenvalues": lambda: more(result, "eigenvalues")}
    for axis in (0, 1):
        figures[f"abs_pc{axis + 1}"] = lambda axis=axis: size(more(result, "loadings"), axis)
        figures[f"abs_proj{axis + 1}"] = lambda axis=axis: size(result.value, (slice(None), axis))
    return figures


@measure("silhouette")
def silhouette(given: Given) -> Figures:
    result = landscape.silhouette(given["distances"], given["labels"])
    return {
        "mean": lambda: result.value,
        "each": lambda: more(result, "each"),
        "first": lambda: more(result, "each")[0],
    }


# Words and certainty --------------------------------------------------------------------------------------------------


@measure("certainty")
def certainty(given: Given) -> Figures:
    p_top, margin = exact(given.get("p_top")), given.get("margin")
    return {
        "code": lambda: phrases.place_code(given["first"], given["last"], given["k"], p_top),
        "few": lambda: phrases.is_few(margin, given["n"]),
    }


class Ends:
    """The bands of a scale as the file gives them."""

    def __init__(self, top: int, low: Sequence[int], high: Sequence[int]) -> None:
        self.top, self.low, self.high = top, (low[0], low[1]), (high[0], high[1])


@measure("group_stance")
def group_stance(given: Given) -> Figures:
    rule = share(given)
    verdict = {word: decision for decision, word in WORDS.items()}[given.get("verdict", "in")]
    boxes = [rules.Box(*row) for row in given["boxes"]]

    def stance(box: rules.Box) -> str:
        is_with = rule.decide({"": box}) is verdict
        return verdicts.group_stance(box, verdict, rule, given["k"], is_with=is_with)

    return {"stance": lambda: [stance(box) for box in boxes]}


@measure("undecided_cause")
def undecided_cause(given: Given) -> Figures:
    def cause(row: Sequence[int]) -> str:
        bands = Ends(len(row), given["low"], given["high"]) if "low" in given else Thirds(len(row))
        return verdicts.undecided_cause(rules.box_of(row, bands), spread.eijk(row).value, share(given))

    return {"cause": lambda: [cause(row) for row in given["counts"]]}


@measure("verdict_change")
def verdict_change(given: Given) -> Figures:
    before, after = (np.nan_to_num(array(given[key])).astype(int) for key in ("before", "after"))
    top = max(given.get("K", 0), given["high"][1], int(before.max(initial=1)), int(after.max(initial=1)))
    bands, together = Ends(top, given["low"], given["high"]), np.zeros(len(before))
    then, now = (verdicts.decider(share(given), bands, ratings, together) for ratings in (before, after))
    result = verdicts.verdict_change(before, after, then, now)

    def verdict(key: str) -> str | None:
        return None if result.value is None else WORDS[result.more[key]]

    sides = ("before", "after", "stayers_before", "stayers_after")
    return picked(result, {key: key for key in ("stayed", "changed", "left", "joined")}) | {
        "cause": lambda: result.value,
        **{key: lambda key=key: verdict(key) for key in sides},
    }


@measure("edge_margin")
def edge_margin(given: Given) -> Figures:
    items = given["items"]
    rows, times = ranks(given)
    result = margins.edge_margin(np.repeat(rows, times, axis=0), given["k"], limit=given.get("limit"))

    def item(key: str) -> Any:
        place = more(result, key)
        return None if place is None else items[place]

    keys = ("gap", "tie", "swap", "leave", "edge_tied", "reverse", "bound")
    return picked(result, {key: key for key in keys}) | {
        "n": lambda: result.n,
        "set": lambda: result.value,
        "inside": lambda: item("inside"),
        "outside": lambda: item("outside"),
    }


def concordant(result: Result) -> Figures:
    keys = ("expected", "adjusted", "chi2", "df", "p", "sm", "people", "statements", "answers")
    return picked(result, {key: key for key in keys}) | {
        "W": lambda: result.value,
        "reason": lambda: result.reason or None,
    }


@measure("w_incomplete")
def w_incomplete(given: Given) -> Figures:
    return concordant(concordance.w_incomplete(np.nan_to_num(array(given["ratings"]))))


@measure("ranking_w")
def ranking_w(given: Given) -> Figures:
    rows, times = ranks(given)
    return concordant(concordance.ranking_w(np.repeat(rows, times, axis=0), unranked(given)))


@measure("panel_people")
def panel_people(given: Given) -> Figures:
    result = guards.panel_people(np.nan_to_num(array(given["ratings"])), given["fewest"])
    return picked(result, {key: key for key in result.more}) | {"shown": lambda: result.value}


@measure("interval_guard")
def interval_guard(given: Given) -> Figures:
    result = guards.interval_guard(np.nan_to_num(array(given["ratings"])), given["strata"])
    return picked(result, {key: key for key in result.more}) | {
        "defined": lambda: result.value is not None,
        "reason": lambda: result.reason or None,
    }


# What has a file of its own registers itself here.
for study in ("tests.reference_panels", "tests.reference_voice"):
    import_module(study)
