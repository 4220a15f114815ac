"""Reading files of any size, one input at a time."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from integration.services.intake import Input

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

MapDocument = Callable[[str, bytes], Iterable[Input]]
"""From a place and an XML document to inputs, refused ones included."""


def read_lines(name: str, stream: BinaryIO) -> Iterator[Input]:
    """Yield each line of a JSON Lines stream. Empty lines are skipped but counted, so that places are true.

    Args:
        name: how places call the stream, usually the path.
        stream: binary; a byte order mark at its start is dropped.
    """
    for number, line in enumerate(stream, start=1):
        raw = line.rstrip(b"\r\n")
        if number == 1:
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        if raw.strip():
            yield Input(f"{name}:{number}", raw)


def read_file(path: Path, map_document: MapDocument, *, name: str | None = None) -> Iterator[Input]:
    """Yield the inputs of one file: an XML document by its ending, else JSON Lines.

    Args:
        path: where it is.
        map_document: reads XML documents.
        name: how places call it; the path, if not given.

    Raises:
        OSError: the file cannot be read.
    """
    # A file's name is bytes: one that is no text would make an entry that cannot be written.
    shown = (name or str(path)).encode(errors="backslashreplace").decode()
    if path.suffix.lower() == ".xml":
        yield from map_document(shown, path.read_bytes())
        return
    with path.open("rb") as stream:
        yield from read_lines(shown, stream)
