"""How long a text is as a short message (3GPP TS 23.038: the 7-bit default alphabet, or UCS-2)."""

import unicodedata
from collections.abc import Iterator
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Section 6.2.1: one septet each."""
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Section 6.2.1.1: an escape and a second septet."""
_PLAIN: Final = str.maketrans(
    {
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2018": "'",
        "\u2019": "'",
        "`": "'",
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
    }
)
SINGLE_GSM, PART_GSM = 160, 153
"""Septets of a message that stands alone, and of each part of a longer one (TS 23.040, 9.2.3.24.1)."""
SINGLE_UCS2, PART_UCS2 = 70, 67
"""The same in 16-bit units."""
_ASTRAL: Final = 0xFFFF


def septets(text: str) -> int | None:
    """Return how many septets a text takes; None where a character is in neither table."""
    total = 0
    for character in text:
        if character in _BASIC:
            total += 1
        elif character in _EXTENDED:
            total += 2
        else:
            return None
    return total


def segments(text: str) -> int:
    """Return how many messages a text takes. Neither an escaped character nor a surrogate pair is torn apart."""
    widths, single, part = _measured(text)
    if sum(widths) <= single:
        return 1
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count


def plainer(text: str) -> str:
    """Write a text with the characters of the 7-bit alphabet where that loses nothing but looks.

    Typographic quotes and dashes become plain ones, and letters lose accents that the alphabet has not. A text that
    needs other characters all the same is returned as it was: in UCS-2 it may as well keep what it has.
    """
    told = "".join(_simple(character) for character in text.translate(_PLAIN))
    return text if septets(told) is None else told


def _simple(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    base = "".join(each for each in unicodedata.normalize("NFD", character) if not unicodedata.combining(each))
    return base if base and all(each in _BASIC for each in base) else character


def fitted(text: str, most: int) -> str:
    """Return a text that takes at most so many messages; what was cut off shows as three dots."""
    if segments(text) <= most:
        return text
    kept = list(text)
    while kept and segments("".join(kept) + "...") > most:
        kept.pop()
    return "".join(kept) + "..."


def _measured(text: str) -> tuple[list[int], int, int]:
    if septets(text) is not None:
        return list(_widths_gsm(text)), SINGLE_GSM, PART_GSM
    return [2 if ord(character) > _ASTRAL else 1 for character in text], SINGLE_UCS2, PART_UCS2


def _widths_gsm(text: str) -> Iterator[int]:
    return (2 if character in _EXTENDED else 1 for character in text)
