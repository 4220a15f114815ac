"""One process, one database: reads drop folders, fires deadlines, signs checkpoints, tells what changed.

Everything that touches the desk runs in one thread, one batch at a time, so order is the order of commits.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import structlog
from watchfiles import awatch

from connectors.jms_files.folder import DropFolder, FileUnavailableError
from connectors.jms_files.naming import short_name
from integration.bootstrap import Ports
from integration.domain.instants import SECOND, Instant
from integration.errors import LogGrewError, TransientError
from integration.runners.times import RecordedTimes, SystemTimes, Times
from integration.services.dispatch import dispatch
from integration.services.heartbeat import Stage
from integration.services.intake import Input, Tally
from integration.services.ports import OutboxRow
from schemas.refusals import Reason

_log = structlog.get_logger()
_T = TypeVar("_T")

_LONGEST_SLEEP = 0.25
"""Seconds. A clock that is set forward, or a deadline set by somebody else, is noticed this soon."""
_RETRY_AFTER = 1.0
_LONGEST_RETRY = 60.0


class Embedded:
    """The service. `run` returns once `stop` is called and everything taken in is committed."""

    def __init__(self, ports: Ports) -> None:
        """Args: ``ports`` from the composition root."""
        self._ports = ports
        self._pulse = ports.pulse
        self._times: Times = SystemTimes(ports.desk, ports.intake, ports.clock)
        if ports.recorded_from is not None:
            self._times = RecordedTimes(ports.desk, ports.intake, ports.recorded_from)
        self._stopping = asyncio.Event()
        self._nudged = asyncio.Event()
        self._checkpointed_at: Instant = 0
        self._unavailable: dict[Path, tuple[int, float]] = {}
        """Of each file or folder that could not be read: how often, and when it is tried again (monotonic clock)."""

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
            idle = False
            while not self._stopping.is_set():
                await self._patiently(partial(self._finish_time, idle=idle))
                idle = not await self._take_files()
                await self._patiently(partial(self._checkpoint, force=False))
                if idle:
                    await self._sleep()
            await self._patiently(partial(self._finish_time, idle=idle))
            await self._patiently(partial(self._checkpoint, force=True))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _patiently(self, act: Callable[[], _T]) -> _T:
        """Do something now, and again while the store only says that it cannot at the moment."""
        while True:
            try:
                return act()
            except TransientError as error:
                await self._wait_for_the_store(error)

    async def _wait_for_the_store(self, error: TransientError) -> None:
        _log.warning("store.unavailable", error=str(error))
        self._pulse.unavailable()
        await asyncio.sleep(_RETRY_AFTER)

    async def _watch(self) -> None:
        paths = [folder.path for folder in self._ports.folders]
        if paths:
            async for _ in awatch(*paths, recursive=False, stop_event=self._stopping):
                self._nudged.set()

    async def _sleep(self) -> None:
        seconds = max(0.0, min(_LONGEST_SLEEP, self._times.until_due() / SECOND))
        self._nudged.clear()
        try:
            await asyncio.wait_for(self._nudged.wait(), seconds)
        except TimeoutError:
            return

    async def _take_files(self) -> bool:
        """Take one file from each folder that has one; returns whether there may be more."""
        busy = False
        for folder in self._ports.folders:
            file = self._next_file(folder)
            if file is None:
                continue
            at = file
            try:
                at = folder.pick_up(file)
                await self._take_file(folder, at)
            except FileUnavailableError as error:
                self._put_off(at, error)
            else:
                self._unavailable.pop(at, None)
            busy = True
        return busy

    def _next_file(self, folder: DropFolder) -> Path | None:
        """Return the file to read next; the others need not wait for one that a failing disk or share has put off."""
        if self._is_put_off(folder.path):
            return None
        try:
            waiting = folder.waiting()
        except FileUnavailableError as error:
            self._put_off(folder.path, error)
            return None
        self._unavailable.pop(folder.path, None)
        if self._ports.recorded_from is not None:
            # Imported history is lived in the order of its files: a later one must not come first.
            waiting = waiting[:1]
        return next((each for each in waiting if not self._is_put_off(each)), None)

    def _is_put_off(self, path: Path) -> bool:
        return path in self._unavailable and time.monotonic() < self._unavailable[path][1]

    def _put_off(self, path: Path, error: FileUnavailableError) -> None:
        """Leave a file where it is: it is read again from its start, and what it gave already will be duplicates."""
        tried = self._unavailable.get(path, (0, 0.0))[0]
        wait = min(_LONGEST_RETRY, _RETRY_AFTER * 2.0 ** min(tried, 10))
        self._unavailable[path] = tried + 1, time.monotonic() + wait
        _log.error("file.unavailable", error=str(error), tries=tried + 1, again_in=wait)

    def _finish_time(self, *, idle: bool) -> None:
        """Fire what has come due, and tell what changed."""
        if self._ports.desk.catch_up():
            # What connectors beside this process have brought: their feeds are not silent.
            self._pulse.heard(self._ports.heard())
        self._times.let_pass(idle=idle)
        self._ports.desk.commit()
        dispatch(self._ports.outbox, self._deliver)
        self._pulse.loop(self._ports.desk.size, self._ports.clock.behind)

    def _deliver(self, rows: Sequence[OutboxRow]) -> None:
        self._pulse.stage(Stage.TELLING)
        self._ports.deliver(rows)

    async def _take_in(self, batch: Sequence[Input]) -> Tally:
        """Take a batch in. Where others keep taking events in meanwhile, by halves: a large one would always lose."""
        while True:
            try:
                return self._times.take(batch)
            except LogGrewError:
                if len(batch) > 1:
                    break
                await asyncio.sleep(0)  # somebody else has got further; a stop has to be heard meanwhile
            except TransientError as error:
                await self._wait_for_the_store(error)
        middle = len(batch) // 2
        tally = await self._take_in(batch[:middle])
        tally.add(await self._take_in(batch[middle:]))
        return tally

    async def _take_file(self, folder: DropFolder, picked: Path) -> None:
        tally, is_unread = Tally(), False
        for batch in _batches(folder.read(picked), self._ports.batch_size):
            is_unread |= any(each.refusal and each.refusal.reason is Reason.UNREADABLE_FILE for each in batch)
            tally.add(await self._take_in(batch))
            # A long file must keep neither deadlines nor a stop waiting.
            await self._patiently(partial(self._finish_time, idle=False))
            await asyncio.sleep(0)
            if self._stopping.is_set():
                return  # It stays in the working folder; what it gave already will be duplicates.
        self._pulse.stage(Stage.MOVING_A_FILE)
        folder.finish(picked, refused=is_unread or tally.refused > 0)
        _log.info(
            "file.read",
            file=short_name(picked.name),
            read=tally.read,
            accepted=tally.accepted,
            duplicates=tally.duplicates,
            refused=tally.refused,
        )

    def _checkpoint(self, *, force: bool) -> None:
        now = self._ports.clock.now()
        if force or now - self._checkpointed_at >= self._ports.checkpoint_every * SECOND:
            if self._ports.checkpointer.size != self._ports.desk.size:
                self._pulse.stage(Stage.SIGNING)
            self._ports.checkpointer.publish()
            self._checkpointed_at = now


def _batches(inputs: Iterator[Input], size: int) -> Iterator[list[Input]]:
    while batch := list(islice(inputs, size)):
        yield batch
