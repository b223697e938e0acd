"""statements.csv, proposals.csv, lineage.csv: every statement that a session ever had, as the list's assembler knows
it, and whose words are told nowhere: of people who erased theirs, or did not agree to be quoted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consensus.export.moment import ReleasedRound
from consensus.export.sheets import Sheet, sheet, text
from consensus.journal import canonical
from consensus.outcome import statement_data
from consensus.results import History
from rounds.contract import Role, Statement, Tally
from rounds.proposals import emptied

IMPORTED, WRITTEN, ADDED = "imported", "written", "added"
Histories = Mapping[str, History]


@dataclass(frozen=True, slots=True)
class Known:
    """Numbers of statements. written: in a participant's own words, not those of the group. kept_back: their authors
    did not agree to be quoted, or to later research."""

    erased: frozenset[str]
    withheld: frozenset[str]
    kept_back: frozenset[str]
    written: frozenset[str]

    @property
    def silent(self) -> frozenset[str]:
        """Their words are told nowhere; their places are."""
        return self.erased | self.withheld

    def origin(self, name: str, history: History) -> str:
        if history.parents:
            return ""
        return IMPORTED if history.is_brought else WRITTEN if name in self.written else ADDED


def know(rounds: Sequence[ReleasedRound]) -> Known:
    erased = frozenset(name for closed in rounds for name in _missing(closed, closed.now))
    withheld = frozenset(name for closed in rounds for name in _missing(closed, closed.quoted)) - erased
    kept_back = frozenset(name for closed in rounds for name in _missing(closed, closed.kept)) - erased
    theirs = [closed for closed in rounds if Role.PARTICIPANT in closed.kind.cast_by]
    return Known(erased, withheld, kept_back, frozenset(name for closed in theirs for name in _made(closed)))


def _made(closed: ReleasedRound) -> list[str]:
    came = {statement.id for statement in closed.round.statements}
    made = (*closed.decided.statements, *closed.decided.ended)
    return [statement.id for statement in made if statement.id not in came and not statement.parents]


def _missing(closed: ReleasedRound, tally: Tally) -> list[str]:
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


WHENCE = ("origin", "erased", "withheld")
ATTRIBUTES = ("original", "unchecked", "nature", "level", "theme", "source", "source_id")


def attributes(statement: Statement) -> dict[str, str]:
    return {
        "original": statement.original,
        "unchecked": " ".join(statement.unchecked),
        **{name: getattr(statement, name) for name in ("nature", "level", "theme", "source", "source_id")},
    }


def words(statement: Statement, languages: Sequence[str]) -> dict[str, str]:
    return {f"text_{language}": statement.wordings.get(language, "") for language in languages}


def _whence(known: Known, name: str, history: History) -> dict[str, str]:
    told = {"erased": text(name in known.erased), "withheld": text(name in known.withheld)}
    return {"origin": known.origin(name, history), **told}


def end_of(history: History) -> dict[str, str]:
    """Where it ended, or what it became. ended_in: the round."""
    became = " ".join(child for child, _ in history.became)
    if history.end is None:
        return {"ended_in": history.became[0][1].key if history.became else "", "ended_at": "", "became": became}
    return {"ended_in": history.end.row.key, "ended_at": history.end.place.zone, "became": became}


def statement_sheet(histories: Histories, known: Known, languages: Sequence[str], numbers: Mapping[str, int]) -> Sheet:
    """The statements with their last wording, where they appeared, where they ended or what they became. Of those in a
    participant's own words only that they were there. numbers: of those that have one in the study. A site is one that
    a list brought, as the plan has it; nobody's own place is told by what they wrote."""
    sites = {name: history.last.site for name, history in histories.items() if name not in known.written}
    columns = ("statement", *(f"text_{language}" for language in languages), *ATTRIBUTES, *WHENCE)
    columns += (
        "appeared_in",
        "ended_in",
        "ended_at",
        "became",
        "study_number",
        *(["site"] if any(sites.values()) else []),
    )
    rows = []
    for name, history in histories.items():
        last = emptied(history.last) if name in known.written else history.last
        row = {"statement": name, **words(last, languages), **attributes(last)}
        row |= {**_whence(known, name, history), "appeared_in": history.met.key}
        row["study_number"] = str(numbers.get(name, ""))
        told = {**row, **end_of(history), "site": sites.get(name, "")}
        rows.append({column: told[column] for column in columns})
    return sheet(columns, rows)


def proposal_sheet(histories: Histories, known: Known, languages: Sequence[str]) -> Sheet:
    """What the session began with, in the words in which it came, and what became of it: texts of people too."""
    columns = ("statement", *(f"text_{language}" for language in languages), *ATTRIBUTES, *WHENCE, "became")
    rows = []
    for name, history in histories.items():
        if known.origin(name, history) in {IMPORTED, WRITTEN}:
            is_silent = name in known.kept_back
            told = {f"text_{language}": "" for language in languages} if is_silent else words(history.first, languages)
            row = {"statement": name, **told, **attributes(history.first)}
            became = " ".join(child for child, _ in history.became)
            row |= {**_whence(known, name, history), "withheld": text(is_silent), "became": became}
            rows.append(row)
    return sheet(columns, rows)


def lineage_sheet(histories: Histories) -> Sheet:
    rows = (
        {"child": child, "parent": parent, "round": history.met.key}
        for child, history in histories.items()
        for parent in history.parents
    )
    return sheet(("child", "parent", "round"), rows)
