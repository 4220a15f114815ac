"""Deadlines on both nights of the clock change, in every zone of the United States: raised, told and worded right.

The whole way: facts with local release times, a real database, the engine's deadlines, alerts and their words.
"""

from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from integration.domain.instants import SECOND, Instant
from integration.services.alertwords.times import local_time
from tests.alerts.site import Site, held
from tests.alerts.test_shifts import NIGHTS, ZONES

TIMES = ((time(0, 30), 0), (time(1, 30), 0), (time(1, 30), 1), (time(2, 30), 0), (time(3, 30), 0))
"""Wall clock and which of two such hours: once there is no half past two, once there are two of half past one."""


def released_at(zone: str, night, clock: time, fold: int) -> datetime:
    """The instant of a wall clock. In the hour that is left out, by the offset of before."""
    return datetime.combine(night, clock.replace(fold=fold), ZoneInfo(zone)).astimezone(UTC)


def bookings(night) -> dict[str, datetime]:
    return {
        f"{zone}@{clock:%H%M}-{fold}": released_at(zone, night, clock, fold) for zone in ZONES for clock, fold in TIMES
    }


def test_the_list_has_every_zone_that_the_time_zone_database_has_for_the_country():
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    of_the_states = {row[2] for row in rows if row[0] in {"US", "PR", "GU", "VI", "AS", "MP"}}
    assert set(ZONES) == of_the_states


@pytest.mark.parametrize("night", NIGHTS)
def test_a_deadline_is_raised_and_told_at_its_instant_whatever_the_clock_on_the_wall_does(tmp_path, night):
    due = bookings(night)
    # because half past two is half past three in spring, and half past one comes twice in autumn
    apart = {NIGHTS[0]: 3, NIGHTS[1]: 5}[night]
    assert len({released_at("America/Denver", night, *each) for each in TIMES}) == apart
    site = Site(f"sqlite:///{tmp_path}/night.sqlite")
    site.now = instant_of(min(due.values()) - timedelta(hours=5))
    site.take(each for number, at in due.items() for each in held(number, at))
    site.tick()
    for at in sorted(set(due.values())):
        for after in (-1, 0, 10, 11):
            site.now = instant_of(at) + after * SECOND
            site.fire()
            site.tick()
    found = site.query(
        "SELECT f.booking, f.since, f.raised_at, MIN(n.due_at) AS told_at FROM findings f "
        "JOIN alert_findings m ON m.finding_id = f.finding_id JOIN notices n ON n.alert_id = m.alert_id "
        "AND n.due_at >= m.added_at WHERE f.rule = 'overdue_detainer_hold' GROUP BY f.booking, f.since, f.raised_at"
    )
    assert {row.booking for row in found} == set(due)
    for row in found:
        at = instant_of(due[row.booking])
        assert (row.since, row.raised_at) == (at, at), row.booking
        assert row.told_at - at <= 11 * SECOND, row.booking
    site.close()


def instant_of(moment: datetime) -> Instant:
    return int(moment.timestamp()) * SECOND


@pytest.mark.parametrize("night", NIGHTS)
def test_a_notice_says_the_wall_clock_and_which_of_two_hours_it_was(night):
    for zone in ZONES:
        for clock, fold in TIMES:
            at = released_at(zone, night, clock, fold)
            told = local_time(instant_of(at), ZoneInfo(zone))
            there = at.astimezone(ZoneInfo(zone))
            offset = there.strftime("%z")
            assert told == f"{there:%a %Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}"
            # Whoever reads it knows the instant.
            assert datetime.strptime(told, "%a %Y-%m-%d %H:%M %z") == at
