"""The mail server behind the gate, for tests: takes mail down byte for byte, and can be made to fail at any step.

Written without the libraries that the gateway is built on, so that it counts what really came over the wire.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servers import ended


@dataclass
class Arrived:
    """One message as it came."""

    sender: str
    recipients: list[str]
    raw: bytes
    parameters: str


@dataclass
class Sink:
    """What arrived, and how to answer. ``answers`` maps a step to what is said at it; see `_step`."""

    arrived: list[Arrived] = field(default_factory=list)
    answers: dict[str, bytes] = field(default_factory=dict)
    """Step to answer: ``greeting``, ``EHLO``, ``MAIL``, ``RCPT``, ``DATA``, ``end``, ``RSET``, ``QUIT``.
    ``b"drop"``: hang up without a word. An answer for one address: ``RCPT a@b``."""
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Steps at which it waits until the event is set."""
    reached: list[str] = field(default_factory=list)
    """Every step, in order."""
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 100000000", "8BITMIME", "SMTPUTF8")
    trust: object = None
    slow: float = 0.0
    connections: int = 0
    port: int = 0
    server: asyncio.Server | None = None
    on_step: Callable[[str], None] | None = None
    tasks: set = field(default_factory=set)
    stopped: bool = False

    async def start(self, port: int = 0) -> "Sink":
        self.stopped = False
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**20)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self.server is not None
        self.stopped = True
        for task in list(self.tasks):
            task.cancel()
        await ended(self.server)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            if not self.stopped:
                await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _DroppedError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _step(self, writer: asyncio.StreamWriter, step: str, usual: bytes, about: str = "") -> bytes:
        self.reached.append(step)
        if self.on_step is not None:
            self.on_step(step)
        if step in self.held:
            await self.held[step].wait()
        if self.slow:
            await asyncio.sleep(self.slow)
        answer = self.answers.get(f"{step} {about}", self.answers.get(step, usual))
        if answer == b"drop":
            writer.transport.abort()
            raise _DroppedError
        writer.write(answer + b"\r\n")
        await writer.drain()
        return answer

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:  # noqa: C901  commands
        await self._step(writer, "greeting", b"220 sink")
        sender, recipients, parameters = "", [], ""
        while line := await reader.readline():
            assert line.endswith(b"\r\n"), line
            verb, _, rest = line[:-2].decode("utf-8").partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    said = "\r\n".join(["250-sink", *(f"250-{each}" for each in self.offers), "250 OK"])
                    await self._step(writer, "EHLO", said.encode())
                case "STARTTLS":
                    writer.write(b"220 go\r\n")
                    await writer.start_tls(self.trust)
                case "MAIL":
                    recipients = []
                    sender, _, parameters = rest.removeprefix("FROM:<").partition(">")
                    await self._step(writer, "MAIL", b"250 OK")
                case "RCPT":
                    address = rest.removeprefix("TO:<").removesuffix(">")
                    if (await self._step(writer, "RCPT", b"250 OK", address)).startswith(b"250"):
                        recipients.append(address)
                case "DATA":
                    if (await self._step(writer, "DATA", b"354 go")).startswith(b"354"):
                        raw = await _message(reader)
                        answer = self.answers.get("end", b"250 taken")
                        # It has it from here on, whatever it says: that is what the tests are about.
                        if answer == b"drop" or answer[:1] not in (b"4", b"5"):
                            self.arrived.append(Arrived(sender, recipients, raw, parameters.strip()))
                        await self._step(writer, "end", b"250 taken")
                        recipients = []
                case "RSET":
                    await self._step(writer, "RSET", b"250 OK")
                case "QUIT":
                    await self._step(writer, "QUIT", b"221 bye")
                    return
                case _:
                    writer.write(b"500 what\r\n")


class _DroppedError(Exception):
    """Hung up on purpose."""


async def _message(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
        lines.append(line.removeprefix(b"."))
    return b"".join(lines)
