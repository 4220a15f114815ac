"""Shift calendars as iCalendar (RFC 5545): each event is a shift; its summary names the receivers on duty."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.shifts.sound import UnsoundError, check, check_text
from integration.domain.alerts.shifts import Shift, local_instant
from integration.domain.instants import Instant
from integration.errors import UsageError

try:
    import icalendar
    import recurring_ical_events
except ImportError:  # pragma: no cover
    raise UsageError("iCalendar shifts need the extra `ical`: pip install '.[ical]' in a checkout") from None


def read_ical(path: Path, content: bytes, zone: ZoneInfo, first: datetime, last: datetime) -> list[Shift]:
    """Return the shifts that touch the time from ``first`` to ``last``.

    Recurrences keep their local times over a clock change, the end as well as the start, as calendar programs show
    them. A day without a time is meant from midnight to midnight.

    Raises:
        UsageError: it is no calendar, or an event cannot be a shift (`connectors/shifts/sound.py:check`), has no end
            or names nobody.
    """
    try:
        check_text(content)
        calendar = icalendar.Calendar.from_ical(content)
        check(iter(calendar.walk("VEVENT")), last)
        events = recurring_ical_events.of(calendar).between(first, last)
    except UnsoundError as error:
        raise UsageError(f"{path}: an event {error}") from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{path} is no calendar that can be read: {type(error).__name__}") from None
    shifts = (_shift(path, event, zone) for event in events if str(event.get("STATUS", "")).upper() != "CANCELLED")
    return [each for each in shifts if each is not None]


def _shift(path: Path, event: Any, zone: ZoneInfo) -> Shift | None:
    """Return a shift; None for one that lies whole in the hour that spring skips."""
    start, end = _instant(event.start, zone), _instant(event.end, zone)
    if start == end and event.start < event.end:
        return None
    receivers = tuple(name for each in str(event.get("SUMMARY", "")).split(",") if (name := each.strip()))
    if start >= end or not receivers:
        raise UsageError(
            f"{path}: the event {event.get('UID', '(without UID)')} has no end, or its summary no receiver"
        )
    return Shift(start, end, receivers)


def _instant(moment: date | datetime, zone: ZoneInfo) -> Instant:
    if not isinstance(moment, datetime):
        return local_instant(moment, time(), zone)
    # One rule for all local times, also those with a zone of their own.
    return local_instant(moment.date(), moment.time(), moment.tzinfo or zone)
