"""Each format says what the document says: golden HTML and CSV, a workbook, JSON by its schema, a tagged PDF."""

import csv
import io
import re
import subprocess
from html import unescape
from pathlib import Path

import openpyxl
import orjson
import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from pypdf import PdfReader

from integration.policy.pack import load
from integration.reports.asked import Format
from integration.reports.document import Document, Plot, Section, Shape, Table
from integration.reports.making import make
from integration.reports.rendering.formats import file_name, render
from integration.reports.rendering.sheets import plain
from integration.reports.rendering.svg import svg
from schemas.reports import Report
from tests.reports.logs import PACK, asked, bodies
from tests.reports.story import CANARIES

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "reports"
KINDS = ("council", "parity", "holds", "gate")


@pytest.fixture(scope="module")
def made(story, story_size):
    documents = {}
    for kind in KINDS:
        request = asked(kind, story_size)
        documents[kind] = (make(request, bodies(story)), request)
    return documents


@pytest.mark.parametrize("form", [Format.HTML, Format.CSV])
@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_the_golden_file_when_it_is_made_from_the_story(made, kind, form):
    """When a change is meant: delete the file, run the test, read the difference."""
    path = GOLDEN / f"{kind}.{form.value}"
    # A pack may change without the figures; its revision is what changes with it.
    content = render(*made[kind], form).replace(load(PACK).revision.encode(), b"REVISION")
    if not path.exists():
        path.write_bytes(content)
        pytest.fail(f"{path} was missing and is written anew; read it before it is kept")
    assert content.decode() == path.read_bytes().decode()


@pytest.mark.parametrize("form", list(Format))
def test_a_report_has_the_same_bytes_when_it_is_written_twice(made, form):
    assert render(*made["council"], form) == render(*made["council"], form)


@pytest.mark.parametrize("form", [Format.HTML, Format.CSV, Format.JSON])
def test_no_name_is_in_a_report_when_every_input_had_one(made, form):
    for document, request in made.values():
        content = render(document, request, form).decode()
        assert not [canary for canary in CANARIES if canary in content]


def cells(document: Document) -> list[tuple[str, tuple[object, ...]]]:
    return [(t.name, row) for section in document.sections for t in section.tables for row in t.rows]


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_holds_the_tables_when_another_program_reads_it(made, kind):
    document, request = made[kind]
    book = openpyxl.load_workbook(io.BytesIO(render(document, request, Format.XLSX)))
    for section in document.sections:
        for table in section.tables:
            sheet = book[table.name[:31]]
            read = list(sheet.iter_rows(values_only=True))
            wide = len(table.columns)
            assert read[1][:wide] == table.columns
            for row, found in zip(table.rows, read[2:], strict=False):
                assert tuple("" if cell is None else cell for cell in found[:wide]) == row


@pytest.mark.parametrize("kind", KINDS)
def test_json_keeps_its_schema_and_its_figures_when_it_is_read(made, kind):
    document, request = made[kind]
    content = render(document, request, Format.JSON)
    schema = orjson.loads((ROOT / "schemas" / "json" / "report.schema.json").read_bytes())
    Draft202012Validator(schema).validate(orjson.loads(content))
    report = Report.model_validate_json(content)
    found = [(t.name, tuple(row)) for section in report.sections for t in section.tables for row in t.rows]
    assert found == cells(document)


DANGEROUS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "|cmd", "%0A=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_is_no_formula_when_it_looks_like_one(text):
    table = Table("x", text, ("Name", text), ((text, text),), text)
    document = Document("gate", text, (("Fact", text),), (Section("s", "S", (text,), (table,)),))
    request = asked("gate", 1)
    read = list(csv.reader(io.StringIO(render(document, request, Format.CSV).decode(), newline="")))
    assert not [cell for row in read for cell in row if cell and cell[0] in "=+-@\t\r|%"]
    book = openpyxl.load_workbook(io.BytesIO(render(document, request, Format.XLSX)))
    values = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell for cell in values if cell.data_type == "f" or str(cell.value)[0] in "=+-@\t\r|%"]


@pytest.mark.parametrize("number", ["-5", "+5", "-120.50"])
def test_a_number_stays_one_when_it_has_a_sign(number):
    assert plain(number) == number


