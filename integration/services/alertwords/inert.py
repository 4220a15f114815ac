"""Strings from outside, made harmless: booking numbers and names of feeds may hold any character."""

import re
import unicodedata
from typing import Final

_LONGEST: Final = 64
"""Characters of an identifier that an alert shows. Real booking numbers have far fewer."""
_SEPARATORS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SHOWN_AS_CODES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Mc", "Me"})
"""Controls, invisible and reserved characters, line ends, and marks that pile up on their neighbours."""
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "FSI"})
"""They would turn the order of what stands beside them around."""


def inert(text: str, most: int = _LONGEST) -> str:
    r"""Return an identifier as one that a person can read off and type: one line, left to right, nothing invisible.

    What cannot be shown as it is stands as its code (``\u202e``), so that two different identifiers stay different.
    """
    shown = "".join(_shown(character) for character in unicodedata.normalize("NFC", text[: 2 * most]))
    cut = shown[:most]
    return cut if cut == shown and len(text) <= 2 * most else f"{cut[: most - 3]}..."


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in _SHOWN_AS_CODES
    space = character.isspace() and character != " "
    if hidden or space or unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
        code = ord(character)
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  the last of four digits
    return character


def one_line(text: str) -> str:
    """Return a text on one line, each run of white space and control characters a space."""
    return _SEPARATORS.sub(" ", text).strip()
