"""Archives and compressed streams: unpacked within the limits, member by member."""

import bz2
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

ZIP_ERRORS: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
)
"""All that the standard library raises on a broken archive."""
_ENCRYPTED: Final = 0x1
_LOCAL: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_MOST_RATIO: Final = 200
"""A file that grows by more than this is a bomb."""
_HEADER: Final = 30
_DESCRIPTOR: Final = 24
"""Bytes that may follow a member (APPNOTE 4.3.9): its sizes, where they were not known before."""
_WORDS: Final = re.compile(rb"[ -~]{6,}")
_KNOWN_EXTRA: Final = frozenset({0x0001, 0x000A, 0x5455, 0x5855, 0x7855, 0x7875, 0x9901, 0xCAFE})
"""Extra fields (APPNOTE 4.5) that hold numbers alone: sizes, times, owners."""
_PARTS: Final = re.compile(
    r"(?:_rels/|docProps/|customXml/|word/|xl/|ppt/|META-INF/|theme/|worksheets/|slides/|slideMasters/|slideLayouts/"
    r"|media/|printerSettings/){0,4}"
    r"(?:\[Content_Types\]|document|styles|stylesWithEffects|settings|webSettings|fontTable|numbering|footnotes|endnotes"
    r"|comments|header|footer|theme|workbook|sharedStrings|calcChain|sheet|item|itemProps|core|app|custom|presentation"
    r"|slide|slideMaster|slideLayout|tableStyles|presProps|viewProps|content|meta|manifest|mimetype|image"
    r"|printerSettings|metadata)?\d{0,3}(?:\.(?:xml|rels|rdf|bin|png|jpeg|jpg|emf|wmf))*"
)
"""Names of a document's parts that no person chose (ECMA-376 Part 2; ODF 1.3 Part 2)."""
_NAMED: Final = 0x08
_COMMENTED: Final = 0x10
_EXTRA: Final = 0x04


def members(reader: Reader, part: str, raw: bytes, depth: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield (part, name, bytes) of the files in a zip archive. What cannot be unpacked is a gap."""
    try:
        archive = zipfile.ZipFile(BytesIO(raw))
        infos = archive.infolist()
    except ZIP_ERRORS:
        reader.miss(part, Gap.BROKEN)
        return
    with archive:
        if archive.comment:
            reader.see(part, "zip comment", Kind.TEXT, archive.comment.decode("utf-8", "replace"))
        if not raw.startswith(_LOCAL) or raw.count(_LOCAL) > len(infos):
            # Another reader may find other files in it than the directory at its end lists.
            reader.miss(part, Gap.TYPE_MISMATCH)
        if _has_room(raw, infos, archive.start_dir) or not _ends(raw, archive.comment):
            reader.miss(part, Gap.TYPE_MISMATCH)
        for number, info in enumerate(infos, start=1):
            inner = f"{part}/{number}"
            if not reader.enter(inner, depth):
                return
            _read_info(reader, inner, info)
            if info.is_dir():
                continue
            unpacked = _unpack(reader, inner, archive, info)
            if unpacked is not None:
                yield inner, info.filename, unpacked


def _read_info(reader: Reader, part: str, info: zipfile.ZipInfo) -> None:
    """Add what the directory says of a member beside its bytes."""
    if _PARTS.fullmatch(info.filename) is None:
        reader.see(part, "zip name", Kind.NAME, info.filename)
    for said in _extra(info.extra):
        reader.see(part, "zip extra field", Kind.TEXT, said)
    if info.comment:
        reader.see(part, "zip comment", Kind.TEXT, info.comment.decode("utf-8", "replace"))


def _has_room(raw: bytes, infos: list[zipfile.ZipInfo], directory: int) -> bool:
    """Tell whether bytes stand between members that no reader of the directory sees."""
    at = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset > at + (_DESCRIPTOR if at else 0):
            return True
        lengths = raw[info.header_offset + 26 : info.header_offset + _HEADER]
        if len(lengths) < 4:  # noqa: PLR2004  two numbers of two bytes
            return True
        name, extra = struct.unpack("<HH", lengths)
        at = info.header_offset + _HEADER + name + extra + info.compress_size
    return directory > at + _DESCRIPTOR


def _ends(raw: bytes, comment: bytes) -> bool:
    """Tell whether no byte follows the directory's last record and its comment (APPNOTE 4.3.16)."""
    return raw[len(raw) - len(comment) - _END_SIZE :].startswith(_END)


def _extra(raw: bytes) -> Iterator[str]:
    """Yield the texts in extra fields that may hold some."""
    while len(raw) >= 4:  # noqa: PLR2004  number and size
        number, size = struct.unpack("<HH", raw[:4])
        if number not in _KNOWN_EXTRA:
            yield from (run.decode("ascii") for run in _WORDS.findall(raw[4 : 4 + size]))
        raw = raw[4 + size :]


def _gzip_texts(raw: bytes) -> Iterator[str]:
    """Yield the name and the comment in the head of a gzip stream (RFC 1952 section 2.3)."""
    flags, at = raw[3], 10
    if flags & _EXTRA:
        at += 2 + int.from_bytes(raw[at : at + 2], "little")
    for flag in (_NAMED, _COMMENTED):
        if flags & flag:
            end = raw.find(b"\0", at)
            yield raw[at : end if end >= 0 else len(raw)].decode("latin-1")
            at = end + 1 if end >= 0 else len(raw)


def _unpack(reader: Reader, part: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    if info.flag_bits & _ENCRYPTED:
        reader.miss(part, Gap.ENCRYPTED)
        return None
    room = min(reader.room(), reader.limits.part_bytes)
    if info.file_size > room or info.file_size > _MOST_RATIO * max(info.compress_size, 64):
        reader.miss(part, Gap.EXPANDS_TOO_MUCH)
        return None
    try:
        with archive.open(info) as opened:
            unpacked = opened.read(room + 1)
    except ZIP_ERRORS:
        reader.miss(part, Gap.BROKEN)
        return None
    reader.expand(len(unpacked))
    if len(unpacked) > room:
        reader.miss(part, Gap.EXPANDS_TOO_MUCH)
        return None
    return unpacked


def inflate(reader: Reader, part: str, raw: bytes, kind: str) -> bytes | None:
    """Unpack a stream of gzip, bzip2 or xz; None, and a gap, where it is broken or grows past the limit."""
    room = min(reader.room(), reader.limits.part_bytes)
    try:
        if kind == "gzip":
            for said in _gzip_texts(raw):
                reader.see(part, "gzip name", Kind.NAME, said)
            gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            unpacked, ended, left = gzip.decompress(raw, room), gzip.eof, gzip.unused_data
        elif kind == "bzip2":
            bzip = bz2.BZ2Decompressor()
            unpacked, ended = bzip.decompress(raw, room), bzip.eof
            left = bzip.unused_data if ended else b""
        else:
            xz = lzma.LZMADecompressor(memlimit=64 * 1024 * 1024)
            unpacked, ended = xz.decompress(raw, room), xz.eof
            left = xz.unused_data if ended else b""
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, MemoryError):
        reader.miss(part, Gap.BROKEN)
        return None
    reader.expand(len(unpacked))
    if not ended:
        reader.miss(part, Gap.EXPANDS_TOO_MUCH if len(unpacked) >= room else Gap.BROKEN)
    if left.strip(b"\0"):
        reader.miss(part, Gap.TYPE_MISMATCH)
    return unpacked
