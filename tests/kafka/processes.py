"""Processes of the program that a test starts, freezes, kills and looks at."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson

from tests.conftest import COMMAND, environment

STOP_SECONDS = 60


class Process:
    """``holdwatch COMMAND`` over one settings file. Its log is a file of JSON lines."""

    def __init__(self, command: str, settings: Path, log: Path, variables: dict[str, str] | None = None) -> None:
        self.command, self.log = command, log
        self.started = time.monotonic()
        with log.open("ab") as told:
            self._process = subprocess.Popen(
                [*COMMAND, *command.split(), "--settings", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                cwd=settings.parent,
                env=environment() | {"PYTHONFAULTHANDLER": "1"} | (variables or {}),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def terminate(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; returns the seconds that it took. Fails if it has to be asked twice."""
        begun = time.monotonic()
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)  # It says where each thread stands.
            self._process.wait(STOP_SECONDS)
            raise AssertionError(f"{self.command} did not stop\n{self.said()[-20000:]}") from None
        return time.monotonic() - begun

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for its end; returns the exit status."""
        return self._process.wait(seconds)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.status is None:
            self.thaw()
            self.kill()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """What it logged: all lines, or those of one kind."""
        found = []
        for line in self.said().splitlines():
            if line.startswith("{") and line.endswith("}"):
                entry = orjson.loads(line)
                if event is None or entry.get("event") == event:
                    found.append(entry)
        return found

    def port(self) -> int:
        """The port of its metrics page."""
        return int(self.lines("metrics.served")[-1]["port"])
