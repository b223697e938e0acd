"""codebook.csv: what each column of each file means, in both languages, and whether recount.py counts it again.

Meanings are sentences of the .po files: a kind's own for its figures, ours for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from consensus.export.moment import Moment
from consensus.export.results import RANKS, Figure, figures, ranked_by
from consensus.export.sheets import Row, Sheet, sheet
from consensus.text import NAMES, Texts

COLUMNS = ("file", "column", "counted", "meaning_en", "meaning_fr")


def codebook(texts: Texts, moment: Moment, sheets: Mapping[str, Sheet], is_recounted: bool) -> Sheet:
    """sheets: the tables of the parcel by file name. is_recounted: the parcel carries ballots and recount.py."""
    named = {one.name: one for closed in moment.rounds for one in figures(closed)}
    ranked = ranked_by(moment.rounds)
    rows = []
    for file in sorted({*sheets, "codebook.csv"}):
        for column in sheets[file].columns if file in sheets else COLUMNS:
            one = named.get(column) if file == "results.csv" else None
            is_rank = file == "results.csv" and column in RANKS and bool(ranked)
            counted = is_recounted and (is_rank or (one is not None and one.column.counted))
            rows.append(_row(texts, file, column, one, counted))
    return sheet(COLUMNS, rows)


def _row(texts: Texts, file: str, column: str, one: Figure | None, counted: bool) -> Row:
    told = {"file": file, "column": column, "counted": "yes" if counted else "no"}
    for language in ("en", "fr"):
        told[f"meaning_{language}"] = (
            _figure(texts, language, one) if one else _meaning(texts, language, file.removesuffix(".csv"), column)
        )
    return told


def _figure(texts: Texts, language: str, one: Figure) -> str:
    key = f"{one.kind}.column.{one.column.name}"
    meaning = texts.say(language, key) if texts.has(language, key) else one.column.name
    if one.block:
        return texts.say(language, "export.figure.block", round=one.round, meaning=meaning, block=one.block)
    return texts.say(language, "export.figure", round=one.round, meaning=meaning)


def _meaning(texts: Texts, language: str, file: str, column: str) -> str:
    if column.startswith("text_"):
        name = NAMES.get(column.removeprefix("text_"), column.removeprefix("text_"))
        return texts.say(language, "export.column.wording", spoken=name)
    if column.startswith("meaning_"):
        name = NAMES.get(column.removeprefix("meaning_"), "")
        return texts.say(language, "export.column.meaning", spoken=name)
    own = f"export.{file}.{column}"
    return texts.say(language, own if texts.has(language, own) else f"export.column.{column}")
