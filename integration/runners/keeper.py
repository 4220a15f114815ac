"""The sequencer's process loop: place, tell, remind, sign. One of however many there are; the others stand by.

Entries get their place at once even while the broker is away: placing, telling and reminding are three loops. All end
when this process may be the sequencer no more.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from integration.bootstrap import KeeperPorts
from integration.errors import TransientError
from integration.metrics import WorkerMetrics
from integration.services.sequencer import Sequencer

_log = structlog.get_logger()
_T = TypeVar("_T")

_TICK = 0.05
"""Seconds between looks at what waits."""
_STAND_BY = 0.5
"""Seconds between attempts to become the sequencer."""
_RETRY = 0.5
_ROWS = 2000
"""Outbox rows told at once."""
_LAST_WORDS = 1.0
"""Seconds that telling may take at a stop. What is left stays in the outbox."""


class Keeper:
    """Runs until stopped; returns with everything committed in its place, and signed."""

    def __init__(self, ports: KeeperPorts, metrics: WorkerMetrics) -> None:
        """Args: ``ports`` from the composition root."""
        self._ports = ports
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self._threads = {name: ThreadPoolExecutor(1, name) for name in ("place", "tell")}
        self._sequencer: Sequencer | None = None
        self._checkpointed_at = 0.0
        self.active = False
        """Whether this process is the sequencer now."""
        self.failed_at: float | None = None
        """`time.monotonic` of the last failure of the store."""

    def stop(self) -> None:
        """Finish what is under way, then stop."""
        self._stopping.set()

    async def run(self) -> None:
        """Stand by, be the sequencer, stand by again, until stopped.

        Raises:
            FatalError: the log or the database fails: no record, no action.
            AnchorError: the database does not extend the log that was signed.
        """
        try:
            while not self._stopping.is_set():
                try:
                    if await self._hold():
                        await self._keep()
                    else:
                        await self._sleep(_STAND_BY)
                except TransientError as error:
                    _log.warning("store.unavailable", error=str(error))
                    self.failed_at = time.monotonic()
                    await self._sleep(_RETRY)
                finally:
                    self._set_active(active=False)
        finally:
            await self._release()
            await self._ports.publisher.close()
            for thread in self._threads.values():
                thread.shutdown(wait=True)
            self._ports.close()

    async def _hold(self) -> bool:
        if self._sequencer is None:
            self._sequencer = await self._in("place", self._ports.open_sequencer)
        return await self._in("place", self._sequencer.hold)

    async def _keep(self) -> None:
        """Be the sequencer until stopped, or until somebody else is."""
        self._set_active(active=True)
        placing, telling = asyncio.create_task(self._place()), asyncio.create_task(self._tell())
        tasks = {placing, telling, asyncio.create_task(self._remind())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await asyncio.wait({placing, telling}, timeout=_LAST_WORDS)
        finally:
            # Not in the middle of its last round: that one leaves the log signed.
            for task in tasks - ({placing} if self._stopping.is_set() else set()):
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def _place(self) -> None:
        """Give entries their place, and sign. Returns when this process is the sequencer no more, or stopped."""
        ports, sequencer = self._ports, self._sequencer
        assert sequencer is not None
        while await self._in("place", sequencer.hold):
            last = self._stopping.is_set()
            placed = await self._in("place", sequencer.sequence)
            self._metrics.backlog(await self._in("place", ports.records.unsequenced_count))
            if last or time.monotonic() - self._checkpointed_at >= ports.checkpoint_every:
                await self._in("place", ports.checkpointer.publish)
                self._checkpointed_at = time.monotonic()
            if last:
                return
            if not placed:
                await self._sleep(_TICK)

    async def _remind(self) -> None:
        """Tell the owners of bookings that a deadline has come."""
        if self._ports.reminders is None:
            await self._stopping.wait()
            return
        reminders, clock = self._ports.reminders(), self._ports.clock
        while not self._stopping.is_set():
            due = await self._in("tell", lambda: reminders.due(clock.now()))
            await self._ports.publisher.remind(due)
            await self._sleep(_TICK)

    async def _tell(self) -> None:
        """Tell what the outbox holds, until stopped and empty."""
        ports = self._ports
        while True:
            last = self._stopping.is_set()
            rows = await self._in("tell", lambda: ports.records.outbox(_ROWS))
            told = await ports.publisher.tell([row for _, row in rows])
            arrived = [item for item, certain in zip(rows, told, strict=True) if certain]
            if arrived:
                await self._in("tell", lambda it=arrived: ports.records.told([number for number, _ in it]))  # type: ignore[misc]
                self._metrics.published(row.topic for _, row in arrived)
            if last and len(arrived) == len(rows) < _ROWS:
                return
            if len(arrived) < len(rows):
                await self._sleep(_RETRY)
            elif len(rows) < _ROWS:
                await self._sleep(_TICK)

    async def _release(self) -> None:
        if self._sequencer is not None:
            try:
                await self._in("place", self._sequencer.release)
            except TransientError as error:  # Its right ends with its connection.
                _log.info("sequencer.not_released", error=str(error))

    async def _in(self, thread: str, act: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads[thread], act)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    def _set_active(self, *, active: bool) -> None:
        if active != self.active:
            _log.info("sequencer.active" if active else "sequencer.standing_by")
        self.active = active
        self._metrics.keeper(active=active)
