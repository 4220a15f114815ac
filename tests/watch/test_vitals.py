"""From when on something is told: each limit just before, at and after it."""

from dataclasses import replace

import pytest

from integration.domain.instants import HOUR, MINUTE, SECOND
from integration.services.heartbeat import Beat, Stage, State, StopReason
from integration.services.vitals import (
    Beating,
    Checked,
    Disk,
    Limits,
    Part,
    Seen,
    Trouble,
    Written,
    days_left,
    judge,
)

NOW = 1_800_000_000 * SECOND
GIB = 1 << 30
BEAT = Beat(
    pid=7,
    process_started=1,
    number=5,
    state=State.RUNNING,
    stage=Stage.LOOPING,
    stage_since=NOW,
    at=NOW,
    log_size=10,
    sources={"/jms/a": NOW - HOUR},
)
WELL = Seen(at=NOW, beat=BEAT, beat_still_for=0.0, process="S", anchored=10, disk=Disk(100 * GIB, 50 * GIB, 50.0))
LIMITS = Limits(sources={"/jms/a": 2 * 3600.0})


def troubles(seen: Seen, limits: Limits = LIMITS) -> list[Trouble]:
    return [symptom.trouble for symptom in judge(seen, limits).symptoms]


def test_nothing_is_told_when_all_is_well():
    judgement = judge(WELL, LIMITS)
    assert (judgement.symptoms, judgement.unknown) == ((), frozenset())


def beat(**changed) -> Beat:
    return replace(BEAT, **changed)


@pytest.mark.parametrize(
    ("changed", "trouble", "because"),
    [
        ({"beat_still_for": 19.9}, None, "a loop may take a moment"),
        ({"beat_still_for": 20.0}, Trouble.ENGINE_SILENT, "the loop stands still"),
        ({"beat": beat(stage=Stage.COMMITTING), "beat_still_for": 20.0}, Trouble.ENGINE_SILENT, "a commit hangs"),
        (
            {"beat": beat(state=State.STARTING), "beat_still_for": 20.0},
            Trouble.ENGINE_SILENT,
            "it hangs while it starts",
        ),
        ({"beat": beat(state=State.STOPPED), "beat_still_for": 19.9}, None, "it is being started again"),
        (
            {"beat": beat(state=State.STOPPED), "beat_still_for": 20.0},
            Trouble.ENGINE_STOPPED,
            "nobody started it again",
        ),
        ({"beat": beat(state=State.FAILED, reason=StopReason.STORE)}, Trouble.ENGINE_FAILED, "it said so"),
        ({"beat": None, "beat_still_for": 19.9}, None, "it may be started after us"),
        ({"beat": None, "beat_still_for": 20.0}, Trouble.ENGINE_ABSENT, "there is none"),
        ({"gone": True, "process": None, "beat_still_for": 1.0}, Trouble.ENGINE_GONE, "it was killed"),
        ({"gone": True, "beat": beat(state=State.STARTING)}, Trouble.ENGINE_GONE, "it was killed while it started"),
        ({"gone": True, "beat": beat(state=State.STOPPED)}, None, "it was told to stop, and may be started again"),
        ({"gone": True, "beat": beat(state=State.FAILED)}, Trouble.ENGINE_FAILED, "it said so before it went"),
        ({"unavailable_for": 19.9}, None, "a lock may last a moment"),
        ({"unavailable_for": 20.0}, Trouble.LOG_UNWRITABLE, "the database is locked"),
        ({"unanchored_for": 39.9}, None, "the next checkpoint is on its way"),
        ({"unanchored_for": 40.0}, Trouble.CHECKPOINT_BEHIND, "nothing is signed"),
        ({"unanchored_for": 45.0, "beat_still_for": 10.0}, None, "of these, the engine was silent for ten"),
        ({"beat": beat(sources={"/jms/a": NOW - 2 * HOUR + 1})}, None, "the limit is two hours"),
        ({"beat": beat(sources={"/jms/a": NOW - 2 * HOUR})}, Trouble.SOURCE_SILENT, "the limit is two hours"),
        ({"beat": beat(sources={"/jms/b": 0})}, None, "this feed is no longer set up"),
        ({"disk": Disk(100 * GIB, 10 * GIB, 89.9)}, None, "the limit is 90 %"),
        ({"disk": Disk(100 * GIB, 10 * GIB, 90.0)}, Trouble.DISK_NEARLY_FULL, "the limit is 90 %"),
        ({"disk": Disk(GIB, 256 << 20, 50.0)}, None, "the limit is 256 MiB"),
        ({"disk": Disk(GIB, (256 << 20) - 1, 50.0)}, Trouble.DISK_FULL, "the limit is 256 MiB"),
        ({"disk": Disk(GIB, GIB, 0.0, files_free=0)}, Trouble.DISK_FULL, "no file can be made"),
        ({"disk": None}, None, "the file system does not say; writing does"),
        ({"written": Written.FULL}, Trouble.DISK_FULL, "writing says so"),
        ({"written": Written.READ_ONLY}, Trouble.DISK_READ_ONLY, "writing says so"),
        ({"written": Written.FAILING}, Trouble.DISK_FAILING, "writing says so"),
        ({"written": Written.MISSING}, Trouble.DISK_MISSING, "writing says so"),
        ({"written": Written.HANGING, "written_for": 9.9}, None, "a disk may be busy"),
        ({"written": Written.HANGING, "written_for": 10.0}, Trouble.DISK_HANGING, "the limit is ten seconds"),
        ({"clock_behind": 2 * SECOND - 1}, None, "within what is tolerated"),
        ({"clock_behind": 2 * SECOND}, Trouble.CLOCK_BEHIND, "we see it ourselves"),
        ({"beat": beat(clock_behind=HOUR)}, Trouble.CLOCK_BEHIND, "the engine sees it"),
        ({"checks": {"w": Checked(19.9, "status 503")}}, None, "a worker may be restarted"),
        ({"checks": {"w": Checked(20.0, "status 503")}}, Trouble.CHECK_FAILING, "the limit is twenty seconds"),
        ({"channels": {"email": NOW - MINUTE}}, Trouble.CHANNEL_FAILING, "it takes nothing"),
    ],
)
def test_trouble_is_told_when_its_limit_is_reached(changed, trouble, because):
    assert troubles(replace(WELL, **changed)) == ([trouble] if trouble else []), because


