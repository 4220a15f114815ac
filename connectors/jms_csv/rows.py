"""From a table's text to records, each with the line that it begins on."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from connectors.jms_csv.encodings import Decoded, decode, has_bad_bytes
from connectors.mapping.coverage import columns_of
from connectors.mapping.model import MappingFile, fold
from connectors.mapping.rows import Row
from schemas.refusals import InvalidEventError, Reason

_WIDE: Final = 4
"""Columns of a table whose row is no sentence with commas."""


def decoded(raw: bytes, mapping: MappingFile) -> Decoded:
    """Read a file's bytes as the mapping says. Raises InvalidEventError: ``too_large`` or ``bad_encoding``."""
    if len(raw) > mapping.input.max_bytes:
        raise InvalidEventError(
            Reason.TOO_LARGE, f"file of {len(raw)} bytes, at most {mapping.input.max_bytes} are read"
        )
    return decode(raw, mapping.input.encoding)


def rows_of(text: str, mapping: MappingFile) -> Iterator[Row]:
    """Yield every row of a table.

    Raises:
        InvalidEventError: the header is no header, or lacks a column that the mapping reads: nothing is used.
    """
    # csv wants line ends as they are; a NUL would end a field for some readers, and is refused with its row.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.input.delimiter, strict=True)
    header = list(mapping.input.columns)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            # What follows an unclosed quote cannot be told apart any more.
            rest = "\n".join(text.splitlines()[line - 1 :])
            refusal = InvalidEventError(
                Reason.BAD_ROW, f"line {line}: not a row, and nothing after it is read: {error}"
            )
            yield Row(f"line {line}", {"rest": rest.encode(errors="replace").decode()}, refusal)
            return
        if cells is None:
            break
        begun, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = _header(cells, begun)
            _check(header, mapping, begun)
            continue
        yield _row(begun, header, cells, mapping.input.delimiter)
    if not header:
        raise InvalidEventError(Reason.BAD_ROW, "line 1: the file has no header")


def _header(cells: Sequence[str], line: int) -> list[str]:
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    if has_bad_bytes("".join(names)):
        raise InvalidEventError(Reason.BAD_ENCODING, f"line {line}: the header holds bytes that its encoding lacks")
    while names and not names[-1]:
        names.pop()  # a delimiter at the end of each line
    if len(set(names)) != len(names) or "" in names:
        raise InvalidEventError(Reason.BAD_ROW, f"line {line}: the header has a column without a name, or one twice")
    return names


def _check(header: Sequence[str], mapping: MappingFile, line: int) -> None:
    columns = columns_of(mapping)
    missing = [column for column in columns if column not in header]
    if not missing:
        return
    # Only the mapping's own names are told: the first line may be a row, and name somebody.
    spelled = {fold(name) for name in header}
    if not any(fold(name) in spelled for name in columns):
        hint = (
            f"line {line} has none of the columns: is it the header, and is {mapping.input.delimiter!r} the delimiter?"
        )
        raise InvalidEventError(Reason.MISSING_FIELD, f"{hint} It lacks {', '.join(missing[:10])}")
    told = [f"{name} (there is one that is spelled otherwise)" if fold(name) in spelled else name for name in missing]
    raise InvalidEventError(Reason.MISSING_FIELD, f"the header lacks {', '.join(told[:10])}")


def _row(line: int, header: Sequence[str], cells: list[str], delimiter: str) -> Row:
    place = f"line {line}"
    extra = cells[len(header) :]
    record: dict[str, Any] = dict(zip(header, cells, strict=False))
    if len(cells) < len(header) or any(cell.strip() for cell in extra):
        record["(more)"] = extra
        refusal = InvalidEventError(Reason.BAD_ROW, f"{place}: {len(cells)} fields, the header has {len(header)}")
        return Row(place, _readable(record), refusal)
    if any(_holds_rows(cell, len(header), delimiter) for cell in cells):
        message = f"{place}: a cell holds the rest of this row and the next: a quote that is no quotation mark"
        return Row(place, _readable(record), InvalidEventError(Reason.BAD_ROW, message))
    if any(has_bad_bytes(cell) for cell in cells):
        refusal = InvalidEventError(Reason.BAD_ENCODING, f"{place}: holds bytes that its encoding does not have")
        return Row(place, _readable(record), refusal)
    return Row(place, record)


def _holds_rows(cell: str, columns: int, delimiter: str) -> bool:
    """Tell whether a cell ends some rows below where it began: it then has a row's delimiters for each line end.

    A writer that does not quote puts two stray quotes into one column, and the rows between them would be a remark.
    """
    lines = len(cell.splitlines()) - 1
    return lines > 0 and columns >= _WIDE and cell.count(delimiter) == lines * (columns - 1)


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    """Write bytes that are no characters so that the rest of the row can be kept as text."""
    return {
        name: value.encode(errors="surrogateescape").decode(errors="backslashreplace")
        if isinstance(value, str)
        else value
        for name, value in record.items()
    }
