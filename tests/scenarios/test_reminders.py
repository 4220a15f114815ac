"""Deadlines that come as reminders in the stream, as workers get them."""

from collections import Counter
from typing import Any

import orjson
import pytest

from integration.domain.instants import SECOND
from integration.errors import FatalError
from integration.services.deadlines import Reminders
from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.ports import BookingKey
from tests.differential import moment, test_pack
from tests.memory_store import MemoryStore
from tests.oracle.cases import ev, hold, numbered, opened
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import drawn, found, goes_round, recorded_at
from tests.store.racing import worker_desk


def take(desk: Desk, inputs: list[Input], now: int) -> Any:
    return Intake(desk).take(inputs, lambda _event: now, pass_time=lambda _now: None)


def reminder(key: BookingKey) -> Input:
    return Input("t/0/1", b"{}", due=key)


@pytest.mark.parametrize("seed", [seed for seed in range(40) if not goes_round(drawn(seed))])
def test_findings_are_the_oracles_when_deadlines_come_as_reminders(seed):
    # two desks, and each reminder goes to any of them: caches are stale all the time
    events, store, pack = drawn(seed), MemoryStore(), test_pack()
    desks, reminders = [worker_desk(store, pack), worker_desk(store, pack)], Reminders(store)
    times = sorted({recorded_at(event) for event in events})
    last = times[-1] + 30 * 86_400 * SECOND
    for turn, now in enumerate([*times, last]):
        batch = [Input("t", orjson.dumps(event)) for event in events if recorded_at(event) == now]
        take(desks[turn % 2], batch, now)
        for at, key in reminders.due(now):
            assert at <= now
            take(desks[(turn + 1) % 2], [reminder(key)], now)
    assert store.deadlines_due(last, 10) == []
    assert found(store) == judge(events, PARAMS, moment(last))


def held() -> list[Input]:
    """Somebody with a detainer, to be released at noon."""
    free = ev("release.due", 2, due_at="2025-03-10T12:00:00Z", reason="acquitted")
    events = numbered((opened(0), hold(0, "H", "charge"), hold(1, "D", "immigration_detainer"), free))
    return [Input("t", orjson.dumps(event)) for event in events]


NOON = 1_741_608_000 * SECOND
BOOKING = BookingKey("/jms/a", "B1")


def test_nothing_is_written_when_a_reminder_comes_early_twice_or_for_nobody():
    store = MemoryStore()
    desk = worker_desk(store, test_pack())
    take(desk, held(), NOON - 7200 * SECOND)
    (due, *_), *_ = store.deadlines(9)
    before = len(store.unsequenced)
    for now, key in ((due - 1, BOOKING), (due, BookingKey("/jms/a", "none")), (due, BookingKey("/other", "B1"))):
        assert take(desk, [reminder(key)], now).reminders == 1
        assert len(store.unsequenced) == before
    take(desk, [reminder(BOOKING), reminder(BOOKING)], due)
    told = Counter(row.kind for row in list(store.unsequenced.values())[before:])
    assert told == {"finding.raised": 1}
    take(desk, [reminder(BOOKING)], due)
    assert len(store.unsequenced) == before + 1
    assert BookingKey("/other", "B1") not in store.booking_rows


def test_a_reminder_is_given_once_and_again_when_nobody_answered():
    store = MemoryStore()
    desk = worker_desk(store, test_pack())
    take(desk, held(), NOON - 7200 * SECOND)
    (due, *_), *_ = store.deadlines(9)
    reminders = Reminders(store, again_after=5 * SECOND)
    assert reminders.due(due - 1) == []
    assert reminders.due(due) == [(due, BOOKING)]
    assert reminders.due(due + 5 * SECOND - 1) == []
    assert reminders.due(due + 5 * SECOND) == [(due, BOOKING)]
    assert reminders.due(due + 6 * SECOND) == []
    take(desk, [reminder(BOOKING)], due)
    (later, *_), *_ = store.deadlines(9)
    assert later > due
    assert reminders.due(later) == [(later, BOOKING)]


def test_consuming_stops_when_a_deadline_cannot_be_worked_out(monkeypatch):
    # because a dead letter of ours would come again every few seconds, and the person would be watched by nobody
    store = MemoryStore()
    desk = worker_desk(store, test_pack())
    take(desk, held(), NOON - 7200 * SECOND)
    monkeypatch.setattr("integration.services.desk.Desk.due", lambda *_: 1 / 0)
    with pytest.raises(FatalError, match="ZeroDivisionError"):
        take(desk, [reminder(BOOKING)], NOON)
    assert not store.refused