def test_a_page_is_well_formed_and_fetches_nothing_when_it_is_html(made):
    for document, request in made.values():
        page = render(document, request, Format.HTML).decode()
        assert "<script" not in page
        assert not re.search(r'(src|href)="(?!data:)', page)
        assert page.count("<h1>") == 1
        heads = re.findall(r"<table.*?</table>", page, re.DOTALL)
        assert all("<caption>" in head and 'scope="col"' in head for head in heads)
        assert all('alt="' in image for image in re.findall(r"<img[^>]*>", page))


def words(text: str) -> list[str]:
    return re.findall(r"[^\s\u00ad-]+", text.replace("\u2010", ""))


def squeezed(text: str) -> str:
    """Text without white space and hyphens, where lines may break."""
    return "".join(words(text))


@pytest.fixture(scope="module")
def pdfs(made):
    return {kind: render(*made[kind], Format.PDF) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_says_what_the_page_says_when_its_text_is_read(made, pdfs, kind):
    read = squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdfs[kind])).pages))
    page = render(*made[kind], Format.HTML).decode().partition("<body>")[2]
    pieces = [unescape(piece).strip() for piece in re.split(r"<[^>]*>", page)]
    # A page's foot may stand between two lines of a cell: long texts are looked for word by word.
    missing = [piece for piece in pieces if piece and not all(squeezed(word) in read for word in piece.split())]
    assert missing == []
    for name, row in cells(made[kind][0]):
        figures = "".join(squeezed(f"{c:.2f}" if isinstance(c, float) else str(c)) for c in row[1:])
        assert figures in read, (name, row)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_has_its_tags_when_it_is_read(pdfs, made, kind):
    reader = PdfReader(io.BytesIO(pdfs[kind]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    meta = etree.fromstring(root["/Metadata"].get_data())
    part = meta.find(".//{http://www.aiim.org/pdfua/ns/id/}part")
    about = meta.find(
        ".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description[@{http://www.aiim.org/pdfua/ns/id/}part]"
    )
    assert (part is not None and part.text == "1") or about is not None
    tags = tags_of(root["/StructTreeRoot"])
    document = made[kind][0]
    tables = sum(len(section.tables) for section in document.sections) + 1
    assert tags.count("/Table") >= tables, "one that goes over a page's end has a tag on each page"
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == len(document.sections)
    assert tags.count("/Figure") == sum(len(section.plots) for section in document.sections)
    assert tags.count("/TH") > tables
    assert not reader.metadata or "/CreationDate" not in reader.metadata


def tags_of(node) -> list[str]:
    node = node.get_object()
    if not hasattr(node, "get"):
        return []
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    found = [str(node["/S"])] if "/S" in node else []
    for kid in kids:
        if hasattr(kid, "get_object"):
            found += tags_of(kid)
    return found


@pytest.mark.by_hand
def test_a_pdf_is_pdf_ua_when_verapdf_reads_it(pdfs, tmp_path):
    """Fetches 17 MB of jars from Maven Central, once."""
    folder = Path(__file__).with_name("verapdf")
    path = tmp_path / "classpath"
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={path}"],
        cwd=folder, check=True, timeout=600,
    )  # fmt: skip
    files = []
    for kind, content in pdfs.items():
        (tmp_path / f"{kind}.pdf").write_bytes(content)
        files.append(tmp_path / f"{kind}.pdf")
    command = ["java", "-cp", path.read_text().strip(), folder / "Check.java", *files]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count(": true, ") == len(KINDS)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [3.0], [1.0, 1000.0, 0.01], [float(n) for n in range(40)]])
@pytest.mark.parametrize("shape", list(Shape))
def test_a_plot_is_drawn_inside_its_frame_when_numbers_are_odd(shape, values):
    labels = tuple(f"<{n}>" for n in range(len(values)))
    plot = Plot("p", "A & B", "<what>", shape, "%", labels, {"one": values, "two": values[::-1]})
    root = etree.fromstring(svg(plot).encode())
    assert root.findtext("{*}title") == "A & B"
    assert root.findtext("{*}desc") == "<what>"
    for rect in root.iterfind("{*}rect"):
        assert float(rect.get("height")) >= 0
        assert 0 <= float(rect.get("x", 0)) <= 720
    drawn = [float(dot.get("cy")) for dot in root.iterfind("{*}circle")]
    assert all(40 <= y <= 236 for y in drawn)


def test_files_are_told_apart_when_they_lie_in_one_folder():
    names = {
        file_name(asked(kind, 1, facility=facility, public=public), form)
        for kind in KINDS for facility in ("", "/jms/a") for public in (True, False) for form in Format
    }  # fmt: skip
    assert len(names) == len(KINDS) * 2 * 2 * len(Format)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
