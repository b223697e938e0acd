"""How much is measured: the sizes and durations of every benchmark, in three measures. Nothing is measured here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    turns: int = 5  # of which the median is told
    seconds: float = 2.0  # of one turn of votes
    people: int = 1_000  # of the usual session
    statements: int = 80
    voters: tuple[int, ...] = (1, 10, 24, 50, 200, 1_000)  # one crowd after another
    watchers: tuple[int, ...] = (24, 200, 1_000)  # of a frame
    herds: tuple[tuple[int, float], ...] = ((200, 1.0), (1_000, 2.0))  # pages, and seconds in which they come back
    rooms: tuple[tuple[int, float, int], ...] = ((200, 1.0, 200), (1_000, 3.0, 1_000))  # voters, each every s, watchers
    room_seconds: float = 8.0
    rates: tuple[int, ...] = (25, 50, 100, 200, 333, 500, 700, 1_000, 1_400, 2_000)  # votes a second, until some wait
    pages: int = 40  # of one sort in a turn
    grown_people: tuple[int, ...] = (100, 1_000)  # the first of each is the small session
    grown_stored: tuple[int, ...] = (0, 10_000, 100_000)
    grown_statements: tuple[int, ...] = (10, 80, 400)
    asked: int = 200  # votes of which SQLite's statements are counted
    folded: tuple[int, ...] = (10_000, 100_000)  # ballots of a recount, and of which the memory is told
    closing: int = 20_000  # ballots of a round that is closed while people vote
    sockets: int = 1_000  # of which the memory is told
    patience: float = 120.0  # seconds for a first frame
    is_shared: bool = False  # one server for all, in a hall as small as that of stage.py


USUAL = Sizes()
FULL = Sizes(
    people=5_000,
    watchers=(24, 200, 1_000, 5_000),
    herds=((200, 1.0), (1_000, 2.0), (5_000, 10.0)),
    grown_people=(10, 100, 1_000, 5_000),
    grown_stored=(0, 10_000, 100_000, 1_000_000),
    folded=(10_000, 100_000, 1_000_000),
    closing=100_000,
    patience=300.0,
)
QUICK = Sizes(
    turns=1,
    seconds=0.3,
    people=24,
    statements=4,
    voters=(1, 10),
    watchers=(8,),
    herds=((8, 0.3),),
    rooms=((10, 0.5, 8),),
    room_seconds=1.0,
    rates=(),
    pages=2,
    grown_people=(24,),
    grown_stored=(0, 100),
    grown_statements=(4,),
    asked=5,
    folded=(100,),
    closing=100,
    sockets=8,
    is_shared=True,
)
