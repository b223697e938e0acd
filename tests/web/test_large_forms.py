"""What a round asks for can be sent: no limit of the plumbing lies under what the product allows."""

from __future__ import annotations

import re

import pytest

from consensus import conduct
from consensus.imports.statements import MOST_ROWS
from consensus.limits import CEILING, can_be_answered, of_round
from consensus.outcome import statement_from
from consensus.protocol import Plan
from rounds import KINDS
from rounds.contract import Role
from tests.conftest import Site, lay_table

CARDS = [
    {"id": f"P{n:04}", "wordings": {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "original": "en"}
    for n in range(1, MOST_ROWS + 1)
]
CONTROLS = re.compile(r'<(input|textarea|select)[^>]*? name="([^"]+)"')
SAID = {
    "ranking": {"place.P0001": "1"},
    "points": {"points.P0001": "100"},
    "rating": {"importance": "7"},
    "comparison": {},
    "approval": {"choose.P0001": "1"},
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if Role.PARTICIPANT in KINDS[kind].cast_by and kind != "wall"])
async def test_a_filled_form_of_as_many_statements_as_may_be_is_taken(site: Site, kind: str) -> None:
    plan = Plan(key=kind, kind=kind, disclosure="at_close", grace=0)
    table = await lay_table(site.house, [plan])
    await conduct.import_statements(site.house, table.fay, [statement_from(data) for data in CARDS])
    await table.open(kind)
    aline = await site.sit(table.aline)
    path = f"/sessions/{table.session.id}/take"
    drawn = (await aline.get(path, timeout=60)).text.partition('id="answer"')[2].partition("</form>")[0]
    names = {name for _, name in CONTROLS.findall(drawn)}
    held = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', drawn))
    form = {name: held.get(name, "") for name in names} | SAID.get(kind, {})
    if kind == "validation":
        form |= {name: "object" for name in names if name.startswith("say.")}
        form |= {name: "é" * 300 for name in names if name.startswith("text.")}
    if kind == "gather":
        form |= {"text": "One number to call."}
    if kind == "comparison":
        values = re.findall(r'name="best" value="([^"]+)"', drawn)
        form |= {"best": values[0], "worst": values[1]}
    limits = of_round(KINDS[kind], MOST_ROWS)
    assert len(names) + 10 <= limits.fields
    answer = await aline.post(path, data=form, timeout=120)
    await aline.aclose()
    assert answer.status_code == 303, answer.text[:2000]


async def test_a_compilation_that_merges_all_it_has_is_read(site: Site) -> None:
    table = await lay_table(site.house, [Plan(key="compilation", kind="compilation", disclosure="at_close", grace=0)])
    await conduct.import_statements(site.house, table.fay, [statement_from(data) for data in CARDS[:1000]])
    await table.open("compilation")
    fay = await site.sign_in()
    form = {"round": "compilation", "key": "k", "act": "merge", "of": [card["id"] for card in CARDS[:1000]]}
    form |= {"text.en": "All of it.", "text.fr": "Tout cela."}
    answer = await fay.post(f"/sessions/{table.session.id}/console", data=form, timeout=60)
    await fay.aclose()
    assert answer.status_code in {303, 422}  # read, whatever the kind then says of it


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_the_product_allows_can_be_answered_in_every_kind(kind: str) -> None:
    assert can_be_answered(KINDS[kind], MOST_ROWS)
    assert of_round(KINDS[kind], MOST_ROWS).fields >= 4 * MOST_ROWS


async def test_a_round_that_could_not_be_answered_does_not_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    table = await lay_table(site.house)
    monkeypatch.setattr("consensus.limits.CEILING", 1000)
    with pytest.raises(conduct.Refused) as refused:
        await table.open("rating")
    assert refused.value.key == "refused.too_large" and CEILING > 1000
