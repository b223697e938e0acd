"""What a session leaves: two parcels, zip files that anyone can check and recount.

Row-level: individual answers under aliases, de-identified, never called anonymous. Released: what passed through
disclosure at the close. The same data give the same bytes. What may be fetched by whom is guard's question.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256

from consensus import models
from consensus.conduct import Refused, analyse_due
from consensus.export.codebook import codebook
from consensus.export.known import WRITTEN, know, lineage_sheet, proposal_sheet, statement_sheet
from consensus.export.manifest import released_manifest, row_level_manifest
from consensus.export.measures import MEASURES, finding_rows, measure_sheet
from consensus.export.moment import Moment, read
from consensus.export.recounting import joined
from consensus.export.results import released_tally, result_sheet
from consensus.export.sheets import Sheet, json_bytes, parcel, sheet
from consensus.export.tables import answer_sheet, ballot_sheet, entry_sheet, move_sheet, people_sheet
from consensus.house import House
from consensus.journal import canonical
from consensus.text import Texts

JOURNAL = ("seq", "at", "role", "alias", "act", "payload", "prev", "hash")


async def row_level(house: House, session: models.Session, seed: int | None = None) -> bytes:
    """The row-level parcel. seed: of a rehearsal, or None. Refused: the study does not allow it, or it is not over."""
    study = await models.Study.get(id=session.study_id)
    if not study.is_row_level_allowed:
        raise Refused("refused.row_level_not_allowed")
    await analyse_due(house, session.id)
    moment = await read(house, session)
    return await asyncio.to_thread(_row_level, house.texts, moment, seed)


async def released(house: House, session: models.Session, seed: int | None = None) -> bytes:
    """The released parcel, for anyone; seed as in the row-level parcel, whose hash it tells. Refused: not over."""
    await analyse_due(house, session.id)
    moment = await read(house, session)
    return await asyncio.to_thread(_released, house.texts, moment, seed)


def _row_level(texts: Texts, moment: Moment, seed: int | None) -> bytes:
    known = know(moment.rounds)
    kinds = {closed.key: closed.round.kind for closed in moment.rounds}
    sheets = {
        "answers.csv": answer_sheet(moment.casts, kinds),
        "ballots.csv": ballot_sheet(moment.casts),
        "double_entry.csv": entry_sheet(moment.doubles),
        "lineage.csv": lineage_sheet(known),
        "measures.csv": measure_sheet(moment.casts, moment.opened),
        "moves.csv": move_sheet(moment.casts, kinds),
        "people.csv": people_sheet(moment.people),
        "proposals.csv": proposal_sheet(known, moment.languages),
        "results.csv": result_sheet(moment, known, {closed.key: closed.quoted for closed in moment.rounds}),
        "statements.csv": statement_sheet(known, moment.languages, list(known.first)),
    }
    sheets["codebook.csv"] = codebook(texts, moment, sheets, is_recounted=True)
    lines = "".join(canonical({name: entry[name] for name in JOURNAL}) + "\n" for entry in moment.entries)
    return parcel(
        {
            "manifest.json": json_bytes(row_level_manifest(moment, seed)),
            "journal.jsonl": lines.encode(),
            "recount.py": joined(kinds.values()),
            **{name: one.csv() for name, one in sheets.items()},
        }
    )


def _released(texts: Texts, moment: Moment, seed: int | None) -> bytes:
    known = know(moment.rounds)
    own_words = [name for name, origin in known.origin.items() if origin == WRITTEN]  # of a person, not of the group
    tallies = {closed.key: released_tally(closed) for closed in moment.rounds}
    told = [name for name in known.first if name not in own_words]
    sheets = {
        "measures.csv": _released_measures(moment),
        "results.csv": result_sheet(moment, known, tallies, hidden=own_words),
        "statements.csv": statement_sheet(known, moment.languages, told),
    }
    sheets["codebook.csv"] = codebook(texts, moment, sheets, is_recounted=False)
    digest = sha256(_row_level(texts, moment, seed)).hexdigest()
    return parcel(
        {
            "manifest.json": json_bytes(released_manifest(moment, digest)),
            "chain_head.txt": (moment.head + "\n").encode(),
            **{name: one.csv() for name, one in sheets.items()},
        }
    )


def _released_measures(moment: Moment) -> Sheet:
    """As they were worked out at the close, of the ballots that anyone may see counted."""
    return sheet(MEASURES, [row for closed in moment.rounds for row in finding_rows(closed.key, closed.findings)])
