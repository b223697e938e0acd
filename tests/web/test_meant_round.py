"""A form says for which round it was made: it is never taken for another one."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from consensus import models
from tests.conftest import Site, lay_table


@asynccontextmanager
async def closing(browser: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    try:
        yield browser
    finally:
        await browser.aclose()


WEB = sorted((Path(__file__).parents[2] / "consensus" / "web").rglob("*.py"))


@pytest.mark.parametrize("meant", ["gone", "", "rating\0x", None])
async def test_an_answer_for_an_unknown_round_is_refused(site: Site, meant: str | None) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    said = {"card": "P001", "importance": "7"} | ({} if meant is None else {"round": meant})
    here = f"/sessions/{table.session.id}"
    ways = (f"{here}/take", f"{here}/console", f"{here}/seats/{table.aline.id}/answers/paper/first")
    async with closing(await site.sit(table.aline)) as aline, closing(await site.sign_in()) as fay:
        for path in ways:
            answer = await (aline if path.endswith("take") else fay).post(f"{path}?lang=en", data=said)
            assert answer.status_code == 422, path
            assert site.house.texts.say("en", "refused.no_such_round") in answer.text
    assert await models.Ballot.all().count() == 0


async def test_an_answer_for_a_round_that_closed_meanwhile_is_not_cast_in_the_next(site: Site) -> None:
    table = await lay_table(site.house)
    await table.open("rating")
    await table.cast(table.aline, "rating", card="P001", importance="7")
    await table.close("rating")
    said = {"card": "P001", "importance": "1", "round": "rating"}
    async with closing(await site.sit(table.aline)) as aline:
        assert (await aline.post(f"/sessions/{table.session.id}/take", data=said)).status_code == 422
    assert await models.Ballot.all().count() == 1


def test_one_function_reads_which_round_a_form_means() -> None:
    readers = []
    for path in WEB:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                said = [ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Call | ast.Subscript)]
                if any("typed" in text and "'round'" in text for text in said):
                    readers.append(f"{path.stem}.{function.name}")
    assert readers == ["asking.meant"]
