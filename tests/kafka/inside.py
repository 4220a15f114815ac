"""A worker inside the test's own process, on the real broker and database, so that a test can make parts of it fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from integration.bootstrap import keeper_ports, open_log, worker_ports
from integration.clock import WallClock
from integration.metrics import WorkerMetrics
from integration.runners.keeper import Keeper
from integration.runners.worker.worker import Worker
from tests.kafka.site import Site

Prepare = Callable[[Worker], None]


class Inside:
    """A worker and the task that runs it."""

    def __init__(self, worker: Worker, task: asyncio.Task[None], metrics: WorkerMetrics) -> None:
        self.worker, self.task, self._metrics = worker, task, metrics

    def metric(self, name: str, **labels: str) -> float:
        return self._metrics.registry.get_sample_value(name, labels) or 0.0

    async def stop(self) -> None:
        self.worker.stop()
        await asyncio.wait_for(self.task, 60)


@asynccontextmanager
async def working(site: Site, prepare: Prepare = lambda _worker: None) -> AsyncIterator[Inside]:
    """Run a worker. It is stopped at the end; what it failed of is raised then, unless the test awaited it."""
    assert site.settings.kafka is not None
    log, clock, metrics = (
        await asyncio.to_thread(open_log, site.settings),
        WallClock(),
        WorkerMetrics(CollectorRegistry()),
    )
    try:
        keeper = Keeper(keeper_ports(site.settings, site.kafka, log, clock), metrics)
        worker = Worker(worker_ports(site.settings, site.kafka, log.store, clock), metrics, keeper)
        prepare(worker)
        inside = Inside(worker, asyncio.create_task(worker.run()), metrics)
        try:
            yield inside
        finally:
            ended = inside.task.done()
            worker.stop()
            (outcome,) = await asyncio.wait_for(asyncio.gather(inside.task, return_exceptions=True), 60)
        if isinstance(outcome, BaseException) and not ended:
            raise outcome
    finally:
        log.store.close()
