"""Attack 17: a study of five sites and four groups with small cells at random. All tables of all sessions and pooled,
by site, arm, group and language, and over versions of the tables: no combination of sums speaks of fewer than k people.

The studies are drawn as cells and people, by the rules that rounds close by, so that many can be tried; one is played
whole and read from its pages. Each rule is broken once, and the look at all sums must see it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from consensus import conduct, models
from consensus.results.study import StudyResults, compared, pooled
from consensus.results.study.audit import people_of, unsound
from consensus.results.study.comparing import BY, GROUP, OWN_SITE, at_several_sites
from consensus.results.study.cutting import parts_of
from consensus.results.study.data import OTHERS, TOLD, Cell, Outcome, Part, StudySession, StudyStatement
from consensus.results.study.others import others_of
from consensus.results.study.people import Answered
from rounds.audit import given_away
from rounds.blocks import made
from tests.conftest import Site
from tests.studies import ARMS, GROUPS, KNOWN, SITES, Panel, by_chance, lay_study

KEYS = ("patients", "caregivers", "clinicians", "managers")
APART = frozenset({frozenset({"managers", "patients"})})
BANDS = (9, (1, 3), (7, 9))
STATEMENTS = ("1", "2", "3")


def _session(at: int, k: int, people: int) -> StudySession:
    return StudySession(
        id=at,
        key=str(at + 1),
        title={"en": f"Table {at + 1}"},
        site=f"c{at + 1}",
        province="qc" if at < 2 else "nb",
        arm="with" if at % 2 else "without",
        groups=(),
        people=people if people >= k else None,
        scale="1-9",
        bands=BANDS,
        rule={"name": "share", "percent": 75},
        top=None,
        scored="rating",
        placed="ranking",
        follows="",
        is_frozen=True,
    )


def _cell(session: str, groups: tuple[str, ...], key: str, values: Sequence[int]) -> Cell:
    votes = tuple(values.count(value) for value in range(1, 10))
    high, low = sum(votes[6:]), sum(votes[:3])
    return Cell(session, groups, key, len(values), high, low, votes, Fraction(len(values)))


def _sites(at: int, chance: Random) -> str:
    """The session's, and for some people another: always the same one of each session, or few would share it."""
    both = {f"c{at + 1}", f"c{(at + 1) % 5 + 1}"}
    return "+".join(sorted(both)) if chance.random() < 0.5 else f"c{at + 1}"


def drawn(
    seed: int, k: int, sessions: int = 5, sizes: Sequence[int] = ()
) -> tuple[StudyResults, list[Answered], list[Answered]]:
    """A study: its told cells, who is in them, and who is in none. sizes: how many of a group a session may have."""
    chance = Random(f"{seed} {k}")
    told: list[Answered] = []
    unseen: list[Answered] = []
    cells: list[Cell] = []
    held = []
    for at in range(sessions):
        chosen = {group: chance.choice(sizes or [0, 1, 2, k - 1, k, k + 1, 2 * k]) for group in KEYS}
        people = [
            Answered(
                str(at + 1),
                ("person", chance.randint(1, 60)) if chance.random() < 0.2 else ("seat", 1000 * at + 100 * g + n),
                (group,),
                {key: chance.randint(1, 9) for key in STATEMENTS if chance.random() < 0.92},
                (chance.choice(["fr", "fr", "en"]), "", _sites(at, chance)),
            )
            for g, group in enumerate(KEYS)
            for n in range(chosen[group])
        ]
        people = list({one.who: one for one in people}.values())
        blocks = made([(g, sum(one.groups == (g,) for one in people)) for g in KEYS], k, APART).blocks
        for block in blocks:
            own = [replace(one, groups=block.groups) for one in people if one.groups[0] in block.groups]
            for key in STATEMENTS:
                if len(values := [one.values[key] for one in own if key in one.values]) >= k:
                    cells.append(_cell(str(at + 1), block.groups, key, values))
        for one in people:
            there = next((block.groups for block in blocks if one.groups[0] in block.groups), ())
            seen = {cell.statement for cell in cells if (cell.session, cell.groups) == (one.session, there)}
            inside = {key: value for key, value in one.values.items() if key in seen}
            told += [replace(one, groups=there, values=inside)] if inside else []
            unseen.append(replace(one, values={key: value for key, value in one.values.items() if key not in seen}))
        held.append(_session(at, k, len(people)))
    return _results(k, held, cells), told, unseen


