"""The wall clock, as the pure rules want it: microseconds, UTC, never backwards."""

import time
from collections.abc import Callable

import structlog

from integration.domain.instants import SECOND, Duration, Instant

_log = structlog.get_logger()


class WallClock:
    """Reads the system's clock. A step backwards is told once and waited out, so that no time is lived twice."""

    def __init__(self, read: Callable[[], int] = time.time_ns) -> None:
        """Args: ``read`` gives nanoseconds since the epoch."""
        self._read = read
        self._last: Instant = 0
        self._behind = False
        self.behind: Duration = 0
        """How far the system's clock stood, at the last reading, behind the latest time given out."""

    def now(self) -> Instant:
        """Return the current time."""
        instant = self._read() // 1000
        self.behind = max(0, self._last - instant)
        if instant < self._last:
            if self._last - instant > SECOND and not self._behind:
                self._behind = True
                _log.error("clock.stepped_back", by_seconds=(self._last - instant) // SECOND)
            return self._last
        self._behind = False
        self._last = instant
        return instant
