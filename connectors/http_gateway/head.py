"""The head of an HTTP request, byte for byte: refused wherever two readers could see two requests in it.

RFC 9112 lets a server be lenient about line ends, folded lines and repeated lengths. Every one of these leniencies is a
known way to smuggle a request past whoever judges it (RFC 9112 section 11.2), so none of them is taken here.
"""

import re
from enum import StrEnum
from typing import Final

LONGEST: Final = 32 * 1024
"""Bytes of a head."""
_MOST_FIELDS: Final = 100
_LINE: Final = re.compile(rb"([A-Z]{3,10}) (\S+) HTTP/1\.([01])")
_TARGET: Final = re.compile(rb"/[!-~]*")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
_HOST: Final = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_CONNECTION: Final = frozenset({b"close", b"keep-alive"})
_REPEATABLE: Final = frozenset(
    {b"accept", b"accept-language", b"accept-encoding", b"via", b"x-forwarded-for", b"cookie"}
)
_UPGRADES: Final = frozenset({b"upgrade", b"http2-settings", b"sec-websocket-key"})
_DIGITS: Final = re.compile(rb"[0-9]{1,15}")


class HeadFault(StrEnum):
    """Why a request is refused before anything of it is judged."""

    BARE_LINE_END = "bare_line_end"
    """A CR or an LF without the other, or a NUL."""
    BAD_REQUEST_LINE = "bad_request_line"
    BAD_TARGET = "bad_target"
    """Not a path: an absolute URL beside a Host field, an asterisk, CONNECT's host and port."""
    FOLDED_FIELD = "folded_field"
    """A line that begins with white space (obs-fold)."""
    BAD_FIELD = "bad_field"
    DUPLICATE_FIELD = "duplicate_field"
    BAD_LENGTH = "bad_length"
    LENGTH_AND_ENCODING = "length_and_encoding"
    """Content-Length and Transfer-Encoding."""
    BAD_ENCODING = "bad_encoding"
    """A transfer encoding other than one ``chunked``."""
    BAD_HOST = "bad_host"
    BAD_CONNECTION = "bad_connection"
    """A Connection field that names others: whoever obeys it takes them away."""
    UPGRADE = "upgrade"
    """Another protocol on this connection (WebSocket, h2c): nobody could judge it."""
    BAD_EXPECTATION = "bad_expectation"
    TOO_LARGE = "too_large"
    PIPELINED = "pipelined"
    """Bytes after the request, before it was answered."""


def head_fault(head: bytes) -> HeadFault | None:
    """Return what forbids a request, or None.

    Args:
        head: from its first byte to the empty line, that line included.
    """
    rest = head.replace(b"\r\n", b"")
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if len(head) > LONGEST or len(lines) > _MOST_FIELDS:
        return HeadFault.TOO_LARGE
    if any(sign in rest for sign in (b"\0", b"\r", b"\n")):
        return HeadFault.BARE_LINE_END
    line = _LINE.fullmatch(first)
    if line is None or not _TARGET.fullmatch(line[2]):
        return HeadFault.BAD_TARGET if line else HeadFault.BAD_REQUEST_LINE
    fields: dict[bytes, list[bytes]] = {}
    for each in lines:
        field = _FIELD.fullmatch(each)
        if field is None:
            return HeadFault.FOLDED_FIELD if each[:1] in {b" ", b"\t"} else HeadFault.BAD_FIELD
        fields.setdefault(field[1].lower(), []).append(field[2])
    return _field_fault(fields, is_old=line[3] == b"0")


def _field_fault(fields: dict[bytes, list[bytes]], *, is_old: bool) -> HeadFault | None:
    lengths, encodings = fields.get(b"content-length", []), fields.get(b"transfer-encoding", [])
    if lengths and encodings:
        return HeadFault.LENGTH_AND_ENCODING
    hosts = fields.get(b"host", [])
    named = {token.strip().lower() for value in fields.get(b"connection", []) for token in value.split(b",")}
    faults = (
        (len(lengths) > 1 or any(not _DIGITS.fullmatch(each) for each in lengths), HeadFault.BAD_LENGTH),
        (
            len(encodings) > 1 or any(each.lower() != b"chunked" for each in encodings) or bool(encodings and is_old),
            HeadFault.BAD_ENCODING,
        ),
        (bool(_UPGRADES & fields.keys()) or b"upgrade" in named, HeadFault.UPGRADE),
        (len(hosts) != 1 or not _HOST.fullmatch(hosts[0]), HeadFault.BAD_HOST),
        (bool(named - _CONNECTION), HeadFault.BAD_CONNECTION),
        (any(each.lower() != b"100-continue" for each in fields.get(b"expect", [])), HeadFault.BAD_EXPECTATION),
        (
            any(len(values) > 1 and name not in _REPEATABLE for name, values in fields.items()),
            HeadFault.DUPLICATE_FIELD,
        ),
    )
    return next((fault for broken, fault in faults if broken), None)
