"""Every act is whole or absent, has one line in the journal, and never changes what was frozen."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable

import pytest

from consensus import conduct, models
from consensus.conduct import Guest, Refused, Submission
from consensus.house import House
from consensus.journal import head_of
from consensus.outcome import SEALED, digest, seal, statement_from
from consensus.protocol import Plan
from rounds.contract import BallotError, Role
from rounds.disclosure import Mode
from tests.conftest import PASSWORD, STATEMENTS, Table, lay_table

VOTE = {"card": "P001", "importance": "7"}
TWO = [
    Plan(key="rating", kind="rating", disclosure="live", grace=60),
    Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0),
]


async def _lines(table: Table) -> list[str]:
    return await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values_list("act", flat=True)


async def _refused(act: Awaitable[object], key: str) -> None:
    """The act is refused with this sentence, and leaves no line and no change behind."""
    before = await _everything()
    with pytest.raises(Refused) as refused:
        await act
    assert refused.value.key == key
    assert await _everything() == before


async def _everything() -> dict[str, list[dict[str, object]]]:
    tables = (models.Entry, models.Head, models.Round, models.Seat, models.Ballot, models.Session, models.Person)
    return {table.__name__: await table.all().values() for table in tables}


# One line an act


async def _acts(table: Table) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    """Every act on a session, in an order in which each is possible, and the line it leaves."""
    house, fay = table.house, table.fay
    row, later = await table.row("rating"), await table.row("ranking")
    statements = [statement_from(data) for data in STATEMENTS]
    plan = Plan(key="rating", kind="rating", disclosure="live", grace=60, settings={"scale": "1-5"})
    guest = Guest(Role.PARTICIPANT, "patients", name="Léa Morin")
    return [
        ("import", lambda: conduct.import_statements(house, fay, statements)),
        ("plan_round", lambda: conduct.plan_round(house, fay, row.id, plan)),
        ("add_round", lambda: conduct.add_round(house, fay, "points", "ranking")),
        ("add_seats", lambda: conduct.add_seats(house, fay, [guest, guest])),
        ("consent", lambda: conduct.consent(house, table.aline)),
        ("open_round", lambda: conduct.open_round(house, fay, row.id)),
        ("cast", lambda: table.cast(table.aline, "rating", card="P001", importance="4")),
        ("regroup", lambda: conduct.regroup(house, fay, table.aline.id, "clinicians")),
        ("tighten", lambda: conduct.tighten(house, fay, row.id, Mode.FACILITATOR, "Calmer.")),
        ("look", lambda: conduct.reveal_figures(house, fay, row.id)),
        ("show", lambda: conduct.show(house, fay, row.id, True)),
        ("hide", lambda: conduct.show(house, fay, row.id, False)),
        ("revoke", lambda: conduct.revoke(house, fay, table.bob.id)),
        ("withdraw", lambda: conduct.withdraw(house, table.aline, erase=True)),
        ("close_round", lambda: conduct.close_round(house, fay, row.id)),
        ("closed", lambda: conduct.close_round(house, fay, row.id, at_once=True)),
        ("reopen", lambda: conduct.reopen_round(house, fay, row.id, "Two sheets came late.")),
        ("drop_round", lambda: conduct.drop_round(house, fay, later.id)),
    ]


async def test_every_act_has_one_line(house: House) -> None:
    table = await lay_table(house, TWO)
    for name, act in await _acts(table):
        before = await _lines(table)
        await act()
        assert await _lines(table) == [*before, name]


async def test_the_language_in_which_somebody_reads_is_no_act_of_the_session(table: Table) -> None:
    before = await _lines(table)
    await conduct.speak(table.house, table.aline, "en")
    assert await _lines(table) == before
    assert (await models.Seat.get(id=table.aline.id)).language == "en"


async def test_what_belongs_to_no_session_has_its_line_in_the_house(house: House) -> None:
    await lay_table(house)
    assert await models.Entry.filter(head="house").order_by("seq").values_list("act", flat=True) == [
        "add_staff",
        "create_study",
        "choose_headline",  # the one that leads if nobody chooses another
    ]


# Opening and freezing


async def test_an_open_round_is_frozen_and_its_hash_says_so(table: Table) -> None:
    row = await table.open("rating")
    assert row.hash == seal({name: getattr(row, name) for name in SEALED}, digest(row.statements))
    line = await models.Entry.filter(act="open_round").order_by("-seq").first()
    assert line is not None and json.loads(line.payload)["hash"] == row.hash
    assert [block["key"] for block in row.blocks] == ["patients", "caregivers+clinicians"]


async def test_settings_and_rule_never_change_once_a_round_is_open(table: Table) -> None:
    row = await table.open("rating")
    plan = Plan(key="rating", kind="rating", disclosure="live", settings={"scale": "1-5"})
    await _refused(conduct.plan_round(table.house, table.fay, row.id, plan), "refused.frozen")
    await _refused(conduct.drop_round(table.house, table.fay, row.id), "refused.frozen")
    await _refused(conduct.open_round(table.house, table.fay, row.id), "refused.frozen")
    await _refused(conduct.import_statements(table.house, table.fay, []), "refused.already_begun")


async def _plan(table: Table) -> list[tuple[str, str, str]]:
    rows = await models.Round.filter(session_id=table.session.id).order_by("position")
    return [(row.key, row.kind, row.takes) for row in rows]


async def test_a_round_is_added_where_its_place_is_and_takes_what_the_next_one_was_to_take(house: House) -> None:
    rule = {"name": "share", "percent": 60, "scope": "pooled"}
    rating = Plan(key="rating", kind="rating", disclosure="at_close", grace=0, rule=rule)
    ranking = Plan(key="ranking", kind="ranking", disclosure="at_close", grace=0, takes="kept")
    table = await lay_table(house, [rating, ranking])
    await conduct.add_round(house, table.fay, "rating", "ranking")
    await conduct.add_round(house, table.fay, "points")
    named = [("rating", "rating", "all"), ("rating2", "rating", "kept"), ("ranking", "ranking", "all")]
    assert await _plan(table) == [*named, ("points", "points", "all")]
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="9")
    await table.close("rating")
    assert [statement["id"] for statement in (await table.open("rating2")).statements] == ["P001"]


async def test_a_round_is_added_only_before_what_has_not_begun_and_only_of_a_kind_that_people_answer_alone(
    table: Table,
) -> None:
    for kind in ("gather", "compilation", "wall", "validation", "juggling"):
        await _refused(conduct.add_round(table.house, table.fay, kind), "refused.no_such_kind")
    await table.open("rating")
    for place in ("rating", "elsewhere"):
        await _refused(conduct.add_round(table.house, table.fay, "points", place), "refused.not_before")


async def test_nothing_is_added_to_a_session_that_is_over_nor_before_the_team_has_made_statements(house: House) -> None:
    plans = [Plan(key=kind, kind=kind, disclosure="at_close", grace=0) for kind in ("gather", "compilation", "rating")]
    table = await lay_table(house, plans)
    for place in ("gather", "compilation"):
        await _refused(conduct.add_round(house, table.fay, "points", place), "refused.not_before")
    await conduct.add_round(house, table.fay, "points", "rating")
    other = await lay_table(house, plans[2:], title="Ailleurs")
    await other.open("rating")
    await other.close("rating")
    await _refused(conduct.add_round(house, other.fay, "points"), "refused.not_before")


async def test_nothing_that_follows_changes_what_was_frozen(table: Table) -> None:
    row = await table.open("rating")
    names = ("hash", "settings", "rule", "blocks", "statements", "kind", "takes")
    frozen = [getattr(row, name) for name in names]
    await table.cast(table.aline, "rating", **VOTE)
    await conduct.regroup(table.house, table.fay, table.aline.id, "clinicians")
    await conduct.add_seats(table.house, table.fay, [Guest(Role.PARTICIPANT, "patients")])
    await conduct.tighten(table.house, table.fay, row.id, Mode.AT_CLOSE, "Calmer.")
    await conduct.withdraw(table.house, table.aline, erase=True)
    row = await table.close("rating")
    assert [getattr(row, name) for name in names] == frozen


async def test_settings_that_make_no_sense_are_refused_before_anything_is_written(table: Table) -> None:
    row, before = await table.row("rating"), await _everything()
    plan = Plan(key="rating", kind="rating", disclosure="live", settings={"scale": "1-3"})
    with pytest.raises(BallotError):
        await conduct.plan_round(table.house, table.fay, row.id, plan)
    assert await _everything() == before


async def test_a_round_opens_in_both_languages_or_for_a_reason(table: Table) -> None:
    one = {**STATEMENTS[0], "wordings": {"en": "Only in English."}}
    await conduct.import_statements(table.house, table.fay, [statement_from(one)])
    row = await table.row("rating")
    await _refused(conduct.open_round(table.house, table.fay, row.id), "refused.untranslated")
    row = await table.open("rating", reason="The translator is ill.")
    assert row.notes == [{"act": "open_untranslated", "reason": "The translator is ill.", "about": ["P001"]}]


async def test_a_reason_that_is_not_needed_is_no_deviation(table: Table) -> None:
    assert (await table.open("rating", reason="Just so.")).notes == []


async def test_a_round_opens_when_the_one_before_has_closed(house: House) -> None:
    table = await lay_table(house, TWO)
    later = await table.row("ranking")
    await _refused(conduct.open_round(house, table.fay, later.id), "refused.round_before_open")
    await table.open("rating")
    await _refused(conduct.open_round(house, table.fay, later.id), "refused.round_before_open")
    await table.cast(table.aline, "rating", **VOTE)
    await table.close("rating")
    assert (await table.open("ranking")).state == "open"


async def test_a_round_of_another_session_is_not_found(table: Table) -> None:
    elsewhere = await models.Round.exclude(session_id=table.session.id).get()
    for act in (conduct.open_round, conduct.close_round, conduct.reveal_figures, conduct.drop_round):
        await _refused(act(table.house, table.fay, elsewhere.id), "refused.no_such_round")


# Closing


async def _closing(table: Table, since: float) -> models.Round:
    """A round that began to close so many seconds ago."""
    await conduct.close_round(table.house, table.fay, (await table.row("rating")).id)
    await models.Round.filter(key="rating").update(closing_at=time.time() - since)
    return await table.row("rating")


async def test_an_answer_under_way_is_taken_counted_and_marked_late(house: House) -> None:
    table = await lay_table(house, TWO)
    await table.open("rating")
    await table.cast(table.aline, "rating", **VOTE)
    assert (await _closing(table, since=30)).state == "closing"
    assert (await table.cast(table.bob, "rating", **VOTE)).is_late
    row = await table.close("rating")
    assert await models.Ballot.all().order_by("seq").values_list("is_late", flat=True) == [False, True]
    assert (await house.counts.now(row)).official.lines[0].values["n"] == 2


async def test_after_its_grace_a_round_takes_nothing_even_before_the_clock_closes_it(house: House) -> None:
    table = await lay_table(house, TWO)
    await table.open("rating")
    await _closing(table, since=61)
    await _refused(table.cast(table.bob, "rating", **VOTE), "refused.closed")


async def test_the_clock_closes_what_is_due_and_nothing_else(house: House) -> None:
    table = await lay_table(house, TWO)
    await table.open("rating")
    await _closing(table, since=59)
    await conduct.finish_due(house)
    assert (await table.row("rating")).state == "closing"
    await models.Round.filter(key="rating").update(closing_at=time.time() - 60)
    await conduct.finish_due(house)
    row = await table.row("rating")
    assert row.state == "closed" and row.outcome["ballots"] == 0
    line = await models.Entry.filter(act="closed").get()
    assert (line.role, json.loads(line.payload)["outcome"]) == ("clock", digest(row.outcome))


async def test_closing_twice_gives_nobody_more_time(house: House) -> None:
    table = await lay_table(house, TWO)
    await table.open("rating")
    before = await _closing(table, since=30)
    await conduct.close_round(house, table.fay, before.id)
    assert (await table.row("rating")).closing_at == before.closing_at


async def test_a_round_that_is_not_open_cannot_be_closed(table: Table) -> None:
    row = await table.row("rating")
    await _refused(conduct.close_round(table.house, table.fay, row.id), "refused.not_open")
    await table.open("rating")
    await table.close("rating")
    await _refused(conduct.close_round(table.house, table.fay, row.id), "refused.not_open")


async def test_a_round_with_work_left_stays_open(house: House) -> None:
    table = await lay_table(house, [Plan(key="compilation", kind="compilation", disclosure="live", grace=0)])
    row = await table.open("compilation")
    await _refused(conduct.close_round(house, table.fay, row.id, at_once=True), "compilation.still_open")


async def test_a_withdrawal_after_the_close_changes_nothing_that_went_on(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", **VOTE)
    outcome = (await table.close("rating")).outcome
    await conduct.withdraw(table.house, table.aline, erase=True)
    assert (await table.row("rating")).outcome == outcome


# What may be seen


async def test_disclosure_is_only_ever_tightened_and_for_a_reason(table: Table) -> None:
    row = await table.open("rating")  # facilitator
    for mode in (Mode.LIVE, Mode.AFTER_OWN, Mode.FACILITATOR):
        await _refused(conduct.tighten(table.house, table.fay, row.id, mode, "Please."), "refused.only_tighter")
    await _refused(conduct.tighten(table.house, table.fay, row.id, Mode.AT_CLOSE, ""), "refused.only_tighter")
    await conduct.tighten(table.house, table.fay, row.id, Mode.AT_CLOSE, "Calmer.")
    row = await table.row("rating")
    assert row.disclosure == "at_close"
    assert row.notes == [{"act": "tighten", "reason": "Calmer.", "about": ["facilitator", "at_close"]}]


async def test_looking_and_tightening_are_for_a_round_under_way(table: Table) -> None:
    row = await table.row("rating")
    await _refused(conduct.reveal_figures(table.house, table.fay, row.id), "refused.not_open")
    await _refused(conduct.tighten(table.house, table.fay, row.id, Mode.AT_CLOSE, "Calmer."), "refused.not_open")
    await table.open("rating")
    await table.close("rating")
    await _refused(conduct.reveal_figures(table.house, table.fay, row.id), "refused.not_open")
    await _refused(conduct.tighten(table.house, table.fay, row.id, Mode.AT_CLOSE, "Calmer."), "refused.not_open")


async def test_only_where_the_mode_leaves_it_to_the_facilitator_are_figures_shown_to_the_room(house: House) -> None:
    table = await lay_table(house, TWO)
    row = await table.open("rating")  # live
    await _refused(conduct.reveal_figures(house, table.fay, row.id), "refused.no_look")
    assert not (await table.row("rating")).is_looked
    await _refused(conduct.show(house, table.fay, row.id, True), "refused.not_yours_to_show")


# Casting


async def test_the_same_form_with_the_same_key_is_one_ballot_and_one_receipt(table: Table) -> None:
    await table.open("rating")
    first = await table.cast(table.aline, "rating", "key", **VOTE)
    assert await table.cast(table.aline, "rating", "key", **VOTE) == first
    assert await models.Ballot.all().count() == 1


async def test_a_receipt_is_given_again_even_when_the_round_has_closed(table: Table) -> None:
    await table.open("rating")
    first = await table.cast(table.aline, "rating", "key", **VOTE)
    await table.close("rating")
    assert await table.cast(table.aline, "rating", "key", **VOTE) == first


async def test_back_and_another_choice_is_a_new_ballot(table: Table) -> None:
    row = await table.open("rating")
    for score in ("7", "2"):
        await table.cast(table.aline, "rating", "key", card="P001", importance=score)
    assert await models.Ballot.all().count() == 2
    own = (await table.house.counts.now(row)).own[str(table.aline.id)]
    assert own["P001"]["values"] == {"importance": 2}


async def test_the_same_key_of_another_person_is_another_ballot(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", "key", **VOTE)
    await table.cast(table.bob, "rating", "key", **VOTE)
    assert await models.Ballot.all().count() == 2


async def test_the_language_button_is_no_part_of_an_answer() -> None:
    form = {"card": ["P001"], "importance": ["7"]}
    said = Submission({**form, "key": ["a"], "say_in": ["fr"]}, "a", "fr")
    assert said.body() == Submission(form, "b", "en").body()


async def test_a_seat_of_another_session_cannot_cast(table: Table) -> None:
    await table.open("rating")
    await _refused(table.cast(table.odile, "rating", **VOTE), "refused.no_such_round")


async def test_only_those_whose_round_it_is_cast_in_it(table: Table) -> None:
    await table.open("rating")
    await _refused(table.cast(table.fay, "rating", **VOTE), "refused.not_yours_to_cast")
    for role in (Role.OBSERVER, Role.RESEARCHER):
        (seat,) = await conduct.add_seats(table.house, table.fay, [Guest(role)])
        await _refused(table.cast(seat, "rating", **VOTE), "refused.not_yours_to_cast")


async def test_consent_comes_first(table: Table) -> None:
    await models.Seat.filter(id=table.aline.id).update(consented=False)
    await table.open("rating")
    await _refused(table.cast(table.aline, "rating", **VOTE), "refused.consent_first")
    await conduct.consent(table.house, table.aline)
    assert (await table.cast(table.aline, "rating", **VOTE)).seq


async def test_a_round_that_has_not_opened_takes_nothing(table: Table) -> None:
    await _refused(table.cast(table.aline, "rating", **VOTE), "refused.not_open_yet")


@pytest.mark.parametrize("erase", [True, False])
async def test_who_withdrew_cannot_cast_or_withdraw_again(table: Table, erase: bool) -> None:
    await table.open("rating")
    await conduct.withdraw(table.house, table.aline, erase)
    await _refused(table.cast(table.aline, "rating", **VOTE), "refused.withdrawn")
    await _refused(conduct.withdraw(table.house, table.aline, True), "refused.withdrawn")


async def test_who_joins_after_the_opening_in_a_group_without_block_waits_for_the_next_round(house: House) -> None:
    table = await lay_table(house, TWO)
    await table.open("rating")
    (newcomer,) = await conduct.add_seats(house, table.fay, [Guest(Role.PARTICIPANT, "")])
    await conduct.consent(house, newcomer)
    await _refused(table.cast(newcomer, "rating", **VOTE), "refused.joined_later")


async def test_a_form_that_the_kind_refuses_is_a_sentence_of_that_kind(table: Table) -> None:
    await table.open("rating")
    await _refused(table.cast(table.aline, "rating", card="P009", importance="7"), "rating.no_such_card")
    await _refused(table.cast(table.aline, "rating", card="P001", importance="12"), "rating.off_scale")


# People


async def test_an_erasure_takes_marks_salts_and_name_and_leaves_the_lines(table: Table) -> None:
    (lea,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.PARTICIPANT, "patients", name="Léa Morin")])
    await conduct.consent(table.house, lea)
    await table.open("rating")
    await table.cast(lea, "rating", **VOTE)
    await conduct.withdraw(table.house, lea, erase=True)
    left = await models.Ballot.all().values_list("marks", "salt", "body", "key", "third")
    assert left == [(None, None, "", "", 0)]
    assert await models.Person.filter(name="Léa Morin").count() == 0
    assert (await models.Seat.get(id=lea.id)).withdrawn == "erased"


async def test_who_stops_keeps_the_answers_and_loses_the_name(table: Table) -> None:
    (lea,) = await conduct.add_seats(table.house, table.fay, [Guest(Role.PARTICIPANT, "patients", name="Léa Morin")])
    await conduct.consent(table.house, lea)
    await table.open("rating")
    await table.cast(lea, "rating", **VOTE)
    await conduct.withdraw(table.house, lea, erase=False)
    assert await models.Ballot.exclude(marks=None).count() == 1
    assert await models.Person.all().count() == 0


async def test_a_group_is_corrected_only_into_a_block_that_there_is(table: Table) -> None:
    await table.open("rating")
    await _refused(conduct.regroup(table.house, table.fay, table.aline.id, "ministry"), "refused.group_without_block")
    await _refused(conduct.regroup(table.house, table.fay, table.aline.id, "patients"), "refused.same_group")
    await _refused(conduct.regroup(table.house, table.fay, table.fay.id, "patients"), "refused.same_group")
    await _refused(conduct.regroup(table.house, table.fay, table.odile.id, "clinicians"), "refused.no_such_seat")
    await _refused(conduct.revoke(table.house, table.fay, table.odile.id), "refused.no_such_seat")


async def test_a_short_password_and_a_second_account_are_refused(house: House) -> None:
    await conduct.add_staff(house, "Ada@example.org", "Ada", PASSWORD)
    await _refused(conduct.add_staff(house, "ada@example.org", "Ada", PASSWORD), "refused.mail_taken")
    await _refused(conduct.add_staff(house, "eve@example.org", "Eve", "eleven char"), "refused.short_password")
    await _refused(conduct.add_staff(house, "eve@example.org", "\u200b\u3164", PASSWORD), "refused.no_name")
    await _refused(conduct.add_staff(house, "eve@example..org", "Eve", PASSWORD), "address.dots")


async def test_the_clock_leaves_open_what_waits_for_an_answer_of_the_team(house: House) -> None:
    """A change that was asked for in the last minute is answered first; the team may still do so."""
    plan = Plan(key="validation", kind="validation", disclosure="at_close", grace=60)
    table = await lay_table(house, [plan])
    await table.open("validation")
    await table.cast(table.aline, "validation", say__P001="agree")
    row = await table.row("validation")
    await conduct.close_round(house, table.fay, row.id)
    await models.Round.filter(id=row.id).update(closing_at=time.time() - 30)
    await table.cast(table.bob, "validation", say__P001="change", text__P001="Shorter.")
    await models.Round.filter(id=row.id).update(closing_at=time.time() - 90)
    await conduct.finish_due(house)
    row = await table.row("validation")
    assert row.state == "closing"
    change = (await house.counts.now(row)).official.todo.changes[0]
    await table.cast(table.fay, "validation", act="leave", change=change.id, reason="It is short.")
    await conduct.finish_due(house)
    assert (await table.row("validation")).state == "closed"
