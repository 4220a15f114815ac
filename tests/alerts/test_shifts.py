"""Shifts and repeats on both nights of the clock change, in every zone of the United States."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from connectors.alerting import ShiftCalendar
from connectors.shifts.calendar import read_roster
from connectors.shifts.ical import read_ical
from integration.domain.alerts.shifts import Roster, Shift, Weekly, local_instant, shifts_of
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from integration.errors import UsageError
from integration.runners.alerting.calendars import Calendars
from schemas.kinds import Rule
from tests.alerts.worlds import ROUTE, World

ZONES = (
    "America/New_York America/Detroit America/Kentucky/Louisville America/Kentucky/Monticello "
    "America/Indiana/Indianapolis America/Indiana/Vincennes America/Indiana/Winamac America/Indiana/Marengo "
    "America/Indiana/Petersburg America/Indiana/Vevay America/Chicago America/Indiana/Tell_City America/Indiana/Knox "
    "America/Menominee America/North_Dakota/Center America/North_Dakota/New_Salem America/North_Dakota/Beulah "
    "America/Denver America/Boise America/Phoenix America/Los_Angeles America/Anchorage America/Juneau America/Sitka "
    "America/Metlakatla America/Yakutat America/Nome America/Adak Pacific/Honolulu America/Puerto_Rico "
    "America/St_Thomas Pacific/Guam Pacific/Saipan Pacific/Pago_Pago"
).split()
NIGHTS = (date(2026, 3, 8), date(2026, 11, 1))
EVERY_DAY = frozenset(range(7))
HANDOVERS = ((time(6), time(18)), (time(1, 30), time(13, 30)), (time(2, 30), time(14, 30)), (time(0), time(12)))


def tiled(zone: ZoneInfo, first: time, second: time, night: date) -> list[Shift]:
    weekly = [Weekly(EVERY_DAY, first, second, ("day",)), Weekly(EVERY_DAY, second, first, ("night",))]
    return sorted(
        shifts_of(weekly, zone, night - timedelta(days=2), night + timedelta(days=2)), key=lambda each: each.start
    )


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("night", NIGHTS)
def test_somebody_is_on_duty_at_every_instant_of_the_night_and_never_two(zone, night):
    for first, second in HANDOVERS:
        shifts = tiled(ZoneInfo(zone), first, second, night)
        assert all(one.end == other.start for one, other in itertools.pairwise(shifts))
        roster = Roster(shifts)
        at = shifts[0].start
        while at < shifts[-1].end:
            assert len(roster.on_duty(at)) == 1
            at += 10 * MINUTE


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("night", NIGHTS)
def test_a_shift_starts_when_the_wall_clock_says_so(zone, night):
    zone_info = ZoneInfo(zone)
    for shift in tiled(zone_info, time(6), time(18), night):
        starts, ends = (datetime.fromtimestamp(at / SECOND, zone_info) for at in (shift.start, shift.end))
        assert (starts.hour, starts.minute) in {(6, 0), (18, 0)}
        assert (ends.hour, ends.minute) in {(6, 0), (18, 0)}
        moves = zone_info.utcoffset(ends.replace(tzinfo=None)) != zone_info.utcoffset(starts.replace(tzinfo=None))
        longer = {NIGHTS[0]: 11, NIGHTS[1]: 13}[night] if moves else 12
        assert shift.end - shift.start == longer * HOUR


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("night", NIGHTS)
def test_no_alert_is_an_hour_late_on_the_night_of_the_change(zone, night):
    """Waits and repeats are lengths of time: the wall clock has no say. The one who is on duty then is told."""
    zone_info = ZoneInfo(zone)
    rosters = {"floor": Roster(tiled(zone_info, time(6), time(18), night)), "watch": Roster([])}
    world = World(ROUTE, rosters)
    begun = world.now = local_instant(night - timedelta(days=1), time(23, 30), zone_info)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(begun + 10 * HOUR)
    told = [at for at, _, receiver, stage in world.sent if receiver == "chief" and stage == "repeated"]
    assert told[0] == begun + 10 * SECOND + 15 * MINUTE
    assert {later - at for at, later in itertools.pairwise(told)} == {15 * MINUTE}
    handed = [(at, receiver) for at, _, receiver, stage in world.sent if stage == "handed_over"]
    assert handed == [(local_instant(night, time(6), zone_info), "day")]


def test_the_repeated_hour_means_its_first_time_and_the_skipped_one_the_instant_of_the_change():
    zone = ZoneInfo("America/Detroit")
    assert local_instant(NIGHTS[1], time(1, 30), zone) == _utc(2026, 11, 1, 5, 30)
    assert local_instant(NIGHTS[0], time(2, 30), zone) == _utc(2026, 3, 8, 7, 0)
    assert local_instant(NIGHTS[0], time(3, 0), zone) == _utc(2026, 3, 8, 7, 0)


@pytest.mark.parametrize("zone", [*ZONES, "Australia/Lord_Howe", "Africa/Casablanca"])
def test_a_later_local_time_is_never_an_earlier_instant(zone):
    """A shift that starts in the skipped hour and ends after it would otherwise end before it starts."""
    days = (*NIGHTS, date(2026, 10, 4), date(2026, 3, 22))
    for day in days:
        at = [local_instant(day, time(minute // 60, minute % 60), ZoneInfo(zone)) for minute in range(24 * 60)]
        assert at == sorted(at)


def _utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


def test_an_override_stands_in_for_the_pattern_and_may_be_empty():
    pattern = [Shift(0, 10 * HOUR, ("day",)), Shift(4 * HOUR, 6 * HOUR, ("helper",))]
    roster = Roster(pattern, [Shift(HOUR, 2 * HOUR, ()), Shift(5 * HOUR, 7 * HOUR, ("guest",))])
    seen = {at: roster.on_duty(at * HOUR // 2) for at in (-1, 0, 2, 3, 4, 8, 10, 13, 14, 20)}
    assert seen == {
        -1: (),
        0: ("day",),
        2: (),
        3: (),
        4: ("day",),
        8: ("day", "helper"),
        10: ("guest",),
        13: ("guest",),
        14: ("day",),
        20: (),
    }
    assert roster.next_change(0) == HOUR
    assert roster.next_change(10 * HOUR) == NEVER


# -- files -------------------------------------------------------------------------------------------------------------

NOW = int(datetime(2026, 3, 8, tzinfo=UTC).timestamp()) * SECOND
DETROIT = ZoneInfo("America/Detroit")
TOML = """
[[weekly]]
days = ["mon", "tue", "wed", "thu", "fri"]
start = 06:00:00
end = 18:00:00
receivers = ["day"]
[[weekly]]
start = 18:00:00
end = 06:00:00
receivers = ["night"]
[[overrides]]
start = 2026-03-10T06:00:00
end = 2026-03-10T18:00:00
receivers = []
"""
ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:night\r
DTSTART;TZID=America/Detroit:20260101T180000\r
DTEND;TZID=America/Detroit:20260102T060000\r
RRULE:FREQ=DAILY\r
EXDATE;TZID=America/Detroit:20260309T180000\r
SUMMARY:night\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:day\r
DTSTART:20260101T060000\r
DURATION:PT12H\r
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r
SUMMARY:day\\, helper\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:gone\r
DTSTART:20260308T080000\r
DTEND:20260308T090000\r
STATUS:CANCELLED\r
SUMMARY:day\r
END:VEVENT\r
END:VCALENDAR\r
"""
KNOWN = ("day", "night", "helper")


