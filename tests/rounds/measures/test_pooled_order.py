"""One order of all sessions: one session's own where there is one, and nobody put under what they were not asked."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds.measures.orders import borda
from rounds.measures.pooled_order import leave_one_out, pooled_order
from rounds.measures.pooling import SCHEMES, Origin

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

WIDE = 4
SITES = {"a": "east", "b": "east", "c": "west"}
Study = tuple[np.ndarray, np.ndarray, list[Origin]]
ballot = st.lists(st.integers(0, 3), min_size=WIDE, max_size=WIDE)
whole = st.lists(st.permutations(range(1, WIDE + 1)), min_size=1, max_size=4)


@st.composite
def studies(draw: st.DrawFn, sessions: str = "abc") -> Study:
    ranks, asked, origins = [], [], []
    for session in sessions:
        put = draw(st.lists(st.booleans(), min_size=WIDE, max_size=WIDE))
        for row in draw(st.lists(ballot, max_size=4)):
            ranks.append([rank if there else 0 for rank, there in zip(row, put, strict=True)])
            asked.append(put)
            origins.append(Origin(session, SITES[session], draw(st.sampled_from("pq"))))
    return table(ranks), table(asked).astype(bool), origins


def table(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, dtype=int).reshape(-1, WIDE)


def figures(study: Study) -> object:
    found = pooled_order(*study)
    return found.value, found.n, found.reason, found.more


def put_to_all(*rows: list[int], origins: str = "") -> Study:
    """Everybody was asked everything; origins: a session's letter each."""
    return (
        np.array(rows),
        np.ones((len(rows), len(rows[0])), dtype=bool),
        [Origin(s, SITES[s], "p") for s in origins or "a" * len(rows)],
    )


@given(studies("a"))
def test_one_session_has_its_own_order(study: Study) -> None:
    ranks, asked, _ = study
    found = pooled_order(*study)
    if found.value is None:
        return
    own = borda(ranks[:, asked[0]])
    common = np.flatnonzero(asked[0]).tolist()
    for scheme in ("person", "session", "site"):
        assert found.value[scheme] == tuple(tuple(common[a] for a in tied) for tied in own.value)
    assert found.value["group"] == found.value["nested"] and found.n == own.n


@given(studies())
def test_every_session_twice_changes_no_order(study: Study) -> None:
    ranks, asked, origins = study
    copies = [Origin(f"{o.session} again", o.site, o.group) for o in origins]
    one, other = (
        pooled_order(*study),
        pooled_order(np.vstack([ranks, ranks]), np.vstack([asked, asked]), origins + copies),
    )
    assert (one.value, one.reason) == (other.value, other.reason) and other.n == 2 * one.n


@given(studies("ab"))
def test_a_session_whose_people_all_vote_twice_has_no_more_say(study: Study) -> None:
    ranks, asked, origins = study
    again = [row for row, origin in enumerate(origins) if origin.session == "a"]
    rows = [*range(len(ranks)), *again]
    one, other = pooled_order(*study), pooled_order(ranks[rows], asked[rows], [origins[row] for row in rows])
    if one.value is not None:
        assert all(one.more["points"][scheme] == other.more["points"][scheme] for scheme in ("session", "nested"))


@given(studies(), st.randoms(use_true_random=False))
def test_people_have_no_order_and_sites_no_name(study: Study, chance) -> None:  # type: ignore[no-untyped-def]
    ranks, asked, origins = study
    rows = chance.sample(range(len(ranks)), len(ranks))
    shuffled = ranks[rows], asked[rows], [origins[row] for row in rows]
    renamed = ranks, asked, [Origin(o.session, f"{o.site} of old", o.group) for o in origins]
    assert figures(study) == figures(shuffled) == figures(renamed)


@given(studies())
def test_what_nobody_was_asked_and_who_said_nothing_changes_nothing(study: Study) -> None:
    ranks, asked, origins = study
    one = pooled_order(*study)
    wider = np.hstack([ranks, np.zeros((len(ranks), 1), dtype=int)])
    narrower = np.hstack([asked, np.zeros((len(ranks), 1), dtype=bool)])
    blank = np.vstack([wider, np.zeros((1, WIDE + 1), dtype=int)])
    all_of_it = np.vstack([narrower, np.zeros((1, WIDE + 1), dtype=bool)])
    other = pooled_order(blank, all_of_it, [*origins, Origin("silent", "far", "r")])
    assert (one.value, one.n, one.reason) == (other.value, other.n, other.reason)
    assert one.more["sessions"] == other.more["sessions"], "a session without a ballot restricts nothing"


@given(whole, whole, st.integers(0, WIDE - 1))
def test_not_asked_never_lowers(in_a: list[list[int]], in_b: list[list[int]], gone: int) -> None:
    """A statement that one session was not asked leaves the list; the others keep their order among themselves."""
    ranks, asked, origins = put_to_all(*in_a, *in_b, origins="a" * len(in_a) + "b" * len(in_b))
    some, nobody = asked.copy(), asked.copy()
    some[: len(in_a), gone] = nobody[:, gone] = False
    found, without = pooled_order(ranks * some, some, origins), pooled_order(ranks * nobody, nobody, origins)
    assert found.value == without.value and found.n == len(ranks)
    assert gone not in found.more["common"] and found.more["asked_in"] == {gone: 1}


