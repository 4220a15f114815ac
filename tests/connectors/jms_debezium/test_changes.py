"""What a change event says, and a topic on a real broker read by a process that is killed."""

import asyncio
import uuid
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jms_debezium.changes import read_change
from schemas.refusals import InvalidEventError, Reason
from tests.connectors import week
from tests.connectors.running import Site, findings

ROW = {"no": "B-1", "kind": "C"}


def test_row_is_the_one_after_the_change():
    for wrapped in (False, True):
        content = {
            "op": "u",
            "before": ROW,
            "after": {**ROW, "kind": "X"},
            "ts_ms": 5,
            "source": {"ts_ms": 1_772_456_400_000},
        }
        change = read_change(orjson.dumps({"schema": {}, "payload": content} if wrapped else content))
        assert change.record == {"no": "B-1", "kind": "X", "__op": "u", "__deleted": False, "__before": ROW}
        assert change.at.isoformat() == "2026-03-02T13:00:00+00:00"


def test_row_is_the_one_before_when_it_was_deleted():
    change = read_change(orjson.dumps({"op": "d", "before": ROW, "after": None}))
    assert (change.record["no"], change.record["__deleted"], change.at) == ("B-1", True, None)


DECIMAL = {"type": "bytes", "name": "org.apache.kafka.connect.data.Decimal"}
DECIMALS = [
    ({**DECIMAL, "parameters": {"scale": "0"}}, "D0JA", "1000000", "a number that is a key"),
    ({**DECIMAL, "parameters": {"scale": "2"}}, "AMNQ", "500.00", "an amount of money"),
    ({**DECIMAL, "parameters": {"scale": "0"}}, "/w==", "-1", "two's complement"),
    ({"type": "struct", "name": "io.debezium.data.VariableScaleDecimal"}, {"scale": 0, "value": "D0JA"}, "1000000",
     "a number of Oracle or of PostgreSQL that has no scale"),
    ({"type": "string"}, "D0JA", "D0JA", "a text"),
    ({**DECIMAL, "parameters": {"scale": "0"}}, None, "None", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "number", "because"), DECIMALS, ids=[row[3] for row in DECIMALS])
def test_number_is_read_by_its_schema_when_it_is_written_as_bytes(field, value, number, because):
    schema = {"fields": [{"field": "after", "fields": [{**field, "field": "no"}]}]}
    change = read_change(orjson.dumps({"schema": schema, "payload": {"op": "c", "after": {"no": value}}}))
    assert str(change.record["no"]) == number, because


@pytest.mark.parametrize("value", ["%%", 3, {"scale": 0}])
def test_message_is_refused_when_a_number_is_none(value):
    schema = {"fields": [{"field": "after", "fields": [{**DECIMAL, "field": "no", "parameters": {"scale": "0"}}]}]}
    with pytest.raises(InvalidEventError) as refused:
        read_change(orjson.dumps({"schema": schema, "payload": {"op": "c", "after": {"no": value}}}))
    assert refused.value.reason is Reason.BAD_VALUE


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"null",
        b'{"payload": null}',
        b'{"ts_ms": 5}',
        b'{"status": "BEGIN", "id": "1"}',
        b'{"ddl": "", "ts_ms": 1}',
    ],
)
def test_nothing_is_read_when_a_message_speaks_of_no_row(value):
    assert read_change(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b"3", Reason.WRONG_TYPE),
        (b'{"op": "t", "after": null}', Reason.WRONG_TYPE),
        (b'{"op": ["u"], "after": {}}', Reason.WRONG_TYPE),
        (b'{"op": "u", "after": 3}', Reason.MISSING_FIELD),
        (b'{"op": "d", "before": null}', Reason.MISSING_FIELD),
        (b'{"no": "B-1", "__op": "c", "__deleted": "false"}', Reason.MISSING_FIELD),  # flattened: a whole stream
        (b'{"no": "B-1"}', Reason.MISSING_FIELD),
    ],
)
def test_message_is_refused_when_its_row_cannot_be_told(value, reason):
    with pytest.raises(InvalidEventError) as refused:
        read_change(value)
    assert refused.value.reason is reason


ANY = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(-9, 9) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "before", "after", "payload", "ts_ms", "source"]), inner)
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40) | ANY)
def test_any_message_is_a_change_nothing_or_refused(content):
    with suppress(InvalidEventError):
        read_change(content if isinstance(content, bytes) else orjson.dumps(content))


