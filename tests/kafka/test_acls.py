"""deploy/kafka/acls.sh and the secured connection, on a broker with users, TLS and access rules."""

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from connectors.kafka import topics
from connectors.kafka.config import Kafka
from connectors.kafka.plans import Topic
from integration.errors import TransientError, UsageError
from tests.kafka.secured import SecuredBroker

PREFIX = "county."
USERS = ["jms", "holdwatch", "gate", "sender", "topics", "stranger"]
MAY_WRITE = {
    ("jms", Topic.EVENTS),
    ("jms", Topic.OUTBOUND_PENDING),
    ("holdwatch", Topic.EVENTS),
    ("holdwatch", Topic.FINDINGS),
    ("holdwatch", Topic.DECISIONS),
    ("holdwatch", Topic.ALERTS),
    ("holdwatch", Topic.DEADLETTERS),
    ("gate", Topic.OUTBOUND_RELEASED),
}
MUST_READ = [
    ("holdwatch", Topic.EVENTS, "jms"),
    ("gate", Topic.OUTBOUND_PENDING, "jms"),
    ("sender", Topic.OUTBOUND_RELEASED, "gate"),
]
"""Who reads what, and who wrote it. The group's name is the reader's."""


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredBroker]:
    with SecuredBroker(USERS) as broker:
        broker.allow(PREFIX)
        yield broker


@pytest.fixture
async def made(secured) -> SecuredBroker:
    """The broker with all topics, made by the user who may do just that."""
    kafka = secured.settings("topics", topic_prefix=PREFIX)
    assert (await topics.apply(kafka.connection, kafka.plans)).left == []
    assert await topics.check(kafka.connection, kafka.plans) == []
    return secured


async def writes(connection: dict, topic: str) -> bool:
    async with AIOKafkaProducer(**connection, acks="all") as producer:
        try:
            await producer.send_and_wait(topic, b"x")
        except TopicAuthorizationFailedError:
            return False
    return True


@pytest.mark.parametrize("user", USERS)
async def test_only_the_gate_writes_what_may_be_sent_when_the_rules_are_in_force(made, user):
    kafka = made.settings(user, topic_prefix=PREFIX)
    may = {topic for topic in Topic if await writes(kafka.connection.aiokafka(), kafka.topic(topic))}
    assert may == {topic for name, topic in MAY_WRITE if name == user}


@pytest.mark.parametrize(("reader", "topic", "writer"), MUST_READ)
async def test_each_reads_what_is_meant_for_them_when_the_rules_are_in_force(made, reader, topic, writer):
    kafka = made.settings(reader, topic_prefix=PREFIX, group=reader)
    assert await writes(made.settings(writer, topic_prefix=PREFIX).connection.aiokafka(), kafka.topic(topic))
    own = {"group_id": kafka.group_id, "auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with asyncio.timeout(60), AIOKafkaConsumer(**kafka.connection.aiokafka(), **own) as consumer:
        consumer.subscribe([kafka.topic(topic)])
        assert (await consumer.getone()).value == b"x"
        await consumer.commit()


async def test_nobody_writes_anything_when_they_do_not_say_who_they_are(made):
    for topic in Topic:
        assert not await writes({"bootstrap_servers": made.address}, PREFIX + topic)


async def test_no_topic_is_made_when_the_user_may_not(secured):
    kafka = secured.settings("gate", topic_prefix=f"{PREFIX}other.")
    with pytest.raises(TransientError, match="AuthorizationFailed"):
        await topics.apply(kafka.connection, kafka.plans)


async def test_no_connection_is_made_when_the_password_is_wrong(secured, tmp_path):
    kafka = secured.settings("topics")
    wrong = tmp_path / "wrong"
    wrong.write_text("canary-password")
    wrong.chmod(0o600)
    security = kafka.security.model_copy(update={"password_file": wrong})
    with pytest.raises(TransientError, match="refuses this user") as raised:
        await topics.check(kafka.model_copy(update={"security": security}).connection, kafka.plans)
    assert "canary" not in str(raised.value)


async def test_no_connection_is_made_when_the_certificate_is_not_of_our_authority(secured):
    kafka = secured.settings("topics")
    security = kafka.security.model_copy(update={"ca_file": None})  # the system's authorities
    with pytest.raises(TransientError, match="or certificate"):
        await topics.check(kafka.model_copy(update={"security": security}).connection, kafka.plans)


@pytest.mark.parametrize(
    ("mode", "content", "words"),
    [
        pytest.param(0o640, "canary-password", "can be read by others", id="others may read it"),
        pytest.param(0o600, "\n", "is empty", id="nobody wrote it yet"),
        pytest.param(None, "", "No such file", id="it is missing"),
    ],
)
def test_no_connection_is_tried_when_the_password_file_is_unfit(tmp_path, mode, content, words):
    path = tmp_path / "password"
    if mode is not None:
        path.write_text(content)
        path.chmod(mode)
    security = {"protocol": "sasl_ssl", "user": "u", "password_file": path}
    kafka = Kafka(servers=["127.0.0.1:9"], security=security)
    with pytest.raises(UsageError, match=words) as raised:
        kafka.connection.aiokafka()
    assert "canary" not in str(raised.value)