def roster_of(tmp_path: Path, name: str, content: str) -> Roster:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8", newline="")
    return read_roster(path, DETROIT, KNOWN, NOW)


def on(roster: Roster, *local: int) -> tuple[str, ...]:
    return roster.on_duty(int(datetime(*local, tzinfo=DETROIT).timestamp()) * SECOND)


def test_a_week_in_toml_is_read_with_its_overrides(tmp_path):
    roster = roster_of(tmp_path, "floor.toml", TOML)
    assert on(roster, 2026, 3, 8, 12) == ()  # a Sunday
    assert on(roster, 2026, 3, 8, 1, 59) == on(roster, 2026, 3, 8, 5, 59) == ("night",)
    assert on(roster, 2026, 3, 9, 12) == ("day",)
    assert on(roster, 2026, 3, 10, 12) == ()
    assert on(roster, 2026, 4, 1, 12) == ("day",)


def test_a_calendar_of_other_programs_is_read_with_recurrences_exceptions_and_zones(tmp_path):
    roster = roster_of(tmp_path, "floor.ics", ICS)
    assert on(roster, 2026, 3, 8, 8, 30) == ()
    assert on(roster, 2026, 3, 8, 5, 59) == ("night",)
    assert on(roster, 2026, 3, 9, 12) == ("day", "helper")
    assert on(roster, 2026, 3, 9, 20) == ()
    assert on(roster, 2026, 3, 10, 20) == ("night",)


