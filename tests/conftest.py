"""People and places: a throw-away database file, a real server on loopback, a session with its panel.

Aline (patient, French), Bob (clinician, English), Odile who belongs to another session, Fay who facilitates. Real
parts only; a missing service skips with its reason, or fails where CI asks for it.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import hypothesis.internal.observability  # noqa: F401  # loaded late, in a deep failure, it crashes Python 3.11.7
import pytest
from argon2 import PasswordHasher
from blockbuster import BlockBuster
from hypothesis import settings as chance
from tortoise.backends.base.executor import EXECUTOR_CACHE

from consensus import conduct, models, seats
from consensus.conduct import Guest
from consensus.house import House, build, open_house
from consensus.outcome import statement_from
from consensus.protocol import Plan
from consensus.server import listen, origin_of, running, settle
from consensus.settings import Settings
from consensus.web.app import make_app
from consensus.web.entrance import sign_in
from consensus.web.pace import Paces
from rounds import KINDS
from rounds.contract import Role
from rounds.proposals import writes

# A slow machine is no defect; a failure prints the seed that repeats it, and no file is left behind.
chance.register_profile("house", deadline=None, print_blob=True, database=None)
chance.load_profile("house")

SECRET = "a secret of forty characters, for tests only"
PASSWORD = "correct horse battery"
GROUPS = [
    {"key": "patients", "names": {"en": "Patients", "fr": "Patients"}, "shape": 1},
    {"key": "caregivers", "names": {"en": "Caregivers", "fr": "Proches aidants"}, "shape": 2},
    {"key": "clinicians", "names": {"en": "Clinicians", "fr": "Cliniciens"}, "shape": 3},
]
BLANK = "blank"  # the database on a server of which tests take copies
PANEL = ["patients"] * 5 + ["caregivers"] * 2 + ["clinicians"] * 4


def pytest_collection_finish() -> None:
    """As a server does: what is there before the first test is never rubbish, and to look through it took a sixth of
    every test."""
    settle()


def demanded(service: str) -> None:
    """A service that is not here: skip and say why, or fail where nothing may be missing."""
    reason = f"service missing: skipped, because {service} is not installed"
    if os.environ.get("TABLE_RONDE_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


# An honest hash takes 64 MiB and a tenth of a second; the tests of seats ask for it, the others sign in at once.
HONEST, seats._hasher = seats._hasher, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with its tables and nothing in them; a test begins with a copy of it."""
    return fresh(tmp_path_factory.mktemp("blank") / "blank.db")


def fresh(path: Path) -> Path:
    """A copy of it there, for what opens a house by itself."""
    path.write_bytes(_empty())
    return path


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as apart:  # where no event loop runs
        path = Path(folder) / "blank.db"
        apart.submit(make_tables, str(path)).result()
        return path.read_bytes()


def make_tables(database: str) -> None:
    """Migrations take a second of a processor: once a database, not once a test."""

    async def make() -> None:
        async with open_house(build(Settings(database=database, secret=SECRET))):
            pass

    EXECUTOR_CACHE.clear()  # the ORM keeps the SQL of each table, and a process of ours knows one database only
    asyncio.run(make())
    EXECUTOR_CACHE.clear()


@pytest.fixture
def settings(tmp_path: Path, blank: Path) -> Settings:
    database = shutil.copy(blank, tmp_path / "test.db")
    return Settings(database=str(database), secret=SECRET, origin="http://127.0.0.1:9", staff_keys=True)


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    async with open_house(build(settings)) as opened:
        yield opened


