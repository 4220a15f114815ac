"""TNEF (``winmail.dat``): the message and the files that Outlook wraps up (MS-OXTNEF)."""

import re
import struct
from collections.abc import Callable, Iterator
from typing import Final

from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

ReadFile = Callable[[Reader, str, bytes, int], None]

_HEAD: Final = struct.Struct("<BIL")
_SUBJECT: Final = 0x8004
_BODY: Final = 0x800C
_ATTACHED: Final = 0x800F
_TITLE: Final = 0x8010
_PROPERTIES: Final = frozenset({0x9003, 0x9005})
_FIRST: Final = 6
_LZFU: Final = b"LZFu"
_RUN: Final = re.compile(rb"[\t\r\n\x20-\x7e]{4,}")
_WIDE: Final = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){4,}")
_WORDS: Final = re.compile(rb"\\'[0-9a-f]{2}|\\[a-z]{1,32}-?\d{0,10} ?|[{}]|\\[^a-z]")
_DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What compressed RTF starts from (MS-OXRTFCP section 2.1.2.1)."""
_WINDOW: Final = 4096
_MOST: Final = 1_000_000


def read_tnef(reader: Reader, part: str, raw: bytes, depth: int, read_file: ReadFile) -> None:
    """Add what the wrapping holds. It always leaves a gap: readers differ about what they show of it."""
    reader.miss(part, Gap.UNSUPPORTED)
    for number, (attribute, data) in enumerate(_attributes(raw), start=1):
        inner = f"{part}/{number}"
        if not reader.enter(inner, depth):
            return
        if attribute in {_SUBJECT, _BODY}:
            reader.see(inner, "tnef", Kind.TEXT, data.rstrip(b"\0").decode("cp1252", "replace"))
        elif attribute == _TITLE:
            reader.see(inner, "tnef name", Kind.NAME, data.rstrip(b"\0").decode("cp1252", "replace"))
        elif attribute == _ATTACHED:
            read_file(reader, inner, data, depth + 1)
        elif attribute in _PROPERTIES:
            reader.see(inner, "tnef properties", Kind.TEXT, "\n".join(_strings(data)))
            for packed in _compressed(data):
                reader.see(inner, "tnef rtf", Kind.TEXT, plain_rtf(packed))


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = _FIRST
    while at + _HEAD.size <= len(raw):
        _, attribute, size = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        yield attribute & 0xFFFF, raw[at : at + size]
        at += size + 2


def _strings(data: bytes) -> list[str]:
    wide = [each.group().decode("utf-16-le") for each in _WIDE.finditer(data)]
    return [*(each.group().decode("ascii") for each in _RUN.finditer(data)), *wide]


def _compressed(data: bytes) -> Iterator[bytes]:
    at = data.find(_LZFU)
    while at >= 8:  # noqa: PLR2004  two lengths stand before the mark
        yield _unpack(data[at + 8 :], min(struct.unpack_from("<L", data, at - 4)[0], _MOST))
        at = data.find(_LZFU, at + 4)


def _unpack(packed: bytes, size: int) -> bytes:
    """Unpack compressed RTF (MS-OXRTFCP section 3.1.3)."""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    place, out, at = len(_DICTIONARY), bytearray(), 0
    while at < len(packed) and len(out) < size:
        control = packed[at]
        at += 1
        for bit in range(8):
            if control & 1 << bit:
                if at + 1 >= len(packed):
                    return bytes(out)
                pair = packed[at] << 8 | packed[at + 1]
                at += 2
                offset, length = pair >> 4, (pair & 15) + 2
                if offset == place:
                    return bytes(out)
                chunk = [window[(offset + step) % _WINDOW] for step in range(length)]
            else:
                if at >= len(packed):
                    return bytes(out)
                chunk = [packed[at]]
                at += 1
            for byte in chunk:
                out.append(byte)
                window[place] = byte
                place = (place + 1) % _WINDOW
    return bytes(out)


def plain_rtf(raw: bytes) -> str:
    """Return roughly the text of RTF: control words and braces taken out."""

    def shown(match: re.Match[bytes]) -> bytes:
        word = match.group()
        if word.startswith(b"\\'"):
            return bytes.fromhex(word[2:].decode("ascii"))
        return b"\n" if word.startswith((b"\\par", b"\\line")) else b""

    return _WORDS.sub(shown, raw[:_MOST]).decode("cp1252", "replace")
