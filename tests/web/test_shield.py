"""Round every answer: exact headers, no forms of other sites, errors without details, logs that tell of nobody."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from consensus import conduct, models, seats
from consensus.house import build
from consensus.server import listen, running
from consensus.settings import Settings
from consensus.web.app import make_app
from rounds.contract import Role
from tests.conftest import PASSWORD, Site, Table, lay_table

EXACT = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def _policy(origin: str) -> str:
    port = origin.rpartition(":")[2]
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; worker-src 'self'; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.fixture
async def here(site: Site) -> Table:
    return await lay_table(site.house)


async def _break(site: Site) -> None:
    """A defect: the database holds a kind of round that the program does not know."""
    await models.Round.all().update(kind="Geheimnis")
    site.house.counts.forget()


async def test_every_answer_has_the_same_headers(site: Site, here: Table) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    take = f"/sessions/{here.session.id}/take"
    answers = [
        await browser.get(take),
        await browser.get("/"),
        await browser.get("/no-such-page"),
        await browser.get(f"/sessions/{here.session.id}/console"),
        await browser.post(take, data={}),
        await browser.post(take, data={"a": "x" * 300_000}),
        await browser.post(take, headers={"Origin": "https://evil.example"}),
        await browser.get("/", headers={"Host": "evil.example"}),
        await browser.put("/"),
        await browser.get(f"/static/{'css/base.css'}"),
        await browser.get("/static/no-such-file.css"),
    ]
    await _break(site)
    answers.append(await browser.get(take))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 303, 404, 403, 422, 413, 403, 400, 405, 200, 404, 500]
    for answer in answers:
        told = {name: answer.headers.get(name) for name in EXACT}
        assert told == EXACT, answer.status_code
        assert answer.headers["content-security-policy"] == _policy(site.origin)
        assert "server" not in answer.headers and "strict-transport-security" not in answer.headers
    await browser.aclose()


async def test_pages_are_not_kept_and_files_are_kept_for_ever(site: Site, here: Table) -> None:
    browser = await site.sit(here.aline)
    page = await browser.get(f"/sessions/{here.session.id}/take")
    assert page.headers["cache-control"] == "no-store"
    found = re.search(r"/static/[^\"]+\?v=[0-9a-f]{10}", page.text)
    assert found
    file = await browser.get(found.group(0))
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    await browser.aclose()


# Forms of other sites


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 422),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{origin}"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Origin": "{origin}"}, 422),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "{origin}.evil.example"}, 403),
        ({"Referer": "{origin}/"}, 403),
        ({}, 403),
    ],
)
async def test_only_a_form_of_our_own_page_writes(
    site: Site, here: Table, headers: dict[str, str], status: int
) -> None:
    sent = {name: value.format(origin=site.origin) for name, value in headers.items()}
    async with httpx2.AsyncClient(base_url=site.origin, headers=sent) as browser:
        answer = await browser.post("/", data={"code": "AAAA-AAAA"})
        assert answer.status_code == status
        assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "{host}.evil.example", "localhost"])
async def test_an_unknown_host_gets_no_page(site: Site, host: str) -> None:
    name = host.format(host=site.origin.removeprefix("http://"))
    async with site.client() as browser:
        assert (await browser.get("/", headers={"Host": name})).status_code == 400


# Cookies


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site, here: Table) -> None:
    link = seats.token(site.house.settings, "seat", here.aline.id, here.aline.issue)
    async with site.client() as browser:
        answer = await browser.post(f"/j/{link}")
        (cookie,) = answer.headers.get_list("set-cookie")
        name, _, rest = cookie.partition("=")
        flags = {part.strip().lower() for part in rest.split(";")[1:]}
        assert name == "table-ronde"
        assert flags == {"httponly", "max-age=7776000", "path=/", "samesite=lax"}


async def test_over_https_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    https = replace(settings, origin="https://table.example.org")
    listener, house = listen(0), build(https)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"  # the proxy in front of us speaks TLS
    headers = {"Host": "table.example.org", "Origin": "https://table.example.org"}
    async with running(make_app(https, house), listener):
        aline = (await lay_table(house)).aline
        async with httpx2.AsyncClient(base_url=address, headers=headers) as browser:
            answer = await browser.post(f"/j/{seats.token(https, 'seat', aline.id, aline.issue)}")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-table-ronde=") and "domain" not in cookie.lower()
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
        assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
        assert "connect-src 'self' wss://table.example.org;" in answer.headers["content-security-policy"]


# What went wrong


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_failure_is_a_page_in_the_readers_language(site: Site, here: Table, language: str) -> None:
    browser = await site.sit(here.aline)
    say, take = site.house.texts.say, f"/sessions/{here.session.id}/take"
    headers = {"Accept-Language": f"{language}-CA,{language};q=0.9"}
    answers = {
        404: await browser.get("/no-such-page", headers=headers),
        403: await browser.get(f"/sessions/{here.session.id}/console", headers=headers),
        405: await browser.put("/", headers=headers),
        413: await browser.post(take, data={"a": "x" * 300_000}, headers=headers),
    }
    for status, answer in answers.items():
        assert answer.status_code == status and f'<html lang="{language}">' in answer.text
        assert say(language, f"failed.{status}") in answer.text.replace("&#39;", "'")
    await browser.aclose()


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_defect_tells_a_number_and_nothing_else(
    site: Site, here: Table, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    await _break(site)
    answer = await browser.get(f"/sessions/{here.session.id}/take", headers={"Accept-Language": language})
    assert answer.status_code == 500 and f'<html lang="{language}">' in answer.text
    (number,) = set(re.findall(r"\b[0-9A-F]{6}\b", re.sub(r"<svg.*?</svg>|\?v=\w+", "", answer.text)))
    assert f"incident {number}" in caplog.text
    for detail in ("Geheimnis", "KeyError", "Traceback", "consensus/", ".py", "sqlite"):
        assert detail not in answer.text
    await browser.aclose()


async def test_a_form_that_is_too_large_is_refused_before_it_is_read(site: Site, here: Table) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    take, headers = f"/sessions/{here.session.id}/take", {"Content-Type": "application/x-www-form-urlencoded"}

    async def drops() -> AsyncIterator[bytes]:  # without a length told beforehand
        for _ in range(40):
            yield b"x" * 10_000

    assert (await browser.post(take, content=b"x" * 400_000, headers=headers)).status_code == 413
    assert (await browser.post(take, content=drops(), headers=headers)).status_code == 413
    assert await models.Ballot.all().count() == 0
    await browser.aclose()


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=%ff", b"=", b"&" * 1000, b"a" * 2000, b"importance=7&" * 500])
async def test_a_form_that_makes_no_sense_is_refused_and_not_a_defect(site: Site, here: Table, body: bytes) -> None:
    await here.open("rating")
    browser = await site.sit(here.aline)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.post(f"/sessions/{here.session.id}/take", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await browser.post(f"/sessions/{here.session.id}/take", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    await browser.aclose()


# Logs

BROWSER = "httpx2"  # what the browser writes down is its own affair


async def test_no_log_holds_a_link_a_code_a_name_a_vote_or_a_text(
    site: Site, here: Table, caplog: pytest.LogCaptureFixture
) -> None:
    settings, reason = site.house.settings, "Parce que ma mère habite seule."
    guest = conduct.Guest(Role.PARTICIPANT, "patients", "fr", "Léa Morin", "lea@example.org", "819 555-0199")
    (lea,) = await conduct.add_seats(site.house, here.fay, [guest])
    with caplog.at_level(logging.INFO):
        fay = await site.sign_in()
        take, rounds = f"/sessions/{here.session.id}/take", f"/sessions/{here.session.id}/rounds/rating"
        await fay.post(f"{rounds}/open")
        await fay.get(f"/sessions/{here.session.id}/seats")
        link, code = seats.token(settings, "seat", lea.id, lea.issue), seats.short_code(settings, lea)
        async with site.client() as browser:
            await browser.get(f"/j/{link}?lang=fr")
            await browser.post("/", data={"code": code})
            await browser.post(f"/sessions/{here.session.id}/consent", data={"agree": "1"})
            form = {"round": "rating", "card": "P001", "importance": "7", "reason": reason, "key": "key of the page"}
            assert (await browser.post(take, data=form)).status_code == 303
            await browser.post(take, data={**form, "importance": "765432"})
            await browser.get(f"{take}?card={reason}")
            await browser.get(f"/j/{link}x")
            await browser.post(f"/sessions/{here.session.id}/withdraw", data={"choice": "erase"})
        async with site.client() as stranger:
            await stranger.post("/staff/sign-in", data={"mail": "eve@example.org", "password": "hunter2 hunter2"})
        await fay.post(f"{rounds}/close")
        await fay.aclose()
    written = "\n".join(
        f"{record.getMessage()} {record.exc_text}" for record in caplog.records if record.name != BROWSER
    )
    assert "POST cast 303" in written and "GET invitation 200" in written
    cookies = [value for value in fay.cookies.values() if len(value) > 10]
    secrets = [link, code, code.replace("-", ""), reason, "Léa", "lea@", "0199", "765432", PASSWORD, *cookies]
    for secret in [*secrets, "hunter2", "fay@", "eve@", "key of the page", "P001", "?card"]:
        assert secret not in written
