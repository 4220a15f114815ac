"""Writing the engine's heartbeat. Never the reason that the engine stops: a file not written tells the watchdog too."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import Engine

from integration.domain.instants import Duration, Instant
from integration.services.heartbeat import Beat, BeatError, Stage, State, StopReason, decode, encode
from integration.services.ports import Changes
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault

_log = structlog.get_logger()

BEAT_EVERY: Final = 0.5
"""Seconds. A loop beats no more often than this; the beginning and end of a commit are always marked."""
_READ_AGAIN: Final = 5
_STARTED_AT: Final = 19
"""Place of ``starttime`` in ``/proc/PID/stat``, counted after the command's closing parenthesis: proc(5), field 22."""


class Pulse:
    """The heartbeat of this process. Not durable on purpose: a sync would hang where the disk hangs."""

    def __init__(self, path: Path, sources: Iterable[str] = (), read: Callable[[], int] = time.time_ns) -> None:
        """Take over what the last engine knew of its sources, and say that this one is starting.

        Args:
            path: the heartbeat file.
            sources: the feeds that are set up.
            read: gives nanoseconds since the epoch.
        """
        self._path = path
        self._read = read
        self._unwritable = False
        self._beat_at = 0.0
        now = read() // 1000
        known = _earlier(path)
        heard = {source: known.get(source, now) for source in sources}
        pid = os.getpid()
        self._beat = Beat(pid, process_started(pid) or 0, 0, State.STARTING, Stage.OPENING, now, now, sources=heard)
        self._write()

    @property
    def still_for(self) -> float:
        """Return the seconds since the last beat. Any thread may ask."""
        return time.monotonic() - self._beat_at

    @property
    def doing(self) -> Stage:
        """Return what it was about to do at the last beat. Any thread may ask."""
        return self._beat.stage

    def loop(self, log_size: int, clock_behind: Duration) -> None:
        """Say that the loop goes round."""
        moved = self._beat.state is not State.RUNNING or self._beat.stage is not Stage.LOOPING
        if moved or time.monotonic() - self._beat_at >= BEAT_EVERY:
            self._now(
                state=State.RUNNING,
                stage=Stage.LOOPING,
                log_size=log_size,
                clock_behind=clock_behind,
                unavailable_since=None,
            )

    def stage(self, stage: Stage) -> None:
        """Say what is done next, where it may take the disk."""
        self._now(stage=stage)

    def unavailable(self) -> None:
        """Say that the store cannot at the moment."""
        since = self._beat.unavailable_since
        self._now(stage=Stage.WAITING_FOR_THE_STORE, unavailable_since=self._read() // 1000 if since is None else since)

    @contextmanager
    def committing(self, changes: Changes) -> Iterator[None]:
        """Mark the beginning of a commit, and its end with what it brought."""
        self._now(stage=Stage.COMMITTING)
        yield
        now = self._read() // 1000
        heard = {row.source: now for row in changes.inbox if row.source in self._beat.sources}
        sources = {**self._beat.sources, **heard}
        self._now(stage=Stage.LOOPING, commit_at=now, unavailable_since=None, sources=sources)

    def heard(self, at: Mapping[str, Instant]) -> None:
        """Say when feeds last brought something through another process. Args: ``at`` by source."""
        known = self._beat.sources
        later = {source: time for source, time in at.items() if time > known.get(source, time)}
        if later:
            self._now(sources={**known, **later})

    def stop(self, state: State, reason: StopReason | None = None) -> None:
        """Say the last thing."""
        self._now(state=state, reason=reason)

    def _now(self, **changed: Any) -> None:
        now = self._read() // 1000
        if changed.get("stage", self._beat.stage) is not self._beat.stage:
            changed["stage_since"] = now
        self._beat = replace(self._beat, number=self._beat.number + 1, at=now, **changed)
        self._write()

    def _write(self) -> None:
        self._beat_at = time.monotonic()
        try:
            # Opened each time: a file that somebody removed is there again with the next beat.
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(handle, encode(self._beat), 0)
            finally:
                os.close(handle)
        except OSError as error:
            # The watchdog sees a heart that stands still. To stop here would leave the people in custody unwatched.
            if not self._unwritable:
                _log.error("heartbeat.unwritable", file=str(self._path), error=error.strerror)
            self._unwritable = True
            return
        if self._unwritable:
            _log.warning("heartbeat.written_again", file=str(self._path))
        self._unwritable = False


class MarkedStore(SqlStore):
    """A store that marks each commit in the heartbeat: a sync that hangs is then seen from outside."""

    def __init__(self, pulse: Pulse, engine: Engine, vault: Vault) -> None:
        """Args: ``pulse`` is this process's heartbeat; the others as for `SqlStore`."""
        super().__init__(engine, vault)
        self._pulse = pulse

    def commit(self, changes: Changes) -> None:
        """See `Store.commit`."""
        with self._pulse.committing(changes):
            super().commit(changes)


def read_beat(path: Path) -> Beat:
    """Read a heartbeat file; one that is just being written is read again.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        BeatError: it is none.
    """
    for _ in range(_READ_AGAIN - 1):
        try:
            return decode(path.read_bytes())
        except BeatError:
            time.sleep(0.005)
    return decode(path.read_bytes())


def _earlier(path: Path) -> dict[str, Instant]:
    try:
        return dict(read_beat(path).sources)
    except (FileNotFoundError, BeatError):
        return {}  # the first start, or one after a crash in the middle of a write
    except OSError as error:
        _log.error("heartbeat.unreadable", file=str(path), error=error.strerror)
        return {}


def process_started(pid: int) -> int | None:
    """Return when a process started, in clock ticks after the machine's start; None if there is none."""
    fields = _stat(pid)
    return None if fields is None else int(fields[_STARTED_AT])


def process_state(pid: int, started: int) -> str | None:
    """Return a process's state letter (proc(5): R, S, D, T, Z, …); None if it is gone."""
    fields = _stat(pid)
    return fields[0] if fields is not None and int(fields[_STARTED_AT]) == started else None


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()
