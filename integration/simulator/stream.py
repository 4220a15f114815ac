"""The whole simulation as one stream, in the order in which lines arrive."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import Final

from integration.simulator.arrival import Buckets
from integration.simulator.dice import DAY, HOUR
from integration.simulator.facility import facilities
from integration.simulator.life import Jail
from integration.simulator.params import SimulationParams

_FAR: Final = 2**40

OnDay = Callable[[int], None]
"""Told how many days are over."""


def simulate(params: SimulationParams, *, on_day: OnDay | None = None) -> Iterator[bytes]:
    """Yield one event of the contract as JSON for each line that arrives, duplicates included.

    Memory holds what the people now in custody will still send, whatever the number of days. A run of more days
    begins with the same lines as a run of fewer.

    Args:
        params: what to simulate.
        on_day: told of each day that is over.

    Yields:
        A line without its newline, in order of arrival.
    """
    for lines in _hours(params, on_day):
        for _, raw in lines:
            yield raw


def timed(params: SimulationParams, *, on_day: OnDay | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield the same lines, each with the millisecond since the epoch at which it arrives."""
    for lines in _hours(params, on_day):
        yield from lines


def _hours(params: SimulationParams, on_day: OnDay | None) -> Iterator[list[tuple[int, bytes]]]:
    first = int(datetime.combine(params.start, time(), UTC).timestamp())
    end = first + params.days * DAY
    buckets: Buckets = defaultdict(list)
    jails = [Jail(facility, params, buckets, _FAR if params.run_out else end) for facility in facilities(params)]
    for hour in range(first // HOUR, end // HOUR):
        for jail in jails:
            jail.work(hour)
        # Nothing of a later booking can arrive in this hour: a booking tells nothing before it was opened.
        yield _arrived(buckets, hour)
        if on_day is not None and (hour + 1) % (DAY // HOUR) == 0:
            on_day((hour + 1 - first // HOUR) // (DAY // HOUR))
    for hour in sorted(buckets):
        yield _arrived(buckets, hour)


def _arrived(buckets: Buckets, hour: int) -> list[tuple[int, bytes]]:
    # Lines of one millisecond sort by their bytes: the order depends on nothing else.
    return sorted(buckets.pop(hour, ()))
