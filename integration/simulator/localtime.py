"""Times as a jail's own system writes them: local, with the offset of that moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from integration.simulator.dice import DAY, HOUR, MINUTE

_EPOCH_ORDINAL: Final = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_MINUTES: Final = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(DAY // MINUTE))
_SECONDS: Final = tuple(f"{second:02}" for second in range(60))


class Spelling(Enum):
    """How a system writes a time."""

    LOCAL = "local"
    LOCAL_MILLISECONDS = "local_milliseconds"
    ZULU = "zulu"


class LocalTime:
    """Writes seconds since the epoch as RFC 3339 in one zone and one spelling."""

    __slots__ = ("_offset", "_spelling", "zone")

    def __init__(self, zone: str, spelling: Spelling) -> None:
        """Args: ``zone`` is an IANA name whose clock changes fall on whole hours UTC."""
        self.zone = zone
        self._spelling = spelling
        self._offset = _offsets(zone)

    def hour(self, utc_hour: int) -> int:
        """Return the hour of the local day (0 to 23) in which an hour since the epoch falls."""
        return (utc_hour * HOUR + self._offset(utc_hour)[0]) % DAY // HOUR

    def write(self, at: int) -> str:
        """Write an instant (seconds since the epoch)."""
        if self._spelling is Spelling.ZULU:
            shift, suffix = 0, "Z"
        else:
            shift, suffix = self._offset(at // HOUR)
            if self._spelling is Spelling.LOCAL_MILLISECONDS:
                # Some digits that look like a clock's; the same instant always gets the same ones.
                suffix = f".{at * 7919 % 1000:03}{suffix}"
        day, second = divmod(at + shift, DAY)
        minute, second = divmod(second, MINUTE)
        return date_of(day) + _MINUTES[minute] + _SECONDS[second] + suffix


@lru_cache(maxsize=64)
def _offsets(zone: str) -> Callable[[int], tuple[int, str]]:
    """Return what gives a zone's offset in an hour since the epoch, as seconds and as text."""
    info = ZoneInfo(zone)

    @lru_cache(maxsize=4096)
    def offset(hour: int) -> tuple[int, str]:
        shift = datetime.fromtimestamp(hour * HOUR, info).utcoffset()
        seconds = 0 if shift is None else int(shift.total_seconds())
        sign, size = ("-", -seconds) if seconds < 0 else ("+", seconds)
        return seconds, f"{sign}{size // HOUR:02}:{size % HOUR // MINUTE:02}"

    return offset


@lru_cache(maxsize=4096)
def date_of(day: int) -> str:
    """Write a day, counted since the epoch."""
    return datetime.fromordinal(_EPOCH_ORDINAL + day).date().isoformat()
