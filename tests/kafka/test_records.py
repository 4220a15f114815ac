"""What a record of the events topic holds."""

import pytest

from connectors.kafka.publisher import partitioner
from connectors.kafka.records import Advanced, advanced_note, due_note, key_of, read_record
from integration.services.ports import BookingKey

BOOKING = BookingKey("/jms/a", "B|1")


def test_a_reminder_names_its_booking_when_it_is_read_back():
    (read,) = read_record("p", due_note(BOOKING, 5_000_000))
    assert read.due == BOOKING


def test_a_note_of_the_clock_is_read_back_as_it_was_sent():
    assert list(read_record("p", advanced_note(5_000_001))) == [Advanced(5_000_001)]


def test_each_event_of_an_array_stands_as_it_was_written_when_several_come_together():
    inputs = list(read_record("t/0/7", b' [{"a": 1.50}, {"b":"]"} ,\n{"c":"\\u00e9"}] '))
    assert [each.raw for each in inputs] == [b'{"a": 1.50}', b'{"b":"]"}', b'{"c":"\\u00e9"}']
    assert [each.place for each in inputs] == ["t/0/7#0", "t/0/7#1", "t/0/7#2"]
    assert all(each.refusal is None for each in inputs)


@pytest.mark.parametrize(
    ("value", "because"),
    [
        (None, "there is no value"),
        (b"[", "the array does not end"),
        (b"[]", "nothing is in it"),
        (b"[1,]", "a comma is too much"),
        (b"[1 2]", "a comma is missing"),
        (b"[1]x", "something follows"),
        (b"[\xff]", "it is not UTF-8"),
        (b"[" * 100_000, "it is too deep to be read"),
        (b"[" + b"1," * 10_000 + b"1]", "it holds too many to be events"),
    ],
)
def test_the_record_is_one_refused_input_when_it_cannot_be_taken_apart(value, because):
    (read,) = read_record("p", value)
    assert read.refusal is not None, because
    assert read.raw == (value or b"")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{}",
        b'{"type":"holdwatch.deadline.due.v1"}',
        b'{"type":"holdwatch.deadline.due.v1","source":"","subject":"B"}',
        b'{"type":"holdwatch.clock.advanced.v1","to":"yesterday"}',
        b'{"type":"holdwatch.something.v1"}',
    ],
)
def test_what_only_looks_like_a_note_is_an_event_to_be_refused(value):
    (read,) = read_record("p", value)
    assert (read.raw, read.due, read.refusal) == (value, None, None)


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_a_key_has_the_partition_that_javas_client_gives_it(key, murmur2):
    """The hashes are those of Apache Kafka's own test, `org.apache.kafka.common.utils.UtilsTest.testMurmur2`."""
    assert partitioner(7)(key) == (murmur2 & 0x7FFFFFFF) % 7


def test_a_booking_and_its_reminder_have_one_key():
    assert key_of(BOOKING) == b"/jms/a|B|1"
