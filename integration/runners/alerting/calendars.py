"""The shift calendars of the settings, read again when their files change and before they run out."""

from collections.abc import Collection
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from connectors.alerting import ShiftCalendar
from connectors.shifts.calendar import read_roster
from integration.domain.alerts.routes import Duty
from integration.domain.alerts.shifts import Roster
from integration.domain.instants import DAY, MINUTE, Instant
from integration.errors import UsageError

_log = structlog.get_logger()

_LOOK_EVERY: Final = MINUTE
_READ_EVERY: Final = DAY


class Calendars:
    """Rosters by calendar. One thread."""

    def __init__(self, files: Collection[ShiftCalendar], zone: str, receivers: Collection[str], now: Instant) -> None:
        """Read them all.

        Args:
            files: of the settings.
            zone: of local times in files that the settings name no zone for.
            receivers: who may be named.
            now: the current time.

        Raises:
            UsageError: one cannot be read, or names somebody unknown.
        """
        self._receivers = receivers
        self._files = {each.name: (each.path, ZoneInfo(each.zone or zone)) for each in files}
        self._rosters: dict[str, Roster] = {}
        self._seen: dict[str, object] = {}
        self._read_at: dict[str, Instant] = {}
        self._looked_at = now
        for name in self._files:
            self._read(name, now)

    @property
    def duty(self) -> Duty:
        """Who is on duty, always by the last good reading."""
        return Duty(
            lambda name, at: self._rosters[name].on_duty(at),
            lambda name, after: self._rosters[name].next_change(after),
        )

    def refresh(self, now: Instant) -> bool:
        """Look for changes once a minute; returns whether a calendar was read again. A bad file is told, not used."""
        if now < self._looked_at + _LOOK_EVERY:
            return False
        self._looked_at = now
        changed = False
        for name, (path, _) in self._files.items():
            if _stamp(path) == self._seen[name] and now < self._read_at[name] + _READ_EVERY:
                continue
            try:
                self._read(name, now)
            except UsageError as error:
                self._seen[name] = _stamp(path)
                _log.error("alerts.calendar_unreadable", calendar=name, error=str(error))
            else:
                changed = True
        return changed

    def _read(self, name: str, now: Instant) -> None:
        path, zone = self._files[name]
        seen = _stamp(path)
        self._rosters[name] = read_roster(path, zone, self._receivers, now)
        self._seen[name], self._read_at[name] = seen, now


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError as error:
        return error.errno
    return found.st_mtime_ns, found.st_size, found.st_ino
