"""The heartbeat of a process, or a thread, beside the engine: alerting, the gate."""

import os
from pathlib import Path

from integration.services.heartbeat import BeatError, State, StopReason
from integration.store.pulse import Pulse, process_state, read_beat


class SidePulse:
    """It beats only while its owner gets on: one that waits for its database is silent, and that is told."""

    def __init__(self, path: Path) -> None:
        """Write nothing yet. Args: ``path`` is `Settings.beat_file` of the process."""
        self._path = path
        self._pulse: Pulse | None = None
        self._waiting = False

    def beat(self) -> None:
        """Say that it gets on."""
        if self._pulse is None:
            self._pulse = Pulse(self._path)
        self._waiting = False
        self._pulse.loop(0, 0)

    def stand_by(self) -> None:
        """Say that another one has the work: on another machine, unless one of this machine says so itself."""
        try:
            beat = read_beat(self._path)
        except (OSError, BeatError):
            self.beat()
            return
        if beat.pid == os.getpid() or process_state(beat.pid, beat.process_started) in {None, "Z", "X"}:
            self.beat()

    def unavailable(self) -> None:
        """Say once that the store cannot at the moment; then be silent."""
        if self._pulse is not None and not self._waiting:
            self._pulse.unavailable()
            self._waiting = True

    def stop(self, reason: StopReason | None = None) -> None:
        """Say the last thing. Args: ``reason`` why it stopped by itself; None: it was told to."""
        if self._pulse is not None:
            self._pulse.stop(State.STOPPED if reason is None else State.FAILED, reason)
