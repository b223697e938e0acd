"""manifest.json: what a parcel is, and the method as it was frozen: settings, rules, blocks, disclosure, deviations.

Facts of the session only. No time of export, no name of a person, no number of the database, and nothing that an answer
which is told nowhere would change but the head of the journal and the root of a round.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from consensus import __version__
from consensus.consents import version_data, versions
from consensus.counting import planned_blocks
from consensus.export.following import Followed
from consensus.export.moment import Moment, ReleasedRound
from consensus.groups import told
from consensus.outcome import digest
from consensus.stopping import said_of
from rounds.stopping import Said

FORMAT = "table-ronde/2"
SIMULATED = "simulated people: no result\n"
INDIVIDUAL, RELEASED, ANALYSIS = "individual answers", "released figures", "analysis file"


def head_lines(number: int, head: str, is_simulated: bool) -> str:
    """chain_head.txt: the end of the chain, its number and hash; and that nobody was there, where nobody was."""
    return f"{number}:{head}\n{SIMULATED if is_simulated else ''}"


def released_manifest(moment: Moment, ranked_by: str) -> dict[str, Any]:
    study, session, (number, head) = moment.study, moment.session, moment.chain
    asked = {} if session.participants is None else {"participants": session.participants}  # what people said at entry
    rests = {"evidence": [list(one) for one in moment.evidence]} if moment.evidence else {}
    rows = [closed.row for closed in moment.rounds]
    return {
        "format": FORMAT,
        "software": {"name": "table-ronde", "version": __version__},
        "contains": RELEASED,
        "study": {"title": study.title, "question": study.question, "zone": study.zone},
        "session": {"title": session.title},
        "rehearsal": moment.is_simulated,  # simulated people: no result
        "languages": list(moment.languages),
        "groups": [{"key": moment.words[group["key"]], "names": group["names"]} for group in study.groups],
        "floor": study.floor,
        "consent": [version_data(version) for version in versions(study)],
        "ranked_by": ranked_by,
        "chain": {"entries": number, "head": head},
        "rounds": [_round(closed, said_of(rows, closed.row)) for closed in moment.rounds],
        **asked,
        **rests,
    }


def individual_manifest(moment: Moment, ranked_by: str, seed: int | None) -> dict[str, Any]:
    """left_out: by round, the blocks of which some answers are in no file. seed: of a rehearsal, or None."""
    left_out = {closed.key: list(closed.left_out) for closed in moment.rounds if closed.left_out}
    return {**released_manifest(moment, ranked_by), "contains": INDIVIDUAL, "left_out": left_out, "seed": seed}


def analysis_manifest(moment: Moment, followed: Followed, ranked_by: str) -> dict[str, Any]:
    """people: how many the file follows over rounds, and the columns about them that it leaves out."""
    people = {"followed": followed.people, "blank": list(followed.blank)}
    return {**individual_manifest(moment, ranked_by, None), "contains": ANALYSIS, "people": people}


def _round(closed: ReleasedRound, said: Said | None) -> dict[str, Any]:
    """seal: the root, as the journal tells it, and what it covers beside leaves; None where the round has none."""
    row = closed.row
    sealed = {name: row.seal[name] for name in ("root", "order", "findings")} if row.seal else None
    return {
        "key": row.key,
        "kind": row.kind,
        "title": row.title or {},  # a name of its own, by language; no part of its seal
        "takes": row.takes,
        "takes_of": row.takes_of,
        "stopping": row.stopping,
        "series": asdict(said) if said else None,  # what its stopping rule said when it had closed
        "settings": row.settings,  # as they were sealed: a setting that came later was not
        "rule": closed.rule,
        "disclosure": row.disclosure,
        "grace": row.grace,
        "is_looked": row.is_looked,
        "is_of_one_count": closed.is_of_one_count,
        "blocks": [told(asdict(block)) for block in closed.round.blocks],
        "planned": [told(asdict(block)) for block in planned_blocks(row)],
        "counting": row.counting,
        "made_of_people": bool(row.made and row.made["of_people"]),
        "statements": [statement.id for statement in closed.round.statements],
        "statements_hash": row.statements_hash or digest(row.statements),
        "hash": row.hash,
        "notes": row.notes,
        "seal": sealed,
    }
