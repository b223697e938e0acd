"""Coded interviews as programs for qualitative analysis hand them over (REFI-QDA: .qdpx, .qdc), as rows of one table.

A code that holds quotations is a statement, what stands above it its theme; a quotation is cut from the text of its
source. The table is what imports/coded.py reads, so that everything can be looked at and corrected before it is taken.
Only text is read; the rest is counted, so that it can be said. Nothing is stored here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from consensus.imports.lines import Problem
from consensus.imports.problems import remark, unreadable

MOST = 50_000_000  # bytes of all that is read, unpacked
CHUNK = 2**16
SHORT = 4  # words: a code with fewer, and a description, says with it what it means
SHOWN_GUID = 8  # signs by which a code is told from others
DEEPEST = 60  # levels of codes in codes
FIXED = ("statement", "text", "nature", "theme", "quotation", "quotation_language", "kind", "source", "case")
NOT_READ = (  # as it is told, with the elements that stand for it
    ("media", ("PDFSource", "PictureSource", "AudioSource", "VideoSource")),
    (
        "media_quotations",
        ("PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection", "TranscriptSelection"),
    ),
    ("notes", ("Note",)),
    ("links", ("Link",)),
    ("graphs", ("Graph",)),
)
NATURES = {  # of a code above all others, folded; it is no theme
    **dict.fromkeys(("aide", "aides", "helps", "help", "facilitators", "facilitateurs", "facilitants"), "helps"),
    **dict.fromkeys(("nuit", "hinders", "barriers", "obstacles", "freins", "barrieres"), "hinders"),
    **dict.fromkeys(
        ("etape", "etapes", "next", "next steps", "next step", "actions", "prochaines etapes"), "next_step"
    ),
}
_ACCENTS = str.maketrans("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc")
_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Coded:
    """columns: FIXED, then every variable of the file under its own name. rows: as many cells. remarks: what was not
    read, and what was decided."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[Problem, ...]


@dataclass(slots=True)
class _Code:
    name: str
    about: str
    path: tuple[str, ...]
    guid: str
    is_codable: bool


@dataclass(slots=True)
class _Case:
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)


def is_codebook(data: bytes) -> bool:
    """A file of codes alone, which is bare XML."""
    return b"<CodeBook" in data[:4000] or b":CodeBook" in data[:4000]


def is_project(data: bytes) -> bool:
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return any(name.casefold().endswith(".qde") for name in container.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def read(data: bytes) -> Coded:
    """Unreadable where it is no such file, is damaged, or unpacks to more than MOST."""
    if not is_project(data):
        return _table(_tree(data), {})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            texts = _members(container)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zipfile.LargeZipFile, OSError):
        raise unreadable(1, "qda_broken") from None
    return _table(_tree(texts.pop("")), texts)


