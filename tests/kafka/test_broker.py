"""The tests' broker is a real one: it keeps what it was given, and leaves nothing behind."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.kafka.broker import PROGRAM, ROOT, Broker, BrokerError

SECONDS = 60


@pytest.fixture(scope="module")
def own() -> Iterator[Broker]:
    """A broker for tests that end it."""
    with Broker() as started:
        yield started


async def create(broker: Broker, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def send(broker: Broker, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.address, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)


async def read(broker: Broker, topic: str, count: int) -> list[bytes | None]:
    place = TopicPartition(topic, 0)
    async with asyncio.timeout(SECONDS), AIOKafkaConsumer(bootstrap_servers=broker.address) as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        return [(await consumer.getone()).value for _ in range(count)]


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_messages_are_kept_when_the_broker_ends_and_starts_again(own, prefix, ending):
    topic = f"{prefix}kept"
    await create(own, topic)
    await send(own, topic, b"one", b"two")
    address = own.address
    getattr(own, ending)()
    assert not own.answers()
    own.start()
    assert own.address == address
    await send(own, topic, b"three")
    assert await read(own, topic, 3) == [b"one", b"two", b"three"]


async def test_nothing_answers_when_the_broker_is_frozen(own, prefix):
    own.freeze()
    try:
        assert not own.answers(2)
    finally:
        own.thaw()
    own.wait_until_ready()


async def test_no_topic_appears_when_a_client_asks_for_an_unknown_one(broker, prefix):
    async with AIOKafkaProducer(bootstrap_servers=broker.address) as producer:
        await producer.client.add_topic(f"{prefix}unknown")  # as sending does: a metadata request with the name
        assert f"{prefix}unknown" not in (await producer.client.fetch_all_metadata()).topics()


def test_the_broker_ends_when_the_process_that_started_it_is_killed():
    code = "import time\nfrom tests.kafka.broker import Broker\nb = Broker()\nb.start()\n"
    code += "print(b.folder, b.pid, flush=True)\ntime.sleep(600)\n"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as tester:
        assert tester.stdout is not None
        folder, pid = tester.stdout.readline().split()
        left = Broker.__new__(Broker)
        left.folder = Path(folder)
        assert left.answers()
        tester.kill()
    until = time.monotonic() + SECONDS
    while left.answers() or group_lives(int(pid)):
        assert time.monotonic() < until, "the broker outlived its tester"
        time.sleep(0.05)
    left._process = None
    left.remove()
    assert not Path(folder).exists()


def group_lives(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("missing", "words"),
    [("java", "Java 17 or later is needed"), ("mvn", "Maven is needed to fetch Kafka's jars")],
)
def test_the_program_says_what_to_install_when_something_is_missing(tmp_path, missing, words):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in {"java", "mvn"} - {missing}:
        (tools / name).symlink_to("/bin/false")
    here = tmp_path / "kafka"  # a copy that has fetched nothing yet, except where Java is what is missing
    here.mkdir()
    for name in ("broker", "pom.xml", "server.properties", "log4j2.properties"):
        (here / name).write_bytes((PROGRAM.parent / name).read_bytes())
    done = subprocess.run(
        [sys.executable, here / "broker", "run", tmp_path / "data"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, words in done.stderr) == (3, True), done.stderr


def test_starting_fails_with_the_log_when_the_broker_cannot_run(tmp_path):
    broker = Broker()
    try:
        (broker.folder / "port").write_text("20000")
        (broker.folder / "server.properties").write_text("process.roles=nonsense\n")
        with pytest.raises(BrokerError, match=r"process\.roles"):
            broker.start()
    finally:
        broker.remove()
