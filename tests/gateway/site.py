"""An installation with a gateway in this process, in front of a sink."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.bootstrap import Installation, open_installation
from integration.runners.gateway.gateway import Gateway
from integration.runners.gateway.parts import GateParts, gate_parts, open_lines
from integration.services.examining import Examine, examine_mail
from integration.settings import load_settings
from tests.gateway.sink import Sink

SOURCE = "/jms/gate"
SETTINGS = """
[site]
name = "gate-test"
state_dir = "{folder}/state"
[log]
origin = "test.example/gate"
[database]
url = "{url}"
[[facilities]]
source = "/jms/gate"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
[gate]
notices_from = "gate@lansing.example"
contact = "the records bureau"
retry_first_seconds = {retry}
[gate.smtp]
port = {port}
{smtp}
[gate.upstream]
host = "127.0.0.1"
port = {upstream}
timeout_seconds = {timeout}
answer_seconds = {answer}
connections = {connections}
"""


def settings_file(folder: Path, upstream: int, **more: object) -> Path:
    (folder / "state").mkdir(parents=True, exist_ok=True)
    path = folder / "holdwatch.toml"
    values = {"url": "", "port": 0, "smtp": "", "timeout": 30, "answer": 30, "connections": 2, "retry": 0.05}
    path.write_text(SETTINGS.format(folder=folder, upstream=upstream, **{**values, **more}))
    return path


@dataclass
class Site:
    """A running gateway."""

    installation: Installation
    parts: GateParts
    gateway: Gateway
    sink: Sink
    settings: Path

    @property
    def port(self) -> int:
        return self.gateway.port

    def kinds(self, *wanted: str) -> list[str]:
        return [row.kind for row in self.installation.records.entries() if not wanted or row.kind in wanted]

    def states(self) -> dict[str, int]:
        return dict(self.parts.book.counts())

    async def until(self, condition, seconds: float = 60.0):
        """Wait for a condition, with a bound."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not (result := condition()):
            assert loop.time() < end, f"{self.states()} {self.sink.reached[-10:]}"
            await asyncio.sleep(0.01)
        return result

    async def settled(self) -> None:
        """Wait until nothing is on its way."""
        await self.until(lambda: not {"to_send", "sending"} & self.states().keys())


@asynccontextmanager
async def running(folder: Path, sink: Sink, *, examine: Examine = examine_mail, **more: object):
    path = settings_file(folder, sink.port, **more)
    settings = load_settings(path)
    installation = open_installation(settings)
    parts = gate_parts(installation, examine=examine)
    gateway = Gateway(parts, open_lines(parts.settings))
    task = asyncio.create_task(gateway.run())
    site = Site(installation, parts, gateway, sink, path)
    try:
        while not gateway.port:
            assert not task.done(), task.result()
            await asyncio.sleep(0.01)
        yield site
    finally:
        gateway.stop()
        await task
        parts.close()
        installation.store.close()
