"""Entries as files: CSV and XLSX for a spreadsheet, JSON Lines for a verifier, OCSF for a site's monitoring.

An export is the whole of what was found, as far as the checkpoint that it carries, or it is refused.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

import orjson

from integration.audit.checkpoint import Checkpoint, parse
from integration.audit.entry import jsonl_row, leaf, read_body, text_of
from integration.console.guard import Refused
from integration.console.parts import Parts
from integration.console.render import neutral_cell
from integration.runners.reporting import program_version
from integration.services.ocsf import Log, event_of
from integration.services.ports import EntryRow
from integration.store.search import Wanted

COLUMNS: Final = (
    "index", "at", "kind", "outcome", "actor", "source", "booking", "pack", "pack_revision", "detail", "leaf_hash",
    "log_size", "log_root",
)  # fmt: skip
MOST_IN_BOOK: Final = 100_000
"""Entries of a workbook: it is made whole before it leaves, and people open it on an old PC."""
_LONGEST_CELL: Final = 32_000
"""Characters. A cell of a workbook holds 32,767."""
_AT_ONCE: Final = 1000
_MOST_TO_FILE: Final = 40
"""How often the copy for searching is brought on before an export is refused: 200,000 entries."""
_CHUNK: Final = 1 << 16


class Form(StrEnum):
    """How entries are written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    OCSF = "ocsf"


