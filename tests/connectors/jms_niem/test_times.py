"""Clocks: offsets, naive times, repeated and skipped hours, bare dates."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.jms_niem.times import Day, Moment, read
from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.reading import codes, mapped, one

DENVER = ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T14:05:00Z", "2026-03-02T14:05:00Z"),
        ("2026-03-02T14:05:00.0Z", "2026-03-02T14:05:00Z"),
        ("2026-03-02T14:05:00.25Z", "2026-03-02T14:05:00.250000Z"),
        ("2026-03-02T14:05:00", "2026-03-02T21:05:00Z"),
        ("2026-07-02T14:05:00", "2026-07-02T20:05:00Z"),
        ("2026-03-02T14:05", "2026-03-02T21:05:00Z"),
        ("2026-03-02T14:05:00-05:00", "2026-03-02T19:05:00Z"),
        ("2026-03-02T14:05:00+0530", "2026-03-02T08:35:00Z"),
        ("2026-03-02T24:00:00", "2026-03-03T07:00:00Z"),
    ],
)
def test_time_is_read_as_the_jail_meant_it(text, instant):
    moment = read(text, DENVER)

    assert isinstance(moment, Moment)
    assert (moment.text(), moment.marks) == (instant, ())


@pytest.mark.parametrize(("text", "day"), [("2026-03-02", 2), ("2026-03-31Z", 31), ("2026-03-02-07:00", 2)])
def test_date_stays_a_date(text, day):
    assert read(text, DENVER) == Day(date(2026, 3, day))


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "2026-03-02T25:00:00",
        "",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        read(text, DENVER)


def test_repeated_hour_takes_the_earlier_instant_and_says_so():
    outcome = mapped(Document(root="CustodyReleaseReport", booked="2026-10-30T10:00:00", release="2026-11-01T01:30:00"))

    event = one(outcome, "release.completed")
    assert event["time"] == "2026-11-01T07:30:00Z"
    assert event["id"].endswith("-repeated-hour")
    assert "repeated_hour" in codes(outcome)


def test_repeated_hour_with_an_offset_is_taken_as_it_is():
    document = Document(root="CustodyReleaseReport", booked="2026-10-30T10:00:00", release="2026-11-01T01:30:00-07:00")

    event = one(mapped(document), "release.completed")
    assert event["time"] == "2026-11-01T08:30:00Z"
    assert "repeated" not in event["id"]


def test_repeated_hour_of_a_posted_bond_is_the_earlier_one():
    charge = Charge(bond_status="POST", bond_dated="2026-11-01T01:10:00")
    document = Document(
        root="CustodyStatusChangeReport", booked="2026-10-30T10:00:00", created="2026-11-02T00:00:00Z", charges=[charge]
    )

    posted = one(mapped(document), "bail.posted")
    assert posted["time"] == "2026-11-01T07:10:00Z"
    assert posted["id"].endswith("-repeated-hour")


def test_skipped_hour_takes_the_earlier_reading_and_says_so():
    outcome = mapped(Document(booked="2026-03-08T02:30:00"))

    opened = one(outcome, "booking.opened")
    assert opened["time"] == "2026-03-08T08:30:00Z"
    assert opened["id"].endswith("-skipped-hour")
    assert "skipped_hour" in codes(outcome)


@pytest.mark.parametrize(
    ("day", "end"), [("2026-03-08", "2026-03-09T06:00:00Z"), ("2026-11-01", "2026-11-02T07:00:00Z")]
)
def test_day_of_a_clock_change_ends_at_its_own_midnight(day, end):
    due = one(mapped(Document(booked="2026-03-01T10:00:00", eligible=day)), "release.due")

    assert due["data"]["due_at"] == end


def test_booking_on_a_bare_date_opens_at_the_start_of_that_day():
    outcome = mapped(Document(booked="2026-03-02"))

    opened = one(outcome, "booking.opened")
    assert opened["time"] == "2026-03-02T07:00:00Z"
    assert opened["id"].endswith("-date-only")


def test_bad_booking_time_is_refused_by_name_and_hides_nothing_else():
    outcome = mapped(Document(booked="noonish", flag="true"))

    assert {(refusal.place, refusal.reason.value) for refusal in outcome.refusals} == {
        ("/d:BookingReport/j:Booking/nc:ActivityDate/nc:Date", "bad_time"),
        ("/d:BookingReport/j:Booking/nc:ActivityDate", "no_time"),
    }
    assert len(outcome.events) == 2
