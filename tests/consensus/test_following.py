"""Whom the analysis file follows: nobody by what few share, and nobody found by what the others lack."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Set

import pytest

from consensus import leaves
from consensus.export.following import BLANKED, Asked, Part, follow, let_go, told_columns
from consensus.export.left_out import Answered
from consensus.export.rows import Opened


def panel(dice: random.Random, people: int, rounds: int, stays: float) -> dict[str, tuple[str, ...]]:
    """Names drawn like aliases; three blocks, of which a person is in the same one whenever they answer."""
    names = [f"{dice.getrandbits(40):010x}" for _ in range(people)]
    traces = {}
    for place, name in enumerate(names):
        came = [number == 0 or dice.random() < stays for number in range(rounds)]
        traces[name] = tuple("abc"[place % 3] if is_here else "" for is_here in came)
    return traces


@pytest.mark.parametrize("k", [3, 5])
@pytest.mark.parametrize("seed", range(40))
def test_whoever_is_followed_shares_rounds_and_blocks_with_k_people_and_no_block_lacks_few(seed: int, k: int) -> None:
    dice = random.Random(seed)
    traces = panel(dice, dice.randint(6, 60), dice.randint(1, 4), dice.choice((0.7, 0.9, 1.0)))
    both = frozenset(name for name, trace in traces.items() if all(trace))
    parts = [Part(frozenset(dice.sample(sorted(both), dice.randint(0, len(both)))), dice.choice((0, 0, 1, k)))]
    out = let_go(traces, parts, k)
    followed = Counter(trace for name, trace in traces.items() if name not in out)
    assert all(n >= k for n in followed.values())
    for number in range(len(next(iter(traces.values())))):
        for block in "abc":
            here = {name for name, trace in traces.items() if trace[number] == block}
            assert not here & out or len(here & out) >= k or here <= out
    for part in parts:
        gone = len(part.people & out) + part.lacking
        assert not gone or gone >= k or part.people <= out


def test_everybody_is_followed_where_all_share_everything() -> None:
    traces = {f"n{number}": ("a", "a") for number in range(5)}
    assert let_go(traces, [Part(frozenset(traces))], 5) == frozenset()
    assert let_go(traces, [], 6) == frozenset(traces)


def test_three_who_stopped_after_the_first_round_take_five_along_who_did_not() -> None:
    """With them only, the three would be those of whom the second round has nothing."""
    traces = {f"n{number:02}": ("a", "a" if number < 21 else "") for number in range(24)}
    both = Part(frozenset(name for name, trace in traces.items() if all(trace)))
    out = let_go(traces, [both], 5)
    assert out == {"n00", "n01", "n02", "n03", "n04", "n21", "n22", "n23"}


def test_one_whose_answer_was_erased_takes_along_those_of_the_same_sum() -> None:
    traces = {f"n{number}": ("a", "a") for number in range(12)}
    assert len(let_go(traces, [Part(frozenset(traces), 0, is_lacking=True)], 5)) == 5
    assert len(let_go(traces, [Part(frozenset(traces), 3, is_lacking=True)], 5)) == 5  # two, and then their block
    assert let_go(traces, [Part(frozenset(traces), 5, is_lacking=True)], 5) == frozenset()


def about(group: str, language: str, entered: str) -> dict[str, str]:
    return {"group": group, "language": language, "entered": entered}


def test_columns_are_left_out_in_their_order_until_no_combination_is_rare() -> None:
    alike = [(("a",), about("nurses", "fr", "page"))] * 6
    assert told_columns(alike, 5) == ("entered", "language", "group")
    assert told_columns([*alike, (("a",), about("nurses", "fr", "phone"))], 5) == ("language", "group")
    assert told_columns([*alike, (("a",), about("nurses", "en", "page"))], 5) == ("group",)
    assert told_columns([*alike, (("a",), about("doctors", "fr", "page"))], 5) == ()
    assert told_columns([], 5) == ("entered", "language", "group")


def test_sites_and_arms_are_columns_where_a_session_has_them() -> None:
    base = about("nurses", "fr", "page")
    both = [(("a",), base | {"site": site, "arm": "with"}) for site in ("s1", "s1 s2") for _ in range(5)]
    assert told_columns(both, 5) == BLANKED
    assert told_columns(both, 6) == ("arm", "language", "group"), "five people of two sites are found by it"
    assert told_columns([(("a",), base | {"site": "", "arm": ""})] * 6, 5) == ("entered", "language", "group")


def test_a_column_counts_together_with_the_blocks_of_the_rounds() -> None:
    """Five of each language, and five of each block; of both together fewer."""
    people = [(("ab"[number % 2],), about("", "en" if number < 5 else "fr", "")) for number in range(10)]
    assert told_columns(people, 5) == ("group",)


def asked(key: str, marks: Mapping[int, object], hidden: Set[int] = frozenset()) -> Asked:
    """A round of rating as its leaves tell it. marks: by seat, the answer to its one card; hidden: seats in no file."""
    given = [
        Answered(seat, seat, "a", "P001", None if value is None else {"card": "P001", "values": {"importance": value}})
        for seat, value in marks.items()
    ]
    about = {
        seat: {
            name: Opened(key, "", leaves.person_said(key, f"{key}-{seat:02}", name, said))
            for name, said in (("person", f"p{seat:02}"), ("group", "a"), ("language", "fr"), ("entered", "page"))
        }
        for seat, value in marks.items()
        if value is not None
    }
    shown = {one.seat for one in given if one.marks is not None} - hidden
    return Asked(key, "rating", tuple(given), shown, about)


def test_a_sum_over_two_rounds_less_the_rows_is_of_nobody_or_of_k_people() -> None:
    """Of four people who answered both rounds the file has nothing: what everybody changed, less what the others did,
    would be theirs. Who only does not know is in no such sum."""
    everybody = {seat: 1 + seat % 9 for seat in range(20)}
    first, second = (asked(key, everybody, hidden={16, 17, 18, 19}) for key in ("rating", "rating2"))
    assert follow([first, second], 5).people == 11
    assert follow([first], 5).people == 16
    unknown = asked("rating2", {**everybody, **dict.fromkeys(range(16, 20), "dont_know")}, hidden={16, 17, 18, 19})
    once = follow([asked("rating", everybody, hidden={16, 17, 18, 19}), unknown], 5)
    assert once.people == 16, "they answered the first alone, as nobody else did"


def test_an_answer_that_was_erased_may_be_of_any_sum_over_two_rounds() -> None:
    marks: dict[int, object] = {seat: 1 + seat % 9 for seat in range(16)}
    first, second = (asked(key, {**marks, 16: None}) for key in ("rating", "rating2"))
    assert follow([first, second], 5).people == 11


def test_the_leaves_that_are_opened_join_every_round_and_say_each_thing_once() -> None:
    marks: dict[int, object] = dict.fromkeys(range(6), 5)
    found = follow([asked("rating", marks), asked("rating2", marks)], 5)
    assert (found.people, found.blank, len(found.leaves)) == (6, (), 6 * (2 + 3))
    said = Counter((one.round, one.about) for one in found.leaves)
    assert said == {("rating", "person"): 6, **{("rating2", name): 6 for name in ("person", *found.told)}}
    assert found.told == ("entered", "language", "group")
