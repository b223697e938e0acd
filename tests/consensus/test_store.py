"""What was acknowledged is kept, on an embedded file and on a server alike."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from consensus import conduct, journal, models, seats, store
from consensus.conduct import Refused, Submission
from consensus.count import recount
from consensus.house import House, build, open_house
from consensus.server import listen, origin_of
from consensus.settings import Settings
from consensus.sql import Steps
from consensus.store import Lost, Store, StoreError
from tests.conftest import SECRET, Postgres, Table, lay_table

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def both(database: str) -> AsyncIterator[House]:
    async with open_house(build(Settings(database=database, secret=SECRET))) as house:
        yield house


async def _whole_chain(session: models.Session) -> list[dict[str, object]]:
    """The session's lines, after a look whether each follows from the one before it."""
    key = journal.head_of(session.id)
    lines = await models.Entry.filter(head=key).order_by("seq").values()
    assert journal.first_breach(lines) is None
    head = await models.Head.get(key=key)
    assert (head.seq, head.hash) == (lines[-1]["seq"], lines[-1]["hash"])
    return lines


def _add(name: str) -> store.Job:
    async def job() -> str:
        await models.Person.create(name=name)
        return name

    return job


# Sharing a commit


async def test_many_writes_share_one_commit(both: House) -> None:
    transactions = []

    async def job() -> None:
        transactions.append(store.connection())
        await models.Person.create(name="someone")

    await asyncio.gather(*(both.store.write(job) for _ in range(50)))
    assert await models.Person.all().count() == 50
    assert len(set(map(id, transactions))) <= 2


async def test_each_writer_gets_its_own_answer(both: House) -> None:
    names = [f"person {n}" for n in range(20)]
    assert await asyncio.gather(*(both.store.write(_add(name)) for name in names)) == names


async def test_a_refused_write_leaves_nothing_and_spoils_no_other(both: House) -> None:
    async def refuse() -> None:
        await models.Person.create(name="refused")
        raise Refused("refused.closed")

    jobs = [both.store.write(refuse if n % 3 == 0 else _add(f"kept {n}")) for n in range(30)]
    answers = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(answer, Refused) for answer in answers] == [n % 3 == 0 for n in range(30)]
    assert await models.Person.filter(name="refused").count() == 0
    assert await models.Person.all().count() == 20


async def test_a_write_that_the_database_refuses_spoils_no_other(both: House) -> None:
    async def twice() -> None:
        await models.Head.create(key="same")
        await models.Head.create(key="same")

    jobs = [both.store.write(_add("before")), both.store.write(twice), both.store.write(_add("after"))]
    before, refused, after = await asyncio.gather(*jobs, return_exceptions=True)
    assert (before, after) == ("before", "after") and isinstance(refused, Exception)
    assert await models.Head.filter(key="same").count() == 0


async def test_who_stops_waiting_neither_loses_the_write_nor_locks_the_database(both: House) -> None:
    chance = random.Random(7)

    async def impatient(number: int) -> None:
        write = asyncio.create_task(both.store.write(_add(f"impatient {number}")))
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        write.cancel()

    for number in range(200):
        await impatient(number)
    async with asyncio.timeout(10):
        await both.store.write(_add("patient"))
    started = await models.Person.filter(name__startswith="impatient").count()
    assert started >= 100  # a write cancelled before its task began was never asked for
    assert await models.Person.filter(name="patient").count() == 1


async def test_closing_waits_for_what_was_asked(database: str) -> None:
    house = build(Settings(database=database, secret=SECRET))
    async with open_house(house):
        asked = [asyncio.create_task(house.store.write(_add(f"person {n}"))) for n in range(10)]
        await asyncio.sleep(0)
    assert all(task.done() for task in asked)
    async with open_house(build(Settings(database=database, secret=SECRET))):
        assert await models.Person.all().count() == 10


# A run of pieces


def _adds(names: list[str]) -> Steps[list[object]]:
    """Adds a person for each, but for whoever is refused; of one name the database has no such column."""
    kept: list[object] = []
    for name in names:
        if name == "refused":
            kept.append(Refused("refused.closed"))
            continue
        yield f"INSERT INTO person ({'nose' if name == 'odd' else 'name'}) VALUES (?)", (name,)
        kept.append((yield "SELECT name FROM person WHERE name = ?", (name,))[0]["name"])
    return kept


