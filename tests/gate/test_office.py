"""Documents as office programs write them: status alone passes, and nothing that a reader is shown is passed over."""

import gzip
import io
import struct
import zipfile

import openpyxl
import pytest
import xlsxwriter

from tests.gate.files import XML, archive, docx
from tests.gate.judging import PACKS, decided, examined
from tests.gate.mails import attached

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LINES = ("Name", "Juan Perez"), ("Citizenship", "Mexico"), ("Immigration status", "lawful permanent resident")
SAID = "Juan Perez released Tuesday 0730"


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    for line in LINES:
        book.active.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def by_xlsxwriter() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    for number, line in enumerate(LINES):
        sheet.write_row(number, 0, line)
    book.close()
    return stream.getvalue()


def word(attributes: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A document with the parts that Word writes; ``attributes`` are put into its paragraph as they are."""
    text = f"<w:p>{attributes}<w:r><w:t>Citizenship: Mexico</w:t></w:r></w:p>"
    return archive(
        {
            "[Content_Types].xml": XML + b"<Types/>",
            "_rels/.rels": XML + b"<Relationships/>",
            "word/_rels/document.xml.rels": XML + b"<Relationships/>",
            "word/document.xml": XML + f'<w:document xmlns:w="{W}"><w:body>{text}</w:body></w:document>'.encode(),
            "word/styles.xml": XML + f'<w:styles xmlns:w="{W}"><w:name w:val="Table Grid"/></w:styles>'.encode(),
            "word/theme/theme1.xml": XML + b'<theme name="Office Theme"/>',
            "docProps/app.xml": XML + b"<Properties/>",
            **(more or {}),
        }
    )


def relation(kind: str) -> dict[str, bytes]:
    target = f'<Relationship Id="r1" Type="http://x/{kind}" TargetMode="External" Target="file:///t.dotm"/>'
    return {"word/_rels/settings.xml.rels": XML + f"<Relationships>{target}</Relationships>".encode()}


def with_extra(number: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        info = zipfile.ZipInfo("status.txt")
        info.extra = struct.pack("<HH", number, len(SAID)) + SAID.encode()
        opened.writestr(info, "Citizenship: Mexico")
    return stream.getvalue()


def with_room() -> bytes:
    """Bytes that no directory lists stand before the directory."""
    raw = archive({"status.txt": b"Citizenship: Mexico"})
    directory = raw.find(b"PK\x01\x02")
    end = raw.rfind(b"PK\x05\x06")
    moved = struct.pack("<I", directory + 200)
    return raw[:directory] + SAID.ljust(200).encode() + raw[directory : end + 16] + moved + raw[end + 20 :]


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=stream, mtime=0) as opened:
        opened.write(b"Citizenship: Mexico")
    return stream.getvalue()


def permitted(raw: bytes, kind: str = DOCX) -> bool:
    seen = examined(attached(raw, kind))
    return all(decided(seen, name).permit for name in PACKS)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (by_openpyxl(), XLSX),
        (by_xlsxwriter(), XLSX),
        (word(), DOCX),
        (docx("Citizenship: Mexico"), DOCX),
        (zipped("status.txt"), "application/gzip"),
    ],
    ids=["openpyxl", "xlsxwriter", "word", "plain", "gzip"],
)
def test_document_is_permitted_when_it_tells_status_alone(raw, kind):
    assert permitted(raw, kind)


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (word(f'<w:ins w:author="{SAID}"/>'), "the author of a change is shown beside it"),
        (word(f'<w:sdt><w:sdtPr><w:alias w:val="{SAID}"/></w:sdtPr></w:sdt>'), "a control's title is shown"),
        (word(f'<w:listItem w:displayText="{SAID}"/>'), "an entry of a list"),
        (word(f'<w:fldSimple w:instr=" QUOTE &quot;{SAID}&quot; "/>'), "a field's result"),
        (word(f'<w:lvlText w:val="{SAID}"/>'), "the text before a list's items"),
        (word(more=relation("attachedTemplate")), "a template from elsewhere brings its own words"),
        (word(more=relation("image")), "a picture from elsewhere"),
        (word(more={"mimetype": SAID.encode()}), "what says the type can say anything"),
        (word(more={f"word/{SAID}.xml": XML + b"<x/>"}), "the name of a part"),
        (with_extra(0x7075), "another name of the file, for other readers"),
        (with_extra(0xABCD), "a field that nobody knows"),
        (with_room(), "bytes that the directory passes over"),
        (zipped(f"{SAID}.txt"), "the name inside a gzip stream"),
    ],
    ids=range(13),
)
def test_document_is_blocked_when_something_in_it_says_more(raw, because):
    kind = "application/gzip" if raw[:2] == b"\x1f\x8b" else DOCX
    assert not permitted(raw, kind), because
