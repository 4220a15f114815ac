"""Transfer encodings: decoded strictly to tell whether they are well formed, and loosely to see what a reader would."""

import base64
import binascii
import quopri
import re
from typing import Final

_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/\r\n \t]*)(?:={0,2})[\r\n \t]*")
_BLANKS: Final = re.compile(rb"[\r\n \t]")
_JUNK: Final = re.compile(rb"[^A-Za-z0-9+/]")
_SOFT: Final = re.compile(rb"=(?:[0-9A-F]{2}|[ \t]*\r\n)|[\x21-\x3c\x3e-\x7e \t\r\n]")
_QUOTED: Final = re.compile(rb"(?:[\x21-\x3c\x3e-\x7e \t]|\r\n|=[0-9A-F]{2}|=\r\n)*=?")
_BITS: Final = 4
IDENTITY: Final = frozenset({"7bit", "8bit", "binary"})
KNOWN: Final = frozenset({*IDENTITY, "base64", "quoted-printable"})
"""Transfer encodings of MIME (RFC 2045 section 6)."""


def decode(raw: bytes, encoding: str) -> tuple[bytes, bool]:
    """Decode a body; tells too whether it is well formed."""
    if encoding == "base64":
        bare = _BLANKS.sub(b"", raw)
        strict = _BASE64.fullmatch(raw) is not None and len(bare) % _BITS == 0
        return loose_base64(raw), strict
    if encoding == "quoted-printable":
        return quopri.decodestring(raw), _QUOTED.fullmatch(raw) is not None
    if encoding == "7bit":
        return raw, raw.isascii()
    return raw, encoding in IDENTITY


def loose_base64(raw: bytes) -> bytes:
    """Decode base64 as the most lenient reader does: junk is passed over, every padded piece is decoded."""
    pieces = []
    for piece in re.split(rb"=+", raw):
        bare = _JUNK.sub(b"", piece)
        if len(bare) % _BITS == 1:
            bare = bare[:-1]
        try:
            pieces.append(base64.b64decode(bare + b"=" * (-len(bare) % _BITS)))
        except (binascii.Error, ValueError):
            continue
    return b"".join(pieces)


def uudecode(lines: list[bytes]) -> bytes:
    """Decode the lines between ``begin`` and ``end``; a line that is none is passed over."""
    decoded = []
    for line in lines:
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(decoded)


def ydecode(raw: bytes) -> bytes:
    """Decode the data lines of yEnc."""
    out = bytearray()
    escaped = False
    for byte in raw:
        if byte in b"\r\n":
            continue
        if byte == ord("=") and not escaped:
            escaped = True
            continue
        out.append((byte - (106 if escaped else 42)) % 256)
        escaped = False
    return bytes(out)
