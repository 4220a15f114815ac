"""The gate on a broker with users and rules: it alone writes what may be sent, and says so where it may not."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from connectors.kafka import topics
from connectors.kafka.config import Kafka
from connectors.kafka.outbound import Outgoing, Released
from connectors.kafka.plans import Topic
from tests.gateway_http.site import until
from tests.kafka.secured import SecuredBroker
from tests.kafka.test_gate import STATUS, gate, pending

PREFIX = "county."


@pytest.fixture(scope="module")
def secured():
    with SecuredBroker(["jms", "holdwatch", "gate", "sender", "topics"]) as broker:
        broker.allow(PREFIX)
        kafka = broker.settings("topics", topic_prefix=PREFIX)
        assert asyncio.run(topics.apply(kafka.connection, kafka.plans)).left == []
        yield broker


def of(secured: SecuredBroker, user: str) -> Kafka:
    return secured.settings(user, topic_prefix=PREFIX, group=user)


async def test_message_goes_from_the_jail_through_the_gate_to_the_sender_and_by_no_other_way(secured, tmp_path):
    jms, sender = of(secured, "jms"), of(secured, "sender")
    async with AIOKafkaProducer(**jms.connection.aiokafka(), acks="all") as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(jms.topic(Topic.OUTBOUND_RELEASED), pending("m-0", {STATUS: "LPR"}))
        async with gate(tmp_path, of(secured, "gate")) as looked:
            for message_id, content in (("m-1", {STATUS: "LPR"}), ("m-2", {"release_time": "07:30"})):
                await producer.send_and_wait(jms.topic(Topic.OUTBOUND_PENDING), pending(message_id, content))
            await until(lambda: looked.parts.book.counts() == {"sent": 1, "blocked": 1}, 60)
    own = {"group_id": sender.group_id, "auto_offset_reset": "earliest"}
    topic = sender.topic(Topic.OUTBOUND_RELEASED)
    async with asyncio.timeout(60), AIOKafkaConsumer(topic, **sender.connection.aiokafka(), **own) as consumer:
        record = await consumer.getone()
        assert b'"message_id":"m-1"' in record.value
        assert await consumer.position(*consumer.assignment()) == 1


@pytest.mark.parametrize("user", ["jms", "holdwatch", "sender"])
async def test_nothing_is_written_and_nothing_is_in_doubt_when_the_user_is_not_the_gates(secured, user):
    outgoing = Outgoing(of(secured, user))
    if await outgoing.ready():
        assert await outgoing.write(b"k", b"{}", "m-3") is Released.NOT_WRITTEN
    await outgoing.close()
