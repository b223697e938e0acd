"""The pairs of groups that a study never counts together: asked with a new study, and changed on a page of their own.

Which rounds they touch is conduct's question.
"""

from __future__ import annotations

from starlette.responses import Response

from consensus import conduct
from consensus.facts import StudyFacts, group_name
from consensus.web.asking import Ask
from consensus.web.setup.studies import open_study, signed_in
from consensus.web.setup.study_groups import by_first, ticked_pairs


async def apart(ask: Ask) -> Response:
    study = StudyFacts.of(await open_study(ask))
    given = {
        "names": [(group["key"], group_name(study.groups, group["key"], ask.language)) for group in study.groups],
        "chosen": by_first(study.apart),
        "is_saved": "saved" in ask.request.query_params,
    }
    return ask.page("setup/apart.html", **given)


async def keep(ask: Ask) -> Response:
    study = await open_study(ask)
    pairs = ticked_pairs(ask, [group["key"] for group in study.groups])
    await conduct.keep_apart(ask.house, signed_in(ask), study.id, pairs)
    return ask.go("apart", study=study.id, query="saved=yes")
