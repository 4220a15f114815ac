"""How far a table is read: a time, a number, or a row version of SQL Server, and what lies a little before it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import orjson

from integration.errors import TransientError

At: TypeAlias = datetime | int | bytes
_ROWVERSION_BYTES: Final = 8
_BEYOND: Final = re.compile(r"-?infinity|[\d:.+ -]+ BC|\d{5,}-[\d:.+ -]+", re.ASCII)
_CLOCK_CHANGE: Final = 65 * 60.0
"""Seconds: a wall clock that is put back shows an hour once more, and commits come late besides."""


class SourceError(TransientError):
    """The jail's system cannot be read at the moment, or not as the settings say. It is tried again."""


@dataclass(frozen=True, slots=True)
class Position:
    """The greatest position that was read."""

    at: At

    def written(self) -> str:
        """Write it for the database."""
        if isinstance(self.at, datetime):
            return orjson.dumps({"time": self.at.isoformat()}).decode()
        if isinstance(self.at, bytes):
            return orjson.dumps({"version": self.at.hex()}).decode()
        return orjson.dumps({"number": str(self.at)}).decode()

    def is_ahead(self, now: datetime, zone: ZoneInfo, *, seconds: float) -> bool:
        """Tell whether it is a time that has not come yet. To go on from there would be to read nothing until then.

        Args:
            now: the current time, UTC.
            zone: of the jail's clock. A time without a zone may be that clock's or UTC.
            seconds: how far off the clock of the database may be.
        """
        if not isinstance(self.at, datetime):
            return False
        if self.at.tzinfo is not None:
            return self.at > now + timedelta(seconds=seconds)
        latest = max(now.replace(tzinfo=None), now.astimezone(zone).replace(tzinfo=None))
        return self.at > latest + timedelta(seconds=max(seconds, _CLOCK_CHANGE))

    def before(self, *, seconds: float, rows: int) -> At:
        """Return where to begin reading again: commits come late, so what was just passed is looked at once more.

        A time without a zone may be of a wall clock that was put back: at least 65 minutes are looked at again.
        """
        if isinstance(self.at, datetime):
            seconds = seconds if self.at.tzinfo is not None else max(seconds, _CLOCK_CHANGE)
            floor = datetime.min.replace(tzinfo=self.at.tzinfo)
            return max(floor + timedelta(days=1, seconds=seconds), self.at) - timedelta(seconds=seconds)
        if isinstance(self.at, bytes):
            number = max(0, int.from_bytes(self.at, "big") - rows)
            return number.to_bytes(max(len(self.at), _ROWVERSION_BYTES), "big")
        return self.at - rows


def read_position(text: str) -> Position | None:
    """Read what `Position.written` wrote; None for nothing."""
    if not text:
        return None
    content = orjson.loads(text)
    if "time" in content:
        return Position(datetime.fromisoformat(content["time"]))
    if "version" in content:
        return Position(bytes.fromhex(content["version"]))
    return Position(int(content["number"]))


def is_beyond(value: Any) -> bool:
    """Tell whether a value is a time that Python has none for, which `leniency` lets come as its text."""
    return isinstance(value, str) and _BEYOND.fullmatch(value) is not None


def position_of(value: Any, column: str) -> Position:
    """Take a row's position as the driver gives it.

    Raises:
        SourceError: it is of no kind that grows.
    """
    if isinstance(value, bool):
        value = None
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if isinstance(value, bytearray | memoryview):
        value = bytes(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    if isinstance(value, datetime | int | bytes):
        return Position(value)
    raise SourceError(f"column {column} is neither a time, a whole number nor a row version")
