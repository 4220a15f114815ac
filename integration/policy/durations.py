"""Durations as a pack writes them: ``0 s``, ``60 min``, ``6 h``, ``365 d``, ``12 months``, ``none``.

One number, one space, one unit. A bare number would leave the unit to guessing.
"""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from integration.domain.instants import DAY, HOUR, MINUTE, SECOND, Duration

_UNITS: Final = {"s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}
_DURATION: Final = re.compile(r"(0|[1-9]\d{0,6}) (s|min|h|d)", re.ASCII)
_MONTHS: Final = re.compile(r"([1-9]\d{0,2}) months?", re.ASCII)


def duration_of(text: object) -> Duration:
    """Read a duration, in microseconds.

    Raises:
        PydanticCustomError: ``bad_duration``.
    """
    matched = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        raise PydanticCustomError("bad_duration", 'not a duration such as "0 s", "60 min", "6 h" or "365 d"')
    return int(matched[1]) * _UNITS[matched[2]]


def duration_or_none_of(text: object) -> Duration | None:
    """Read a duration in microseconds, or ``none``: no such duty.

    Raises:
        PydanticCustomError: ``bad_duration``.
    """
    return None if text == "none" else duration_of(text)


def months_of(text: object) -> int:
    """Read a reporting period, in calendar months.

    Raises:
        PydanticCustomError: ``bad_period``.
    """
    matched = _MONTHS.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        raise PydanticCustomError("bad_period", 'not a period such as "6 months"')
    return int(matched[1])


DurationText = Annotated[int, BeforeValidator(duration_of)]
"""Text in the pack, microseconds once validated."""

OptionalDurationText = Annotated[int | None, BeforeValidator(duration_or_none_of)]
"""Text in the pack; microseconds, or None for ``none``, once validated."""

MonthsText = Annotated[int, BeforeValidator(months_of)]
"""Text in the pack, calendar months once validated."""
