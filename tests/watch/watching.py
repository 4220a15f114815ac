"""The real engine and the real watchdog, each a process of its own, over one installation with short limits."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tests.conftest import COMMAND, environment
from tests.faults.service import SETTINGS, Service
from tests.watch.sink import Sink, listening, secret_file

SHORT = """
[watch]
look_every_seconds = 0.1
engine_silent_after_seconds = 8
log_unwritable_after_seconds = 1
checkpoint_behind_after_seconds = 2
check_failing_after_seconds = 0.5
disk_hanging_after_seconds = 5
disk_nearly_full_percent = 100
disk_full_megabytes = 0
disk_days_left = 0
settle_seconds = 0.5
"""
"""Limits for a loaded test machine: an engine may take seconds to start, and seconds to get its next turn."""


def webhook(sink: Sink, folder: Path, name: str = "webhook") -> str:
    return (
        f'[[watch.webhooks]]\nname = "{name}"\nurl = "{sink.url}/{name}"\n'
        f'secret_file = "{secret_file(folder)}"\ntimeout_seconds = 15\n'
    )


class Watched(Service):
    """An installation with a watchdog beside its engine."""

    def __init__(self, root: Path, *tables: str, limits: str = SHORT) -> None:
        super().__init__(root)
        self.settings.unlink()
        # Only state and drop folder lie below: a fault that hits the folder must not hit what is said of it.
        self.settings, self.told, self.said = (root.with_suffix(each) for each in (".toml", ".told", ".watch"))
        self.settings.write_text("".join([SETTINGS.format(root=root), limits, *tables]))
        self.watchdog: subprocess.Popen[bytes] | None = None

    def watch(self, **options: Any) -> None:
        with self.said.open("ab") as said:
            command = [*COMMAND, "watch", "--settings", str(self.settings)]
            given = {"env": environment()} | options
            self.watchdog = subprocess.Popen(command, stdout=said, stderr=said, **given)

    def end_watch(self, number: int = signal.SIGTERM) -> int:
        assert self.watchdog is not None
        self.watchdog.send_signal(number)
        return self.watchdog.wait(timeout=60)

    def says(self, event: str) -> list[dict[str, Any]]:
        """Lines of the watchdog's log with that name."""
        lines = self.said.read_bytes().splitlines() if self.said.exists() else []
        read = (orjson.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}"))
        return [line for line in read if line.get("event") == event]

    @property
    def state_file(self) -> Path:
        return self.root / "state" / "watch.json"

    def state(self) -> dict[str, Any]:
        read: dict[str, Any] = orjson.loads(self.state_file.read_bytes())
        return read

    def clean_up(self) -> None:
        for process in (self.process, self.watchdog):
            if process is not None and process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)
                process.kill()
                process.wait()


@contextmanager
def watched(root: Path, *tables: str, limits: str = SHORT) -> Iterator[tuple[Watched, Sink]]:
    """An installation whose watchdog tells a sink."""
    with listening() as sink:
        made = Watched(root / "site", webhook(sink, root), *tables, limits=limits)
        try:
            yield made, sink
        finally:
            made.clean_up()
