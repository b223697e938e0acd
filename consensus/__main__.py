"""The command line: serve, demo, rehearse, export, verify, staff, measure, rank. What they do lives elsewhere."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from functools import partial
from getpass import getpass
from pathlib import Path

from consensus import __version__, conduct, demo, models, protocol
from consensus.command import measure, rank
from consensus.command.tidy import Malformed
from consensus.export import released, row_level
from consensus.export.verify import verify_file
from consensus.house import House, build, open_house
from consensus.rehearse import rehearse
from consensus.server import listen, serve
from consensus.settings import Settings, SettingsError
from consensus.store import StoreError
from consensus.web import make_app


def say(line: str) -> None:
    print(line, flush=True)


def _serve(args: argparse.Namespace) -> int:
    serve(make_app(Settings.from_env()), listen(args.port, args.host))
    return 0


def _demo(args: argparse.Namespace) -> int:
    if args.data:
        args.data.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(demo.show(args.data, listen(args.port), say))
    except KeyboardInterrupt:
        return 0
    return 0


def _rehearse(args: argparse.Namespace) -> int:
    return asyncio.run(rehearse(args.protocol, args.people, args.seed, args.out, say))


def _export(args: argparse.Namespace) -> int:
    async def run() -> int:
        async with open_house(build(Settings.from_env())) as house:
            session = await models.Session.get_or_none(id=args.session)
            if session is None:
                say(f"there is no session {args.session}")
                return 2
            try:
                parcel = await (released if args.released else row_level)(house, session)
            except conduct.Refused as refused:
                return _refused(house, refused)
            args.out.write_bytes(parcel)
            say(f"{args.out}: {len(parcel)} bytes")
            return 0

    return asyncio.run(run())


def _refused(house: House, refused: conduct.Refused) -> int:
    say(house.texts.say("en", refused.key, **refused.values))
    return 2


def _verify(args: argparse.Namespace) -> int:
    code, told = verify_file(args.parcel)
    say(told)
    return code


def _staff(args: argparse.Namespace) -> int:
    """The password comes from the terminal, or from standard input where there is none; never from the command line."""
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

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
    one.add_argument("protocol", choices=protocol.names())
    one.add_argument("--people", type=int, default=24)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--out", type=Path, help="write the row-level parcel here")
    one.set_defaults(run=_rehearse)

    one = commands.add_parser("export", help="write a session's parcel")
    one.add_argument("session", type=int)
    one.add_argument("--out", type=Path, required=True)
    one.add_argument("--released", action="store_true", help="only what anyone may see")
    one.set_defaults(run=_export)

    one = commands.add_parser("verify", help="check a parcel: sums, chain, conservation, recount")
    one.add_argument("parcel", type=Path)
    one.set_defaults(run=_verify)

    one = commands.add_parser("staff", help="add a member of staff who signs in with a password")
    one.add_argument("mail")
    one.add_argument("name")
    one.add_argument("--administrator", action="store_true")
    one.set_defaults(run=_staff)

    one = commands.add_parser("measure", help="measure a tidy CSV of ratings: agreement, verdicts, differences")
    measure.arguments(one)
    one.set_defaults(run=partial(_figures, measure.lines))

    one = commands.add_parser("rank", help="rank a file of ballots (PrefLib or tidy CSV) by any method")
    rank.arguments(one)
    one.set_defaults(run=partial(_figures, rank.lines))
    return top


def _why(refused: Exception) -> str:
    """What went wrong; of a file, its name and the system's own words."""
    if isinstance(refused, OSError) and refused.filename:
        return f"{refused.filename}: {refused.strerror}"
    return str(refused)


def main() -> None:
    args = parser().parse_args()
    try:
        code = args.run(args)
    except (SettingsError, StoreError, OSError) as refused:
        print(f"consensus: {_why(refused)}", file=sys.stderr)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
