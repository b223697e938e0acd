"""What a session leaves: parcels, zip files that anyone can check.

Released: what was told at the close of each round, for anyone. Individual: the same, and the answers that were counted,
under an alias of each round; de-identified, never called anonymous. Analysis: the same, and one alias over rounds, only
where the study asked for it before anybody agreed. None has a line of the journal, a minute or an
order of arrival. The same data give the same bytes. What may be fetched by whom is guard's question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from consensus import models
from consensus.conduct import Refused, analyse_due, analysis_file_exists
from consensus.export import readings, voices
from consensus.export.codebook import codebook
from consensus.export.evidence import FILE as EVIDENCE
from consensus.export.evidence import evidence_sheet
from consensus.export.following import follow
from consensus.export.known import Known, know, lineage_sheet, proposal_sheet, statement_sheet
from consensus.export.manifest import analysis_manifest, head_lines, individual_manifest, released_manifest
from consensus.export.measures import measure_sheet
from consensus.export.moment import Moment, read, refuse_where_few_keep_back
from consensus.export.opinions import MAPS, opinions_of
from consensus.export.participants import FILE, participant_sheet
from consensus.export.people import people_sheet, unique_by_answers
from consensus.export.readings import reading_sheet
from consensus.export.readme import analysis_readme
from consensus.export.recounting import joined
from consensus.export.results import list_of, result_sheet
from consensus.export.rows import Opened, answer_sheet, in_order, leaf_sheet, move_sheet, sealed_sheet, word_sheet
from consensus.export.sheets import Sheet, json_bytes, parcel, sheet
from consensus.export.tables import entry_sheet, order_sheet
from consensus.export.voices import measured, voice_sheet
from consensus.freeze import is_draft, readme_keys
from consensus.house import House
from consensus.outcome import digest
from consensus.results import Results, plain
from consensus.text import LANGUAGES, Texts


async def individual(
    house: House, session: models.Session, seed: int | None = None, *, is_for_team: bool = False
) -> bytes:
    """The file of individual answers. seed: of a rehearsal, or None. is_for_team: it goes to somebody who sat on the
    session's team; the file says so. Refused: the study does not allow it, it is not
    over, or so few keep their answers from later research that the file would point to them."""
    moment, given = await _rows_of(house, session, is_for_team)
    return await asyncio.to_thread(_individual, house.texts, moment, seed, given)


async def analysis(house: House, session: models.Session, *, is_for_team: bool = False) -> bytes:
    """The analysis file: individual answers, and who gave them in more than one round. Refused: as individual answers
    are, or the study has none."""
    await analysis_file_exists(session)
    moment, given = await _rows_of(house, session, is_for_team)
    return await asyncio.to_thread(_analysis, house.texts, moment, given)


async def _rows_of(house: House, session: models.Session, is_for_team: bool) -> tuple[Moment, list[str]]:
    """The session, where rows of it may be given, and what their README says of how they were."""
    study = await models.Study.get(id=session.study_id)
    if not study.is_row_level_allowed:
        raise Refused("refused.row_level_not_allowed")
    await analyse_due(house, session.id)
    moment = await read(house, session)
    await refuse_where_few_keep_back(session)
    return moment, readme_keys(await is_draft(session), is_for_team) if session.frozen_at else []


async def released(house: House, session: models.Session) -> bytes:
    """The released parcel, for anyone. Refused: not over."""
    await analyse_due(house, session.id)
    moment = await read(house, session)
    return await asyncio.to_thread(_released, house.texts, moment)


def _individual(texts: Texts, moment: Moment, seed: int | None, given: Sequence[str]) -> bytes:
    readme = [texts.say(language, key) for language in LANGUAGES for key in ("individual.readme.what", *given)]
    return _rows(texts, moment, partial(individual_manifest, moment, seed=seed), moment.opened, {}, readme)


def _analysis(texts: Texts, moment: Moment, given: Sequence[str]) -> bytes:
    followed = follow(moment.asked, moment.study.floor)
    opened = in_order((*moment.opened, *followed.leaves), moment.kinds)
    people = people_sheet(opened, moment.kinds)
    readme = analysis_readme(texts, followed, unique_by_answers(people, opened), given)
    manifest = partial(analysis_manifest, moment, followed)
    return _rows(texts, moment, manifest, opened, {"people.csv": people}, readme)


def _rows(
    texts: Texts,
    moment: Moment,
    manifest: Callable[..., dict[str, Any]],
    opened: tuple[Opened, ...],
    people: Mapping[str, Sheet],
    readme: Sequence[str],
) -> bytes:
    """A file of rows: opened leaves, the tables that follow from them, and what is told. manifest: given what the list
    is ranked by."""
    known = know(moment.rounds)
    results = list_of(moment, known.silent | known.kept_back | known.written)
    everything = list_of(moment, known.silent | known.kept_back)
    sheets = {
        **_told(moment, known, results),
        **people,
        "answers.csv": answer_sheet(opened, moment.kinds),
        "double_entry.csv": entry_sheet(moment.doubles),
        "leaves.csv": leaf_sheet({closed.key: closed.leaves or () for closed in moment.rounds}),
        "moves.csv": move_sheet(opened, moment.kinds),
        "proposals.csv": proposal_sheet(everything.histories, known, moment.languages),
        "sealed.csv": sealed_sheet(opened),
        "words.csv": word_sheet(opened),
    }
    more = {"recount.py": joined(moment.kinds.values()), "README.txt": ("\n".join(readme) + "\n").encode()}
    told = manifest(ranked_by=results.ranked_by)
    return _parcel(texts, moment, told, plain(results, moment.languages), sheets, more)


def _released(texts: Texts, moment: Moment) -> bytes:
    known = know(moment.rounds)
    results = list_of(moment, known.silent | known.written)
    manifest = released_manifest(moment, results.ranked_by)
    charted = opinions_of([closed.row for closed in moment.rounds])
    manifest |= {"opinions": digest(charted)} if charted else {}
    sheets = _told(moment, known, results)
    return _parcel(texts, moment, manifest, plain(results, moment.languages), sheets, {}, charted)


def _told(moment: Moment, known: Known, results: Results) -> dict[str, Sheet]:
    """What all of them hold. Of what people wrote only what the team has made of it."""
    order = [(closed.key, closed.row.seal["order"]) for closed in moment.rounds if closed.row.seal]
    told = moment.session.participants
    measures = measure_sheet({closed.key: measured(closed.findings) for closed in moment.rounds})
    read, heard = reading_sheet(measures.rows), voice_sheet(closed.findings for closed in moment.rounds)
    return {
        **({} if told is None else {FILE: participant_sheet(told, moment.languages)}),
        **({readings.FILE: read} if read.rows else {}),
        **({voices.FILE: heard} if heard.rows else {}),
        **({EVIDENCE: evidence_sheet(moment.evidence)} if moment.evidence else {}),
        "lineage.csv": lineage_sheet(results.histories),
        "measures.csv": measures,
        "order.csv": order_sheet(order),
        "results.csv": sheet((), ()),  # made of results.json
        "statements.csv": statement_sheet(results.histories, known, moment.languages, moment.numbers),
    }


def _parcel(
    texts: Texts,
    moment: Moment,
    manifest: Mapping[str, Any],
    listed: Mapping[str, Any],
    sheets: Mapping[str, Sheet],
    more: Mapping[str, bytes],
    charted: Mapping[str, Any] | None = None,
) -> bytes:
    """more: what goes with individual answers. charted: maps of opinions by round, where there is one."""
    told = {**sheets, "results.csv": result_sheet(listed)}
    told["codebook.csv"] = codebook(texts, moment, listed, told, is_recounted=bool(more))
    return parcel(
        {
            "manifest.json": json_bytes(manifest),
            "chain_head.txt": head_lines(*moment.chain, moment.is_simulated).encode(),
            "results.json": json_bytes(listed),
            **({MAPS: json_bytes(charted)} if charted else {}),
            **more,
            **{name: one.csv() for name, one in told.items()},
        }
    )
