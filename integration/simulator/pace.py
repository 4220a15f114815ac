"""How fast a feed runs: lines go out in handfuls, each when its time has come."""

import time
from collections.abc import Callable
from typing import Final

MILLISECONDS: Final = 1000
_LINES: Final = 2000
"""Lines of a handful where no speed is given."""


class Pace:
    """Cuts a feed into handfuls of a second, and waits until each has come; or does not wait."""

    def __init__(
        self,
        speed: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with the first line, whenever it comes.

        Args:
            speed: simulated seconds a second; 0: as fast as they are taken.
            clock: seconds, from whenever.
            sleep: lets seconds pass.
        """
        self._speed = speed
        self._clock = clock
        self.sleep = sleep
        self._begun: tuple[int, float] | None = None
        """The first line's millisecond, and the clock's reading then."""
        self._until = 0
        """The millisecond with which the next handful begins."""
        self._lines = 0

    def begin(self, at: int) -> None:
        """Begin a handful with a line that arrives ``at`` a millisecond."""
        if self._begun is None:
            self._begun = at, self._clock()
        self._until = at + max(1, int(self._speed * MILLISECONDS))
        self._lines = 1

    def is_over(self, at: int) -> bool:
        """Tell whether the handful is over before a line that arrives ``at`` a millisecond; else it belongs to it."""
        over = at >= self._until if self._speed else self._lines >= _LINES
        self._lines += 1
        return over

    def wait(self) -> None:
        """Let the time come at which the handful is over."""
        if self._begun is not None and self._speed:
            first, begun = self._begun
            left = begun + (self._until - first) / MILLISECONDS / self._speed - self._clock()
            if left > 0:
                self.sleep(left)
