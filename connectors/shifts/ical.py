"""Shift calendars as iCalendar (RFC 5545): each event is a shift; its summary names the receivers on duty."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integration.domain.alerts.shifts import Shift, local_instant
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError

try:
    import icalendar
    import recurring_ical_events
except ImportError:  # pragma: no cover
    raise UsageError("iCalendar shifts need the extra `ical`: pip install 'holdwatch[ical]'") from None


def read_ical(path: Path, content: bytes, zone: ZoneInfo, first: datetime, last: datetime) -> list[Shift]:
    """Return the shifts that touch the time from ``first`` to ``last``.

    Recurrences keep their local times over a clock change, the end as well as the start, as calendar programs show
    them. A day without a time is meant from midnight to midnight.

    Raises:
        UsageError: it is no calendar, an event has no end or names nobody.
    """
    try:
        calendar = icalendar.Calendar.from_ical(content)
        events = recurring_ical_events.of(calendar).between(first, last)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{path} is no calendar that can be read: {type(error).__name__}") from None
    return [_shift(path, event, zone) for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED"]


def _shift(path: Path, event: Any, zone: ZoneInfo) -> Shift:
    start, end = _instant(event.start, zone), _instant(event.end, zone)
    receivers = tuple(name for each in str(event.get("SUMMARY", "")).split(",") if (name := each.strip()))
    if start >= end or not receivers:
        raise UsageError(
            f"{path}: the event {event.get('UID', '(without UID)')} has no end, or its summary no receiver"
        )
    return Shift(start, end, receivers)


def _instant(moment: date | datetime, zone: ZoneInfo) -> Instant:
    if not isinstance(moment, datetime):
        return local_instant(moment, time(), zone)
    if moment.tzinfo is None:
        return local_instant(moment.date(), moment.time(), zone)
    return int(moment.timestamp()) * SECOND
