"""The invented jails: where they are, how big, and what their systems are like."""

from dataclasses import dataclass
from typing import Final

from integration.simulator.localtime import Spelling
from integration.simulator.params import SimulationParams

_ZONES: Final = (
    "America/Detroit",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "Pacific/Honolulu",
)
_PLACES: Final = ("harrow", "millbrook", "stonefield", "eastvale", "norwick", "pinedale", "redwater", "claymont")
_SPELLINGS: Final = (Spelling.LOCAL, Spelling.LOCAL_MILLISECONDS, Spelling.LOCAL, Spelling.ZULU, Spelling.LOCAL)
_SILENT: Final = 7
"""Every so many-th feed says nothing of when an event was recorded."""


@dataclass(frozen=True, slots=True)
class Facility:
    """One jail and its feed."""

    source: str
    zone: str
    spelling: Spelling
    tells_recorded: bool
    """False: its events carry no ``recordedtime``, however late they come."""
    share: float
    """Its part of all bookings."""


def facilities(params: SimulationParams) -> tuple[Facility, ...]:
    """Return the jails of a simulation: a few large ones and many small ones, over the zones of the United States."""
    sizes = [1 / (number + 2) for number in range(params.facilities)]
    total = sum(sizes)
    return tuple(_facility(number, size / total) for number, size in enumerate(sizes))


def _facility(number: int, share: float) -> Facility:
    place = _PLACES[number % len(_PLACES)]
    round_ = number // len(_PLACES)
    slug = f"{place}-{round_ + 1}" if round_ else place
    return Facility(
        source=f"/sim/{slug}",
        zone=_ZONES[number % len(_ZONES)],
        spelling=_SPELLINGS[number % len(_SPELLINGS)],
        tells_recorded=number % _SILENT != _SILENT - 1,
        share=share,
    )
