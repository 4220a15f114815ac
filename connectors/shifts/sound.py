"""What an event of an iCalendar has to be before its recurrences are worked out.

The libraries read generously: an end before its start is turned round, a zone that nobody knows becomes local time, a
recurrence that never goes on is worked out for ever. In a roster each of these is somebody who is not told.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

_ONCE: Final = ("UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "STATUS", "RECURRENCE-ID")
_TIMES: Final = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")
_READ: Final = (*_ONCE, "RRULE", "EXDATE", "RDATE", "EXRULE")
_YEARS: Final = range(1970, 2200)
MOST_RULES: Final = 500
MOST_DAYS: Final = 500_000
"""Of all recurrences of a file together, from their starts to the end of the roster: seconds of work, not minutes."""
_PARTS: Final = {
    "DAILY": {"BYMONTH", "BYMONTHDAY", "BYDAY"},
    "WEEKLY": {"BYMONTH", "BYDAY"},
    "MONTHLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
"""What a shift recurs by. Parts of a day (BYHOUR and smaller) make many shifts of one; others RFC 5545 forbids."""


_FOLDED: Final = re.compile(rb"\r?\n[ \t]")
_INTERVAL: Final = re.compile(rb"INTERVAL=([+-]?\d+)")


class UnsoundError(ValueError):
    """An event cannot be a shift; the text says why, and names none of its values."""


def check_text(content: bytes) -> None:
    """Look at the recurrences of a file before anything reads it: those of zones are worked out while it is read.

    Raises:
        UnsoundError: one would not come to an end.
    """
    in_zone = False
    for line in _FOLDED.sub(b"", content).upper().splitlines():
        name = line.partition(b":")[0].partition(b";")[0].strip()
        if name in (b"BEGIN", b"END"):
            in_zone = name == b"BEGIN" if line.strip().endswith(b"VTIMEZONE") else in_zone
        elif name in (b"RRULE", b"EXRULE"):
            found = _INTERVAL.search(line)
            if found is not None and int(found[1]) < 1:
                raise UnsoundError("recurs with an INTERVAL below 1")
            if in_zone and b"FREQ=YEARLY" not in line:
                raise UnsoundError("is in a zone whose clock changes otherwise than by the year")


def check(events: Iterator[Any], last: datetime) -> None:
    """Look at each event of a calendar as it is written.

    Args:
        events: the VEVENT components.
        last: the end of the roster, with its zone.

    Raises:
        UnsoundError: one has a fault.
    """
    rules = days = 0
    for event in events:
        for name in _ONCE:
            if isinstance(event.get(name), list):
                raise UnsoundError(f"has two {name}")
        if unread := [name for name, _ in event.errors if (name or "") in _READ]:
            raise UnsoundError(f"has a {unread[0]} that cannot be read")
        _check_times(event)
        found = _as_list(event.get("RRULE")) + _as_list(event.get("EXRULE"))
        for rule in found:
            days += _check_rule(rule, event["DTSTART"].dt, last)
        rules += len(found)
    if rules > MOST_RULES or days > MOST_DAYS:
        raise UnsoundError(f"is one of too many that recur: at most {MOST_RULES}, and from nearer starts")


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _check_times(event: Any) -> None:
    if "DTSTART" not in event:
        raise UnsoundError("has no DTSTART")
    for name in _TIMES:
        for held in _as_list(event.get(name)):
            for moment in _moments(held):
                if moment.year not in _YEARS:
                    raise UnsoundError(f"has a {name} before {_YEARS[0]} or after {_YEARS[-1]}")
                if "TZID" in held.params and isinstance(moment, datetime) and moment.tzinfo is None:
                    raise UnsoundError(f"has a {name} in a zone that is not known")
    if "DTEND" in event:
        _check_order(event["DTSTART"].dt, event["DTEND"].dt)


def _check_order(start: date, end: date) -> None:
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise UnsoundError("has a DTSTART and a DTEND of which one has no time of day")
    if isinstance(start, datetime) and isinstance(end, datetime) and (start.tzinfo is None) != (end.tzinfo is None):
        raise UnsoundError("has a DTSTART and a DTEND of which one has no zone")
    if not start < end:
        raise UnsoundError("has a DTEND that is not after its DTSTART")


def _moments(held: Any) -> Iterator[date]:
    """Yield the dates and times of one property; of a period both, where its end is one."""
    for each in held.dts if hasattr(held, "dts") else (held,):
        for moment in each.dt if isinstance(each.dt, tuple) else (each.dt,):
            if isinstance(moment, date):
                yield moment


def _check_rule(rule: Any, start: date, last: datetime) -> int:
    """Return how many days it takes to work a rule out to the end of the roster. Raises UnsoundError."""
    frequency = str(next(iter(rule.get("FREQ", [])), ""))
    if frequency not in _PARTS:
        raise UnsoundError("recurs neither daily nor weekly, monthly or yearly")
    if any(int(each) < 1 for each in rule.get("INTERVAL", [1])):
        raise UnsoundError("recurs with an INTERVAL below 1")
    by = {name for name in rule if str(name).startswith("BY")}
    if by - _PARTS[frequency]:
        raise UnsoundError(f"recurs {frequency.lower()} by {min(by - _PARTS[frequency])}, which shifts do not")
    months = [int(each) for each in rule.get("BYMONTH", range(1, 13))]
    if not all(each in range(1, 13) for each in months):
        raise UnsoundError("recurs by a BYMONTH that is none")
    month_days = [abs(int(each)) for each in rule.get("BYMONTHDAY", [1])]
    longest = max(calendar.monthrange(2024, month)[1] for month in months)  # a leap year
    if not any(1 <= each <= longest for each in month_days):
        raise UnsoundError("recurs on a day that its months do not have")
    return max(0, (last.date() - date(start.year, start.month, start.day)).days)
