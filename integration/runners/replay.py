"""Replay: the whole pipeline in simulated time, from inputs to findings (section 7).

The current time is the greatest ``recordedtime`` so far. Deadlines that lie before it fire on the way, each at its
exact instant; what an event at that same instant says is known first.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from integration.domain.instants import Instant
from integration.services.desk import Desk
from integration.services.intake import Input, Intake, OnRefused, Tally
from schemas.events import Received

_BATCH = 2000

OnProgress = Callable[[int], None]
"""Told the number of inputs read so far."""


class SimulatedClock:
    """A clock that runs on the events' own times."""

    def __init__(self, start: Instant = 0) -> None:
        """Args: ``start`` is the time before the first event."""
        self.now = start

    def __call__(self, received: Received | None) -> Instant:
        """Return the time after an event: never earlier than before it."""
        if received is not None:
            event = received.event
            recorded = event.time if event.recordedtime is None else event.recordedtime
            self.now = max(self.now, recorded)
        return self.now


def replay(
    inputs: Iterable[Input],
    desk: Desk,
    *,
    until: Instant | None = None,
    on_refused: OnRefused | None = None,
    on_progress: OnProgress | None = None,
) -> Tally:
    """Run inputs through the desk, then let time pass until ``until``.

    Args:
        inputs: in the order in which they arrived.
        desk: a fresh desk over an empty store.
        until: where simulated time ends, if that is later than the last event.
        on_refused: told of each refused input.
        on_progress: told how far it is.
    """
    clock = SimulatedClock()
    intake = Intake(desk, on_refused=on_refused)
    tally = Tally()
    for batch in _batches(inputs):
        tally.add(intake.take(batch, clock, pass_time=lambda now: desk.advance(now - 1)))
        if on_progress is not None:
            on_progress(tally.read)
    desk.advance(max(clock.now, until or 0))
    desk.commit()
    return tally


def _batches(inputs: Iterable[Input]) -> Iterator[list[Input]]:
    iterator = iter(inputs)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
