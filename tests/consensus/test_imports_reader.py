"""Any file that people have is read into the same rows; what is none is refused, with its line and the way out."""

from __future__ import annotations

import codecs
import datetime
import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.imports import names, numbers
from consensus.imports.headers import find_header, folded
from consensus.imports.problems import Unreadable
from consensus.imports.reader import Limits, Table, read, read_text
from consensus.text import LANGUAGES, Texts
from rounds.blank import is_blank

PLAIN = "nom;énoncé;note\nHélène;Délai d’attente à l’urgence;8\nJosé;« Numéro » à appeler;9\n"
COLUMNS = {"participant": ("nom", "id"), "statement": ("énoncé", "item"), "value": ("note", "valeur")}


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def refused(data: bytes | str, **words: object) -> tuple[int, str]:
    """The line and the reason, which has a sentence in both languages."""
    with pytest.raises(Unreadable) as found:
        read(data if isinstance(data, bytes) else data.encode(), **words)
    problem = found.value.problem
    assert all(Texts.load().say(language, problem.key, **problem.values) for language in LANGUAGES)
    return problem.line, problem.key.removeprefix("import.")


WANTED = cells(read(PLAIN.encode()))


@pytest.mark.parametrize(
    ("data", "encoding", "is_guessed"),
    [
        (PLAIN.encode(), "utf-8", False),
        (PLAIN.encode("utf-8-sig"), "utf-8", False),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), "utf-16", False),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16", False),
        (PLAIN.encode("utf-16-le"), "utf-16", False),
        (PLAIN.encode("utf-16-be"), "utf-16", False),
        (PLAIN.encode("utf-16-le") + "\n".encode("utf-16-le") * 3, "utf-16", False),
        (PLAIN.encode("utf-32"), "utf-32", False),
        (PLAIN.encode("cp1252"), "windows-1252", True),
        (PLAIN.encode("mac_roman"), "mac-roman", True),
        (PLAIN.replace("\n", "\r\n").encode("cp1252"), "windows-1252", True),
        (PLAIN.replace("\n", "\r").encode("mac_roman"), "mac-roman", True),
    ],
)
def test_letters_are_the_same_from_every_alphabet(data: bytes, encoding: str, is_guessed: bool) -> None:
    table = read(data)
    assert cells(table) == WANTED
    assert (table.encoding, table.is_guessed) == (encoding, is_guessed)
    assert [remark.key for remark in table.remarks] == ["import.encoding"] * is_guessed


def test_a_letter_of_another_alphabet_does_not_hide_utf16() -> None:
    assert cells(read("Rīga,Āboliņš\n".encode("utf-16-le"))) == [("Rīga", "Āboliņš")]


FRENCH = (
    "Hélène", "José", "Maïté", "Noël", "Françoise", "Zoé", "Rénald Côté", "Benoît", "délai", "été", "hôpital", "où",
    "à l’hôpital", "Québec", "Trois-Rivières", "santé mentale", "première ligne", "Étienne", "d’attente",
)  # fmt: skip


@pytest.mark.parametrize("word", FRENCH)
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_a_short_word_is_enough_to_tell_two_alphabets_apart(word: str, codec: str) -> None:
    assert cells(read(word.encode(codec))) == [(word,)]


def test_a_file_put_together_from_two_alphabets_is_refused_on_its_line() -> None:
    assert refused(PLAIN.encode() + "Zoé;Même;7\n".encode("cp1252")) == (4, "mixed_letters")
    assert refused("été\n".encode() + "été\n".encode("cp1252")) == (2, "mixed_letters")


def test_accents_that_were_lost_before_are_told() -> None:
    table = read(PLAIN.encode().decode("cp1252", errors="ignore").encode())
    assert [remark.key for remark in table.remarks] == ["import.garbled"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("head", ["", "sep=;\n", '"sep=;"\n', "sep=;;;\n", "SEP=;\n"])
def test_columns_are_parted_whatever_the_sign(sign: str, end: str, head: str) -> None:
    text = (head + PLAIN).replace(";", sign).replace("\n", end)
    table = read(text.encode())
    assert (cells(table), table.separator) == (WANTED, sign)
    assert [row.line for row in table.rows] == ([2, 3, 4] if head else [1, 2, 3])


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("nom;note\na;8,0\nb;7,5\n", ";"),
        ("a;b, c;d, e\n1;2;3\n", ";"),
        ("statement,value\n=cmd|calc,1\n", ","),
        ("énoncé\nRéduire, surtout la nuit\nAutre\nEncore\n", ""),
        ("Liste du 3 mai, version 2\nnom;note\na;1\nb;2\n", ";"),
        ("Titre\n\nnom,note\na,1\n", ","),
        ("nom,note,commentaire\na,1\nb,2,\nc,3,oui\n", ","),
        ("participant,statement,value\nx,y,\nz,w,\n", ","),
    ],
)
def test_the_sign_that_most_rows_share_parts_the_columns(text: str, sign: str) -> None:
    assert read(text.encode()).separator == sign


