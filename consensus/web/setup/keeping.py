"""What becomes of a study: who leads it, whether it is in use, and its end with a second person and a certificate.

Every act is conduct's; who may do what is asked there again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from starlette.exceptions import HTTPException
from starlette.responses import Response

from consensus import conduct, models, text
from consensus.conduct import Refused
from consensus.erasure import DAYS, Certificate, certificates, waiting
from consensus.facts import SessionFacts
from consensus.freeze import is_over
from consensus.journal import minute, moment_of
from consensus.leading import facilitates, lead_of, turns
from consensus.text import LANGUAGES
from consensus.web.asking import Ask
from consensus.web.setup.handed import told_of
from consensus.web.setup.studies import open_study, signed_in


@dataclass(frozen=True, slots=True)
class Asked:
    """An erasure that waits for a second person. day, until: in words."""

    name: str
    day: str
    until: str


async def keeping(ask: Ask) -> Response:
    study, staff = await _study(ask), signed_in(ask)
    is_lead = await lead_of(study.id) == staff.id
    history = [await told_of(ask, turn, staff) for turn in (await turns(study.id)).get(study.id, [])]
    sessions = await models.Session.filter(study_id=study.id, rehearses__isnull=True).order_by("id")
    sits_in = {
        seat.session_id
        for seat in await models.Seat.filter(
            session_id__in=[one.id for one in sessions], staff_id=staff.id, withdrawn=""
        )
    }
    return ask.page(
        "setup/keeping.html",
        problems=[(_field(ask), ask.error)] if ask.error else [],
        is_lead=is_lead,
        has_page=is_lead or await facilitates(staff.id, study.id),
        may_hand_over=is_lead or staff.is_administrator,
        may_confirm=await conduct.may_confirm(staff, study.id),
        history=[one for one in history if one],
        is_away=bool(study.put_away_at),
        away_since=ask.minute(study.put_away_at) if study.put_away_at else "",
        asked=await _asked(ask, study),
        days=DAYS,
        parcels=[(SessionFacts.of(one), await is_over(one.id), one.id in sits_in) for one in sessions],
        saved=ask.request.query_params.get("saved", ""),
    )


async def _asked(ask: Ask, study: models.Study) -> Asked | None:
    found = await waiting(study.id)
    if found is None:
        return None
    name = (await models.Staff.get(id=found.by)).name
    until = ask.minute(minute(found.until.astimezone(UTC)))
    return Asked(name, ask.minute(found.at), until)


def _field(ask: Ask) -> str:
    """Which field a refusal is about."""
    return next((name for name in ("mail", "name") if name in ask.typed), "")


async def _study(ask: Ask) -> models.Study:
    """Whoever leads or facilitates it, or an administrator."""
    if not signed_in(ask).is_administrator:
        return await open_study(ask)
    found = await models.Study.get_or_none(id=ask.request.path_params["study"])
    if found is None:
        raise HTTPException(404)
    ask.study = found
    if ask.language not in found.languages:
        ask.language = ask.languages()[0]
    return found


async def hand_over(ask: Ask) -> Response:
    study, staff = await _study(ask), signed_in(ask)
    leaves = ask.typed.one("stays") == "leave"
    await conduct.hand_over(ask.house, staff, study.id, ask.typed.one("mail"), leaves=leaves)
    if leaves and not staff.is_administrator:
        return ask.go("studies")
    return ask.go("keeping", study=study.id, query="saved=handed")


async def away(ask: Ask) -> Response:
    study, staff = await _study(ask), signed_in(ask)
    if "back" in ask.typed:
        await conduct.bring_back(ask.house, staff, study.id)
        return ask.go("keeping", study=study.id, query="saved=back")
    await conduct.put_away(ask.house, staff, study.id)
    return ask.go("keeping", study=study.id, query="saved=away")


async def erase(ask: Ask) -> Response:
    """Ask for it, take that back, or confirm it."""
    study, staff = await _study(ask), signed_in(ask)
    act, name = ask.typed.one("act"), ask.typed.one("name")
    if act == "ask":
        await conduct.ask_erasure(ask.house, staff, study.id, name)
        return ask.go("keeping", study=study.id, query="saved=asked")
    if act == "take_back":
        await conduct.take_back_erasure(ask.house, staff, study.id)
        return ask.go("keeping", study=study.id, query="saved=taken_back")
    if act != "confirm":
        raise Refused("refused.no_erasure")
    await conduct.erase_study(ask.house, staff, study.id, name)
    ask.typed.clear()
    return ask.go("erased", study=study.id)


# What is left of a study that is gone


async def _certificate(ask: Ask) -> Certificate:
    found, staff = (await certificates()).get(ask.request.path_params["study"]), signed_in(ask)
    if found is None or not (staff.is_administrator or staff.id in {found.asked_by, found.confirmed_by}):
        raise HTTPException(404)
    return found


async def _lines(ask: Ask, found: Certificate, language: str) -> list[str]:
    """What the certificate tells, sentence by sentence."""
    names = dict(await models.Staff.filter(id__in=[found.asked_by, found.confirmed_by]).values_list("id", "name"))
    zone, say = ask.house.settings.zone, ask.house.texts.say

    def when(at: str) -> str:
        return text.when(language, moment_of(at), zone) if at else "–"

    asked = {"name": names.get(found.asked_by, ""), "account": found.asked_by, "when": when(found.asked_at)}
    done = {"name": names.get(found.confirmed_by, ""), "account": found.confirmed_by, "when": when(found.erased_at)}
    return [
        say(language, "erased.study", number=str(found.study), when=when(found.made_at)),
        say(language, "erased.asked", **asked),
        say(language, "erased.confirmed", **done),
        say(language, "erased.sessions", n=found.sessions),
        say(language, "erased.rounds", n=found.rounds),
        say(language, "erased.people", n=found.people),
        say(language, "erased.answers", n=found.answers),
        say(language, "erased.lines", n=found.lines),
    ]


def _hashes(ask: Ask, found: Certificate, language: str) -> list[str]:
    """By which journals that somebody kept can be compared with what was erased."""
    say = ask.house.texts.say
    heads = [{"place": n, "number": number, "hash": hash} for n, (number, hash) in enumerate(found.heads, 1)]
    return [*(say(language, "erased.head", **head) for head in heads), say(language, "erased.seal", hash=found.seal)]


async def erased(ask: Ask) -> Response:
    found = await _certificate(ask)
    lines, hashes = await _lines(ask, found, ask.language), _hashes(ask, found, ask.language)
    return ask.page("setup/erased.html", lines=lines, hashes=hashes, number=found.study)


async def certificate(ask: Ask) -> Response:
    """In both languages, since whoever reads it later may read the other."""
    found = await _certificate(ask)
    parts = []
    for language in LANGUAGES:
        title = ask.house.texts.say(language, "erased.title")
        parts.append("\n".join([title, "", *await _lines(ask, found, language), *_hashes(ask, found, language), ""]))
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-of-erasure_{found.study}.txt"',
        "Cache-Control": "no-store",
    }
    return Response("\n".join(parts), media_type="text/plain; charset=utf-8", headers=headers)