def _results(k: int, sessions: Sequence[StudySession], cells: Sequence[Cell]) -> StudyResults:
    asked = {one.key: "P001" for one in sessions}
    outcomes = []
    for one in sessions:
        for key in STATEMENTS:
            own = [cell for cell in cells if (cell.session, cell.statement) == (one.key, key)]
            n, high, low = (sum(getattr(cell, name) for cell in own) or None for name in ("n", "high", "low"))
            state = TOLD if n else "withheld"
            figures = (n, (high or 0) if n else None, (low or 0) if n else None)
            outcomes.append(Outcome(one.key, key, state, *figures, None, "", None, False, None, ""))
    return StudyResults(
        k=k,
        title={"en": "A study"},
        languages=("en", "fr"),
        headline="nested",
        groups=tuple(GROUPS),
        sites=tuple(SITES),
        known=tuple(KNOWN),
        arms=tuple(ARMS),
        sessions=tuple(sessions),
        waiting=0,
        statements=tuple(StudyStatement(key, int(key), {"en": key}, "en", asked) for key in STATEMENTS),
        outcomes=tuple(outcomes),
        cells=tuple(cells),
        placed=(),
        parts=(),
        is_frozen=True,
    )


def frozen(results: StudyResults, told: Sequence[Answered], unseen: Sequence[Answered]) -> StudyResults:
    kept = [cell for cell in results.cells if cell.session == OTHERS]
    own = tuple(cell for cell in results.cells if cell.session != OTHERS)
    whole = replace(results, cells=(*own, *others_of(results, unseen, kept)))
    return replace(whole, parts=parts_of(whole, told))


def looked_at(
    results: StudyResults, told: Sequence[Answered], unseen: Sequence[Answered], before: Sequence[StudyResults] = ()
) -> tuple[str, ...]:
    pool = pooled(results)
    sides = {by: compared(results, pool, by) for by in BY}
    return unsound(results, pool, sides, [*told, *(replace(one, session=OTHERS) for one in unseen)], (), before)


@pytest.mark.parametrize("k", [3, 5])
def test_no_combination_of_tables_tells_of_few(k: int) -> None:
    with_others = with_parts = 0
    for seed in range(30):
        results, told, unseen = drawn(seed, k)
        table = frozen(results, told, unseen)
        assert looked_at(results, told, unseen) == (), seed
        assert looked_at(table, told, unseen, [results]) == (), seed
        for cell in (cell for cell in table.cells if cell.session == OTHERS):
            own = {one.session for one in unseen if one.groups == cell.groups and cell.statement in one.values}
            assert len(own) > 1, "one site alone is not the others"
        with_others += any(cell.session == OTHERS for cell in table.cells)
        with_parts += bool(table.parts)
    assert with_others > 5, "hardly a study has people who are told only together: nothing was tried"


@pytest.mark.parametrize("k", [3, 5])
def test_every_total_is_a_sum_of_told_cells(k: int) -> None:
    for seed in range(20):
        results, told, unseen = drawn(seed, k)
        table = frozen(results, told, unseen)
        pool = pooled(table)
        for row in (*pool.rows, *pool.apart):
            own = [cell for cell in table.cells if cell.statement == row.statement]
            assert row.n == sum(cell.n for cell in own)
            shares = [Fraction(cell.high, cell.n) for cell in own]
            for weighed in row.by_scheme.values():
                assert weighed.share is None or min(shares) <= weighed.share <= max(shares)


