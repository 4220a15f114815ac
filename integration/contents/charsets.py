"""Bytes of a text in every charset that a reader may take it to be in."""

import codecs
import re
from typing import Final

from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap

_PLAIN: Final = frozenset({"ascii", "utf-8", "iso8859-1", "cp1252", "iso8859-15", "utf-8-sig"})
"""Charsets that every reader knows and reads alike, by the names of Python's codecs."""
_TEXT_CODECS: Final = re.compile(r"(?:utf|iso|cp|ascii|latin|koi8|big5|gb|euc|shift|johab|hz|mac|ptcp|tis|viscii|kz)")
_SHIFTED: Final = re.compile(rb"\+[A-Za-z0-9/]{2,}-?")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOSTLY: Final = 0.9


def codec_of(charset: str) -> str | None:
    """Return the name of a text codec; None for a charset that is unknown, or is none of text."""
    try:
        name = codecs.lookup(charset.strip().strip("\"'")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return name if _TEXT_CODECS.match(name) else None


def texts_of(reader: Reader, part: str, raw: bytes, charset: str) -> list[tuple[str, str]]:
    """Return (charset, text) for every plausible reading of a body; what is doubtful is told to ``reader``."""
    codec = codec_of(charset or "us-ascii")
    readings: dict[str, str] = {}
    if codec is None:
        reader.miss(part, Gap.UNKNOWN_CHARSET)
    else:
        _declared(reader, part, raw, codec, readings)
    if not readings or not raw.isascii():
        _add(readings, raw, "utf-8") or _add(readings, raw, "cp1252") or _add(readings, raw, "iso8859-1")
    _others(reader, part, raw, readings)
    return [(name, text) for text, name in readings.items()]


def _declared(reader: Reader, part: str, raw: bytes, codec: str, readings: dict[str, str]) -> None:
    if codec == "ascii" and not raw.isascii():
        # Nobody keeps to it: a body without a charset is read in the reader's own.
        reader.miss(part, Gap.BAD_CHARSET)
    elif not _add(readings, raw, codec):
        reader.miss(part, Gap.BAD_CHARSET)
    if codec not in _PLAIN and not (raw.isascii() and set(readings) == {raw.decode("ascii")}):
        reader.miss(part, Gap.UNKNOWN_CHARSET)
        if raw.isascii():
            _add(readings, raw, "ascii")


def _others(reader: Reader, part: str, raw: bytes, readings: dict[str, str]) -> None:
    """Add readings that the bytes themselves suggest, whatever was declared."""
    if b"\0" in raw or raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        reader.miss(part, Gap.BAD_CHARSET)
        for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            _add(readings, raw, codec)
    if b"\x1b" in raw:
        reader.miss(part, Gap.BAD_CHARSET)
        for codec in ("iso2022_jp_2", "iso2022_kr"):
            _add(readings, raw, codec)
    if raw.isascii() and _SHIFTED.search(raw):
        _add(readings, raw, "utf-7")
    if any(_CONTROL.search(text) for text in readings):
        reader.miss(part, Gap.BAD_CHARSET)


def _add(readings: dict[str, str], raw: bytes, codec: str) -> bool:
    try:
        text = raw.decode(codec)
    except (UnicodeError, ValueError, LookupError):
        return False
    readings.setdefault(text, codec)
    return True


def printable(raw: bytes) -> str | None:
    """Return bytes as a text if they read as one; None for anything else."""
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            text = raw.decode(codec)
        except UnicodeError:
            continue
        good = sum(character.isprintable() or character.isspace() for character in text)
        if text and good >= _MOSTLY * len(text) and (codec == "utf-8" or text.isascii()):
            return text
    return None
