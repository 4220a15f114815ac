"""The mail gate against relays of the same libraries that judge nothing: messages a second, and added latency.

    .venv/bin/python -m tests.bench.gate_relay [--quick]

All are processes of their own between the same sender and the same sink.

* ``gate`` examines each mail, decides, writes message, decision and log to the disk (``synchronous=FULL``) before it
  says 250, sends it on, and records that.
* ``recording`` is the gate without examining: the same database and log, and every mail may leave. What it does more
  than the next is the durable log; what the gate does more than it is judging.
* ``keeping`` appends the mail to a file and syncs it before it says 250, sends it on, and keeps no account. Mails that
  arrive together share a sync.
* ``relay`` only forwards: it says 250 when the sink has said it, and nothing is on any disk.

Mails are 20 kB of prose to a court, no two alike. Rounds alternate.
Targets: half of the relay's rate; 50 ms more than the relay at the 99th percentile, at 100 mails a second.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.section import Options, Section, main, quantile, table
from tests.gateway.site import settings_file
from tests.ports import free_port

SIZE = 20_000
CONNECTIONS = 16
TO, SENDER = "clerk@court.example", "jane@lansing.example"
WORDS = (
    "please see the attached order of the court for your records and let me know whether you need anything else "
    "regarding this matter thank you for your help with the case the officer will call the clerk on the number below"
).split()
HEAD = (
    "From: Jane Roe <{sender}>\r\nTo: <{to}>\r\nSubject: Records {number}\r\nDate: Mon, 02 Mar 2026 10:00:00 -0500\r\n"
    "Message-ID: <{number}@lansing.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n"
)
MARK = b"Message-ID: <"


@dataclass
class Sink(asyncio.Protocol):
    """Takes mail as fast as it comes, and notes when."""

    at: dict[int, float] = field(default_factory=dict)

    def __call__(self) -> "_Taking":
        return _Taking(self)


class _Taking(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink, self._data, self._in_data = sink, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._data += data
        while True:
            end = self._data.find(b"\r\n.\r\n" if self._in_data else b"\r\n")
            if end < 0:
                return
            said, self._data = self._data[:end], self._data[end + (5 if self._in_data else 2) :]
            if self._in_data:
                start = said.index(MARK) + len(MARK)
                self._sink.at[int(said[start : said.index(b"@", start)])] = time.monotonic()
                self._in_data = False
                self._transport.write(b"250 taken\r\n")
            elif said[:4].upper() == b"EHLO":
                self._transport.write(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif said.upper() == b"DATA":
                self._in_data = True
                self._transport.write(b"354 go\r\n")
            else:
                self._transport.write(b"221 bye\r\n" if said.upper() == b"QUIT" else b"250 OK\r\n")


def mail(dice: random.Random, number: int) -> bytes:
    text = HEAD.format(sender=SENDER, to=TO, number=number)
    line: list[str] = []
    parts = [text]
    size = len(text)
    while size < SIZE:
        line.append(dice.choice(WORDS) if dice.random() < 0.9 else "".join(dice.choices("aeioubcdlmnrst", k=7)))
        if len(line) == 12:
            parts.append(" ".join(line) + "\r\n")
            size += len(parts[-1])
            line = []
    return "".join(parts).encode()


@dataclass
class Sender:
    """One connection that hands mails over, one after another."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        await self._reply()
        await self._say(b"EHLO bench.example")

    async def hand(self, raw: bytes) -> None:
        for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{TO}>", "DATA"):
            await self._say(line.encode())
        assert self.writer is not None
        self.writer.write(raw + b".\r\n")
        await self._reply()

    async def _say(self, line: bytes) -> None:
        assert self.writer is not None
        self.writer.write(line + b"\r\n")
        await self._reply()

    async def _reply(self) -> None:
        assert self.reader is not None
        while True:
            line = await self.reader.readline()
            assert line[:1] in b"23", line
            if line[3:4] == b" ":
                return

    async def close(self) -> None:
        assert self.writer is not None
        self.writer.close()


async def opened(port: int) -> list[Sender]:
    senders = [Sender(port) for _ in range(CONNECTIONS)]
    for sender in senders:
        await sender.open()
    return senders


async def flat_out(port: int, sink: Sink, mails: dict[int, bytes]) -> float:
    """Hand all mails over as fast as they are taken; returns mails a second, until the last is at the sink."""
    senders = await opened(port)
    waiting = list(mails.items())
    start = time.monotonic()

    async def work(sender: Sender) -> None:
        while waiting:
            await sender.hand(waiting.pop()[1])

    await asyncio.gather(*(work(sender) for sender in senders))
    await _arrived(sink, mails)
    taken = max(sink.at[number] for number in mails) - start
    for sender in senders:
        await sender.close()
    return len(mails) / taken


