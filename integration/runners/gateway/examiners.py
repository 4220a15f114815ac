"""Examining mail in processes of their own: it takes the most processor time, and one interpreter uses one core.

Fail closed: a message whose examiner dies, or does not answer in time, was not examined. It is not taken, its client
hears 451, and the next message gets a new process.
"""

import os
import queue
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Final

import structlog

from integration.domain.messages.people import Roster
from integration.domain.parameters import Parameters
from integration.errors import TransientError
from integration.runners.gateway.examiner import Job
from integration.services.examining import NO_ROSTER, Envelope, Examined, examine_mail

_log = structlog.get_logger()

PATIENCE: Final = 60.0
"""Seconds that an examination may take. What a message holds is bounded, so a whole one takes a second or two."""
_LEAVE: Final = 5.0
"""Seconds that a process has to end once it is left alone."""
_MOST: Final = 4
"""Processes, where nobody says how many."""
_FEW: Final = 2
"""Processors on which they are no gain: a mail costs a fifth more, and the gateway itself uses most of one."""


class _Examiner:
    """One process, started when it is needed. One thread at a time."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._link: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._parameters: Parameters | None = None
        self._roster: Roster | None = None

    @property
    def pid(self) -> int | None:
        """Its process; None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process, if there is none."""
        if self._link is not None:
            return
        mine, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "integration.runners.gateway.examiner", str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603  this program, and a number
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        self._link = Connection(mine.detach())
        self._parameters = self._roster = None

    def examine(self, raw: bytes, envelope: Envelope, parameters: Parameters, roster: Roster) -> Examined:
        """Have a message examined.

        Raises:
            TransientError: it was not examined.
        """
        try:
            self.start()
            return self._ask(raw, envelope, parameters, roster)
        except (OSError, EOFError, TimeoutError) as error:
            _log.error("gate.examiner_failed", error=type(error).__name__)
            self.stop(at_once=True)
            with suppress(OSError):
                self.start()  # The next message need not wait for it.
            raise TransientError("a message was not examined: its process is gone") from error

    def _ask(self, raw: bytes, envelope: Envelope, parameters: Parameters, roster: Roster) -> Examined:
        link = self._link
        assert link is not None
        # A pack and a roster stay the same for thousands of messages.
        same_pack, same_roster = parameters is self._parameters, roster is self._roster
        link.send(Job(raw, envelope, None if same_pack else parameters, None if same_roster else roster))
        self._parameters, self._roster = parameters, roster
        if not link.poll(self._patience):
            raise TimeoutError
        examined = link.recv()
        assert isinstance(examined, Examined)
        return examined

    def stop(self, *, at_once: bool = False) -> None:
        """End the process. Args: ``at_once``: without waiting for it to end by itself."""
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._process is not None:
            if at_once:
                self._process.kill()
            try:
                self._process.wait(_LEAVE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class Examiners:
    """A few processes, and whoever comes gets the next that is free. Any thread."""

    def __init__(self, count: int, *, patience: float = PATIENCE) -> None:
        """Start them.

        Args:
            count: how many; 0: messages are examined by the thread that asks.
            patience: seconds that one examination may take.
        """
        self._all = [_Examiner(patience) for _ in range(count)]
        self._free: queue.LifoQueue[_Examiner] = queue.LifoQueue()
        for each in self._all:
            each.start()
            self._free.put(each)

    @property
    def processes(self) -> list[int]:
        """Ids of the processes that run."""
        return [each.pid for each in self._all if each.pid is not None]

    @property
    def idle(self) -> int:
        """How many have nothing to do."""
        return self._free.qsize()

    def __call__(
        self, raw: bytes, envelope: Envelope, parameters: Parameters, *, roster: Roster = NO_ROSTER
    ) -> Examined:
        """Examine a mail message, as `examine_mail` does.

        Raises:
            TransientError: the process died or did not answer in time. Nothing was examined.
        """
        if not self._all:
            return examine_mail(raw, envelope, parameters, roster=roster)
        examiner = self._free.get()
        try:
            return examiner.examine(raw, envelope, parameters, roster)
        finally:
            self._free.put(examiner)

    def close(self) -> None:
        """End them. Nobody may ask any more."""
        for each in self._all:
            each.stop()


@contextmanager
def examiners(count: int | None) -> Iterator[Examiners]:
    """Have mail examined by processes of their own until the block ends.

    Args:
        count: how many; None: one for each processor, four at the most, and none where there are two or one.
    """
    processors = len(os.sched_getaffinity(0))
    if count is None:
        count = min(processors, _MOST) if processors > _FEW else 0
    pool = Examiners(count)
    try:
        yield pool
    finally:
        pool.close()
