"""Commands that write while the service runs: neither loses anything, and the log stays whole."""

import orjson
import pytest

from integration.bootstrap import open_desk, open_installation
from integration.domain.instants import NEVER
from integration.errors import LogConflictError
from integration.services.intake import Input, Intake
from integration.settings import load_settings
from schemas.refusals import InvalidEventError, Reason
from tests.cli.conftest import Site, end, event, until

NOW = 1_800_000_000_000_000


@pytest.fixture
def running(site: Site):
    """The installation, and a desk that works on it as the service does."""
    installation = open_installation(load_settings(site.settings))
    yield installation, open_desk(installation.store, installation.pack_for, place="test-jail")
    installation.store.close()


def take(desk, number: int):
    refused = Input(f"here:{number}", b"-", refusal=InvalidEventError(Reason.NOT_JSON, "/: no JSON"))
    return Intake(desk).take([refused], lambda _event: NOW + number, pass_time=lambda _now: None)


def test_batch_is_taken_whole_when_a_command_wrote_in_between(running, on_site):
    installation, desk = running
    take(desk, 1)
    assert on_site("audit", "show").status == 0
    assert take(desk, 2).refused == 1
    installation.checkpointer.publish()
    assert on_site("audit", "verify").status == 0
    assert len(on_site("deadletters", "list", "--json").json) == 4


def test_service_learns_of_new_deadlines_when_it_catches_up(running, site: Site):
    _, desk = running
    desk.advance(NOW)
    assert desk.next_deadline() == NEVER
    beside = open_installation(load_settings(site.settings))
    due = event(
        70, "release.due", "08:00", {"due_at": "2027-02-01T08:00:00-05:00", "reason": "acquitted"}, booking="B-7"
    )
    events = [event(71, "hold.placed", "08:00", {"hold_id": "H", "kind": "arrest"}, booking="B-7"), due]
    other = open_desk(beside.store, beside.pack_for, place="test-jail")
    inputs = [Input("there", orjson.dumps(each)) for each in events]
    Intake(other).take(inputs, lambda _event: NOW, pass_time=lambda _now: None)
    beside.store.close()
    desk.catch_up()
    desk.advance(NOW)
    assert NOW < desk.next_deadline() < NEVER


def test_desk_stops_when_the_log_is_not_the_one_it_left(running):
    installation, desk = running
    take(desk, 1)
    with installation.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM entries WHERE leaf_index > 1")
        connection.exec_driver_sql("UPDATE log_state SET size = 2")
    with pytest.raises(LogConflictError):
        take(desk, 2)
    with pytest.raises(LogConflictError):
        desk.catch_up()


def test_nothing_is_lost_when_commands_write_while_the_service_reads(site: Site, on_site):
    def drop(batch: int) -> None:
        numbers = range(batch * 300, batch * 300 + 300)
        site.drop(f"{batch}.jsonl", [event(1000 + n, "booking.opened", "08:00", {}, booking=f"N-{n}") for n in numbers])

    drop(0)
    service = site.serve()
    try:
        site.wait_for("0.jsonl")
        for batch in range(1, 6):
            drop(batch)
            sealed = on_site("audit", "seal", batch, "--authority", "order", "--actor", "officer:x")
            assert (sealed.status, on_site("audit", "verify").status) == (0, 0)
        for batch in range(1, 6):
            site.wait_for(f"{batch}.jsonl")
    finally:
        assert end(service) == 0
    assert on_site("audit", "verify").status == 0
    shown = on_site("audit", "show", "--kind", "event.accepted", "--last", 10_000, "--json").json
    bookings = [each["entry"]["booking"] for each in shown if each["entry"]["booking"].startswith("N-")]
    assert len(bookings) == len(set(bookings)) == 1800


def test_a_second_engine_is_refused_and_the_first_goes_on_when_both_are_started_on_one_state_folder(
    site: Site, on_site
):
    first = site.serve()
    try:
        site.drop("1.jsonl", [event(80, "booking.opened", "08:00", {"person": {}}, booking="B-8")])
        site.wait_for("1.jsonl")
        heartbeat = load_settings(site.settings).heartbeat_file
        second = on_site("run")
        assert (second.status, second.out) == (3, b"")
        assert "another engine of this installation is running" in second.err
        assert f'"pid":{first.pid},'.encode() in heartbeat.read_bytes()
        site.drop("2.jsonl", [event(81, "booking.opened", "08:00", {"person": {}}, booking="B-9")])
        site.wait_for("2.jsonl")
    finally:
        first.kill()
        first.wait()
    again = site.serve()  # what was killed holds no place
    until(lambda: f'"pid":{again.pid},'.encode() in heartbeat.read_bytes(), (site.root / "service.log").read_text)
    assert end(again) == 0
    assert on_site("audit", "verify").status == 0