@dataclass
class Table:
    """A session with its people, and the acts that tests ask of it."""

    house: House
    session: models.Session
    fay: models.Seat
    seats: list[models.Seat]
    odile: models.Seat

    @property
    def aline(self) -> models.Seat:
        return self.seats[0]

    @property
    def bob(self) -> models.Seat:
        return self.seats[-1]

    async def row(self, key: str) -> models.Round:
        return await models.Round.get(session_id=self.session.id, key=key)

    async def open(self, key: str, reason: str = "") -> models.Round:
        row = await self.row(key)
        await conduct.open_round(self.house, self.fay, row.id, reason)
        return await self.row(key)

    async def close(self, key: str) -> models.Round:
        row = await self.row(key)
        await conduct.close_round(self.house, self.fay, row.id, at_once=True)
        return await self.row(key)

    async def keep_apart(self, group: str, *others: str) -> None:
        """The study never counts this group with these others."""
        study = await models.Study.get(id=self.session.study_id)
        await models.Study.filter(id=study.id).update(apart=[[group, other] for other in others])

    async def cast(self, seat: models.Seat, key: str, envelope_key: str = "", **form: str) -> conduct.Receipt:
        fields = {name.replace("__", "."): [value] for name, value in form.items()}
        submission = conduct.Submission(fields, envelope_key or os.urandom(8).hex(), seat.language)
        return await conduct.cast(self.house, seat.id, (await self.row(key)).id, submission)


STATEMENTS = [
    {"id": f"P{n:03}", "wordings": {"en": f"Statement {n}.", "fr": f"Énoncé {n}."}, "original": "en"}
    for n in range(1, 4)
]
RATING = [Plan(key="rating", kind="rating", disclosure="facilitator", grace=0, settings={})]


async def lay_table(
    house: House,
    plans: list[Plan] | None = None,
    title: str = "Estrie",
    groups: Sequence[Mapping[str, Any]] = GROUPS,
    has_analysis_file: bool = False,
) -> Table:
    fay = await models.Staff.get_or_none(mail="fay@example.org")
    fay = fay or await conduct.add_staff(house, "fay@example.org", "Fay", PASSWORD)
    study = await conduct.create_study(
        house,
        fay,
        title={"en": "Case management", "fr": "Gestion de cas"},
        question={"en": "What next?", "fr": "Et ensuite?"},
        consent={"en": "You may leave at any time.", "fr": "Vous pouvez partir en tout temps."},
        languages=["fr", "en"],
        groups=list(groups),
        help_name="Fay Roy",
        help_phone="819 555-0100",
        retention="2031-12-31",
        has_analysis_file=has_analysis_file,
    )
    session = await conduct.create_session(house, fay, study, {"en": title, "fr": title}, plans or RATING)
    desk = await models.Seat.get(session_id=session.id, role=Role.FACILITATOR)
    if not writes(KINDS[(plans or RATING)[0].kind]):  # what is brought would meet what people write
        await conduct.import_statements(house, desk, [statement_from(data) for data in STATEMENTS])
    guests = [Guest(Role.PARTICIPANT, group, "en" if n % 2 else "fr") for n, group in enumerate(PANEL)]
    made = await conduct.add_seats(house, desk, guests)
    await asyncio.gather(*(conduct.consent(house, seat) for seat in made))
    for seat in made:
        seat.consented = True
    return Table(house, session, desk, made, made[0])


@pytest.fixture
async def table(house: House) -> Table:
    """A session with one rating round, and beside it another one, where Odile sits."""
    elsewhere = await lay_table(house, title="Ailleurs")
    here = await lay_table(house)
    here.odile = elsewhere.aline
    return here


