"""Every statement that a session ever had: its words, where it came from, where it ended or what it became.

Bookkeeping on what the closed rounds left. Words of people who erased theirs,
or did not agree to be quoted, are blank here, and so in every file.
Figures and files are elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from consensus.export.moment import Closed
from consensus.export.sheets import Sheet, sheet, text
from consensus.journal import canonical
from consensus.outcome import statement_data
from rounds.contract import Place, Role, Statement, Tally
from rounds.lineage import Stage, endings

IMPORTED, WRITTEN, ADDED = "imported", "written", "added"


@dataclass(frozen=True, slots=True)
class End:
    round: str
    place: Place


@dataclass(slots=True)
class Known:
    """first, last: wordings when it appeared and at the end. origin: imported, written or added; "" with parents.

    lineage: (child, parent, round). ends: by statement, of those that became no other. All in order of appearance.
    """

    first: dict[str, Statement] = field(default_factory=dict)
    last: dict[str, Statement] = field(default_factory=dict)
    appeared: dict[str, str] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)
    lineage: list[tuple[str, str, str]] = field(default_factory=list)
    ends: dict[str, End] = field(default_factory=dict)

    def children(self, statement: str) -> list[tuple[str, str]]:
        """What it became: (child, round)."""
        return [(child, round) for child, parent, round in self.lineage if parent == statement]

    def meet(self, statement: Statement, round: str, origin: str) -> None:
        if statement.id not in self.first:
            self.first[statement.id], self.appeared[statement.id] = statement, round
            self.origin[statement.id] = "" if statement.parents else origin
            self.lineage += [(statement.id, parent, round) for parent in statement.parents]
        self.last[statement.id] = statement

    def forget(self, name: str) -> None:
        """Its words are told nowhere; its place is."""
        for words in (self.first, self.last):
            words[name] = replace(words[name], wordings={})


def know(rounds: Sequence[Closed]) -> Known:
    known = Known()
    for closed in rounds:
        for statement in closed.round.statements:
            known.meet(statement, closed.key, IMPORTED)
        origin = WRITTEN if Role.PARTICIPANT in closed.kind.cast_by else ADDED
        for statement in (*closed.decided.statements, *closed.decided.ended):
            known.meet(statement, closed.key, origin)
    known.erased = {name for closed in rounds for name in _missing(closed, closed.now)}
    known.withheld = {name for closed in rounds for name in _missing(closed, closed.quoted)} - known.erased
    for name in known.erased | known.withheld:
        known.forget(name)
    _end(known, rounds)
    return known


def _missing(closed: Closed, tally: Tally) -> list[str]:
    """Statements that this round left, made of nobody else's, whose words are not in this count of it."""
    came = {statement.id for statement in closed.round.statements}
    still = Counter(_said(statement) for statement in tally.statements)
    gone = []
    for statement in closed.decided.statements:
        if statement.id in came or statement.parents:
            continue
        if still[_said(statement)]:
            still[_said(statement)] -= 1
        else:
            gone.append(statement.id)
    return gone


def _said(statement: Statement) -> str:
    return canonical({name: value for name, value in statement_data(statement).items() if name != "id"})


def _end(known: Known, rounds: Sequence[Closed]) -> None:
    stages = [Stage(c.key, c.round.statements, c.decided.statements, c.decided.places) for c in rounds]
    ends = {ending.statement.id: End(ending.round, ending.place) for ending in endings(stages)}
    for stage in stages:
        stood = {statement.id for statement in stage.stood}
        ends |= {name: End(stage.round, place) for name, place in stage.places.items() if name not in stood}
    parents = {parent for _, parent, _ in known.lineage}
    known.ends = {name: ends[name] for name in known.first if name in ends and name not in parents}


def natural(name: str) -> tuple[object, ...]:
    """S2 before S10."""
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name))


WHENCE = ("origin", "erased", "withheld")
ATTRIBUTES = ("original", "unchecked", "nature", "level", "theme", "source")


def attributes(statement: Statement) -> dict[str, str]:
    return {
        "original": statement.original,
        "unchecked": " ".join(statement.unchecked),
        **{name: getattr(statement, name) for name in ("nature", "level", "theme", "source")},
    }


def words(statement: Statement, languages: Sequence[str]) -> dict[str, str]:
    return {f"text_{language}": statement.wordings.get(language, "") for language in languages}


def _whence(known: Known, name: str) -> dict[str, str]:
    told = {"erased": text(name in known.erased), "withheld": text(name in known.withheld)}
    return {"origin": known.origin[name], **told}


def statement_sheet(known: Known, languages: Sequence[str], names: Sequence[str]) -> Sheet:
    """These statements with their last wording, where they appeared, where they ended or what they became."""
    columns = ("statement", *(f"text_{language}" for language in languages), *ATTRIBUTES, *WHENCE)
    columns += ("appeared_in", "ended_in", "ended_at", "became")
    rows = []
    for name in names:
        end, became = known.ends.get(name), known.children(name)
        where = end.round if end else became[0][1] if became else ""
        row = {"statement": name, **words(known.last[name], languages), **attributes(known.last[name])}
        row |= _whence(known, name)
        row |= {"appeared_in": known.appeared[name], "ended_in": where}
        row |= {"ended_at": end.place.zone if end else "", "became": " ".join(child for child, _ in became)}
        rows.append(row)
    return sheet(columns, rows)


def proposal_sheet(known: Known, languages: Sequence[str]) -> Sheet:
    """What the session began with, in the words in which it came."""
    columns = ("statement", *(f"text_{language}" for language in languages), *ATTRIBUTES, *WHENCE)
    rows = []
    for name in proposals(known):
        row = {"statement": name, **words(known.first[name], languages), **attributes(known.first[name])}
        rows.append({**row, **_whence(known, name)})
    return sheet(columns, rows)


def proposals(known: Known) -> list[str]:
    return [name for name, origin in known.origin.items() if origin in {IMPORTED, WRITTEN}]


def lineage_sheet(known: Known) -> Sheet:
    rows = ({"child": child, "parent": parent, "round": round} for child, parent, round in known.lineage)
    return sheet(("child", "parent", "round"), rows)
