"""Archives and compressed streams: unpacked within the limits, member by member."""

import bz2
import lzma
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
_MOST_RATIO: Final = 200
"""A file that grows by more than this is a bomb."""


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
        for number, info in enumerate(infos, start=1):
            inner = f"{part}/{number}"
            if not reader.enter(inner, depth):
                return
            reader.see(inner, "zip name", Kind.NAME, info.filename)
            if info.comment:
                reader.see(inner, "zip comment", Kind.TEXT, info.comment.decode("utf-8", "replace"))
            if info.is_dir():
                continue
            unpacked = _unpack(reader, inner, archive, info)
            if unpacked is not None:
                yield inner, info.filename, unpacked


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
