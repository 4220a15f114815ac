"""What was asked for is what happens, within the tolerance of the sample."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.simulator import SimulationParams, facilities
from tests.simulator.streams import (
    bookings,
    days_in_custody,
    gone_to_immigration,
    has_paper,
    kind,
    median_stay,
    recorded,
    time_of,
    unique,
)

PARAMS = SimulationParams(seed=3, facilities=6, bookings_per_day=1000, days=14, run_out=True)
WITH_PAPERS = SimulationParams(seed=4, facilities=3, bookings_per_day=150, days=20, immigration=1.0, run_out=True)


def share(among, asked):
    return sum(map(asked, among)) / len(among)


@pytest.mark.parametrize(
    ("asked", "expected", "tolerance", "because"),
    [
        (has_paper, 0.0064, 0.002, "of 29,312 bookings in one county 188 had an immigration hold"),
        (lambda b: b["booking.voided"], PARAMS.voided, 0.0015, "asked for"),
        (lambda b: b["booking.moved"], PARAMS.moved, 0.002, "asked for"),
        (lambda b: b["release.rescinded"], PARAMS.rescinded, 0.005, "asked for, where there is a local case"),
        (lambda b: b["message.requested"], PARAMS.messages, 0.006, "asked for; a few more about people with papers"),
        (lambda b: len(b["hold.placed"]) <= 4, 0.85, 0.08, "mostly one to three charges"),
        (lambda b: len(b["hold.placed"]) > 8, 0.03, 0.02, "and a tail up to twenty"),
    ],
)
def test_share_of_bookings_is_as_asked(asked, expected, tolerance, because):
    assert share(bookings(PARAMS), lambda booking: bool(asked(booking))) == pytest.approx(expected, abs=tolerance)


def test_number_of_bookings_is_as_asked():
    expected = PARAMS.bookings_per_day * PARAMS.days
    assert len(bookings(PARAMS)) == pytest.approx(expected, rel=0.03)


def test_share_recorded_late_is_as_asked():
    told = [event for event in unique(PARAMS) if "recordedtime" in event]
    # Recording is told in whole seconds; what is not late is recorded within 90 of them.
    late = share(told, lambda event: recorded(event) - time_of(event) > timedelta(seconds=91))
    assert late == pytest.approx(PARAMS.lateness, abs=0.01)
    assert max(recorded(event) - time_of(event) for event in told) > timedelta(days=3)


def test_feeds_that_do_not_tell_recording_occur():
    params = SimulationParams(facilities=7, bookings_per_day=60, days=3)
    silent = {event["source"] for event in unique(params) if "recordedtime" not in event}
    assert silent == {jail.source for jail in facilities(params) if not jail.tells_recorded}
    assert len(silent) == 1


def test_people_stay_three_days_at_the_median_and_a_month_on_average_when_no_paper_came():
    staying = [booking for booking in bookings(PARAMS) if not booking["booking.voided"] and not has_paper(booking)]
    assert median_stay(staying) == pytest.approx(3.2, abs=0.3)
    assert sum(map(days_in_custody, staying)) / len(staying) == pytest.approx(32, abs=4)


def test_people_stay_five_weeks_at_the_median_when_a_paper_came():
    staying = [booking for booking in bookings(WITH_PAPERS) if not booking["booking.voided"]]
    assert median_stay(staying) == pytest.approx(35, abs=4)


def test_counter_takes_three_hours_at_the_median_and_sometimes_more_than_six():
    waits = sorted(
        time_of(booking["release.completed"][0]) - datetime.fromisoformat(due["data"]["due_at"])
        for booking in bookings(PARAMS)
        for due in booking["release.due"]
        if booking["release.completed"] and not booking["release.rescinded"] and not booking["hold.lifted"]
    )
    assert waits[len(waits) // 2] == pytest.approx(timedelta(hours=3), abs=timedelta(minutes=15))
    assert share(waits, lambda wait: wait > timedelta(hours=6)) == pytest.approx(0.12, abs=0.03)


def test_fewer_are_booked_at_dawn_than_in_the_evening_of_the_jails_own_zone():
    zones = {jail.source: ZoneInfo(jail.zone) for jail in facilities(PARAMS)}
    opened = [event for event in unique(PARAMS) if kind(event) == "booking.opened"]
    by_hour = Counter(time_of(event).astimezone(zones[event["source"]]).hour for event in opened)
    assert by_hour[5] < by_hour[22] * 0.5


@pytest.mark.parametrize(
    ("field", "value", "asked", "expected"),
    [
        ("notices", 0.9, lambda b: bool(b["notice.served"]), 0.93),
        ("notices", 0.0, lambda b: bool(b["notice.served"]), 0.0),
        ("holding_on", 1.0, gone_to_immigration, 0.67),
        ("holding_on", 0.0, gone_to_immigration, 0.04),
    ],
)
def test_papers_take_their_course_as_asked(field, value, asked, expected):
    params = SimulationParams(
        seed=5, facilities=2, bookings_per_day=60, days=20, immigration=1.0, run_out=True, **{field: value}
    )
    assert share(bookings(params), asked) == pytest.approx(expected, abs=0.05)
