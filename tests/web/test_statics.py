"""The files that pages load: joined for an audience, packed once, kept for ever."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from consensus.settings import Settings
from consensus.statics import FOR_EVER, MODULES, PARTS, Statics, whole
from tests.conftest import Site

SETTINGS = Settings(secret="x" * 32)
STATICS = Statics.load(SETTINGS.static)


@pytest.mark.parametrize("audience", PARTS)
async def test_an_audience_gets_one_style_sheet_with_the_layers_in_order(site: Site, audience: str) -> None:
    async with site.client() as browser:
        answer = await browser.get(STATICS.address(f"joined/{audience}.css"))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/css")
    assert answer.text.lstrip().startswith("@layer tokens, base, components, pages, utilities, print;")
    assert answer.text.count("{") == answer.text.count("}") and "/*" not in answer.text
    assert answer.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize("audience", PARTS)
def test_joining_leaves_out_remarks_and_nothing_else(audience: str) -> None:
    files = [SETTINGS.static / "css" / f"{part}.css" for part in PARTS[audience]]
    written = "".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    kept = "".join(piece.rpartition("*/")[2] for piece in written.split("/*"))
    assert STATICS.text(f"joined/{audience}.css").split() == kept.split()


async def test_a_file_comes_packed_to_whoever_can_unpack_it(site: Site) -> None:
    address = STATICS.address("joined/htmx.js")
    async with site.client() as browser:
        plain = await browser.get(address, headers={"Accept-Encoding": "identity"})
        packed = await browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert plain.content == packed.content and "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip" and packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


async def test_what_gains_nothing_is_not_packed(site: Site) -> None:
    font = "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
    async with site.client() as browser:
        answer = await browser.get(STATICS.address(font), headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers and len(answer.content) > 30_000


async def test_pages_are_packed_and_parcels_and_sockets_are_left_alone(site: Site) -> None:
    async with site.client() as browser:
        page = await browser.get("/staff/sign-in", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["nothing.css", "../asgi.py", "css/", "", "joined/"])
async def test_no_other_file_is_served(site: Site, path: str) -> None:
    async with site.client() as browser:
        assert (await browser.get(f"/static/{path}")).status_code == 404
        assert (await browser.post("/static/joined/team.css")).status_code == 405


def test_the_address_changes_with_the_file(tmp_path: Path) -> None:
    files = {"css/base.css": "a{}", "vendor/htmx-4.0.1.min.js": "1", "vendor/hx-ws-4.0.1.min.js": "2"}
    for folder in ("before", "after"):
        for path, text in files.items():
            (tmp_path / folder / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / path).write_text(
                text + ("a{color:red}" if folder == "after" and "css" in path else "")
            )
    before, after = Statics.load(tmp_path / "before"), Statics.load(tmp_path / "after")
    assert before.address("joined/team.css") != after.address("joined/team.css")
    assert before.address("joined/htmx.js") == after.address("joined/htmx.js")


def test_the_joined_styles_are_the_parts_and_nothing_else() -> None:
    team = STATICS._files["joined/team.css"]
    assert gzip.decompress(team.packed) == team.body
    own = set(re.findall(r"\.[a-z-]{4,}", (SETTINGS.static / "css" / "results.css").read_text(encoding="utf-8")))
    for name in own:
        assert name.encode() in team.body
    assert any(name.encode() not in STATICS._files["joined/participant.css"].body for name in own)


def test_no_module_that_is_joined_depends_on_another() -> None:
    """Each becomes a block of one file: there nothing can be imported, exported, or seen by its neighbour."""
    for name in MODULES:
        text = (SETTINGS.static / "js" / f"{name}.js").read_text(encoding="utf-8")
        assert not re.search(r"^(import|export)\b", text, re.MULTILINE)


def test_a_script_comes_with_what_it_imports_once_and_as_one_file(tmp_path: Path) -> None:
    files = {
        "page.js": 'import { one } from "./parts/one.js";\nimport { two } from "./parts/two.js";\nexport { one, two };',
        "parts/one.js": "export const one = 1;\n",
        "parts/two.js": 'import { one } from "./one.js";\nexport const two = one + one;\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    expected = "const one = 1;\nconst two = one + one;\nexport { one, two };"
    assert whole(tmp_path / "page.js").decode() == expected


def test_no_script_that_is_served_asks_for_a_file_without_its_version() -> None:
    for path in (SETTINGS.static / "js").rglob("*.js"):
        served = STATICS.text(path.relative_to(SETTINGS.static).as_posix())
        assert not re.search(r"\bfrom\s*[\"']|\bimport\s*[\"'{]|\bimport\(\s*[\"']", served), path
