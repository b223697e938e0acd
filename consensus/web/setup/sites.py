"""The page of a study's sites in two levels, its arms, and what is known of its sites.

What may be taken away is conduct's question; how the form works, sites_form's.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct
from consensus.facts import StudyFacts
from consensus.limits import FORM, Limits
from consensus.web.asking import Ask
from consensus.web.setup import sites_form
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.wordings import Problems

LARGE = Limits(4_000, FORM.size)  # fields of a hundred sites of which a dozen things are known


async def form_of_sites(ask: Ask) -> Limits:
    return LARGE


async def sites(ask: Ask) -> Response:
    return await _form(ask, [])


async def _form(ask: Ask, problems: Problems) -> Response:
    study = StudyFacts.of(await open_study(ask))
    used_sites, used_arms = await conduct.used(study.id)
    now = sites_form.draft(ask, study)
    given = {
        "draft": now,
        "tree": [(row, now.below(row.key)) for row in now.below("")],
        "used": used_sites | {row.within for row in now.sites if row.key in used_sites} | used_arms,
        "wrong_about": {name.split(".")[1] for name, _ in problems if name.startswith("about.")},
        "problems": problems or ([("", ask.error)] if ask.error else []),
        "most": sites_form.MOST,
        "is_saved": "saved" in ask.request.query_params and not ask.typed,
    }
    return ask.page("study/sites.html", **given)


async def keep_sites(ask: Ask) -> Response:
    study = StudyFacts.of(await open_study(ask))
    if sites_form.is_pressed(ask):
        return await _form(ask, [])
    problems: Problems = []
    rows = sites_form.read(ask, sites_form.draft(ask, study), study, problems)
    if problems:
        ask.error, ask.status = problems[0][1], 422
        return await _form(ask, problems)
    await conduct.change_sites(ask.house, signed_in(ask), study.id, **rows)
    return ask.go("sites", study=study.id, query="saved=yes")
