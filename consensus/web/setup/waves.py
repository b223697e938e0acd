"""How a panel is filled: how many people are wanted of each group, and waves drawn of those whom nobody invited yet."""

from __future__ import annotations

from secrets import token_hex

from starlette.responses import Response

from consensus import conduct, models, zones
from consensus.conduct import Draw, Refused
from consensus.panel import members_of
from consensus.text import pick
from consensus.web.asking import Ask
from consensus.web.setup.panel import waves_in_words
from consensus.web.setup.places import offered_sites
from consensus.web.setup.studies import open_study, signed_in

WAYS = ("share", "people")


async def waves(ask: Ask) -> Response:
    study = await open_study(ask)
    members = await members_of(study.id)
    given = {
        "waves": [(*named, wave) for named, wave in zip(waves_in_words(ask, study), study.waves or (), strict=True)],
        "free": sum(not member.wave and not member.sits for member in members),
        "groups": [(group["key"], pick(group["names"], ask.language)) for group in study.groups],
        "sites": offered_sites(study.sites or (), ask.language),
        "seed": token_hex(4),
        "earliest": zones.today_in(study.zone),
        "problems": [("", ask.error)] if ask.error else [],
    }
    return ask.page("setup/panel_waves.html", **given)


async def draw_wave(ask: Ask) -> Response:
    study = await open_study(ask)
    form = ask.typed
    if form.one("by") not in WAYS:
        raise Refused("refused.draw_nobody")
    draw = Draw(
        seed=form.one("seed"),
        day=form.one("day"),
        group=form.one("group"),
        site=form.one("site"),
        **{form.one("by"): form.number("n", digits=5) or 0},
    )
    n = await conduct.draw_wave(ask.house, signed_in(ask), study.id, draw)
    return ask.go("panel", study=study.id, query=f"drawn={n}")


async def quotas(ask: Ask) -> Response:
    study = await open_study(ask)
    held = {f"quota.{one['group']}.{one['site']}": one["people"] for one in study.quotas or ()}
    given = {
        "groups": [(group["key"], pick(group["names"], ask.language)) for group in study.groups],
        "sites": offered_sites(study.sites or (), ask.language),
        "held": held,
        "sites_set": {one["site"] for one in study.quotas or ()},
        "problems": [("", ask.error)] if ask.error else [],
    }
    return ask.page("setup/panel_quotas.html", **given)


async def set_quotas(ask: Ask) -> Response:
    study = await open_study(ask)
    wanted = [
        (str(group["key"]), site, people)
        for group in study.groups
        for site in ("", *(str(one["key"]) for one in study.sites or ()))
        if (people := _people(ask, study, f"quota.{group['key']}.{site}"))
    ]
    await conduct.set_quotas(ask.house, signed_in(ask), study.id, wanted)
    return ask.go("panel", study=study.id, query="saved=yes")


def _people(ask: Ask, study: models.Study, field: str) -> int:
    """0 where nothing was typed."""
    written = ask.typed.one(field)
    number = ask.typed.number(field, digits=6)
    if written and number is None:
        raise Refused("refused.bad_quota", n=conduct.MOST_PEOPLE)
    return number or 0
