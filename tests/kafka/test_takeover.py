"""Workers that die, stop, freeze and come back: somebody else goes on, and nothing is lost or done twice."""

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.kafka.events import held_until, opened
from tests.kafka.site import Site, ids

SESSION = 10.0
"""Seconds after which a silent worker counts as dead, at the most."""


async def started(site: Site, count: int) -> list:
    """As many workers, each with its share of the partitions."""
    workers = [site.start() for _ in range(count)]
    share = site.partitions // count
    await site.until(lambda: all(len(site.held_by(worker)) == share for worker in workers), what="each has its share")
    return workers


async def test_an_overdue_hold_is_found_by_another_worker_when_its_own_was_killed_before_it_fell_due(site):
    workers = await started(site, 2)
    begun = time.monotonic()
    await site.send(opened(6, first=900))
    await site.processed()
    # As far away as this machine needs, to have taken the events in and to have lost a worker before it.
    due = datetime.now(UTC) + timedelta(seconds=4 + 5 * (time.monotonic() - begun))
    events = [event for number in range(6) for event in held_until(f"B-{number}", due)]
    await site.send(events)
    await site.processed()
    assert not [found for found in site.findings() if found.rule == "overdue_detainer_hold"]
    workers[0].kill()
    killed = time.time()
    assert killed < due.timestamp()

    def overdue() -> list:
        return [found for found in site.findings() if found.rule == "overdue_detainer_hold"]

    found = await site.until(lambda: len(overdue()) == 6 and overdue(), seconds=60)
    late = max(row.raised_at - row.since for row in found) / 1e6
    print(f"all raised {max(row.raised_at for row in found) / 1e6 - killed:.1f} s after the kill, {late:.1f} s late")
    assert {row.since for row in found} == {int(due.timestamp() * 1_000_000)}
    await site.processed()
    counted = site.entries()
    assert all(count == 1 for count in counted.values())
    assert sum(count for (kind, *_), count in counted.items() if kind == "event.accepted") == 6 + len(events)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_ends_cleanly_and_hands_over_at_once_when_it_is_told_to_stop(make_site, number):
    site = make_site(session=SESSION)
    await site.make_topics()
    first, second = await started(site, 2)
    await site.send(opened(200))
    first.terminate(number)
    stopped = time.monotonic()
    assert first.status == 0, first.said()
    await site.until(lambda: len(site.held_by(second)) == site.partitions)
    # It left the group: nobody had to wait for its session to end.
    assert time.monotonic() - stopped < SESSION
    await site.processed()
    assert len(site.inbox()) == 200
    assert not first.lines("store.unavailable")


async def test_a_worker_is_fenced_when_it_was_frozen_in_a_batch_and_others_took_its_partitions(site):
    frozen, other = await started(site, 2)
    early, late = opened(100), opened(100, first=100)
    await site.send(early)
    await site.processed()
    with site.connect() as holding:
        # A batch is at its commit when the worker freezes.
        holding.exec_driver_sql("BEGIN")
        holding.exec_driver_sql("LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE")
        await site.send(late)
        await site.until(lambda: site.waiting_for_locks() >= 2, what="both workers are at their commit")
        frozen.freeze()
        holding.exec_driver_sql("ROLLBACK")
    await site.until(lambda: len(site.held_by(other)) == site.partitions, what="the other one took over")
    await site.processed()
    frozen.thaw()
    more = opened(100, first=200)
    await site.send(more)
    await site.until(lambda: len(site.held_by(frozen)) == site.partitions // 2, what="the frozen one is back")
    await site.processed()
    assert site.inbox() == ids(early + late + more)
    assert all(count == 1 for count in site.entries().values())
    assert frozen.status is None


async def test_another_becomes_the_sequencer_when_the_one_is_killed(site):
    keeper = site.start("sequencer")
    await site.until(lambda: keeper.lines("sequencer.active"))
    standby = site.start("sequencer")
    worker = site.start()
    await site.send(opened(50))
    await site.processed()
    keeper.kill()
    await site.until(lambda: standby.lines("sequencer.active") or worker.lines("sequencer.active"))
    await site.send(opened(50, first=50))
    await site.processed()
    assert len(site.inbox()) == 100
    standby.terminate()
    assert standby.status == 0


async def test_both_work_on_when_a_second_worker_comes_in_the_middle_of_a_batch(site):
    first = site.start()
    await site.until(lambda: len(site.held_by(first)) == site.partitions)
    events = opened(400)
    with site.connect() as holding:
        holding.exec_driver_sql("BEGIN")
        holding.exec_driver_sql("LOCK TABLE inbox IN SHARE ROW EXCLUSIVE MODE")
        await site.send(events)
        await site.until(lambda: site.waiting_for_locks() >= 1, what="a batch is at its commit")
        second = site.start()
        await site.until(lambda: second.lines("metrics.served"))
        await site.until(lambda: first.lines("worker.let_go_in_a_batch"), what="its partitions are asked for")
        holding.exec_driver_sql("ROLLBACK")
    await site.until(lambda: len(site.held_by(second)) == site.partitions // 2)
    more = opened(400, first=400)
    await site.send(more)
    await site.processed()
    assert site.inbox() == ids(events + more)
    assert all(count == 1 for count in site.entries().values())


async def test_events_are_kept_when_two_workers_are_killed_again_and_again(site):
    events = opened(1200)
    workers = [site.start(), site.start()]
    sending = asyncio.create_task(site.send(events))
    for number in range(4):
        await asyncio.sleep(0.7)  # in the middle of whatever it is doing
        workers[number % 2].kill()
        workers[number % 2] = site.start()
    await sending
    await site.processed(seconds=90)
    assert site.inbox() == ids(events)
    assert all(count == 1 for count in site.entries().values())
