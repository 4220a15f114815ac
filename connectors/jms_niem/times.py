"""Reads NIEM dates and times, and turns a jail's wall clock into instants.

The samples hold ``Z``, ``.0Z`` and no zone at all in one file, and plain dates beside times. A time with an offset
is taken as it is; one without gets the facility's zone. In the repeated hour of autumn and the skipped hour of spring
the earlier of the two instants is taken, by the rule of all connectors (`connectors.localtime`), and leaves a mark.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from connectors.localtime import Doubt, place

DueRule: TypeAlias = Literal["end_of_day", "noon", "start_of_day"]
"""What instant of a day is meant where only the day is said."""

REPEATED: Final = Doubt.REPEATED.value
SKIPPED: Final = Doubt.SKIPPED.value
DATE_ONLY: Final = "date-only"
TIME_UNKNOWN: Final = "time-unknown"

_DATE: Final = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATE_TIME: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<clock>\d\d:\d\d)(?P<second>:\d\d)?(?:[.,](?P<fraction>\d+))?"
    r"(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_EARLIEST: Final = 1970
_LATEST: Final = 2199


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, and what had to be decided to get it."""

    at: datetime
    """UTC."""
    marks: tuple[str, ...] = ()

    def marked(self, *marks: str) -> "Moment":
        """Return the same instant with further marks."""
        return replace(self, marks=tuple(dict.fromkeys((*self.marks, *marks))))

    def text(self) -> str:
        """Write the instant as RFC 3339 in UTC; the same instant is always the same text."""
        return self.at.isoformat().removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the facility's calendar, where no time was said."""

    date: date

    def start(self, zone: ZoneInfo) -> Moment:
        """Return the first instant of the day."""
        return local(datetime.combine(self.date, time.min), zone).marked(DATE_ONLY)

    def end(self, zone: ZoneInfo) -> Moment:
        """Return the first instant of the next day (24:00)."""
        return local(datetime.combine(self.date + timedelta(days=1), time.min), zone).marked(DATE_ONLY)

    def due(self, rule: DueRule, zone: ZoneInfo) -> Moment:
        """Return the instant that a facility's rule makes of a bare date."""
        if rule == "start_of_day":
            return self.start(zone)
        if rule == "noon":
            return local(datetime.combine(self.date, time(12)), zone).marked(DATE_ONLY)
        return self.end(zone)


def read(text: str, zone: ZoneInfo) -> Moment | Day:
    """Read an ``xs:dateTime`` or ``xs:date``.

    Args:
        text: trimmed value.
        zone: the facility's, for times that carry no offset.

    Raises:
        ValueError: it is neither, or no such day or time exists, or its year is before 1970 or after 2199.
    """
    if matched := _DATE.fullmatch(text):
        return Day(_in_range(date.fromisoformat(matched["day"])))
    matched = _DATE_TIME.fullmatch(text)
    if matched is None:
        raise ValueError("neither a date and time nor a date")
    day = _in_range(date.fromisoformat(matched["day"]))
    clock, second = matched["clock"], matched["second"] or ":00"
    if clock + second == "24:00:00":  # how XML Schema writes the end of a day
        day, clock = day + timedelta(days=1), "00:00"
    fraction = (matched["fraction"] or "").ljust(6, "0")[:6]
    offset = (matched["offset"] or "").upper()
    moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}{second}.{fraction}{offset}")
    return local(moment, zone) if moment.tzinfo is None else Moment(moment.astimezone(UTC))


def local(wall_clock: datetime, zone: ZoneInfo) -> Moment:
    """Place a wall clock time in its zone; in an hour that comes twice or never, the earlier reading (`place`)."""
    placed = place(wall_clock, zone)
    return Moment(placed.at, () if placed.doubt is None else (placed.doubt.value,))


def _in_range(day: date) -> date:
    if not _EARLIEST <= day.year <= _LATEST:
        raise ValueError("year is before 1970 or after 2199")
    return day
