"""A gate over HTTP as it runs: real listener, real database, a real upstream that writes down what reaches it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from connectors.http_gateway.config import HttpGateway
from integration.bootstrap import Installation, open_desk, open_installation
from integration.clock import WallClock
from integration.runners.gateway.http_listener import HttpListener
from integration.runners.gateway.parts import GateParts, gate_parts
from integration.services.intake import Input, Intake
from integration.settings import Settings
from integration.store.sql_store import SqlStore
from tests.servers import ending

SOURCE = "/jms/example-county"


def settings(folder: Path, http: dict[str, Any] | None = None, **gate: Any) -> Settings:
    return Settings(
        site={"name": "test-jail", "state_dir": folder / "state"},
        log={"origin": "audit.example.gov/test"},
        facilities=[{"source": SOURCE, "zone": "America/Detroit", "packs": [{"pack": "lansing-eo-2017-01"}]}],
        gate={
            "notices_from": "gate@county.example",
            "contact": "the records bureau",
            "upstream": {"host": "127.0.0.1", "port": 1},
            "http": {"port": 0, **(http or {})},
            **gate,
        },
    )


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return orjson.loads(self.body)


@dataclass
class Upstream:
    """A server of the simplest kind: it keeps every byte that reaches it."""

    port: int = 0
    """0: a free one, once it serves."""
    requests: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    """Empty: the connection is closed without one."""
    hold: asyncio.Event | None = None
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Upstream"]:
        server = await asyncio.start_server(self._take, "127.0.0.1", self.port, ssl=self.tls)
        async with ending(server) as self.port:
            yield self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
            for line in raw.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    raw += await reader.readexactly(int(line.partition(b":")[2]))
                if line.lower() == b"transfer-encoding: chunked":
                    raw += await _chunks(reader)
            self.requests.append(raw)
            if self.hold is not None:
                await self.hold.wait()
            writer.write(self.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """Read a body in chunks, as it comes, trailers included."""
    raw, length = b"", 1
    while length:
        line = await reader.readuntil(b"\r\n")
        length = int(line, 16)
        raw += line + (await reader.readexactly(length + 2) if length else b"")
    while not raw.endswith(b"\r\n\r\n"):
        raw += await reader.readuntil(b"\r\n")
    return raw


class Site:
    """One installation with its HTTP listener."""

    def __init__(self, installation: Installation, parts: GateParts, listener: HttpListener) -> None:
        self.installation, self.parts, self.listener = installation, parts, listener

    async def ask(
        self, method: str, path: str, body: bytes | dict[str, Any] = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        raw = orjson.dumps(body) if isinstance(body, dict) else body
        said = {"Host": "gate.test", **(headers or {})}
        if raw and not any(name.lower() == "content-type" for name in said):
            said["Content-Type"] = "application/json"
        if raw or method in {"POST", "PUT"}:
            said["Content-Length"] = str(len(raw))
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in said.items())
        return reply_of(await self.say(head.encode("latin-1") + b"Connection: close\r\n\r\n" + raw))

    async def say(self, raw: bytes) -> bytes:
        """Send bytes as they are, and return everything that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        try:
            writer.write(raw)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), 60)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    def entries(self) -> list[dict[str, Any]]:
        return [orjson.loads(row.body) for row in self.installation.records.entries() if row.body]

    def kinds(self) -> list[tuple[str, str]]:
        return [(each["kind"], each["outcome"]) for each in self.entries()]


def reply_of(raw: bytes) -> Reply:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Reply(int(first.split()[1]), headers, body)


@asynccontextmanager
async def site(given: Settings, **parts_given: Any) -> AsyncIterator[Site]:
    given.site.state_dir.mkdir(parents=True, exist_ok=True)
    installation = open_installation(given)
    parts = gate_parts(installation, **parts_given)
    assert given.gate is not None
    assert isinstance(given.gate.http, HttpGateway)
    listener = HttpListener(parts, given.gate.http)
    try:
        async with listener.serving():
            yield Site(installation, parts, listener)
    finally:
        parts.close()
        installation.store.close()


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so. It has no event of its own: another thread brings it about."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def booked(installation: Installation, *data: tuple[str, dict[str, Any]]) -> str:
    """A booking, as the feed would bring it, with what else happened."""
    events = [("jail.booking.opened.v1", {}), *data]
    lines = [
        orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"e{number}",
                "source": SOURCE,
                "type": kind,
                "subject": "B-1",
                "time": f"2026-03-02T10:00:{number:02}Z",
                "data": content,
            }
        )
        for number, (kind, content) in enumerate(events)
    ]
    store = SqlStore(installation.store.engine, installation.vault)
    intake = Intake(open_desk(store, installation.pack_for, place="test"))
    inputs = [Input(f"test:{number}", line) for number, line in enumerate(lines)]
    tally = intake.take(inputs, lambda _recorded: WallClock().now(), pass_time=lambda _now: None)
    assert tally.accepted == len(lines)
    return "B-1"