def test_one_disk_trouble_is_told_when_several_are_true():
    seen = replace(WELL, written=Written.FULL, disk=Disk(GIB, 0, 100.0, files_free=0))
    assert troubles(seen) == [Trouble.DISK_FULL]


@pytest.mark.parametrize(
    ("changed", "unknown"),
    [
        ({"beat": None}, {Part.ENGINE, Part.LOG, Part.CHECKPOINT, Part.SOURCE}),
        ({"beat": beat(state=State.STARTING)}, {Part.ENGINE, Part.LOG, Part.CHECKPOINT, Part.SOURCE}),
        ({"beat_still_for": 60.0}, {Part.LOG, Part.CHECKPOINT, Part.SOURCE}),
    ],
)
def test_nothing_is_over_when_it_cannot_be_seen(changed, unknown):
    stale = replace(WELL, unavailable_for=99.0, unanchored_for=99.0, **changed)
    judgement = judge(stale, LIMITS)
    assert judgement.unknown == unknown
    assert {symptom.trouble.part for symptom in judgement.symptoms} <= {Part.ENGINE}


def test_no_engine_is_missed_when_none_runs_here():
    assert troubles(replace(WELL, beat=None, beat_still_for=999.0), replace(LIMITS, engine=False)) == []


def test_alert_says_where_it_hangs_when_a_commit_does_not_end():
    hanging = beat(stage=Stage.COMMITTING, stage_since=NOW - 31 * SECOND, at=NOW - 31 * SECOND)
    (symptom,) = judge(replace(WELL, beat=hanging, beat_still_for=31.0, process="D"), LIMITS).symptoms
    assert symptom.since == NOW - 31 * SECOND
    assert symptom.detail["stage"] == "committing"
    assert symptom.detail["process"] == "D"


@pytest.mark.parametrize(
    ("trend", "free", "days", "because"),
    [
        ([], 10, None, "nothing is known"),
        ([(0.0, 100)], 50, None, "five hours say nothing"),
        ([(-86_400.0, 100)], 100, None, "it does not grow"),
        ([(-86_400.0, 100)], 200, None, "room was made"),
        ([(-86_400.0, 100)], 50, 1.0, "half of it went in a day"),
        ([(-4 * 86_400.0, 100), (-86_400.0, 60)], 60, 6.0, "the oldest reading counts: ten a day"),
    ],
)
def test_days_left_are_told_only_when_a_trend_says_them(trend, free, days, because):
    assert days_left(trend, 5 * 3600.0 if trend == [(0.0, 100)] else 0.0, free) == (
        None if days is None else pytest.approx(days)
    ), because


