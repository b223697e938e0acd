"""One list: whoever reads the results page and whoever opens the released parcel find the same order, ranks, words and
verdicts, after every protocol and in both languages; figures that are not told look like no others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

import httpx2
import pytest

from consensus import conduct, models, protocol, seats
from consensus.export import released
from consensus.simulation import demo, panel, player
from consensus.text import Texts
from rounds.contract import Role
from tests.conftest import Site
from tests.consensus.test_export import inside, rows

STATEMENTS, PEOPLE, FLOOR = 6, 12, 3
SAY = Texts.load()


@dataclass(frozen=True)
class Line:
    """A statement as the page shows it; verdict, certainty: as they are said."""

    number: str
    words: str
    rank: str
    verdict: str
    certainty: str


async def played(site: Site, name: str) -> models.Session:
    """A whole session of the protocol, among people who come from blocks that differ in size."""
    staff = (await demo.hired(site.house))["facilitator"]
    study = await conduct.create_study(site.house, staff, **panel.STUDY | {"floor": FLOOR})
    plans = protocol.read(name, is_imported=name != "triage")
    title = {"en": name, "fr": name}
    session = await conduct.create_session(site.house, staff, study, title, plans)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    if not plans[0].is_skipped_by_import:
        await conduct.import_statements(site.house, desk, panel.statements()[:STATEMENTS])
    for seat in await conduct.add_seats(site.house, desk, panel.guests(PEOPLE)):
        await conduct.consent(site.house, seat)
    simulated = await player.simulated_in(site.house, session)
    for row in await models.Round.filter(session_id=session.id).order_by("position"):
        if row.key == "rating2":  # only one of a block answers again: the others' figures are withheld
            first, *_ = simulated.people
            simulated.people = [seat for seat in simulated.people if seat.group != first.group] + [first]
        await player.open_round(site.house, simulated, row)
        await player.play_round(site.house, simulated, row)
        await conduct.analyse_due(site.house)
    return session


def plain(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def cell(row: str, opens: str, closes: str = "</td>") -> str:
    found = re.search(f"{opens}(.*?){closes}", row, re.S)
    return found.group(1) if found else ""


def listed(page: str) -> list[Line]:
    found = []
    for row in cell(page, 'class="table table--list', "</table>").split("<tbody>")[1].split("<tr")[1:]:
        heading = cell(row, '<th scope="row">', "</th>")
        found.append(
            Line(
                number=plain(cell(heading, "<small>", "</small>")).split(" ")[0],
                words=plain(heading.partition("<small>")[0]),
                rank=plain(cell(row, '<td class="rk num"[^>]*>')),
                verdict=plain(cell(row, '<td class="status">.*?<span class="tag[^>]*>', "</span>")),
                certainty=plain(cell(cell(row, '<td class="sure"[^>]*>'), "<small>", "</small>")),
            )
        )
    return found


def ended(page: str) -> list[tuple[str, str]]:
    """(number, words) of those that went no further, in the order of the page."""
    found = []
    for table in re.findall('<table class="table table--stack table--rest">(.*?)</table>', page, re.S):
        for row in table.split("<tbody>")[1].split("<tr")[1:]:
            heading = cell(row, '<th scope="row">', "</th>").partition("<details")[0]
            found.append((plain(cell(row, '<td class="id">')), plain(heading)))
    return found


@dataclass(frozen=True)
class Told:
    """The released parcel. k: how many first places matter, where that is known."""

    rows: list[dict[str, str]]
    k: int | None
    settings: Mapping[str, Mapping[str, object]]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Told:
        manifest = json.loads(files["manifest.json"])
        sure = [row for row in rows(files, "measures.csv") if row["measure"] == "bootstrap" and row["statement"]]
        sure = [row for row in sure if row["round"] == manifest["ranked_by"]]
        k = json.loads(sure[0]["parameters"])["k"] if sure else None
        settings = {round["key"]: round["settings"] for round in manifest["rounds"]}
        return cls(rows(files, "results.csv"), k, settings)

    @property
    def last(self) -> str:
        return [*self.settings][-1]

    def line(self, row: Mapping[str, str], language: str) -> Line:
        """What the page must show of a row, in its own words."""
        n = row["rank_balanced"]
        rank = row["rank"] + (f" {SAY.say(language, 'results.tied')}" if row["tied"] == "yes" else "")
        rank += f" {SAY.say(language, 'results.balanced', n=int(n))}" if n and n != row["rank"] else ""
        sure = SAY.say(language, f"measures.{row['certainty']}", n=self.k) if row["certainty"] else ""
        return Line(row["statement"], plain(row[f"text_{language}"]), rank, self.verdict(row, language), sure)

    def verdict(self, row: Mapping[str, str], language: str) -> str:
        others = {one["verdict"] for one in self.rows}
        if row.get("validation.reasons"):
            return SAY.say(language, "results.objection")
        if row["verdict"] in {"dropped", "undecided"} and "kept" in others and row["rank_balanced"]:
            return SAY.say(language, "results.below")
        kind = re.sub(r"\d+$", "", row["ended_in"])
        own = f"{kind}.zone.{row['verdict']}"
        if row["verdict"] in {"kept", "dropped", "undecided"} or not SAY.has(language, own):
            return SAY.say(language, f"decision.{row['verdict']}") if row["verdict"] else ""
        return SAY.say(language, own)


@pytest.mark.parametrize("name", protocol.names())
async def test_the_page_and_the_parcel_tell_one_list(site: Site, name: str) -> None:
    session = await played(site, name)
    told = Told.of(inside(await released(site.house, session)))
    listed_rows = [row for row in told.rows if row["ended_in"] == told.last and not row["became"]]
    ended_rows = [row for row in told.rows if row["ended_in"] != told.last and not row["became"]]
    assert len(listed_rows) > 2 and all(row["rank"] for row in listed_rows)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    browser = site.client()
    staff = await models.Staff.get(id=desk.staff_id)
    await browser.post(f"/staff/key/{seats.token(site.house.settings, 'staff', staff.id, staff.issue)}")
    for language in ("en", "fr"):
        page = await read(browser, session, language)
        assert listed(page) == [told.line(row, language) for row in listed_rows]
        assert [number for number, _ in ended(page)] == [row["statement"] for row in ended_rows]
        words = dict(ended(page))
        for row in ended_rows:  # a person's own words, before the team compiled them, are in no released file
            assert plain(row[f"text_{language}"]) in {"", words[row["statement"]]}


async def read(browser: httpx2.AsyncClient, session: models.Session, language: str) -> str:
    answer = await browser.get(f"/sessions/{session.id}/results?lang={language}")
    assert answer.status_code == 200, answer.text
    return answer.text
