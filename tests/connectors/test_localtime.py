"""One reading of a wall clock's time where the clock changes, whichever connector reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jms_niem import times as niem
from connectors.localtime import Doubt, place
from connectors.mapping.times import Clock

CASES = [
    ("America/Detroit", "2026-03-08T01:59:59", "2026-03-08T06:59:59Z", None, "the last second before the change"),
    ("America/Detroit", "2026-03-08T02:00:00", "2026-03-08T06:00:00Z", Doubt.SKIPPED, "the first that never was"),
    ("America/Detroit", "2026-03-08T02:59:59", "2026-03-08T06:59:59Z", Doubt.SKIPPED, "the last that never was"),
    ("America/Detroit", "2026-03-08T03:00:00", "2026-03-08T07:00:00Z", None, "the first after the change"),
    ("America/Detroit", "2026-11-01T00:59:59", "2026-11-01T04:59:59Z", None, "the last that came once"),
    ("America/Detroit", "2026-11-01T01:00:00", "2026-11-01T05:00:00Z", Doubt.REPEATED, "the first that came twice"),
    ("America/Detroit", "2026-11-01T01:59:59", "2026-11-01T05:59:59Z", Doubt.REPEATED, "the last that came twice"),
    ("America/Detroit", "2026-11-01T02:00:00", "2026-11-01T07:00:00Z", None, "the first that comes once again"),
    ("America/Phoenix", "2026-03-08T02:30:00", "2026-03-08T09:30:00Z", None, "Arizona's clocks do not change"),
    ("America/Denver", "2026-03-08T02:30:00", "2026-03-08T08:30:00Z", Doubt.SKIPPED, "the Navajo Nation's do"),
    ("Pacific/Guam", "2026-11-01T01:30:00", "2026-10-31T15:30:00Z", None, "Guam's do not, and are of the day before"),
    ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:15:00Z", Doubt.SKIPPED, "half an hour is skipped"),
]


@pytest.mark.parametrize(("zone", "shown", "instant", "doubt", "because"), CASES, ids=[case[4] for case in CASES])
def test_time_is_the_earlier_instant_when_it_can_be_two(zone, shown, instant, doubt, because):
    placed = place(datetime.fromisoformat(shown), ZoneInfo(zone))
    assert (placed.at.strftime("%Y-%m-%dT%H:%M:%SZ"), placed.doubt) == (instant, doubt), because


ZONES = st.sampled_from(sorted({case[0] for case in CASES} | {"America/New_York", "UTC", "Asia/Beirut"}))
SHOWN = st.integers(5 * 365 * 86_400, 67 * 365 * 86_400).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
)
NEAR = st.sampled_from(["2026-03-08T02:00", "2026-11-01T01:00", "2024-03-10T02:00"]).flatmap(
    lambda change: st.integers(-7200, 7200).map(lambda s: datetime.fromisoformat(change) + timedelta(seconds=s))
)


@settings(max_examples=200, deadline=None)
@given(SHOWN | NEAR, ZONES)
def test_every_connector_reads_the_same_when_one_clock_showed_it(shown, name):
    zone = ZoneInfo(name)
    placed = place(shown, zone)
    by_mapping = Clock(zone, ("iso",), "earlier", "earlier", "refuse").read(shown.isoformat())
    by_niem = niem.read(shown.isoformat(), zone)
    marks = () if placed.doubt is None else (placed.doubt.value,)
    assert isinstance(by_niem, niem.Moment)
    assert (by_mapping.at, by_mapping.marks) == (by_niem.at, by_niem.marks) == (placed.at, marks)
    if placed.doubt is not Doubt.SKIPPED:
        assert placed.at.astimezone(zone).replace(tzinfo=None, fold=0) == shown, "the clock did show it"
    # Nothing earlier could be meant: an hour before, the clock showed something else.
    for offset in {zone.utcoffset(shown.replace(fold=fold)) for fold in (0, 1)}:
        assert placed.at <= (shown - offset).replace(tzinfo=UTC)
