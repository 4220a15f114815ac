"""What a change event says, and a topic on a real broker read by a process that is killed."""

import asyncio
import uuid
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jms_debezium.changes import read_change
from connectors.mapping.apply import Mapper
from connectors.mapping.load import mapping_from
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of
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


BEGIN = {"status": "BEGIN", "id": "571:53195829", "event_count": None, "data_collections": None}
END = {**BEGIN, "status": "END", "event_count": 1, "data_collections": [{"data_collection": "s1.a", "event_count": 1}]}
CHANGED_TABLE = {
    "source": {"connector": "sqlserver", "ts_ms": 5}, "ts_ms": 5, "databaseName": "jail", "schemaName": "dbo",
    "ddl": None, "tableChanges": [{"type": "ALTER", "id": '"jail"."dbo"."holds"', "table": None}],
}  # fmt: skip
NO_ROW = [
    (None, "a tombstone, with which a topic is compacted"),
    (BEGIN, "the beginning of a transaction, as Debezium up to 2.1 has it"),
    ({**BEGIN, "ts_ms": 1486500577125}, "the same since"),
    ({**END, "ts_ms": 5, "ts_us": 5000, "ts_ns": 5_000_000}, "its end"),
    ({"ts_ms": 5}, "a heartbeat"),
    ({"ts_ms": 5, "ts_us": 5000, "ts_ns": 5_000_000}, "with finer times"),
    (CHANGED_TABLE, "a column was added"),
    ({**{k: v for k, v in CHANGED_TABLE.items() if k not in ("ts_ms", "schemaName")}, "ddl": "ALTER TABLE holds ADD x"},
     "MySQL's"),
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "in an envelope"])
@pytest.mark.parametrize(("content", "because"), NO_ROW, ids=[row[1] for row in NO_ROW])
def test_nothing_is_read_when_a_message_speaks_of_no_row(content, because, wrapped):
    value = orjson.dumps({"schema": None, "payload": content} if wrapped else content)
    assert read_change(value) is None, because
    assert read_change(None) is None, "no value at all: a tombstone"


FLATTENED = [
    ({"status": "HELD", "id": "B-1"}, "a table of few columns"),
    ({"status": "BEGIN", "id": "B-1"}, "a boundary always says how many events there were, be it null"),
    ({"status": "HELD", "id": "B-1", "ts_ms": 5}, "with the time of the change, that can be added to such a row"),
    ({"no": "B-1", "status": "ICE HOLD", "agency": "ICE"}, "a hold, and its column is called status"),
    ({**BEGIN, "agency": "ICE"}, "a boundary has no more than its own fields"),
    ({**BEGIN, "status": "HELD"}, "and begins or ends something"),
    ({**BEGIN, "id": 571}, "its number is a text"),
    ({**BEGIN, "event_count": "1"}, "its count is a number"),
    ({**BEGIN, "data_collections": "ICE HOLD"}, "and its tables are a list"),
    ({**BEGIN, "data_collections": ["ICE HOLD"]}, "of objects"),
    ({**BEGIN, "ts_ms": "ICE HOLD"}, "its time is a number"),
    ({"ts_ms": 5, "no": "B-1"}, "a heartbeat has nothing but its time"),
    ({"ts_ms": "ICE HOLD"}, "and that is a number"),
    ({"ts_ms": True}, "and no truth"),
    ({"ts_us": 5}, "it has milliseconds in every version"),
    ({}, "nothing at all is no heartbeat"),
    ({"ddl": "", "ts_ms": 1}, "a changed table says of what database"),
    ({"no": "B-1", "ddl": "2026-03-02", "hold": "ICE"}, "a deadline, for some clerk"),
    ({**CHANGED_TABLE, "hold": "ICE"}, "a changed table has no more than its own fields"),
    ({**CHANGED_TABLE, "source": "BOOKING DESK"}, "its source is an object"),
    ({**CHANGED_TABLE, "tableChanges": "ICE HOLD"}, "what was changed is a list"),
    ({**CHANGED_TABLE, "ddl": {"hold": "ICE"}}, "the statement is a text"),
    ({"no": "B-1", "payload": None, "hold": "ICE"}, "a column that is called like what an envelope holds"),
    ({"no": "B-1", "payload": {"op": "c", "after": {"no": "B-2"}}}, "whatever it says"),
    ({"no": "B-1", "__op": "c", "__deleted": "false"}, "what Debezium itself adds to such a row"),
]


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "in an envelope"])
@pytest.mark.parametrize(("row", "because"), FLATTENED, ids=[row[1] for row in FLATTENED])
def test_flattened_row_is_refused_when_its_columns_are_called_like_what_speaks_of_no_row(row, because, wrapped):
    with pytest.raises(InvalidEventError) as refused:
        read_change(orjson.dumps({"schema": {"type": "struct"}, "payload": row} if wrapped else row))
    assert refused.value.reason is Reason.MISSING_FIELD, because
    assert "ICE" not in refused.value.message


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b"3", Reason.WRONG_TYPE),
        (b'{"op": "t", "after": null}', Reason.WRONG_TYPE),
        (b'{"op": ["u"], "after": {}}', Reason.WRONG_TYPE),
        (b'{"op": "u", "after": 3}', Reason.MISSING_FIELD),
        (b'{"op": "d", "before": null}', Reason.MISSING_FIELD),
        (b'{"no": "B-1"}', Reason.MISSING_FIELD),
    ],
)
def test_message_is_refused_when_its_row_cannot_be_told(value, reason):
    with pytest.raises(InvalidEventError) as refused:
        read_change(value)
    assert refused.value.reason is reason