async def paced(port: int, sink: Sink, mails: dict[int, bytes], rate: float) -> list[float]:
    """Hand mails over at a steady rate; returns for each the seconds from when it was due to when it arrived."""
    senders: asyncio.Queue[Sender] = asyncio.Queue()
    for sender in await opened(port):
        senders.put_nowait(sender)
    start = time.monotonic() + 0.1
    due = {number: start + place / rate for place, number in enumerate(mails)}

    async def hand(number: int) -> None:
        await asyncio.sleep(due[number] - time.monotonic())
        sender = await senders.get()
        await sender.hand(mails[number])
        senders.put_nowait(sender)

    await asyncio.gather(*(hand(number) for number in mails))
    await _arrived(sink, mails)
    while not senders.empty():
        await senders.get_nowait().close()
    return sorted(sink.at[number] - due[number] for number in mails)


async def _arrived(sink: Sink, mails: dict[int, bytes]) -> None:
    async with asyncio.timeout(120):
        while not all(number in sink.at for number in mails):  # noqa: ASYNC110  another process brings it about
            await asyncio.sleep(0.005)


async def relay(port: int, upstream: int, spool: Path | None = None) -> None:
    """Take a mail with the gate's own door, hand it to the gate's own line, answer what came back.

    Args:
        port: where it listens.
        upstream: the sink.
        spool: mails are on the disk here before they are answered, and sent on afterwards; None: they are on no disk.
    """
    from connectors.smtp_gateway.config import Listen, Upstream
    from connectors.smtp_gateway.server import Door, Handed
    from connectors.smtp_gateway.upstream import Parcel, lines

    free: asyncio.Queue = asyncio.Queue()
    for line in lines(Upstream(host="127.0.0.1", port=upstream, connections=4), "bench.example"):
        free.put_nowait(line)
    kept: asyncio.Queue = asyncio.Queue()
    sending: set[asyncio.Task] = set()

    async def forward(handed: Handed) -> None:
        line = await free.get()
        try:
            await line.send(Parcel(handed.raw, handed.sender, handed.recipients, utf8=handed.utf8))
        finally:
            free.put_nowait(line)

    async def take(handed: Handed) -> str:
        if spool is None:
            await forward(handed)
            return "250 2.0.0 forwarded"
        durable = asyncio.get_running_loop().create_future()
        kept.put_nowait((handed.raw, durable))
        await durable
        sending.add(task := asyncio.create_task(forward(handed)))
        task.add_done_callback(sending.discard)
        return "250 2.0.0 kept"

    async def turned_away(_reason: str) -> None:
        return

    await Door(Listen(port=port), take, turned_away).start()
    if spool is None:
        await asyncio.Event().wait()
    else:
        await _keep(spool, kept)


async def _keep(spool: Path, kept: asyncio.Queue) -> None:
    """Append whatever waits at one moment, sync once, and say so to everybody whose mail it was."""
    with spool.open("ab", buffering=0) as file:

        def append(raws: list[bytes]) -> None:
            file.write(b"".join(raws))
            os.fdatasync(file.fileno())

        while True:
            waiting = [await kept.get()]
            while not kept.empty():
                waiting.append(kept.get_nowait())
            await asyncio.get_running_loop().run_in_executor(None, append, [raw for raw, _ in waiting])
            for _, durable in waiting:
                if not durable.done():
                    durable.set_result(None)


async def recording(path: Path) -> None:
    """The gate without examining: everything is kept, decided, logged and sent, and nothing is looked at."""
    from integration.bootstrap import open_installation
    from integration.domain.messages.content import Content
    from integration.domain.recipients.reach import By, Reach
    from integration.runners.gateway.gateway import Gateway
    from integration.runners.gateway.parts import gate_parts, open_lines
    from integration.services.examining import NO_ROSTER, Envelope, Examined, Reached
    from integration.settings import load_settings
    from schemas.kinds import RecipientClass

    nothing, somebody = Content(frozenset(), (), custody_query=False), Reach(RecipientClass.OTHER, By.NOTHING)

    def unexamined(_raw: bytes, envelope: Envelope, _parameters: object, *, roster: object = NO_ROSTER) -> Examined:
        assert roster is not None
        return Examined(tuple(Reached(each, "envelope", somebody) for each in envelope.recipients), (), nothing, ())

    parts = gate_parts(open_installation(load_settings(path)), examine=unexamined)
    await Gateway(parts, open_lines(parts.settings)).run()


@asynccontextmanager
async def program(port: int, *command: object) -> AsyncIterator[int]:
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(*map(str, command), stdout=log, stderr=log)
        try:
            async with asyncio.timeout(60):
                while True:
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", port)
                    except OSError:
                        assert process.returncode is None, (log.seek(0), log.read())
                        await asyncio.sleep(0.05)
                    else:
                        writer.close()
                        break
            yield process.pid
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 60)


