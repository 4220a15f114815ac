"""Whoever leaves a broker that does not answer leaves no connection behind, and sends nothing afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from connectors.kafka.config import Kafka
from connectors.kafka.leaving import leave
from connectors.kafka.outbound import Outgoing, Pending
from connectors.kafka.plans import Topic
from connectors.kafka.publisher import Publisher
from connectors.kafka.topics import apply
from integration.errors import TransientError
from integration.services.ports import BookingKey, OutboxRow
from tests.kafka.broker import Broker
from tests.kafka.events import opened
from tests.kafka.inside import working
from tests.kafka.site import Site


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Broker]:
    """A broker that these tests may freeze."""
    with Broker() as started:
        yield started


@pytest.fixture
async def kafka(own_broker: Broker, prefix: str) -> Kafka:
    made = Kafka(servers=[own_broker.address], topic_prefix=prefix, partitions=1, replication=1, min_insync=1)
    await apply(made.connection, made.plans)
    return made


def connections(broker: Broker) -> int:
    """How many connections this process has to a broker, as `proc(5)` tells."""
    own = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            own.add(str(each.readlink()))
    tables = [Path("/proc/self/net", name).read_text() for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table.splitlines()]
    port = f":{broker.port:04X}"
    return sum(line[2].endswith(port) and f"socket:[{line[9]}]" in own for line in lines)


def row(key: str) -> OutboxRow:
    return OutboxRow(key, "findings", 0, orjson.dumps({"source": "/jms/a", "booking": "B-1"}))


async def written(kafka: Kafka) -> int:
    place = TopicPartition(kafka.topic(Topic.FINDINGS), 0)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.servers) as consumer:
        return (await consumer.end_offsets([place]))[place]


async def test_a_publisher_leaves_nothing_open_when_the_broker_does_not_answer(own_broker, kafka):
    publisher = Publisher(kafka)
    assert await publisher.tell([row("f-0")]) == [True]
    assert connections(own_broker) > 0
    own_broker.freeze()
    try:
        telling = asyncio.create_task(publisher.tell([row("f-1")]))
        await asyncio.wait([telling], timeout=0.2)
        assert not telling.done()
        await publisher.close()
        assert connections(own_broker) == 0
        # What the same producer was telling beside that has failed, and is not waited for any longer.
        assert await asyncio.wait_for(telling, 60) == [False]
    finally:
        own_broker.thaw()
    assert await publisher.tell([row("f-1")]) == [True]
    await publisher.close()
    assert connections(own_broker) == 0


async def test_nothing_is_left_open_when_findings_and_deadlines_are_told_at_once(own_broker, kafka):
    publisher = Publisher(kafka)
    told = await asyncio.gather(publisher.tell([row("f-0")]), publisher.remind([(0, BookingKey("/jms/a", "B-1"))]))
    assert told == [[True], 1]
    await publisher.close()
    assert connections(own_broker) == 0


async def test_a_producer_sends_nothing_more_when_it_was_left(own_broker, kafka):
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, acks="all", linger_ms=60_000)
    await producer.start()
    topic = kafka.topic(Topic.FINDINGS)
    await producer.partitions_for(topic)
    own_broker.freeze()
    try:
        waiting = await producer.send(topic, b"{}", key=b"k")
        assert not await leave(producer, 0.1)
        assert connections(own_broker) == 0
        assert isinstance(waiting.exception(), Exception)
    finally:
        own_broker.thaw()
    assert await written(kafka) == 0


async def test_a_producer_is_waited_for_when_the_broker_answers(own_broker, kafka):
    producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, acks="all")
    await producer.start()
    waiting = await producer.send(kafka.topic(Topic.FINDINGS), b"{}", key=b"k")
    assert await leave(producer, 60)
    assert waiting.done()
    assert connections(own_broker) == 0
    assert await written(kafka) == 1


async def test_nothing_is_left_open_when_connecting_is_given_up(own_broker, kafka):
    outgoing = Outgoing(kafka)
    own_broker.freeze()
    try:
        connecting = asyncio.create_task(outgoing.ready())
        async with asyncio.timeout(60):
            while not connections(own_broker):  # noqa: ASYNC110  the kernel has no event for it
                await asyncio.sleep(0.01)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        assert connections(own_broker) == 0
    finally:
        own_broker.thaw()


async def test_a_consumer_is_closed_when_no_broker_answers_its_start():
    pending = Pending(Kafka(servers=["127.0.0.1:9"]))
    with pytest.raises(TransientError):
        await pending.start()
    assert pending._consumer._closed


async def test_a_worker_leaves_nothing_open_when_the_broker_does_not_answer(tmp_path, own_broker, prefix, server):
    root = tmp_path / "site"
    root.mkdir()
    site = Site(root, own_broker, prefix, server.new_database())
    try:
        await site.make_topics()
        async with working(site):
            await site.send(opened(20))
            await site.processed()
            assert connections(own_broker) > 0
            own_broker.freeze()
        assert connections(own_broker) == 0
    finally:
        own_broker.thaw()
        site.close()
