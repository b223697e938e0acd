"""The evidence of a study, for its team: coded interviews brought, quotations read and released one by one or together.

A project file becomes the text of the form, as every other list does; what may be done is conduct's question. Nobody
but who leads or facilitates the study comes here, since quotations are personal.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from consensus import conduct, models
from consensus.conduct import Refused
from consensus.conduct.evidence import ACTS
from consensus.evidence import shared as shared_by
from consensus.evidence import told
from consensus.evidence_words import INTERVIEW, KINDS
from consensus.facts import SessionFacts, group_name
from consensus.imports import coded, qda
from consensus.imports.places import Places
from consensus.imports.problems import Unreadable
from consensus.outcome import statement_from
from consensus.sites import own_name
from consensus.web.asking import Ask
from consensus.web.form import Typed
from consensus.web.listing import figure, listed
from consensus.web.setup.brought import brought, close_files, refusal, take_file
from consensus.web.setup.imports import refused, sites_of, understood
from consensus.web.setup.studies import open_study, signed_in
from rounds.contract import Role, Statement

PREVIEWED = 50  # statements that are shown before all is taken
FILTERS = ("kind", "site", "informant", "theme", "state")
STATES = ("unread", "read", "released", "no_yes")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A row of the table of quotations, for a page."""

    id: int
    source_id: int
    text: str
    language: str
    may_quote: bool
    read_at: str
    released_at: str

    @classmethod
    def of(cls, one: models.Quotation) -> Quoted:
        return cls(one.id, one.source_id, one.text, one.language, one.may_quote, one.read_at, one.released_at)


@dataclass(frozen=True, slots=True)
class Row:
    """A quotation as the team reads it. supports: statements, by session and number; is_told: a participant may see it;
    has_place: with its site and kind of informant."""

    quotation: Quoted
    kind: str
    label: str
    site: str
    informant: str
    supports: tuple[tuple[int, Statement], ...]
    themes: frozenset[str]
    is_told: bool
    has_place: bool

    def fits(self, wanted: Mapping[str, str], source: models.Source) -> bool:
        state, one = wanted["state"], self.quotation
        is_so = {"unread": not one.read_at, "read": bool(one.read_at), "released": bool(one.released_at)}
        is_so |= {"no_yes": not one.may_quote}
        return (
            all(wanted[name] in {"", getattr(source, name)} for name in ("kind", "site", "informant"))
            and (not wanted["theme"] or wanted["theme"] in self.themes)
            and is_so.get(state, True)
        )


async def evidence(ask: Ask) -> Response:
    study = await open_study(ask)
    sources = {one.id: one for one in await models.Source.filter(study_id=study.id).order_by("id")}
    rows = await _rows(ask, study, sources)
    query = ask.request.query_params
    wanted = {name: query.get(name, "")[:200] for name in FILTERS}
    fits = [row for row in rows if row.fits(wanted, sources[row.quotation.source_id])]
    done = {name: figure(query.get(name, "")) for name in ("came", "there", "quotations", "moved", "back")}
    given = {
        "list": listed(fits, figure(query.get("page", "")), wanted),
        "n": len(rows),
        "n_read": sum(bool(row.quotation.read_at) for row in rows),
        "n_told": sum(row.is_told for row in rows),
        "n_sources": len(sources),
        "wanted": wanted,
        "offered": _offered(ask, sources.values(), rows),
        "states": STATES,
        "imports": await _imports(study.id, list(sources.values())),
        "done": done,
        "is_part": any(wanted.values()),
    }
    return ask.page("study/evidence.html", **given)


async def _rows(ask: Ask, study: models.Study, sources: Mapping[int, models.Source]) -> list[Row]:
    supports: dict[int, list[tuple[int, str]]] = {}
    for link in await models.Evidence.filter(study_id=study.id, quotation_id__not_isnull=True).order_by("id"):
        supports.setdefault(link.quotation_id or 0, []).append((link.session_id, link.statement))
    sessions = await models.Session.filter(study_id=study.id, rehearses=None)
    held = {(one.id, data["id"]): statement_from(data) for one in sessions for data in one.imported}
    people = shared_by(sources.values())
    rows = []
    for one in await models.Quotation.filter(study_id=study.id).order_by("id"):
        source = sources[one.source_id]
        found = [(at[0], held[at]) for at in supports.get(one.id, ()) if at in held]
        seen = told(one, source, people, study.floor)
        rows.append(
            Row(
                Quoted.of(one),
                source.kind,
                source.label,
                own_name(study.sites or (), source.site, ask.language),
                group_name(study.groups, source.informant, ask.language),
                tuple(found),
                frozenset(statement.theme for _, statement in found if statement.theme),
                seen is not None,
                bool(seen and (seen.site or seen.informant)),
            )
        )
    return rows