def test_week_gives_the_same_findings_when_it_is_read_from_a_topic_by_a_process_that_is_killed(tmp_path, broker):
    from aiokafka import AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    topic = f"jail-{uuid.uuid4().hex[:8]}"
    lines = week.lines()

    async def fill():
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
        await admin.start()
        await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
        await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=broker.address)
        await producer.start()
        for line in lines:
            row = week.row_of(line)
            value = orjson.dumps({"op": "c", "before": None, "after": row, "ts_ms": 1})
            await producer.send(topic, value, key=row["subject"].encode())
            if row["id"].endswith("0"):
                await producer.send(topic, None, key=row["subject"].encode())
        await producer.stop()

    asyncio.run(fill())
    (tmp_path / "m.toml").write_text(week.mapping("json"))
    sources = f'[[sources]]\nname = "cdc"\nkind = "debezium"\nmapping = "{tmp_path}/m.toml"\n'
    sources += f'servers = ["{broker.address}"]\ntopic = "{topic}"\nwait_ms = 50\nbatch_records = 100\n'
    site = Site(tmp_path, sources, source=week.FACILITY.source, batch=200)
    site.make()
    total = len({orjson.loads(line)["id"] for line in lines})
    site.start()
    site.wait(lambda: site.count() >= 0.2 * total)
    site.kill()
    site.run(lambda: site.count() >= total, seconds=60)
    own = Site(tmp_path / "own", "", source=week.FACILITY.source)
    from tests.connectors.test_week import take_all

    take_all(own)
    assert findings(site) == findings(own)
    assert site.count("dead_letters") == 0
    assert site.count() == own.count()


KEYED = """\
version = 1
source = "/jms/example-county"
zone = "America/Detroit"
[input]
format = "json"
[record]
booking = "no"
key = ["no"]
[[events]]
name = "due"
type = "release.due"
time = "due"
where = [{ column = "due", empty = false }]
data = { due_at = "due", reason = { value = "other" } }
"""


def test_row_is_corrected_and_a_later_partition_is_read_and_a_renamed_column_is_refused(tmp_path, broker, monkeypatch):
    from aiokafka import AIOKafkaProducer
    from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

    from integration.runners.connect import changes

    monkeypatch.setattr(changes, "LOOK_FOR_PARTITIONS_MS", 300)
    topic = f"jail-{uuid.uuid4().hex[:8]}"
    (tmp_path / "m.toml").write_text(KEYED)
    sources = f'[[sources]]\nname = "cdc"\nkind = "debezium"\nmapping = "{tmp_path}/m.toml"\n'
    site = Site(tmp_path, sources + f'servers = ["{broker.address}"]\ntopic = "{topic}"\nwait_ms = 50\n')
    site.make()

    async def until(condition):
        while not condition():  # noqa: ASYNC110  a row of a database
            await asyncio.sleep(0.02)

    async def talk(admin, producer):
        async def send(partition=0, **row):
            value = orjson.dumps({"op": "u", "before": None, "after": row, "ts_ms": 1})
            await producer.send_and_wait(topic, value, partition=partition)

        await send(no="B-1", due="2026-03-05T10:00:00")
        await send(no="B-1", due="2026-03-04T10:00:00")
        await until(lambda: site.count() == 3)
        assert site.count("retractions") == 1
        await admin.create_partitions({topic: NewPartitions(2)})
        await producer.client.force_metadata_update()
        await send(partition=1, no="B-2", due="2026-03-05T10:00:00")
        await until(lambda: site.count() == 4)
        await send(no="B-3", due_at="2026-03-05T10:00:00")
        await until(lambda: site.count("dead_letters") == 1)
        assert site.ask("SELECT reason FROM dead_letters") == [("missing_field",)]
        assert orjson.loads(site.ask("SELECT position FROM source_positions")[0][0]) == {"0": 3, "1": 1}

    async def both():
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.address)
        await admin.start()
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        producer = AIOKafkaProducer(bootstrap_servers=broker.address, metadata_max_age_ms=300)
        await producer.start()
        try:
            talking = asyncio.create_task(talk(admin, producer))
            await site.running(talking.done, seconds=60)
            await talking
        finally:
            await producer.stop()
            await admin.close()

    asyncio.run(both())
