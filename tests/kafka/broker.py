"""A real Apache Kafka broker for tests, in a temporary folder, on a free port of loopback."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "deploy" / "kafka" / "broker"
READY_SECONDS = 120
FETCH_SECONDS = 600
METADATA, VERSION = 3, 4


class BrokerError(Exception):
    """The broker does not do what was asked; the message holds the end of its log."""


class Broker:
    """One broker. It ends with this process, however this process ends: its program watches a pipe from here."""

    def __init__(self, *, heap: str = "384m") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="holdwatch-kafka-"))
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None
        fetched = subprocess.run([PROGRAM, "jars"], capture_output=True, check=False, timeout=FETCH_SECONDS)
        if fetched.returncode:
            self.remove()
            raise BrokerError(fetched.stderr.decode())
        self.class_path = fetched.stdout.decode().strip()

    @property
    def address(self) -> str:
        """Host and port, for ``bootstrap_servers``. The same after every restart."""
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    @property
    def pid(self) -> int:
        """The program's process id, and that of its group, in which Java is."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and return when a client would find it ready. Data of an earlier start is there again."""
        assert self._process is None, "it runs"
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "run", self.folder, "--heap", self._heap, "--until-stdin-ends"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when a client would find it ready."""
        until = time.monotonic() + READY_SECONDS
        while not self.answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise BrokerError(f"no broker answers:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def answers(self, seconds: float = 30) -> bool:
        """Whether it names itself as a broker that clients may use (a Metadata request of the Kafka protocol)."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
                request = struct.pack(">hhihi?", METADATA, VERSION, 1, -1, 0, False)
                link.sendall(struct.pack(">i", len(request)) + request)
                answer = link.recv(4096)
        except (OSError, ValueError):
            return False
        _size, _correlation, _throttle, brokers = struct.unpack_from(">iiii", answer.ljust(16, b"\0"))
        return brokers > 0

    def stop(self) -> None:
        """Stop in an orderly way. Does nothing if it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power failure of its machine would (what it wrote is with the kernel, and stays)."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Stop it in its tracks; connections stay open and nobody answers."""
        os.killpg(self.pid, signal.SIGSTOP)
        # One thread takes the signal and then stops the others: until its turn comes they may answer.
        until = time.monotonic() + READY_SECONDS
        while set(self._states()) != {"T"}:
            if time.monotonic() > until:
                raise BrokerError("it does not stop")
            time.sleep(0.01)

    def _states(self) -> Iterator[str]:
        """Of each thread of its processes, as `proc(5)` has it: ``T`` is stopped."""
        for path in Path("/proc").glob("[0-9]*/task/[0-9]*/stat"):
            with suppress(OSError):  # ended meanwhile
                state, _parent, group, *_ = path.read_text().rpartition(")")[2].split()
                if int(group) == self.pid:
                    yield state

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def log(self) -> str:
        """What it and its program said."""
        return (self.folder / "server.log").read_text(errors="replace")

    def remove(self) -> None:
        """End it and delete its data."""
        try:
            self.kill()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        try:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, number)
            process.wait(READY_SECONDS)
            until = time.monotonic() + READY_SECONDS
            while self._listens():  # Java is the program's child: after a kill the kernel may still be ending it
                if time.monotonic() > until:
                    raise BrokerError("it listens after its end")
                time.sleep(0.01)
        finally:
            process.stdin.close()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return (self.folder / "port").exists() and probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
