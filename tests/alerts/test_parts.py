"""The parts of alerting, each by itself and at its borders: words, ids, routes, silences, patience, shifts."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest

from integration.domain.alerts.alert import MOMENT_RULES, Alert, Group, Member, alert_id, mark, notice_id
from integration.domain.alerts.routes import Duty, Step
from integration.domain.alerts.said import MOST_CASES, CaseState, Missing, Stage
from integration.domain.alerts.shifts import Roster, Shift, Weekly, local_instant, shifts_of
from integration.domain.alerts.silences import IN_A_ROW, NO_GAP, Silence, silent_until
from integration.domain.alerts.topics import DutyKind, Patience, topic_of
from integration.domain.instants import HOUR, MINUTE, NEVER, SECOND
from schemas.kinds import Rule, Severity
from tests.alerts.worlds import ROUTE

# -- words on record ---------------------------------------------------------------------------------------------------

WORDS: list[tuple[type[StrEnum], str]] = [
    (
        Stage,
        "first added repeated escalated handed_over reopened ended closed acknowledged merged test",
    ),
    (CaseState, "open resolved withdrawn acknowledged"),
    (Missing, "judicial_warrant warrant_verified notice_served"),
    (DutyKind, "notice certification approval_expires audit_review quarantine delivery_unknown account_locked"),
]


@pytest.mark.parametrize(("kind", "words"), WORDS, ids=[row[0].__name__ for row in WORDS])
def test_a_word_on_record_is_never_renamed(kind, words):
    # because alerts are stored, and told to other programs, in these words
    assert {each.value for each in kind} == set(words.split())


@pytest.mark.parametrize("topic", [*Rule, *DutyKind])
def test_a_topic_reads_back_as_it_was_stored(topic):
    assert topic_of(topic.value) is topic


def test_a_topic_is_refused_when_it_is_neither_rule_nor_duty():
    with pytest.raises(ValueError, match="nothing"):
        topic_of("nothing")


def test_four_rules_are_about_a_moment():
    assert {rule.value for rule in MOMENT_RULES} == {
        "transfer_without_warrant",
        "bail_refused_on_detainer",
        "mislabelled_document",
        "status_information_received",
    }


def test_fifty_findings_are_told_in_one_notice_and_no_more():
    assert MOST_CASES == 50


# -- alerts and their ids ----------------------------------------------------------------------------------------------

GROUP = Group("/jms/a", Rule.OVERDUE_RELEASE, Severity.VIOLATION, "all")
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def test_a_new_alert_was_told_to_nobody():
    alert = Alert("a1", GROUP, 5)
    assert alert == Alert(
        "a1", GROUP, 5, drill=False, members={}, closed_at=None, merged_into="", acked_at=None, acked_by="", cycle=0,
        step=-1, step_at=0, repeat=0, repeat_at=0, rounds=0, told=(), told_now=(), tried=(), failed=(),
    )  # fmt: skip
    assert Member("f", "B", 5) == Member("f", "B", 5, told=False, ended_at=None, state=CaseState.OPEN, end_told=False)


def test_an_alert_is_open_while_one_of_its_findings_is():
    gone, here = Member("f", "B", 0, ended_at=9), Member("g", "B", 0)
    assert not Alert("a1", GROUP, 0).is_open
    assert not Alert("a1", GROUP, 0).with_members(gone).is_open
    alert = Alert("a1", GROUP, 0).with_members(gone, here)
    assert alert.is_open
    assert list(alert.open_members()) == [here]
    assert dict(alert.with_members(replace(here, told=True)).members) == {"f": gone, "g": replace(here, told=True)}


def test_an_id_is_the_documented_hash_when_it_is_made():
    # because a crash between two writes must give the same id again, under every later version
    digest = sha256(b"/jms/a\x00overdue_release\x00violation\x00all\x007\x00f").digest()
    assert alert_id(GROUP, 7, "f") == "a" + "".join(LETTERS[byte % 32] for byte in digest[:9])
    assert len(alert_id(GROUP, 7, "")) == 10
    alert = Alert("a1", GROUP, 0, rounds=3)
    assert notice_id(alert, "desk") == f"a1-3-{sha256(b'a1' + bytes(1) + b'3' + bytes(1) + b'desk').hexdigest()[:12]}"
    assert mark("f") == sha256(b"f").hexdigest()[:10]


def test_an_id_says_no_letter_that_is_misheard():
    assert {each for number in range(200) for each in alert_id(GROUP, number, "")} == set(LETTERS)


# -- routes ------------------------------------------------------------------------------------------------------------

ONLY = replace(
    ROUTE,
    facilities=frozenset({"/jms/a"}),
    rules=frozenset({Rule.OVERDUE_RELEASE}),
    severities=frozenset({Severity.VIOLATION}),
)


@pytest.mark.parametrize(
    ("route", "asked", "expected", "because"),
    [
        (ONLY, GROUP[:3], True, "all three are named"),
        (ONLY, ("/jms/b", *GROUP[1:3]), False, "another facility"),
        (ONLY, ("/jms/a", Rule.OVERDUE_DETAINER_HOLD, Severity.VIOLATION), False, "another rule"),
        (ONLY, ("/jms/a", Rule.OVERDUE_RELEASE, Severity.WARNING), False, "another severity"),
        (replace(ONLY, facilities=frozenset()), ("/jms/b", *GROUP[1:3]), True, "all facilities"),
        (replace(ONLY, rules=frozenset()), ("/jms/a", DutyKind.NOTICE, Severity.VIOLATION), True, "all topics"),
        (replace(ONLY, severities=frozenset()), (*GROUP[:2], Severity.ADVICE), True, "all severities"),
        (replace(ONLY, facilities=frozenset()), ("/jms/b", Rule.OVERDUE_RELEASE, Severity.ADVICE), False, "not all"),
        (replace(ONLY, severities=frozenset()), ("/jms/b", Rule.OVERDUE_RELEASE, Severity.ADVICE), False, "nor these"),
        (replace(ONLY, rules=frozenset()), ("/jms/b", Rule.OVERDUE_RELEASE, Severity.VIOLATION), False, "nor those"),
        (ROUTE, ("/jms/b", DutyKind.NOTICE, Severity.ADVICE), True, "everything"),
    ],
)
def test_a_route_takes_what_it_names_and_all_of_what_it_leaves_open(route, asked, expected, because):
    assert route.takes(*asked) is expected, because


CHANGES = {"floor": 100, "watch": 50}
DUTY = Duty(lambda name, at: (name, "both") if at < 10 else (), lambda name, at: CHANGES[name])


def test_a_step_reaches_everybody_once_those_named_first():
    step = Step(("chief", "both"), ("floor", "watch"), 0)
    assert DUTY.of(step, 5) == ("chief", "both", "floor", "watch")
    assert DUTY.of(step, 10) == ("chief", "both")
    assert DUTY.of(Step((), ("floor",), 0), 10) == ()


def test_duty_changes_with_the_first_calendar_that_does():
    steps = [Step((), ("floor",), 0), Step(("chief",), ("watch", "floor"), 0)]
    assert DUTY.changes_after(steps, 5, NEVER) == 50
    assert DUTY.changes_after(steps[:1], 5, NEVER) == 100
    assert DUTY.changes_after([], 5, NEVER) == NEVER


# -- silences ----------------------------------------------------------------------------------------------------------

EVERYTHING = Silence("s", "", None, "", 0, HOUR)


@pytest.mark.parametrize(
    ("silence", "expected", "because"),
    [
        (EVERYTHING, True, "empty fields stand for everything"),
        (replace(EVERYTHING, source="/jms/a", rule=Rule.OVERDUE_RELEASE, booking="B"), True, "all three are named"),
        (replace(EVERYTHING, source="/jms/b"), False, "another facility"),
        (replace(EVERYTHING, rule=Rule.OVERDUE_DETAINER_HOLD), False, "another rule"),
        (replace(EVERYTHING, booking="C"), False, "another booking"),
        (replace(EVERYTHING, source="/jms/b", booking="B"), False, "the facility decides too"),
        (replace(EVERYTHING, rule=DutyKind.NOTICE, booking="B", source="/jms/a"), False, "and the rule"),
    ],
)
def test_a_silence_covers_what_it_names(silence, expected, because):
    assert silence.covers("/jms/a", Rule.OVERDUE_RELEASE, "B") is expected, because


def until(*spans: tuple[int, int], now: int, bound: int = 60 * MINUTE, bookings: tuple[str, ...] = ("B",), **more):
    silences = [Silence(f"s{start}", "", None, "", start, end) for start, end in spans]
    return silent_until(GROUP[:3], bookings, silences, now, bounds={Severity.VIOLATION: bound} if bound else {}, **more)


@pytest.mark.parametrize(
    ("spans", "now", "expected", "because"),
    [
        ([], 5, None, "there is none"),
        ([(10, 20)], 9, None, "it has not begun"),
        ([(10, 20)], 10, 20, "it begins"),
        ([(10, 20)], 19, 20, "it runs"),
        ([(10, 20)], 20, None, "it is over"),
        ([(0, 120 * MINUTE)], 59 * MINUTE, 60 * MINUTE, "it ends at its bound"),
        ([(0, 120 * MINUTE)], 60 * MINUTE, None, "and is over then"),
        ([(5, 5)], 5, None, "an empty one is none"),
        ([(0, 10), (10 + NO_GAP, 20 + NO_GAP)], 15 + NO_GAP, 20 + NO_GAP, "a minute's gap is none"),
        ([(0, 9), (10 + NO_GAP, 20 + NO_GAP)], 5 + NO_GAP, None, "but in a gap people are told"),
        ([(20, 30), (10, 25)], 22, 30, "in whatever order they were set"),
        ([(10, 30), (15, 20)], 25, 30, "one inside another takes nothing away"),
    ],
)
def test_it_is_silent_until_the_row_ends(spans, now, expected, because):
    assert until(*spans, now=now) == expected, because


def test_a_row_of_silences_lasts_two_bounds_unless_somebody_says_otherwise():
    row = [(start * MINUTE, (start + 60) * MINUTE) for start in range(0, 600, 59)]
    assert (IN_A_ROW, NO_GAP) == (2, MINUTE)
    assert until(*row, now=110 * MINUTE) == 120 * MINUTE - (120 - 119) * MINUTE
    assert until(*row, now=119 * MINUTE) == 120 * MINUTE
    assert until(*row, now=120 * MINUTE) is None
    assert until(*row, now=179 * MINUTE, in_a_row=3) == 180 * MINUTE
    # The gap makes it another row: a second less than a minute does not.
    for gap, expected in ((NO_GAP + 1, 150 * MINUTE), (NO_GAP, None)):
        first = (0, 60 * MINUTE)
        second = (first[1], first[1] + 30 * MINUTE)
        third = (second[1] + gap, 150 * MINUTE)
        assert until(first, second, third, now=149 * MINUTE) == expected


def test_only_what_covers_an_alert_keeps_it_silent():
    elsewhere = replace(EVERYTHING, source="/jms/b")
    one = replace(EVERYTHING, booking="B")
    bounds = {Severity.VIOLATION: HOUR}
    assert silent_until(GROUP[:3], ["B"], [elsewhere], 5, bounds=bounds) is None
    assert silent_until(GROUP[:3], ["B", "C"], [one], 5, bounds=bounds) is None
    assert silent_until(GROUP[:3], ["B"], [elsewhere, one], 5, bounds=bounds) == HOUR


def test_it_is_silent_from_the_very_instant_at_which_a_row_begins():
    assert until((5 * HOUR, 6 * HOUR), now=5 * HOUR) == 6 * HOUR
    assert until((5 * HOUR, 6 * HOUR), now=5 * HOUR - 1) is None


def test_an_empty_silence_joins_no_row():
    end = 60 * MINUTE
    empty, last = (end + 50 * SECOND,) * 2, (end + 100 * SECOND, 200 * MINUTE)
    assert until((0, end), empty, last, now=119 * MINUTE) == last[0] + 60 * MINUTE


def test_nothing_is_silent_when_nothing_is_open_or_no_bound_is_set():
    assert until((0, HOUR), now=5, bookings=()) is None
    assert until((0, HOUR), now=0, bound=0) is None
    assert until((0, HOUR), now=5, bound=0) is None


# -- patience ----------------------------------------------------------------------------------------------------------

PATIENT = Patience(10, Severity.WARNING, Severity.VIOLATION, 1, 2, 3)


@pytest.mark.parametrize(
    ("now", "severity", "changes", "because"),
    [
        (89, None, 90, "it is too early"),
        (90, Severity.WARNING, 100, "it comes due"),
        (99, Severity.WARNING, 100, "it still does"),
        (100, Severity.VIOLATION, None, "it is late"),
        (101, Severity.VIOLATION, None, "it stays late"),
    ],
)
def test_a_duty_is_as_grave_as_its_time(now, severity, changes, because):
    assert (PATIENT.severity_at(100, now), PATIENT.changes_after(100, now)) == (severity, changes), because


# -- shifts ------------------------------------------------------------------------------------------------------------


def test_a_roster_says_who_is_on_duty_at_each_border():
    roster = Roster(
        [Shift(10, 20, ("b", "a")), Shift(20, 30, ("a", "b")), Shift(40, 50, ("c",)), Shift(15, 15, ("x",))]
    )
    seen = {at: roster.on_duty(at) for at in (9, 10, 19, 20, 29, 30, 39, 40, 49, 50)}
    assert seen == {
        9: (), 10: ("a", "b"), 19: ("a", "b"), 20: ("a", "b"), 29: ("a", "b"), 30: (), 39: (), 40: ("c",),
        49: ("c",), 50: (),
    }  # fmt: skip
    # At 20 nobody else is on duty, so nobody is told as if they came on.
    assert [roster.next_change(at) for at in (0, 9, 10, 29, 30, 40, 49, 50)] == [10, 10, 30, 30, 40, 50, 50, NEVER]


def test_a_roster_of_nothing_has_nobody():
    empty = Roster([], [Shift(5, 5, ("x",))])
    assert (empty.on_duty(5), empty.next_change(0)) == ((), NEVER)
    backwards = Roster([Shift(20, 10, ("x",))], [Shift(8, 3, ("y",))])
    assert ([backwards.on_duty(at) for at in (2, 5, 10, 15)], backwards.next_change(0)) == ([()] * 4, NEVER)


def test_several_overrides_are_on_duty_together_and_an_empty_one_is_nobody():
    roster = Roster([Shift(0, 100, ("day",))], [Shift(10, 30, ("x",)), Shift(20, 40, ("y",)), Shift(50, 60, ())])
    assert [roster.on_duty(at) for at in (5, 10, 20, 30, 40, 50, 60, 99)] == [
        ("day",), ("x",), ("x", "y"), ("y",), ("day",), (), ("day",), ("day",),
    ]  # fmt: skip


DETROIT = ZoneInfo("America/Detroit")
MONDAY = date(2026, 6, 1)


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> int:
    return int(datetime(2026, month, day, hour, minute, tzinfo=DETROIT).timestamp()) * SECOND


def test_a_week_is_cut_into_shifts_on_its_days():
    weekly = [
        Weekly(frozenset({0, 2}), time(6), time(18), ("day",)),
        Weekly(frozenset({1}), time(18), time(6), ("night",)),
        Weekly(frozenset({2}), time(7), time(7), ("whole",)),
    ]
    assert shifts_of(weekly, DETROIT, MONDAY, MONDAY + timedelta(days=2)) == [
        Shift(at(1, 6), at(1, 18), ("day",)),
        Shift(at(2, 18), at(3, 6), ("night",)),
        Shift(at(3, 6), at(3, 18), ("day",)),
        Shift(at(3, 7), at(4, 7), ("whole",)),
    ]
    assert shifts_of(weekly, DETROIT, MONDAY, MONDAY) == [Shift(at(1, 6), at(1, 18), ("day",))]
    assert shifts_of(iter(weekly), DETROIT, MONDAY, MONDAY - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("day", "local", "expected", "because"),
    [
        (MONDAY, time(6, 30, 15, 250), at(1, 6, 30) + 15 * SECOND + 250, "a plain time, to the microsecond"),
        (date(2026, 11, 1), time(1, 30), at(1, 0, 30, 11) + HOUR, "the first of two"),
        (date(2026, 11, 1), time(1, 30, fold=1), at(1, 0, 30, 11) + HOUR, "whatever the fold says"),
        (date(2026, 11, 1), time(1, 30, 0, 7), at(1, 0, 30, 11) + HOUR + 7, "of which the microsecond counts"),
        (date(2026, 3, 8), time(2, 0), at(8, 1, 0, 3) + HOUR, "skipped: when the clock goes on"),
        (date(2026, 3, 8), time(2, 59, 59, 7), at(8, 1, 0, 3) + HOUR, "to the last of the hour"),
        (date(2026, 3, 8), time(1, 59), at(8, 1, 0, 3) + 59 * MINUTE, "just before"),
        (date(2026, 3, 8), time(3, 0), at(8, 1, 0, 3) + HOUR, "just after"),
    ],
)
def test_a_local_time_is_one_instant(day, local, expected, because):
    assert local_instant(day, local, DETROIT) == expected, because
