"""Takes in what connectors bring: one desk, one thread, one batch at a time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from integration.bootstrap import ConnectPorts
from integration.domain.instants import Instant
from integration.errors import StaleReadError, TransientError
from integration.services.intake import Input, Tally
from integration.services.ports import Write

_log = structlog.get_logger()
_T = TypeVar("_T")
_RETRY_AFTER = 1.0
"""Seconds."""


class StoppedError(Exception):
    """The process was told to stop while something waited: nothing of it was changed."""


class Taker:
    """The way into the store for every connector of this process."""

    def __init__(self, ports: ConnectPorts) -> None:
        """Args: ``ports`` from the composition root."""
        self.ports = ports
        self.stopping = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "intake")

    async def take(self, batch: Sequence[Input], also: Sequence[Write] = ()) -> Tally:
        """Take a batch in, and what goes with it, in one transaction, durable on return.

        Raises:
            TransientError: the store cannot at the moment; nothing was changed.
            FatalError: stop.
        """
        return await self.call(lambda: self._take(batch, also))

    async def patiently(self, batch: Sequence[Input], also: Sequence[Write] = ()) -> Tally:
        """Take a batch in, and again while the store only says that it cannot at the moment.

        Raises:
            StoppedError: it was told to stop meanwhile.
            StaleReadError: another process changed what was read: the look that it is part of has to begin anew.
        """
        return await self.again(lambda: self._take(batch, also))

    async def again(self, act: Callable[[], _T]) -> _T:
        """Do something in the store's thread, and again while the store cannot. Raises as `patiently` does."""
        while not self.stopping.is_set():
            try:
                return await self.call(act)
            except StaleReadError:
                raise  # Done again it would be as stale: what it was made from has to be read anew.
            except TransientError as error:
                _log.warning("store.unavailable", error=str(error))
                await self.sleep(_RETRY_AFTER)
        raise StoppedError

    async def call(self, act: Callable[[], _T]) -> _T:
        """Do something in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until it is told to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _take(self, batch: Sequence[Input], also: Sequence[Write]) -> Tally:
        self.ports.desk.catch_up()
        now = self.ports.clock.now()
        return self.ports.intake.take(batch, lambda _event: now, pass_time=_let_pass, also=also)


def _let_pass(_now: Instant) -> None:
    """Deadlines are the engine's to fire."""
