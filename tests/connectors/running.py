"""An installation whose connectors run as real processes, which a test kills and starts again."""

import asyncio
import inspect
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from integration.bootstrap import Installation, connect_ports, open_installation
from integration.clock import WallClock
from integration.runners.connect.build import feeds_of
from integration.runners.connect.run import serve
from integration.runners.connect.taker import Taker
from integration.settings import load_settings
from tests.conftest import COMMAND, environment

SETTINGS = """
[site]
name = "test"
state_dir = "{root}/state"
[log]
origin = "audit.example/test"
[[facilities]]
source = "{source}"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
[intake]
batch_size = {batch}
"""


class Site:
    """One installation below ``root`` with some ``[[sources]]``."""

    def __init__(self, root: Path, sources: str, *, source: str = "/jms/example-county", batch: int = 10) -> None:
        self.root = root
        (root / "state").mkdir(parents=True, exist_ok=True)
        self.settings = root / "holdwatch.toml"
        self.settings.write_text(SETTINGS.format(root=root, source=source, batch=batch) + sources)
        self.told = root / "told.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.told.open("ab") as told:
            command = [*COMMAND, "connect", "run", "--settings", str(self.settings)]
            self.process = subprocess.Popen(command, stderr=told, stdout=told, env=environment())

    def wait(self, until: Callable[[], Any], seconds: float = 120) -> Any:
        limit = time.monotonic() + seconds
        while not (found := until()):
            assert self.process is not None
            assert self.process.poll() is None, f"it stopped by itself: {self.told.read_text()[-3000:]}"
            assert time.monotonic() < limit, f"it takes too long: {self.told.read_text()[-3000:]}"
            time.sleep(0.01)
        return found

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def clean_up(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    @contextmanager
    def opened(self) -> Iterator[Installation]:
        installation = open_installation(load_settings(self.settings))
        try:
            yield installation
        finally:
            installation.store.close()

    def make(self) -> None:
        """Make the database, as the engine would have."""
        with self.opened():
            pass

    def run(self, until: Callable[[], Any], *names: str, seconds: float = 120) -> None:
        """Run the connectors in this process until something has come about, then stop them cleanly."""
        asyncio.run(self.running(until, *names, seconds=seconds))

    async def running(self, until: Callable[[], Any], *names: str, seconds: float = 120) -> None:
        """Do the same inside a loop. What `until` returns may be awaited."""
        with self.opened() as installation:
            taker = Taker(connect_ports(installation, WallClock()))
            serving = asyncio.create_task(serve(feeds_of(installation.settings, taker, names), taker))
            try:
                async with asyncio.timeout(seconds):
                    while not serving.done() and not await _of(until()):  # noqa: ASYNC110  a file or a row
                        await asyncio.sleep(0.01)
            finally:
                taker.stopping.set()
                await serving

    def ask(self, sql: str) -> list[Any]:
        """Read rows of the database, whatever else runs."""
        import sqlite3

        connection = sqlite3.connect(f"file:{self.root}/state/holdwatch.sqlite?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def count(self, table: str = "inbox") -> int:
        return int(self.ask(f"SELECT count(*) FROM {table}")[0][0])


async def _of(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def findings(site: Site) -> list[tuple[Any, ...]]:
    """What stands, by what it says of whom from when to when."""
    return sorted(
        site.ask("SELECT finding_id, booking, rule, about, since, until FROM findings WHERE status != 'withdrawn'")
    )
