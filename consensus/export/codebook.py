"""codebook.csv: what each column of each file means, in both languages, and whether recount.py counts it again.

Meanings are sentences of the .po files: a kind's own for its figures, ours for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consensus.export.moment import Moment
from consensus.export.people import ALIAS_IN
from consensus.export.results import RECOUNTED
from consensus.export.sheets import Row, Sheet, sheet
from consensus.facts import block_name, group_name
from consensus.text import NAMES, Texts

COLUMNS = ("file", "column", "counted", "part", "meaning_en", "meaning_fr")


def codebook(
    texts: Texts, moment: Moment, listed: Mapping[str, Any], sheets: Mapping[str, Sheet], is_recounted: bool
) -> Sheet:
    """listed: the list as results.json tells it. sheets: the tables of the parcel by file name. is_recounted: a second
    count goes with them."""
    named = {one["name"]: one for one in listed["columns"]}
    rows = []
    for file in sorted({*sheets, "codebook.csv"}):
        for column in sheets[file].columns if file in sheets else COLUMNS:
            one = named.get(column) if file == "results.csv" else None
            is_rank = file == "results.csv" and column in RECOUNTED and bool(listed["ranked_by"])
            counted = is_recounted and (is_rank or (one is not None and one["counted"]))
            rows.append(_row(texts, moment, file, column, one, counted))
    named_there = dict.fromkeys(row["measure"] for row in sheets["measures.csv"].rows)
    rows += [_measure(texts, name) for name in sorted(named_there)]
    return sheet(COLUMNS, rows)


def _measure(texts: Texts, name: str) -> Row:
    """What a figure of measures.csv is, under the name that it has there."""
    told = {"file": "measures.csv", "column": f"measure={name}", "counted": "no", "part": ""}
    return {**told, **{f"meaning_{language}": _definition(texts, language, name) for language in ("en", "fr")}}


def _definition(texts: Texts, language: str, name: str) -> str:
    """Of a second criterion, or at equal weight per block, a name says so; all else is the measure's own."""
    own, said = name.removeprefix("second_"), []
    if own != name:
        said.append(texts.say(language, "export.measure.second"))
    if not texts.has(language, f"measures.name.{own}") and own.endswith("_balanced"):
        own = own.removesuffix("_balanced")
        said.append(texts.say(language, "export.measure.balanced"))
    key = f"measures.name.{own}"
    return " ".join([texts.say(language, key) if texts.has(language, key) else own, *said])


def _row(texts: Texts, moment: Moment, file: str, column: str, one: Mapping[str, Any] | None, counted: bool) -> Row:
    told = {"file": file, "column": column, "counted": "yes" if counted else "no", "part": one["part"] if one else ""}
    for language in ("en", "fr"):
        told[f"meaning_{language}"] = (
            _figure(texts, language, one, moment)
            if one
            else _meaning(texts, language, file.removesuffix(".csv"), column, _glossary(moment, language))
        )
    return told


def _glossary(moment: Moment, language: str) -> str:
    """What the word of each group stands for."""
    groups = moment.study.groups
    return "; ".join(f"{word} = {group_name(groups, key, language)}" for key, word in moment.words.items())


def _figure(texts: Texts, language: str, one: Mapping[str, Any], moment: Moment) -> str:
    key = f"{one['kind']}.column.{one['column']}"
    meaning = texts.say(language, key) if texts.has(language, key) else one["column"]
    if one["block"]:
        blocks = {block.key: block for closed in moment.rounds for block in closed.round.blocks}
        name = block_name(moment.study.groups, blocks[one["block"]], language)
        return texts.say(language, "export.figure.block", round=one["round"], meaning=meaning, block=name)
    return texts.say(language, "export.figure", round=one["round"], meaning=meaning)


def _meaning(texts: Texts, language: str, file: str, column: str, groups: str) -> str:
    if column.startswith("text_"):
        name = NAMES.get(column.removeprefix("text_"), column.removeprefix("text_"))
        return texts.say(language, "export.column.wording", spoken=name)
    if column.startswith("meaning_"):
        name = NAMES.get(column.removeprefix("meaning_"), "")
        return texts.say(language, "export.column.meaning", spoken=name)
    if file == "people" and column.startswith(ALIAS_IN):
        return texts.say(language, "export.people.alias_in", round=column.removeprefix(ALIAS_IN))
    own = f"export.{file}.{column}"
    return texts.say(language, own if texts.has(language, own) else f"export.column.{column}", groups=groups)
