"""What a connector remembers of rows: several versions of one in one batch, and a batch that is run again."""

from datetime import UTC, datetime

import orjson
import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.load import mapping_from
from connectors.mapping.rows import Row
from integration.bootstrap import connect_ports
from integration.clock import WallClock
from integration.runners.connect.memory import Memory
from tests.connectors.jms_debezium.test_changes import KEYED
from tests.connectors.running import Site

AT = datetime(2026, 3, 10, tzinfo=UTC)
TIMES = ("2026-03-05T10:00:00", "2026-03-04T10:00:00")


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path, "")
    made.make()
    return made


@pytest.fixture
def ports(site):
    with site.opened() as installation:
        yield connect_ports(installation, WallClock())


def take(ports, found):
    now = ports.clock.now()
    ports.intake.take(
        found.inputs, lambda _: now, pass_time=lambda _: None, also=[ports.sources.write_rows(found.rows)]
    )


def standing(site):
    gone = {each for (each,) in site.ask("SELECT retracts FROM retractions")}
    told = [
        orjson.loads(body)["detail"] for (body,) in site.ask("SELECT body FROM entries WHERE kind = 'event.accepted'")
    ]
    return [each["time"][:16] for each in told if "due" in each["type"] and each["event_id"] not in gone]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_last_version_counts_when_a_row_goes_there_and_back_in_one_batch(size, ports, site):
    memory = Memory("m", Mapper(mapping_from(KEYED)), ports.sources)
    versions = [TIMES[number % 2] for number in range(5)]
    for at in range(0, len(versions), size):
        rows = [(Row("", {"no": "B-1", "due": due}), AT) for due in versions[at : at + size]]
        take(ports, memory.read(rows, ports.clock.now()))
        assert standing(site) == ["2026-03-05T15:00" if rows[-1][0].record["due"] == TIMES[0] else "2026-03-04T15:00"]


def test_nothing_is_lost_when_a_batch_is_read_again_because_it_was_not_committed(ports, site):
    memory = Memory("m", Mapper(mapping_from(KEYED)), ports.sources)
    first, second = ([(Row("", {"no": "B-1", "due": due}), AT)] for due in TIMES)
    take(ports, memory.read(first, ports.clock.now()))
    memory.read(second, ports.clock.now())  # and the process dies
    take(ports, memory.read(second, ports.clock.now()))
    take(ports, memory.read(first, ports.clock.now()))
    assert standing(site) == ["2026-03-05T15:00"]
