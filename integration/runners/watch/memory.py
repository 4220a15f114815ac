"""What the watchdog keeps over a restart: a small file, written whole. One that cannot be read is put aside."""

import fcntl
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final

import structlog
from pydantic import TypeAdapter, ValidationError

from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError
from integration.services.watchbook import Book

_log = structlog.get_logger()

_HOUR: Final = 3600.0
_DAYS: Final = 7 * 24 * _HOUR
_LONGEST_PAUSE: Final = 24 * _HOUR
"""Seconds of a stop that count for what is due: the system's clock is only believed so far."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that must survive."""

    book: Book = field(default_factory=Book)
    steady: float = 0.0
    """Seconds since the first start. Never goes backwards."""
    latest: Instant = 0
    """The latest time that was seen."""
    trend: tuple[tuple[float, int], ...] = ()
    """(steady, free bytes) about every hour of the last week."""

    def with_room(self, free: int) -> "Memory":
        """Remember how much was free, once an hour."""
        if self.trend and self.steady - self.trend[-1][0] < _HOUR:
            return self
        kept = tuple(each for each in self.trend if self.steady - each[0] < _DAYS)
        return replace(self, trend=(*kept, (self.steady, free)))


_FORM: Final = TypeAdapter(Memory)


def load(path: Path, now: Instant) -> Memory:
    """Return what was kept, with the time that has passed since.

    Raises:
        OSError: the file is there and cannot be read.
    """
    try:
        memory = _FORM.validate_json(path.read_bytes())
    except FileNotFoundError:
        return Memory(latest=now)
    except ValidationError:
        # Alerts may now be told twice; none is forgotten.
        aside = path.with_name(f"{path.name}.unreadable-{now // SECOND}")
        path.rename(aside)
        _log.error("watch.memory_unreadable", put_aside=str(aside))
        return Memory(latest=now)
    pause = min(max(0.0, (now - memory.latest) / SECOND), _LONGEST_PAUSE)
    return replace(memory, steady=memory.steady + pause)


def peek(path: Path) -> Memory | None:
    """Return what is kept, for another process that only looks; None where there is nothing that can be read."""
    try:
        return _FORM.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def save(path: Path, memory: Memory) -> None:
    """Write everything, durably.

    Raises:
        OSError: it cannot be written; the old file is whole.
    """
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_FORM.dump_json(memory))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def hold(path: Path) -> BinaryIO:
    """Hold the place of the one watchdog; closing what is returned gives it back.

    Raises:
        UsageError: another one runs with this state file.
        OSError: the place cannot be held.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise UsageError(f"another holdwatch watch uses {path}") from None
    return lock


class SteadyClock:
    """Seconds that only go forward, over restarts too."""

    def __init__(self, begin: float) -> None:
        """Args: ``begin`` is where the last one left off."""
        self._offset = begin - time.monotonic()

    def now(self) -> float:
        """Return the seconds since the first start."""
        return time.monotonic() + self._offset
