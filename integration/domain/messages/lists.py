"""Lists of people by nationality or place of birth, as jails have mailed them: "Foreign Born Inmate Report"."""

import re
from typing import Final

from integration.domain.messages.countries import CODES, COUNTRIES, NATIONALITIES
from integration.domain.messages.lexicon import Lexicon
from integration.domain.messages.words import Words, cut

_TITLE: Final = Lexicon(
    [
        (
            (
                "foreign born inmate*, foreign born list*, foreign born report*, foreign born, foreign nationals, "
                "foreign national list, non citizens, noncitizens, non citizen list, non us citizens, "
                "without citizenship records, citizenship records, foreign national arrestee*, alien inmate*, "
                "alien list, lista de extranjeros"
            ),
            True,
        )
    ]
)
_COUNTRIES: Final = Lexicon([(COUNTRIES, True), (NATIONALITIES, True)])
_COLUMNS: Final = re.compile(r"[,;|\t]| {2,}| - ")
_MARKS: Final = (",", ";", "|", "\t", "  ", " - ")
"""One of them stands between any two columns: `_COLUMNS` in other words."""
_ROWS: Final = 3
"""Rows that make a list."""
_MOST_LINES: Final = 3_000


def is_list_of_people(text: str) -> bool:
    """Tell whether a text has rows of people with a country, a nationality or a code for one.

    Args:
        text: as `lexicon.as_read` returns it.
    """
    rows = 0
    if not any(mark in text for mark in _MARKS):
        return False
    for line in text.splitlines()[:_MOST_LINES]:
        if _COLUMNS.search(line) is None:
            continue
        cells = [each.strip() for each in _COLUMNS.split(line)]
        if any(map(_is_name, cells)) and any(map(_is_country, cells)):
            rows += 1
            if rows >= _ROWS:
                return True
    return False


def is_titled_so(words: Words) -> bool:
    """Tell whether words stand there that such lists are called by."""
    return any(True for _ in _TITLE.matches(words))


def _is_name(cell: str) -> bool:
    words = cell.split()
    return 1 <= len(words) <= 4 and all(word[:1].isupper() and word.strip(".,'-").isalpha() for word in words)  # noqa: PLR2004  words of a name


def _is_country(cell: str) -> bool:
    if cell.isupper() and cell.casefold() in CODES:
        return True
    words = cut(cell)
    return bool(words) and any(first == 0 and after == len(words) for first, after, _ in _COUNTRIES.matches(words))
