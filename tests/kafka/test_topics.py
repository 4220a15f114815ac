"""Topics as code, on a real broker: what is missing is made, what is there stays as it is."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from connectors.kafka import topics
from connectors.kafka.config import Kafka, Retention
from connectors.kafka.plans import Topic
from integration.errors import TransientError
from tests.kafka.broker import Broker

SETTINGS = """
[site]
name = "test-jail"
state_dir = "{folder}/state"
[log]
origin = "audit.example.gov/test"
[[facilities]]
source = "/jms/test"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
"""
TABLE = """
[kafka]
servers = ["{address}"]
topic_prefix = "{prefix}"
partitions = {partitions}
replication = 1
min_insync = 1
"""


@pytest.fixture
def kafka(broker: Broker, prefix: str) -> Kafka:
    return Kafka(servers=[broker.address], topic_prefix=prefix, partitions=4, replication=1, min_insync=1)


@pytest.fixture
def settings(tmp_path: Path, broker: Broker, prefix: str):
    """Write settings with a number of partitions; returns their path."""

    def write(partitions: int = 4, address: str = "") -> Path:
        table = TABLE.format(address=address or broker.address, prefix=prefix, partitions=partitions)
        path = tmp_path / "holdwatch.toml"
        path.write_text(SETTINGS.format(folder=tmp_path) + table)
        return path

    return write


async def make(broker: Broker, name: str, partitions: int = 4, **configs: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        configs = {key.replace("_", "."): value for key, value in configs.items()}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
        async with asyncio.timeout(60):
            # The broker learns from its controller a little later.
            while not any(it["partitions"] for it in await admin.describe_topics([name])):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await admin.close()


async def test_every_topic_is_as_planned_when_none_was_there(kafka):
    before = await topics.check(kafka.connection, kafka.plans)
    assert [(it.topic, it.found) for it in before] == [(kafka.topic(topic), None) for topic in Topic]
    done = await topics.apply(kafka.connection, kafka.plans)
    assert done == topics.Applied([kafka.topic(topic) for topic in Topic], [])
    assert await topics.check(kafka.connection, kafka.plans) == []
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers) as producer:
        assert {len(await producer.partitions_for(plan.name)) for plan in kafka.plans} == {4}


async def test_nothing_is_created_when_everything_is_there(kafka):
    await topics.apply(kafka.connection, kafka.plans)
    assert await topics.apply(kafka.connection, kafka.plans) == topics.Applied([], [])


@pytest.mark.parametrize(
    ("partitions", "configs", "words"),
    [
        pytest.param(8, {}, "partitions is 8, 4 is asked for", id="more partitions: its events are elsewhere"),
        pytest.param(2, {}, "partitions is 2, 4 is asked for", id="fewer partitions: adding some moves bookings"),
        pytest.param(
            4, {"cleanup_policy": "compact"}, "cleanup.policy is compact", id="compaction keeps one event a booking"
        ),
    ],
)
async def test_nothing_is_created_when_a_topic_would_lose_or_misplace_events(broker, kafka, partitions, configs, words):
    findings = kafka.topic(Topic.FINDINGS)
    await make(broker, findings, partitions, **configs)
    with pytest.raises(topics.TopicConflictError, match=words):
        await topics.apply(kafka.connection, kafka.plans)
    left = await topics.check(kafka.connection, kafka.plans)
    assert {it.topic for it in left if it.found is None} == {kafka.topic(topic) for topic in Topic} - {findings}


async def test_a_topic_is_left_alone_and_told_when_it_keeps_messages_for_another_time(broker, kafka):
    events = kafka.topic(Topic.EVENTS)
    await make(broker, events, retention_ms="604800000", message_timestamp_type="LogAppendTime")
    async with AIOKafkaProducer(bootstrap_servers=broker.address) as producer:
        await producer.send_and_wait(events, b"kept")
    for days in (30, 1):  # neither raised nor lowered
        asked = kafka.model_copy(update={"retention_days": Retention(events=days)})
        done = await topics.apply(asked.connection, asked.plans)
        told = [str(it) for it in done.left if it.topic == events]
        assert told == [f"{events}: retention.ms is 604800000, {days * 86_400_000} is asked for"]
    async with AIOKafkaConsumer(bootstrap_servers=broker.address) as consumer:
        ends = await consumer.end_offsets([TopicPartition(events, number) for number in range(4)])
    assert sum(ends.values()) == 1


async def test_imported_history_is_not_old_to_the_broker(kafka):
    await topics.apply(kafka.connection, kafka.plans)
    events = kafka.topic(Topic.EVENTS)
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers) as producer:
        sent = await producer.send_and_wait(events, b"from years ago", timestamp_ms=1_000_000_000_000)
    assert sent.timestamp > 1_700_000_000_000  # its retention counts from now


async def test_an_error_is_raised_when_the_broker_has_too_few_copies_to_give(kafka):
    asked = kafka.model_copy(update={"replication": 3})
    with pytest.raises(TransientError, match="InvalidReplicationFactorError"):
        await topics.apply(asked.connection, asked.plans)


def test_the_command_creates_and_then_finds_nothing_to_do(holdwatch, settings, prefix):
    path = settings()
    missing = holdwatch("topics", "check", "--settings", path)
    assert (missing.returncode, missing.stdout.decode().count(": missing")) == (1, len(Topic))
    first = holdwatch("topics", "apply", "--settings", path)
    assert (first.returncode, first.stdout.decode().count(": created")) == (0, len(Topic)), first.stderr
    for verb in ("apply", "check"):
        again = holdwatch("topics", verb, "--settings", path)
        assert (again.returncode, again.stdout) == (0, b"7 topics are as the settings say\n")


def test_the_command_refuses_in_one_line_when_partitions_differ(holdwatch, settings):
    assert holdwatch("topics", "apply", "--settings", settings(4)).returncode == 0
    refused = holdwatch("topics", "apply", "--settings", settings(8))
    assert refused.returncode == 2
    assert refused.stderr.count(b"\n") == 1
    assert b"partitions is 4, 8 is asked for" in refused.stderr
    told = holdwatch("topics", "check", "--json", "--settings", settings(8))
    assert (told.returncode, told.stdout.count(b'"what": "partitions"')) == (1, len(Topic))


def test_the_command_says_so_in_one_line_when_no_broker_answers(holdwatch, settings):
    done = holdwatch("topics", "check", "--settings", settings(address="127.0.0.1:9"))
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), done.stderr
    assert b"no broker answers at 127.0.0.1:9," in done.stderr


def test_the_command_says_so_when_the_settings_have_no_brokers(holdwatch, tmp_path):
    path = tmp_path / "holdwatch.toml"
    path.write_text(SETTINGS.format(folder=tmp_path))
    done = holdwatch("topics", "apply", "--settings", path)
    assert (done.returncode, b"no table [kafka]" in done.stderr) == (2, True)
