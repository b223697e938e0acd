"""A study that is there, changed: by the form of a new one, with what is fixed by now said beside it, and why.

What is fixed is asked of firmness.py and decided by conduct; the consent, the pairs never counted together and the
freeze have pages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from consensus import conduct
from consensus.facts import StudyFacts
from consensus.firmness import Firm, firm
from consensus.web.asking import Ask
from consensus.web.setup import study_groups
from consensus.web.setup.studies import FLOORS, open_study, read_day, read_floor, signed_in
from consensus.web.setup.wordings import Problems, required, wordings


async def edit(ask: Ask) -> Response:
    return await _form(ask, [])


async def _form(ask: Ask, problems: Problems) -> Response:
    study = StudyFacts.of(await open_study(ask))
    held, stock = await firm(study.id), study_groups.Stock.of(study.groups)
    groups = study_groups.rows(ask, stock)
    given = {
        "is_opened": held.is_opened,
        "is_answered": held.is_answered,
        "groups": groups,
        "added": groups[-1].key if "add" in ask.typed and not problems else "",
        "naming_is_wrong": any(name.startswith("group.") for name, _ in problems),
        "problems": problems or ([("", ask.error)] if ask.error else []),
        "written_in": study.languages,
        "floor": study.floor,
        "floors": FLOORS,
        "retention": study.retention,
        "is_saved": "saved" in ask.request.query_params and not ask.typed,
    }
    return ask.page("study/edit.html", **given)


async def change(ask: Ask) -> Response:
    study = StudyFacts.of(await open_study(ask))
    held, problems = await firm(study.id), list[tuple[str, str]]()
    stock = study_groups.Stock.of(study.groups)
    if not held.is_opened and study_groups.is_redrawn(ask, problems, stock):
        ask.error, ask.status = (problems[0][1], 422) if problems else ("", 200)
        return await _form(ask, problems)
    fields = _read(ask, study, held, problems)
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return await _form(ask, problems)
    await conduct.change_study(ask.house, signed_in(ask), study.id, **fields)
    return ask.go("edit_study", study=study.id, query="saved=yes")


def _read(ask: Ask, study: StudyFacts, held: Firm, problems: Problems) -> dict[str, Any]:
    """Only what may still change: fields that are fixed are not in the form, and stay."""
    fields: dict[str, Any] = {name: required(ask, name, problems) for name in ("help_name", "help_phone")}
    if ask.typed.one("retention") != study.retention:
        fields["retention"] = read_day(ask, study.zone, problems)
    if not held.is_answered:
        fields |= {name: wordings(ask, name, study.languages, problems) for name in ("title", "question")}
        fields["groups"] = _groups(ask, study, held, problems)
    if not held.is_opened:
        fields["floor"] = read_floor(ask, problems)
    return fields


def _groups(ask: Ask, study: StudyFacts, held: Firm, problems: Problems) -> list[Mapping[str, Any]]:
    """Their names alone, once a round has opened with them."""
    if not held.is_opened:
        return list(study_groups.read_groups(ask, study.languages, problems, study_groups.Stock.of(study.groups)))
    named: list[Mapping[str, Any]] = [
        {
            **group,
            "names": {
                name: required(ask, f"group.{group['key']}.{name}", problems, "group") for name in study.languages
            },
        }
        for group in study.groups
    ]
    study_groups.refuse_namesakes(ask, named, problems)
    return named