async def test_what_waits_together_is_kept_in_one_run_and_told_in_order_before_anybody_is_answered(both: House) -> None:
    runs, told = [], []

    def adds(names: list[str]) -> Steps[list[object]]:
        runs.append(names)
        return _adds(names)

    async def one(name: str) -> object:
        found = await both.store.take(adds, name, then=told.append)
        assert len(told) >= len(names)
        return found

    names = [f"person {n}" for n in range(20)]
    assert await asyncio.gather(*map(one, names)) == names == told
    assert runs == [names]
    assert await models.Person.all().count() == 20


async def test_a_refused_piece_spoils_no_other_and_one_that_breaks_is_lost_alone(both: House) -> None:
    doubts: list[None] = []
    both.store.when_lost = lambda: doubts.append(None)
    names = ["before", "refused", "odd", "after"]
    takes = (both.store.take(_adds, name, then=lambda kept: None) for name in names)
    before, refused, odd, after = await asyncio.gather(*takes, return_exceptions=True)
    assert (before, after) == ("before", "after")
    assert isinstance(refused, Refused) and isinstance(odd, Lost) and doubts
    assert sorted(await models.Person.all().values_list("name", flat=True)) == ["after", "before"]
    assert await both.store.take(_adds, "next", then=lambda kept: None) == "next"


async def test_where_the_database_is_at_fault_nobody_waits_for_the_others(both: House) -> None:
    tried = []

    def adds(names: list[str]) -> Steps[list[object]]:
        tried.append(len(names))
        return _adds(names)

    takes = (both.store.take(adds, "odd", then=lambda kept: None) for _ in range(9))
    assert {type(told) for told in await asyncio.gather(*takes, return_exceptions=True)} == {Lost}
    assert tried == [9, 1, 1]


async def test_ballots_and_acts_that_wait_together_are_all_kept(both: House) -> None:
    writes = [both.store.write(_add(f"act {n}")) for n in range(5)]
    takes = [both.store.take(_adds, f"piece {n}", then=lambda kept: None) for n in range(5)]
    assert len(set(await asyncio.gather(*writes, *takes))) == await models.Person.all().count() == 10


async def test_what_is_read_is_true_when_it_is_told_whatever_shared_its_commit(both: House) -> None:
    seen: list[int] = []
    reading = both.store.read(lambda: models.Person.all().count(), seen.append)
    await asyncio.gather(reading, *(both.store.write(_add(f"act {n}")) for n in range(3)))
    assert seen == [3]


# When a commit fails


async def test_a_failing_commit_is_told_to_everyone_in_it_and_the_next_one_works(settings: Settings) -> None:
    async def break_commit() -> None:
        await store.rows("PRAGMA defer_foreign_keys = ON")  # the breach is found at the commit
        await store.rows("INSERT INTO seat (session_id, role, code, alias) VALUES (999, 'participant', 'c', 'a')")

    async with open_house(build(settings)) as house:
        writes = [house.store.write(_add("with it")), house.store.write(break_commit)]
        async with asyncio.timeout(10):
            answers = await asyncio.gather(*writes, return_exceptions=True)
            assert [type(answer) for answer in answers] == [Lost, Lost]
            assert await models.Person.all().count() == 0
            assert await house.store.write(_add("after it")) == "after it"


async def test_a_lost_server_is_told_and_found_again(postgres: Postgres) -> None:
    async def cut() -> None:
        await models.Person.create(name="lost")
        await store.rows("SELECT pg_terminate_backend(pg_backend_pid())")

    async with open_house(build(Settings(database=postgres.new_database(), secret=SECRET))) as house:
        async with asyncio.timeout(20):
            with pytest.raises(Lost):
                await house.store.write(cut)
            assert await house.store.write(_add("kept")) == "kept"
        assert await models.Person.all().values_list("name", flat=True) == ["kept"]


async def test_a_failed_commit_makes_the_counts_doubt(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="5")
    before = (await table.house.counts.now(row)).official

    async def cast_and_break() -> None:
        await table.house.counts.now(row)
        await store.rows("PRAGMA defer_foreign_keys = ON")
        await store.rows("INSERT INTO seat (session_id, role, code, alias) VALUES (999, 'participant', 'c', 'a')")

    ballot = Submission({"card": ["P001"], "importance": ["9"]}, "lost", "en")
    cast = conduct.cast(table.house, table.bob.id, row.id, ballot, conduct.EnteredFor(table.fay, "paper"))
    lost, _ = await asyncio.gather(cast, table.house.store.write(cast_and_break), return_exceptions=True)
    assert isinstance(lost, Lost)
    assert (await table.house.counts.now(row)).official == before


