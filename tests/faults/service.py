"""The real service in a process of its own, over a folder that a test may look into."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from integration.bootstrap import Installation, open_installation
from integration.settings import load_settings
from tests.conftest import COMMAND, environment

SETTINGS = """
[site]
name = "test"
state_dir = "{root}/state"
[log]
origin = "audit.example/test"
checkpoint_every_seconds = 0.05
[[facilities]]
source = "/jms/a"
zone = "America/Detroit"
packs = [{{ pack = "ma-welcoming-community" }}]
[[facilities]]
source = "/jms/b"
zone = "America/Detroit"
packs = [{{ pack = "ma-welcoming-community" }}]
[[drop_folders]]
path = "{root}/drop"
[intake]
batch_size = 10
"""


class Service:
    """One installation below ``root``; its process is started, killed and started again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.drop = root / "drop"
        self.drop.mkdir(parents=True)
        self.settings = root / "holdwatch.toml"
        self.settings.write_text(SETTINGS.format(root=root))
        self.told = root / "told.log"
        self.process: subprocess.Popen[bytes] | None = None

    def put(self, name: str, lines: list[bytes]) -> None:
        """Drop a file as another system would: under a passing name, then renamed."""
        part = self.drop / f"{name}.part"
        part.write_bytes(b"".join(line + b"\n" for line in lines))
        part.rename(self.drop / name)

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        with self.told.open("ab") as told:
            command = [*COMMAND, "run", "--settings", str(self.settings)]
            self.process = subprocess.Popen(command, stderr=told, stdout=told, env=environment(), **options)
        return self.process

    @property
    def waiting(self) -> int:
        """Number of files that are not read to their end."""
        folders = (self.drop, self.drop / "working")
        return sum(each.is_file() for folder in folders if folder.is_dir() for each in folder.iterdir())

    def wait(self, until: Any, seconds: float = 120) -> None:
        limit = time.monotonic() + seconds
        while not until():
            assert self.process is not None
            assert self.process.poll() is None, f"it stopped by itself: {self.told.read_text()[-2000:]}"
            assert time.monotonic() < limit, "it takes too long"
            time.sleep(0.005)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def finish(self) -> int:
        """Run until every file is read, then stop cleanly; returns the exit status."""
        # Without a file to read it would be told to stop before it listens.
        self.put("zz-last.jsonl", [])
        self.start()
        self.wait(lambda: self.waiting == 0)
        return self.stop()

    def clean_up(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @contextmanager
    def opened(self) -> Iterator[Installation]:
        """What it left, opened as the service would open it."""
        installation = open_installation(load_settings(self.settings))
        try:
            yield installation
        finally:
            installation.store.close()

    def outbox_told(self) -> list[str]:
        """Keys of what was told on standard error, in order, repeated ones too."""
        lines = (line for line in self.told.read_bytes().splitlines() if b'"outbox.told"' in line)
        return [told["key"] for told in map(_read, lines) if told]


def _read(line: bytes) -> dict[str, Any]:
    try:
        told: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}  # cut off by the kill
    return told
