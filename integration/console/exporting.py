"""Entries as files: CSV for a spreadsheet, JSON Lines for a verifier."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from integration.audit.entry import jsonl_row, leaf, text_of
from integration.console.render import neutral_cell
from integration.services.ports import EntryRow

COLUMNS: Final = (
    "index", "at", "kind", "outcome", "actor", "source", "booking", "pack", "pack_revision", "detail", "leaf_hash",
)  # fmt: skip


def csv_lines(rows: Iterable[EntryRow]) -> Iterator[bytes]:
    """Yield lines of CSV. Times are UTC; no cell is a formula."""
    yield _line(COLUMNS)
    for row in rows:
        assert row.body is not None
        entry = orjson.loads(row.body)
        cells = [
            str(row.leaf_index),
            text_of(row.at),
            *(entry[name] for name in ("kind", "outcome", "actor", "source", "booking", "pack", "pack_revision")),
            orjson.dumps(entry["detail"]).decode(),
            row.leaf_hash.hex(),
        ]
        yield _line([neutral_cell(cell) for cell in cells])


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
