"""A jail's wall clock as instants, where the clock changes: one reading for every connector.

The contract (section 1) settles the hour that comes twice: the earlier instant, and the doubt recorded. It says nothing
of the hour that never was; the same choice is made there: of the two instants that such a time can mean, by the offset
before the change and by the one after it, the earlier. Whatever ends custody then ends it sooner, and a paper that is
counted an hour early only lengthens an account that the jail's own clock cannot settle.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Doubt(StrEnum):
    """Why a wall clock's time is more than one instant. The word ends the id of what it dates."""

    REPEATED = "repeated-hour"
    """The clock showed it twice (autumn)."""
    SKIPPED = "skipped-hour"
    """The clock never showed it (spring)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A wall clock's time in its zone."""

    at: datetime
    """UTC: of two instants the earlier."""
    doubt: Doubt | None = None


def place(wall_clock: datetime, zone: ZoneInfo) -> Placed:
    """Place a time without an offset in the zone of the clock that showed it. Its ``fold`` says nothing.

    Raises:
        OverflowError: the instant is outside what a `datetime` holds.
    """
    readings = [wall_clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    instants = [reading.astimezone(UTC) for reading in readings]
    if instants[0] == instants[1]:
        return Placed(instants[0])
    # What the clock showed at the first of the two: itself, unless it never showed it (PEP 495).
    shown = instants[0].astimezone(zone).replace(tzinfo=None, fold=0)
    doubt = Doubt.REPEATED if shown == wall_clock.replace(tzinfo=None, fold=0) else Doubt.SKIPPED
    return Placed(min(instants), doubt)
