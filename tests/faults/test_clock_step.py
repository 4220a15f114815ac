"""The wall clock steps back under a running service: no deadline twice, no time lived twice, told once."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from integration.services.projections import FINDING_KINDS
from integration.store.database import open_engine
from integration.store.queries import Records
from tests.faults.injection import Fault, Place, Ran
from tests.faults.sweep import Sweep

HOUR = 3600
BEFORE = "A"
AFTER = "B"
LATE = "C"
BETWEEN = timedelta(seconds=15)
"""Between the two deadlines: the first has to be told, and the clock to step, before the second comes."""


def event(kind: str, booking: str, at: datetime, /, **data: Any) -> dict[str, Any]:
    made = {"specversion": "1.0", "id": f"{booking}-{kind}-{data.get('hold_id', '')}", "source": "/jms/a"}
    return made | {"type": f"jail.{kind}.v1", "subject": booking, "time": at.isoformat(), "data": data}


def overdue_at(booking: str, due: datetime) -> list[dict[str, Any]]:
    """A person with a detainer whose release comes due."""
    start = due - timedelta(hours=10)
    return [
        event("booking.opened", booking, start),
        event("hold.placed", booking, start, hold_id="L", kind="arrest"),
        event("hold.placed", booking, start, hold_id="D", kind="immigration_detainer"),
        event("release.due", booking, start, due_at=due.isoformat(), reason="charges_dropped"),
    ]


def lines(events: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(each) + b"\n" for each in events)


def told(place: Place) -> list[dict[str, Any]]:
    """Every entry about an overdue release, in log order."""
    engine = open_engine(f"sqlite:///{place.state / 'holdwatch.sqlite'}")
    try:
        rows = [orjson.loads(row.body or b"{}") for row in Records(engine).entries_of_kinds(FINDING_KINDS)]
    finally:
        engine.dispose()
    return [row for row in rows if row["detail"]["rule"] == "overdue_detainer_hold"]


def raised(place: Place) -> list[str]:
    return [row["booking"] for row in told(place) if row["kind"] == "finding.raised"]


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + 120
    while not true():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.02)


@dataclass
class Stepped:
    """A service whose clock stepped back between two deadlines."""

    place: Place
    ran: Ran
    raised_meanwhile: list[str]
    """Bookings told of while the clock was behind."""
    within: float
    """Seconds within which the service read the clock right before the step and right after it."""


def step_back(sweep: Sweep, seconds: int, linger: Callable[[Place, datetime], None]) -> Stepped:
    place = sweep.place("clock-" + str(seconds))
    for file in place.drop.iterdir():
        file.unlink()
    step, stop = place.base / "step", place.base / "stop"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sweep.run, place, Fault(clock_file=step, clock_back=seconds), stop)
        try:
            within = _two_deadlines_and_a_step(place, step, linger)
            meanwhile = raised(place)
        finally:
            stop.touch()
        ran = running.result()
    assert (ran.status, ran.line()) == (0, ""), ran.told
    return Stepped(place, ran, meanwhile, within)


def _two_deadlines_and_a_step(place: Place, step: Path, linger: Callable[[Place, datetime], None]) -> float:
    # Ready first: starting may take longer than the deadlines are away.
    until((place.drop / "refused").is_dir)
    now = datetime.now(UTC)
    first, second = now + timedelta(seconds=1), now + timedelta(seconds=1) + BETWEEN
    place.put("1.jsonl", lines(overdue_at(BEFORE, first) + overdue_at(AFTER, second)))
    until(lambda: raised(place) == [BEFORE])
    step.touch()
    place.put("2.jsonl", lines(overdue_at(LATE, now - timedelta(hours=2))))
    until(lambda: LATE in raised(place))
    within = (datetime.now(UTC) - first).total_seconds()
    linger(place, second)
    return within


def assert_time_never_ran_back(place: Place) -> None:
    rows = told(place)
    times = [row["detail"]["raised_at"] for row in rows if row["kind"] == "finding.raised"]
    assert times == sorted(times)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_no_deadline_fires_twice_or_early_when_the_clock_steps_back_an_hour(sweep: Sweep):
    def pass_it_by(_place: Place, second: datetime) -> None:
        until(lambda: datetime.now(UTC) > second + timedelta(seconds=1))

    stepped = step_back(sweep, HOUR, pass_it_by)
    assert stepped.raised_meanwhile == [BEFORE, LATE]
    (line,) = stepped.ran.events("clock.stepped_back")
    assert HOUR - stepped.within - 1 <= line["by_seconds"] <= HOUR
    # The clock is right again: what came due meanwhile is told, once. A file to read keeps it from stopping at once.
    stepped.place.put("3.jsonl", lines(overdue_at(LATE, datetime.now(UTC) + timedelta(hours=2))[:1]))
    assert sweep.run(stepped.place).status == 0
    assert Counter(raised(stepped.place)) == {BEFORE: 1, AFTER: 1, LATE: 1}
    assert_time_never_ran_back(stepped.place)
    assert stepped.place.outcome().verified


def test_deadline_fires_once_when_the_clock_comes_to_it_a_second_time(sweep: Sweep):
    stepped = step_back(sweep, 3, lambda place, _second: until(lambda: AFTER in raised(place)))
    assert Counter(stepped.raised_meanwhile) == {BEFORE: 1, AFTER: 1, LATE: 1}
    assert len(stepped.ran.events("clock.stepped_back")) == 1
    assert_time_never_ran_back(stepped.place)


@pytest.mark.parametrize("reading", [1, 40])
def test_nothing_changes_but_the_time_when_the_clock_steps_back_at_a_reading(sweep: Sweep, clean, reading):
    place = sweep.place()
    ran = sweep.run(place, Fault(clock_at=reading, clock_back=HOUR))
    assert (ran.status, ran.line()) == (0, "")
    assert [call.operation for call in ran.calls if not call.number] == ["clock"]
    assert len(ran.events("clock.stepped_back")) == (reading > 1)
    assert place.outcome() == clean.outcome
