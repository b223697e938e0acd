"""Projects of coded interviews are read whole or refused with a reason; what is not read is counted."""

from __future__ import annotations

import io
import zipfile

import pytest

from consensus.imports import coded, qda
from consensus.imports.problems import Unreadable

TEXT = "Bonjour \U0001f600. Il n’y a pas de remplaçante l’été.\r\nMerci."
CODES = """<CodeBook><Codes><Code guid="AAAAAAAA-1" name="Nuit" isCodable="false"><Code guid="BBBBBBBB-2"
name="Absences" isCodable="true"><Description>Les absences ne sont pas remplacées.</Description></Code></Code>
</Codes></CodeBook>"""
SOURCES = """<Sources><TextSource guid="cccc-3" name="Entretien 1" plainTextPath="internal://CCCC-3.TXT">
<PlainTextSelection guid="dddd-4" startPosition="{start}" endPosition="{end}"><Coding>
<CodeRef targetGUID="bbbbbbbb-2"/></Coding></PlainTextSelection></TextSource>
<PDFSource guid="eeee-5" name="x"/></Sources>"""
CASES = """<Variables><Variable guid="v1" name="Lieu"/></Variables><Cases><Case guid="k1" name="P01"><VariableValue>
<VariableRef targetGUID="V1"/><TextValue>Clinique A</TextValue></VariableValue>
<SourceRef targetGUID="CCCC-3"/></Case></Cases>"""


def project(start: int, end: int, before: str = "", text: str = TEXT) -> bytes:
    inside = f"{CODES}{CASES}{SOURCES.format(start=start, end=end)}"
    xml = f'{before}<Project xmlns="urn:any">{inside}</Project>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("Project.QDE", xml)
        container.writestr("Sources/cccc-3.txt", text)
    return out.getvalue()


@pytest.mark.parametrize("shift", [0, 1], ids=["characters", "UTF-16 units"])
def test_a_quotation_is_cut_at_words_however_positions_are_counted(shift: int) -> None:
    start = TEXT.index("Il n’y")
    end = TEXT.index(".\r\n")
    (row,) = qda.read(project(start + shift, end + shift)).rows
    assert row[4] == "Il n’y a pas de remplaçante l’été"
    assert row[:4] == ("bbbbbbbb", "Les absences ne sont pas remplacées.", "hinders", "")
    assert row[7:] == ("Entretien 1", "P01", "Clinique A")


def test_what_is_not_read_is_counted() -> None:
    keys = {one.key: one.values["n"] for one in qda.read(project(0, 7)).remarks}
    assert keys == {"import.qda_described": 1, "import.qda_variables": 1, "import.qda_media": 1}


def test_a_quotation_outside_of_its_text_is_told() -> None:
    read = qda.read(project(5000, 6000))
    assert read.rows[0][4] == "" and "import.qda_nowhere" in {one.key for one in read.remarks}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (project(0, 7, '<!DOCTYPE x [<!ENTITY a "b">]>'), "import.qda_doctype"),
        (project(0, 7)[:200], "import.qda_broken"),
        (project(0, 7, "<a"), "import.qda_broken"),
        (project(0, 7, text="x" * 51_000_000), "import.qda_too_large"),
        (b"<CodeBook", "import.qda_broken"),
        ("\ufeff<!DOCTYPE a><CodeBook/>".encode("utf-16-le"), "import.qda_doctype"),
        (b"<CodeBook/>", "import.qda_empty"),
        (b"<Other/>", "import.no_qda"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(data: bytes, key: str) -> None:
    with pytest.raises(Unreadable) as refused:
        qda.read(data)
    assert refused.value.problem.key == key


def test_the_template_is_read_back_as_it_says() -> None:
    reading = coded.parse(coded.template("fr").decode("utf-8-sig"), coded.Asking(("fr", "en")))
    assert not reading.problems
    assert [one.source_id for one in reading.statements] == ["C01"] and reading.statements[0].spread == "similar"
    assert [(one.kind, one.people) for one in reading.sources] == [("interview", 1), ("focus_group", 6)]
    assert reading.without_words == (("P001", 1),)


def test_every_line_that_cannot_be_taken_says_why() -> None:
    head = "statement,text_fr,kind,spread,may_quote,people,quotation_language,source\n"
    rows = "A,Un.,tambour,,,,,s\nB,Deux.,,loin,,,,s\nC,Trois.,,,peut-être,,,s\n"
    rows += "D,Quatre.,,,,mille,,s\nE,Cinq.,,,,,xx,s\nF,,,,,,,s\n"
    found = {one.line: one.key for one in coded.parse(head + rows, coded.Asking(("fr", "en"))).problems}
    reasons = ("kind", "spread", "may_quote", "people", "language")
    assert found == {**{n: f"coded.bad_{key}" for n, key in enumerate(reasons, 2)}, 7: "file.no_text"}