def test_recurrences_keep_their_local_times_over_the_change(tmp_path):
    first, last = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    nights = [each for each in read_ical(tmp_path, ICS.encode(), DETROIT, first, last) if each.receivers == ("night",)]
    assert sorted((each.end - each.start) // HOUR for each in nights) == [11, 12, 12]


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("a.toml", "[[weekly]]\nstart = 06:00:00\n", "no end"),
        ("a.toml", TOML.replace("mon", "monday"), "no such day"),
        ("a.toml", TOML.replace('"day"', '"nobody-we-know"'), "an unknown receiver would leave the shift empty"),
        ("a.toml", TOML.replace("2026-03-10T18:00:00", "2026-03-10T05:00:00"), "goes backwards"),
        ("a.toml", TOML.replace("2026-03-10T18:00:00", "2026-03-10T18:00:00Z"), "not a local time"),
        ("a.toml", "weekly = {", "no TOML"),
        ("a.ics", "hello", "no calendar"),
        ("a.ics", ICS.replace("SUMMARY:night", "SUMMARY:"), "names nobody"),
        ("a.ics", ICS.replace("SUMMARY:night", "SUMMARY:stranger"), "an unknown receiver"),
        ("a.ics", ICS.replace("FREQ=DAILY", "FREQ=SOMETIMES"), "no such recurrence"),
    ],
)
def test_a_calendar_with_a_fault_is_refused(tmp_path, name, content, because):
    with pytest.raises(UsageError, match=name):
        roster_of(tmp_path, name, content)


FAULTY = (
    ("start = 06:00:00", "start = 7", "seven seconds past midnight is not what 7 means"),
    ("start = 06:00:00", "start = 7.30", "neither is half past seven"),
    ("start = 06:00:00", "start = 700", "nor 700"),
    ("start = 06:00:00", 'start = "06:00"', "TOML has local times of its own"),
    ("2026-03-10T06:00:00", "1", "an instant of 1970"),
    ("2026-03-10T18:00:00", "9999-12-31T23:59:59", "an end that no clock reaches"),
    ("2026-03-10T06:00:00", "2026-03-10", "a day is no time"),
)


@pytest.mark.parametrize(("good", "bad", "because"), FAULTY)
def test_a_week_is_refused_when_a_time_is_no_local_time(tmp_path, good, bad, because):
    assert good in TOML
    with pytest.raises(UsageError, match="floor"):
        roster_of(tmp_path, "floor.toml", TOML.replace(good, bad))


def vevent(*lines: str, zone: str = "") -> str:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *zone.splitlines())
    return "\r\n".join((*head, "BEGIN:VEVENT", "UID:1", "SUMMARY:day", *lines, "END:VEVENT", "END:VCALENDAR", ""))


