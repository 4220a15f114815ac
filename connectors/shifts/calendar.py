"""Reading a shift calendar: TOML of our own (`*.toml`), or iCalendar (`*.ics`)."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from connectors.shifts.weekly import read_weekly
from integration.domain.alerts.shifts import Roster, Shift
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError

BEFORE: Final = timedelta(days=8)
AHEAD: Final = timedelta(days=40)
"""How far a roster reaches. Read it again long before its end."""
_LARGEST: Final = 4 * 1024 * 1024


def read_roster(path: Path, zone: ZoneInfo, known: Collection[str], now: Instant) -> Roster:
    """Read a calendar for the weeks around ``now``.

    Args:
        path: the file.
        zone: local times without a zone of their own are meant in it.
        known: receivers that may be named.
        now: the current time.

    Raises:
        UsageError: the file cannot be read, has a fault of whatever kind, or names somebody unknown; the text names the
            place.
    """
    try:
        return _roster(path, zone, known, now)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a file holds, the last good one stays in use; only the kind is told
        raise UsageError(f"{path} cannot be used as a calendar: {type(error).__name__}") from None


def _roster(path: Path, zone: ZoneInfo, known: Collection[str], now: Instant) -> Roster:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise UsageError(f"{path} is larger than {_LARGEST} bytes")
    middle = datetime.fromtimestamp(now // SECOND, UTC)
    if path.suffix.lower() == ".ics":
        from connectors.shifts.ical import read_ical  # noqa: PLC0415  the libraries for it are an extra

        shifts = read_ical(path, content, zone, middle - BEFORE, middle + AHEAD)
        overrides: list[Shift] = []
    else:
        shifts, overrides = read_weekly(path, content, zone, (middle - BEFORE).date(), (middle + AHEAD).date())
    unknown = sorted({name for each in (*shifts, *overrides) for name in each.receivers} - set(known))
    if unknown:
        raise UsageError(f"{path} names {', '.join(unknown)}, and alerts.receivers has no such receiver")
    return Roster(shifts, overrides)
