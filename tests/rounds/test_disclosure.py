"""Disclosure: nothing under k, nothing in steps under three people, nothing by subtraction."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rounds import rating
from rounds.contract import Ballot, Block, Role, Round, Statement
from rounds.disclosure import STEP, Gate, Mode, may_see, may_tighten, pool, released

settings.register_profile("unhurried", deadline=None)  # a busy machine may pause anywhere
settings.load_profile("unhurried")

K = 5
ROLES = [*Role, None]
PANEL = [("patients", 5), ("caregivers", 4), ("clinicians", 6), ("managers", 4), ("community", 3), ("ministry", 2)]
IN_POOLING_ORDER = [
    ("patients", 5),
    ("clinicians", 6),
    ("caregivers", 4),
    ("community", 3),
    ("managers", 4),
    ("ministry", 2),
]


def sizes(blocks):
    return {block.key: block.seats for block in blocks}


def test_the_demo_panel_makes_four_blocks():
    assert sizes(pool(IN_POOLING_ORDER, K)) == {
        "patients": 5,
        "clinicians": 6,
        "caregivers+community": 7,
        "managers+ministry": 6,
    }


def test_another_declared_order_makes_other_blocks():
    assert sizes(pool(PANEL, K)) == {"patients": 5, "caregivers+managers": 8, "clinicians": 6, "community+ministry": 5}


def test_with_fewer_than_2k_people_there_is_one_block():
    assert sizes(pool([("patients", 5), ("clinicians", 4)], K)) == {"patients+clinicians": 9}
    assert sizes(pool([("patients", 2)], K)) == {"patients": 2}
    assert sizes(pool([("patients", 5), ("clinicians", 5)], K)) == {"patients": 5, "clinicians": 5}


def test_what_is_left_over_joins_the_smallest_pool_or_the_smallest_block():
    groups = [("a", 3), ("b", 3), ("c", 4), ("d", 1), ("e", 2)]
    assert sizes(pool(groups, K)) == {"a+b": 6, "c+d+e": 7}
    assert sizes(pool([("a", 7), ("b", 6), ("c", 2)], K)) == {"a": 7, "b+c": 8}


def test_groups_without_seats_are_left_out():
    assert pool([], K) == () and pool([("a", 0)], K) == ()
    assert sizes(pool([("a", 5), ("b", 0), ("c", 5)], K)) == {"a": 5, "c": 5}


@given(st.lists(st.integers(0, 12), max_size=8), st.integers(1, 8))
def test_every_group_is_in_one_block_and_no_block_is_under_k(numbers, k):
    groups = [(f"group{place}", seats) for place, seats in enumerate(numbers)]
    blocks = pool(groups, k)
    assert sorted(key for block in blocks for key in block.groups) == [key for key, seats in groups if seats]
    assert sum(block.seats for block in blocks) == sum(numbers)
    assert all(block.seats >= k for block in blocks) or len(blocks) == 1
    assert len(blocks) <= 1 or sum(numbers) >= 2 * k


def viewers():
    return product(ROLES, [False, True], [False, True], [False, True])


@pytest.mark.parametrize("mode", Mode)
def test_once_closed_everyone_sees(mode):
    assert all(may_see(mode, role, closed=True) for role in ROLES)


def test_live_everyone_sees_at_close_nobody_does():
    for role, _, answered, shown in viewers():
        assert may_see(Mode.LIVE, role, False, answered, shown)
        assert not may_see(Mode.AT_CLOSE, role, False, answered, shown)


def test_after_own_only_a_participant_who_answered_sees():
    for role, _, answered, shown in viewers():
        seen = may_see(Mode.AFTER_OWN, role, False, answered, shown)
        assert seen is (role is Role.PARTICIPANT and answered)


def test_in_the_facilitator_mode_the_team_sees_and_the_projector_what_is_shown():
    team = {Role.FACILITATOR, Role.COFACILITATOR}
    for role, _, answered, shown in viewers():
        seen = may_see(Mode.FACILITATOR, role, False, answered, shown)
        assert seen is (role in team or (role is None and shown))


@pytest.mark.parametrize(("old", "new"), list(product(Mode, Mode)))
def test_a_mode_is_tighter_exactly_when_nobody_sees_more(old, new):
    nobody_sees_more = all(may_see(old, *viewer) or not may_see(new, *viewer) for viewer in viewers())
    assert may_tighten(old, new) is nobody_sees_more


class Room:
    """A gate and the journal of what came, numbered as the application numbers it."""

    def __init__(self, k=K):
        self.gate, self.k, self.events, self.seq = Gate(k), k, [], 0

    def answer(self, seat, value=9, block="a", slot="S01"):
        self.seq += 1
        marks = {"card": slot, "values": {"importance": value}}
        ballot = Ballot(self.seq, seat, Role.PARTICIPANT, block, slot, marks)
        return self.do("put", seat, block, slot, ballot, self.seq)

    def act(self, seat="fay"):
        self.seq += 1
        return self.do("put", seat, None, None, Ballot(self.seq, seat, Role.FACILITATOR, None, None, {}), self.seq)

    def do(self, name, *values):
        self.events.append((name, values))
        getattr(self.gate, name)(*values)
        return self

    def close(self, sets_aside=True):
        return self.do("close", self.gate.too_few() if sets_aside else frozenset())

    def reopen(self):
        return self.do("reopen")

    def shown(self, block="a", slot="S01"):
        here = [ballot for ballot in self.gate.visible() if (ballot.block, ballot.slot) == (block, slot)]
        return {ballot.seat: ballot.marks["values"]["importance"] for ballot in here}

    def again(self):
        """The gate after a restart: erased marks are gone from the ballots that are read back."""
        fresh = Gate(self.k)
        erased = {values[0] for name, values in self.events if name == "leave"}
        for name, values in self.events:
            if name == "put" and values[0] in erased:
                seat, block, slot, _, seq = values
                values = (seat, block, slot, None, seq)
            getattr(fresh, name)(*values)
        return fresh


def a_full_room(people=K, **where):
    room = Room()
    for number in range(people):
        room.answer(f"p{number}", **where)
    return room


def test_under_k_nothing_is_shown_and_from_k_on_all_of_it():
    room = a_full_room(4)
    assert room.shown() == {}
    assert len(room.answer("p4").shown()) == 5


def test_after_that_the_figures_move_only_with_three_people():
    room = a_full_room().answer("p5").answer("p6")
    assert len(room.shown()) == 5
    assert len(room.answer("p7").shown()) == 8


def test_one_person_changing_their_mind_three_times_moves_nothing():
    room = a_full_room()
    for value in (1, 2, 3):
        room.answer("p0", value)
    assert room.shown()["p0"] == 9
    room.answer("p5").answer("p6")
    assert room.shown()["p0"] == 3


def test_cards_and_blocks_are_gated_apart():
    room = a_full_room(4).answer("p4", slot="S02").answer("q0", block="b")
    assert room.gate.visible() == []


def test_what_the_team_does_always_shows():
    room = Room().act().act()
    assert [ballot.seq for ballot in room.gate.visible()] == [1, 2]


def test_an_erased_answer_hides_the_cell_until_the_next_step():
    room = a_full_room(5).answer("p5").do("leave", "p0")
    assert room.shown() == {}
    room.answer("p1", 2)
    assert room.shown() == {}
    assert room.answer("p2", 2).shown() == {"p1": 2, "p2": 2, "p3": 9, "p4": 9, "p5": 9}


def test_an_answer_erased_before_it_was_shown_hides_nothing():
    room = a_full_room().answer("p5").do("leave", "p5")
    assert len(room.shown()) == 5


def test_someone_who_comes_and_leaves_is_no_part_of_a_step():
    room = a_full_room().answer("p5").do("leave", "p5").answer("p6").answer("p7")
    assert len(room.shown()) == 5
    assert len(room.answer("p8").shown()) == 8


def test_people_who_leave_make_no_step():
    room = a_full_room(8)
    for seat in ("p0", "p1", "p2"):
        room.do("leave", seat)
    assert room.shown() == {}


def test_two_who_leave_do_not_uncover_the_third_who_came_with_them():
    """Shown with five, then with eight; two of the last three leave, the third changes: 8 - 2 - 5 would be one."""
    room = a_full_room().answer("p5").answer("p6").answer("p7")
    room.do("leave", "p5").do("leave", "p6").answer("p7", 1)
    assert room.shown() == {}


def test_a_cell_that_fell_under_k_shows_nothing_new():
    room = a_full_room(5).do("leave", "p0").answer("p1", 1).answer("p2", 1).answer("p3", 1)
    assert room.shown() == {}


def test_a_corrected_group_is_seen_only_in_steps():
    room = a_full_room(6)
    for number in range(5):
        room.answer(f"q{number}", block="b")
    room.do("regroup", "p0", "b")
    assert len(room.shown("a")) == 5 and "p0" in room.shown("a") and "p0" not in room.shown("b")


def test_nobody_is_ever_shown_in_two_blocks():
    room = a_full_room(6)
    for number in range(5):
        room.answer(f"q{number}", block="b")
    room.do("regroup", "p0", "b")
    for number in range(3):
        room.answer(f"q{number}", 2, block="b")
    assert "p0" in room.shown("b") and room.shown("a") == {}
    room.answer("p1", 1).answer("p2", 1).answer("p3", 1)
    assert sorted(room.shown("a")) == ["p1", "p2", "p3", "p4", "p5"]


def test_a_corrected_seat_that_leaves_is_hidden_in_the_block_that_still_shows_it():
    room = a_full_room(5).do("regroup", "p0", "b").do("leave", "p0")
    assert room.shown("a") == {} and room.shown("b") == {}


def test_a_group_corrected_there_and_back_moves_nothing():
    room = a_full_room(5).do("regroup", "p0", "b").do("regroup", "p0", "a").answer("p5").answer("p6")
    assert len(room.shown()) == 5


def test_a_correction_within_one_block_moves_nothing():
    room = a_full_room().answer("p5").do("regroup", "p5", "a").do("regroup", "p5", "a")
    assert len(room.shown()) == 5
    assert len(room.answer("p6").answer("p7").shown()) == 8


def test_someone_in_no_block_yet_is_counted_once_and_moves_in_with_a_later_step():
    room = a_full_room().answer("late", block=None).answer("late", 1, block=None)
    assert [b.marks["values"]["importance"] for b in room.gate.visible() if b.seat == "late"] == [1]
    room.do("regroup", "late", "a")
    assert "late" not in room.shown()
    room.answer("p5").answer("p6").answer("p7")
    assert room.shown()["late"] == 1


def test_someone_moved_out_of_every_block_is_shown_once_and_leaves_with_a_later_step():
    room = a_full_room(6).answer("late", block=None).do("regroup", "p0", None)
    assert len(room.shown()) == 5 and [b.seat for b in room.gate.visible()].count("p0") == 1
    room.answer("p1", 1).answer("p2", 1)
    assert "p0" not in room.shown() and [b.block for b in room.gate.visible() if b.seat == "p0"] == [None]


def test_closing_shows_the_rest_and_still_nothing_under_k():
    room = a_full_room(6).answer("q0", block="b").do("close")
    assert len(room.shown("a")) == 6 and room.shown("b") == {}


# A round that is closed, opened again and closed again


def a_reopened_room(people=6, **where):
    return a_full_room(people, **where).close().reopen()


def test_one_or_two_who_answer_anew_move_nothing_that_was_released():
    room = a_reopened_room()
    before = room.shown()
    assert room.answer("p0", 1).shown() == before
    assert room.answer("p6", 1).shown() == before
    assert room.close().shown() == before


def test_three_who_answer_anew_move_the_figures_and_a_fourth_is_shown_at_the_close():
    room = a_reopened_room().answer("p0", 1).answer("p1", 1)
    assert room.shown()["p0"] == 9
    assert room.answer("p2", 1).shown()["p0"] == 1
    assert room.answer("p3", 1).shown()["p3"] == 9
    assert room.close().shown()["p3"] == 1


def test_one_person_who_answers_three_times_is_one_person():
    room = a_reopened_room().answer("p0", 1).answer("p0", 2).answer("p0", 3).close()
    assert room.shown()["p0"] == 9 and len(room.gate.too_few()) == 3


def test_a_block_with_fewer_who_answered_anew_stays_as_it_was_beside_one_that_moves():
    room = a_full_room(6)
    for number in range(5):
        room.answer(f"q{number}", block="b")
    room.close().reopen().answer("q0", 1, block="b")
    for seat in ("p0", "p1", "p2"):
        room.answer(seat, 1)
    room.close()
    assert room.shown("a")["p0"] == 1 and room.shown("b")["q0"] == 9


def test_a_block_that_never_showed_anything_shows_all_of_it_once_it_has_enough():
    room = a_reopened_room(4)
    assert room.shown() == {}
    for number in range(4, 7):
        room.answer(f"p{number}")
    assert len(room.close().shown()) == 7


def test_a_late_answer_that_is_set_aside_does_not_fill_a_block_either():
    room = a_reopened_room(4).answer("p4")
    assert len(room.shown()) == 5
    assert room.close().shown() == {}
    assert room.reopen().answer("p4", 1).shown() == {}, "one answer more would be told beside the five of before"


def test_where_nothing_is_set_aside_the_figures_stay_all_the_same():
    room = a_reopened_room().answer("p0", 1).close(sets_aside=False)
    assert room.shown()["p0"] == 9


def test_the_answers_too_few_to_move_a_verdict_are_named():
    room = a_full_room(6).answer("p0", slot="S02").close()
    assert room.gate.too_few() == frozenset()
    room.reopen().answer("p0", 1).answer("p1", 1).answer("p0", 1, slot="S02").answer("p0", 2).act()
    assert room.gate.too_few() == {8, 9, 10, 11}
    room.answer("p2", 1)
    assert room.gate.too_few() == {10}


def test_what_was_set_aside_waits_for_others_at_the_next_reopening():
    room = a_reopened_room().answer("p0", 1).answer("p1", 1).close()
    assert room.shown()["p0"] == 9
    room.reopen().answer("p2", 1)
    assert room.gate.too_few() == frozenset() and room.close().shown()["p0"] == 1


def test_what_was_counted_at_a_close_helps_nobody_at_the_next():
    room = a_reopened_room().answer("p0", 1).answer("p1", 1).answer("p2", 1).close().reopen().answer("p3", 1)
    assert room.gate.too_few() == {10} and room.close().shown()["p3"] == 9


def test_what_was_released_is_hidden_once_somebody_of_it_left_until_three_answer_anew():
    room = a_full_room(7).close().do("leave", "p0")
    assert len(room.shown()) == 6, "a closed round keeps what it told, and counts the others"
    assert room.reopen().shown() == {} and room.close().shown() == {}
    room.reopen().answer("p1", 1).answer("p2", 1).answer("p3", 1).close()
    assert sorted(room.shown()) == [f"p{number}" for number in range(1, 7)]


def test_a_group_corrected_after_the_close_shows_nothing_new():
    room = a_full_room(5)
    for number in range(4):
        room.answer(f"q{number}", block="b")
    room.close().do("regroup", "p0", "b")
    assert room.shown("b") == {} and len(room.shown("a")) == 5
    assert len(room.reopen().shown("b")) == 5


def test_an_answer_set_aside_is_not_shown_of_somebody_who_is_in_no_block_now():
    room = a_reopened_room().answer("p6", 1).do("regroup", "p6", None)
    assert "p6" in {ballot.seat for ballot in room.gate.visible()}
    assert "p6" not in {ballot.seat for ballot in room.close().gate.visible()}


def test_somebody_who_answered_anew_and_left_is_not_one_of_the_three():
    room = a_reopened_room(7).answer("p0", 1).answer("p1", 1).answer("p2", 1).do("leave", "p2")
    assert room.gate.too_few() == {8, 9} and room.close().shown() == {}


seats = st.sampled_from([f"p{number}" for number in range(9)])
events = st.lists(
    st.one_of(
        *[st.tuples(st.just("answer"), seats, st.integers(1, 9))] * 6,
        st.tuples(st.just("regroup"), seats, st.sampled_from(["a", "b", None])),
        st.tuples(st.just("leave"), seats, st.none()),
    ),
    min_size=12,
    max_size=60,
)


answers = st.tuples(st.just("answer"), seats, st.integers(1, 9))
leaving = st.one_of(
    st.tuples(st.just("regroup"), seats, st.sampled_from(["a", "b", None])),
    st.tuples(st.just("leave"), seats, st.none()),
)
turns = st.tuples(st.just("turn"), st.just("fay"), st.booleans())
periods = st.tuples(
    st.lists(st.one_of(*[answers] * 8, leaving), max_size=20), turns, st.lists(leaving, max_size=1), turns
)
# Closed and opened again a few times; people leave, or are moved, meanwhile too.
turned = st.lists(periods, min_size=2, max_size=4).map(
    lambda all: [move for first, close, between, again in all for move in (*first, close, *between, again)]
)


def play(moves, k):
    """A room, and everything that was ever visible of each cell: sets of ballot numbers. Who left stays away; a turn
    closes the round, or opens it again."""
    room, block, gone, states = Room(k), {f"p{n}": "aaaab"[n % 5] for n in range(9)}, set(), {"a": [], "b": []}
    room.is_closed, room.released, room.periods = False, {"a": [], "b": []}, {"a": [[]], "b": [[]]}
    for what, seat, value in moves:
        if seat in gone or (what == "answer" and room.is_closed):
            continue
        if what == "answer":
            room.answer(seat, value, block[seat])
        elif what == "turn":
            room.is_closed = not room.is_closed
            room.close(sets_aside=value) if room.is_closed else room.reopen()
        elif what == "regroup":
            block[seat] = value
            room.do("regroup", seat, value)
        else:
            gone.add(seat)
            room.do("leave", seat)
        for key, seen in states.items():
            now = {ballot.seq: ballot.seat for ballot in room.gate.visible() if ballot.block == key}
            keep(room, key, now, is_turn=what == "turn")
            if now and (not seen or seen[-1] != now):
                seen.append(now)
    return room, states


def keep(room, key, now, is_turn):
    """What a close released, and what was seen from a close to the next one: the rest that a close adds is no step."""
    if is_turn and room.is_closed:
        room.periods[key].append([])
    if now and is_turn and room.is_closed:
        room.released[key].append(now)
    if now and (not room.is_closed or is_turn) and now not in room.periods[key][-1]:
        room.periods[key][-1].append(now)


@settings(max_examples=300)
@given(events, st.integers(3, 5))
def test_no_subtraction_of_what_was_ever_shown_speaks_of_fewer_than_three(moves, k):
    """The brute force of someone who kept every state: differences of any two, and of two differences."""
    _, states = play(moves, k)
    for seen in states.values():
        nothing_by_subtraction(seen, k)


@settings(max_examples=300)
@given(turned, st.integers(3, 5))
def test_nor_does_any_of_what_was_released_at_one_close_and_another(moves, k):
    """Nor of what was released at a close and seen from there to the next."""
    room, _ = play(moves, k)
    for key in "ab":
        nothing_by_subtraction(room.released[key], k)
        for seen in room.periods[key]:
            nothing_by_subtraction(seen, k)


def nothing_by_subtraction(seen, k):
    assert all(len(state) >= k for state in seen)
    mixes = [{a: 1, b: -1} for a in range(len(seen)) for b in range(a)]
    mixes += [{**one, **two} for one in mixes for two in mixes if not one.keys() & two.keys()][:500]
    mixes += [{a: 1, b: -2, c: 1} for a in range(len(seen)) for b in range(a) for c in range(b)]
    for mix in mixes:
        assert len(people_in(mix, seen)) not in range(1, STEP)


def people_in(mix, seen):
    """Whose answers remain in a sum of states, each taken so many times."""
    weight = {}
    for state, times in mix.items():
        for seq, seat in seen[state].items():
            weight[seq, seat] = weight.get((seq, seat), 0) + times
    return {seat for (_, seat), times in weight.items() if times}


@given(turned, st.integers(1, 6), st.booleans())
def test_a_restart_shows_what_was_shown(moves, k, closed):
    room, _ = play(moves[:-1] if closed else moves, k)
    assert sorted(b.seq for b in room.gate.visible()) == sorted(b.seq for b in room.again().visible())
    assert room.gate.too_few() == room.again().too_few()


@given(turned, st.integers(1, 6))
def test_what_is_set_aside_is_shown_nowhere(moves, k):
    room, _ = play([move for move in moves if move[0] != "turn"], k)
    late = room.close().reopen().answer("q0", 1).answer("q0", 2).gate.too_few()
    shown = {ballot.seq for ballot in room.close().gate.visible()}
    assert late == {room.seq - 1, room.seq} and not late & shown


@given(turned, st.integers(1, 6), st.booleans())
def test_one_person_is_shown_at_most_once_and_never_after_erasing(moves, k, closed):
    room, _ = play(moves[:-1] if closed else moves, k)
    shown = [(ballot.seat, ballot.slot) for ballot in room.gate.visible()]
    gone = {seat for what, seat, _ in moves if what == "leave"}
    assert len(shown) == len(set(shown)) and not gone & {seat for seat, _ in shown}


@given(events, st.integers(1, 6))
def test_closing_shows_every_cell_of_at_least_k_and_no_other(moves, k):
    room, _ = play(moves, k)
    standing = {}
    for name, values in room.events:
        if name == "put":
            standing[values[0]] = values[1]
        elif name == "leave":
            standing.pop(values[0], None)
        elif values[0] in standing:
            standing[values[0]] = values[1]
    room.do("close")
    for key in "ab":
        members = {seat for seat, block in standing.items() if block == key}
        assert set(room.shown(key)) == (members if len(members) >= k else set())


STATEMENTS = (Statement("S01", {"en": "Home visits"}, "en"),)
ROUND = Round("rate", "rating", rating.Settings(), ("en",), (Block("a", ("a",), 6), Block("b", ("b",), 3)), STATEMENTS)


def tallied(ballots):
    count = rating.start(ROUND)
    for ballot in ballots:
        rating.add(count, ballot, +1)
    return rating.tally(count, ROUND)


def a_closed_room():
    room = a_full_room(6)
    for number in range(3):
        room.answer(f"q{number}", 1, block="b")
    room.do("close")
    everything = [values[3] for name, values in room.events if name == "put"]
    return tallied(room.gate.visible()), tallied(everything)


def test_totals_are_sums_of_what_is_shown():
    shown, official = a_closed_room()
    line = released(shown, official, tallied([]), rating.columns(ROUND.settings)).line("S01")
    assert official.line("S01").values["n"] == 9
    assert line.values["n"] == line.by_block["a"]["n"] == 6 and line.values["low"] == 0


def test_a_decision_is_told_as_it_was_made():
    shown, official = a_closed_room()
    decided = replace(official.lines[0], values={**official.lines[0].values, "decision": "dropped"})
    told = released(shown, replace(official, lines=(decided,)), tallied([]), rating.columns(ROUND.settings))
    assert told.line("S01").values["decision"] == "dropped" and told.places == official.places


def test_a_statement_of_which_nothing_may_be_shown_has_no_figures():
    shown, official = a_closed_room()
    line = released(replace(shown, lines=()), official, tallied([]), rating.columns(ROUND.settings)).line("S01")
    assert line.by_block == {} and {value for name, value in line.values.items() if name != "decision"} == {None}
