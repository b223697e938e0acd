"""The log stays whole, tells when it was touched, and holds nothing that anyone said."""

from __future__ import annotations

import json

import pytest

from consensus import conduct, journal, models
from consensus.journal import commitment, first_breach, halves, head_of
from rounds.contract import Role
from rounds.words import WITHHELD
from tests.conftest import Table

REASON = "Parce que ma mère, Jeanne, habite seule."


async def _told(table: Table) -> list[dict[str, object]]:
    """A session with a bit of everything, and its lines."""
    await table.open("rating")
    for seat in table.seats:
        await table.cast(seat, "rating", card="P001", importance="7", reason=REASON)
    await conduct.withdraw(table.house, table.aline, erase=True)
    await table.close("rating")
    return await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()


FIELDS = {"seq": 99, "at": "2020-01-01T00:00Z", "role": "eve", "alias": "EVE", "act": "eve", "payload": "[]"}
FIELDS |= {"prev": "0" * 64, "hash": "0" * 64}


async def test_any_field_of_any_line_that_was_touched_is_found(table: Table) -> None:
    lines = await _told(table)
    assert first_breach(lines) is None
    for number, line in enumerate(lines):
        for field, value in FIELDS.items():
            assert line[field] != value
            touched = [*lines[:number], {**line, field: value}, *lines[number + 1 :]]
            breach = first_breach(touched)
            assert breach is not None and breach.entry == number + 1


async def test_a_line_taken_out_put_in_or_moved_is_found(table: Table) -> None:
    lines = await _told(table)
    for number in range(len(lines) - 1):
        assert first_breach(lines[:number] + lines[number + 1 :]) is not None
        assert first_breach([*lines[: number + 1], lines[number], *lines[number + 1 :]]) is not None
        swapped = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
        assert first_breach(swapped) is not None


async def test_a_chain_cut_short_no_longer_ends_at_the_head(table: Table) -> None:
    lines = await _told(table)
    head = await models.Head.get(key=head_of(table.session.id))
    assert (head.seq, head.hash) == (lines[-1]["seq"], lines[-1]["hash"])
    assert lines[-2]["hash"] != head.hash


