"""A simulated county feeds a real broker, on the topic that workers read."""

from collections import defaultdict
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer

from connectors.kafka import topics
from connectors.kafka.config import Kafka
from integration.simulator import SimulationParams, simulate
from tests.conftest import Holdwatch
from tests.kafka.broker import Broker
from tests.kafka.conftest import broker as broker  # noqa: PLC0414  a fixture of this folder, too
from tests.kafka.conftest import prefix as prefix  # noqa: PLC0414

COUNTY = SimulationParams(facilities=4, bookings_per_day=60, days=2, seed=3)
OPTIONS = ("--facilities", 4, "--bookings-per-day", 60, "--days", 2, "--seed", 3)
SETTINGS = """
[site]
name = "test-jail"
state_dir = "{folder}/state"
[log]
origin = "audit.example.gov/test"
[[facilities]]
source = "/sim/harrow"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
"""
TABLE = """
[kafka]
servers = ["{address}"]
topic_prefix = "{prefix}"
partitions = 4
replication = 1
min_insync = 1
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "holdwatch.toml"
    path.write_text(text)
    return path


async def test_topic_has_every_line_in_the_order_of_its_booking_when_a_simulation_feeds_it(
    tmp_path: Path, broker: Broker, prefix: str, holdwatch: Holdwatch
):
    kafka = Kafka(servers=[broker.address], topic_prefix=prefix, partitions=4, replication=1, min_insync=1)
    await topics.apply(kafka.connection, kafka.plans)
    table = TABLE.format(address=broker.address, prefix=prefix)
    settings = written(tmp_path, SETTINGS.format(folder=tmp_path) + table)
    told = holdwatch("simulate", "--to-kafka", settings, "--json", *OPTIONS)
    assert told.returncode == 0, told.stderr
    lines = list(simulate(COUNTY))
    assert orjson.loads(told.stdout)["lines"] == len(lines)

    expected, found = defaultdict(list), defaultdict(list)
    for line in lines:
        event = orjson.loads(line)
        expected[f"{event['source']}|{event['subject']}"].append(line)
    async with AIOKafkaConsumer(
        f"{prefix}jail.events", bootstrap_servers=broker.address, auto_offset_reset="earliest"
    ) as consumer:
        for _ in lines:
            record = await consumer.getone()
            found[record.key.decode()].append(record.value)
    assert found == expected


def test_it_is_told_in_one_line_when_no_broker_answers(tmp_path: Path, holdwatch: Holdwatch):
    table = TABLE.format(address="127.0.0.1:1", prefix="")
    settings = written(tmp_path, SETTINGS.format(folder=tmp_path) + table)
    told = holdwatch("simulate", "--to-kafka", settings, "--days", 1)
    assert told.returncode == 3
    assert b"Kafka" in told.stderr
    assert b"Traceback" not in told.stderr


def test_usage_is_told_when_the_installation_has_no_brokers(tmp_path: Path, holdwatch: Holdwatch):
    settings = written(tmp_path, SETTINGS.format(folder=tmp_path))
    told = holdwatch("simulate", "--to-kafka", settings, "--days", 1)
    assert (told.returncode, b"[kafka]" in told.stderr) == (2, True)
