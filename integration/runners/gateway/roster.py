"""Keeps the roster current while messages are judged by it, and tells when the file cannot be read."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from connectors.roster.file import RosterError, RosterFile
from integration.domain.messages.people import Roster

_log = structlog.get_logger()


class RosterFeed:
    """A roster that follows its file, looked at by a thread of its own."""

    def __init__(self, path: Path, registry: CollectorRegistry, *, now: Callable[[], float] = time.time) -> None:
        """Read nothing yet.

        Args:
            path: the file.
            registry: collects the metrics.
            now: seconds since 1970, UTC.
        """
        self._file = RosterFile(path)
        self._now = now
        self._people = Gauge("holdwatch_gate_roster_people", "People on the roster in force.", registry=registry)
        self._read = Gauge(
            "holdwatch_gate_roster_read_timestamp_seconds", "When the roster in force was read.", registry=registry
        )
        self._failures = Counter(
            "holdwatch_gate_roster_failures", "Roster files that could not be used.", ["reason"], registry=registry
        )

    def roster(self) -> Roster:
        """Return the roster in force; one that is `missing` while there has been none. Any thread."""
        return self._file.current

    def look(self) -> None:
        """Read the file if it has changed. A failure is logged and counted; it changes nothing."""
        try:
            fresh = self._file.look()
        except RosterError as error:
            self._failures.labels(error.fault.value).inc()
            kept = not self._file.current.missing
            _log.error("gate.roster_failed", reason=error.fault.value, line=error.line or None, old_one_kept=kept)
            return
        if fresh:
            self._people.set(len(self._file.current))
            self._read.set(self._now())
            _log.info("gate.roster_read", people=len(self._file.current))

    def not_ready(self) -> list[str]:
        """Tell why messages to immigration authorities are all blocked at present; empty if they are not."""
        return ["no_roster"] if self._file.current.missing else []

    @contextmanager
    def followed(self, every_seconds: float) -> Iterator[None]:
        """Read the file, and look at it again and again until the block ends."""
        self.look()
        stop = threading.Event()

        def follow() -> None:
            while not stop.wait(every_seconds):
                self.look()

        thread = threading.Thread(target=follow, name="roster", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
