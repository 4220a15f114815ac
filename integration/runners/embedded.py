"""One process, one database: reads drop folders, fires deadlines, signs checkpoints, tells what changed.

Everything that touches the desk runs in one thread, one batch at a time, so order is the order of commits.
"""

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import structlog
from watchfiles import awatch

from connectors.jms_files.folder import DropFolder
from integration.bootstrap import Ports
from integration.domain.instants import SECOND, Instant
from integration.errors import TransientError
from integration.services.dispatch import dispatch
from integration.services.intake import Clock, Input, Intake, Tally

_log = structlog.get_logger()

_LONGEST_SLEEP = 0.25
"""Seconds. A clock that is set forward, or a deadline set by somebody else, is noticed this soon."""
_RETRY_AFTER = 1.0


class Embedded:
    """The service. `run` returns once `stop` is called and everything taken in is committed."""

    def __init__(self, ports: Ports) -> None:
        """Args: ``ports`` from the composition root."""
        self._ports = ports
        self._stopping = asyncio.Event()
        self._nudged = asyncio.Event()
        self._checkpointed_at: Instant = 0
        self._unread: list[tuple[DropFolder, Path]] | None = None

    def stop(self) -> None:
        """Finish the batch at hand, then stop."""
        self._stopping.set()
        self._nudged.set()

    async def run(self) -> None:
        """Work until stopped.

        Raises:
            FatalError: the store or the log fails: no record, no action.
        """
        watching = asyncio.create_task(self._watch())
        try:
            while not self._stopping.is_set():
                try:
                    busy = self._step()
                except TransientError as error:
                    _log.warning("store.unavailable", error=str(error))
                    await asyncio.sleep(_RETRY_AFTER)
                    continue
                if busy:
                    await asyncio.sleep(0)
                else:
                    await self._sleep()
            self._finish_time()
            self._checkpoint(force=True)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        paths = [folder.path for folder in self._ports.folders]
        if paths:
            async for _ in awatch(*paths, recursive=False, stop_event=self._stopping):
                self._nudged.set()

    async def _sleep(self) -> None:
        now = self._ports.clock.now()
        seconds = max(0.0, min(_LONGEST_SLEEP, (self._ports.desk.next_deadline() - now) / SECOND))
        self._nudged.clear()
        try:
            await asyncio.wait_for(self._nudged.wait(), seconds)
        except TimeoutError:
            return

    def _step(self) -> bool:
        """Do what is due; returns whether there may be more at once."""
        self._finish_time()
        busy = False
        for folder in self._ports.folders:
            for file in folder.waiting()[:1]:
                self._take_file(folder, file)
                busy = True
        self._checkpoint(force=False)
        return busy

    def _finish_time(self) -> None:
        """Fire what has come due, and tell what changed."""
        self._ports.desk.catch_up()
        now = self._ports.clock.now()
        self._ports.desk.advance(now, at=now)
        self._ports.desk.commit()
        dispatch(self._ports.outbox, self._ports.deliver)

    def _take_file(self, folder: DropFolder, file: Path) -> None:
        picked = folder.pick_up(file)
        tally = Tally()
        for batch in _batches(folder.read(picked), self._ports.batch_size):
            tally.add(self._ports.intake.take(batch, self._one_reading(), pass_time=_let_pass))
            # A long file must not keep deadlines waiting.
            self._finish_time()
        folder.finish(picked, refused=tally.refused > 0)
        _log.info(
            "file.read",
            file=picked.name,
            read=tally.read,
            accepted=tally.accepted,
            duplicates=tally.duplicates,
            refused=tally.refused,
        )

    def _one_reading(self) -> Clock:
        """Read the clock once for a whole batch."""
        now = self._ports.clock.now()
        return lambda _event: now

    def _checkpoint(self, *, force: bool) -> None:
        now = self._ports.clock.now()
        if force or now - self._checkpointed_at >= self._ports.checkpoint_every * SECOND:
            self._ports.checkpointer.publish()
            self._checkpointed_at = now


def _let_pass(_now: Instant) -> None:
    """Deadlines fire after a batch: what its events say is known first."""


def _batches(inputs: Iterator[Input], size: int) -> Iterator[list[Input]]:
    while batch := list(islice(inputs, size)):
        yield batch
