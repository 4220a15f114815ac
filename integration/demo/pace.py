"""How the demo's time passes: with the wall clock, or in jumps from one thing that happens to the next."""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

from integration.domain.instants import SECOND, Instant

_FRAME: Final = 0.25
"""Seconds between two looks at the board."""
_POLL: Final = 0.01

Settled = Callable[[], bool]
"""Tells whether the service has done everything that is due and read every file."""


class Pace(Protocol):
    """The clock of the demo."""

    def read(self) -> int:
        """Return nanoseconds since the epoch, as `WallClock` reads them."""
        ...

    async def until(self, at: Instant, next_deadline: Callable[[], Instant], settled: Settled) -> bool:
        """Let some time pass on the way to ``at``, microseconds UTC; returns whether it is reached."""
        ...


class RealPace:
    """The machine's clock."""

    def read(self) -> int:
        """See `Pace.read`."""
        return time.time_ns()

    async def until(self, at: Instant, next_deadline: Callable[[], Instant], settled: Settled) -> bool:
        """Wait until the next look at the board, at the most."""
        del next_deadline, settled
        left = (at - self.read() // 1000) / SECOND
        await asyncio.sleep(min(_FRAME, max(0.0, left)))
        return left <= _FRAME


class JumpingPace:
    """A clock that stands still until it is moved to the next deadline or act."""

    def __init__(self, start: Instant) -> None:
        """Args: ``start`` is the first reading, microseconds UTC."""
        self._now = start

    def read(self) -> int:
        """See `Pace.read`."""
        return self._now * 1000

    async def until(self, at: Instant, next_deadline: Callable[[], Instant], settled: Settled) -> bool:
        """Jump to the next deadline before ``at``, else to ``at``, and wait until the service has caught up."""
        self._now = max(self._now, min(at, next_deadline()))
        await settle(settled)
        return self._now >= at


async def settle(settled: Settled) -> None:
    """Wait until the service has nothing left to do at this instant."""
    while not settled():  # noqa: ASYNC110  the service has no event for having nothing left to do
        await asyncio.sleep(_POLL)
