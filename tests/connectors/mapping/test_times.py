"""How a wall clock's times become instants: clock changes, days without a time, epochs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mapping.result import ValueRefusedError
from connectors.mapping.times import Clock, is_format
from schemas.refusals import Reason

DETROIT = ZoneInfo("America/Detroit")


def clock(*formats, repeated="earlier", skipped="earlier", day="refuse", zone=DETROIT):
    return Clock(zone, formats or ("iso",), repeated, skipped, day)


CASES = [
    ("2026-03-02T08:00:00", "2026-03-02T13:00:00Z", (), "winter"),
    ("2026-07-02 08:00", "2026-07-02T12:00:00Z", (), "summer, a blank for the T"),
    ("2026-07-02T08:00:00.1234567Z", "2026-07-02T08:00:00.123456Z", (), "it says UTC; the seventh digit goes"),
    ("2026-07-02T08:00:00-0700", "2026-07-02T15:00:00Z", (), "its own offset counts"),
    ("2026-07-02T24:00:00", "2026-07-03T04:00:00Z", (), "the end of a day"),
    ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z", ("repeated-hour",), "came twice: the earlier frees sooner"),
    ("2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00Z", (), "it says which of the two"),
    ("2026-03-08T02:30:00", "2026-03-08T06:30:00Z", ("skipped-hour",), "never was: the earlier reading"),
]


@pytest.mark.parametrize(("text", "instant", "marks", "because"), CASES, ids=[case[3] for case in CASES])
def test_time_is_read_as_the_instant_that_frees_sooner(text, instant, marks, because):
    read = clock().read(text)
    assert (read.text(), read.marks) == (instant, marks), because


def test_time_is_refused_when_the_mapping_says_so_for_a_clock_change():
    for text, rules in (("2026-11-01T01:30", {"repeated": "refuse"}), ("2026-03-08T02:30", {"skipped": "refuse"})):
        with pytest.raises(ValueRefusedError) as refused:
            clock(**rules).read(text)
        assert refused.value.reason is Reason.AMBIGUOUS_TIME


@pytest.mark.parametrize(
    ("rule", "instant"),
    [
        ("start_of_day", "2026-03-02T05:00:00Z"),
        ("noon", "2026-03-02T17:00:00Z"),
        ("end_of_day", "2026-03-03T05:00:00Z"),
    ],
)
def test_day_is_read_by_the_mappings_rule(rule, instant):
    for said in ("2026-03-02", date(2026, 3, 2)):
        read = clock(day=rule).read(said)
        assert (read.text(), read.marks) == (instant, ("date-only",))
    with pytest.raises(ValueRefusedError):
        clock().read("2026-03-02")


def test_epoch_is_read_as_utc_or_as_a_wall_clock():
    moment = datetime(2026, 7, 2, 8, tzinfo=UTC)
    milliseconds = int(moment.timestamp() * 1000)
    assert clock("epoch_ms").read(milliseconds).text() == "2026-07-02T08:00:00Z"
    assert clock("local_epoch_ms").read(str(milliseconds)).text() == "2026-07-02T12:00:00Z"
    assert clock("epoch_s").read("1782979200.5").text() == "2026-07-02T08:00:00.500000Z"


def test_drivers_own_times_are_read_as_what_they_are():
    assert clock().read(datetime.fromisoformat("2026-07-02T08:00")).text() == "2026-07-02T12:00:00Z"
    assert clock().read(datetime(2026, 7, 2, 8, tzinfo=UTC)).text() == "2026-07-02T08:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "now", "13/32/2026", "2026-02-30T01:00", "1969-12-31T00:00", "2200-01-01T00:00", "9" * 30, True]
)
def test_time_is_refused_when_there_is_no_such_time(text):
    with pytest.raises(ValueRefusedError) as refused:
        clock("iso", "epoch_s", "%m/%d/%Y").read(text)
    assert refused.value.reason in (Reason.BAD_TIME, Reason.TIME_OUT_OF_RANGE)


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.datetimes(), st.dates(), st.booleans()))
def test_anything_is_read_or_refused(value):
    try:
        read = clock("iso", "epoch_us", "%m/%d/%Y %H:%M", day="noon").read(value)
    except ValueRefusedError:
        return
    assert read.at.utcoffset() is not None
    assert 1969 <= read.at.year <= 2200


def test_formats_without_a_day_are_none():
    assert all(map(is_format, ("iso", "local_epoch_us", "%Y%m%d%H%M%S", "%d-%b-%y %I:%M:%S %p")))
    assert all(map(is_format, ("epoch_days", "epoch_ns", "local_epoch_ns")))
    assert not any(map(is_format, ("%H:%M", "%m/%d", "", "epoch", "%Q", "%")))
    assert not is_format("%m/%d/%Y %I:%M"), "nine in the evening would be nine in the morning"


NUMBERS = [
    ("local_epoch_ns", 1782979200123456789, "2026-07-02T12:00:00.123456Z", "SQL Server's datetime2, by Debezium"),
    ("epoch_days", 20636, "2026-07-02T16:00:00Z", "a date, by Debezium: noon by this mapping's rule"),
]


@pytest.mark.parametrize(("form", "number", "instant", "because"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_number_is_read_in_the_unit_that_its_form_names(form, number, instant, because):
    assert clock(form, day="noon").read(number).text() == instant, because


@pytest.mark.parametrize("form", ["epoch_s", "epoch_ms", "local_epoch_us", "epoch_ns", "epoch_days"])
def test_number_is_refused_when_it_says_nothing_or_is_of_another_unit(form):
    for number in (0, 20636 if form != "epoch_days" else 17):
        with pytest.raises(ValueRefusedError) as refused:
            clock(form, day="noon").read(number)
        assert refused.value.reason is Reason.TIME_OUT_OF_RANGE


NO_TIMES = [
    ("99999999999999999999", "20 digits: more days, or seconds, than any calendar has"),
    (99999999999999999999, "the same as a number"),
    ("9" * 20 + "." + "9" * 9, "with a fraction"),
    ("9" * 21, "one digit more"),
    ("9" * 5000, "more than Python makes a number of"),
    ("-99999999999999999999", "the same before 1970"),
    (-1, "a day, or a second, before 1970"),
    (-(2**63), "what a database writes for minus infinity"),
    (2**63 - 1, "and for infinity: PostgreSQL's, as Debezium has it"),
    (2**64, "one more than fits"),
    (253402300800, "the first second of the year 10000"),
    (float("nan"), "no number"),
    (float("inf"), "infinite: 1e400"),
    (-float("inf"), "the other way"),
    (1e20, "a number that is written with an exponent"),
    ("1e400", "the same as text"),
    (Decimal("NaN"), "no number, as a driver gives it"),
    (Decimal("sNaN"), "one that no test may be made with"),
    (Decimal("Infinity"), "infinite"),
    (Decimal("1E+400"), "400 digits"),
    (Decimal("1E-400"), "nearly nothing"),
    (True, "a truth, which Python takes for 1"),
    (False, "and for 0"),
    ("0", "nothing"),
    ("1_000_000_000", "not how a number is written"),
    ("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660", "digits of another script"),
    ([1782979200], "a list"),
    ({"seconds": 1782979200}, "an object"),
]


@pytest.mark.parametrize(("number", "because"), NO_TIMES, ids=[row[1] for row in NO_TIMES])
def test_number_is_refused_when_it_is_no_time_in_any_unit(number, because):
    units = [f"{local}epoch_{unit}" for local in ("", "local_") for unit in ("s", "ms", "us", "ns")]
    for form in [*units, "epoch_days"]:
        for day in ("refuse", "start_of_day", "noon", "end_of_day"):
            with pytest.raises(ValueRefusedError) as refused:
                clock(form, day=day).read(number)
            assert refused.value.reason in {Reason.BAD_TIME, Reason.TIME_OUT_OF_RANGE}, (because, form, day)