_TYPES: Final[Mapping[Form, tuple[str, str]]] = {
    Form.CSV: ("csv", "text/csv; charset=utf-8"),
    Form.JSONL: ("jsonl", "application/jsonl"),
    Form.XLSX: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Form.OCSF: ("ocsf.jsonl", "application/jsonl"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is about to leave."""

    content: Iterator[bytes]
    media_type: str
    headers: dict[str, str]


def check_form(given: str) -> Form:
    """Read a format.

    Raises:
        Refused: it is none.
    """
    if given not in set(Form):
        raise Refused(400, f"an export is one of {', '.join(Form)}")
    return Form(given)


def export_of(parts: Parts, wanted: Wanted, form: Form) -> Export:
    """Return what was found, whole, with the root of the log that it is from.

    Raises:
        Refused: the copy for searching is too far behind, or there is more than a workbook holds.
    """
    note = parts.log_end.publish()
    head = parse(note)
    _catch_up(parts, head.size)
    if form is Form.XLSX:
        _check_count(parts, wanted, head.size)
    rows = every(parts, wanted, head.size)
    suffix, media_type = _TYPES[form]
    name = f"holdwatch-audit-{head.size}-{head.root.hex()[:12]}.{suffix}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-log-size": str(head.size),
        "x-log-root": head.root.hex(),
    }
    return Export(_content(parts, form, rows, note), media_type, headers)


def _content(parts: Parts, form: Form, rows: Iterable[EntryRow], note: bytes) -> Iterator[bytes]:
    match form:
        case Form.CSV:
            return csv_lines(rows, parse(note))
        case Form.JSONL:
            return jsonl_lines(rows, note)
        case Form.XLSX:
            return pieces(workbook(rows, note, parts.settings.site.state_dir))
        case Form.OCSF:
            return ocsf_lines(rows, parse(note))


def _catch_up(parts: Parts, size: int) -> None:
    for _ in range(_MOST_TO_FILE):
        if parts.search.size >= size:
            return
        parts.search.follow()
    if (filed := parts.search.size) < size:
        raise Refused(503, f"only {filed} of {size} entries can be searched yet: export again when the rest is filed")


def _check_count(parts: Parts, wanted: Wanted, end: int) -> None:
    """See that a workbook holds it. Raises Refused."""
    if len(parts.search.find(wanted, before=end, limit=MOST_IN_BOOK + 1)) > MOST_IN_BOOK:
        raise Refused(
            413,
            f"more than {MOST_IN_BOOK} entries were found, the most that a workbook is made of: take CSV, or search",
        )


def every(parts: Parts, wanted: Wanted, end: int) -> Iterator[EntryRow]:
    """Yield all entries before a leaf index that are as wanted, newest first."""
    before = end
    while indices := parts.search.find(wanted, before=before, limit=_AT_ONCE):
        # Sealed since it was filed: there is nothing left to hand out.
        yield from (row for row in parts.records.entries_at(indices) if row.body is not None)
        before = indices[-1]


def _cells(row: EntryRow, entry: Mapping[str, Any]) -> list[str]:
    return [
        str(row.leaf_index),
        text_of(row.at),
        *(str(entry[name]) for name in ("kind", "outcome", "actor", "source", "booking", "pack", "pack_revision")),
        orjson.dumps(entry["detail"]).decode(),
        row.leaf_hash.hex(),
    ]


def _read(row: EntryRow) -> Mapping[str, Any]:
    assert row.body is not None
    return read_body(row.body)


def csv_lines(rows: Iterable[EntryRow], head: Checkpoint) -> Iterator[bytes]:
    """Yield lines of CSV. Times are UTC; no cell is a formula or hides a character."""
    yield _line(COLUMNS)
    log = [str(head.size), head.root.hex()]
    for row in rows:
        yield _line([*(neutral_cell(cell) for cell in _cells(row, _read(row))), *log])


def _line(cells: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode(errors="replace")


def jsonl_lines(rows: Iterable[EntryRow], note: bytes) -> Iterator[bytes]:
    """Yield the signed checkpoint, then rows as in ``audit.jsonl``: each says what its leaf commits to."""
    yield orjson.dumps({"checkpoint": note.decode()}, option=orjson.OPT_APPEND_NEWLINE)
    for row in rows:
        assert row.body is not None
        assert row.salt is not None
        yield jsonl_row(row.leaf_index, leaf(row.salt, row.body), row.salt, row.body)


def ocsf_lines(rows: Iterable[EntryRow], head: Checkpoint) -> Iterator[bytes]:
    """Yield one OCSF event a line; each names the log, its size and its root."""
    log = Log(head.origin, head.size, head.root.hex(), program_version())
    for row in rows:
        yield orjson.dumps(event_of(row, _read(row), log), option=orjson.OPT_APPEND_NEWLINE)


def workbook(rows: Iterable[EntryRow], note: bytes, folder: Path) -> IO[bytes]:
    """Write a workbook into a file that is gone once it is closed: a sheet of entries, one with the checkpoint.

    Args:
        rows: the entries.
        note: the signed checkpoint.
        folder: where the parts of the file are put meanwhile.
    """
    stream = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  whoever reads it closes it
    try:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            _fill(stream, scratch, rows, note)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return stream


def _fill(stream: IO[bytes], scratch: str, rows: Iterable[EntryRow], note: bytes) -> None:
    import xlsxwriter  # noqa: PLC0415  twentieths of a second, which no other page has to wait for

    options = {"constant_memory": True, "tmpdir": scratch, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, {**options, "strings_to_numbers": False})
    sheet, count = book.add_worksheet("entries"), 0
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(COLUMNS[:-2]):
        sheet.write_string(0, column, name)
    for count, row in enumerate(rows, 1):
        sheet.write_number(count, 0, row.leaf_index)
        for column, cell in enumerate(_cells(row, _read(row))[1:], 1):
            sheet.write_string(count, column, _cell(cell))
    about, head = book.add_worksheet("log"), parse(note)
    facts = [("Log", head.origin), ("Entries of the log", str(head.size)), ("Root hash", head.root.hex())]
    facts += [("Entries in this file", str(count)), ("Checkpoint", note.decode())]
    for at, (name, value) in enumerate(facts):
        about.write_string(at, 0, name)
        about.write_string(at, 1, value)
    book.close()


def _cell(text: str) -> str:
    text = neutral_cell(text)
    if len(text) <= _LONGEST_CELL:
        return text
    return f"{text[:_LONGEST_CELL]} … ({len(text)} characters: the other formats have them all)"


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece, and close it."""
    with stream:
        while piece := stream.read(_CHUNK):
            yield piece
