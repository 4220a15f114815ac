"""A report as CSV and as an XLSX workbook. A cell is never a formula, whatever text stands in it."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from integration.reports.document import Cell, Document, Table
from integration.reports.rendering.html import written

if TYPE_CHECKING:
    from xlsxwriter.format import Format as BookFormat
    from xlsxwriter.worksheet import Worksheet

_FORMULA: Final = re.compile(r"[=+\-@\t\r\n|%]")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The file's date: the same report gives the same bytes."""
_BAD_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME: Final = 31
_WIDTH: Final = 22


def plain(text: str) -> str:
    """Disarm text that a spreadsheet would take for a formula (OWASP, CSV injection)."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def tidy(document: Document) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield every figure by itself: section, table, row, column, value."""
    for name, value in document.facts:
        yield "about", "facts", name, "value", value
    for section in document.sections:
        for at, said in enumerate(section.text, 1):
            yield section.name, "text", str(at), "value", said
        for table in section.tables:
            yield from _tidy(section.name, table)
    for at, note in enumerate((*document.notes, *document.signature[:1]), 1):
        yield "about", "notes", str(at), "value", note


def _tidy(section: str, table: Table) -> Iterator[tuple[str, str, str, str, str]]:
    for row in table.rows:
        for column, cell in zip(table.columns[1:], row[1:], strict=True):
            yield section, table.name, str(row[0]), column, cell if isinstance(cell, str) else written(cell)
    if table.note:
        yield section, table.name, "note", "note", table.note


def comma_separated(document: Document) -> bytes:
    """Write one figure a line: UTF-8, RFC 4180."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(("section", "table", "row", "column", "value"))
    writer.writerows(tuple(plain(cell) for cell in row) for row in tidy(document))
    return stream.getvalue().encode()


def workbook(document: Document) -> bytes:
    """Write a workbook: one sheet about the report, one for each table."""
    import xlsxwriter  # noqa: PLC0415  twentieths of a second, which no other command has to wait for

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"title": document.title, "created": _LONG_AGO})
    bold, names = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), set[str]()
    about = book.add_worksheet("About")
    about.set_column(0, 1, 2 * _WIDTH)
    about.write_string(0, 0, plain(document.title), bold)
    texts = [(section.heading, said) for section in document.sections for said in section.text]
    said = [("Note", note) for note in (*document.notes, *document.signature[:1])]
    for at, (name, value) in enumerate((*document.facts, *texts, *said), 2):
        about.write_string(at, 0, plain(name))
        about.write_string(at, 1, plain(value))
    for section in document.sections:
        for table in section.tables:
            sheet = book.add_worksheet(_sheet_name(table.name, names))
            _fill(sheet, table, bold)
    book.close()
    return stream.getvalue()


def _fill(sheet: "Worksheet", table: Table, bold: "BookFormat") -> None:
    sheet.set_column(0, 0, 2 * _WIDTH)
    sheet.set_column(1, max(1, len(table.columns) - 1), _WIDTH)
    sheet.write_string(0, 0, plain(table.caption), bold)
    for column, head in enumerate(table.columns):
        sheet.write_string(1, column, plain(head), bold)
    sheet.freeze_panes(2, 1)
    for row, cells in enumerate(table.rows, 2):
        for column, cell in enumerate(cells):
            _write(sheet, row, column, cell)
    if table.note:
        sheet.write_string(len(table.rows) + 3, 0, plain(table.note))


def _write(sheet: "Worksheet", row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, plain(cell))
    else:
        sheet.write_number(row, column, cell)


def _sheet_name(name: str, taken: set[str]) -> str:
    base = _BAD_IN_NAMES.sub("_", name)[:_LONGEST_NAME]
    chosen, number = base, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{base[: _LONGEST_NAME - 3]}_{number}"
    taken.add(chosen.casefold())
    return chosen
