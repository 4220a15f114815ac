"""Text as a reader sees it: widths, accents, invisible characters and look-alike letters make no difference.

What is compared with lists of names, words or domains is folded first, so that a Cyrillic letter or a zero-width space
hides nothing. Folding loses distinctions on purpose: it is for finding, never for storing.
"""

import re
import unicodedata
from typing import Final

from integration.domain.lookalikes import LOOKS_LIKE

BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that reorder what is shown: the reader sees another text than the one that is searched."""

_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u0085\u000b\u000c\u001c-\u001f"
_BLANKS: Final = re.compile(f"[{_SPACES}]")
_DASHES: Final = re.compile("[\u058a\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\u2043\u02d7]")
_QUOTES: Final = re.compile("[\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4]")
_FILLERS: Final = "\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f\u180e"
"""Letters and marks by their class that show nothing."""


class _Table(dict[int, str]):
    """The table of `str.translate`: what shows nothing goes, what looks like something becomes it."""

    def __missing__(self, code: int) -> str:
        """Work a character out when it is first met."""
        character = chr(code)
        kind = unicodedata.category(character)
        plain = character
        if kind in {"Cf", "Mn", "Me", "Co"} or character in _FILLERS:
            plain = ""
        elif kind == "Nd":
            plain = str(unicodedata.digit(character))
        self[code] = plain
        return plain


_TABLE: Final = _Table(
    (ord(each), plain.upper() if each.isupper() else plain) for plain, characters in LOOKS_LIKE for each in characters
)
_SAME: Final = bytes([9, 10, 13, *range(0x20, 0x7F)])


def reading(text: str) -> str:
    """Return a text as it reads, letters in their case: composed widths, no accents, nothing invisible.

    Line ends stay; every other white space becomes a space. A text of printable ASCII is returned as it is.
    """
    if text.isascii() and not text.encode("ascii").translate(None, _SAME):
        return text
    plain = _BLANKS.sub(" ", text)
    plain = _QUOTES.sub("'", _DASHES.sub("-", plain))
    # Twice: a decomposition may show an accent, and a look-alike may stand for a letter that has one.
    for _ in range(2):
        plain = unicodedata.normalize("NFKD", plain).translate(_TABLE)
    return _BLANKS.sub(" ", plain)


def fold(text: str) -> str:
    """Return a text as it reads, without case."""
    return reading(text).casefold()


def alphanumeric(text: str) -> str:
    """Return letters and digits only, folded: how identifiers and domain labels are compared for likeness."""
    return "".join(character for character in fold(text) if character.isalnum())
