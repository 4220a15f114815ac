"""A worker: the Faust app, the hall behind it, and a sequencer that stands by. Made anew where a library fails."""

import asyncio
import time
from contextlib import suppress
from typing import cast

import structlog

from integration.bootstrap import WorkerPorts
from integration.domain.instants import MINUTE, Instant
from integration.errors import HoldwatchError
from integration.metrics import WorkerMetrics
from integration.runners.faust_app import WorkerApp, make_app
from integration.runners.faust_transport import Consumer
from integration.runners.keeper import Keeper
from integration.runners.worker.hall import Hall
from integration.runners.worker.works import works_of

_log = structlog.get_logger()

_RESTART_FIRST, _RESTART_LAST = 0.5, 10.0
"""Seconds before an app that failed is made anew."""
_STOP_SECONDS = 2.0
"""How long Faust may take to stop before its thread is ended without it."""
_FAILED_LATELY = 10.0
"""For how many seconds a failing store makes the worker not ready."""
_LISTEN_EVERY = 2.0
"""Seconds between looks at what the feeds brought."""


class Worker:
    """Runs until stopped, or until going on could lose something."""

    def __init__(self, ports: WorkerPorts, metrics: WorkerMetrics, keeper: Keeper | None) -> None:
        """Args: ``keeper`` stands by to be the sequencer, if there is one."""
        self._ports = ports
        self._metrics = metrics
        self._keeper = keeper
        self._hall = Hall(works_of(ports), metrics, ports.kafka)
        self._stopping = asyncio.Event()
        self._app: WorkerApp | None = None
        self._heard: dict[str, Instant] = {}

    def stop(self) -> None:
        """Finish the batch at hand, then leave the group and stop."""
        self._hall.stop()  # `run` ends the rest once it is done.

    async def run(self) -> None:
        """Work until stopped.

        Raises:
            FatalError: going on could lose something.
            AnchorError: the database does not extend the log that was signed.
        """
        self._heard = dict.fromkeys(self._ports.silent_after, self._ports.clock.now())
        hall = asyncio.create_task(self._hall.run(), name="hall")
        others = [asyncio.create_task(self._faust()), asyncio.create_task(self._listen())]
        if self._keeper is not None:
            others.append(asyncio.create_task(self._keeper.run(), name="keeper"))
        await asyncio.wait([hall, *others], return_when=asyncio.FIRST_COMPLETED)
        # First the batch at hand, so that the next owner finds it done; then everything else at once.
        self._hall.stop()
        outcomes = [*await asyncio.gather(hall, return_exceptions=True)]
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.stop()
        outcomes += await asyncio.gather(*others, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def not_ready(self) -> list[str]:
        """Say why this worker is not ready. Any thread."""
        reasons = []
        app = self._app
        if app is None or app.rebalancing:
            reasons.append("recovering")
        elif not self._hall.held:
            reasons.append("no partition is assigned")
        failed = [self._hall.failed_at, None if self._keeper is None else self._keeper.failed_at]
        if any(at is not None and time.monotonic() - at < _FAILED_LATELY for at in failed):
            reasons.append("the database failed lately")
        now = self._ports.clock.now()
        for source, limit in self._ports.silent_after.items():
            if now - self._heard.get(source, now) > limit:
                reasons.append(f"silent for more than {limit // MINUTE} minutes: {source}")
        return reasons

    async def _faust(self) -> None:
        """Run the app, and make a new one where it fails: nothing depends on what it remembers."""
        wait = _RESTART_FIRST
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                await self._run_app(make_app(self._ports.kafka, self._hall))
            except HoldwatchError:
                raise
            except Exception as error:  # noqa: BLE001  the library may raise anything; the hall decides what is fatal
                _log.error("faust.failed", error=type(error).__name__)
            finally:
                self._app = None
            if time.monotonic() - started > _RESTART_LAST:
                wait = _RESTART_FIRST
            await self._sleep(wait)
            wait = min(2 * wait, _RESTART_LAST)

    async def _run_app(self, app: WorkerApp) -> None:
        """Run one app until it fails or the worker stops.

        Raises:
            Exception: what it failed of.
        """
        try:
            starting = asyncio.create_task(app.start())
            stopping = asyncio.create_task(self._stopping.wait())
            crashed = asyncio.create_task(app.wait_until_stopped())
            self._hall.attach(cast("Consumer", app.consumer))
            self._app = app
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                await asyncio.wait({crashed, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(app.stop(), _STOP_SECONDS)
            for task in (starting, stopping, crashed):
                task.cancel()
            await asyncio.gather(starting, stopping, crashed, return_exceptions=True)
            if not await cast("Consumer", app.consumer).end():
                _log.warning("faust.left_behind")
        if app.crash_reason is not None and not self._stopping.is_set():
            raise app.crash_reason

    async def _listen(self) -> None:
        """Keep account of when each feed was last heard of, by any worker."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            try:
                self._heard |= await loop.run_in_executor(None, self._ports.heard)
            except HoldwatchError as error:
                _log.warning("store.unavailable", error=str(error))
            self._metrics.heard(self._heard)
            await self._sleep(_LISTEN_EVERY)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
