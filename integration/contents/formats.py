"""What a file is, by its first bytes, never by its name or its stated type."""

import re
from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """Formats that are told apart."""

    TEXT = "text"
    HTML = "html"
    XML = "xml"
    PDF = "pdf"
    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    TNEF = "tnef"
    OLE = "ole"
    RTF = "rtf"
    IMAGE = "image"
    SOUND = "sound"
    VIDEO = "video"
    ARCHIVE = "archive"
    """An archive that is not looked into: 7z, RAR, tar, cabinet."""
    ENCRYPTED = "encrypted"
    BINARY = "binary"


_MAGIC: Final = (
    (b"%PDF-", Format.PDF),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"PK\x07\x08", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x78\x9f\x3e\x22", Format.TNEF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.OLE),
    (b"{\\rt", Format.RTF),
    (b"7z\xbc\xaf\x27\x1c", Format.ARCHIVE),
    (b"Rar!\x1a\x07", Format.ARCHIVE),
    (b"MSCF", Format.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Format.ARCHIVE),
    (b"!<arch>", Format.ARCHIVE),
    (b"\x89PNG\r\n\x1a\n", Format.IMAGE),
    (b"\xff\xd8\xff", Format.IMAGE),
    (b"GIF8", Format.IMAGE),
    (b"BM", Format.IMAGE),
    (b"II*\x00", Format.IMAGE),
    (b"MM\x00*", Format.IMAGE),
    (b"\x00\x00\x01\x00", Format.IMAGE),
    (b"8BPS", Format.IMAGE),
    (b"\xc5\xd0\xd3\xc6", Format.IMAGE),
    (b"%!PS", Format.IMAGE),
    (b"ID3", Format.SOUND),
    (b"OggS", Format.SOUND),
    (b"fLaC", Format.SOUND),
    (b"#!AMR", Format.SOUND),
    (b"\xff\xfb", Format.SOUND),
    (b"\xff\xf3", Format.SOUND),
    (b"\x1aE\xdf\xa3", Format.VIDEO),
    (b"FLV\x01", Format.VIDEO),
    (b"-----BEGIN PGP MESSAGE", Format.ENCRYPTED),
)
_RIFF: Final = {b"WEBP": Format.IMAGE, b"WAVE": Format.SOUND, b"AVI ": Format.VIDEO}
_FTYP: Final = {
    b"heic": Format.IMAGE,
    b"heix": Format.IMAGE,
    b"avif": Format.IMAGE,
    b"mif1": Format.IMAGE,
    b"M4A ": Format.SOUND,
}
_HTML: Final = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body|meta|table|div|p|span|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML: Final = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
_PDF_NEAR: Final = 1024
_TAR_MAGIC: Final = slice(257, 262)
_SAMPLE: Final = 4096
_CONTROLS: Final = bytes(sorted(frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}))
_BOMS: Final = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def format_of(raw: bytes) -> Format:
    """Return what a file is."""
    bare = raw.removeprefix(b"\xef\xbb\xbf")
    for magic, found in _MAGIC:
        if bare.startswith(magic) and not (magic == b"BM" and _is_text(raw)):
            return found
    for mark, kinds, other in (
        (bare[:4] == b"RIFF", _RIFF, Format.BINARY),
        (bare[4:8] == b"ftyp", _FTYP, Format.VIDEO),
    ):
        if mark:
            return kinds.get(bare[8:12], other)
    if raw[_TAR_MAGIC] == b"ustar":
        return Format.ARCHIVE
    if b"%PDF-" in raw[:_PDF_NEAR]:
        return Format.PDF
    return _text_format(bare) if _is_text(raw) else Format.BINARY


def _text_format(bare: bytes) -> Format:
    if _HTML.match(bare):
        return Format.HTML
    return Format.XML if _XML.match(bare) else Format.TEXT


def _is_text(raw: bytes) -> bool:
    """Tell whether bytes could be a text in some charset."""
    sample = raw[:_SAMPLE]
    if raw.startswith(_BOMS):
        return True
    if b"\0" in sample:
        # UTF-16 without a mark has a zero beside most letters, and text has no other control characters.
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        wide = max(even, odd) * 5 >= len(sample) // 2 * 4
        return wide and not _holds_controls(sample.replace(b"\0", b""))
    return not _holds_controls(sample)


def _holds_controls(sample: bytes) -> bool:
    return len(sample.translate(None, _CONTROLS)) < len(sample)
