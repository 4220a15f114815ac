"""What faust-streaming is known to lose, and that it is not lost here: Faust drops, the database notices."""

import random
from collections.abc import Callable
from itertools import count

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from connectors.kafka.plans import Topic
from integration.errors import FatalError
from integration.runners import faust_transport
from integration.runners.worker.worker import Worker
from integration.services.intake import Intake
from tests.kafka.events import opened
from tests.kafka.inside import working
from tests.kafka.site import Site, ids


def sabotaged(worker: Worker, drops: Callable[[int], bool]) -> None:
    """Let some fetches get lost between Faust and the hall, as an agent that raises would."""
    hall, numbers = worker._hall, count()
    hand_over = hall.hand_over

    async def lossy(event):
        if not drops(next(numbers)):
            await hand_over(event)

    hall.hand_over = lossy


async def test_nothing_is_lost_when_the_agent_raises_for_the_only_fetch_there_is(site):
    events = opened(5)
    await site.send(events)
    async with working(site, lambda worker: sabotaged(worker, lambda number: number < 4)):
        await site.processed()
    assert site.inbox() == ids(events)


async def test_nothing_is_lost_or_doubled_when_faust_drops_and_repeats_fetches(make_site, monkeypatch):
    """Restarts that skip events after recovery, and commits past events in flight, look like this from here."""
    site: Site = make_site(batch=20)
    await site.make_topics()
    events, chance = opened(600), random.Random(4)
    getmany = faust_transport.Consumer.getmany

    async def unreliable(self, timeout):  # noqa: ASYNC109  Faust's
        kept = []
        async for each in getmany(self, timeout):
            kept.append(each)
            again = [chance.choice(kept)] if chance.random() < 0.2 else []
            for one in ([] if chance.random() < 0.2 else [each]) + again:
                yield one

    monkeypatch.setattr(faust_transport.Consumer, "getmany", unreliable)
    await site.send(events)
    async with working(site) as inside:
        await site.processed()
        assert inside.metric("holdwatch_inputs_total", outcome="accepted") == len(events)
        assert inside.metric("holdwatch_inputs_total", outcome="duplicates") == 0
    assert site.inbox() == ids(events)


async def test_nothing_is_skipped_when_the_group_was_committed_past_what_was_processed(site):
    events = opened(40)
    await site.send(events)
    ends = await site.ends()
    name = site.kafka.topic(Topic.EVENTS)
    async with AIOKafkaConsumer(bootstrap_servers=site.broker.address, group_id=site.kafka.group_id) as consumer:
        consumer.assign([TopicPartition(name, number) for number in ends])
        await consumer.commit(
            {TopicPartition(name, number): OffsetAndMetadata(end, "") for number, end in ends.items()}
        )
    async with working(site):
        await site.processed()
    assert site.inbox() == ids(events)


@pytest.mark.parametrize(
    ("value", "because"),
    [
        (b"\xff\xfe", "it is no text"),
        (b"", "it is empty"),
        (None, "it is a tombstone, which Faust takes for a deletion"),
        (b"[{", "it is half an array"),
        (b'{"type":"holdwatch.deadline.due.v1"}', "it looks like a reminder and names no booking"),
    ],
)
async def test_a_value_that_cannot_be_decoded_is_kept_and_the_next_one_is_processed(site, value, because):
    offset = await site.send_raw(value, partition=1)
    events = opened(8)
    await site.send(events)
    async with working(site):
        await site.processed()
        # A worker that is stopped leaves what it has no time to tell in the outbox.
        await site.until(lambda: not site.ask("SELECT 1 FROM outbox"))
    (letter,) = site.ask("SELECT place FROM dead_letters")
    assert letter.place == f"kafka:{site.kafka.topic(Topic.EVENTS)}/1/{offset}", because
    assert site.inbox() == ids(events)
    (told,) = await site.told(Topic.DEADLETTERS)
    assert told[1]["place"] == letter.place


async def test_one_event_is_set_aside_and_the_others_proceed_when_the_program_fails_at_it(site, monkeypatch):
    events = opened(50)
    await site.send(events)
    accept = Intake.take.__globals__["Desk"].accept

    def fails(self, received, *rest):
        if received.event.id == events[17]["id"]:
            raise ZeroDivisionError
        return accept(self, received, *rest)

    monkeypatch.setattr(Intake.take.__globals__["Desk"], "accept", fails)
    async with working(site):
        await site.processed()
    assert site.inbox() == ids(events) - ids([events[17]])
    assert [letter.reason for letter in site.ask("SELECT reason FROM dead_letters")] == ["cannot_process"]


async def test_the_worker_refuses_to_start_when_the_topic_has_another_number_of_partitions(make_site):
    site: Site = make_site(partitions=4)
    await site.make_topics()
    site.kafka = site.kafka.model_copy(update={"partitions": 8})
    with pytest.raises(FatalError, match="4 partitions"):
        async with working(site) as inside:
            await inside.task
    assert site.positions() == {}
