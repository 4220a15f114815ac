"""When going on could lose something, a worker stops: exit status 3 and one line that says why."""

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from connectors.kafka.plans import Topic
from tests.kafka.events import opened
from tests.kafka.processes import Process
from tests.kafka.site import Site, ids


def last_line(process: Process) -> str:
    return process.said().strip().splitlines()[-1]


async def test_the_worker_stops_when_a_refused_input_cannot_be_kept(site: Site):
    worker = site.start()
    await site.send(opened(20))
    await site.processed()
    with site.connect() as owner:
        owner.exec_driver_sql(
            "CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$ LANGUAGE plpgsql"
        )
        owner.exec_driver_sql("CREATE TRIGGER fail BEFORE INSERT ON dead_letters EXECUTE FUNCTION fail()")
    before = site.positions()
    canary = b"CANARY-4711"
    await site.send_raw(b"{" + canary, partition=2)
    assert worker.wait() == 3
    assert last_line(worker).startswith("holdwatch: ")
    assert canary.decode() not in worker.said()
    assert site.positions() == before
    # Once it can be kept again, nothing is missing.
    with site.connect() as owner:
        owner.exec_driver_sql("DROP TRIGGER fail ON dead_letters")
    site.start()
    await site.processed()
    assert len(site.ask("SELECT 1 FROM dead_letters")) == 1


async def test_the_worker_stops_when_the_broker_threw_away_what_was_not_processed(site: Site):
    events = opened(100)
    await site.send(events[:50])
    worker = site.start()
    await site.processed()
    worker.terminate()
    await site.send(events[50:])
    await delete_up_to_the_end(site)
    again = site.start()
    # The end of a partition alone shows no gap: the next event does.
    await site.send(opened(40, first=200))
    assert again.wait() == 3
    assert "thrown them away" in last_line(again)
    assert site.inbox() == ids(events[:50])


async def delete_up_to_the_end(site: Site) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=site.broker.address)
    await admin.start()
    try:
        name = site.kafka.topic(Topic.EVENTS)
        ends = {TopicPartition(name, number): RecordsToDelete(end) for number, end in (await site.ends()).items()}
        await admin.delete_records(ends)
    finally:
        await admin.close()


async def test_the_worker_stops_when_the_topic_ends_before_what_was_processed(site: Site):
    await site.send(opened(40))
    worker = site.start()
    await site.processed()
    worker.terminate()
    with site.connect() as owner:  # as a topic that was deleted and made again looks from here
        owner.exec_driver_sql("UPDATE positions SET next_offset = next_offset + 1000")
    again = site.start()
    assert again.wait() == 3
    assert "ends at" in last_line(again)


async def test_the_worker_stops_when_somebody_else_extended_the_log(site: Site):
    worker = site.start()
    await site.send(opened(20))
    await site.processed()
    with site.connect() as owner:
        owner.exec_driver_sql("UPDATE log_state SET size = size - 1")
    await site.send(opened(5, first=20))
    assert worker.wait() == 3
    assert last_line(worker).startswith("holdwatch: ")


async def test_the_commands_refuse_to_start_when_the_settings_name_no_brokers(site: Site):
    lines = site.file.read_text().split("[kafka]")
    site.file.write_text(lines[0] + "[watch]" + lines[1].split("[watch]")[1])
    for command in ("worker", "sequencer"):
        refused = site.start(command)
        assert refused.wait() == 2
        assert "[kafka]" in refused.said()