def test_disk_is_nearly_full_when_it_will_be_full_within_days():
    filling = replace(WELL, trend=[(0.0, 100 * GIB)], steady=7 * 86_400.0, disk=Disk(200 * GIB, 50 * GIB, 50.0))
    assert troubles(filling) == []
    (symptom,) = judge(replace(filling, disk=Disk(200 * GIB, 49 * GIB, 50.0)), LIMITS).symptoms
    assert (symptom.trouble, symptom.detail["days_left"]) == (Trouble.DISK_NEARLY_FULL, 6.7)


BESIDE = replace(LIMITS, beside=frozenset({Part.ALERTING, Part.GATE}))
OTHER = beat(pid=8)
ALIVE = Beating(OTHER, 0.0, "S")


def both(alerting: Beating = ALIVE, **changed) -> Seen:
    return replace(WELL, beside={Part.ALERTING: alerting, Part.GATE: ALIVE}, **changed)


def said_of(state: State, **changed) -> Beating:
    return Beating(beat(pid=8, state=state, **changed), 0.0, "S")


@pytest.mark.parametrize(
    ("alerting", "trouble", "because"),
    [
        (ALIVE, None, "it gets on"),
        (Beating(OTHER, 19.9, "S"), None, "a turn may take a moment"),
        (Beating(OTHER, 20.0, "S"), Trouble.ALERTING_SILENT, "its turns hang, or its database does not answer"),
        (Beating(OTHER, 20.0, "T"), Trouble.ALERTING_SILENT, "it is held"),
        (Beating(None, 19.9), None, "it may be starting"),
        (Beating(None, 20.0), Trouble.ALERTING_SILENT, "it was never there"),
        (said_of(State.FAILED, reason=StopReason.STORE), Trouble.ALERTING_FAILED, "it said so, at the next look"),
        (Beating(OTHER, 0.0, None, gone=True), Trouble.ALERTING_GONE, "it had no time for a last word"),
        (said_of(State.STOPPED), None, "it may be started again"),
        (replace(said_of(State.STOPPED), gone=True), None, "whoever was told to stop is gone"),
        (replace(said_of(State.STOPPED), still_for=20.0), Trouble.ALERTING_SILENT, "it was not started again"),
    ],
)
def test_alerting_and_gate_are_missed_at_their_limit(alerting, trouble, because):
    assert troubles(both(alerting), BESIDE) == ([trouble] if trouble else []), because
    gate = replace(WELL, beside={Part.ALERTING: ALIVE, Part.GATE: alerting})
    expected = [Trouble(trouble.value.replace("alerting", "gate"))] if trouble else []
    assert troubles(gate, BESIDE) == expected, because


def test_one_alarm_is_told_when_engine_and_alerting_are_one_process():
    within = replace(said_of(State.FAILED), beat=beat(state=State.FAILED))
    failed = both(within, beat_still_for=0.0)
    failed = replace(failed, beat=beat(state=State.FAILED))
    assert troubles(failed, BESIDE) == [Trouble.ENGINE_FAILED]
    assert Part.ALERTING in judge(failed, BESIDE).unknown
    # It stops for it at once, and says so itself; if it does not, the one that stopped is told.
    stopping = replace(both(within), beat=beat())
    assert troubles(stopping, BESIDE) == []
    assert troubles(replace(both(replace(within, still_for=20.0)), beat=beat()), BESIDE) == [Trouble.ALERTING_FAILED]
    # Another process is another trouble.
    assert set(troubles(replace(both(said_of(State.FAILED)), beat=beat(state=State.FAILED)), BESIDE)) == {
        Trouble.ENGINE_FAILED,
        Trouble.ALERTING_FAILED,
    }


def test_an_earlier_failure_is_no_news_while_the_engine_starts():
    starting = replace(both(said_of(State.FAILED)), beat=beat(state=State.STARTING))
    assert troubles(starting, BESIDE) == []
    assert {Part.ALERTING, Part.GATE} <= judge(starting, BESIDE).unknown


def test_nobody_is_missed_whom_the_settings_do_not_ask_for():
    assert troubles(replace(WELL, beside={}), LIMITS) == []
