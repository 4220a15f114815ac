"""The records of one file, by the form that its mapping declares."""

from collections.abc import Iterator

from connectors.jms_csv.rows import decoded, rows_of
from connectors.mapping.model import MappingFile
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, json_rows
from schemas.refusals import InvalidEventError


def file_rows(raw: bytes, mapping: MappingFile) -> Iterator[Row]:
    """Yield the records of a file. A document that cannot be used at all is one refused row."""
    try:
        if mapping.input.format == "json":
            yield from checked(json_rows(raw, mapping.input.rows), mapping)
        else:
            yield from rows_of(decoded(raw, mapping).text, mapping)
    except InvalidEventError as error:
        yield Row("", {"document": raw.decode(errors="backslashreplace")}, error)