def _offered(ask: Ask, all_of: Collection[models.Source], rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What can be filtered by: only what is there."""
    assert ask.study is not None
    sites = sorted({one.site for one in all_of} - {""})
    informants = sorted({one.informant for one in all_of} - {""})
    kinds = {one.kind for one in all_of}
    return {
        "kind": [(kind, ask.say(f"evidence.kind.{kind}")) for kind in KINDS if kind in kinds],
        "site": [(key, own_name(ask.study.sites or (), key, ask.language)) for key in sites],
        "informant": [(key, group_name(ask.study.groups, key, ask.language)) for key in informants],
        "theme": [(theme, theme) for theme in sorted({theme for row in rows for theme in row.themes})],
    }


async def _imports(study_id: int, sources: Sequence[models.Source]) -> list[tuple[int, int, bool]]:
    """(number, sources, may it be taken back) of each import."""
    numbers = sorted({one.came_in for one in sources})
    counts = {number: sum(one.came_in == number for one in sources) for number in numbers}
    return [(number, counts[number], await conduct.can_be_taken_back(study_id, number)) for number in numbers]


async def judge(ask: Ask) -> Response:
    study = await open_study(ask)
    act = ask.typed.one("do")
    if number := figure(ask.typed.one("import")):
        n = await conduct.take_back_coded(ask.house, signed_in(ask), study.id, number)
        return ask.go("evidence", study=study.id, query=urlencode({"back": n or 1}))
    if act not in ACTS:
        raise Refused("refused.no_quotation")
    numbers = [figure(written) for written in ask.typed.many("quotation")]
    n = await conduct.judge_quotations(ask.house, signed_in(ask), study.id, act, numbers)
    kept = {name: ask.typed.one(f"was.{name}") for name in (*FILTERS, "page") if ask.typed.one(f"was.{name}")}
    return ask.go("evidence", study=study.id, query=urlencode({**kept, "moved": n}) + "#list")


async def template(ask: Ask) -> Response:
    await open_study(ask)
    headers = {"Content-Disposition": 'attachment; filename="evidence-template.csv"', "Cache-Control": "no-store"}
    return Response(coded.template(ask.language), media_type="text/csv", headers=headers)


async def new_evidence(ask: Ask) -> Response:
    await close_files(ask)
    study = await open_study(ask)
    found = brought(ask, "text", ["kind", "quoting"])
    reading = (
        await asyncio.to_thread(coded.parse, found.text, _asking(ask, study), found.choices)
        if found.text.strip()
        else None
    )
    sessions = await _sessions(ask, study.id)
    given = {
        "reading": reading,
        "sessions": [SessionFacts.of(one) for one, _ in sessions],
        "kinds": KINDS[:-1],
        "first": reading.statements[:PREVIEWED] if reading else (),
        "others": len(reading.statements[PREVIEWED:]) if reading else 0,
        "n_quotable": sum(one.may_quote for one in reading.quotations) if reading else 0,
        "by_kind": _by_kind(reading) if reading else [],
        "said": _remarks(ask),
        **understood(found, reading.arranged if reading else None, coded.offered(study.languages), "coded"),
    }
    return ask.page("study/evidence_new.html", **given)


def _by_kind(reading: coded.Reading) -> list[tuple[str, int]]:
    kinds = [one.kind for one in reading.sources]
    return [(kind, kinds.count(kind)) for kind in KINDS if kind in kinds]


def _remarks(ask: Ask) -> list[tuple[str, int]]:
    """What was said of a project file when it was read: kept in the form, since the text does not tell it."""
    pairs = (written.partition("=") for written in ask.typed.many("said"))
    return [
        (key, figure(n)) for key, _, n in pairs if ask.house.texts.has("en", f"import.{key}") and key.startswith("qda_")
    ]


def _asking(ask: Ask, study: models.Study) -> coded.Asking:
    kind = ask.typed.one("kind")
    groups = [(name, str(one["key"])) for one in study.groups for name in (*one["names"].values(), one["key"])]
    return coded.Asking(
        tuple(study.languages),
        kind if kind in KINDS else INTERVIEW,
        ask.typed.one("quoting") == "yes",
        sites_of(study.sites or ()),
        Places(tuple(groups)),
    )


async def _sessions(ask: Ask, study_id: int) -> list[tuple[models.Session, models.Seat]]:
    """Those that this asker facilitates."""
    held = models.Seat.filter(
        staff_id=signed_in(ask).id,
        role=Role.FACILITATOR,
        withdrawn="",
        session__study_id=study_id,
        session__rehearses__isnull=True,
    )
    return [(seat.session, seat) for seat in await held.select_related("session").order_by("session_id")]


async def bring_evidence(ask: Ask) -> Response:
    study = await open_study(ask)
    await _take_project(ask)
    await take_file(ask, "text")
    found = brought(ask, "text", ["kind", "quoting"])
    if not found.text.strip():
        raise Refused("missing.file")
    reading = await asyncio.to_thread(coded.parse, found.text, _asking(ask, study), found.choices)
    if reading.problems:
        raise refused(ask, reading.arranged, reading.problems, "file.refused")
    if ask.typed.one("do") != "confirm" or not found.is_seen:
        return await new_evidence(ask)
    seats = {session.id: seat for session, seat in await _sessions(ask, study.id)}
    seat = seats.get(figure(ask.typed.one("session")))
    if seat is None:
        raise Refused("missing.evidence_session")
    came = await conduct.bring_coded(ask.house, seat, signed_in(ask), reading)
    told_of = {"came": came.statements, "there": came.there, "quotations": came.quotations}
    return ask.go("evidence", study=study.id, query=urlencode({"done": "yes", **told_of}))


async def _take_project(ask: Ask) -> None:
    """A project file becomes the text of the form; any other file is left to whoever reads lists."""
    file = ask.files.get("file")
    data = await file.read() if file is not None else b""
    if file is not None:
        await file.seek(0)
    if not await asyncio.to_thread(lambda: qda.is_project(data) or qda.is_codebook(data)):
        return
    await close_files(ask)
    try:
        read = await asyncio.to_thread(qda.read, data)
    except Unreadable as wrong:
        raise refusal(ask, wrong.problem) from None
    text = await asyncio.to_thread(_written, read)
    kept = {name: values for name, values in ask.typed.items() if name in {"session", "kind", "quoting"}}
    said = [f"{one.key.removeprefix('import.')}={one.values['n']}" for one in read.remarks]
    ask.typed = Typed({**kept, "text": [text], "do": ["look"], "said": said})
    ask.files = {}


def _written(read: qda.Coded) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(read.columns)
    writer.writerows(read.rows)
    return out.getvalue()