KEY = orjson.dumps({"schema": {"type": "struct"}, "payload": {"id": 7}})
ALONE = [
    ({"id": 7, "no": None, "hold": None}, KEY, True, "without REPLICA IDENTITY FULL the rest is null"),
    ({"id": 7, "no": "", "hold": 0}, KEY, True, "or, of columns that may not be null, nothing of their kind"),
    ({"id": 7, "no": "B-1", "hold": None}, KEY, False, "the row, as far as it says something"),
    ({"id": 7, "no": None, "hold": None}, b'{"id": 7}', True, "a key without its schema"),
    ({"id": 7}, KEY, False, "a row that is all key"),
    ({"id": 7, "no": None}, b'{"number": 7}', False, "a key of other columns says nothing of these"),
    ({"id": 7, "no": None}, b"7", False, "nor does one that is no object"),
    ({"id": 7, "no": None}, b"\x00\x01", False, "nor one in another form"),
    ({"id": 7, "no": None}, None, False, "a table without a key"),
]


@pytest.mark.parametrize(("before", "key", "refused", "because"), ALONE, ids=[row[-1] for row in ALONE])
def test_deleted_row_is_refused_when_only_its_key_is_told(before, key, refused, because):
    value = orjson.dumps({"op": "d", "before": before, "after": None})
    if not refused:
        assert read_change(value, key).record["__deleted"] is True, because
        return
    with pytest.raises(InvalidEventError) as told:
        read_change(value, key)
    assert told.value.reason is Reason.MISSING_FIELD, because
    assert "REPLICA IDENTITY FULL" in told.value.message


LEFT_OUT = "__debezium_unavailable_value"
UNCHANGED = [
    (LEFT_OUT, None, None, ["kind"], "a large text: the database does not tell it again"),
    ([LEFT_OUT], None, None, ["kind"], "a list of such"),
    ({LEFT_OUT: LEFT_OUT}, None, None, ["kind"], "a map"),
    ("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", None, None, ["kind"], "bytes"),
    (LEFT_OUT, {"kind": "C"}, "C", None, "what was there before is there still"),
    (LEFT_OUT, {"kind": LEFT_OUT}, None, ["kind"], "unless that is not told, either"),
    ([], None, [], None, "a list of nothing"),
    ("C", {"kind": LEFT_OUT}, "C", None, "a value"),
]


@pytest.mark.parametrize(("value", "before", "kind", "unknown", "because"), UNCHANGED, ids=[r[-1] for r in UNCHANGED])
def test_column_is_not_there_when_its_value_was_left_out(value, before, kind, unknown, because):
    record = read_change(orjson.dumps({"op": "u", "before": before, "after": {"no": "B-1", "kind": value}})).record
    assert (record.get("kind"), record.get("__unknown")) == (kind, unknown), because
    assert "kind" in record or unknown


OPTIONAL = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[input]
format = "json"
optional = ["kind"]
[record]
booking = "no"
[[events]]
name = "held"
type = "hold.placed"
time = { observed = true }
where = [{ column = "kind", says = "charge" }]
data = { hold_id = { value = "h" }, kind = { value = "charge" } }
"""


def reasons(after, before=None):
    """Return what a change is refused for."""
    mapping = mapping_from(OPTIONAL)
    content = {"op": "u", "before": before, "after": after, "ts_ms": 1_772_456_400_000}
    change = read_change(orjson.dumps(content))
    (row,) = checked([Row("", change.record)], mapping)
    found = inputs_of("f", row, Mapper(mapping), observed=change.at)
    return [None if each.refusal is None else each.refusal.reason for each in found]


def test_row_is_refused_when_a_value_was_left_out_that_the_mapping_reads():
    assert reasons({"no": "B-1", "kind": LEFT_OUT}) == [Reason.MISSING_FIELD], "it would be a charge of that name"
    assert reasons({"no": "B-1"}) == [], "the mapping says that it may not be there"
    assert reasons({"no": "B-1", "kind": "LARCENY", "photo": LEFT_OUT}) == [None], "nobody reads the photo"


def test_row_is_no_dead_letter_when_only_what_was_before_says_a_hold():
    after = {"no": "B-1", "kind": "LARCENY", "cell": "A-1"}
    assert reasons(after, {**after, "cell": "ICE HOLD"}) == [None]
    assert reasons({**after, "cell": "ICE HOLD"}, after) == [None, Reason.UNMAPPED_CODE]


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
        read_change(content if isinstance(content, bytes) else orjson.dumps(content), KEY)


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