AT, TO = "DTSTART:20260309T070000", "DTEND:20260309T190000"
ENDLESS_ZONE = """BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ={};BYDAY=1SU;BYMONTH=11
END:STANDARD
END:VTIMEZONE"""
UNSOUND = (
    ((AT, "DTEND:99991231T235959"), "no clock reaches that"),
    (("DTSTART:00010101T000000", TO), "nor back to that"),
    ((AT, "DTSTART:20260309T080000", TO), "which of the two?"),
    ((AT, "DTEND:20260309T060000"), "the libraries turn it round"),
    ((AT, "DTEND:20260309T070000"), "no time at all"),
    ((AT, "DTEND;VALUE=DATE:20260310"), "a day is no time"),
    (("DTSTART:20260309T070000Z", TO), "which zone?"),
    (("DTSTART;TZID=Nowhere/At_All:20260309T070000", "DTEND;TZID=Nowhere/At_All:20260309T190000"), "no such zone"),
    ((TO,), "no start"),
    ((AT, TO, "RRULE:FREQ=DAILY;INTERVAL=0"), "worked out for ever"),
    ((AT, TO, "RRULE:FREQ=DAILY;\r\n INTERVAL=0"), "the same, in a folded line"),
    ((AT, TO, "RRULE:FREQ=DAILY;INTERVAL=-1"), "backwards"),
    ((AT, TO, "RRULE:FREQ=SECONDLY"), "a shift each second"),
    ((AT, TO, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "looked for until the year 9999"),
    ((AT, TO, "RRULE:FREQ=DAILY;UNTIL=someday"), "an end that cannot be read would be none"),
    ((AT, TO, "EXDATE:someday"), "an exception that cannot be read would be none"),
    ((AT, TO, "SEQUENCE:x", "RRULE:FREQ=DAILY"), "a defect of a library"),
)


@pytest.mark.parametrize(("lines", "because"), UNSOUND, ids=lambda each: None)
def test_a_calendar_is_refused_when_an_event_cannot_be_a_shift(tmp_path, lines, because):
    with pytest.raises(UsageError, match="/a"):
        roster_of(tmp_path, "a.ics", vevent(*lines))


@pytest.mark.parametrize("frequency", ["YEARLY;INTERVAL=0", "SECONDLY"])
def test_a_calendar_is_refused_when_its_zone_has_no_end(tmp_path, frequency):
    assert on(roster_of(tmp_path, "a.ics", vevent(AT, TO, zone=ENDLESS_ZONE.format("YEARLY"))), 2026, 3, 9, 12)
    with pytest.raises(UsageError, match="/a"):
        roster_of(tmp_path, "a.ics", vevent(AT, TO, zone=ENDLESS_ZONE.format(frequency)))


def test_a_calendar_is_refused_when_working_it_out_would_take_minutes(tmp_path):
    event = ("BEGIN:VEVENT", "UID:{}", "SUMMARY:day", "DTSTART:19700309T070000", "DURATION:PT12H", "RRULE:FREQ=DAILY")
    many = "".join("\r\n".join((*event, "END:VEVENT", "")).format(number) for number in range(200))
    with pytest.raises(UsageError, match="too many that recur"):
        roster_of(tmp_path, "a.ics", vevent(AT, TO).replace("END:VCALENDAR", f"{many}END:VCALENDAR"))


@pytest.mark.parametrize("bad", ["DTEND:99991231T235959", "DTSTART:20260309T080000", "RRULE:FREQ=DAILY;INTERVAL=0"])
def test_the_last_good_calendar_stays_in_use_when_the_file_gets_a_fault(tmp_path, bad):
    path = tmp_path / "a.ics"
    path.write_text(vevent(AT, TO), newline="")
    calendars = Calendars([ShiftCalendar(name="floor", path=path)], "America/Detroit", KNOWN, NOW)
    path.write_text(vevent(AT, *([] if bad.startswith("DTEND") else [TO]), bad), newline="")
    with capture_logs() as logged:
        assert not calendars.refresh(NOW + 2 * MINUTE)
    assert [each["event"] for each in logged] == ["alerts.calendar_unreadable"]
    noon = int(datetime(2026, 3, 9, 12, tzinfo=DETROIT).timestamp()) * SECOND
    assert calendars.duty.on_duty("floor", noon) == ("day",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "a.toml",
            """[[weekly]]
start = 00:00:00
end = 00:00:00
receivers = ["night"]
[[overrides]]
start = 2026-03-08T02:15:00
end = 2026-03-08T03:10:00
receivers = ["day"]
""",
        ),
        ("a.ics", vevent("DTSTART:20260308T021500", "DTEND:20260308T031000")),
        (
            "a.ics",
            vevent("DTSTART;TZID=America/Detroit:20260308T021500", "DTEND;TZID=America/Detroit:20260308T031000"),
        ),
    ],
)
def test_a_shift_starts_when_the_clock_goes_on_when_it_would_start_in_the_skipped_hour(tmp_path, name, content):
    roster = roster_of(tmp_path, name, content)
    change = _utc(2026, 3, 8, 7, 0)
    assert ("day" in roster.on_duty(change - SECOND), roster.on_duty(change)) == (False, ("day",))
    assert roster.on_duty(change + 10 * MINUTE) != ("day",)


def test_a_roster_reaches_over_the_weeks_to_come(tmp_path):
    roster = roster_of(tmp_path, "floor.toml", TOML)
    assert roster.on_duty(NOW + 39 * DAY)
    assert roster.next_change(NOW + 60 * DAY) == NEVER
