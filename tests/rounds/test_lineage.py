"""The conservation law: what is lost, doubled or made of nothing is found; where statements end; their originals."""

from dataclasses import replace
from itertools import combinations, permutations, product

from rounds.contract import Place, Statement
from rounds.lineage import BROUGHT, LEVELS, NATURES, Choice, Ending, Stage, breaches, endings, roots, taken


def card(name, *parents):
    return Statement(name, {"en": name}, "en", parents=parents)


P1, P2, P3 = card("P1"), card("P2"), card("P3")
WRITTEN = Stage("gather", (), (P1, P2, P3), {name: Place("written", how="written") for name in ("P1", "P2", "P3")})


def compiled(*stood, **places):
    return Stage("compile", (P1, P2, P3), stood, places)


def test_a_list_where_everything_is_accounted_for_has_no_breach():
    merged, piece, other = card("S1", "P1", "P2"), card("S2", "P3"), card("S3", "P3")
    assert breaches([WRITTEN, compiled(merged, piece, other)]) == []


def test_a_statement_may_stay_as_it_is():
    assert breaches([WRITTEN, Stage("rate", (P1, P2, P3), (P1, P2, P3), {"P1": Place("kept")})]) == []


def test_a_proposal_rejected_with_a_reason_is_accounted_for():
    stage = compiled(card("S1", "P1", "P2"), P3=Place("rejected", reason="off topic"))
    assert breaches([WRITTEN, stage]) == []


def test_a_lost_statement_is_found():
    assert breaches([WRITTEN, compiled(card("S1", "P1", "P2"))]) == ["compile: P3 ends in 0 places"]


def test_a_statement_that_ends_twice_is_found():
    stage = compiled(card("S1", "P1", "P2"), card("S2", "P3"), P3=Place("rejected", reason="off topic"))
    assert breaches([WRITTEN, stage]) == ["compile: P3 ends in 2 places"]


def test_a_statement_that_stands_beside_what_was_made_of_it_is_found():
    assert breaches([compiled(P1, P2, P3, card("S1", "P1"))]) == ["compile: P1 ends in 2 places"]


def test_a_doubled_statement_is_found():
    stage = compiled(card("S1", "P1", "P2", "P3"), card("S1", "P1", "P2", "P3"))
    assert breaches([stage]) == ["compile: S1 stands twice"]


def test_a_statement_made_of_nothing_is_found():
    stage = compiled(card("S1", "P1", "P2", "P3"), card("S2"), S2=Place("accepted", how="merged"))
    assert breaches([stage]) == ["compile: S2 has no parent"]


def test_a_statement_may_be_added_by_an_act():
    stage = compiled(card("S1", "P1", "P2", "P3"), card("S2"), S2=Place("accepted", how="added", reason="said aloud"))
    assert breaches([stage]) == []


def test_a_statement_that_the_round_before_did_not_leave_is_found():
    assert breaches([WRITTEN, Stage("rate", (P1, card("P9")), (P1, card("P9")), {})]) == ["rate: P9 came from nowhere"]


def test_statements_end_in_the_last_round_that_had_them_newest_first():
    first, second, added = card("S1", "P1", "P2"), card("S2", "P3"), card("S3")
    places = {"S1": Place("accepted"), "S2": Place("accepted"), "S3": Place("set aside", how="added")}
    middle = Stage("compile", (P1, P2, P3), (first, second, added), places)
    last = Stage("wall", (first, second), (first, second), {"S1": Place("selection"), "S2": Place("bin", reason="no")})
    assert endings([WRITTEN, middle, last]) == [
        Ending(first, "wall", Place("selection"), final=True),
        Ending(second, "wall", Place("bin", reason="no"), final=True),
        Ending(added, "compile", Place("set aside", how="added"), final=False),
    ]


def test_a_statement_without_a_place_stands_at_the_end():
    assert endings([Stage("rate", (), (P1,), {})]) == [Ending(P1, "rate", Place("end"), final=True)]


def test_a_statement_without_parents_is_its_own_root():
    assert roots(P1, {}) == ("P1",)


def test_the_roots_of_a_statement_are_its_originals_in_order_each_once():
    known = {each.id: each for each in (P1, P2, card("S1", "P2"), card("S2", "P1", "P2"))}
    assert roots(card("S3", "S1", "S2"), known) == ("P2", "P1")


def test_a_parent_that_is_not_known_stands_for_itself():
    assert roots(card("S1", "X1", "P1"), {"P1": P1}) == ("X1", "P1")


def test_the_next_round_takes_all_or_one_zone():
    places = {"P1": Place("accepted"), "P2": Place("rejected")}
    assert taken((P1, P2, P3), places, "all") == (P1, P2, P3)
    assert taken((P1, P2, P3), places, "accepted") == (P1,)


def test_of_a_place_or_of_all_only_some_natures_and_levels_are_taken():
    cards = tuple(
        replace(card(f"S{n}"), nature=nature, level=level)
        for n, (nature, level) in enumerate(product((*NATURES, ""), (*LEVELS, "")))
    )
    places = {one.id: Place("kept" if n % 2 else "dropped") for n, one in enumerate(cards)}
    for place, natures, levels in product(("all", "kept"), combinations(NATURES, 2), combinations(LEVELS, 1)):
        found = taken(cards, places, str(Choice(place, natures, levels)))
        assert found == tuple(
            one
            for one in cards
            if one.nature in natures and one.level in levels and place in {"all", places[one.id].zone}
        )
    assert taken(cards, places, "kept/hinders") == tuple(
        one for one in cards if one.nature == "hinders" and places[one.id].zone == "kept"
    )


def test_a_choice_has_one_spelling_that_the_database_holds_and_a_place_alone_is_what_it_was():
    for place, n, m in product(("all", "kept", "undecided", "selection"), range(4), range(4)):
        for natures, levels in product(permutations(NATURES, n), permutations(LEVELS, m)):
            said = str(Choice(place, natures, levels))
            assert len(said) <= 40 and str(Choice.of(said)) == said
            assert set(Choice.of(said).natures) == (set(natures) if n < 3 else set())
            assert set(Choice.of(said).levels) == (set(levels) if m < 3 else set())
        assert str(Choice.of(place)) == place


def test_two_rounds_may_take_of_one_earlier_round_and_nothing_comes_from_nowhere():
    first = Stage("wall", (P1, P2), (P1, P2), {"P1": Place("kept"), "P2": Place("kept")})
    one, other = Stage("one", (P1,), (P1,), {}), Stage("other", (P2,), (P2,), {}, of="wall")
    assert breaches([first, one, other]) == []
    assert breaches([first, one, replace(other, of="")]) == ["other: P2 came from nowhere"]
    assert breaches([first, Stage("more", (P3,), (P3,), {}, of=BROUGHT)]) == []
    ends = {ending.statement.id: ending.round for ending in endings([first, one, other])}
    assert ends == {"P1": "one", "P2": "other"}


def test_another_place_is_chosen_with_the_same_natures_and_levels() -> None:
    chosen = Choice.of("kept/hinders,helps/macro")
    assert str(chosen.with_place("dropped")) == "dropped/helps,hinders/macro"
    assert chosen.with_place("kept") == chosen
