"""Times and dates as people write them in digits: ``0730 hrs``, ``7:30a``, ``3/5``, ``5 Mar``, ``2026-03-05``."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import Final

from integration.domain.messages.words import Words

_MONTHS: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_MONTH_NUMBERS: Final = {
    name: number
    for number, names in enumerate(
        "jan ene,feb,mar,apr abr,may,jun,jul,aug ago,sep,oct,nov,dec dic".split(","), start=1
    )
    for name in names.split()
}
_DATE: Final = rf"""(?<![\w/.-])(?:
      (?P<y1>(?:19|20)\d\d)[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})
    | (?P<a2>\d{{1,2}})[-/.](?P<b2>\d{{1,2}})[-/.](?P<y2>(?:19|20)?\d\d)
    | (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[\s-]{{0,3}}(?:of\s|de\s)?(?P<n3>{_MONTHS})\.?
      (?:[\s,-]{{0,3}}(?:de\s)?(?P<y3>(?:19|20)?\d\d)(?![:\d]))?
    | (?P<n4>{_MONTHS})\.?[\s-]{{0,3}}(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)
      (?:[\s,-]{{1,3}}(?P<y4>(?:19|20)?\d\d)(?![:\d]))?
    | (?P<y5>(?:19|20)\d\d)(?P<m5>0[1-9]|1[0-2])(?P<d5>0[1-9]|[12]\d|3[01])
    | (?P<m6>0[1-9]|1[0-2])(?P<d6>0[1-9]|[12]\d|3[01])(?P<y6>(?:19|20)\d\d)
    )(?![\w/-]|\.\d)"""
_CLOCK: Final = r"""(?<![\w/.-])(?:
      [01]?\d\s?[:.h]\s?[0-5]\d(?:\s?[:.]\s?[0-5]\d)?\s?(?:[ap]\.?\s?m?\b\.?|hrs?|hours?|h|z|est|edt|cst|pst)?
    | 2[0-4]\s?[:.h]\s?[0-5]\d(?:\s?(?:hrs?|hours?|h|z))?
    | (?:[01]\d|2[0-4])[0-5]\d\s?(?:hrs?\b|hours?\b|h\b|z\b|hs\b|local\b)
    | (?:0?[1-9]|1[0-2])(?:[0-5]\d)?\s?(?:a|p)(?:\.?\s?m\b\.?|\b)
    | (?:0?[1-9]|1[0-2])\s?o\s?'?\s?clock
    | (?:0\d|1[0-8]|2[1-3])[0-5]\d(?![\w/-]|\.\d)
    | (?:(?<=at\s)|(?<=by\s)|(?<=@)|(?<=@\s))(?:19|20)[0-5]\d(?![\w/-]|\.\d)
    )(?![\w/])"""
_SHORT: Final = r"(?<![\w/.-])(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01])(?![\w/-]|\.\d)"
_STAMP: Final = r"(?<!\d)(?:19|20)\d\d-\d\d-\d\d[t\s]\d\d:?\d\d(?::?\d\d)?(?:\.\d+)?(?:z|[+-]\d\d:?\d\d)?"
_WHEN: Final = re.compile(
    f"(?P<stamp>{_STAMP})|(?P<date>{_DATE})|(?P<clock>{_CLOCK})|(?P<short>{_SHORT})", re.VERBOSE | re.IGNORECASE
)
_TWO_DIGITS: Final = 100
_PIVOT: Final = 40
"""Years of two digits from here on are of the last century."""


@dataclass(frozen=True, slots=True)
class When:
    """A time or a date in a text."""

    start: int
    end: int
    has_time: bool
    days: tuple[date, ...]
    """The days it may mean: ``3/5/1990`` is two; a date without a year is none."""


def whens(text: str, words: Words) -> list[When]:
    """Return every time and date in a text, by their place.

    Args:
        text: as `lexicon.as_read` returns it.
        words: the same text, cut.
    """
    found: list[When] = []
    if not words.hold_digits:
        return found  # Each of them has a digit, and a digit is in a word.
    # A time begins with a digit and a date with a digit or a month: nowhere else is worth a look.
    begin = {word for word in words.distinct if word[:3] in _MONTH_NUMBERS or word[0].isdigit()}
    if not begin:
        return found
    after = 0
    for start in [start for start, word in zip(words.starts, words.texts, strict=True) if word in begin]:
        if start < after:
            continue
        each = _WHEN.match(text, start)
        if each is None:
            continue
        after = each.end()
        has_time = each["stamp"] is not None or each["clock"] is not None
        found.append(When(each.start(), after, has_time, _days(each) if each["date"] is not None else ()))
    return found


def places_of(times: list[When], words: Words) -> set[int]:
    """Return the places of the words that times and dates are written with."""
    if not times:
        return set()
    starts = words.starts
    return {at for when in times for at in range(bisect_left(starts, when.start), bisect_left(starts, when.end))}


def _days(match: re.Match[str]) -> tuple[date, ...]:
    part = match.groupdict()
    options: list[tuple[str | None, str | None, str | None]] = [
        (part["y1"], part["m1"], part["d1"]),
        (part["y2"], part["a2"], part["b2"]),
        (part["y2"], part["b2"], part["a2"]),
        (part["y3"], part["n3"], part["d3"]),
        (part["y4"], part["n4"], part["d4"]),
        (part["y5"], part["m5"], part["d5"]),
        (part["y6"], part["m6"], part["d6"]),
    ]
    days = (_day(year, month, day) for year, month, day in options if year and month and day)
    return tuple(dict.fromkeys(day for day in days if day))


def _day(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else _MONTH_NUMBERS[month.casefold()[:3]]
    full = int(year)
    if full < _TWO_DIGITS:
        full += 2000 if full < _PIVOT else 1900
    try:
        return date(full, number, int(day))
    except ValueError:
        return None
