"""Leaving the brokers in a bounded time.

aiokafka's own stop waits for their answers. Given up half way, it leaves its sender at work and its connections open.
"""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError

_SENDER_SECONDS: Final = 1.0
"""How long what the sender had begun may take to find that its connections are gone."""


class _Gone(dict[Any, Any]):
    """The connections of a client that has hung up: one that was being made then is cut as soon as it is there."""

    def __setitem__(self, _key: Any, connection: Any) -> None:
        _cut(connection)


async def leave(producer: AIOKafkaProducer, seconds: float) -> bool:
    """Stop a producer for good; what waits to be sent has so many seconds.

    Returns:
        Whether it was stopped in time. If not, nothing more is sent, and what had not been answered counts as failed,
        whether it has arrived or not. Never raises KafkaError.
    """
    try:
        await asyncio.wait_for(producer.stop(), seconds)
    except (TimeoutError, KafkaError):
        sender = producer._sender.sender_task  # noqa: SLF001  no public way to it
        if sender is not None:
            sender.cancel()
        await hang_up(producer.client)
        if sender is not None:
            await asyncio.wait([sender], timeout=_SENDER_SECONDS)
        _fail(producer._message_accumulator)  # noqa: SLF001  the same
        return False
    return True


def _fail(accumulator: Any) -> None:
    """Tell whoever waits for an answer that there will be none."""
    batches = [batch for each in accumulator._batches.values() for batch in each]  # noqa: SLF001  no public way to them
    drains = [batch._drain_waiter for batch in batches]  # noqa: SLF001  the same
    accumulator.fail_all(KafkaConnectionError("the producer has left"))
    for each in drains:
        each.exception()  # nobody waits for these; one that nobody looks at is told as an error


async def hang_up(client: AIOKafkaClient) -> None:
    """Close every connection of a client at once, whatever is still to be sent or answered. It gets no other one."""
    looking, client._sync_task = client._sync_task, None  # noqa: SLF001  its own close waits
    if looking is not None:
        looking.cancel()
        await asyncio.wait([looking])
    connections, client._conns = client._conns, _Gone()  # noqa: SLF001  the same
    for connection in connections.values():
        _cut(connection)
    await asyncio.sleep(0)  # asyncio closes the sockets in its next turn


def _cut(connection: Any) -> None:
    protocol = connection._protocol  # noqa: SLF001  no public way to it
    transport = None if protocol is None else protocol._transport  # noqa: SLF001  None once it is closed
    connection.close()
    if transport is not None:
        transport.abort()  # a mere close waits for a broker that reads
