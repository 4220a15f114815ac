"""The processes `holdwatch worker` and `holdwatch sequencer`, from their settings to their end."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry

from connectors.kafka.config import Kafka
from integration.bootstrap import OpenLog, keeper_ports, open_log, worker_ports
from integration.clock import WallClock
from integration.errors import TransientError
from integration.metrics import WorkerMetrics
from integration.runners.keeper import Keeper
from integration.runners.memory import tune_collector
from integration.runners.servicemanager import told
from integration.runners.worker.http import NotReady, served
from integration.runners.worker.worker import Worker
from integration.settings import Settings

_log = structlog.get_logger()
_FAILED_LATELY = 10.0
_ASK_AGAIN = 1.0
"""Seconds between attempts to open a database that is away."""


async def run_worker(settings: Settings, kafka: Kafka) -> None:
    """Run a worker until it is told to stop.

    Raises:
        FatalError: going on could lose something.
        AnchorError: the database does not extend the log that was signed.
        PolicyPackError: a pack does not load.
    """
    log, clock, metrics = _opened(settings), WallClock(), WorkerMetrics(CollectorRegistry())
    try:
        keeper = Keeper(keeper_ports(settings, kafka, log, clock), metrics) if settings.worker.stand_by else None
        worker = Worker(worker_ports(settings, kafka, log.store, clock), metrics, keeper)
        tune_collector()
        _on_signals(worker.stop)
        with _served(settings, metrics, worker.not_ready):
            async with told():
                await worker.run()
    finally:
        log.store.close()


async def run_sequencer(settings: Settings, kafka: Kafka) -> None:
    """Run a sequencer until it is told to stop. Raises as `run_worker` does."""
    log, metrics = _opened(settings), WorkerMetrics(CollectorRegistry())
    try:
        keeper = Keeper(keeper_ports(settings, kafka, log, WallClock()), metrics)

        def not_ready() -> list[str]:
            failed = keeper.failed_at
            lately = failed is not None and time.monotonic() - failed < _FAILED_LATELY
            return ["the database failed lately"] if lately else []

        _on_signals(keeper.stop)
        with _served(settings, metrics, not_ready):
            async with told():
                await keeper.run()
    finally:
        log.store.close()


def _opened(settings: Settings) -> OpenLog:
    """Open the database; one that is away, or has no room for another client, is waited for."""
    while True:
        try:
            return open_log(settings)
        except TransientError as error:
            _log.warning("store.unavailable", error=str(error))
            time.sleep(_ASK_AGAIN)  # Nothing else runs yet; a signal ends the process.


@contextmanager
def _served(settings: Settings, metrics: WorkerMetrics, not_ready: NotReady) -> Iterator[None]:
    asked = settings.worker
    with served(asked.metrics_address, asked.metrics_port, metrics.registry, not_ready) as port:
        _log.info("metrics.served", address=asked.metrics_address, port=port)
        yield


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
