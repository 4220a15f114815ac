"""Encoded words of header fields (RFC 2047), also those that are broken, split or stand where none may."""

import quopri
import re
from typing import Final

from integration.contents.charsets import codec_of
from integration.contents.transfer import loose_base64

_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bqBQ])\?([^?\r\n]*)\?=")
_BETWEEN: Final = re.compile(r"(=\?[^?\s]{1,60}\?[bqBQ]\?[^?\r\n]*\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[bqBQ]\?)")
_TRACE: Final = re.compile(r"=\?|\?=")
_STRICT_Q: Final = re.compile(r"(?:[\x21-\x3c\x3e\x40-\x7e]|=[0-9A-Fa-f]{2})*")
_STRICT_B: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_LANGUAGE: Final = re.compile(r"(?:ar|de|en|es|fr|hi|hmn|ht|it|ja|ko|nl|pl|pt|ru|so|tl|uk|vi|zh)(?:-[A-Za-z]{2})?")
"""The language that may stand behind a charset (RFC 2231 section 5). Any other word there says something."""
_PLAIN: Final = frozenset({"ascii", "utf-8", "iso8859-1", "cp1252", "iso8859-15"})


def decode_words(text: str) -> tuple[str, bool]:
    """Return a field with its encoded words decoded, and whether all of them were well formed."""
    if "=?" not in text:
        return text, True
    clean = True

    def decoded(match: re.Match[str]) -> str:
        nonlocal clean
        charset, encoding, said = match.groups()
        charset, _, language = charset.partition("*")
        clean = clean and (not language or _LANGUAGE.fullmatch(language) is not None)
        codec = codec_of(charset)
        plain = said.encode("utf-8", "replace")
        if encoding in "qQ":
            raw = quopri.decodestring(plain, header=True)
            clean = clean and _STRICT_Q.fullmatch(said) is not None
        else:
            raw = loose_base64(plain)
            clean = clean and _STRICT_B.fullmatch(said) is not None and len(said) % 4 == 0
        try:
            word = raw.decode(codec or "latin-1")
        except UnicodeError:
            clean, word = False, raw.decode("latin-1")
        clean = clean and codec in _PLAIN and "\n" not in word and "\r" not in word
        return word

    joined = _BETWEEN.sub(r"\1", text)
    result = _WORD.sub(decoded, joined)
    return result, clean and not _TRACE.search(_WORD.sub("", joined))
