"""A session of a protocol, played by a script: every answer of it has a number, and can be another one.

Two plays of one script differ in nothing but the answers that are asked to differ: the same people press in the same
order, leave the same things open, and say "I don't know" at the same places. Nothing is read or promised here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from random import Random
from secrets import token_hex
from typing import Any

from consensus import conduct, models, protocol
from consensus.conduct import Guest, Submission
from consensus.house import House
from rounds import KINDS
from rounds.contract import TEAM, BallotError, By, Role, Round
from rounds.proposals import compiles
from tests.conftest import GROUPS, Table, lay_table
from tests.panel import Fields, form_of
from tests.rounds.hunt import State

MANAGERS = {"key": "managers", "names": {"en": "Managers", "fr": "Gestionnaires"}, "shape": 4}
NEVER = [["managers", key] for key in ("patients", "caregivers", "clinicians")]
TEAM_ROLES = (Role.COFACILITATOR, Role.OBSERVER, Role.RESEARCHER)
ZONES = ("selection", "selection", "bin")
MODES = ("at_close", "facilitator", "live")


@dataclass(frozen=True)
class Script:
    """name: of the protocol. mode: when figures of a rating may be seen; facilitator: somebody looks half way.

    differs: the numbers of the answers that are others than at first. absent: who answers nothing, by their place in
    the list.
    """

    name: str
    k: int
    seed: int
    mode: str = "at_close"
    differs: Set[int] = frozenset()
    absent: Set[int] = frozenset()

    def chance(self, *what: object) -> Random:
        return Random(f"{self.seed} {what}")


@dataclass(frozen=True)
class Moment:
    """Where the play stands; row: the round that it is about."""

    name: str
    row: models.Round


@dataclass
class Story:
    """watchers: those who read along: their own answers are on their own pages, and never others. answers: what the
    number of a stored ballot is in the script. told: all that was told, ever; at: by the moment at which it first was.
    """

    house: House
    script: Script
    table: Table
    watchers: tuple[models.Seat, ...]
    team: Mapping[Role, models.Seat]
    answers: dict[int, int] = field(default_factory=dict)
    whose: dict[int, int] = field(default_factory=dict)
    states: dict[str, set[State]] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    n: int = 0

    @classmethod
    async def lay(cls, house: House, script: Script) -> Story:
        """Patients k + 1, caregivers k, two clinicians, who may be counted with them, two managers, who may not."""
        plans = [replace(plan, grace=0) for plan in protocol.read(script.name, is_imported=True)]
        table = await lay_table(house, plans, groups=[*GROUPS, MANAGERS])
        sizes = {"patients": script.k + 1, "caregivers": script.k, "clinicians": 2, "managers": 2}
        held = [seat for key in sizes for seat in table.seats if seat.group == key]
        surplus = [s for key, n in sizes.items() for s in [h for h in held if h.group == key][n:]]
        await models.Seat.filter(id__in=[seat.id for seat in surplus]).delete()
        table.seats = [seat for seat in held if seat not in surplus]
        missing = [k for k, n in sizes.items() for _ in range(n - sum(s.group == k for s in table.seats))]
        more = await conduct.add_seats(house, table.fay, [Guest(Role.PARTICIPANT, group, "en") for group in missing])
        for seat in more:
            await conduct.consent(house, seat)
            seat.consented = True
        table.seats += more
        together = script.mode == "live"
        apart = None if together else NEVER
        await models.Study.filter(id=table.session.study_id).update(
            floor=script.k, apart=apart, is_row_level_allowed=True
        )
        if script.mode != "at_close":
            rated = models.Round.filter(session_id=table.session.id, kind="rating")
            await rated.update(disclosure=script.mode, is_together=together)
        team = await conduct.add_seats(house, table.fay, [Guest(role, language="fr") for role in TEAM_ROLES])
        watchers = (table.seats[0], next(s for s in table.seats if s.group == "managers"))
        return cls(house, script, table, watchers, dict(zip(TEAM_ROLES, team, strict=True)))

    async def play(self) -> AsyncIterator[Moment]:
        rows = await models.Round.filter(session_id=self.table.session.id).order_by("position")
        for place, row in enumerate(rows):
            row = await self.table.open(row.key, "Nobody translates here.")
            if compiles(KINDS[row.kind]):
                await self._compile(row)
                row = await self._close(row)
                continue
            async for moment in self._ask(row, is_first=self.n == 0):
                yield moment
            row = await self._close(row)
            yield Moment(f"{row.key} closed", row)
            if place + 1 < len(rows):
                continue
            async for moment in self._again(row):
                yield moment

    async def _ask(self, row: models.Round, is_first: bool) -> AsyncIterator[Moment]:
        """Most answer; half way somebody may look, one person has everything erased; some change their mind."""
        if row.kind == "wall":
            await self._meet(row)
            yield Moment(f"{row.key} open", row)
            return
        wanted = await self._wanted(row, [seat for seat in self.table.seats if seat.id not in self.gone])
        half = len(wanted) * 3 // 5
        for seat, form in wanted[:half]:
            await self._say(row, seat, form)
        if self.script.mode == "facilitator" and row.kind == "rating":
            await conduct.reveal_figures(self.house, self.table.fay, row.id)
        yield Moment(f"{row.key} half", row)
        if is_first:
            await self._erase(row, self.table.seats[1])
        for seat, form in wanted[half:]:
            if seat.id not in self.gone:
                await self._say(row, seat, form)
        chance = self.script.chance(row.key, "changes")
        for seat, form in chance.sample(wanted, max(2, len(wanted) // 6)):
            if seat.id not in self.gone:
                await self._say(row, seat, form)
        if KINDS[row.kind].cast_by & TEAM:
            await self._leave_changes(row)
        yield Moment(f"{row.key} late", row)

    async def _again(self, row: models.Round) -> AsyncIterator[Moment]:
        """The last step is opened again: too few answer anew, then one erases everything, then more answer anew."""
        here = [seat for seat in self.table.seats if seat.id not in self.gone]
        for turn, seats in (("few", here[: self.script.k - 1]), ("more", here[: self.script.k + 2])):
            await conduct.reopen_round(self.house, self.table.fay, row.id, "Some came late.")
            for seat, form in await self._wanted(row, seats, turn):
                await self._say(row, seat, form)
            if KINDS[row.kind].cast_by & TEAM:
                await self._leave_changes(row)
            row = await self._close(row)
            yield Moment(f"{row.key} again {turn}", row)
            if turn == "few":
                await self._erase(row, here[-3])
                here = [seat for seat in here if seat.id not in self.gone]

    async def _close(self, row: models.Round) -> models.Round:
        await self.table.close(row.key)
        await conduct.analyse_due(self.house)
        row = await self.table.row(row.key)
        await self._see(row)
        return row

    async def _erase(self, row: models.Round, seat: models.Seat) -> None:
        await conduct.withdraw(self.house, seat, erase=True)
        self.gone.add(seat.id)
        await self._see(row)

    def is_absent(self, seat: models.Seat) -> bool:
        return self.table.seats.index(seat) in self.script.absent

    # What people send

    async def _wanted(
        self, row: models.Round, seats: Sequence[models.Seat], turn: str = ""
    ) -> list[tuple[models.Seat, Mapping[str, Any]]]:
        """Who sends a form about what, in the order of the clock. Some leave a card out."""
        round = (await self.house.counts.now(row)).round
        cards = [{"card": [card.id]} for card in KINDS[row.kind].cards(round)] if has_cards(row.kind) else [{}]
        chance = self.script.chance(row.key, turn)
        both = [(seat, about) for seat in seats for about in cards if len(cards) == 1 or chance.random() > 0.07]
        chance.shuffle(both)
        return both

    async def _say(self, row: models.Round, seat: models.Seat, about: Mapping[str, Any]) -> None:
        round, self.n = (await self.house.counts.now(row)).round, self.n + 1
        if self.is_absent(seat):
            return
        form = self._form(row.kind, round, about, seat)
        submission = Submission(form, f"k{self.n}", seat.language)
        receipt = await conduct.cast(self.house, seat.id, row.id, submission)
        self.answers[receipt.seq], self.whose[receipt.seq] = self.n, seat.id
        await self._see(row)

    def _form(self, kind: str, round: Round, about: Mapping[str, Any], seat: models.Seat) -> Fields:
        """The answer of this number; another one of the same shape, where it is to differ."""
        first, shape = None, None
        for form, marks in self._drawn(kind, round, about, seat):
            if first is None:
                first, shape = marks, _shape(kind, marks)
                if self.n not in self.script.differs or not any(shape[1].values()):
                    return form  # of "I cannot say" there is one only
                if kind == "validation":
                    return self._turned(form)
            elif marks != first and _shape(kind, marks) == shape:
                return form
        raise AssertionError(f"no other answer to {kind} was found")

    def _turned(self, form: Fields) -> Fields:
        """Agreed where it objected, and the other way round; what is asked of the team stays."""
        other = {"agree": ["object"], "object": ["agree"]}
        return {name: other.get(value[0], value) for name, value in form.items()}

    def _drawn(
        self, kind: str, round: Round, about: Mapping[str, Any], seat: models.Seat
    ) -> Iterator[tuple[Fields, Any]]:
        by = By(Role.PARTICIPANT, str(seat.id), None, seat.language, {})
        for turn in range(2000):
            chance = self.script.chance(round.key, self.n, turn)
            form = {**_random(kind, chance, round), **about}
            try:
                yield form, KINDS[kind].read(form, round, by, None)
            except BallotError:
                continue

    # What the team does

    async def _compile(self, row: models.Round) -> None:
        for statement in (await self.house.counts.now(row)).official.todo.open:
            form = {"act": ["accept"], "of": [statement.id], "looked": ["1"]}
            await conduct.cast(self.house, self.table.fay.id, row.id, Submission(form, statement.id, "en"))

    async def _meet(self, row: models.Round) -> None:
        """Each card lies on the table while people signal, and is moved."""
        cards = [statement.id for statement in (await self.house.counts.now(row)).round.statements]
        for place, card in enumerate(cards):
            await self._act(row, act="call", card=card, seen="0")
            chance, call = (
                self.script.chance(row.key, card),
                (await self.house.counts.now(row)).official.todo.table.call,
            )
            for seat in [seat for seat in self.table.seats if seat.id not in self.gone and chance.random() < 0.9]:
                self.n += 1
                if self.is_absent(seat):
                    continue
                signals = ["keep", "unsure", "drop"]
                first = self.script.chance(row.key, self.n).choice(signals)
                differs = self.n in self.script.differs
                signal = signals[(signals.index(first) + differs) % 3]
                form = {"call": [str(call)], "signal": [signal]}
                receipt = await conduct.cast(self.house, seat.id, row.id, Submission(form, f"k{self.n}", "en"))
                self.answers[receipt.seq], self.whose[receipt.seq] = self.n, seat.id
                await self._see(row)
            to = ZONES[place % len(ZONES)]
            await self._act(row, act="move", card=card, seen="0", to=to, how="no_objection", reason="Said twice.")
            await self._see(row)

    async def _act(self, row: models.Round, **fields: str) -> None:
        form = {name: [value] for name, value in fields.items()}
        await conduct.cast(self.house, self.table.fay.id, row.id, Submission(form, token_hex(8), "en"))

    async def _leave_changes(self, row: models.Round) -> None:
        for change in (await self.house.counts.now(row)).official.todo.changes:
            if change.answer is None:
                await self._act(row, act="leave", change=change.id, reason="As agreed.")

    # What was told, as sets of answers

    async def _see(self, row: models.Round) -> None:
        """After every act: which answers are in the figures that somebody may see now."""
        row = await self.table.row(row.key)
        counted = await self.house.counts.now(row)
        kind = KINDS[row.kind]
        if not hasattr(kind, "parts") or (counted.is_silent and row.state != "closed"):
            return
        found: dict[tuple[str, str, str], set[tuple[str, str, int]]] = {}
        for ballot in counted.visible:
            if ballot.role in TEAM:
                continue
            self.told.add(ballot.seq)
            for part, is_valid in kind.parts(ballot.marks).items():
                cell = found.setdefault((str(ballot.block), str(ballot.slot), part), set())
                if is_valid:
                    cell.add((str(ballot.slot), part, ballot.seq))
        self.states.setdefault(row.key, set()).update((cell, frozenset(those)) for cell, those in found.items())

    def untold(self) -> frozenset[int]:
        """The answers, by their numbers in the script, of which nobody was told anything, but their authors."""
        watching = {seat.id for seat in self.watchers}
        return frozenset(
            n for seq, n in self.answers.items() if seq not in self.told and self.whose[seq] not in watching
        )


def has_cards(kind: str) -> bool:
    return kind in {"rating", "comparison"}


def _random(kind: str, chance: Random, round: Round) -> Fields:
    """One form; of a validation one that answers every statement."""
    if kind != "validation":
        form = form_of(kind, chance, round, _Listed(round), Role.PARTICIPANT)  # type: ignore[arg-type]
        return form | ({"reason": [f"Because {chance.randint(100, 999)}."]} if kind == "rating" else {})
    form = {}
    for statement in round.statements:
        form[f"say.{statement.id}"] = [chance.choice(["agree", "agree", "agree", "object", "change"])]
        form[f"text.{statement.id}"] = [f"My reason is {chance.randint(100, 999)}."]
    return form


@dataclass(frozen=True)
class _Listed:
    """What the forms of tests/panel.py ask of a tally."""

    round: Round

    @property
    def statements(self) -> Any:
        return self.round.statements


def _shape(kind: str, marks: Any) -> Any:
    """What two answers have in common of which nobody sees which is which: what is answered."""
    return KINDS[kind].slot(marks), dict(KINDS[kind].parts(marks))
