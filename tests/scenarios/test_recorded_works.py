"""Recorded time in several partitions: each fires the deadlines of its own bookings, whoever has set them."""

from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.kafka.records import advanced_note
from integration.bootstrap import WorkerPorts
from integration.runners.worker.positions import Partition
from integration.runners.worker.works import Record, RecordedWorks
from integration.services.desk import Desk
from integration.services.ports import PositionRow
from integration.services.recorder import Appender
from tests.differential import test_pack
from tests.memory_store import MemoryStore

HOME, OTHER = Partition("events", 0), Partition("events", 1)


def ports_over(store: MemoryStore) -> WorkerPorts:
    ports: Any = WorkerPorts
    return ports(
        kafka=None,
        store=store,
        make_desk=lambda owns: Desk(store, Appender(), lambda _source, _at: test_pack(), place="w", owns=owns),
        clock=None,
        recorded=True,
        partition_of=lambda key: HOME.number if key.endswith(b"|H") else OTHER.number,
        owner="w",
        heard=dict,
        silent_after={},
    )


class Worker:
    """One process with both partitions."""

    def __init__(self, store: MemoryStore) -> None:
        self.works = RecordedWorks(ports_over(store))
        self.epochs = {each: self.works.claim(each).epoch for each in (HOME, OTHER)}
        self.offsets = {HOME: 0, OTHER: 0}

    def take(self, partition: Partition, *values: bytes) -> None:
        before = self.offsets[partition]
        after = self.offsets[partition] = before + len(values)
        records = [Record(partition, before + number, value) for number, value in enumerate(values)]
        self.works.take(records, [PositionRow(*partition, self.epochs[partition], before, after)])


def event(number: int, subject: str, kind: str, time: str, data: dict[str, Any]) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "type": f"jail.{kind}.v1",
            "id": f"e{number}",
            "source": "/jms/a",
            "subject": subject,
            "time": time,
            "recordedtime": time,
            "data": data,
        }
    )


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


def rules(store: MemoryStore) -> dict[str, tuple[str, str]]:
    return {each.rule: (each.booking, each.status) for each in store.findings.values()}


def test_an_overdue_release_is_found_when_another_partition_set_its_deadline_after_the_last_batch_here():
    store = MemoryStore()
    worker = Worker(store)
    worker.take(
        HOME,
        event(1, "H", "booking.opened", "2026-01-20T10:00:00Z", {}),
        event(2, "H", "hold.placed", "2026-01-20T10:00:00Z", {"hold_id": "h", "kind": "charge"}),
        event(3, "H", "booking.moved", "2026-01-20T11:00:00Z", {"into": "X"}),
    )
    due = {"due_at": "2026-01-25T12:00:00Z", "reason": "own_recognizance"}
    worker.take(OTHER, event(4, "X", "release.due", "2026-01-25T10:00:00Z", due))
    assert "overdue_release" not in rules(store)
    worker.take(HOME, advanced_note(micros("2026-02-01T00:00:00Z")))
    assert rules(store)["overdue_release"] == ("X", "open")
