"""The options of measure and rank that say how a file is to be read, and its answers read by them.

Any file that the reader of imports takes: one answer a line, or with --wide a row a person. What was understood and
is not certain stands in the notes of the sheet.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator

from consensus.command import columns, wide
from consensus.command.tidy import Answer, Malformed, Note, Sheet, gather
from consensus.command.words import in_english, listed
from consensus.export.rows import ANSWERS
from consensus.imports.headers import Headed, find_header, folded
from consensus.imports.lines import Problem
from consensus.imports.names import fold
from consensus.imports.numbers import is_date, shown
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Limits, Row, Table
from consensus.imports.reader import read as read_table

EARLIER = ("alias", "block", "round", "statement", "criterion", "value", "text", "withheld")  # of parcels of /1
LIMITS = Limits(rows=2_000_000, columns=5_000, size=200_000_000, seconds=60)


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--group", help="the column that groups people; default: everyone together")
    parser.add_argument("--wide", action="store_true", help="each row is a person, each statement a column")
    parser.add_argument("--columns", default="", metavar="A,B", help="with --wide: the columns of the answers")
    parser.add_argument("--last", action="store_true", help="of several answers to a statement the last one counts")
    parser.add_argument("--round", default="", help="where a file holds several, as our answers.csv does")
    parser.add_argument("--criterion", default="", help="where a file holds several")
    parser.add_argument("--sheet", default="", help="of a workbook; default: the first that holds something")


def sheet(args: Namespace, data: bytes, answer: str, value: Callable[[str], int]) -> Sheet:
    """answer: columns.VALUE or columns.RANK. Malformed for a file that cannot be taken."""
    try:
        table = read_table(data, LIMITS, names=folded(columns.known(answer)), sheet=args.sheet)
        if args.wide or args.columns:
            spread = wide.read(table, answer, args.group, args.columns)
            answers = _checked(table, spread.answers())
            found = gather(answers, value, grouped=args.group is not None, last=args.last, wide=True)
            return found.noted([*told(table.remarks), *spread.notes()])
        headed = _headed(table, answer, args.group)
        rows, notes = _chosen(headed, args, answer)
        answers = _long(headed, rows, answer, wide.group_place(headed, args.group))
        found = gather(_checked(table, answers), value, grouped=args.group is not None, last=args.last)
        if answer == columns.RANK and _is_ours(table):
            notes.append(Note(headed.line, "a statement that nobody ranked is not in this file, and has no place"))
        return found.noted([*told(table.remarks), *told(headed.remarks), *notes])
    except Unreadable as wrong:
        raise malformed(wrong) from None


def malformed(wrong: Unreadable) -> Malformed:
    return Malformed(wrong.problem.line, in_english(wrong.problem.key, wrong.problem.values))


def told(remarks: tuple[Problem, ...]) -> list[Note]:
    return [Note(remark.line, in_english(remark.key, remark.values)) for remark in remarks]


def _is_ours(table: Table) -> bool:
    return table.rows[0].cells in (ANSWERS, EARLIER)


def _headed(table: Table, answer: str, group: str | None) -> Headed:
    needed = (columns.PARTICIPANT, columns.STATEMENT, answer)
    known = columns.known(answer)
    more: list[str] = [*([group] if group else []), *(("text", "withheld") if _is_ours(table) else ())]
    headed = find_header(table, {**dict.fromkeys(map(fold, more), ()), **known})
    missing = [name for name in needed if name not in headed.columns]
    if missing:
        titles = listed([title for title in (headed.titles or table.rows[0].cells) if title])
        way = "where each row is a person and each statement a column, add --wide"
        if answer == columns.RANK and any(">" in cell for row in table.rows for cell in row.cells):
            way = "orders such as A>B>C, and files with a row a person, are read with --wide"
        line = headed.line or table.rows[0].line
        raise Malformed(line, f"no column {', '.join(missing)} in {titles}; {way}")
    if headed.problems:
        raise malformed(Unreadable(headed.problems[0]))
    return headed


def _chosen(headed: Headed, args: Namespace, answer: str) -> tuple[list[Row], list[Note]]:
    """The rows of one round and one criterion."""
    rows, notes = list(headed.rows), []
    both = ((columns.ROUND, "rounds", args.round), (columns.CRITERION, "criteria", args.criterion))
    for name, plural, wanted in both:
        if name not in headed.columns:
            if wanted:
                raise Malformed(headed.line, f"no column {name}, and --{name} {wanted} was asked for")
            continue
        held = list(dict.fromkeys(headed.cell(row, name) for row in rows))
        if wanted and wanted not in held:
            raise Malformed(headed.line, f"there is no {name} {shown(wanted)}; the file holds {listed(held)}")
        if name == columns.CRITERION and held and (other := columns.other(answer, held[0])):
            raise Malformed(headed.line, f"these answers are {other}, and no {answer}s; choose another --round")
        if not wanted and len(held) > 1:
            raise Malformed(headed.line, f"the file holds several {plural}: {listed(held)}; choose one with --{name}")
        rows = [row for row in rows if not wanted or headed.cell(row, name) == wanted]
        if wanted:
            notes.append(Note(headed.line, f"only {name} {shown(wanted)}: {len(rows)} of {len(headed.rows)} lines"))
    return rows, notes


def _long(headed: Headed, rows: list[Row], answer: str, group: int | None) -> Iterator[Answer]:
    for row in rows:
        yield Answer(
            row.line,
            headed.cell(row, columns.PARTICIPANT),
            headed.cell(row, columns.STATEMENT),
            row.cells[group] if group is not None and group < len(row.cells) else "",
            headed.cell(row, answer),
        )


def _checked(table: Table, answers: Iterator[Answer]) -> Iterator[Answer]:
    """In a workbook a name that is a date was another one before."""
    for answer in answers:
        if table.sheet and is_date(answer.statement):
            why = f"{shown(answer.statement)} is a date, which a spreadsheet makes of names such as 1-9"
            raise Malformed(answer.line, f"{why}; write the name as text")
        if table.sheet and not answer.person:
            raise Malformed(answer.line, "no participant; of merged cells only the first holds the name")
        yield answer
