"""Commands that write while the service runs: neither loses anything, and the log stays whole."""

import pytest

from integration.bootstrap import open_desk, open_installation
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


def test_service_learns_of_new_deadlines_when_it_catches_up(running, on_site):
    _, desk = running
    take(desk, 1)
    on_site("audit", "show")
    desk.catch_up()
    assert take(desk, 2).refused == 1


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
    service = site.serve()
    try:
        for batch in range(5):
            numbers = range(1000 + batch * 100, 1100 + batch * 100)
            events = [event(n, "booking.opened", "08:00", {}, booking=f"N-{n}") for n in numbers]
            site.drop(f"batch-{batch}.jsonl", events)
            index = on_site("audit", "show", "--last", 1, "--json").json[0]["index"]
            assert on_site("audit", "seal", index, "--authority", "order", "--actor", "officer:x").status == 0
            assert on_site("audit", "verify").status == 0
        until(lambda: len(list((site.root / "drop" / "processed").iterdir())) == 5)
    finally:
        assert end(service) == 0
    assert on_site("audit", "verify").status == 0
    accepted = on_site("audit", "show", "--last", 5000, "--json").json
    bookings = {each["entry"]["booking"] for each in accepted if each["entry"] is not None}
    assert len([name for name in bookings if name.startswith("N-")]) >= 495
