"""Every named step failing, done or not done; a read-only disk; writes cut short; a disk that hangs."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration.store.database import open_engine
from tests.faults.injection import Fault, Place
from tests.faults.sweep import (
    CANNOT,
    SHORT_WRITES,
    WAYS_TO_FAIL,
    Clean,
    Sweep,
    Trial,
    every_way,
    one_way_each,
    report,
)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.mark.parametrize("quarter", range(4))
def test_it_stops_or_goes_on_whole_when_a_named_step_fails(sweep: Sweep, clean: Clean, quarter):
    trials = one_way_each(clean, WAYS_TO_FAIL)[quarter::4]
    verdicts = list(sweep.settled(list(sweep.trials(trials, clean)), clean))
    assert verdicts
    assert not [verdict for verdict in verdicts if verdict.faults], report(verdicts)
    assert {verdict.how for verdict in verdicts} <= {"stopped", "went on"}


@pytest.mark.by_hand
@pytest.mark.timeout(7200)
def test_it_stops_or_goes_on_whole_when_anything_fails(sweep: Sweep, clean: Clean):
    verdicts = list(sweep.settled(list(sweep.trials(every_way(clean, WAYS_TO_FAIL, 2), clean)), clean))
    assert not [verdict for verdict in verdicts if verdict.faults], report(verdicts)


def test_nothing_changes_when_every_write_is_cut_short(sweep: Sweep, clean: Clean):
    verdict = sweep.attempt(Trial("every write", SHORT_WRITES), clean)
    assert not verdict.faults, report([verdict])


@pytest.mark.parametrize("before", ["nothing", "killed"])
def test_it_says_so_and_stops_when_the_disk_is_read_only(sweep: Sweep, clean: Clean, before):
    place = sweep.place()
    if before == "killed":
        sweep.run(place, Fault("kill-before", clean.positions()["batch: sync WAL"][7]))
    were = contents(place.root)
    ran = sweep.run(place, Fault("fail", 1, "EROFS", onward=True))
    assert (ran.status, len(ran.line().splitlines())) == (CANNOT, 1), ran.told
    assert ran.line().startswith("holdwatch: ")
    assert contents(place.root) == were
    assert sweep.run(place).status == 0
    assert place.outcome().accepted == clean.outcome.accepted


@pytest.mark.parametrize("seconds", [6, pytest.param(30, marks=pytest.mark.by_hand)])
@pytest.mark.parametrize("step", ["batch: sync WAL", "migration: sync WAL"])
def test_nothing_is_told_when_a_sync_hangs(sweep: Sweep, clean: Clean, step, seconds):
    place = sweep.place()
    at = clean.positions()[step][0]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sweep.run, place, Fault("hang", at, seconds=seconds))
        while not _reached(place, at):
            time.sleep(0.01)
        time.sleep(seconds / 2)
        seen = _seen(place)
        ran = running.result()
    assert seen == (0, 0, 0)
    after = next(call for call in ran.calls if call.number == at + 1)
    assert after.nanoseconds - ran.calls[at - 1].nanoseconds >= seconds * 1e9
    assert ran.status == 0
    assert place.outcome() == clean.outcome


def _reached(place: Place, at: int) -> bool:
    trace = place.base / "trace-1"
    return trace.exists() and trace.read_bytes().count(b"\n") >= at


def _seen(place: Place) -> tuple[int, int, int]:
    """Files moved aside, outcomes told, events that another process can see."""
    moved = [file for name in ("processed", "refused") for file in (place.drop / name).glob("*")]
    told = [line for line in place.told() if line.get("event") in {"outbox.told", "file.read"}]
    engine = open_engine(f"sqlite:///{place.state / 'holdwatch.sqlite'}")
    with engine.connect() as connection:
        # AUTOCOMMIT: a transaction would wait for the write lock, which the hanging one holds.
        reading = connection.execution_options(isolation_level="AUTOCOMMIT")
        has_tables = reading.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name = 'inbox'").scalar_one()
        events = reading.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() if has_tables else 0
    engine.dispose()
    return len(moved), len(told), events
