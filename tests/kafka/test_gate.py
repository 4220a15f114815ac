"""Messages on Kafka: only what the gate decided reaches the released topic, and never twice."""

import asyncio
import uuid
from contextlib import asynccontextmanager

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from connectors.kafka import topics
from connectors.kafka.config import Kafka
from connectors.kafka.plans import Topic
from integration.bootstrap import open_installation
from integration.runners.gateway.kafka_side import KafkaSide
from integration.runners.gateway.parts import gate_parts
from tests.gateway_http.site import SOURCE, booked, settings, until
from tests.gateway_http.site import Site as Looked
from tests.gateway_http.test_forward import approve

STATUS = "citizenship_or_immigration_status"


def pending(message_id: str, content: dict, *recipients, **more) -> bytes:
    data = {
        "message_id": message_id,
        "channel": "kafka",
        "sender": {"user": "alice"},
        "recipients": list(recipients or ({"agency": "ICE"},)),
        "content": content,
        **more,
    }
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{message_id}",
            "source": SOURCE,
            "subject": "B-1",
            "type": "jail.message.requested.v1",
            "time": "2026-03-02T11:00:00Z",
            "data": data,
        }
    )


@asynccontextmanager
async def gate(folder, kafka, answer_seconds=60):
    given = settings(folder)
    given.site.state_dir.mkdir(parents=True, exist_ok=True)
    installation = open_installation(given)
    parts = gate_parts(installation)
    try:
        async with KafkaSide(parts, kafka, answer_seconds=answer_seconds).serving():
            yield Looked(installation, parts, None)
    finally:
        parts.close()
        installation.store.close()


@pytest.fixture
async def kafka(broker) -> Kafka:
    made = Kafka(
        servers=[broker.address],
        topic_prefix=f"t{uuid.uuid4().hex[:8]}.",
        partitions=2,
        replication=1,
        min_insync=1,
        group="gate",
    )
    assert (await topics.apply(made.connection, made.plans)).left == []
    return made


async def put(kafka: Kafka, *values: bytes | None, topic: Topic = Topic.OUTBOUND_PENDING) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.servers, acks="all") as producer:
        for value in values:
            secret = [("secret", b"Quillfeather out at 0730")]
            await producer.send_and_wait(kafka.topic(topic), value, key=b"Quillfeather", headers=secret)


async def released(kafka: Kafka) -> list[tuple[bytes, dict, list]]:
    """Everything in the released topic, whenever it came."""
    name = kafka.topic(Topic.OUTBOUND_RELEASED)
    async with AIOKafkaConsumer(name, bootstrap_servers=kafka.servers, auto_offset_reset="earliest") as consumer:
        partitions = consumer.assignment()
        ends = await consumer.end_offsets(list(partitions))
        found = []
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                record = await consumer.getone(partition)
                found.append((record.key, orjson.loads(record.value), list(record.headers)))
        return found


async def test_only_what_may_leave_is_released_and_once_when_it_comes_again(tmp_path, kafka):
    values = [
        pending("m-status", {STATUS: "LPR"}),
        pending("m-release", {"release_time": "07:30"}),
        pending("m-court", {"hearing": "0900"}, {"agency": "Circuit Court"}),
        pending("m-both", {"release_time": "07:30"}, {"agency": "ICE"}, {"ori": "WVIAFIS0Z"}),
    ]
    async with gate(tmp_path, kafka) as looked:
        await put(kafka, *values, *values)
        await until(lambda: looked.parts.book.counts() == {"sent": 3, "blocked": 2}, 90)
        await put(kafka, *values)
    async with gate(tmp_path, kafka) as looked:  # a second process, after the first
        await put(kafka, pending("m-last", {STATUS: "USC"}))
        await until(lambda: looked.parts.book.counts() == {"sent": 4, "blocked": 2}, 90)
        assert "quillfeather" not in repr(looked.entries()).casefold()
    found = await released(kafka)
    assert sorted(value["message_id"] for _, value, _ in found) == ["m-both-2", "m-court", "m-last", "m-status"]
    assert {key for key, _, _ in found} == {f"{SOURCE}|B-1".encode()}
    assert "quillfeather" not in repr(found).casefold()
    assert [value for _, value, _ in found if value["message_id"] == "m-both-2"] == [
        {
            "message_id": "m-both-2",
            "channel": "kafka",
            "recipient": {"ori": "WVIAFIS0Z"},
            "content": {"release_time": "07:30"},
        }
    ]


async def test_approved_message_is_released_once(tmp_path, kafka):
    async with gate(tmp_path, kafka) as looked:
        await put(kafka, pending("m-1", {"release_time": "07:30"}))
        await until(lambda: looked.parts.book.counts() == {"blocked": 1}, 90)
        assert await released(kafka) == []
        await approve(looked, "m-1")
        await until(lambda: looked.parts.book.counts() == {"sent": 1}, 90)
        kinds = [kind for kind, _ in looked.kinds()]
        assert kinds[-2:] == ["message.sending", "message.sent"]
    assert [value["message_id"] for _, value, _ in await released(kafka)] == ["m-1"]


async def test_record_is_turned_away_and_the_next_is_taken_when_it_is_no_message(tmp_path, kafka):
    async with gate(tmp_path, kafka) as looked:
        booked(looked.installation)
        other = pending("m-x", {}).replace(b"jail.message.requested.v1", b"jail.booking.opened.v1")
        unknown = pending("m-y", {STATUS: "LPR"}).replace(SOURCE.encode(), b"/jms/elsewhere")
        await put(kafka, b"{", None, b"Quillfeather", other, unknown, pending("m-1", {STATUS: "LPR"}))
        await until(lambda: looked.parts.book.counts() == {"sent": 1}, 90)
        turned = [each["detail"]["reason"] for each in looked.entries() if each["kind"] == "message.turned_away"]
        assert len(turned) == 5
        assert "unknown_source" in turned
        assert "quillfeather" not in repr(looked.entries()).casefold()


async def test_outcome_waits_for_a_person_when_the_broker_freezes_while_it_is_written(tmp_path, broker, kafka):
    async with gate(tmp_path, kafka, answer_seconds=5) as looked:
        await put(kafka, pending("m-0", {STATUS: "LPR"}))
        await until(lambda: looked.parts.book.counts() == {"sent": 1}, 90)
        await put(kafka, pending("m-1", {"release_time": "07:30"}))
        await until(lambda: looked.parts.book.counts() == {"sent": 1, "blocked": 1}, 90)
        broker.freeze()
        try:
            await approve(looked, "m-1")
            await until(lambda: looked.parts.book.counts().get("unknown") == 1, 90)
        finally:
            broker.thaw()
        await asyncio.sleep(1)  # nothing tries it again: there is nothing to wait for
        assert looked.parts.book.counts() == {"sent": 1, "unknown": 1}
    times = [value["message_id"] for _, value, _ in await released(kafka)].count("m-1")
    assert times <= 1
