"""What a worker says of itself: metrics, readiness, logs. Never a person."""

from datetime import UTC, datetime, timedelta

from integration.domain.instants import SECOND
from tests.kafka.events import event, held_until, opened
from tests.kafka.inside import working
from tests.kafka.site import Site, page

CANARY = "Canarywhite"


async def test_the_page_tells_what_was_done_and_names_nobody(site: Site):
    worker = site.start()
    now = datetime.now(UTC)
    person = {"family_name": CANARY, "given_name": CANARY, "birth_date": "1990-01-01"}
    events = [event("booking.opened", f"{CANARY}-{number}", now, person=person) for number in range(30)]
    await site.send([*events, *events[:10]])
    await site.send_raw(CANARY.encode())
    await site.send_raw(b'{"type": "' + CANARY.encode() + b'"}')
    await site.processed()
    await site.until(lambda: page(worker, "/readyz")[0] == 200)
    assert page(worker, "/healthz") == (200, "alive\n")
    # It looks at feeds and partitions from time to time.
    await site.until(lambda: 'last_event_timestamp_seconds{source="/jms/a"}' in page(worker, "/metrics")[1])
    await site.until(lambda: "holdwatch_partitions_assigned 4.0" in page(worker, "/metrics")[1])
    status, metrics = page(worker, "/metrics")
    assert status == 200
    said = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if not line.startswith("#"))
    assert said['holdwatch_inputs_total{outcome="accepted"}'] == "30.0"
    assert said['holdwatch_inputs_total{outcome="duplicates"}'] == "10.0"
    assert said['holdwatch_inputs_total{outcome="refused"}'] == "2.0"
    assert said["holdwatch_partitions_assigned"] == "4.0"
    assert said["holdwatch_sequencer_active"] == "1.0"
    assert {f'holdwatch_partition_lag{{partition="{number}"}}' for number in range(4)} <= said.keys()
    assert abs(float(said['holdwatch_source_last_event_timestamp_seconds{source="/jms/a"}']) - now.timestamp()) < 60
    assert CANARY not in metrics
    worker.terminate()
    assert CANARY not in worker.said()
    assert page_is_closed(worker)


def page_is_closed(worker) -> bool:
    try:
        page(worker, "/healthz")
    except OSError:
        return True
    return False


async def test_a_worker_is_not_ready_when_it_has_no_partition_or_a_feed_is_silent(site: Site):
    async with working(site) as first:
        await site.until(lambda: first.worker.not_ready() == [])
        ports = first.worker._ports
        ports.silent_after["/jms/b"] = 2 * SECOND
        await site.send(opened(1, source="/jms/b"))
        await site.until(lambda: any("/jms/b" in reason for reason in first.worker.not_ready()), what="b is silent")
        await site.send(opened(1, source="/jms/b", first=1))
        await site.until(lambda: first.worker.not_ready() == [], what="b is heard of")
        ports.silent_after["/jms/b"] = 3600 * SECOND
        await first.worker._hall.revoked()
        assert "no partition is assigned" in first.worker.not_ready()
        await site.until(lambda: first.worker.not_ready() == [], what="what it still owns is claimed again")


async def test_several_events_in_one_message_are_taken_in_one_by_one(site: Site):
    due = datetime.now(UTC) - timedelta(minutes=2)
    events = held_until("B-1", due)
    twice = held_until("B-2", due)
    twice[1]["data"]["hold_id"] = 7  # one of the array is bad
    await site.send([*events, *twice], together=4)
    async with working(site) as inside:
        await site.processed()
        assert inside.metric("holdwatch_inputs_total", outcome="accepted") == 7
    (letter,) = site.ask("SELECT place FROM dead_letters")
    assert letter.place.endswith("#1")
    assert [found.booking for found in site.findings() if found.rule == "overdue_detainer_hold"]