def test_languages_are_told_where_every_part_of_every_cell_is_large() -> None:
    results, told, unseen = drawn(1, 3)
    large = [replace(one, labels=("fr", "", "")) for one in told]
    assert parts_of(results, large) == ()  # one language is no cut
    members: dict[tuple[str, tuple[str, ...]], int] = {}
    cut = []
    for one in [*told, *(replace(one, who=("twin", at)) for at, one in enumerate(told))]:
        place = (one.session, one.groups)
        members[place] = members.get(place, 0) + 1
        cut.append(replace(one, labels=("fr" if len(cut) < len(told) else "en", "", "")))
    doubled = replace(
        results,
        cells=tuple(
            replace(
                c, n=2 * c.n, votes=tuple(2 * v for v in c.votes), high=2 * c.high, low=2 * c.low, voices=2 * c.voices
            )
            for c in results.cells
        ),
    )
    table = replace(doubled, parts=parts_of(doubled, cut))
    assert {part.label for part in table.parts} == {"en", "fr"}
    assert looked_at(_told_again(table), cut, unseen) == ()


def _told_again(table: StudyResults) -> StudyResults:
    """With outcomes of its cells as they are now."""
    return replace(_results(table.k, table.sessions, table.cells), parts=table.parts)


def test_a_later_session_moves_a_sum_by_k_people_or_not_at_all() -> None:
    tried = 0
    for seed in range(30):
        results, told, unseen = drawn(seed, 5)
        first = _results(5, results.sessions[:4], [cell for cell in results.cells if cell.session != "5"])
        before = frozen(first, [o for o in told if o.session != "5"], [o for o in unseen if o.session != "5"])
        kept = [cell for cell in before.cells if cell.session == OTHERS]
        later = frozen(replace(results, cells=(*results.cells, *kept)), told, unseen)
        for cell in kept:
            now = next(
                c for c in later.cells if (c.session, c.groups, c.statement) == (OTHERS, cell.groups, cell.statement)
            )
            assert now.n == cell.n or now.n >= cell.n + 5
            tried += 1
        # What the first table told of those people stays a sum of the same answers.
        assert looked_at(before, told, [one for one in unseen if one.session != "5"]) == ()
    assert tried > 5


@pytest.mark.parametrize("k", [3, 5])
def test_people_of_two_sites_are_counted_at_both_and_nobody_is_found_by_it(k: int) -> None:
    told_in = 0
    for seed in range(24):
        results, told, unseen = drawn(seed, k, 3, [0, 1, k, 4 * k] if seed % 4 == 3 else [0, 5 * k, 6 * k])
        told = [replace(one, labels=("fr", "", one.labels[2])) for one in told]  # only sites cut
        table = frozen(results, told, unseen)
        assert looked_at(table, told, unseen, [results]) == (), seed
        side = compared(table, pooled(table), OWN_SITE)
        if not table.parts:
            assert side.columns == () and at_several_sites(table) == 0
            continue
        told_in += 1
        assert min(part.n for part in table.parts) >= k
        assert at_several_sites(table) >= k
        keys = [column.key for column in side.columns]
        assert keys == sorted({key for part in table.parts for key in part.label.split("+")})
        for row in side.rows:
            own = [one for one in told if row.statement in one.values]
            where = [(one.session, one.groups) for one in table.cells if one.statement == row.statement]
            own = [one for one in own if (one.session, one.groups) in where]
            for column, figure in zip(side.columns, row.figures, strict=True):
                assert figure.n in {None, sum(column.key in one.labels[2].split("+") for one in own)}
            several = sum("+" in one.labels[2] for one in own)
            total = sum(cell.n for cell in table.cells if cell.session != OTHERS and cell.statement == row.statement)
            assert sum(figure.n or 0 for figure in side.rows[side.rows.index(row)].figures) == total + several
    assert told_in >= 5, "hardly a study was cut by sites: nothing was tried"


def test_sites_that_leave_one_person_apart_are_told_of_nobody() -> None:
    for seed in range(10):
        results, told, unseen = drawn(seed, 5, 3, [0, 20, 25])
        lone = [replace(one, labels=("fr", "", f"c{one.session}" + "+c5" * (one is told[0]))) for one in told]
        table = frozen(results, lone, unseen)
        assert table.parts == ()
        assert compared(table, pooled(table), OWN_SITE).columns == ()