async def test_a_look_does_not_fail_with_what_others_write_in_the_same_commit(table: Table) -> None:
    row = await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="5")
    counts = table.house.counts
    before = (await counts.now(row)).official
    await conduct.regroup(table.house, table.fay, table.bob.id, "patients")  # after an act a look reads what is new
    await counts.now(row)
    await conduct.call(table.house, table.aline, "question")

    async def break_commit() -> None:
        await store.rows("PRAGMA defer_foreign_keys = ON")
        await store.rows("INSERT INTO seat (session_id, role, code, alias) VALUES (999, 'participant', 'c', 'a')")

    both_wait = asyncio.Event()
    held = asyncio.create_task(table.house.store.write(both_wait.wait))  # meanwhile these two come to one commit
    await asyncio.sleep(0.05)
    broken = asyncio.create_task(table.house.store.write(break_commit))
    looking = asyncio.create_task(counts.now(row))
    await asyncio.sleep(0.05)
    both_wait.set()
    assert (await looking).official == before
    with pytest.raises(Lost):
        await broken
    assert await held


# Power loss


LONG = 60  # seconds


SERVE = """
import socket, sys
from consensus.server import serve
from consensus.settings import Settings
from consensus.web.app import make_app
listener = socket.socket(fileno=int(sys.argv[1]))
serve(make_app(Settings(database=sys.argv[2], secret=sys.argv[3], origin=sys.argv[4])), listener)
"""


async def test_an_acknowledged_ballot_survives_kill_9(settings: Settings) -> None:
    async with open_house(build(settings)) as house:
        table = await lay_table(house)
        await table.open("rating")
    with listen(0) as listener:
        origin = origin_of(listener)
        arguments = [str(listener.fileno()), settings.database, SECRET, origin]
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, *arguments, cwd=ROOT, pass_fds=[listener.fileno()]
        )
    # Ours is closed now: else who comes when the server is dead would wait at a door that nobody opens.
    acknowledged: list[tuple[int, str]] = []

    async def vote(seat: models.Seat) -> None:
        at = {"base_url": origin, "headers": {"Origin": origin}}
        async with httpx2.AsyncClient(**at, timeout=LONG) as browser:  # one who gives up would never end it
            await browser.post(f"/j/{seats.token(settings, 'seat', seat.id, seat.issue)}")
            for number in range(10_000):
                key = f"{seat.id}-{number}"
                form = {"round": "rating", "card": "P001", "importance": str(1 + number % 9), "key": key}
                answer = await browser.post(f"/sessions/{table.session.id}/take", data=form)
                assert answer.status_code == 303, answer.text
                acknowledged.append((seat.id, key))
                if len(acknowledged) == 150:
                    server.kill()

    async with asyncio.timeout(LONG):
        ends = await asyncio.gather(*map(vote, table.seats), return_exceptions=True)
        assert await server.wait() == -signal.SIGKILL
    assert all(isinstance(end, httpx2.TransportError) for end in ends), ends
    async with open_house(build(settings)):
        kept = set(await models.Ballot.all().values_list("seat_id", "key"))
        assert kept.issuperset(acknowledged) and len(acknowledged) >= 150
        await _whole_chain(table.session)


# Settings that would lose something


async def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(StoreError, match="journal_mode"):
        await Store(Settings(database=":memory:", secret=SECRET)).open()


@pytest.mark.parametrize("mode", ["OFF", "NORMAL"])
async def test_an_embedded_file_that_does_not_wait_for_the_disk_is_refused(settings: Settings, mode: str) -> None:
    opened = Store(settings)
    await opened.open()
    try:
        await store.rows(f"PRAGMA synchronous = {mode}")
        with pytest.raises(StoreError, match="synchronous"):
            await opened._assert_durable()
    finally:
        await opened.close()