def test_one_known_name_alone_heads_a_single_column() -> None:
    text = "Énoncé\nRéduire les délais, la nuit\nOuvrir plus, plus tôt\n"
    assert read(text.encode()).separator == ","
    table = read(text.encode(), names=folded(COLUMNS))
    assert (table.separator, len(table.rows)) == ("", 3)


def test_quotes_hold_separators_line_ends_and_quotes() -> None:
    text = 'a,"b\nc, ""d"""\n"e", "f"\n'
    table = read(text.encode())
    assert cells(table) == [("a", 'b\nc, "d"'), ("e", "f")]
    assert [row.line for row in table.rows] == [1, 3]


def test_nothing_that_nobody_sees_is_left() -> None:
    text = "\u00a0a\u202f,b\u200b,,\nc\u00a0d,\u200b\n,,\n\u00a0,\u3164\ne\u0301,\u2060\u200d\n"
    table = read(text.encode())
    assert cells(table) == [("a", "b"), ("c\u00a0d",), ("é",)]
    assert [(remark.line, remark.key) for remark in table.remarks] == [(4, "import.blank_row")]


def test_joiners_inside_words_stay() -> None:
    word = "می\u200cخواهم 👩\u200d⚕️"
    assert cells(read(f"a,{word}\n".encode())) == [("a", word)]


def test_signs_that_steer_a_machine_are_taken_out_and_told() -> None:
    table = read(b"a,b\nc\x07d,e\x0bf\n")
    assert cells(table)[1] == ("cd", "e f")
    assert [(r.line, r.key, r.values["n"]) for r in table.remarks] == [(2, "import.control", 2)]


