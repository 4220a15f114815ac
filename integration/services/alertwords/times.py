"""Instants and lengths of time as a supervisor reads them: the facility's clock, always with its offset."""

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from integration.domain.instants import DAY, HOUR, MINUTE, SECOND, Duration, Instant

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNKNOWN: Final = "at a time that cannot be told"


def zone_of(name: str) -> tzinfo:
    """Return a zone; UTC where there is none of that name, since an alert is told in any case."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return UTC


def local_time(at: Instant, zone: tzinfo) -> str:
    """Return weekday, date, hours and minutes on the facility's clock, and the offset: told apart on every night."""
    local = moment(at)
    if local is None:
        return _UNKNOWN
    try:
        there = local.astimezone(zone)
    except (OverflowError, ValueError):
        there = local
    return f"{_WEEKDAYS[there.weekday()]} {there:%Y-%m-%d %H:%M} {_offset(there)}"


def clock_time(at: Instant, zone: tzinfo) -> str:
    """Return hours, minutes and offset."""
    return local_time(at, zone)[-len("14:00 -05:00") :]


def _offset(local: datetime) -> str:
    return local.isoformat(timespec="minutes")[len("2026-03-02T14:00") :]


def moment(at: Instant) -> datetime | None:
    """Return an instant as a time, UTC; None where the calendar has none."""
    try:
        return datetime.fromtimestamp(at / SECOND, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def utc(at: Instant) -> str | None:
    """Return an instant for programs: RFC 3339, UTC, microseconds."""
    whole, micros = divmod(at, SECOND)
    told = moment(whole * SECOND)
    return None if told is None else f"{told:%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"


def length(span: Duration) -> str:
    """Return a length of time by its two largest units, from minutes up."""
    if span < MINUTE:
        return "less than a minute"
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span < DAY:
        return f"{span // HOUR} h {span % HOUR // MINUTE} min"
    return f"{span // DAY} d {span % DAY // HOUR} h"


def brief_length(span: Duration) -> str:
    """Return a length of time in few characters: 17min, 3h05, 2d4h."""
    if span < HOUR:
        return f"{max(0, span) // MINUTE}min"
    if span < DAY:
        return f"{span // HOUR}h{span % HOUR // MINUTE:02d}"
    return f"{span // DAY}d{span % DAY // HOUR}h"
