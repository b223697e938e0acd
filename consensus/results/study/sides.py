"""One session of a study by its lists: which round scored and which ordered each statement, and what people answered
there. A session with one list has one side; what a session with several put on none of them is a side too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from consensus.results.cards import Results
from consensus.results.stages import SCORES, ClosedRound
from consensus.results.study.people import Answered, Heard

SUMS = {"mean_rank", "placed", "n"}  # the columns of an order of which every ballot covers every card


@dataclass(frozen=True)
class Side:
    """keys: the statements that are told of it, as the study calls them. rated, ordering: its last round that scored,
    and that ordered. scored, placed: what people answered in these, of its own statements alone."""

    keys: frozenset[str]
    is_list: bool
    rated: ClosedRound | None
    ordering: ClosedRound | None
    scored: Heard = Heard()
    placed: Heard = Heard()

    @property
    def scoring(self) -> ClosedRound | None:
        """Where its scores are in bands; others have no low side."""
        return self.rated if self.rated is not None and self.rated.has({"low"}) else None

    @property
    def placing(self) -> ClosedRound | None:
        """The round that orders, where its sums are those of whole ballots."""
        stage = self.ordering
        return stage if stage is not None and stage.has(SUMS) and not stage.row.closes_once else None

    @property
    def stages(self) -> list[ClosedRound]:
        return [stage for stage in (self.scoring, self.ordering) if stage is not None]

    def names(self, stage: ClosedRound, told: Mapping[str, str]) -> list[str]:
        """What the session calls its statements that this round asked about."""
        return [name for name in stage.lines if told[name] in self.keys]

    def heard(self, scored: Heard, placed: Heard) -> Side:
        return replace(self, scored=_of(scored, self.keys), placed=_of(placed, self.keys))

    def covered(self, told: Mapping[str, str]) -> Iterator[Answered]:
        """Who placed anything has placed all of it."""
        every = {told[name]: 0 for name in self.names(self.ordering, told)} if self.ordering else {}
        return (replace(one, values=every) for one in self.placed.told)


def sides_of(results: Results, told: Mapping[str, str]) -> tuple[Side, ...]:
    """told: by number there, what the study calls each statement. Of several lists, lists that one round put in order
    are one; a statement is of the first on which it stands."""
    lists: dict[str, list[Results]] = {}
    for one in results.lists:
        stage = one.ordering or one.scoring
        if stage is not None:
            lists.setdefault(stage.key, []).append(one)
    if len(lists) < 2:
        return (Side(frozenset(told.values()), True, results.scoring, results.ordering),)
    stands = {
        told[card.statement.id]: key for key, own in reversed(lists.items()) for one in own for card in one.listed
    }
    for key, own in lists.items():
        for name in own[0].ordering.lines if own[0].ordering else ():
            stands.setdefault(told[name], key)
    found = [
        Side(frozenset(one for one, at in stands.items() if at == key), True, own[-1].scoring, own[-1].ordering)
        for key, own in lists.items()
    ]
    return (*found, *_rest(results.closed, frozenset(stands), told))


def _rest(closed: Sequence[ClosedRound], known: frozenset[str], told: Mapping[str, str]) -> Iterator[Side]:
    """By the last round that scored them."""
    for stage in reversed(closed):
        fresh = frozenset(told[name] for name in stage.lines) - known if stage.has(SCORES) else frozenset()
        if fresh:
            known |= fresh
            yield Side(fresh, False, stage, None)


def _of(heard: Heard, keys: frozenset[str]) -> Heard:
    return Heard(_about(heard.told, keys), _about(heard.unseen, keys))


def _about(said: Sequence[Answered], keys: frozenset[str]) -> tuple[Answered, ...]:
    found = (replace(one, values={key: value for key, value in one.values.items() if key in keys}) for one in said)
    return tuple(one for one in found if one.values)
