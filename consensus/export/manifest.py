"""manifest.json: what a parcel is, and the method as it was frozen: settings, rules, blocks, disclosure, deviations.

Facts of the session only. No time of export, no name of a person, no number of the database.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from consensus import __version__
from consensus.consents import version_data, versions
from consensus.export.moment import Closed, Moment
from consensus.export.results import as_decided, corrected, ranked_by
from consensus.outcome import digest

FORMAT = "table-ronde/1"
INDIVIDUAL, RELEASED = "individual answers", "released figures"


def _head(moment: Moment, contains: str) -> dict[str, Any]:
    study, session = moment.study, moment.session
    return {
        "format": FORMAT,
        "software": {"name": "table-ronde", "version": __version__},
        "contains": contains,
        "study": {"title": study.title, "question": study.question},
        "session": {"title": session.title},
        "rehearsal": session.rehearses is not None,  # simulated people: no result
        "languages": list(moment.languages),
        "groups": [{"key": group["key"], "names": group["names"]} for group in study.groups],
        "floor": study.floor,
        "consent": [version_data(version) for version in versions(study)],
        "ranked_by": ranked_by(moment.rounds),
        "chain": {"entries": len(moment.entries), "head": moment.head},
        "rounds": [_round(closed) for closed in moment.rounds],
    }


def _round(closed: Closed) -> dict[str, Any]:
    row = closed.row
    return {
        "key": row.key,
        "kind": row.kind,
        "takes": row.takes,
        "settings": asdict(closed.round.settings),
        "rule": closed.rule,
        "disclosure": row.disclosure,
        "grace": row.grace,
        "is_looked": row.is_looked,
        "blocks": [{**asdict(block), "groups": list(block.groups)} for block in closed.round.blocks],
        "statements": [statement.id for statement in closed.round.statements],
        "statements_hash": digest(row.statements),
        "hash": row.hash,
        "notes": row.notes,
    }


def row_level_manifest(moment: Moment, seed: int | None) -> dict[str, Any]:
    """corrected_since_close: rounds whose figures changed after the close, by a withdrawal or a corrected group."""
    return {
        **_head(moment, INDIVIDUAL),
        "seed": seed,
        "corrected_since_close": corrected(moment.rounds),
        "as_decided": as_decided(moment.rounds),
    }


def released_manifest(moment: Moment, sha256: str) -> dict[str, Any]:
    """sha256: that of the row-level parcel made of the same data."""
    return {**_head(moment, RELEASED), "row_level_sha256": sha256}
