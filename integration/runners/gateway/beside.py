"""What runs beside the mail gateway in one process: the roster, metrics, the HTTP listener, the Kafka side."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

import structlog
from prometheus_client import CollectorRegistry

from integration.domain.messages.people import Roster
from integration.runners.gateway.http_listener import HttpListener
from integration.runners.gateway.parts import GateParts
from integration.runners.gateway.roster import RosterFeed
from integration.runners.worker.http import served
from integration.services.examining import NO_ROSTER
from integration.settings import Gate

_log = structlog.get_logger()


@contextmanager
def followed_roster(gate: Gate, *, metrics: bool = False) -> Iterator[Callable[[], Roster]]:
    """Follow the roster's file, if the settings name one.

    Args:
        gate: the settings.
        metrics: whether to serve the page for Prometheus, if they say where.

    Raises:
        UsageError: nobody may listen there.
    """
    registry = CollectorRegistry()
    feed = RosterFeed(gate.roster, registry) if gate.roster else None
    with ExitStack() as stack:
        if feed is not None:
            stack.enter_context(feed.followed(gate.roster_look_seconds))
        if metrics and gate.metrics_port is not None:
            not_ready = feed.not_ready if feed is not None else list
            port = stack.enter_context(served(gate.metrics_address, gate.metrics_port, registry, not_ready))
            _log.info("gate.metrics", port=port)
        yield feed.roster if feed is not None else (lambda: NO_ROSTER)


@asynccontextmanager
async def other_roads(parts: GateParts) -> AsyncIterator[None]:
    """Serve HTTP and Kafka, where the settings have them, until the block ends.

    Raises:
        UsageError: nobody may listen there, or a secret cannot be used.
        TransientError: no broker answers.
    """
    gate = parts.settings
    async with AsyncExitStack() as stack:
        if gate.http is not None:
            await stack.enter_async_context(HttpListener(parts, gate.http).serving())
        if gate.kafka is not None:
            from integration.runners.gateway.kafka_side import KafkaSide  # noqa: PLC0415  the client library is an extra

            await stack.enter_async_context(KafkaSide(parts, gate.kafka).serving())
        yield
