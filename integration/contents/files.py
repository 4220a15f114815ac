"""A file of any format to its views: the one place that says which formats are read and which are gaps."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from integration.contents.archives import inflate, members
from integration.contents.charsets import texts_of
from integration.contents.formats import Format, format_of
from integration.contents.html import read_html
from integration.contents.inline import hidden_in
from integration.contents.office import is_document, parse_xml, read_document, text_of
from integration.contents.reader import Reader
from integration.contents.tnef import plain_rtf, read_tnef
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_GAPS: Final = {
    Format.IMAGE: Gap.IMAGE,
    Format.SOUND: Gap.SOUND,
    Format.VIDEO: Gap.VIDEO,
    Format.ARCHIVE: Gap.UNSUPPORTED,
    Format.OLE: Gap.UNSUPPORTED,
    Format.ENCRYPTED: Gap.ENCRYPTED,
    Format.BINARY: Gap.UNKNOWN_BINARY,
}
_WIDEST: Final = 4
"""Bytes of the widest character."""
_TEXTS: Final = frozenset({Format.TEXT, Format.HTML, Format.XML})
_FOLDED: Final = re.compile(r"\r?\n[ \t]")
_ESCAPED: Final = re.compile(r"\\([nN,;\\])")
_STRINGS: Final = re.compile(rb"[\x20-\x7e]{8,}")
_MOST_STRINGS: Final = 100_000


def read_file(reader: Reader, part: str, raw: bytes, depth: int) -> None:
    """Add the views of a file, by what it is."""
    if not raw:
        return
    if not reader.enter(part, depth):
        return
    if len(raw) > reader.limits.part_bytes:
        reader.miss(part, Gap.TOO_LARGE)
        return
    found = format_of(raw)
    read = _READERS.get(found)
    if read is not None:
        read(reader, part, raw, depth)
        return
    if found in _TEXTS:
        charset = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        read_text(reader, part, raw, TextType(charset, found), depth)
        return
    reader.miss(part, _GAPS[found])
    if found in {Format.OLE, Format.BINARY}:
        _see_strings(reader, part, raw)


def _read_pdf(reader: Reader, part: str, raw: bytes, _depth: int) -> None:
    # The library takes a tenth of a second to import, and few messages hold a PDF.
    from integration.contents.pdf import read_pdf  # noqa: PLC0415

    read_pdf(reader, part, raw)


def _read_stream(reader: Reader, part: str, raw: bytes, depth: int) -> None:
    unpacked = inflate(reader, part, raw, format_of(raw).value)
    if unpacked is not None:
        read_file(reader, f"{part}/1", unpacked, depth + 1)


def _read_rtf(reader: Reader, part: str, raw: bytes, _depth: int) -> None:
    reader.miss(part, Gap.UNSUPPORTED)
    reader.see(part, "rtf", Kind.TEXT, plain_rtf(raw))


def _see_strings(reader: Reader, part: str, raw: bytes) -> None:
    """Show the readable runs of a file that is not read: not enough to pass it, enough to say what it may hold."""
    runs = b"\n".join(_STRINGS.findall(raw[:_MOST_STRINGS]))
    reader.see(part, "strings", Kind.FILED, runs.decode("ascii"))


def _read_zip(reader: Reader, part: str, raw: bytes, depth: int) -> None:
    names = _names(raw)
    if is_document(names):
        read_document(reader, part, raw, depth + 1, read_file)
        return
    for inner, _, content in members(reader, part, raw, depth + 1):
        read_file(reader, inner, content, depth + 2)


def _names(raw: bytes) -> list[str]:
    """Return which of the marks of a document stand in an archive, without opening it."""
    return [mark for mark in ("[Content_Types].xml", "mimetype") if mark.encode() in raw]


@dataclass(frozen=True, slots=True)
class TextType:
    """What a text is said to be, and what it looks like."""

    charset: str
    """As declared."""
    found: Format
    """What the bytes look like."""
    subtype: str = "plain"
    """Of ``text/``, as declared."""


def read_text(reader: Reader, part: str, raw: bytes, kind: TextType, depth: int) -> None:
    """Add every reading of a text: its charsets, its markup, what is encoded in it.

    Args:
        reader: collects.
        part: where it stands.
        raw: the bytes, without transfer encoding.
        kind: what it is.
        depth: how deep the part lies.
    """
    most = _WIDEST * reader.limits.text
    if len(raw) > most:
        reader.miss(part, Gap.TOO_MUCH_TEXT)
        raw = raw[:most]
    if reader.is_full:
        reader.miss(part, Gap.TOO_MUCH_TEXT)
        return
    for name, text in texts_of(reader, part, raw, kind.charset):
        if len(text) > reader.limits.text:
            reader.miss(part, Gap.TOO_MUCH_TEXT)
        said = _read_one(reader, part, name, text[: reader.limits.text].removeprefix("\ufeff"), kind)
        _read_hidden(reader, part, name, said, depth)
    if kind.found is Format.XML or kind.subtype in {"xml", "xhtml+xml"}:
        root = parse_xml(reader, part, raw)
        if root is not None:
            reader.see(part, "xml", Kind.TEXT, text_of(root))


def _read_one(reader: Reader, part: str, how: str, text: str, kind: TextType) -> str:
    """Add a text as it is shown, and return it."""
    subtype = kind.subtype
    if subtype in {"html", "xhtml+xml"}:
        return read_html(reader, part, how, text)
    if kind.found is Format.HTML:
        read_html(reader, part, how, text)
    if subtype in {"calendar", "vcard", "x-vcard", "directory"} or text.startswith(("BEGIN:VCALENDAR", "BEGIN:VCARD")):
        unfolded = _ESCAPED.sub(lambda each: "\n" if each.group(1) in "nN" else each.group(1), _FOLDED.sub("", text))
        reader.see(part, f"{how} unfolded", Kind.TEXT, unfolded)
        return unfolded
    if subtype in {"enriched", "richtext", "rtf"}:
        reader.miss(part, Gap.UNSUPPORTED)
    reader.see(part, how, Kind.TEXT, text)
    return text


def _read_hidden(reader: Reader, part: str, how: str, text: str, depth: int) -> None:
    for number, (way, what) in enumerate(hidden_in(text), start=1):
        if isinstance(what, str):
            if what.strip() and what != text:
                if way != "entities in text":
                    reader.miss(part, Gap.HIDDEN_ENCODING)
                reader.see(part, f"{how} {way}", Kind.TEXT, what)
        elif format_of(what) not in {Format.BINARY, Format.TEXT} or way in {"uuencode", "yenc"}:
            reader.miss(part, Gap.HIDDEN_ENCODING)
            read_file(reader, f"{part}~{number}", what, depth + 1)


_READERS: Final[dict[Format, Callable[[Reader, str, bytes, int], None]]] = {
    Format.PDF: _read_pdf,
    Format.ZIP: _read_zip,
    Format.GZIP: _read_stream,
    Format.BZIP2: _read_stream,
    Format.XZ: _read_stream,
    Format.TNEF: lambda reader, part, raw, depth: read_tnef(reader, part, raw, depth, read_file),
    Format.RTF: _read_rtf,
}