async def test_a_server_that_does_not_wait_for_the_disk_is_refused(postgres: Postgres) -> None:
    url = postgres.new_database()
    name = url.rpartition("/")[2]
    postgres.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(StoreError, match="synchronous_commit"):
        await Store(Settings(database=url, secret=SECRET)).open()


async def test_a_server_that_never_syncs_is_refused(postgres: Postgres) -> None:
    url = postgres.new_database()
    try:
        postgres.sql("ALTER SYSTEM SET fsync = off")
        postgres.sql("SELECT pg_reload_conf()")
        with pytest.raises(StoreError, match="fsync"):
            await Store(Settings(database=url, secret=SECRET)).open()
    finally:
        postgres.sql("ALTER SYSTEM RESET fsync")
        postgres.sql("SELECT pg_reload_conf()")


@pytest.mark.parametrize("name", ["été 100 %.db", "a#b.db", "a?b.db", "a%41.db"])
async def test_any_file_name_is_the_file(tmp_path: Path, name: str) -> None:
    async with open_house(build(Settings(database=str(tmp_path / name), secret=SECRET))):
        assert (tmp_path / name).is_file()


# Tables


async def test_the_tables_are_made_and_found_again(bare_database: str) -> None:
    async with open_house(build(Settings(database=bare_database, secret=SECRET))) as house:
        await lay_table(house)
        before = {model: await model.all().count() for model in ALL}
    async with open_house(build(Settings(database=bare_database, secret=SECRET))):
        assert {model: await model.all().count() for model in ALL} == before
        assert all(before[model] for model in (models.Seat, models.Entry, models.Head, models.Round))


ALL = [model for model in vars(models).values() if isinstance(model, type) and issubclass(model, models.Model)][1:]


async def test_a_database_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, and long enough to be sure of it" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        await Store(Settings(database=str(tmp_path / "text.db"), secret=SECRET)).open()
    async with open_house(build(Settings(database=str(tmp_path / "good.db"), secret=SECRET))):
        assert await models.Person.all().count() == 0


# Order


async def test_numbers_have_no_gap_and_nobody_comes_late(both: House) -> None:
    table = await lay_table(both)
    row = await table.open("rating")
    begin = (await models.Head.get(key=journal.head_of(table.session.id))).seq
    seen: list[int] = []
    done = asyncio.Event()

    async def follow() -> None:
        while not done.is_set():
            after = seen[-1] if seen else begin
            seen.extend(ballot["seq"] for ballot in await store.ballots_after(row.id, after))

    following = asyncio.create_task(follow())
    forms = [(seat, str(score)) for seat in table.seats for score in range(1, 6)][:50]
    receipts = await asyncio.gather(
        *(table.cast(seat, "rating", card="P001", importance=score) for seat, score in forms)
    )
    done.set()
    await following
    await asyncio.sleep(0)
    assert sorted(receipt.seq for receipt in receipts) == list(range(begin + 1, begin + 51))
    late = [ballot["seq"] for ballot in await store.ballots_after(row.id, begin) if ballot["seq"] not in seen]
    assert not [seq for seq in late if seen and seq < seen[-1]]
    await _whole_chain(table.session)


VOTE = """
import asyncio, json, sys
from consensus import conduct
from consensus.house import build, open_house
from consensus.settings import Settings

async def main(database, secret, round_id, begin, seats):
    async with open_house(build(Settings(database=database, secret=secret))) as house:
        print("ready", flush=True)
        sys.stdin.readline()
        async def vote(seat):
            seqs = []
            for score in range(1, 6):
                form = {"card": ["P001"], "importance": [str(score)]}
                submission = conduct.Submission(form, f"{begin}-{score}", "en")
                seqs.append((await conduct.cast(house, seat, round_id, submission)).seq)
            return seqs
        print(json.dumps(sum(await asyncio.gather(*map(vote, seats)), [])))

asyncio.run(main(*json.loads(sys.argv[1])))
"""


async def test_two_processes_on_one_server_write_one_chain(postgres: Postgres) -> None:
    url = postgres.new_database()
    async with open_house(build(Settings(database=url, secret=SECRET))) as house:
        table = await lay_table(house)
        row = await table.open("rating")
        begin = (await models.Head.get(key=journal.head_of(table.session.id))).seq
        people = [seat.id for seat in table.seats]
        both = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", VOTE, json.dumps([url, SECRET, row.id, name, half])),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for name, half in (("a", people[:6]), ("b", people[6:]))
        ]
        for process in both:
            assert process.stdout is not None
            await process.stdout.readline()
        outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in both))
        told = [json.loads(output) for output, _ in outputs]
        assert sorted(told[0] + told[1]) == list(range(begin + 1, begin + 1 + 5 * len(people)))
        await _whole_chain(table.session)
        live, again = await house.counts.now(row), (await recount(row)).take_stock()
        assert live.official == again.official and live.ballots == len(people)


