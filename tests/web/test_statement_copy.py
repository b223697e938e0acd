"""The list of a session, taken out for a spreadsheet and brought back."""

from __future__ import annotations

from consensus import models
from tests.conftest import Site, lay_table


async def test_the_list_goes_out_escaped_and_comes_back_as_it_was(site: Site) -> None:
    table = await lay_table(site.house)
    hostile = {"en": "=HYPERLINK(1)", "fr": "'=déjà"}
    held = [{**one, "wordings": hostile} for one in (await models.Session.get(id=table.session.id)).imported]
    await models.Session.filter(id=table.session.id).update(imported=held)
    fay, here = await site.sign_in(), f"/sessions/{table.session.id}"
    page = await fay.get(f"{here}/statements?lang=en")
    assert f'href="{here}/statements.csv"' in page.text
    file = await fay.get(f"{here}/statements.csv")
    assert file.headers["content-type"].startswith("text/csv") and "attachment" in file.headers["content-disposition"]
    assert '"\'=HYPERLINK(1)"' in file.text and "\"''=déjà\"" in file.text
    brought = await fay.post(f"{here}/statements", files={"file": ("x.csv", file.content)}, data={"do": "look"})
    assert "&#39;=déjà" in brought.text and "&#39;&#39;=déjà" not in brought.text.split("<textarea")[0]


async def test_others_get_no_copy(site: Site) -> None:
    table = await lay_table(site.house)
    for browser in (await site.sit(table.aline), site.client()):
        assert (await browser.get(f"/sessions/{table.session.id}/statements.csv")).status_code in {401, 403}
