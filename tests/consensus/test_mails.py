"""Invitations and reminders reach the right people once, through a real mail server on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consensus import conduct, models, post, seats
from consensus.conduct import Guest, Refused
from consensus.conduct.mails import HANDFUL, TRIES, WAIT
from consensus.house import House, build, open_house
from consensus.mail import smtp
from consensus.mail.letters import Letter
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import Table, lay_table
from tests.consensus.test_numbers import another
from tests.mailbox import Mailbox, open_mailbox

LINK = re.compile(r"http\S+/j/(\S+)")


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def posting(settings: Settings, box: Mailbox) -> Settings:
    return replace(settings, smtp=box.url, mail_from="Table ronde <table@example.org>")


@pytest.fixture
async def house(posting: Settings) -> AsyncIterator[House]:
    async with open_house(build(posting)) as opened:
        yield opened


async def seated(table: Table, people: int, name: str = "Léa", first: int = 0) -> list[models.Seat]:
    """So many people with an address beside the panel, which has none; every second one reads English."""
    guests = [
        Guest(Role.PARTICIPANT, "patients", "en" if n % 2 else "fr", f"{name} {n}", f"p{n}@example.org")
        for n in range(first, first + people)
    ]
    return await conduct.add_seats(table.house, table.fay, guests)


async def send_all(house: House) -> None:
    while await post.deliver(house):
        pass


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[None]:
    """The task beside the clock, until it is cancelled as at the end of a process."""
    sending = asyncio.create_task(post.run(house))
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def states() -> Counter[str]:
    return Counter([row.state + (f" {row.reason}" if row.reason else "") for row in await models.Mail.all()])


async def now(**filters: object) -> None:
    """What waits is due at once: nobody waits half a minute for a test."""
    await models.Mail.filter(state="queued", **filters).update(due_at=0)


# Invitations


async def test_two_hundred_invitations_arrive_once_each_with_ones_own_link(table: Table, box: Mailbox) -> None:
    people = await seated(table, 200)
    assert await conduct.queue_invitations(table.house, table.fay) == 200
    await send_all(table.house)
    assert await states() == {"sent": 200}
    assert Counter(address for address, _ in box.kept) == {f"p{n}@example.org": 1 for n in range(200)}
    assert box.connections == 200 // HANDFUL
    for n, seat in enumerate(people):
        (letter,) = box.to(f"p{n}@example.org")
        body = letter.get_content()
        (link,) = LINK.findall(body)
        found = await seats.seat_of(table.house.settings, link)
        assert found is not None and found.id == seat.id
        assert f"Léa {n}," in body and seats.short_code(table.house.settings, seat) in body
        assert ("You are invited" in body) == (seat.language == "en") == (letter["Content-Language"] == "en")


async def test_a_mail_is_plain_text_and_says_what_it_is(table: Table, box: Mailbox) -> None:
    await seated(table, 1)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    (letter,) = box.letters()
    assert letter.get_content_type() == "text/plain" and not letter.is_multipart()
    assert letter["From"] == "Table ronde <table@example.org>" and letter["Reply-To"] == "fay@example.org"
    assert letter["To"] == "p0@example.org" and letter["Subject"] == "Gestion de cas\u00a0: votre invitation"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Content-Language"] == "fr"
    assert re.fullmatch(r"<\d+-[\w-]{22}@example\.org>", letter["Message-ID"])
    assert len(re.findall("http", letter.get_content())) == 1


async def test_pressing_send_twice_writes_to_nobody_twice(table: Table, box: Mailbox) -> None:
    await seated(table, 7)
    asked = await asyncio.gather(*(conduct.queue_invitations(table.house, table.fay) for _ in range(3)))
    assert sorted(asked) == [0, 0, 7]
    await send_all(table.house)
    assert await conduct.queue_invitations(table.house, table.fay) == 0
    await seated(table, 2, "Zoé", first=7)
    await models.Person.filter(name__startswith="Zoé").update(mail="zoe@example.org")
    assert await conduct.queue_invitations(table.house, table.fay) == 2
    assert await models.Entry.filter(act="queue_invitations").count() == 2


async def test_a_new_link_is_a_new_invitation(table: Table, box: Mailbox) -> None:
    lea, zoe = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await conduct.revoke(table.house, table.fay, zoe.id)  # while it waits: the link in it would open nothing
    await send_all(table.house)
    assert [address for address, _ in box.kept] == ["p0@example.org"]
    await conduct.revoke(table.house, table.fay, lea.id)
    assert await conduct.queue_invitations(table.house, table.fay) == 2
    await send_all(table.house)
    old, new = (LINK.findall(letter.get_content())[0] for letter in box.to("p0@example.org"))
    assert await seats.seat_of(table.house.settings, old) is None
    assert await seats.seat_of(table.house.settings, new) is not None


async def test_who_left_is_not_written_to(table: Table, box: Mailbox) -> None:
    lea, _ = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await conduct.withdraw(table.house, lea, erase=True)
    await send_all(table.house)
    assert [address for address, _ in box.kept] == ["p1@example.org"]
    assert await states() == {"sent": 1, "failed left": 1}


async def test_the_letter_that_was_written_is_the_one_that_goes_out(table: Table, box: Mailbox) -> None:
    letters = {"fr": Letter("Venez {nom}", "Ici: {lien}\nÀ {aide}"), "en": Letter("Come {name}", "Here: {link}")}
    await conduct.write_letters(table.house, table.fay, "invitation", letters)
    await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    (french,), (english,) = box.to("p0@example.org"), box.to("p1@example.org")
    assert french["Subject"] == "Venez Léa 0" and french.get_content().endswith("À Fay Roy 819 555-0100\n")
    assert english["Subject"] == "Come Léa 1" and english.get_content().startswith("Here: http")


@pytest.mark.parametrize("letters", [{"fr": Letter("a", "{lien}")}, {"fr": Letter("a", "b"), "en": Letter("a", "b")}])
async def test_a_letter_without_a_link_or_a_language_is_not_kept(table: Table, letters: dict[str, Letter]) -> None:
    with pytest.raises(Refused):
        await conduct.write_letters(table.house, table.fay, "invitation", letters)
    assert (await models.Session.get(id=table.session.id)).letters is None


# What does not arrive


async def test_a_refused_address_fails_at_once_and_only_that_one_is_tried_again(table: Table, box: Mailbox) -> None:
    people = await seated(table, 12)
    box.refusals["p5@example.org"] = "550 5.1.1 p5@example.org is nobody here"
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    assert await states() == {"sent": 11, "failed 550": 1}
    with pytest.raises(Refused, match="not_failed"):
        await conduct.requeue(table.house, table.fay, people[4].id, "p4@example.org")
    await conduct.requeue(table.house, table.fay, people[5].id, "p5bis@example.org")
    await send_all(table.house)
    assert await states() == {"sent": 12}
    assert Counter(address for address, _ in box.kept).most_common(1)[0][1] == 1 and box.to("p5bis@example.org")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("p1@example.org", "taken"),
        ("P1\u200b@EXAMPLE.org", "taken"),
        ("p0", "bad"),
        ("p0@example.org\r\nRCPT TO:<eve@example.org>", "several"),
        ("p0..x@example.org", "dots"),
        ("", "bad"),
    ],
)
async def test_an_address_is_corrected_to_a_good_one_only(table: Table, box: Mailbox, address: str, key: str) -> None:
    lea, _ = await seated(table, 2)
    box.refusals["p0@example.org"] = "550 no"
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    with pytest.raises(Refused, match=key):
        await conduct.requeue(table.house, table.fay, lea.id, address)
    assert await states() == {"sent": 1, "failed 550": 1}


async def test_a_refused_text_fails_and_holds_up_no_other(table: Table, box: Mailbox) -> None:
    await seated(table, 3)
    box.texts["p1@example.org"] = "554 5.7.1 looks like spam"
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    assert await states() == {"sent": 2, "failed 554": 1}


async def test_what_is_put_off_is_tried_five_times_with_doubling_waits(table: Table, box: Mailbox) -> None:
    await seated(table, 2)
    box.refusals["p0@example.org"] = "451 4.7.1 come back later"
    await conduct.queue_invitations(table.house, table.fay)
    waits = []
    for _ in range(TRIES):
        await send_all(table.house)
        row = await models.Mail.get(seat__person__mail="p0@example.org")
        waits.append(round((row.due_at - (row.taken_at or 0)) / WAIT))
        await now()
    assert waits[:-1] == [1, 2, 4, 8]
    assert await states() == {"sent": 1, "failed 451": 1} and len(box.kept) == 1


async def test_without_a_server_mails_wait_and_then_go_out_once(posting: Settings, box: Mailbox) -> None:
    away = replace(posting, smtp="smtp://127.0.0.1:1")
    async with open_house(build(away)) as house:
        table = await lay_table(house)
        await seated(table, 3)
        await conduct.queue_invitations(house, table.fay)
        await send_all(house)
        assert await states() == {"queued no_connection": 3}
        await now()
    async with open_house(build(posting)) as house:
        await send_all(house)
        assert await states() == {"sent": 3} and len(box.kept) == 3


async def test_a_server_that_is_never_there_is_told_in_the_end(posting: Settings) -> None:
    async with open_house(build(replace(posting, smtp="smtp://127.0.0.1:1"))) as house:
        table = await lay_table(house)
        await seated(table, 2)
        await conduct.queue_invitations(house, table.fay)
        for _ in range(TRIES):
            await send_all(house)
            await now()
        assert await states() == {"failed no_connection": 2}
        assert await conduct.requeue_all(house, table.fay) == 2
        assert await states() == {"queued": 2}


async def test_a_password_is_not_sent_in_the_clear_to_another_machine(posting: Settings) -> None:
    elsewhere = smtp._client(replace(posting, smtp="smtp://u:p@smtp.example.org:587"))
    assert elsewhere._start_tls_on_connect is True and elsewhere.use_tls is False
    assert smtp._client(replace(posting, smtp="smtps://u:p%40@smtp.example.org"))._login_password == "p@"


# Cut off in the middle: never twice


async def test_what_the_server_took_before_it_hung_up_is_unknown_and_not_sent_again(table: Table, box: Mailbox) -> None:
    people = await seated(table, 4)
    box.drops.add("p1@example.org")
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    assert await states() == {"sent": 3, "failed unknown": 1}
    assert Counter(address for address, _ in box.kept) == {f"p{n}@example.org": 1 for n in range(4)}
    assert await conduct.requeue_all(table.house, table.fay) == 0  # all at once is for what surely did not arrive
    box.drops.clear()
    await conduct.requeue(table.house, table.fay, people[1].id, "p1@example.org")
    await send_all(table.house)
    first, second = box.to("p1@example.org")
    assert first["Message-ID"] == second["Message-ID"]  # so that a mailbox may know it for the same


async def test_closing_the_house_while_it_sends_delivers_nothing_twice(posting: Settings, box: Mailbox) -> None:
    box.held = 14
    async with open_house(build(posting)) as house:
        table = await lay_table(house)
        await seated(table, 25)
        await conduct.queue_invitations(house, table.fay)
        async with at_work(house):
            await box.holds(14)  # the server has it, and does not answer
        assert await states() == {"sent": 13, "sending": 1, "queued": 11}
    box.go.set()
    async with open_house(build(posting)) as house:
        async with at_work(house):
            await box.holds(25)
        await send_all(house)
        assert await states() == {"sent": 24, "failed unknown": 1}
        assert Counter(address for address, _ in box.kept) == {f"p{n}@example.org": 1 for n in range(25)}


async def test_a_process_that_dies_leaves_a_handful_unknown_and_sends_the_rest_once(
    posting: Settings, box: Mailbox
) -> None:
    async with open_house(build(posting)) as house:
        table = await lay_table(house)
        await seated(table, 25)
        await conduct.queue_invitations(house, table.fay)
        assert len(await conduct.take_mails(house)) == HANDFUL  # and nobody is left to say what became of them
    async with open_house(build(posting)) as house:
        await conduct.lose_mails(house, float("inf"))
        await send_all(house)
        assert await states() == {"sent": 15, "failed unknown": HANDFUL}
        assert max(Counter(address for address, _ in box.kept).values()) == 1


async def test_the_outbox_is_the_same_on_either_database(database: str, posting: Settings, box: Mailbox) -> None:
    async with open_house(build(replace(posting, database=database))) as house:
        table = await lay_table(house)
        await seated(table, 12)
        box.refusals["p1@example.org"] = "550 no"
        await asyncio.gather(*(conduct.queue_invitations(house, table.fay) for _ in range(3)))
        taken = await asyncio.gather(*(conduct.take_mails(house) for _ in range(4)))  # as several processes would
        assert sorted(len(some) for some in taken) == [0, 0, 2, 10]
        await conduct.lose_mails(house, 1.0)
        assert await states() == {"sending": 12}
        await conduct.lose_mails(house, float("inf"))
        assert await states() == {"failed unknown": 12}
        for seat in await conduct.addressed(table.session.id):
            await conduct.requeue(house, table.fay, seat.id, seat.person.mail if seat.person else "")
        await send_all(house)
        assert await states() == {"sent": 11, "failed 550": 1}
        await conduct.queue_reminders(house, table.fay)
        assert await models.Mail.filter(what="reminder").count() == 11


# Reminders


async def test_a_reminder_reaches_only_people_who_have_not_finished(table: Table, box: Mailbox) -> None:
    fresh, agreed, half, whole, left, failing = await seated(table, 6)
    box.refusals["p5@example.org"] = "550 no"
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    await conduct.withdraw(table.house, left, erase=False)
    for seat in (agreed, half, whole):
        await conduct.consent(table.house, seat)
    assert {seat.id for seat in await conduct.to_remind(table.house, table.session.id)} == {fresh.id}  # none is open
    await table.open("rating")
    await table.cast(half, "rating", card="P001", importance="7")
    for card in ("P001", "P002", "P003"):
        await table.cast(whole, "rating", card=card, importance="7")
    await conduct.queue_reminders(table.house, table.fay)
    assert await conduct.to_remind(table.house, table.session.id) == []
    box.kept.clear()
    await send_all(table.house)
    assert sorted(address for address, _ in box.kept) == [f"p{n}@example.org" for n in range(3)]
    (letter,) = box.to("p1@example.org")
    assert "not complete yet" in letter.get_content() and LINK.search(letter.get_content())
    assert failing.id not in {seat.id for seat in await conduct.to_remind(table.house, table.session.id)}


async def test_a_mail_holds_link_and_code_only_until_their_person_has_come_in(table: Table, box: Mailbox) -> None:
    lea, zoe = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    box.kept.clear()
    await seats.sign_in(table.house.store, seat=lea)
    await conduct.queue_reminders(table.house, table.fay)
    await send_all(table.house)
    settings = table.house.settings
    for seat, address, is_told in ((lea, "p0@example.org", False), (zoe, "p1@example.org", True)):
        (letter,) = box.to(address)
        link, code = seats.token(settings, "seat", seat.id, seat.issue), seats.short_code(settings, seat)
        assert (link in letter.get_content(), code in letter.get_content()) == (is_told, is_told)
        assert settings.origin in letter.get_content()
    await conduct.revoke(table.house, table.fay, lea.id)
    assert [seat.id for seat in await conduct.to_invite(table.session.id)] == [lea.id]  # a new link is sent again


async def test_no_link_goes_to_an_address_that_was_changed_after_its_person_came_in(table: Table, box: Mailbox) -> None:
    (lea,) = await seated(table, 1)
    box.refusals["p0@example.org"] = "550 no"
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    await seats.sign_in(table.house.store, seat=lea)
    with pytest.raises(Refused, match="has_come"):
        await conduct.requeue(table.house, table.fay, lea.id, "fay@example.org")
    assert await conduct.requeue_all(table.house, table.fay) == 0


async def test_asking_for_reminders_looks_the_same_whoever_has_finished(table: Table, box: Mailbox) -> None:
    lea, zoe = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    for seat in (lea, zoe):
        await conduct.consent(table.house, seat)
    assert await conduct.to_remind(table.house, table.session.id) == []
    await conduct.queue_reminders(table.house, table.fay)
    (line,) = await models.Entry.filter(act="queue_reminders")
    assert line.payload == "{}" and await conduct.last_reminder(table.session.id)
    with pytest.raises(Refused, match="once_a_day"):
        await conduct.queue_reminders(table.house, table.fay)


async def test_reminders_go_by_themselves_once_their_day_has_come(table: Table, box: Mailbox) -> None:
    lea, zoe = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    for days in (-1, 1, 400):
        with pytest.raises(Refused, match="choose_days"):
            await conduct.plan_reminders(table.house, table.fay, days)
    await conduct.plan_reminders(table.house, table.fay, 2)
    await conduct.remind_due(table.house)  # nothing is open
    await table.open("rating")
    await conduct.consent(table.house, zoe)
    for card in ("P001", "P002", "P003"):
        await table.cast(zoe, "rating", card=card, importance="7")
    await conduct.remind_due(table.house)  # it opened today
    assert not await models.Mail.filter(what="reminder").exists()
    await _ago(days=1)
    await conduct.remind_due(table.house)
    assert not await models.Mail.filter(what="reminder").exists()
    await _ago(days=2)
    for _ in range(2):
        await conduct.remind_due(table.house)
    assert [mail.seat_id for mail in await models.Mail.filter(what="reminder")] == [lea.id]
    (line,) = await models.Entry.filter(act="queue_reminders")
    assert (line.role, line.alias, line.payload) == ("clock", "", "{}")
    await send_all(table.house)
    await _ago(days=2)
    await conduct.plan_reminders(table.house, table.fay, 0)
    await conduct.remind_due(table.house)
    assert await models.Mail.filter(what="reminder").count() == 1


async def _ago(days: int) -> None:
    """As if every line until now had been written so many days ago."""
    at = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%MZ")
    await models.Entry.all().update(at=at)


async def test_who_starts_while_a_reminder_waits_does_not_get_it(table: Table, box: Mailbox) -> None:
    lea, _ = await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    await conduct.queue_reminders(table.house, table.fay)
    await conduct.consent(table.house, lea)
    box.kept.clear()
    await send_all(table.house)
    assert [address for address, _ in box.kept] == ["p1@example.org"]


async def test_nobody_is_reminded_twice_on_one_day_without_a_word(table: Table, box: Mailbox) -> None:
    await seated(table, 2)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    await conduct.queue_reminders(table.house, table.fay)
    await send_all(table.house)
    with pytest.raises(Refused, match="once_a_day"):
        await conduct.queue_reminders(table.house, table.fay)
    await conduct.queue_reminders(table.house, table.fay, again_today=True)
    await send_all(table.house)
    assert Counter(address for address, _ in box.kept) == {"p0@example.org": 3, "p1@example.org": 3}


# What is never written down


async def test_a_name_or_an_address_with_a_line_end_does_no_harm(table: Table, box: Mailbox) -> None:
    letters = {"fr": Letter("Pour {nom}", "{nom} {lien}"), "en": Letter("For {name}", "{name} {link}")}
    await conduct.write_letters(table.house, table.fay, "invitation", letters)
    guests = [
        Guest(Role.PARTICIPANT, "patients", "fr", "Léa\r\nBcc: eve@example.org\r\n\r\nBuy", "lea@example.org"),
        Guest(Role.PARTICIPANT, "patients", "fr", "Zoé", "zoe@example.org\r\nBcc: eve@example.org"),
        Guest(Role.PARTICIPANT, "patients", "fr", "Max", "max@example.org> SIZE=1"),
    ]
    await conduct.add_seats(table.house, table.fay, guests)
    await conduct.queue_invitations(table.house, table.fay)
    await send_all(table.house)
    ((address, _),) = box.kept
    (letter,) = box.letters()
    assert address == "lea@example.org" and letter["Bcc"] is None and letter["To"] == "lea@example.org"
    assert letter["Subject"] == "Pour Léa Bcc: eve@example.org Buy"
    assert await states() == {"sent": 1, "failed address": 2}


SERVERS = ("mail.log", "mail.error")  # what the other side writes down is its own affair


async def test_no_log_and_no_journal_line_holds_a_name_an_address_or_a_link(
    table: Table, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        people = await seated(table, 4, "Léa Morin")
        box.refusals["p1@example.org"] = "550 p1@example.org is nobody"
        box.drops.add("p2@example.org")
        await conduct.queue_invitations(table.house, table.fay)
        await send_all(table.house)
        await conduct.requeue(table.house, table.fay, people[1].id, "p9@example.org")
        await send_all(table.house)
        await conduct.queue_reminders(table.house, table.fay)
        await send_all(table.house)
        await models.Mail.all().update(state="sending")
        await conduct.lose_mails(table.house, float("inf"))
    logged = "\n".join(f"{r.getMessage()} {r.exc_text}" for r in caplog.records if r.name not in SERVERS)
    lines = await models.Entry.filter(head=f"session-{table.session.id}")
    acts = [line for line in lines if "mail" in line.act or "queue" in line.act]
    assert {line.act for line in acts} >= {"queue_invitations", "take_mails", "settle_mails", "requeue", "lose_mails"}
    written = "\n".join(line.payload for line in acts) + logged
    for _, data in box.kept:
        (link,) = LINK.findall(Mailbox.parsed(data).get_content())
        assert link not in written
    assert "Morin" not in written and "example.org" not in written
    reminding = [line for line in acts if line.act == "queue_reminders"]
    assert [json.loads(line.payload) for line in reminding] == [{}]
    for seat in people:  # nor can the journal tell who was reminded
        told = [line.act for line in acts if line.about_id == seat.id]
        assert set(told) <= {"requeue"}


async def test_the_outbox_keeps_no_text_and_no_address() -> None:
    kept = set(models.Mail._meta.fields_map)
    assert not kept & {"body", "subject", "text", "address", "name", "to"}


async def test_a_failing_outbox_is_logged_without_words_and_goes_on(
    house: House, box: Mailbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await lay_table(house)
    await seated(table, 1)
    await conduct.queue_invitations(house, table.fay)
    tried, whole = asyncio.Event(), post.deliver

    async def stumble(asked: House) -> int:
        monkeypatch.setattr(post, "deliver", whole)
        tried.set()
        raise RuntimeError("p0@example.org")

    monkeypatch.setattr(post, "deliver", stumble)
    monkeypatch.setattr(post, "PAUSE", 0)
    async with at_work(house):
        await tried.wait()
        await box.holds(1)
    assert "the post failed: RuntimeError" in caplog.text and "p0@" not in caplog.text


async def test_a_second_invitation_says_that_one_takes_part_in_another_session_already(
    table: Table, box: Mailbox
) -> None:
    first, _ = await seated(table, 2)
    await conduct.consent(table.house, first)
    copy = conduct.Copy({"fr": "Laval", "en": "Laval"}, with_people=True)
    made = await conduct.copy_session(table.house, table.fay, copy)
    await conduct.queue_invitations(table.house, await models.Seat.get(session_id=made.id, role=Role.FACILITATOR))
    await send_all(table.house)
    (agreed,), (other,) = box.to("p0@example.org"), box.to("p1@example.org")
    assert "Vous participez déjà à cette étude\u00a0: Estrie." in agreed.get_content()
    assert "You already take part" not in other.get_content()


# One person in several sessions


async def test_one_person_in_several_sessions_gets_one_mail_with_a_link_for_each_seat(
    table: Table, box: Mailbox
) -> None:
    (first,) = await seated(table, 1)
    desk = await another(table, "National")
    guest = Guest(Role.PARTICIPANT, "patients", "fr", person_id=first.person_id)
    (second,) = await conduct.add_seats(table.house, desk, [guest])
    await conduct.queue_invitations(table.house, table.fay)
    await conduct.queue_invitations(table.house, desk)
    await send_all(table.house)
    assert await states() == {"sent": 2}
    (letter,) = box.to("p0@example.org")
    body = letter.get_content()
    found = [await seats.seat_of(table.house.settings, link) for link in LINK.findall(body)]
    assert [seat.id for seat in found if seat] == [first.id, second.id] and "National" in body


async def test_where_another_letter_was_written_its_mail_goes_alone(table: Table, box: Mailbox) -> None:
    (first,) = await seated(table, 1)
    desk = await another(table, "National")
    guest = Guest(Role.PARTICIPANT, "patients", "fr", person_id=first.person_id)
    await conduct.add_seats(table.house, desk, [guest])
    written = {name: Letter("Another", "Come: {link}") for name in ("en", "fr")}
    await conduct.write_letters(table.house, desk, "invitation", written)
    await conduct.queue_invitations(table.house, table.fay)
    await conduct.queue_invitations(table.house, desk)
    await send_all(table.house)
    assert [len(LINK.findall(letter.get_content())) for letter in box.to("p0@example.org")] == [1, 1]