def test_sites_of_sessions_alone_are_no_cut() -> None:
    results, told, _ = drawn(1, 3, 3, [12])
    assert parts_of(results, [replace(one, labels=("fr", "", f"c{one.session}")) for one in told]) == ()


def test_a_cell_that_was_cut_stays_as_it_was_cut() -> None:
    """Though somebody of it has another site since: no part is told beside parts of another day."""
    results, told, unseen = next(
        found
        for seed in range(20)
        if (found := drawn(seed, 3, 2, [15, 18]))
        and parts_of(found[0], [replace(one, labels=("fr", "", one.labels[2])) for one in found[1]])
    )
    told = [replace(one, labels=("fr", "", one.labels[2])) for one in told]
    table = frozen(results, told, unseen)
    moved = [replace(one, labels=("fr", "", "c4")) if one.labels[2] == "c1+c2" else one for one in told]
    assert parts_of(table, moved) == table.parts


# Each rule broken: what is found then.


def _everybody(results: StudyResults, told: Sequence[Answered], unseen: Sequence[Answered]) -> StudyResults:
    """A group's cell that holds those whom nobody may see, though they are few."""
    few = [one for one in unseen if "1" in one.values][:1]
    cells = [_cell(OTHERS, one.groups, "1", [one.values["1"]]) for one in few]
    return replace(results, cells=(*results.cells, *cells))


def _one_less(results: StudyResults, told: Sequence[Answered], unseen: Sequence[Answered]) -> StudyResults:
    """A cell cut so that one person stands apart."""
    cell = results.cells[0]
    value = next(at for at, n in enumerate(cell.votes, start=1) if n)
    one = _cell(cell.session, cell.groups, cell.statement, [value])
    return replace(results, parts=(Part(*(getattr(one, name) for name in _FIELDS), "language", "zz"),))


_FIELDS = ("session", "groups", "statement", "n", "high", "low", "votes", "voices")
Breaks = Callable[[StudyResults, Sequence[Answered], Sequence[Answered]], StudyResults]


@pytest.mark.parametrize("broken", [_everybody, _one_less])
def test_a_broken_rule_is_seen(broken: Breaks) -> None:
    seen = 0
    for seed in range(10):
        results, told, unseen = drawn(seed, 5)
        table = broken(results, told, unseen)
        if table != results:
            assert looked_at(table, told, unseen), seed
            seen += 1
    assert seen >= 5


def test_a_cut_by_language_that_leaves_one_alone_is_seen() -> None:
    """As if parts were told wherever they are, however small."""
    results, told, unseen = drawn(3, 5)
    cell = results.cells[0]
    own = [
        one for one in told if (one.session, one.groups) == (cell.session, cell.groups) and cell.statement in one.values
    ]
    lone = [replace(one, labels=("en" if one is own[0] else "fr", "", "")) for one in told]
    parts = tuple(
        Part(
            *(getattr(_cell(cell.session, cell.groups, cell.statement, values), name) for name in _FIELDS),
            "language",
            label,
        )
        for label, values in (
            ("en", [own[0].values[cell.statement]]),
            ("fr", [one.values[cell.statement] for one in own[1:]]),
        )
    )
    assert parts_of(results, lone) == ()
    assert looked_at(replace(results, parts=parts), lone, unseen) == (cell.statement,)


def test_a_table_that_grew_by_one_is_seen() -> None:
    """As if a later table moved a sum by whoever came."""
    found = 0
    for seed in range(40):
        results, told, unseen = drawn(seed, 3)
        table = frozen(results, told, unseen)
        one = next((cell for cell in table.cells if cell.session == OTHERS and cell.n > 3), None)
        if one is None:
            continue
        who = [o for o in unseen if o.groups == one.groups and one.statement in o.values]
        fewer = _cell(OTHERS, one.groups, one.statement, [o.values[one.statement] for o in who[1:]])
        earlier = replace(table, cells=tuple(fewer if cell is one else cell for cell in table.cells))
        members = [o for o in unseen if o is not who[0]]
        assert _differs(table, earlier, told, unseen, members)
        found += 1
    assert found >= 3


