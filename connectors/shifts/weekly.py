"""Shift calendars as TOML: a week that comes back, and what overrides it."""

import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from integration.domain.alerts.shifts import Shift, Weekly, local_instant, shifts_of
from integration.errors import UsageError

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


_YEARS: Final = range(1970, 2200)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError("a local time is needed, without an offset")
    if moment.year not in _YEARS:
        raise ValueError(f"a year from {_YEARS[0]} to {_YEARS[-1]} is needed")
    return moment


Local = Annotated[datetime, AfterValidator(_local)]


class _Table(BaseModel):
    """Strict: TOML has local times of its own, and ``start = 7`` would be read as seven seconds past midnight."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Week(_Table):
    days: Annotated[list[Day], Field(min_length=1)] = [*_DAYS]
    start: time
    end: time
    receivers: list[str]


class _Override(_Table):
    start: Local
    end: Local
    receivers: list[str]

    @model_validator(mode="after")
    def _goes_forward(self) -> "_Override":
        if self.start >= self.end:
            raise ValueError("end is not after start")
        return self


class _File(_Table):
    weekly: list[_Week] = []
    overrides: list[_Override] = []


def read_weekly(path: Path, content: bytes, zone: ZoneInfo, first: date, last: date) -> tuple[list[Shift], list[Shift]]:
    """Return the shifts that begin from ``first`` to ``last``, and every override.

    Raises:
        UsageError: the file has faults; all of them are named.
    """
    try:
        file = _File.model_validate(tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise UsageError("\n".join([f"{path} has {len(faults)} faults:", *faults])) from None
    weekly = [
        Weekly(frozenset(map(_DAYS.index, each.days)), each.start, each.end, tuple(each.receivers))
        for each in file.weekly
    ]
    overrides = [
        Shift(
            local_instant(each.start.date(), each.start.time(), zone),
            local_instant(each.end.date(), each.end.time(), zone),
            tuple(each.receivers),
        )
        for each in file.overrides
    ]
    return shifts_of(weekly, zone, first, last), overrides