def processor_seconds(process: int) -> float:
    """What a process and those that it has started have used so far: a busy machine changes it little."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            if process in {int(stat.parent.name), int(fields[1])}:
                used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


@contextmanager
def numbered(dice: random.Random) -> Iterator:
    """Mails with numbers that no round before had."""
    count = 0

    def more(wanted: int) -> dict[int, bytes]:
        nonlocal count
        made = {number: mail(dice, number) for number in range(count, count + wanted)}
        count += wanted
        return made

    yield more


NAMES = ("gate", "recording", "keeping", "relay")


@asynccontextmanager
async def programs(folder: Path, upstream: int) -> AsyncIterator[dict[str, tuple[int, int]]]:
    """Run all four; yields the port and the process of each."""
    ports = {name: free_port() for name in NAMES}
    for name in ("gate", "recording"):
        (folder / name).mkdir()
        settings_file(folder / name, upstream, port=ports[name], connections=4)
    this = (sys.executable, "-m", "tests.bench.gate_relay")
    commands = {
        "gate": (
            Path(sys.executable).with_name("holdwatch"),
            *("gate", "run", "--settings", folder / "gate" / "holdwatch.toml"),
        ),
        "recording": (*this, "--recording", folder / "recording" / "holdwatch.toml"),
        "keeping": (*this, "--relay", ports["keeping"], upstream, folder / "spool"),
        "relay": (*this, "--relay", ports["relay"], upstream),
    }
    async with AsyncExitStack() as stack:
        yield {
            name: (ports[name], await stack.enter_async_context(program(ports[name], *command)))
            for name, command in commands.items()
        }


async def compared(options: Options) -> dict[str, list[list[float]]]:
    rounds, many, steady = (1, 100, 100) if options.quick else (3, 400, 400)
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(sink, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    rates: dict[str, list[list[float]]] = {f"{what} {name}": [] for what in ("rate", "cpu", "steady") for name in NAMES}
    with tempfile.TemporaryDirectory() as folder, numbered(random.Random(1)) as more:
        async with programs(Path(folder), upstream) as running:
            for port, _ in running.values():
                await flat_out(port, sink, more(50))
            for _ in range(rounds):
                for name, (port, process) in running.items():
                    before = processor_seconds(process)
                    rates[f"rate {name}"].append([await flat_out(port, sink, more(many))])
                    rates[f"cpu {name}"].append([(processor_seconds(process) - before) / many])
                    rates[f"steady {name}"].append(await paced(port, sink, more(steady), 100))
    server.close()
    return rates


def measure(options: Options) -> Section:
    found = asyncio.run(compared(options))
    fast = {name: statistics.median(each[0] for each in found[f"rate {name}"]) for name in NAMES}
    late = {
        name: [statistics.median(quantile(each, share) for each in found[f"steady {name}"]) for share in (0.5, 0.99)]
        for name in NAMES
    }
    used = {name: statistics.median(each[0] for each in found[f"cpu {name}"]) * 1e3 for name in NAMES}
    rows = [
        (name, f"{fast[name]:.0f}", f"{used[name]:.1f}", f"{late[name][0] * 1e3:.1f}", f"{late[name][1] * 1e3:.1f}")
        for name in NAMES
    ]
    for name in NAMES[1:]:
        added = [late["gate"][place] - late[name][place] for place in (0, 1)]
        more = f"{used['gate'] / used[name]:.1f} times"
        ratio = f"{fast['gate'] / fast[name]:.2f} of it"
        rows.append((f"gate against {name}", ratio, more, f"{added[0] * 1e3:+.1f}", f"{added[1] * 1e3:+.1f}"))
    head = ("", "mails/s, flat out", "processor ms a mail", "p50 at 100/s, ms", "p99 at 100/s, ms")
    text = (
        f"Mails of {SIZE // 1000} kB to an ordinary recipient, {CONNECTIONS} connections. From when a mail was due to "
        "its arrival behind. `relay` only forwards; `keeping` has each mail on the disk before it answers; `recording` "
        "is the gate with its durable log and without examining. Medians of rounds that alternate.\n\n"
        f"{table(head, rows)}"
    )
    figures = {
        "gate_ratio": fast["gate"] / fast["relay"],
        "gate_ratio_keeping": fast["gate"] / fast["keeping"],
        "gate_ratio_recording": fast["gate"] / fast["recording"],
        "gate_added_p99": late["gate"][1] - late["relay"][1],
    }
    return Section("The mail gate", text, figures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--relay"]:
        asyncio.run(relay(int(sys.argv[2]), int(sys.argv[3]), *map(Path, sys.argv[4:5])))
    elif sys.argv[1:2] == ["--recording"]:
        asyncio.run(recording(Path(sys.argv[2])))
    else:
        main(measure, __doc__)