# What another process does meanwhile


@asynccontextmanager
async def another_process_holds(table: Table) -> AsyncIterator[asyncpg.Connection]:
    """A connection in the midst of a transaction that writes to this session."""
    connection = await asyncpg.connect(table.house.settings.database)
    try:
        await connection.execute("SET deadlock_timeout = '60s'; BEGIN")  # who waits longest is not the one to give up
        await connection.execute("SELECT 1 FROM head WHERE key = $1 FOR UPDATE", journal.head_of(table.session.id))
        yield connection
    finally:
        await connection.close()


async def until_somebody_waits(connection: asyncpg.Connection) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while not await connection.fetchval(waiting):
        pass


@pytest.fixture
async def served(postgres: Postgres) -> AsyncIterator[Table]:
    """A session on a server, its rating open."""
    EXECUTOR_CACHE.clear()
    async with open_house(build(Settings(database=postgres.new_database(), secret=SECRET))) as house:
        table = await lay_table(house)
        await table.open("rating")
        yield table


async def test_a_round_closed_elsewhere_meanwhile_takes_no_ballot(served: Table) -> None:
    async with another_process_holds(served) as other:
        cast = asyncio.create_task(served.cast(served.aline, "rating", card="P001", importance="5"))
        await until_somebody_waits(other)
        await other.execute("UPDATE round SET state = 'closed'; COMMIT")
        with pytest.raises(Refused, match=r"refused\.closed"):
            await cast


# Bob says 9 now: another process took that ballot.
TAKEN_ELSEWHERE = """
INSERT INTO ballot (round_id, seat_id, seq, slot, marks, salt, language, key, body)
SELECT round_id, seat_id, seq + 1, slot, '{"card":"P001","reason":"","values":{"importance":9}}', salt, language,
    'elsewhere', body
FROM ballot ORDER BY seq DESC LIMIT 1;
UPDATE head SET seq = seq + 1 WHERE key LIKE 'session-%';
COMMIT
"""


async def test_a_round_closes_with_every_ballot_acknowledged_elsewhere_meanwhile(served: Table) -> None:
    await served.cast(served.bob, "rating", card="P001", importance="5")
    async with another_process_holds(served) as other:
        close = asyncio.create_task(served.close("rating"))
        await until_somebody_waits(other)
        await other.execute(TAKEN_ELSEWHERE)
        row = await close
    assert row.outcome["ballots"] == 1
    counted = await served.house.counts.now(row)
    assert counted.own[str(served.bob.id)]["P001"]["values"] == {"importance": 9}


async def test_an_erasure_also_erases_what_came_elsewhere_meanwhile(served: Table) -> None:
    await served.cast(served.bob, "rating", card="P001", importance="5")
    async with another_process_holds(served) as other:
        leaving = asyncio.create_task(conduct.withdraw(served.house, served.bob, erase=True))
        await until_somebody_waits(other)
        await other.execute(TAKEN_ELSEWHERE)
        await leaving
    assert await models.Ballot.all().count() == 2
    assert await models.Ballot.filter(marks__not_isnull=True).count() == 0


async def test_two_processes_that_wait_for_each_other_are_told_to_try_again(served: Table) -> None:
    elsewhere = await lay_table(served.house, title="Ailleurs")
    await elsewhere.open("rating")

    async def vote_in_both() -> None:
        await store.hold(journal.head_of(elsewhere.session.id))
        await store.hold(journal.head_of(served.session.id))

    async with another_process_holds(served) as other:
        ours = asyncio.create_task(served.house.store.write(vote_in_both))
        await until_somebody_waits(other)
        wanted = "SELECT 1 FROM head WHERE key = $1 FOR UPDATE"
        await other.execute(wanted, journal.head_of(elsewhere.session.id))
        with pytest.raises(Lost):
            await ours
        await other.execute("COMMIT")