def _differs(
    table: StudyResults,
    earlier: StudyResults,
    told: Sequence[Answered],
    unseen: Sequence[Answered],
    fewer: Sequence[Answered],
) -> bool:
    """Do both versions together speak of few? Each is the sum of who was in it then."""
    sums: dict[str, list[frozenset[tuple[object, object]]]] = {}
    for state, others in ((table, unseen), (earlier, fewer)):
        answers = [*told, *(replace(one, session=OTHERS) for one in others)]
        for (_, _, key), people in people_of(state.cells, answers).items():
            sums.setdefault(key, []).append(people)
    return any(given_away(rows, table.k) for rows in sums.values())


# One study, played and frozen, and read as its pages and files tell it.

ANSWERS = re.compile(r"(\d+) (?:answers?|réponses?)\b(?! of| sur)")  # of a cell; not how many turn a verdict


async def test_pages_and_files_tell_sums_of_told_cells_in_both_languages(site: Site) -> None:
    groups = [*GROUPS, {"key": "managers", "names": {"en": "Managers", "fr": "Gestionnaires"}, "shape": 4}]
    played = await lay_study(site.house, groups)
    await models.Study.filter(id=played.study.id).update(
        apart=[["managers", "patients"], ["managers", "caregivers"], ["managers", "clinicians"]]
    )
    sizes: list[Mapping[str, int]] = [
        {"patients": 6, "caregivers": 5, "clinicians": 2, "managers": 3},
        {"patients": 5, "caregivers": 1, "clinicians": 6, "managers": 2},
        {"patients": 7, "caregivers": 5, "clinicians": 5},
    ]
    for place, people in zip(["c1", "c2", "c3"], sizes, strict=True):
        await played.add(Panel(place, people, (1, 2), arm="with" if place == "c1" else "without"), by_chance(9, 0.0))
    await models.Session.filter(study_id=played.study.id).update(frozen_at="2026-11-01T00:00Z")
    row = await conduct.keep_table(site.house, played.study.id)
    assert row is not None
    assert await conduct.keep_table(site.house, played.study.id) is None, "a table is made once"
    others = [cell for cell in row.data["results"]["cells"] if cell["session"] == OTHERS]
    assert [(cell["groups"], cell["n"]) for cell in others] == [(["managers"], 5)] * 2

    fay = await site.sign_in()
    at = f"/studies/{played.study.id}"
    cells = row.data["results"]["cells"]
    table = list(csv.DictReader(io.StringIO((await fay.get(f"{at}/compare.csv")).text)))
    for by in BY:
        pages = [(await fay.get(f"{at}/compare?by={by}&lang={language}")).text for language in ("en", "fr")]
        numbers = [[int(n) for n in ANSWERS.findall(page)] for page in pages]
        assert numbers[0] == numbers[1]
        if by in row.data["compared"] and len(row.data["compared"][by]["columns"]) > (by not in {"session", GROUP}):
            told = [int(one["n"]) for one in table if one["by"] == by and one["status"] == TOLD and one["n"]]
            assert numbers[0] == told, by
    assert {int(one["n"]) for one in table if one["by"] == GROUP and one["column"] == "managers"} == {5}
    for one in csv.DictReader(io.StringIO((await fay.get(f"{at}/compare.csv?table=alike")).text)):
        there = [cell for cell in cells if cell["statement"] == one["statement"] and cell["session"] != OTHERS]
        assert int(one["n"]) == sum(cell["n"] for cell in there), "whole told cells of sessions"
    pool = list(csv.DictReader(io.StringIO((await fay.get(f"{at}/pooled.csv")).text)))
    for one in pool:
        assert int(one["n"]) == sum(cell["n"] for cell in cells if cell["statement"] == one["statement"])
    assert not any(int(one["n"]) < 5 for one in table if one["n"])
