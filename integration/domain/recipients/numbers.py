"""Telephone and fax numbers in any writing: ``+1``, ``001``, dots, brackets, extensions, letters for digits."""

import re
from itertools import groupby
from typing import Final

from integration.domain.agencies import Directory
from integration.domain.folding import fold

SHORTEST: Final = 7
"""Digits of a number without its area code."""
_KEYPAD: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_SPELLED: Final = {
    word: str(digit)
    for digit, said in enumerate("zero one two three four five six seven eight nine".split())
    for word in (said,)
} | {"oh": "0"}
_WORDS: Final = re.compile(r"[a-z]+|\d")
_TYPED: Final = re.compile(r"(?<=\d)[oil](?=[\d\W]|$)|(?<![a-z])[oil](?=\d)")
"""A letter that stands for a digit between digits: 8O2, 602O, l00."""


def digits_of(text: str) -> str:
    """Return the digits of a number, also where they are written as words; other letters are passed over."""
    plain = _TYPED.sub(lambda letter: "0" if letter.group() == "o" else "1", fold(text).replace("_", " "))
    return "".join(word if word.isdigit() else _SPELLED.get(word, "") for word in _WORDS.findall(plain))


def on_keypad(text: str) -> str:
    """Return what is dialled where letters stand for digits: ``866-DHS-2-ICE``."""
    return "".join(character for character in fold(text).translate(_KEYPAD) if character.isdigit())


def has_number(directory: Directory, text: str) -> bool:
    """Tell whether a listed telephone or fax number stands in a text, however it is written.

    An extension may follow and a country code or an outside line come before, so it counts wherever it stands.
    """
    if not directory.numbers:
        return False
    dialled = (digits_of(text), on_keypad(text))
    return any(listed in digits for digits in dialled for listed in directory.numbers)


def is_local(directory: Directory, text: str) -> bool:
    """Tell whether a text is exactly the last seven digits of a listed number."""
    digits = digits_of(text)
    return len(digits) == SHORTEST and any(listed.endswith(digits) for listed in directory.numbers)


def has_reversed(directory: Directory, domain: str) -> bool:
    """Tell whether a domain spells a listed number backwards, digit by label, as telephone domains do.

    One that has the number itself as a label counts too: ``8028726020.fax.example``.
    """
    if any(listed in label for label in domain.split(".") if label.isdigit() for listed in directory.numbers):
        return True
    runs = ("".join(group) for single, group in groupby(domain.split("."), key=_is_digits) if single)
    return any(listed in run[::-1] for run in runs for listed in directory.numbers)


def _is_digits(label: str) -> bool:
    return label.isdigit()
