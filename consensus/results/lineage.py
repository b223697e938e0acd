"""The family tree of a study: every statement of its sessions, what it was made of there, and what was passed on.

One graph over all real sessions, from what their closed rounds tell and from what was written when something was passed
on. Plain data for a file or a page; no figure is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from consensus import models
from consensus.numbers import numbers_of
from consensus.outcome import statement_from
from consensus.passed import taken_by
from consensus.results.histories import History, natural
from consensus.results.reading import released
from rounds.contract import Statement


@dataclass(frozen=True, slots=True)
class Node:
    """A statement in one session. number: in the study, None of what is no card: a proposal as somebody wrote it.

    round: the key of the round that made it, "" where it was there before the first. texts: its last words by language,
    "" where they are told nowhere. became: it was made into others, so it stands no more.
    """

    session: int
    statement: str
    number: int | None
    round: str
    texts: Mapping[str, str]
    source_id: str
    became: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A statement (of: session and number there) that another was made of, or that was passed on as it is."""

    of: tuple[int, str]
    to: tuple[int, str]
    is_passed: bool


@dataclass(frozen=True, slots=True)
class FamilyTree:
    """sessions: their titles by number. nodes: by session and statement, in their order. links: likewise, by what they
    lead to. Two nodes with one number are the same statement, also where no link leads from one to the other."""

    sessions: Mapping[int, Mapping[str, str]]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


async def family_tree(study_id: int) -> FamilyTree:
    """Of closed rounds, and of what a session holds before its first one closes. Rehearsals have no part in it."""
    sessions = await models.Session.filter(study_id=study_id, rehearses=None).order_by("id")
    nodes: list[Node] = []
    links: list[Link] = []
    for session in sessions:
        rows = await models.Round.filter(session_id=session.id).order_by("position")
        known, numbers = released(rows).histories, await numbers_of(session.id)
        nodes += _nodes(session, known, numbers)
        links += _inside(session.id, known)
        links += _passed(session)
    there = {(node.session, node.statement) for node in nodes}
    found = {link: None for link in links if link.of in there and link.to in there}
    return FamilyTree(
        {session.id: session.title for session in sessions},
        tuple(sorted(nodes, key=lambda node: (node.session, natural(node.statement)))),
        tuple(sorted(found, key=lambda link: (_place(link.to), _place(link.of)))),
    )


def tree_data(tree: FamilyTree) -> dict[str, Any]:
    """The same as JSON: sessions by their number as text, nodes and links as they are called above."""
    return {
        "sessions": {str(number): dict(title) for number, title in tree.sessions.items()},
        "nodes": [{**asdict(node), "texts": dict(node.texts)} for node in tree.nodes],
        "links": [{"of": list(link.of), "to": list(link.to), "is_passed": link.is_passed} for link in tree.links],
    }


def _place(node: tuple[int, str]) -> tuple[int, tuple[object, ...]]:
    return node[0], natural(node[1])


def _nodes(session: models.Session, known: Mapping[str, History], numbers: Mapping[str, int]) -> Iterator[Node]:
    for name, history in known.items():
        made_in = "" if history.is_brought else history.met.key
        yield _node(session.id, history.last, numbers.get(name), made_in, bool(history.became))
    for data in session.imported:
        if data["id"] not in known:
            yield _node(session.id, statement_from(data), numbers.get(data["id"]), "", False)


def _node(session: int, statement: Statement, number: int | None, made_in: str, became: bool) -> Node:
    return Node(session, statement.id, number, made_in, statement.wordings, statement.source_id, became)


def _inside(session: int, known: Mapping[str, History]) -> Iterator[Link]:
    for name, history in known.items():
        for parent in history.parents:
            yield Link((session, parent), (session, name), is_passed=False)


def _passed(session: models.Session) -> Iterator[Link]:
    for entry in taken_by(session):
        for one in entry.statements:
            yield Link((entry.session, one.was), (session.id, one.statement), is_passed=True)
