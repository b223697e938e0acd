"""A study's figures for who runs it or studies it: sessions side by side, two moments, the pooled list; each as a page
and as a file with the same numbers.

Who holds a seat as facilitator, co-facilitator or researcher in a session of the study sees them, and who made it.
Each sees what its closed rounds released, and nothing else; people who answer do not come here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models
from consensus.export.study import study_parcel
from consensus.export.study.tables import alike_sheet, comparison_sheet, pooled_sheet
from consensus.journal import HOUSE
from consensus.results.study.comparing import BY, GROUP, OWN_SITE, PROVINCE, SESSION, SITE, Aside, at_several_sites
from consensus.results.study.moments import told_changes
from consensus.results.study.working import Worked
from consensus.web.asking import Ask
from consensus.web.results.chosen_view import asked_for, named_lists, offers, query_of
from consensus.web.results.study_view import Words, along
from consensus.web.setup.studies import signed_in
from rounds.contract import TEAM, Role
from rounds.measures.phrases import Phrase, certainty
from rounds.measures.pooling import SCHEMES

SEEN_BY = frozenset({*TEAM, Role.RESEARCHER})


async def of_mine(ask: Ask) -> models.Study:
    """The study in the path, if this asker may see its figures; else it is not found. The page speaks its languages."""
    number = ask.request.path_params["study"]
    study = await models.Study.get_or_none(id=number)
    if study is None or not (await _sits(ask, number) or await _made(ask, number)):
        raise HTTPException(404)
    ask.study = study
    if ask.language not in study.languages:
        ask.language = ask.languages()[0]
    return study


async def _sits(ask: Ask, study_id: int) -> bool:
    seats = models.Seat.filter(
        session__study_id=study_id, session__rehearses__isnull=True, role__in=SEEN_BY, withdrawn=""
    )
    if ask.staff is not None:
        return await seats.filter(staff_id=ask.staff.id).exists()
    return ask.seat is not None and await seats.filter(id=ask.seat.id).exists()


async def _made(ask: Ask, study_id: int) -> bool:
    if ask.staff is None:
        return False
    lines = models.Entry.filter(head=HOUSE, act="create_study", role="staff", alias=str(ask.staff.id))
    return any(json.loads(line.payload)["study"] == study_id for line in await lines)


async def compare(ask: Ask) -> Response:
    return comparison_page(ask, await _worked(ask))


def comparison_page(ask: Ask, worked: Worked | None) -> Response:
    """by: what the columns are; along: the brought figure in the order of which they stand."""
    if worked is None or worked.unsound or not worked.results.sessions:
        return _nothing_yet(ask, worked, "compare")
    asked = ask.request.query_params
    by = asked["by"] if asked.get("by") in BY else SESSION
    offered = [one for one in BY if len(worked.sides[one].columns) > (one not in {SESSION, GROUP})]
    if worked.sides[PROVINCE].columns == worked.sides[SITE].columns:  # no site lies within another
        offered = [one for one in offered if one != PROVINCE]
    by = by if by in offered else SESSION
    side = worked.sides[by]
    known = worked.results.known if by in {SESSION, SITE, PROVINCE, OWN_SITE} else ()
    given = _shown(ask, worked) | {
        "by": by,
        "offered": offered,
        "side": along(side, known, asked.get("along", "")),
        "along": asked.get("along", "") if asked.get("along", "") in {one["key"] for one in known} else "",
        "known": [one for one in known if any(one["key"] in column.about for column in side.columns)],
        "by_group": worked.sides[GROUP] if by != GROUP else None,
        "panels": worked.panels,
        "at_several": at_several_sites(worked.results),
        "longest": max((rank for row in side.rows for rank in row.ranks), default=1),
        "asides": _farthest(side.apart),
        "alike": {one.statement: one for one in worked.alike},
    }
    return ask.page("study/compare.html", **given)


def _farthest(apart: Iterable[Aside]) -> list[Aside]:
    """Of each statement the group that lies farthest, the farthest first."""
    found: dict[str, Aside] = {}
    for one in apart:
        other = found.get(one.statement)
        if other is None or one.gap > other.gap:
            found[one.statement] = one
    return sorted(found.values(), key=lambda one: -one.gap)


async def moments(ask: Ask) -> Response:
    return moments_page(ask, await _worked(ask))


def moments_page(ask: Ask, worked: Worked | None) -> Response:
    if worked is None or worked.unsound or not worked.moments:
        return _nothing_yet(ask, worked, "moments")
    pairs = [(one, list(told_changes(one))) for one in worked.moments]
    return ask.page("study/moments.html", **_shown(ask, worked), pairs=pairs)


async def pooled(ask: Ask) -> Response:
    worked = await _worked(ask)
    study = await models.Study.get(id=ask.request.path_params["study"])
    may_choose = worked is not None and await conduct.may_choose_headline(study.id) and await _leads(ask)
    return await pooled_page(ask, worked, study.headline, may_choose=may_choose)


async def pooled_page(ask: Ask, worked: Worked | None, headline: str, *, may_choose: bool = False) -> Response:
    """of, as often as there are sessions that count; none: all of them."""
    lead = {"may_choose": may_choose, "headline": headline}
    if worked is None or worked.unsound or not worked.results.sessions:
        return _nothing_yet(ask, worked, "pooled", **lead)
    of, pool = await asked_for(ask, worked)
    if pool is None:
        return _nothing_yet(ask, None, "pooled", **lead)
    given = _shown(ask, worked) | lead
    given |= {
        "pool": pool,
        "lists": named_lists(worked.results, pool, given["words"]),
        "of": of,
        "some": query_of(worked, of),
        "offers": offers(worked, given["words"], of),
        "sure": _sure(worked) if pool is worked.pool else {},
    }
    return ask.page("study/pooled.html", **given)


def _sure(worked: Worked) -> dict[str, Phrase]:
    """In words, whether other people of these sessions would have listed it first."""
    found = {}
    for pool in worked.pool.each:
        ranks = [row.by_scheme[pool.headline].rank for row in pool.rows]
        for row, rank in zip(pool.rows, ranks, strict=True):
            chance = worked.panels.sure.get(row.statement)
            if chance is not None and rank is not None and pool.top < len(pool.rows):
                last = rank + ranks.count(rank) - 1
                found[row.statement] = certainty(rank, last, pool.top, Fraction(str(chance)))
    return found


async def _leads(ask: Ask) -> bool:
    """Facilitates a session of it, or made it."""
    if ask.staff is None:
        return False
    number = ask.request.path_params["study"]
    seats = models.Seat.filter(session__study_id=number, role=Role.FACILITATOR, staff_id=ask.staff.id, withdrawn="")
    return await seats.exists() or await _made(ask, number)


async def choose_headline(ask: Ask) -> Response:
    study = await of_mine(ask)
    if not await _leads(ask):
        raise HTTPException(404)
    await conduct.choose_headline(ask.house, signed_in(ask), study.id, ask.typed.one("headline"))
    return ask.go("pooled", study=study.id, query="saved=yes")


async def compare_file(ask: Ask) -> Response:
    return comparison_file(ask, await _worked(ask))


def comparison_file(ask: Ask, worked: Worked | None) -> Response:
    """table=alike: how alike the sessions are, by statement."""
    if worked is None or worked.unsound:
        raise HTTPException(503)
    if ask.request.query_params.get("table") == "alike":
        return _file(alike_sheet(worked.alike), "alike")
    return _file(comparison_sheet(worked.results, worked.sides), "compare")


async def pooled_file(ask: Ask) -> Response:
    return await list_file(ask, await _worked(ask))


async def list_file(ask: Ask, worked: Worked | None) -> Response:
    """Of the same sessions as the page with this address."""
    pool = None if worked is None or worked.unsound else (await asked_for(ask, worked))[1]
    if worked is None or pool is None:
        raise HTTPException(503)
    return _file(pooled_sheet(worked.results, pool, worked.panels.sure if pool is worked.pool else {}), "pooled")


async def parcel(ask: Ask) -> Response:
    """The study's own parcel; the page says why where there is none yet."""
    study = await of_mine(ask)
    body = await study_parcel(ask.house, study.id)
    return parcel_of(body, ask.house.texts.say(ask.language, "study.parcel.name", n=study.id))


def parcel_of(body: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/zip", headers=headers)


def _file(body: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


async def _worked(ask: Ask) -> Worked | None:
    study = await of_mine(ask)
    return await ask.house.studies.of(study.id)


def _shown(ask: Ask, worked: Worked) -> dict[str, Any]:
    """What all pages of figures need."""
    words = Words(worked.results, ask.house.texts, ask.language)
    return {
        "results": worked.results,
        "pool": worked.pool,
        "lists": named_lists(worked.results, worked.pool, words),
        "words": words,
        "schemes": SCHEMES,
        "has_moments": bool(worked.moments),
        "draft": not worked.results.is_frozen,
        "is_saved": "saved" in ask.request.query_params,
    }


def _nothing_yet(ask: Ask, worked: Worked | None, page: str, **given: Any) -> Response:
    waits: dict[str, Any] = {
        "is_working": worked is None,
        "is_held": bool(worked and worked.unsound),
        "at": page,
        "asked": ask.request.url.query,
        "may_choose": False,
        "headline": "",
        "schemes": SCHEMES,
    }
    return ask.page("study/nothing_yet.html", **waits | given, is_saved="saved" in ask.request.query_params)