@pytest.mark.parametrize(
    ("data", "line", "key"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf \n;;\n", 1, "empty"),
        (b'a,b\nc,"d\ne,f\n', 2, "quotes"),
        (b'a,b\n"c"d,e\n', 2, "quotes"),
        (b'a,b\nc,"' + b"x" * 200_000 + b'"\n', 2, "quotes"),
        (b"a,b\nc\0,d\n", 2, "no_text"),
        (b"a,b\r\nc\re\0,d\n", 3, "no_text"),
        (bytes(range(256)) * 4, 1, "no_text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), 1, "no_text"),
        (b"%PDF-1.7\n", 1, "no_text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 1, "old_excel"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), 1, "password"),
        (b"<html><table><tr><td>a</td></tr></table></html>", 1, "web_page"),
        (b"<?xml version='1.0'?><Workbook/>", 1, "web_page"),
        (b"PK\x03\x04" + bytes(200), 1, "workbook_broken"),
        (codecs.BOM_UTF16_LE + b"a\0b", 1, "broken_letters"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(data: bytes, line: int, key: str) -> None:
    assert refused(data) == (line, key)


def test_limits_are_held_with_the_line_that_passes_them() -> None:
    few = Limits(rows=2, columns=3, size=100)
    assert refused("a\nb\nc\nd\ne\nf\n", limits=few) == (6, "too_many_rows")
    assert refused("a,b\nc,d,e,f\n", limits=few) == (2, "too_many_columns")
    assert refused("a" * 101, limits=few) == (1, "too_large")


def test_five_megabytes_are_read_in_a_moment() -> None:
    data = ("participant;énoncé;valeur\n" + "p1;Délai d’attente à l’urgence;8,0\n" * 140_000).encode("cp1252")
    begins = time.process_time()  # whatever else the machine does
    assert len(read(data, Limits(rows=200_000)).rows) == 140_001
    assert time.process_time() - begins < 15


def test_what_is_pasted_is_read_as_a_file_is() -> None:
    assert cells(read_text("\ufeff" + PLAIN)) == WANTED
    assert read_text("a\tb\n\0c\td").encoding == "text"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        table = read(data)
    except Unreadable:
        return
    assert all(row.cells and row.cells[-1] for row in table.rows)


@given(st.lists(st.lists(st.text("ab é,;\"'\n|", max_size=6), min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_rows_come_back(rows: list[list[str]]) -> None:
    text = "sep=;\n" + "".join(";".join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in rows)
    wanted = [tuple(" ".join(c.split()) for c in row) for row in rows]
    try:
        found = [tuple(" ".join(c.split()) for c in row.cells) for row in read(text.encode()).rows]
    except Unreadable:
        found = []
    assert found == [
        row[: max(i + 1 for i, c in enumerate(row) if c)] for row in wanted if any(row)
    ]  # fmt: skip


def book(*sheets: tuple[str, list[list[object]]], hidden: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_a_workbook_is_read_as_its_sheet_shows_it() -> None:
    rows: list[list[object]] = [
        ["nom", None, "note"],
        ["Hélène", None, 8.0],
        [],
        ["0012", True, 8.5, None],
        [datetime.datetime(2026, 1, 9), "é", 15145551234],
    ]
    table = read(book(("Feuil1", rows)))
    assert (table.encoding, table.sheet, table.is_guessed) == ("xlsx", "Feuil1", False)
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, ("nom", "", "note")),
        (2, ("Hélène", "", "8")),
        (4, ("0012", "TRUE", "8.5")),
        (5, ("2026-01-09", "é", "15145551234")),
    ]


def test_the_first_sheet_that_anybody_sees_and_that_holds_something_is_read_and_the_others_are_named() -> None:
    data = book(("Caché", [["x"]]), ("Vide", []), ("Notes", [["a", 1]]), ("Autre", [["b"]]), hidden="Caché")
    table = read(data)
    assert (table.sheet, cells(table)) == ("Notes", [("a", "1")])
    assert [(r.key, r.values["others"]) for r in table.remarks] == [("import.sheet", "Autre")]
    assert read(data, sheet=" autre ").sheet == "Autre"
    assert read(data, sheet="Caché").sheet == "Caché"
    assert refused(data, sheet="Rien") == (1, "no_sheet")


def test_a_formula_without_a_value_is_never_lost() -> None:
    assert refused(book(("S", [["a", "b"], ["c", "=1+1"]]))) == (2, "formula")


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            container.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (packed(word__document_xml=b"<x/>"), "no_workbook"),
        (packed(content_xml=b"<x/>"), "other_workbook"),
        (packed(notes=b"x"), "no_workbook"),
        (packed(xl__workbook_xml=b"<x/>"), "workbook_broken"),
        (packed(xl__workbook_xml=b"<x/>", xl__worksheets__sheet1_xml=bytes(41_000_000)), "workbook_too_large"),
        (book(("S", [["a"]]))[:-40], "workbook_broken"),
        (book(("S", [])), "empty"),
        (book(("S", [["a"] * 401])), "too_many_columns"),
        (book(("S", [["a"]] * 5_004)), "too_many_rows"),
    ],
)
def test_a_workbook_that_cannot_be_taken_is_refused_in_a_sentence(data: bytes, key: str) -> None:
    assert refused(data)[1] == key


def changed(data: bytes, name: str, part: bytes) -> bytes:
    """The same workbook with another part of this name."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, part if each == name else old.read(each))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def test_a_workbook_that_says_less_than_it_unpacks_is_stopped() -> None:
    large = changed(book(("S", [["a"]])), SHEET, HEAD + b"<row/>" * 7_000_000)
    assert len(large) < 200_000 and refused(large) == (1, "workbook_too_large")
    place = large.rindex(b"PK\x01\x02", 0, large.rindex(SHEET.encode()))
    lying = large[: place + 24] + (1000).to_bytes(4, "little") + large[place + 28 :]
    assert refused(lying)[1] in ("workbook_broken", "workbook_too_large")


def test_a_workbook_of_entities_that_expand_is_stopped() -> None:
    bomb = b"".join(b'<!ENTITY e%d "%s">' % (i + 1, b"&e%d;" % i * 20) for i in range(9))
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row></sheetData></worksheet>'
    part = b'<!DOCTYPE worksheet [<!ENTITY e0 "aaaaaaaaaa">' + bomb + b"]>" + HEAD + row
    assert refused(changed(book(("S", [["a"]])), SHEET, part))[1] in ("workbook_broken", "workbook_too_large")


def test_a_workbook_that_takes_too_long_is_stopped() -> None:
    rows = HEAD + b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 400_001))
    slow = changed(book(("S", [["a"]])), SHEET, rows + b"</sheetData></worksheet>")
    assert refused(slow, limits=Limits(rows=500_000, seconds=1)) == (1, "workbook_too_large")


def test_merged_cells_hold_their_text_once() -> None:
    made = openpyxl.Workbook()
    for row in (["nom", "note"], ["p1", 8], ["", 7]):
        made.active.append(row)
    made.active.merge_cells("A2:A3")
    file = io.BytesIO()
    made.save(file)
    assert cells(read(file.getvalue())) == [("nom", "note"), ("p1", "8"), ("", "7")]


def test_columns_are_known_in_any_order_by_any_of_their_names() -> None:
    text = "Étude sur l’attente\nValeur,remarque, ÉNONCÉ ,Nom\n8,x,S1,p1\n,,S2,p2\n"
    found = find_header(read(text.encode()), COLUMNS, COLUMNS)
    assert (found.line, found.columns) == (2, {"participant": 3, "statement": 2, "value": 0})
    assert [found.cell(row, "value") for row in found.rows] == ["8", ""]
    assert [(r.line, r.key) for r in found.remarks] == [(1, "import.title"), (2, "import.unknown_columns")]
    assert [found.titles[place] for place in found.unknown] == ["remarque"]


def test_an_own_name_goes_before_its_synonyms() -> None:
    found = find_header(read(b"id,participant,item,value\n7,p1,S1,8\n"), COLUMNS)
    assert found.columns == {"participant": 1, "statement": 2, "value": 3}
    assert found.unknown == (0,)


def test_a_column_twice_or_missing_is_refused() -> None:
    for text, key in (("nom,item,item\na,b,c\n", "column_twice"), ("nom,item\na,b\n", "no_column")):
        with pytest.raises(Unreadable) as wrong:
            find_header(read(text.encode()), COLUMNS, COLUMNS)
        assert wrong.value.problem.key == f"import.{key}"


def test_a_cell_under_no_name_is_told_with_its_line() -> None:
    found = find_header(read(b"nom,item\na,b,,\nc,d,e\n"), COLUMNS)
    assert [(p.line, p.key) for p in found.problems] == [(3, "import.cell_without_column")]


def test_rows_are_no_header_where_they_hold_an_address_or_one_known_word() -> None:
    roster = {"name": ("nom",), "mail": ("courriel",), "language": ("en",)}
    table = read_text("Ann;ann@example.org;Patients;en")
    assert find_header(table, roster, is_strict=True).line == 0
    table = read_text("Ann;;Patients;en")
    assert find_header(table, roster, is_strict=True).line == 0
    assert find_header(table, roster, is_strict=True).rows == table.rows
    assert find_header(read_text("nom;courriel\nAnn;"), roster, is_strict=True).line == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("Patients", "patients"), ("l’hôpital", "l'hôpital"), ("deux  mots", "deux mots"), ("P01", "p01"),
        ("Délai", "Délai\u200b"), ("Délai", "De\u0301lai"), ("a\u00a0b", "a b"), ("suivi–ici", "suivi-ici"),
    ],
)  # fmt: skip
def test_names_that_look_the_same_are_found(pair: tuple[str, str]) -> None:
    assert names.alike(("autre", *pair)) == (pair,)


def test_other_names_are_left_alone() -> None:
    assert names.alike(("p1", "p2", "p11", "p1", "हिंदी", "हदी")) == ()


def test_signs_of_no_width_alone_are_nothing() -> None:
    for blank in ("", " ", "\u00a0", "\u200b\u200d", "\u3164", "\u2800", "\ufe0f", "\u200e\u2063"):
        assert is_blank(blank)
        assert names.visible(blank) == ""
    assert not is_blank("\u200da")


def test_numbers_are_read_as_they_are_written() -> None:
    for cell in ("8", "8,0", "8.0", "8.", " 8\u00a0", "８", "+8"):
        assert numbers.number(cell) == 8
    assert numbers.number("−2,5") == numbers.number("-2.5")
    for cell in ("", "1-9", "8,0,0", "eight", "8e0", "8 %"):
        with pytest.raises(ValueError, match="not a number"):
            numbers.number(cell)


def test_what_a_sheet_made_of_one_to_nine_is_a_date() -> None:
    dates = ("janv-09", "01-sept", "9-Jan", "09-janv.", "2026-01-09", "2026-01-09 10:00:00", "46031", "1/9/2026")
    assert all(numbers.is_date(cell) for cell in dates)
    assert not any(numbers.is_date(cell) for cell in ("1-9", "S1", "mars", "2026", "décembre 9e", "8"))
    assert numbers.may_become_date("1-9")
