"""A backlog waits at the broker: a worker takes in what it can work soon, and what waits for it is not fetched anew."""

import threading
from collections import Counter
from types import SimpleNamespace

from faust.types import TP
from prometheus_client import CollectorRegistry

from integration.metrics import WorkerMetrics
from integration.runners import faust_transport
from integration.runners.faust_app import WAITING_FETCHES
from integration.runners.worker import hall as halls
from integration.runners.worker.hall import Hall
from integration.runners.worker.positions import Partition
from tests.kafka.events import opened
from tests.kafka.inside import working
from tests.kafka.site import Site, ids

AT_ONCE = halls._WAITING + 1 + WAITING_FETCHES + 1
"""Fetches here, in the agent's hand, with Faust, and the one that is held out to it."""


async def test_no_more_than_a_few_fetches_wait_when_the_worker_is_slower_than_the_broker(make_site, monkeypatch):
    site: Site = make_site(batch=2)
    await site.make_topics()
    events = opened(200)
    await site.send(events)
    fetched, working_on, go_on = Counter[str](), threading.Event(), threading.Event()
    one_message = faust_transport.Consumer._one_message

    def counted(self, what):
        fetched["fetches"] += 1
        return one_message(self, what)

    monkeypatch.setattr(faust_transport.Consumer, "_one_message", counted)

    def held_up(worker):
        take = worker._hall._works.take

        def waits(*batch):
            working_on.set()
            assert go_on.wait(60)
            return take(*batch)

        worker._hall._works.take = waits

    async with working(site, held_up) as inside:
        try:
            await site.until(lambda: working_on.is_set() and fetched["fetches"] >= AT_ONCE)
            hall = inside.worker._hall
            for _ in range(10):  # Each is answered after the fetch that is under way.
                await hall._broker.range_of([TP(*partition) for partition in hall.held])
            assert fetched["fetches"] - hall._brought <= AT_ONCE
        finally:
            go_on.set()
        await site.processed()
    assert site.inbox() == ids(events)


class Reading:
    """A transport that has read far ahead in every partition, and keeps account of where it is told to go back."""

    def __init__(self) -> None:
        self.seeks = Counter[TP]()

    def sought(self, tp):
        return self.seeks[tp]

    async def read_to(self, _tp):
        return 1000

    async def go_to(self, places):
        self.seeks.update(places.keys())


def hall_behind(partitions: int) -> tuple[Hall, Reading]:
    """A hall that holds partitions of which nothing has reached it, and in which other fetches wait."""
    kafka = SimpleNamespace(batch_events=10, batch_wait_ms=1, partitions=partitions, session_timeout_seconds=6)
    hall, reading = Hall(SimpleNamespace(), WorkerMetrics(CollectorRegistry()), kafka), Reading()
    for number in range(partitions):
        hall._positions.claimed(Partition("events", number), epoch=1, next_offset=0)
    hall._queue.put_nowait(object())
    return hall, reading


async def test_nothing_is_fetched_again_when_it_may_still_be_on_its_way_however_long_that_takes():
    hall, reading = hall_behind(4)
    for _ in range(1000):
        await hall._fetch_what_was_dropped(reading)
    hall._brought += AT_ONCE + 4
    await hall._fetch_what_was_dropped(reading)
    assert not reading.seeks


async def test_a_dropped_fetch_is_asked_for_once_when_all_that_was_before_it_has_come():
    hall, reading = hall_behind(4)
    await hall._fetch_what_was_dropped(reading)
    hall._brought += 100
    for _ in range(10):  # The second time it is behind what waits anew.
        await hall._fetch_what_was_dropped(reading)
    assert set(reading.seeks.values()) == {1}
    assert len(reading.seeks) == 4
    hall._brought += 100
    await hall._fetch_what_was_dropped(reading)
    assert set(reading.seeks.values()) == {2}
