"""The command line: serve, demo, rehearse, export, import, verify, staff, measure, map, rank. What they do is apart."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from getpass import getpass
from pathlib import Path

from consensus import __version__, conduct, models, protocol, seats, study_protocol
from consensus.command import measure, opinions, rank
from consensus.command.tidy import Malformed
from consensus.export import analysis, individual, released
from consensus.export.database import verify_database
from consensus.export.folder import verify_folder, write_sums
from consensus.export.sheets import SUMS
from consensus.export.study import study_parcel
from consensus.export.study.reading import read_parcel
from consensus.export.verify import said, verify, verify_file
from consensus.freeze import conditions
from consensus.house import House, build, open_house
from consensus.server import listen, origin_of, serve, speak
from consensus.settings import LOOPBACK, Settings, SettingsError, database_from_env
from consensus.simulation import demo
from consensus.simulation.check import rehearse
from consensus.simulation.study import rehearse_study
from consensus.store import StoreError
from consensus.web.app import make_app

CUT = 141  # the code of a program that a closed pipe ends


def say(line: str) -> None:
    print(line, flush=True)


def _serve(args: argparse.Namespace) -> int:
    speak()
    listener = listen(args.port, args.host)
    settings = Settings.from_env(origin=origin_of(listener)) if args.host in LOOPBACK else Settings.from_env()
    staff = asyncio.run(_staff_of(settings))  # first: a database that does not open is told before anything else
    here = origin_of(listener)
    say(f"Table ronde answers at {here}" + (f"; people use {settings.origin}" if settings.origin != here else ""))
    say(f"database: {Path(settings.database).resolve() if settings.is_sqlite else 'PostgreSQL (CONSENSUS_DATABASE)'}")
    if staff:
        say(f"staff sign in at {settings.origin}/staff")
    else:
        program = Path(sys.argv[0]).name.replace("__main__.py", "python -m consensus")
        say(f'nobody may sign in yet; in another window: {program} staff you@example.org "Your Name" --administrator')
        say(f"then sign in at {settings.origin}/staff")
    say("Ctrl-C ends it.")
    serve(make_app(settings), listener)
    return 0


async def _staff_of(settings: Settings) -> int:
    """How many people may sign in."""
    async with open_house(build(settings)):
        return await models.Staff.all().count()


def _demo(args: argparse.Namespace) -> int:
    if args.data:
        args.data.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(demo.show(args.data, listen(args.port), say))
    except KeyboardInterrupt:
        return 0
    return 0


def _rehearse(args: argparse.Namespace) -> int:
    """Of a study into a folder; of one session into a file, or into a folder where --out names no file."""
    is_study = args.protocol in study_protocol.names()
    if args.out is None and is_study:
        say("a study leaves many files: name a folder for them with --out")
        return 2
    if args.out is None or (args.out.suffix and not args.out.is_dir() and not is_study):
        return asyncio.run(rehearse(args.protocol, args.people, args.seed, args.out, say, args.leaving))
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        say(f"{args.out} is there already: name a folder that is empty, or new")
        return 2
    args.out.mkdir(parents=True, exist_ok=True)
    if is_study:
        return asyncio.run(rehearse_study(args.protocol, args.seed, args.out, say, args.short))
    parcel = args.out / f"{args.protocol}.zip"
    code = asyncio.run(rehearse(args.protocol, args.people, args.seed, parcel, say, args.leaving))
    if code == 0:
        write_sums(args.out)
    return code


def _export(args: argparse.Namespace) -> int:
    async def run() -> int:
        async with open_house(build(Settings.from_env())) as house:
            session = await models.Session.get_or_none(id=args.session)
            if session is None:
                say(f"there is no session {args.session}")
                return 2
            try:
                if args.analysis:
                    await conduct.analysis_file_exists(session)
                if not args.released and session.rehearses is None:
                    await _give(house, session, args.receiver)
                write = released if args.released else analysis if args.analysis else individual
                parcel = await write(house, session)
            except conduct.Refused as refused:
                return _refused(house, refused)
            args.out.write_bytes(parcel)
            say(f"{args.out}: {len(parcel)} bytes")
            return 0

    return asyncio.run(run())


async def _give(house: House, session: models.Session, named: str | None) -> None:
    """Individual answers leave for somebody of the session, with a line of its journal; refused before they exist."""
    await conduct.file_exists(session)
    if named is None:
        named = await asyncio.to_thread(_asked) if sys.stdin.isatty() else ""
    seat = (await conduct.researchers(session.id)).get(named.strip().casefold())
    if seat is None:
        raise conduct.Refused("refused.name_a_researcher")
    await conduct.give_answers(house, None, session.id, seat)
    say("Give the file on these conditions only:")
    study = await models.Study.get(id=session.study_id)
    for key in conditions(study.has_analysis_file):
        say("- " + house.texts.say("en", key))


def _asked() -> str:
    return input("Who receives the individual answers? ")


def _refused(house: House, refused: conduct.Refused) -> int:
    say(house.texts.say("en", refused.key, **refused.values))
    return 2


def _export_study(args: argparse.Namespace) -> int:
    async def run() -> int:
        async with open_house(build(Settings.from_env())) as house:
            if not await models.Study.exists(id=args.study):
                say(f"there is no study {args.study}")
                return 2
            try:
                data = await study_parcel(house, args.study)
            except conduct.Refused as refused:
                return _refused(house, refused)
            await asyncio.to_thread(args.out.write_bytes, data)
            return 0

    return asyncio.run(run())


def _import_study(args: argparse.Namespace) -> int:
    """Only a whole parcel comes in; it leaves as the same bytes."""
    verdict = verify(args.parcel)
    if not verdict.is_whole or verdict.key != "verify.whole_study":
        say(said(verdict)[1] if not verdict.is_whole else f"{args.parcel} is no parcel of a study")
        return 1
    content = args.parcel.read_bytes()
    title = read_parcel(content, "").worked.results.title

    async def run() -> int:
        async with open_house(build(Settings.from_env())) as house:
            row = await conduct.keep_brought(house, None, content, title)
            say(f"{said(verdict)[1]}\nstudy {row.id} of other houses: {house.settings.origin}/brought/{row.id}")
            return 0

    return asyncio.run(run())


def _verify(args: argparse.Namespace) -> int:
    if args.database is None and args.parcel.is_dir():
        return _verify_folder(args.parcel)
    if args.database is None:
        code, told = verify_file(args.parcel)
    else:
        address = args.database or database_from_env()
        code, told = said(asyncio.run(verify_database(address, args.head)))
    say(told)
    return code


def _verify_folder(folder: Path) -> int:
    worst = n = 0
    for code, told in verify_folder(folder):
        say(told)
        worst, n = max(worst, code), n + 1
    if not worst:
        every = ", and every file is as it was written" if (folder / SUMS).exists() else ""
        say(f"{n} {'parcel holds' if n == 1 else 'parcels hold'}{every}")
    return worst


def _head(written: str) -> tuple[int, str]:
    """A line of a journal, as its number and its hash."""
    number, _, sealed = written.partition(":")
    if not (number.isdecimal() and len(number) < 10 and re.fullmatch("[0-9a-f]{64}", sealed)):
        raise argparse.ArgumentTypeError(f"{written!r} is not NUMBER:HASH, with the 64 characters of the hash")
    return int(number), sealed


def _typed_twice() -> str:
    """Nobody sees what they type: asked again until both are the same. How long it must be is told before."""
    say(f"Choose a password of at least {seats.PASSWORD_LENGTH} characters. It is not shown while you type.")
    while True:
        password = getpass("Password: ")
        if len(password) < seats.PASSWORD_LENGTH:
            say(f"That is shorter than {seats.PASSWORD_LENGTH} characters.")
        elif getpass("The same again: ") == password:
            return password
        else:
            say("The two differ. Please type them again.")


def _staff(args: argparse.Namespace) -> int:
    """The password comes from the terminal, or from standard input where there is none; never from the command line."""
    password = _typed_twice() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    async def run() -> int:
        async with open_house(build(Settings.from_env())) as house:
            try:
                await conduct.add_staff(house, args.mail, args.name, password, args.administrator)
            except conduct.Refused as refused:
                return _refused(house, refused)
            say(f"{args.mail} can sign in")
            return 0

    return asyncio.run(run())


def _figures(command: Callable[[argparse.Namespace, bytes], Iterable[str]], args: argparse.Namespace) -> int:
    """Nothing is printed as a result unless all of it is known."""
    try:
        lines = list(command(args, Path(args.file).read_bytes()))
    except Malformed as wrong:
        print(f"{args.file}:{wrong.line}: {wrong.reason}", file=sys.stderr)
        return 2
    except ValueError as wrong:
        print(f"consensus {args.command}: {wrong}", file=sys.stderr)
        return 2
    for line in lines:
        say(line)
    return 0


def _of_rehearse(one: argparse.ArgumentParser) -> None:
    one.add_argument("protocol", choices=[*protocol.names(), *study_protocol.names()])
    one.add_argument("--people", type=int, default=24, help="of one session; a study says its own")
    one.add_argument("--short", action="store_true", help="of a study: three sites and few people")
    one.add_argument("--seed", type=int, default=1)
    leaving = "one in so many people stops before a step is asked again; 0: nobody"
    one.add_argument("--leaving", type=int, default=4, help=leaving)
    one.add_argument("--out", type=Path, help="the row-level parcel, or a folder for it; of a study, its folder")


def _of_export(one: argparse.ArgumentParser) -> None:
    one.add_argument("session", type=int)
    one.add_argument("--out", type=Path, required=True)
    what = one.add_mutually_exclusive_group()
    what.add_argument("--released", action="store_true", help="only what anyone may see")
    analysis = "with one alias over rounds, where the study has such a file"
    what.add_argument("--analysis", action="store_true", help=analysis)
    receiver = "who receives individual answers: the name or address of a researcher of the session"
    one.add_argument("--for", dest="receiver", metavar="NAME", help=receiver)


def _of_verify(one: argparse.ArgumentParser) -> None:
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("parcel", type=Path, nargs="?", help="a parcel, or a folder of them")
    what.add_argument(
        "--database",
        nargs="?",
        const="",
        metavar="PATH",
        help="check every chain and ballot of a database; without PATH, that of CONSENSUS_DATABASE",
    )
    one.add_argument(
        "--head",
        action="append",
        default=[],
        type=_head,
        metavar="NUMBER:HASH",
        help="with --database: this line, which was printed or sent, must be in it; may be given again",
    )


def _of_studies(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = commands.add_parser("export-study", help="write a study's parcel: sessions, comparison, pooled list")
    one.add_argument("study", type=int)
    one.add_argument("--out", type=Path, required=True)
    one.set_defaults(run=_export_study)

    one = commands.add_parser("import-study", help="open the parcel of a study of another house, to be read here")
    one.add_argument("parcel", type=Path)
    one.set_defaults(run=_import_study)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="consensus", description="Table ronde: TRIAGE sessions that anyone can recount.")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True)

    one = commands.add_parser("serve", help="run the server; settings come from the environment")
    one.add_argument("--port", type=int, default=8000)
    one.add_argument("--host", default="127.0.0.1")
    one.set_defaults(run=_serve)

    one = commands.add_parser("demo", help="run a demo with a synthetic panel; prints links to open")
    one.add_argument("--port", type=int, help="default: the first free one from 8000")
    one.add_argument("--data", type=Path, help="keep the demo in this folder; default: temporary")
    one.set_defaults(run=_demo)

    one = commands.add_parser("rehearse", help="play a whole protocol with a synthetic panel and check every law")
    _of_rehearse(one)
    one.set_defaults(run=_rehearse)

    one = commands.add_parser("export", help="write a session's parcel")
    _of_export(one)
    one.set_defaults(run=_export)

    _of_studies(commands)
    one = commands.add_parser(
        "verify", help="check a parcel (sums, chain, conservation, recount), a folder of them, or a database"
    )
    _of_verify(one)
    one.set_defaults(run=_verify)

    one = commands.add_parser("staff", help="add a member of staff who signs in with a password")
    one.add_argument("mail")
    one.add_argument("name")
    one.add_argument("--administrator", action="store_true")
    one.set_defaults(run=_staff)

    one = commands.add_parser("measure", help="measure a file of ratings: agreement, verdicts, differences")
    measure.arguments(one)
    one.set_defaults(run=partial(_figures, measure.lines))

    one = commands.add_parser("map", help="map the opinions in a Polis export, where they stand out from chance")
    opinions.arguments(one)
    one.set_defaults(run=partial(_figures, opinions.lines))

    one = commands.add_parser("rank", help="rank a file of ballots by any method")
    rank.arguments(one)
    one.set_defaults(run=partial(_figures, rank.lines))
    return top


def _why(refused: Exception) -> str:
    """What went wrong; of a file, its name and the system's own words."""
    if isinstance(refused, OSError) and refused.filename:
        return f"{refused.filename}: {refused.strerror}"
    return str(refused)


def main() -> None:
    try:
        try:
            code = _run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read, as head does, has enough: no word of it, at the end of Python neither
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = CUT
    sys.exit(code)


def _run() -> int:
    args = parser().parse_args()
    try:
        code: int = args.run(args)
    except BrokenPipeError:
        raise
    except (SettingsError, StoreError, OSError) as refused:
        print(f"consensus: {_why(refused)}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    main()
