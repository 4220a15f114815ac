"""A database or a broker that restarts is waited out: no position is lost, nothing is done twice."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.kafka.plans import Topic
from integration.errors import TransientError
from integration.services.deadlines import Reminders
from tests.kafka.broker import Broker
from tests.kafka.events import held_until, opened
from tests.kafka.inside import working
from tests.kafka.site import Site, ids
from tests.store.postgres import Server


def five_minutes_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Broker]:
    """A broker that these tests may end."""
    with Broker() as started:
        yield started


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    started = Server()
    yield started
    started.remove()


@pytest.fixture
async def shaky(tmp_path, own_broker, own_server, prefix) -> Site:
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site", own_broker, prefix, own_server.new_database())
    await site.make_topics()
    yield site
    site.close()


async def test_work_goes_on_when_the_database_restarts_under_load(shaky, own_server):
    events = opened(600)
    async with working(shaky) as inside:
        await shaky.send(events[:200])
        await shaky.processed()
        sending = asyncio.create_task(shaky.send(events[200:]))
        await asyncio.to_thread(own_server.stop, "immediate")
        # It notices, and says so to whoever asks whether it is ready.
        await shaky.until(lambda: "the database failed lately" in inside.worker.not_ready())
        assert not inside.task.done()
        await asyncio.to_thread(own_server.start)
        await sending
        await shaky.processed()
    assert shaky.inbox() == ids(events)
    assert all(count == 1 for count in shaky.entries().values())


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_work_goes_on_when_the_broker_restarts(shaky, own_broker, ending):
    events = [*opened(200), *held_until("B-900", five_minutes_ago())]
    async with working(shaky) as inside:
        await shaky.send(events)
        await shaky.until(lambda: shaky.inbox() == ids(events))
        await asyncio.to_thread(getattr(own_broker, ending))
        await asyncio.sleep(1.0)  # long enough for it to be missed
        assert not inside.task.done()
        await asyncio.to_thread(own_broker.start)
        more = opened(200, first=200)
        await shaky.send(more)
        await shaky.processed()
        await shaky.until(lambda: not shaky.ask("SELECT 1 FROM outbox"), what="everything is told")
    assert shaky.inbox() == ids(events + more)
    assert all(count == 1 for count in shaky.entries().values())
    told = {message_id for message_id, _ in await shaky.told(Topic.FINDINGS)}
    assert len(told) == sum(count for (kind, *_), count in shaky.entries().items() if kind.startswith("finding."))


async def test_what_could_not_be_told_is_told_later_when_the_broker_is_back(shaky, own_broker):
    """A failed send is only logged by Faust, and committed past: here the row stays in the outbox."""
    async with working(shaky):
        await shaky.send(held_until("B-1", five_minutes_ago()))
        await shaky.processed()
        await shaky.until(lambda: not shaky.ask("SELECT 1 FROM outbox"), what="everything is told")
        await asyncio.to_thread(own_broker.stop)
        with shaky.connect() as owner:
            owner.exec_driver_sql(
                "INSERT INTO outbox (key, topic, created_at, payload) "
                "VALUES ('findings-00', 'findings', 0, convert_to('{\"kind\": \"test\"}', 'UTF8'))"
            )
        await asyncio.sleep(1.0)  # long enough for it to be tried
        assert shaky.ask("SELECT 1 FROM outbox WHERE key = 'findings-00'")
        await asyncio.to_thread(own_broker.start)
        await shaky.until(lambda: not shaky.ask("SELECT 1 FROM outbox"), what="it is told after all")
    assert "findings-00" in {message_id for message_id, _ in await shaky.told(Topic.FINDINGS)}


async def test_deadlines_fire_when_looking_for_them_failed_before(site, monkeypatch):
    """A timer that raises kills a Faust worker: here nothing hangs on a timer of Faust's."""
    due, failures = Reminders.due, []

    def failing(self, now):
        if len(failures) < 3:
            failures.append(now)
            raise TransientError("as a database says it")
        return due(self, now)

    monkeypatch.setattr(Reminders, "due", failing)
    async with working(site):
        await site.until(lambda: len(failures) == 3, what="it failed three times")
        await site.send(held_until("B-1", datetime.now(UTC) + timedelta(seconds=2)))
        await site.until(lambda: [found for found in site.findings() if found.rule == "overdue_detainer_hold"])


async def test_a_worker_ends_when_it_is_told_to_while_the_broker_does_not_answer(shaky, own_broker):
    worker = shaky.start()
    await shaky.send(opened(20))
    await shaky.processed()
    own_broker.freeze()
    try:
        took = await asyncio.to_thread(worker.terminate)
        print(f"ended after {took:.1f} s")
        assert worker.status == 0, worker.said()
    finally:
        own_broker.thaw()
