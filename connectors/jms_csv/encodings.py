"""From bytes to text: the encoding that the mapping declares, or the one that the bytes show."""

import codecs
from dataclasses import dataclass
from typing import Final

from schemas.refusals import InvalidEventError, Reason

_UNDEFINED_IN_CP1252: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
_SAMPLE: Final = 4096
_HALF: Final = 0.4
"""Share of NUL bytes at odd or even places from which a file is taken for UTF-16 without a mark."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and in what encoding it was. Bytes that the encoding does not have are lone surrogates in it."""

    text: str
    encoding: str
    detected: bool


def decode(raw: bytes, declared: str) -> Decoded:
    """Read a file's bytes.

    Args:
        raw: the whole file.
        declared: an encoding, or ``detect``.

    Raises:
        InvalidEventError: ``bad_encoding``, where no row could be told from the next.
    """
    encoding = detected(raw) if declared == "detect" else declared
    if encoding == "utf-8" and raw.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"  # a mark is no part of the first column's name, whatever was declared
    try:
        # In all but UTF-16 a row with a byte that is no character is refused by itself; the others are read.
        text = raw.decode(encoding, errors="strict" if encoding.startswith("utf-16") else "surrogateescape")
    except UnicodeDecodeError as error:
        raise InvalidEventError(Reason.BAD_ENCODING, f"byte {error.start} is not {encoding}") from None
    return Decoded(text, encoding, declared == "detect")


def detected(raw: bytes) -> str:
    """Tell an encoding by its mark; else UTF-8 where all of it is; else cp1252, or latin-1 where that has no such byte.

    The last two differ in 32 characters, hardly ever in a column that a mapping reads: declare it, if it matters.
    """
    if raw.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = raw[:_SAMPLE]
    if sample:
        if sample[1::2].count(0) > _HALF * len(sample) / 2:
            return "utf-16-le"
        if sample[::2].count(0) > _HALF * len(sample) / 2:
            return "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1" if _UNDEFINED_IN_CP1252 & set(raw) else "cp1252"
    return "utf-8"


def has_bad_bytes(text: str) -> bool:
    """Tell whether a text holds bytes that its encoding does not have."""
    return any("\ud800" <= character <= "\udfff" for character in text)
