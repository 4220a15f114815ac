"""What a simulation is asked for. Rates are shares of 0 to 1."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from integration.errors import UsageError

_FIRST_YEAR: Final = 2007
"""Since then the United States change their clocks on the second Sunday of March and the first of November."""
_LAST_YEAR: Final = 2190
_LONGEST_DAYS: Final = 3660
_LONGEST_CANARY: Final = 200


@dataclass(frozen=True, slots=True)
class SimulationParams:
    """The same parameters give the same bytes.

    Delivery (``duplicates``, ``lateness``, ``shuffle_window``) has dice of its own: two runs that differ in nothing
    else tell the same facts, but for what still lies undelivered when the days are over.

    Raises:
        UsageError: a value lies outside its range.
    """

    seed: int = 0
    facilities: int = 3
    bookings_per_day: float = 150.0
    """Mean over all facilities together."""
    days: int = 30
    start: date = date(2026, 1, 1)
    """The first day begins at midnight UTC. Jails are empty then, and fill as the days go by."""
    run_out: bool = False
    """Let every booking made in those days run to its end; otherwise the stream stops with the last day."""

    duplicates: float = 0.3
    """Events that are delivered twice. Of n events, about n * (1 + duplicates) lines come."""
    lateness: float = 0.15
    """Events that reach the records system minutes to days after they happened."""
    shuffle_window: int = 300
    """Seconds by which delivery may be delayed, each event by its own draw: this far the order is mixed up."""

    immigration: float = 0.0064
    """Bookings with an immigration paper."""
    holding_on: float = 0.5
    """Releases of people under a detainer at which the jail holds on for the immigration authority."""
    notices: float = 0.6
    """Immigration papers of which the person is given a copy."""
    mislabelled: float = 0.12
    """Immigration papers that the source system books under a wrong kind of hold."""
    verified: float = 0.6
    """Judicial warrants that somebody confirms with the court."""
    forbidden: float = 0.004
    """Bookings that carry a field that must never be kept."""
    voided: float = 0.004
    moved: float = 0.008
    rescinded: float = 0.02
    """Bookings in which an entitlement to release is taken back and comes again later."""
    mistaken_releases: float = 0.004
    """Releases that never were, retracted within half an hour."""
    corrections: float = 0.03
    """Bookings in which a hold is placed again with other details."""
    retractions: float = 0.008
    """Bookings in which an event is retracted; one in six of those retractions is itself retracted."""
    court_trips: float = 0.08
    """Bookings with a temporary transfer to a court or a hospital."""
    messages: float = 0.03
    """Bookings about which a message goes to a court, a victim or counsel."""
    register_entries: float = 0.15
    """Assistance requests, certifications and complaints, for each facility and day."""

    canary: str = ""
    """Stands in every name: whoever finds it in an output has found a leak."""

    def __post_init__(self) -> None:
        """Check every range."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and field.name != "bookings_per_day" and not 0 <= value <= 1:
                raise UsageError(f"{_written(field.name)} {value}: a share lies between 0 and 1")
        _within("facilities", self.facilities, 1, 5000)
        _within("bookings_per_day", self.bookings_per_day, 0.01, 1_000_000)
        _within("days", self.days, 1, _LONGEST_DAYS)
        _within("shuffle_window", self.shuffle_window, 0, 7 * 86400)
        _within("start", self.start.year, _FIRST_YEAR, _LAST_YEAR)
        _within("canary", len(self.canary), 0, _LONGEST_CANARY)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise UsageError(f"{_written(name)} {value}: at least {least}, at most {most}")


def _written(name: str) -> str:
    return "--" + name.replace("_", "-")
