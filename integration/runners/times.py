"""By which clock the embedded runner lives: the system's, or that of the events it imports."""

from collections.abc import Sequence
from typing import Protocol

from integration.clock import WallClock
from integration.domain.instants import NEVER, Duration, Instant
from integration.runners.replay import SimulatedClock
from integration.services.desk import Desk
from integration.services.intake import Input, Intake, Tally


class Times(Protocol):
    """A clock, and when deadlines fire by it."""

    def take(self, batch: Sequence[Input]) -> Tally:
        """Have a batch taken in. Raises as `Intake.take` does; the same batch may be given again."""
        ...

    def let_pass(self, *, idle: bool) -> None:
        """Fire what has come due. Args: ``idle`` says that nothing waits to be taken in."""
        ...

    def until_due(self) -> Duration:
        """Return how long nothing can come due, if nothing comes in."""
        ...


class SystemTimes:
    """The wall clock: read once a batch; deadlines fire after it, and are told at the time of the clock."""

    def __init__(self, desk: Desk, intake: Intake, clock: WallClock) -> None:
        """Args: ``clock`` gives the time."""
        self._desk = desk
        self._intake = intake
        self._clock = clock

    def take(self, batch: Sequence[Input]) -> Tally:
        """See `Times.take`. What the batch's events say is known before deadlines fire."""
        now = self._clock.now()
        return self._intake.take(batch, lambda _event: now, pass_time=lambda _now: None)

    def let_pass(self, *, idle: bool) -> None:  # noqa: ARG002  the wall clock does not wait for anything
        """See `Times.let_pass`."""
        now = self._clock.now()
        self._desk.advance(now, at=now)

    def until_due(self) -> Duration:
        """See `Times.until_due`."""
        return self._desk.next_deadline() - self._clock.now()


class RecordedTimes:
    """Recorded time: as late as the latest event's ``recordedtime``; deadlines fire in between, each at its instant."""

    def __init__(self, desk: Desk, intake: Intake, start: Instant) -> None:
        """Args: ``start`` is how late it was when the last process ended."""
        self._desk = desk
        self._intake = intake
        self._clock = SimulatedClock(start)

    def take(self, batch: Sequence[Input]) -> Tally:
        """See `Times.take`. What is taken again lives the same times again."""
        before = self._clock.now
        try:
            return self._intake.take(batch, self._clock, pass_time=lambda now: self._desk.advance(now - 1))
        except BaseException:
            self._clock.now = before
            raise

    def let_pass(self, *, idle: bool) -> None:
        """See `Times.let_pass`. While more waits, it may have been recorded at this same instant, and comes first."""
        if idle:
            self._desk.advance(self._clock.now)

    def until_due(self) -> Duration:
        """See `Times.until_due`."""
        return NEVER  # Time stands still until the next event.
