"""A mail message to views: every part, every decoding a reader may choose, and a second parser that has to agree."""

from email import message_from_bytes
from email.errors import MessageError
from typing import Final

from integration.contents.fields import Head, split_head
from integration.contents.files import TextType, read_file, read_text
from integration.contents.formats import Format, format_of
from integration.contents.headers import read_headers
from integration.contents.multipart import cut_in_every_way
from integration.contents.parameters import Structured, structured
from integration.contents.reader import LIMITS, Limits, Reader, Reading
from integration.contents.transfer import IDENTITY, KNOWN, decode
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_INSIDE: Final = ".m."
"""In the place of every part of a message inside the message."""
_LONGEST_LINE: Final = 998
_ENCODED: Final = 1.5
"""How much longer a body may be while it is encoded."""
_TEXTUAL: Final = frozenset({Format.TEXT, Format.HTML, Format.XML})
_OPEN_TYPES: Final = frozenset({"application/octet-stream", "application/x-unknown", "application/force-download"})
_ENCRYPTED: Final = frozenset(
    {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted", "multipart/encrypted"}
)
_TYPE_OF: Final = {
    Format.PDF: frozenset({"application/pdf", "application/x-pdf"}),
    Format.IMAGE: frozenset({"image"}),
    Format.SOUND: frozenset({"audio"}),
    Format.VIDEO: frozenset({"video", "audio"}),
    Format.TNEF: frozenset({"application/ms-tnef", "application/vnd.ms-tnef"}),
}
"""Formats whose part has to say so, by type or by main type."""


def read_mail(raw: bytes, limits: Limits = LIMITS) -> Reading:
    """Read a message as it travels, with CRLF. Never raises: what cannot be read is a gap."""
    reader = Reader(limits)
    if len(raw) > limits.message_bytes:
        reader.miss("1", Gap.TOO_LARGE)
        raw = raw[: limits.message_bytes]
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE:
        reader.miss("1", Gap.LONG_LINE)
    _read_entity(reader, raw, "1", 1, "text/plain")
    if not reader.unread and not _parsers_agree(raw, reader.bodies):
        reader.miss("1", Gap.PARSERS_DISAGREE)
    return reader.reading()


def _read_entity(reader: Reader, raw: bytes, part: str, depth: int, default: str) -> None:
    if not reader.enter(part, depth):
        return
    head = split_head(raw, reader.limits.headers)
    read_headers(reader, part, head, attached=_INSIDE in f"{part}.")
    types = [structured(value) for value in head.all("content-type")] or [Structured(default)]
    kinds = {each.value or "text/plain" for each in types}
    for content_type in types:
        _read_typed(reader, head, part, depth, content_type)
    if len(kinds) > 1 and not any(kind.startswith("multipart/") for kind in kinds):
        return
    if len(kinds) > 1 or any(not each.clean for each in types):
        # Whoever does not see the multipart sees its source.
        reader.see(part, "source", Kind.TEXT, head.body.decode("utf-8", "replace"))


def _read_typed(reader: Reader, head: Head, part: str, depth: int, content_type: Structured) -> None:
    kind = content_type.value or "text/plain"
    if kind in _ENCRYPTED:
        reader.miss(part, Gap.ENCRYPTED)
    if kind.startswith("multipart/"):
        if any(each.casefold().strip() not in IDENTITY for each in head.all("content-transfer-encoding")):
            reader.miss(part, Gap.BAD_TRANSFER_ENCODING)
            for body, _ in _decodings(reader, head, part):
                if body != head.body:
                    _read_parts(reader, body, part, depth, content_type)
        _read_parts(reader, head.body, part, depth, content_type)
        return
    for body, way in _decodings(reader, head, part):
        _read_body(reader, body, part, depth, content_type=content_type, encoding=way)


def _read_parts(reader: Reader, body: bytes, part: str, depth: int, content_type: Structured) -> None:
    default = "message/rfc822" if content_type.value == "multipart/digest" else "text/plain"
    pieces = cut_in_every_way(reader, part, body, content_type)
    if not pieces:
        reader.miss(part, Gap.BAD_BOUNDARY)
        reader.see(part, "source", Kind.TEXT, body.decode("utf-8", "replace"))
    for number, piece in enumerate(pieces, start=1):
        _read_entity(reader, piece, f"{part}.{number}", depth + 1, default)


def _decodings(reader: Reader, head: Head, part: str) -> list[tuple[bytes, str]]:
    """Return (bytes, how) for every transfer encoding that a reader may assume; more than one is a gap."""
    if len(head.body) > _ENCODED * reader.limits.part_bytes:
        reader.miss(part, Gap.TOO_LARGE)
        return []
    stated = [value.casefold().strip() for value in head.all("content-transfer-encoding")] or ["7bit"]
    encodings = [each for each in dict.fromkeys(stated) if each in KNOWN]
    doubtful = len(stated) > 1 or not encodings
    results: dict[bytes, str] = {}
    for encoding in encodings:
        decoded, good = decode(head.body, encoding)
        doubtful = doubtful or not good
        results.setdefault(decoded, encoding)
    if doubtful:
        reader.miss(part, Gap.BAD_TRANSFER_ENCODING)
        for encoding in ("7bit", "base64", "quoted-printable"):
            results.setdefault(decode(head.body, encoding)[0], encoding)
    return list(results.items())


def _read_body(reader: Reader, body: bytes, part: str, depth: int, *, content_type: Structured, encoding: str) -> None:
    kind = content_type.value or "text/plain"
    reader.bodies.append(body)
    if kind == "message/partial":
        reader.miss(part, Gap.PARTIAL)
    if kind == "message/external-body":
        reader.miss(part, Gap.EXTERNAL_BODY)
    if kind in {"message/rfc822", "message/global", "message/news", "message/partial", "message/external-body"}:
        reader.bodies.pop()
        if encoding not in IDENTITY:
            reader.miss(part, Gap.BAD_TRANSFER_ENCODING)
        _read_entity(reader, body, f"{part}.m", depth + 1, "text/plain")
        return
    found = format_of(body)
    if _lies(kind, found):
        reader.miss(part, Gap.TYPE_MISMATCH)
    if found in _TEXTUAL:
        _, _, subtype = kind.partition("/")
        charset = content_type.parameters.get("charset", ["us-ascii"])
        if len(charset) > 1:
            reader.miss(part, Gap.BAD_CONTENT_TYPE)
        for each in charset:
            read_text(reader, part, body, TextType(each, found, subtype), depth)
    else:
        read_file(reader, f"{part}.f", body, depth)


def _lies(kind: str, found: Format) -> bool:
    """Tell whether a part is of another format than it says."""
    if kind in _OPEN_TYPES:
        return False
    if found in _TEXTUAL:
        return kind.startswith(("image/", "audio/", "video/")) or kind in {"application/pdf", "application/zip"}
    allowed = _TYPE_OF.get(found)
    if allowed is None:
        return kind.startswith("text/")
    return kind not in allowed and kind.partition("/")[0] not in allowed


def _parsers_agree(raw: bytes, bodies: list[bytes]) -> bool:
    """Tell whether the standard library reads the same bodies out of a message."""
    try:
        found = []
        for piece in message_from_bytes(raw).walk():
            if piece.is_multipart():
                continue
            payload = piece.get_payload(decode=True)
            found.append(payload if isinstance(payload, bytes) else b"")
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, UnicodeError):
        return False
    return sorted(each.strip() for each in found) == sorted(each.strip() for each in bodies)


def read_plain(text: str, limits: Limits = LIMITS) -> Reading:
    """Read a text that is no mail: a network message, a note to be faxed."""
    reader = Reader(limits)
    raw = text.encode("utf-8", "replace")
    read_text(reader, "1", raw, TextType("utf-8", Format.TEXT), 1)
    return reader.reading()