async def test_a_withdrawal_leaves_the_chain_whole(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    before = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()
    await conduct.withdraw(table.house, table.aline, erase=True)
    after = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq").values()
    assert after[: len(before)] == before and first_breach(after) is None


async def test_a_ballots_line_says_neither_who_nor_what(table: Table) -> None:
    lines = [line for line in await _told(table) if line["act"] == "cast"]
    assert len(lines) == len(table.seats)
    for line in lines:
        assert (line["role"], line["alias"]) == (Role.PARTICIPANT, "")
        assert set(json.loads(str(line["payload"]))) == {"round", "commitment", "words"}


async def test_no_line_holds_a_name_a_text_a_code_or_a_link(table: Table) -> None:
    guest = conduct.Guest(Role.PARTICIPANT, "patients", name="Léa Morin", mail="lea@example.org", phone="819 555-0199")
    await conduct.add_seats(table.house, table.fay, [guest])
    written = json.dumps(await _told(table), ensure_ascii=False) + str(await models.Entry.all().values_list("payload"))
    secrets = (REASON, "Jeanne", "Léa", "lea@", "555-0199", "819 555", "Statement 1", "Énoncé 1", "Fay", "importance")
    for secret in secrets:
        assert secret not in written


async def test_each_commitment_opens_with_its_salt_and_closes_for_ever_with_an_erasure(table: Table) -> None:
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7", reason=REASON)
    ballot = await models.Ballot.get()
    line = await models.Entry.get(head=head_of(table.session.id), seq=ballot.seq)
    marks, (of_marks, of_words) = json.loads(ballot.marks), halves(ballot.salt)
    said = {"round": "rating", "slot": ballot.slot, "marks": {**marks, "reason": WITHHELD}}
    assert json.loads(line.payload)["commitment"] == commitment(of_marks, said)
    assert json.loads(line.payload)["words"] == commitment(of_words, [REASON])
    assert len(ballot.salt) == 32
    await conduct.withdraw(table.house, table.aline, erase=True)
    assert (await models.Ballot.get()).salt is None


async def test_two_equal_answers_have_different_commitments(table: Table) -> None:
    lines = [json.loads(str(line["payload"])) for line in await _told(table) if line["act"] == "cast"]
    assert len({line["commitment"] for line in lines}) == len(lines)


async def test_times_are_told_to_the_minute(table: Table) -> None:
    assert all(len(str(line["at"])) == 17 and str(line["at"]).endswith("Z") for line in await _told(table))


async def test_a_teams_act_tells_its_role_and_a_handle_that_no_other_line_has(table: Table) -> None:
    acts = [line for line in await _told(table) if line["role"] == Role.FACILITATOR]
    assert {"open_round", "closed"} <= {line["act"] for line in acts} and len({line["by_id"] for line in acts}) == 1
    assert len({line["alias"] for line in acts}) == len(acts) and all(len(str(line["alias"])) == 16 for line in acts)


async def test_two_lines_about_one_person_do_not_look_alike(table: Table) -> None:
    await conduct.revoke(table.house, table.fay, table.aline.id)
    await conduct.regroup(table.house, table.fay, table.aline.id, "clinicians")
    await conduct.withdraw(table.house, table.aline, erase=False)
    lines = await models.Entry.filter(head=head_of(table.session.id)).order_by("seq")
    about = [json.loads(line.payload)["about"] for line in lines if line.about_id == table.aline.id]
    assert len(about) == 3 and len({name for names in about for name in names}) == 3
    seated = [name for line in lines if line.act == "add_seats" for name in json.loads(line.payload)["about"]]
    assert not {name for names in about for name in names} & set(seated)


async def test_who_was_seated_is_told_as_numbers_and_handles_in_no_order_of_the_list(table: Table) -> None:
    guests = [conduct.Guest(Role.PARTICIPANT, "patients", name=name) for name in ("Zoé", "Yan", "Xena", "Wim", "Vic")]
    made = await conduct.add_seats(table.house, table.fay, guests)
    line = await models.Entry.filter(act="add_seats").order_by("-seq").first()
    head = await models.Head.get(key=head_of(table.session.id))
    assert line is not None
    said = json.loads(line.payload)
    assert said["seats"] == [["participant", "patients", 5]]
    own = [journal.handle(head.secret, "add_seats", line.seq, seat.id) for seat in made]
    assert said["about"] == sorted(own) and set(said) == {"seats", "about"}
    assert line.about_id is None, "five are meant, and none of them more than another"


async def test_no_handle_can_be_made_without_the_secret_of_the_chain(table: Table) -> None:
    """The numbers of seats are few: whoever knows them all still cannot try them."""
    await conduct.revoke(table.house, table.fay, table.aline.id)
    line = await models.Entry.filter(act="revoke").first()
    head = await models.Head.get(key=head_of(table.session.id))
    assert line is not None and len(head.secret) == 32
    tried = {journal.handle(secret, "revoke", line.seq, table.aline.id) for secret in ("", head.key, head.hash)}
    assert not tried & set(json.loads(line.payload)["about"])
    assert head.secret not in line.payload and head.secret != (await models.Head.get(key=journal.HOUSE)).secret


@pytest.mark.parametrize("value", [{"b": 1, "a": "é"}, [1, [2]], "“", None])
def test_a_value_has_one_spelling(value: object) -> None:
    text = journal.canonical(value)
    assert json.loads(text) == value and journal.canonical(json.loads(text)) == text
    assert text == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert " " not in text and "\\u" not in text


def test_one_spelling_knows_no_order_of_keys() -> None:
    assert journal.canonical({"a": 1, "b": 2}) == journal.canonical({"b": 2, "a": 1})
