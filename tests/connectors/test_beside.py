"""Connectors beside the engine: it learns of what they bring, and neither loses the other's work."""

import asyncio

import orjson

from integration.bootstrap import connect_ports, embedded_ports, open_pulse
from integration.clock import WallClock
from integration.errors import LogGrewError
from integration.runners.embedded import Embedded
from integration.services.intake import Input
from integration.store.pulse import read_beat
from tests.connectors.running import Site

SOURCE = "/jms/example-county"


def event(number, kind, at, data):
    known = {"specversion": "1.0", "id": f"e-{number}", "source": SOURCE, "subject": "B-1", "time": at}
    return Input(str(number), orjson.dumps({**known, "type": f"jail.{kind}.v1", "data": data}))


def take(ports, *inputs):
    now = ports.clock.now()
    return ports.intake.take(inputs, lambda _event: now, pass_time=lambda _now: None)


def test_feed_is_not_silent_when_a_connector_beside_the_engine_brought_something(tmp_path):
    site = Site(tmp_path, "")
    with site.opened() as installation:
        pulse = open_pulse(installation.settings)
        engine = Embedded(embedded_ports(installation, WallClock(), pulse))
        engine._finish_time(idle=True)
        before = read_beat(installation.settings.heartbeat_file).sources[SOURCE]
        take(connect_ports(installation, WallClock()), event(1, "booking.opened", "2026-03-02T08:00:00Z", {}))
        engine._finish_time(idle=True)
        assert read_beat(installation.settings.heartbeat_file).sources[SOURCE] > before


def test_both_are_kept_when_engine_and_connector_write_to_one_booking_in_turn(tmp_path):
    site = Site(tmp_path, "")
    with site.opened() as installation:
        one, other = (connect_ports(installation, WallClock()) for _ in range(2))
        take(one, event(1, "booking.opened", "2026-03-02T08:00:00Z", {}))
        take(other, event(2, "hold.placed", "2026-03-02T08:00:00Z", {"hold_id": "h", "kind": "charge"}))
        take(one, event(3, "hold.placed", "2026-03-02T09:00:00Z", {"hold_id": "i", "kind": "immigration_detainer"}))
        take(other, event(4, "hold.lifted", "2026-03-02T10:00:00Z", {"hold_id": "h"}))
        tally = take(one, event(4, "hold.lifted", "2026-03-02T10:00:00Z", {"hold_id": "h"}))
    assert tally.duplicates == 1
    assert site.ask("SELECT rule FROM findings WHERE status = 'open' AND rule LIKE 'overdue%'") == [
        ("overdue_detainer_hold",)
    ]


async def test_others_go_on_while_one_event_loses_to_other_processes_again_and_again(tmp_path):
    site = Site(tmp_path, "")
    with site.opened() as installation:
        engine = Embedded(embedded_ports(installation, WallClock()))
        real, went_on = engine._times.take, []

        def loses(batch):
            if not went_on:
                raise LogGrewError("another process wrote to the log")
            return real(batch)

        async def other():
            went_on.append(True)

        engine._times.take = loses
        working = asyncio.create_task(engine._take_in([event(1, "booking.opened", "2026-03-02T08:00:00Z", {})]))
        beside = asyncio.create_task(other())
        async with asyncio.timeout(10):
            tally = await working
        await beside
    assert tally.accepted == 1
