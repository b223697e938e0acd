"""What somebody brings in a form: a file is read into the text of the form, which is what counts from then on.

So nothing is kept on the server between two looks, and whatever was brought can be corrected where it stands. Guessed
letters stay open to another guess: a text of one byte a letter goes back into its bytes.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from consensus.conduct import Refused
from consensus.imports import cells, encoding, workbook
from consensus.imports.arranging import Choices
from consensus.imports.lines import Problem
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Table, read
from consensus.imports.statements import MOST_BYTES
from consensus.web.asking import Ask
from consensus.web.form import Typed

MOST_CHOSEN = 40  # columns of which a person may say what they are
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "none": ""}
_WORD = re.compile(r"\w*[^\x00-\x7f\W]\w*(?:[-'’]\w+)?")


@dataclass(frozen=True, slots=True)
class Brought:
    """letters: the alphabet in which a file was read by a guess, or ""; letters_as: words of it, as each reads them.

    sheet, others: of a workbook. mark: of what is looked at now; is_seen: nothing has changed since it was.
    """

    text: str
    choices: Choices
    letters: str
    letters_as: Mapping[str, str]
    sheet: str
    others: str
    mark: str
    is_seen: bool


async def take_file(ask: Ask, field: str) -> None:
    """The file of a form, if there is one, becomes the text in this field; what was chosen for another is forgotten."""
    file = ask.files.get("file")
    data = await file.read() if file is not None else b""
    await close_files(ask)
    if not data:
        return
    if len(data) > MOST_BYTES:
        raise Refused("file.too_large", n=MOST_BYTES // 1000)
    try:
        found = await asyncio.to_thread(_found, data)
    except Unreadable as wrong:
        raise refusal(ask, wrong.problem) from None
    kept = {name: values for name, values in ask.typed.items() if name in {"group", "language"}}
    read = {field: [found.pop("text")], "do": ["look"], **{name: [said] for name, said in found.items()}}
    ask.typed = Typed({**kept, **read})


async def close_files(ask: Ask) -> None:
    """Also of a page that is only read in the other language."""
    for file in ask.files.values():
        await file.close()


def refusal(ask: Ask, problem: Problem) -> Refused:
    """Of a whole file, for what stands on one of its lines."""
    if problem.line < 2:
        return Refused(problem.key, **problem.values)
    return Refused("import.at_line", line=problem.line, reason=ask.say(problem.key, **problem.values))


def _found(data: bytes) -> dict[str, str]:
    """Its text, and the fields that go with it."""
    if workbook.is_container(data):
        table = read(data)
        others = next((said.values["others"] for said in table.remarks if said.key == "import.sheet"), "")
        return {"text": _written(table), "sheet": table.sheet, "others": str(others)}
    if kind := cells.foreign(data):
        raise Unreadable(Problem(1, f"import.{kind}", {"value": ""}))
    decoded = encoding.decode(data)
    guess = {"letters": decoded.encoding, "letters.were": decoded.encoding} if decoded.is_guessed else {}
    return {"text": decoded.text, **guess}


def _written(table: Table) -> str:
    """A sheet as lines that nobody can part otherwise: each on its own number, so that a reason names the row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    wide, at = max(len(row.cells) for row in table.rows), 1
    for row in table.rows:
        out.write("\n" * (row.line - at))
        cells = (re.sub(r"\s*\n\s*", " ", cell) for cell in row.cells)
        writer.writerow([*cells, *[""] * (wide - len(row.cells))])
        at = row.line + 1
    return out.getvalue()


def brought(ask: Ask, field: str, further: Sequence[str] = ()) -> Brought:
    """As the form tells it. further: fields that also decide how it is read."""
    form = ask.typed
    were, letters = form.one("letters.were"), form.one("letters")
    text = form(field)
    other = _respelled(text, were, letters) if letters != were else None
    if other is not None:
        text, were = other, letters
        ask.typed = Typed({**form, field: [text], "letters.were": [were]})
    mark = _mark([re.sub(r"\r\n?", "\n", text).strip(), were, *(form.one(name) for name in further), *_chosen(form)])
    shown = {name: _sample(_respelled(text, were, name) or "") for name in encoding.GUESSES} if were else {}
    return Brought(
        text=text,
        choices=_choices(form),
        letters=were if were in encoding.GUESSES else "",
        letters_as=shown,
        sheet=form.one("sheet"),
        others=form.one("others"),
        mark=mark,
        is_seen=form.one("mark") in {"", mark},
    )


def _choices(form: Typed) -> Choices:
    header = {"yes": True, "no": False}.get(form.one("header"))
    columns = {place: form.one(f"column.{place}") for place in range(MOST_CHOSEN)}
    said = {place: "" if name == "none" else name for place, name in columns.items() if name}
    return Choices(SEPARATORS.get(form.one("separator")), header, said)


def _chosen(form: Typed) -> list[str]:
    names = (name for name in sorted(form) if name.startswith(("column.", "header", "separator")))
    return [f"{name}={said}" for name in names if (said := form.one(name))]


def _mark(parts: Sequence[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _respelled(text: str, were: str, letters: str) -> str | None:
    """The same bytes in the other alphabet; None where they are none of it, or where somebody wrote more into it."""
    try:
        return text.encode(encoding.GUESSES[were]).decode(encoding.GUESSES[letters])
    except (UnicodeError, KeyError):
        return None


def _sample(text: str, most: int = 4) -> str:
    return ", ".join(list(dict.fromkeys(_WORD.findall(text)))[:most])
