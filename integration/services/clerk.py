"""Group commit for a side process: whatever waits at one moment is written in one transaction.

A commit waits for the disk. Messages that arrive together share the wait; each of them still hears only of a commit
that holds its own entries. What nobody waits for lies for a moment, so that it shares the next one's.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from integration.audit.entry import Entry
from integration.errors import StaleReadError, TransientError, UsageError
from integration.services.auditing import AuditDesk
from integration.services.ports import Changes, DecisionRow, Write

T = TypeVar("T")

_AT_ONCE = 64
"""Acts in one transaction, at the most."""
PATIENCE: Final = 0.05
"""Seconds that what can wait lies, if nothing comes that cannot."""


@dataclass(slots=True)
class Act(Generic[T]):
    """What one act writes, and what whoever asked for it gets once that is on the disk."""

    result: T
    entries: Sequence[Entry] = ()
    writes: Sequence[Write] = ()
    decisions: Sequence[DecisionRow] = ()


Prepare = Callable[[], Act[T]]
"""Reads what the act depends on and returns what it writes. Called anew for each attempt.

What must not happen any more, it raises; the others of the group go on without it.
"""


@dataclass(slots=True, eq=False)
class _Job:
    prepare: Prepare[Any]
    until: float
    """By the monotonic clock: when it is written at the latest, should nothing come before."""
    answer: "Future[Any]" = field(default_factory=Future)


class Clerk:
    """One thread that writes, for any number that ask."""

    def __init__(self, desk: AuditDesk) -> None:
        """Args: ``desk`` over a store of its own, which nobody else uses."""
        self._desk = desk
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="clerk", daemon=True)
        self._thread.start()

    @property
    def desk(self) -> AuditDesk:
        """Makes entries (`AuditDesk.entry`); not for writing."""
        return self._desk

    def submit(self, prepare: Prepare[T], *, can_wait: bool = False) -> "Future[T]":
        """Have an act written. Any thread.

        Args:
            prepare: see `Prepare`.
            can_wait: whether nobody waits for it: it is written with the next that cannot, or after `PATIENCE`.

        Returns:
            Its result, once it is durable; or what `AuditDesk.write` and ``prepare`` raise: then nothing was written.
        """
        job = _Job(prepare, time.monotonic() + PATIENCE if can_wait else 0.0)
        with self._closing:
            if self._closed:
                job.answer.set_exception(TransientError("this process is stopping"))
            else:
                self._waiting.put(job)
        return job.answer

    def close(self) -> None:
        """Write what still waits, and stop. Whoever asks later is told that nothing was written."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        last = False
        while not last:
            jobs, last = self._gathered()
            # Not for those who have gone away meanwhile: a client that hung up, for one.
            wanted = [job for job in jobs if job.answer.set_running_or_notify_cancel()]
            if wanted:
                self._write(wanted)

    def _gathered(self) -> tuple[list[_Job], bool]:
        """Return what is to be written next, and whether it is the last."""
        jobs = [first] if (first := self._waiting.get()) is not None else []
        last = first is None
        until = first.until if first is not None else 0.0
        while not last and len(jobs) < _AT_ONCE:
            try:
                job = self._waiting.get(timeout=max(until - time.monotonic(), 0.0))
            except queue.Empty:
                break
            if job is None:
                last = True
            else:
                jobs.append(job)
                until = min(until, job.until)
        return jobs, last

    def _write(self, jobs: list[_Job]) -> None:
        group = _Group(jobs)
        try:
            self._desk.write(group.prepare)
        except _NothingToWriteError:
            pass
        except Exception as error:  # noqa: BLE001  it is told to whoever asked
            if len(jobs) > 1 and isinstance(error, StaleReadError | UsageError):
                # One of them cannot be written: the others need not suffer for it.
                for job in jobs:
                    self._write([job])
                return
            group.give_up(error)
        group.answer()


class _Group:
    """Acts that are written together."""

    def __init__(self, jobs: Sequence[_Job]) -> None:
        self._jobs = jobs
        self._done: list[tuple[_Job, Any]] = []
        self._failed: list[tuple[_Job, Exception]] = []

    def prepare(self) -> tuple[list[Entry], Changes]:
        """Ask each anew what it writes; those that give up are left out."""
        self._done, self._failed = [], []
        entries: list[Entry] = []
        changes = Changes()
        for job in self._jobs:
            try:
                act = job.prepare()
            except Exception as error:  # noqa: BLE001  it is told to whoever asked
                self._failed.append((job, error))
                continue
            entries += act.entries
            changes.also += act.writes
            changes.decisions += act.decisions
            self._done.append((job, act.result))
        if not self._done:
            raise _NothingToWriteError
        return entries, changes

    def give_up(self, error: Exception) -> None:
        """Take note that nothing was written."""
        self._failed += [(job, error) for job, _ in self._done]
        self._done = []

    def answer(self) -> None:
        """Tell everybody what became of theirs."""
        for job, result in self._done:
            job.answer.set_result(result)
        for job, why in self._failed:
            job.answer.set_exception(why)


class _NothingToWriteError(Exception):
    """Every act of the group has been given up."""