def test_a_ballot_that_ranks_nothing_in_common_is_counted_and_left_out() -> None:
    ranks = np.array([[1, 2, 0], [0, 0, 1], [2, 1, 0]])
    asked = np.array([[True, True, True], [True, True, True], [True, True, False]])
    found = pooled_order(ranks, asked, [Origin("a", "a", "p"), Origin("a", "a", "q"), Origin("b", "b", "p")])
    assert (found.n, found.more["left_out"], found.flags) == (2, 1, ("dropped_people",))
    assert found.more["asked_in"] == {2: 1} and found.value["group"] == ((0, 1),) and found.more["agree"]


def test_one_common_statement_is_first_and_none_is_no_order() -> None:
    ranks, asked = np.array([[1, 0], [0, 1]]), np.array([[True, False], [False, True]])
    origins = [Origin("a", "a", "p"), Origin("b", "b", "p")]
    assert pooled_order(ranks, asked, origins).reason == "no_common"
    assert pooled_order(ranks[:1], asked[:1], origins[:1]).value == dict.fromkeys(SCHEMES, ((0,),))
    assert pooled_order(np.zeros((2, 2), dtype=int), asked, origins).reason == "empty"
    apart = pooled_order(np.array([[0, 1, 0], [0, 0, 1]]), np.array([[1, 1, 0], [1, 0, 1]]), origins)
    assert apart.reason == "empty" and apart.more["left_out"] == 2, "nobody ranks the one that both were asked"


def test_all_tied_stay_tied() -> None:
    assert pooled_order(*put_to_all([1, 1, 1], [2, 2, 2])).value["person"] == ((0, 1, 2),)


def test_what_does_not_fit_is_refused() -> None:
    ranks, asked, origins = put_to_all([1, 2], [2, 1])
    for wrong in ((ranks, asked[:1], origins), (ranks, asked, origins[:1]), (ranks, ~asked, origins)):
        with pytest.raises(ValueError):
            pooled_order(*wrong)


# Without one of them --------------------------------------------------------------------------------------------------


@given(studies(), st.sampled_from(["session", "group", "person"]), st.sampled_from(SCHEMES), st.integers(1, WIDE))
def test_who_is_left_out_counts_as_if_they_had_never_come(study: Study, by: str, scheme: str, k: int) -> None:
    ranks, asked, origins = study
    found = leave_one_out(*study, k, by=by, scheme=scheme)
    if found.value is None:
        assert found.reason in ("empty", "one_panel", "one_group", "n1", "no_common")
        return
    assert len(found.more["tops"]) == found.more["units"] > 1
    everywhere = list(chain.from_iterable(found.more["tops"].values()))
    assert found.value == {statement: everywhere.count(statement) for statement in found.more["top"]}
    assert set(found.more["enters"]) == set(everywhere) - set(found.more["top"])
    unit = next(iter(found.more["tops"]))
    stay = [
        row
        for row, origin in enumerate(origins)
        if {"session": origin.session, "group": origin.group, "person": row}[by] != unit
    ]
    common = list(pooled_order(*study).more["common"])
    only = np.isin(np.arange(WIDE), common)
    rest = pooled_order(ranks[stay] * only, asked[stay] * only, [origins[row] for row in stay])
    if rest.value is not None:
        assert set(found.more["tops"][unit]) <= set(common)
        first = [tied for tied in rest.value[scheme] if set(tied) & set(found.more["tops"][unit])]
        assert tuple(chain.from_iterable(first)) == found.more["tops"][unit]


@given(studies(), st.randoms(use_true_random=False))
def test_leaving_out_follows_no_order_of_people_and_no_name_of_sites(study: Study, chance) -> None:  # type: ignore[no-untyped-def]
    ranks, asked, origins = study
    rows = chance.sample(range(len(ranks)), len(ranks))
    renamed = [Origin(origins[row].session, str(origins[row].site).upper(), origins[row].group) for row in rows]
    one = leave_one_out(*study, 2, scheme="site")
    other = leave_one_out(ranks[rows], asked[rows], renamed, 2, scheme="site")
    assert (one.value, one.reason, one.n) == (other.value, other.reason, other.n)
    assert one.more.get("tops") == other.more.get("tops")
    assert set(one.more.get("decisive", ())) == set(other.more.get("decisive", ()))


@pytest.mark.parametrize(("by", "reason"), [("session", "one_panel"), ("group", "one_group"), ("person", "n1")])
def test_the_only_one_cannot_be_left_out(by: str, reason: str) -> None:
    assert leave_one_out(*put_to_all([1, 2], [0, 0]), 1, by=by).reason == reason
    assert leave_one_out(*put_to_all([0, 0]), 1, by=by).reason == "empty"


def test_without_a_common_list_nobody_can_be_left_out_of_it() -> None:
    ranks, asked = np.array([[1, 0], [0, 1]]), np.array([[True, False], [False, True]])
    assert leave_one_out(ranks, asked, [Origin("a", "a", "p"), Origin("b", "b", "p")], 1).reason == "no_common"


def test_whoever_alone_ranks_anything_decides_the_list() -> None:
    ranks, asked = np.array([[1, 2, 0], [0, 0, 1]]), np.array([[True, True, False], [True, True, True]])
    found = leave_one_out(ranks, asked, [Origin("a", "a", "p"), Origin("b", "b", "p")], 1)
    assert found.more["tops"] == {"a": (), "b": (0,)} and found.more["decisive"] == ("a",) and found.value == {0: 1}


def test_a_list_has_a_first_place_and_a_unit_a_name() -> None:
    for k, by in ((0, "session"), (1, "site")):
        with pytest.raises(ValueError, match="at least 1"):
            leave_one_out(*put_to_all([1, 2]), k, by=by)