@dataclass
class Site:
    """A served house, and browsers without a screen."""

    house: House
    origin: str
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        """A browser; what a test leaves open is closed with the site, or its socket would fail a later test."""
        # verify: this machine speaks plain http, and to read its list of authorities takes longer than a test
        client = httpx2.AsyncClient(base_url=self.origin, headers={"Origin": self.origin}, verify=False)
        self.clients.append(client)
        return client

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()

    async def sit(self, seat: models.Seat) -> httpx2.AsyncClient:
        """A browser that has come in by a seat's link."""
        client = self.client()
        link = seats.token(self.house.settings, "seat", seat.id, seat.issue)
        answer = await client.post(f"/j/{link}")
        assert answer.status_code == 303, answer.text
        return client

    async def sign_in(self, mail: str = "fay@example.org") -> httpx2.AsyncClient:
        client = self.client()
        answer = await client.post("/staff/sign-in", data={"mail": mail, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client


@pytest.fixture(autouse=True)
def nobody_tried_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests come from one address: each begins without the wrong tries of the others."""
    monkeypatch.setattr(sign_in, "paces", Paces())


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    """A real server on a free loopback port."""
    listener = listen(0)
    settings = replace(settings, origin=origin_of(listener))
    house = build(settings)
    async with running(make_app(settings, house), listener):
        opened = Site(house, settings.origin)
        yield opened
        await opened.close()


def chromium() -> str:
    names = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first is the same without its windows
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        demanded("chromium")
    return str(found)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Postgres:
    """A throw-away PostgreSQL server: loopback, own folder and port, as durable as a real one."""

    programs: Path
    folder: Path
    port: int
    user: tuple[str, ...]  # what stands before a command: PostgreSQL refuses to run as root

    def run(self, program: str, *words: str) -> str:
        command = [*self.user, str(self.programs / program), *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, command: str, database: str = "postgres") -> str:
        return self.run("psql", "-h", "127.0.0.1", "-p", str(self.port), "-qAtX", "-c", command, database).strip()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        log, data = str(self.folder / "log"), str(self.folder / "data")
        self.run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def url(self, name: str) -> str:
        user = "postgres" if self.user else getpass.getuser()
        return f"postgres://{user}@127.0.0.1:{self.port}/{name}"

    def new_database(self, like: str = BLANK) -> str:
        """A copy of this one: with its tables and nothing in them, unless a test asks for none."""
        name = f"t{os.urandom(6).hex()}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that ask for it; each test makes its own database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not found[-1].is_file():
        demanded("postgresql")
    folder = Path(tempfile.mkdtemp(prefix="table-ronde-"))
    user = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
    if user:
        shutil.chown(folder, "postgres", "postgres")
    server = Postgres(found[-1].parent, folder, free_port(), user)
    server.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--no-sync")
    server.start()
    try:
        server.sql(f"CREATE DATABASE {BLANK}")
        make_tables(server.url(BLANK))
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The test runs twice: on an embedded file, and on a server; with all tables, and nothing in them."""
    if request.param == "sqlite":
        found = str(shutil.copy(request.getfixturevalue("blank"), tmp_path / "both.db"))
    else:
        found = request.getfixturevalue("postgres").new_database()
    EXECUTOR_CACHE.clear()
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same without any table, for what makes them."""
    if request.param == "sqlite":
        found = str(tmp_path / "bare.db")
    else:
        found = request.getfixturevalue("postgres").new_database(like="template1")
    EXECUTOR_CACHE.clear()
    return found


# What our code may do inside the event loop though it touches the disk: once per process, or never while people wait.
ONCE = (
    ("jinja2/loaders.py", {"get_source", "load"}, "a template is read and compiled at its first use"),
    ("consensus/compiled.py", {"kept"}, "where compiled templates lie is looked for at start"),
    ("consensus/statics.py", {"load", "_all"}, "static files are read before anybody is served"),
    ("consensus/text.py", {"load"}, "sentences are read at start"),
    ("consensus/protocol.py", {"named", "_data"}, "a protocol is read when a session is made, which is seldom"),
    ("asyncpg/connect_utils.py", {"_parse_connect_arguments"}, "a new connection looks for a password file"),
    ("babel/localedata.py", {"load"}, "how a language writes numbers is read at its first use"),
    ("consensus/zones.py", {"of", "is_known"}, "the zones, and the hours of one, are read at their first use"),
    ("consensus/store.py", {"open"}, "migrations are found and read at start"),
    ("consensus/web/app.py", {"make_app"}, "the application is put together before anybody is served"),
    ("consensus/web/map.py", {"urls", "_served"}, "the URLs are read before anybody is served"),
    ("consensus/settings.py", {"_folder", "stored_secret"}, "settings are read before anybody is served"),
    ("consensus/server.py", {"listen"}, "the socket is made before anybody is served"),
)


@cache
def detector() -> BlockBuster:
    found = BlockBuster(scanned_modules=["consensus", "rounds"])
    for function in found.functions.values():
        for file, names, _why in ONCE:
            function.can_block_in(file, names)
    return found


@pytest.fixture(autouse=True)
def blocking_calls_are_refused() -> Iterator[None]:
    """Nothing of ours may block the event loop: it would stop everybody's page."""
    detector().activate()
    yield
    detector().deactivate()
