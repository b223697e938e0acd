"""No name leads to another: seat, handle of a line, alias of a round, order of the cards. Attacks 13 and 14, as far as
pages, clock and journal go; what the files add is tried where the files are."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from consensus import conduct, journal, leaves, models, store
from consensus.card_order import in_order, shuffled, third_of
from consensus.export.database import verify_database
from consensus.house import House, build, open_house
from consensus.protocol import Plan
from consensus.settings import Settings
from rounds.contract import Role
from tests.conftest import SECRET, Table, fresh, lay_table
from tests.older import go_back_to

CARDS = [f"S{n}" for n in range(1, 13)]
RATING = Plan(key="rating", kind="rating", disclosure="at_close", grace=0)


@pytest.fixture
async def rated(house: House) -> Table:
    table = await lay_table(house, [RATING, Plan(key="again", kind="rating", disclosure="at_close", grace=0)])
    await play(table, "rating")
    return table


async def play(table: Table, key: str, reason: str = "") -> models.Round:
    row = await table.open(key)
    for n, seat in enumerate(table.seats):
        order = in_order(table.house.settings, [s["id"] for s in row.statements], row, seat)
        for card in order:
            fields = {"card": [card], "importance": [str(1 + n % 9)], "reason": [reason and f"{reason} {n} {card}"]}
            submission = conduct.Submission(fields, f"{key} {card}", "en", third_of(card, order))
            await conduct.cast(table.house, seat.id, row.id, submission)
    return await table.close(key)


# The order of the cards


def test_every_order_of_four_cards_is_as_likely() -> None:
    n = 24 * 400
    found = Counter(tuple(shuffled("abcd", SECRET, "order", 1, "rating", seat)) for seat in range(n))
    assert len(found) == 24
    assert sum((count - 400) ** 2 / 400 for count in found.values()) < 49.7, "chi-square, 23 degrees, one in a thousand"


def test_the_first_card_says_nothing_of_the_second() -> None:
    """What a circle gives away: there the second follows from the first."""
    seconds = Counter(order[1] for n in range(6000) if (order := shuffled(CARDS, SECRET, n))[0] == "S1")
    assert len(seconds) == 11 and max(seconds.values()) < 2 * min(seconds.values())


async def test_an_order_is_the_same_at_every_visit_and_another_for_each_person_and_round(rated: Table) -> None:
    settings, rows = rated.house.settings, [await rated.row(key) for key in ("rating", "again")]
    orders = {(row.key, seat.id): in_order(settings, CARDS, row, seat) for row in rows for seat in rated.seats}
    for row in rows:
        for seat in rated.seats:
            assert in_order(settings, CARDS, row, seat) == orders[row.key, seat.id]
    assert all(sorted(order) == sorted(CARDS) for order in orders.values())
    assert len({tuple(order) for order in orders.values()}) == len(orders)


async def test_who_saw_three_cards_finds_nobody_in_the_seats_without_the_secret(rated: Table) -> None:
    """Attack 14: by hashes of all that is known of each seat but the secret, no seat fits better than by chance."""
    row, seat = await rated.row("rating"), rated.seats[0]
    seen = in_order(rated.house.settings, CARDS, row, seat)[:3]
    for guess in ("", "secret", row.hash, (await models.Head.get(key=journal.head_of(rated.session.id))).secret):
        orders = {s.id: shuffled(CARDS, guess, "order", row.session_id, "rating", s.id) for s in rated.seats}
        assert orders[seat.id][:3] != seen


@pytest.mark.parametrize(("place", "third"), [(0, 1), (3, 1), (4, 2), (7, 2), (8, 3), (11, 3)])
def test_twelve_cards_have_four_in_each_third(place: int, third: int) -> None:
    assert third_of(CARDS[place], CARDS) == third
    assert third_of("S99", CARDS) == 0


async def test_where_a_card_stood_is_forgotten_at_the_close(house: House) -> None:
    table = await lay_table(house, [RATING])
    await table.open("rating")
    submission = conduct.Submission({"card": ["P001"], "importance": ["7"]}, "page", "en", third=3)
    row = await table.row("rating")
    await conduct.cast(house, table.aline.id, row.id, submission)
    assert [ballot.third for ballot in await models.Ballot.all()] == [3]
    await table.close("rating")
    assert [ballot.third for ballot in await models.Ballot.all()] == [0]


# The aliases of a round


async def test_an_alias_is_of_one_person_in_one_round(rated: Table) -> None:
    await play(rated, "again")
    names: dict[tuple[int, int], set[str]] = {}
    for leaf in await models.Leaf.filter(is_words=False):
        names.setdefault((leaf.round_id, leaf.seat_id), set()).add(json.loads(str(leaf.said))["alias"])
    assert all(len(own) == 1 for own in names.values()) and len(names) == 2 * len(rated.seats)
    assert len({alias for own in names.values() for alias in own}) == len(names)


async def test_no_page_and_no_line_holds_an_alias_or_a_leaf(rated: Table) -> None:
    """Attack 13: all that the journal tells, joined with the leaves, has no name in common with any of them."""
    leafs = await models.Leaf.all()
    lines = await models.Entry.filter(head=journal.head_of(rated.session.id)).order_by("seq")
    told = " ".join(f"{line.alias} {line.payload}" for line in lines)
    for leaf in leafs:
        assert leaf.hash not in told and str(leaf.salt) not in told
        assert json.loads(str(leaf.said))["alias"] not in told
    salts = {str(ballot.salt) for ballot in await models.Ballot.all()}
    assert not salts & {str(leaf.salt) for leaf in leafs}, "the salt of arrival opens no row of a file"


@pytest.mark.parametrize("seed", range(5))
async def test_what_a_facilitator_has_gives_every_alias_to_anybody_of_the_block_alike(seed: int, house: House) -> None:
    """Attack 13: the sheet of the seats in roster order, the order of the lines, the clock of every answer, against the
    rows of a file in the order of their aliases: right as often as chance."""
    settings = Settings(database=":memory:", secret=f"{seed}" * 40)
    hits = 0
    for session in range(200):
        seats = list(range(10 * session, 10 * session + 10))  # in the order of the list, and of their answers
        rows = sorted(seats, key=lambda seat: leaves.alias_of(settings.secret, session, "rating", seat))
        hits += sum(one == other for one, other in zip(seats, rows, strict=True))
    assert 140 <= hits <= 260, "one in ten of 2000, give or take four standard deviations"


# The second seal


async def test_a_leaf_opens_with_its_salt_and_the_root_is_of_all_of_them(rated: Table) -> None:
    row, found = await rated.row("rating"), await models.Leaf.all()
    assert all(leaves.leaf(str(leaf.salt), str(leaf.said)) == leaf.hash for leaf in found)
    line = await models.Entry.filter(act="closed").get()
    said = json.loads(line.payload)
    assert said["leaves"] == len(found) == len(rated.seats) * len(row.statements)
    again = leaves.root("rating", [leaf.hash for leaf in found][::-1], row.seal["order"], row.seal["findings"])
    assert again == said["root"] == row.seal["root"], "in whatever order they are listed"


async def test_words_have_leaves_apart_from_whose_answer_they_stood_beside(house: House) -> None:
    table = await lay_table(house, [RATING])
    await play(table, "rating", reason="Because of")
    for leaf in await models.Leaf.all():
        said = json.loads(str(leaf.said))
        if leaf.is_words:
            assert set(said) == {"round", "statement", "text"} and said["text"].startswith("Because of")
        else:
            assert said["marks"]["reason"] == "" and "Because" not in str(leaf.said)
    assert await models.Leaf.filter(is_words=True).count() == await models.Leaf.filter(is_words=False).count()


async def test_an_erasure_takes_what_opens_a_leaf_and_leaves_the_root_whole(rated: Table) -> None:
    before = {leaf.hash for leaf in await models.Leaf.all()}
    await conduct.withdraw(rated.house, rated.aline, erase=True)
    own = await models.Leaf.filter(seat_id=rated.aline.id)
    assert own and all((leaf.said, leaf.salt) == (None, None) for leaf in own)
    assert {leaf.hash for leaf in await models.Leaf.all()} == before


async def test_a_reopening_takes_the_leaves_back_and_the_next_close_makes_others(rated: Table) -> None:
    first = {leaf.hash for leaf in await models.Leaf.all()}
    row = await rated.row("rating")
    await conduct.reopen_round(rated.house, rated.fay, row.id, "Too early.")
    assert not await models.Leaf.all().exists()
    await rated.close("rating")
    second = {leaf.hash for leaf in await models.Leaf.all()}
    assert len(second) == len(first) and not second & first


async def test_an_alias_of_a_round_stays_over_a_reopening(rated: Table) -> None:
    def names(found: list[models.Leaf]) -> set[tuple[int, str]]:
        return {(leaf.seat_id, json.loads(str(leaf.said))["alias"]) for leaf in found}

    before, row = names(await models.Leaf.all()), await rated.row("rating")
    await conduct.reopen_round(rated.house, rated.fay, row.id, "Too early.")
    await rated.close("rating")
    assert names(await models.Leaf.all()) == before


async def test_a_leaf_of_the_team_has_a_number_within_its_round(house: House) -> None:
    table = await lay_table(house, [Plan(key="wall", kind="wall", disclosure="live", grace=0)])
    await table.open("wall")
    moved = {"act": "move", "to": "selection", "how": "no_objection"}
    for n in range(1, 20):
        if not await models.Round.get_or_none(key="wall", state="open"):
            break
        card = f"P{n:03}"
        try:
            await table.cast(table.fay, "wall", card=card, seen="0", **moved)
        except conduct.Refused:
            break
    await table.close("wall")
    said = [json.loads(str(leaf.said)) for leaf in await models.Leaf.all().order_by("seq")]
    assert said and [one["number"] for one in said] == list(range(1, len(said) + 1))
    assert {one["slot"] for one in said} == {None}


async def test_figures_over_two_rounds_are_sealed_at_the_close(rated: Table) -> None:
    row = await play(rated, "again")
    sealed = row.seal["findings"]
    assert {"movement", "attrition"} <= {found["measure"] for found in sealed}
    await conduct.analyse_due(rated.house)
    told = (await rated.row("again")).findings
    assert [found for found in told if found in sealed] == sealed
    line = [json.loads(entry.payload) for entry in await models.Entry.filter(act="closed").order_by("seq")][-1]
    changed = [{**sealed[0], "value": 0.123}, *sealed[1:]]
    hashes = [leaf.hash for leaf in await models.Leaf.filter(round_id=row.id)]
    assert leaves.root("again", hashes, row.seal["order"], sealed) == line["root"]
    assert leaves.root("again", hashes, row.seal["order"], changed) != line["root"]


# What the database says of its own names


async def told(house: House, kept: tuple[tuple[int, str], ...] = ()) -> tuple[str, dict[str, object]]:
    verdict = await verify_database(house.settings.database, kept)
    return verdict.key, dict(verdict.values)


@pytest.fixture
async def kept(tmp_path: Path) -> Path:
    """A database in which everything was named: seated, joined, moved, revoked, answered, closed, erased."""
    path = fresh(tmp_path / "names.db")
    async with open_house(build(Settings(database=str(path), secret=SECRET))) as house:
        table = await lay_table(house, [RATING])
        await conduct.add_seats(house, table.fay, [conduct.Guest(Role.PARTICIPANT, "patients") for _ in range(3)])
        await conduct.revoke(house, table.fay, table.aline.id)
        await conduct.regroup(house, table.fay, table.aline.id, "clinicians")
        await play(table, "rating", reason="Because of")
        await conduct.withdraw(house, table.bob, erase=True)
        await conduct.withdraw(house, table.aline, erase=False)
    return path


def change(path: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(path) as database:
        assert database.execute(sql, values).rowcount == 1, "the line that is meant is there"
    database.close()


async def test_a_database_with_every_name_is_whole(kept: Path) -> None:
    verdict = await verify_database(str(kept))
    assert verdict.is_whole and int(str(verdict.values["leaves"])) > 40


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        ("UPDATE entry SET by_id = by_id + 1 WHERE act = 'open_round'", "verify.other_handle"),
        ("UPDATE entry SET by_id = NULL WHERE act = 'open_round'", "verify.other_handle"),
        ("UPDATE entry SET about_id = about_id + 1 WHERE act = 'revoke'", "verify.other_handle"),
        ("UPDATE entry SET about_id = NULL WHERE act = 'regroup'", "verify.other_handle"),
        ("UPDATE head SET secret = 'another' WHERE key LIKE 'session%'", "verify.other_handle"),
        ("UPDATE leaf SET hash = '00' WHERE id = 1", "verify.other_leaf"),
        ("UPDATE leaf SET said = replace(said, ':', ': ') WHERE id = 2", "verify.other_leaf"),
        ("UPDATE leaf SET salt = NULL WHERE id = 1", "verify.other_leaf"),
        ("UPDATE leaf SET seat_id = seat_id + 1 WHERE id = 1", "verify.other_leaf"),
        ("DELETE FROM leaf WHERE id = 1", "verify.other_root"),
        ("UPDATE \"round\" SET seal = replace(seal, 'findings', 'found') WHERE key = 'rating'", "verify.other_root"),
    ],
)
async def test_a_name_that_was_changed_is_found(kept: Path, sql: str, key: str) -> None:
    change(kept, sql)
    verdict = await verify_database(str(kept))
    assert (verdict.is_whole, verdict.key) == (False, key)


async def test_two_leaves_whose_people_were_exchanged_are_found(kept: Path) -> None:
    """Each still opens; but neither is of the ballot that it names."""
    with sqlite3.connect(kept) as database:
        (one, said, salt, hash), (other, *rest) = database.execute(
            "SELECT id, said, salt, hash FROM leaf WHERE said IS NOT NULL AND is_words = 0"
            " AND said LIKE '%P001%' ORDER BY id LIMIT 2"
        ).fetchall()
        database.execute("UPDATE leaf SET said = ?, salt = ?, hash = ? WHERE id = ?", (*rest, one))
        database.execute("UPDATE leaf SET said = ?, salt = ?, hash = ? WHERE id = ?", (said, salt, hash, other))
    database.close()
    assert (await verify_database(str(kept))).key == "verify.other_leaf"


async def test_a_head_that_was_kept_must_be_in_a_chain(kept: Path) -> None:
    with sqlite3.connect(kept) as database:
        (seq, sealed) = database.execute("SELECT seq, hash FROM head WHERE key LIKE 'session%'").fetchone()
    database.close()
    assert (await verify_database(str(kept), [(seq, sealed)])).is_whole
    for wrong in ((seq, "0" * 64), (seq - 1, sealed)):
        verdict = await verify_database(str(kept), [(seq, sealed), wrong])
        assert (verdict.is_whole, verdict.key) == (False, "verify.no_such_head")


# Sessions that were begun before


async def test_a_session_begun_before_goes_on_with_its_lines_and_is_verified(database: str) -> None:
    """Its lines keep the alias that they told; those that come have handles; who was moved counts where they were."""
    settings = Settings(database=database, secret=SECRET)
    async with open_house(build(settings)) as house:
        table = await lay_table(house, [RATING])
        await table.open("rating")
        await table.cast(table.aline, "rating", card="P001", importance="7")
        await conduct.regroup(house, table.fay, table.aline.id, "clinicians")
        await go_back_to("0010_salted")
        await _as_of_before(table)
    async with open_house(build(settings)) as house:
        fay, row = await models.Seat.get(id=table.fay.id), await models.Round.get(key="rating")
        assert row.is_circular
        [moved] = await models.Entry.filter(act="regroup")
        assert (moved.about_id, moved.by_id) == (table.aline.id, fay.id)
        assert json.loads(moved.payload)["alias"] == f"OLD{table.aline.id}"
        counted = await house.counts.now(row)
        assert counted.answered == {"patients": 1}, "in the block of the opening, as who moved is known"
        orders = {tuple(in_order(settings, CARDS, row, seat)) for seat in await models.Seat.filter(role="participant")}
        assert orders <= {tuple(CARDS[n:] + CARDS[:n]) for n in range(12)}, "the circle in which it began"
        await conduct.close_round(house, fay, row.id)
        closed = await models.Entry.filter(act="closed").get()
        assert closed.alias not in {seat.alias for seat in await models.Seat.all()} and len(closed.alias) == 16
    verdict = await verify_database(database)
    assert verdict.is_whole, verdict


async def _as_of_before(table: Table) -> None:
    """Every seat has an alias, every line tells it, and the chain is made anew over that."""
    key, prev = journal.head_of(table.session.id), ""
    await store.rows("UPDATE seat SET alias = 'OLD' || id")
    for line in await store.rows("SELECT * FROM entry WHERE head = ? ORDER BY seq", key):
        said = json.loads(line["payload"])
        said.pop("about", None)
        if line["act"] == "regroup":
            said["alias"] = f"OLD{table.aline.id}"
        by = f"OLD{table.fay.id}" if line["alias"] else ""
        line |= {"alias": by, "payload": journal.canonical(said)}
        sealed = journal.seal(prev, line)
        sql = "UPDATE entry SET alias = ?, payload = ?, prev = ?, hash = ? WHERE id = ?"
        await store.rows(sql, by, line["payload"], prev, sealed, line["id"])
        prev = sealed
    await store.rows("UPDATE head SET hash = ? WHERE key = ?", prev, key)