def _members(container: zipfile.ZipFile) -> dict[str, bytes]:
    """The project under "", texts under their folded names without the folder; no more than MOST bytes in all."""
    found: dict[str, bytes] = {}
    left = MOST
    for member in container.infolist():
        name = member.filename.replace("\\", "/").casefold()
        if member.flag_bits & 1:
            raise unreadable(1, "password")
        if name.endswith(".qde") and "" not in found:
            key = ""
        elif name.endswith(".txt"):
            key = name.rpartition("/")[2]
        else:
            continue
        parts = []
        with container.open(member) as packed:  # what the list says of sizes may be wrong
            while part := packed.read(CHUNK):
                left -= len(part)
                if left < 0:
                    raise unreadable(1, "qda_too_large", n=MOST // 1_000_000)
                parts.append(part)
        found[key] = b"".join(parts)
    return found


def _tree(data: bytes) -> Element:
    """The root, with local names: one schema has several namespaces about. No document type, so no entity."""
    if len(data) > MOST:
        raise unreadable(1, "qda_too_large", n=MOST // 1_000_000)
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if _FORBIDDEN.search(data.replace(b"\0", b"") if is_wide else data):
        raise unreadable(1, "qda_doctype")
    builder = TreeBuilder()
    parser = XMLParser(target=builder)  # noqa: S314  # no document type comes this far
    try:
        for at in range(0, len(data), CHUNK):
            parser.feed(data[at : at + CHUNK])
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError):
        raise unreadable(1, "qda_broken") from None
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    if root.tag not in {"Project", "CodeBook"}:
        raise unreadable(1, "no_qda")
    return root


def _table(root: Element, texts: Mapping[str, bytes]) -> Coded:
    codes = {code.guid: code for code in _codes(root, (), 0)}
    variables = {_guid(one, "guid"): _own(one, "name") for one in root.iter("Variable")}
    cases = _cases(root, variables)
    names = tuple(dict.fromkeys(name for name in variables.values() if name))
    tally: Counter[str] = Counter()
    rows = list(_rows(root, texts, codes, cases, names, tally))
    said = {row[0] for row in rows}
    for code in codes.values():
        if code.is_codable and _short(code.guid) not in said:
            rows.append((*_of_code(code, tally), "", "", "", "", "", *[""] * len(names)))
    if not rows:
        raise unreadable(1, "qda_empty")
    tally["variables"] = len(names)
    return Coded((*FIXED, *names), tuple(rows), tuple(_remarks(root, tally)))


def _codes(element: Element, path: tuple[str, ...], depth: int) -> Iterator[_Code]:
    for one in element:
        if one.tag in {"CodeBook", "Codes"}:
            yield from _codes(one, path, depth)
        elif one.tag == "Code" and depth < DEEPEST:
            name = _own(one, "name")
            is_codable = _own(one, "isCodable").casefold() not in {"false", "0"}
            yield _Code(name, _about(one), path, _guid(one, "guid"), is_codable)
            yield from _codes(one, (*path, name), depth + 1)


def _cases(root: Element, variables: Mapping[str, str]) -> dict[str, _Case]:
    """By the source, or the quotation, that belongs to them."""
    found: dict[str, _Case] = {}
    for one in root.iter("Case"):
        case = _Case(_own(one, "name"))
        for value in one.iter("VariableValue"):
            name, said = "", ""
            for part in value:
                if part.tag == "VariableRef":
                    name = variables.get(_guid(part, "targetGUID"), "")
                elif part.tag.endswith("Value"):
                    said = " ".join((part.text or "").split())
            if name:
                case.values[name] = said
        for part in one:
            if part.tag in {"SourceRef", "SelectionRef"}:
                found.setdefault(_guid(part, "targetGUID"), case)
    return found


def _rows(
    root: Element,
    texts: Mapping[str, bytes],
    codes: Mapping[str, _Code],
    cases: Mapping[str, _Case],
    names: Sequence[str],
    tally: Counter[str],
) -> Iterator[tuple[str, ...]]:
    """A row for each quotation of each code."""
    for source in root.iter("TextSource"):
        text = _text(source, texts)
        label, of_source = _own(source, "name"), cases.get(_guid(source, "guid"))
        for selection in source.iter("PlainTextSelection"):
            said = _cut(text, selection, tally)
            case = cases.get(_guid(selection, "guid")) or of_source or _Case()
            found = [_guid(ref, "targetGUID") for coding in selection.iter("Coding") for ref in coding.iter("CodeRef")]
            known = [codes[guid] for guid in dict.fromkeys(found) if guid in codes]
            tally["uncoded"] += not known
            tally["notes"] += sum(1 for part in selection if part.tag == "Description" and (part.text or "").strip())
            for code in known:
                values = (case.values.get(name, "") for name in names)
                yield (*_of_code(code, tally), said, "", "", label or case.name, case.name, *values)


def _of_code(code: _Code, tally: Counter[str]) -> tuple[str, str, str, str]:
    """Its number, text, nature and theme."""
    nature = NATURES.get(_folded(code.path[0]), "") if code.path else ""
    theme = " / ".join(code.path[1:] if nature else code.path)[:200]
    text = code.name
    if code.about and len(code.name.split()) < SHORT:
        text = code.about
        tally["described"] += 1
    return _short(code.guid), text, nature, theme


def _text(source: Element, texts: Mapping[str, bytes]) -> str:
    """With line ends as positions count them."""
    inside = next((part.text or "" for part in source if part.tag == "PlainTextContent"), "")
    if not inside:
        name = _own(source, "plainTextPath").replace("\\", "/").rpartition("/")[2].casefold()
        inside = texts.get(name, b"").decode("utf-8-sig", "replace")
    return inside.replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str, selection: Element, tally: Counter[str]) -> str:
    """Positions are characters, or UTF-16 units as one program counts them: the cut that begins and ends at a word."""
    start, end = (_whole(_own(selection, name)) for name in ("startPosition", "endPosition"))
    if not 0 <= start < end:
        tally["nowhere"] += 1
        return ""
    ways = [(start, end)]
    if any(ord(sign) > 0xFFFF for sign in text):
        ways.append((_character(text, start), _character(text, end)))
    ways = [way for way in dict.fromkeys(ways) if way[0] < way[1] <= len(text)]
    if not ways:
        tally["nowhere"] += 1
        return ""
    whole = [way for way in ways if _at_word(text, way[0]) and _at_word(text, way[1])]
    if len(ways) > 1 and len(whole) != 1:
        tally["unsure"] += 1
    at = (whole or ways)[0]
    return re.sub(r"\s*\n\s*", " ", text[at[0] : at[1]]).strip()


def _character(text: str, unit: int) -> int:
    """The character at which this UTF-16 unit stands."""
    return len(text.encode("utf-16-le")[: 2 * unit].decode("utf-16-le", "ignore"))


def _at_word(text: str, at: int) -> bool:
    return at in {0, len(text)} or not (text[at - 1].isalnum() and text[at].isalnum())


def _remarks(root: Element, tally: Counter[str]) -> Iterator[Problem]:
    for key, tags in NOT_READ:
        tally[key] += sum(1 for tag in tags for _ in root.iter(tag))
    for key in ("described", "variables", "unsure", "nowhere", "uncoded", *(key for key, _ in NOT_READ)):
        if tally[key]:
            yield remark(1, f"qda_{key}", n=tally[key])


def _own(element: Element, name: str) -> str:
    return " ".join(element.get(name, "").split())


def _guid(element: Element, name: str) -> str:
    return element.get(name, "").strip().strip("{}").casefold()


def _short(guid: str) -> str:
    return guid[:SHOWN_GUID]


def _about(code: Element) -> str:
    return " ".join(next((part.text or "" for part in code if part.tag == "Description"), "").split())


def _whole(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1


def _folded(name: str) -> str:
    return " ".join(name.casefold().translate(_ACCENTS).replace("_", " ").split())
