"""The list of a session as its reader meets it, line by line, ready to be formatted: what the results page is given.

Plain values, names of groups and settings in words. Nothing is counted, ordered or ranked here, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from consensus import text
from consensus.counting import CountedTogether
from consensus.facts import RoundFacts
from consensus.results import Card, ClosedRound, Results
from consensus.text import Texts
from consensus.web.view import View
from rounds.contract import Value
from rounds.listing import decimals


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of the list. figure: what the list is in the order of. median, quartiles: of its scores; between: the
    two points of the scale between which the median lies, None where it is one of them. share: how many scored it
    high, of how many. marks: sign, median and name of each block that is shown; hidden: sign and name of the others."""

    card: Card
    figure: Value = None
    median: Value = None
    quartiles: tuple[Value, Value] | None = None
    between: tuple[int, int] | None = None
    share: tuple[Value, Value] | None = None
    marks: tuple[tuple[int, Value, str], ...] = ()
    hidden: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """is_sentence: its value ends as a sentence does."""

    label: str
    value: str
    is_sentence: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step that the list was made in. same_as: an earlier one that counted groups together in the same way."""

    stage: ClosedRound
    settings: tuple[Setting, ...]
    same_as: RoundFacts | None


@dataclass(frozen=True, slots=True)
class Deviation:
    """What was not done as it was planned, in the step row."""

    row: RoundFacts
    act: str
    about: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """digits: decimals of the figure that the list is in the order of, so that no two ranks look alike."""

    rows: tuple[Row, ...]
    digits: int
    steps: tuple[Step, ...]
    deviations: tuple[Deviation, ...]


def listing_of(results: Results, view: View, texts: Texts, language: str) -> Listing:
    return Listing(
        tuple(_row(card, results, view, language) for card in results.listed),
        _digits(results.ordering),
        tuple(_steps(results.closed, texts, language)),
        tuple(_deviations(results.closed)),
    )


def _digits(ordering: ClosedRound | None) -> int:
    if ordering is None or ordering.figure is None:
        return 0
    figures = [line.values.get(ordering.figure.name) for line in ordering.tally.lines]
    return decimals(figures, 2) - 2 if ordering.figure.is_share else decimals(figures)


def _row(card: Card, results: Results, view: View, language: str) -> Row:
    ordering, scoring = results.ordering, results.scoring
    ranked, scored = card.ranked.values if card.ranked else {}, card.scored.values if card.scored else {}
    figure = ranked.get(ordering.figure.name) if ordering and ordering.figure else None
    median = scored.get("median")
    marks, hidden = _by_block(card, scoring, view, language) if scoring else ((), ())
    return Row(
        card,
        figure=figure,
        median=median,
        quartiles=None if median is None else (scored["q1"], scored["q3"]),
        between=_between(median) if isinstance(median, Fraction | int) else None,
        share=(scored["high"], scored["n"]) if scored.get("n") else None,
        marks=marks,
        hidden=hidden,
    )


def _between(median: Fraction | int) -> tuple[int, int] | None:
    return None if median == int(median) else (int(median), int(median) + 1)


def _by_block(
    card: Card, scoring: ClosedRound, view: View, language: str
) -> tuple[tuple[tuple[int, Value, str], ...], tuple[tuple[int, str], ...]]:
    """The medians of the blocks that are shown, and those that are not."""
    if card.scored is None:
        return (), ()
    marks, hidden, unseen = [], [], scoring.hidden(card.statement.id)
    for block in scoring.blocks:
        sign, name = view.shape(block), view.block_name(block, language)
        if block in unseen:
            hidden.append((sign, name))
        else:
            marks.append((sign, card.scored.by_block[block.key].get("median"), name))
    return tuple(marks), tuple(hidden)


def _steps(closed: tuple[ClosedRound, ...], texts: Texts, language: str) -> Iterator[Step]:
    last: CountedTogether | None = None
    first: RoundFacts | None = None
    for stage in closed:
        now = stage.row.counted_as
        is_same = now is not None and now == last
        yield Step(stage, tuple(_settings(stage, texts, language)), first if is_same else None)
        if now is not None and not is_same and (now.joined or now.aside):
            last, first = now, stage.row


def _settings(stage: ClosedRound, texts: Texts, language: str) -> Iterator[Setting]:
    """The settings of a step that its kind has words for; a text that was left as it is offered, as that."""
    kind = stage.row.kind
    for name, value in stage.settings.items():
        key = f"{kind}.setting.{name}"
        words, offered = f"{key}.{value}", f"{kind}.{name}.default"
        if not texts.has(language, key):
            continue
        label = texts.say(language, key)
        if isinstance(value, Mapping) and value.get(language):
            yield Setting(label, value[language])
        elif isinstance(value, Mapping):
            if texts.has(language, offered):
                yield Setting(label, texts.say(language, offered), is_sentence=True)
        elif isinstance(value, bool):
            yield Setting(label, texts.say(language, "results.how.yes" if value else "results.how.no"))
        elif texts.has(language, words):
            yield Setting(label, texts.say(language, words))
        elif isinstance(value, int | float | Fraction):
            yield Setting(label, text.number(language, value))


def _deviations(closed: tuple[ClosedRound, ...]) -> Iterator[Deviation]:
    for stage in closed:
        for note in stage.row.notes:
            yield Deviation(stage.row, note["act"], tuple(note["about"]), note["reason"])
        if stage.row.is_looked:
            yield Deviation(stage.row, "look")
