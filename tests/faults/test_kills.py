"""The service is killed at any moment, started again, and has lost nothing and doubled nothing."""

import random
import time
from collections import Counter

import orjson
import pytest

from integration.audit.entry import leaf
from integration.audit.verify import Row, verify_rows
from integration.bootstrap import Installation
from tests.faults.service import Service
from tests.oracle.histories import history

KILLS = 25


def feeds() -> list[list[bytes]]:
    """About 500 events in as many files as there are kills; every third file has a line that is none."""
    events = [
        event | {"subject": f"{number}-{event['subject']}", "id": f"{number}-{event['id']}"} | _renamed(event, number)
        for number in range(10)
        for event in history(number, size=40)
    ]
    size = len(events) // KILLS + 1
    files = [[orjson.dumps(each) for each in events[at : at + size]] for at in range(0, len(events), size)]
    for number in range(0, len(files), 3):
        files[number].insert(5, b"no event %d" % number)
    return files


def _renamed(event: dict, number: int) -> dict:
    """Retractions and moves name events and bookings of the same history."""
    data = event["data"]
    for name in ("retracts", "into"):
        if name in data:
            return {"data": {**data, name: f"{number}-{data[name]}"}}
    return {}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory):
    """A service that was killed at random moments of its work, then left to finish."""
    service, dice, halfway = Service(tmp_path_factory.mktemp("killed")), random.Random(7), 0
    try:
        for number, lines in enumerate(feeds()):
            service.put(f"feed-{number:03}.jsonl", lines)
            service.start()
            _kill_in_the_middle(service, dice)
            halfway += any((service.drop / "working").glob("*"))
        # kills that all fell between files would prove nothing
        assert halfway > KILLS // 3
        assert service.finish() == 0
    finally:
        service.clean_up()
    with service.opened() as left:
        yield service, left


def _kill_in_the_middle(service: Service, dice: random.Random) -> None:
    """Kill while it starts, or from the moment on at which it has taken a file up."""
    if dice.random() < 0.1:
        time.sleep(dice.random() * 0.5)
    else:
        service.wait(lambda: any((service.drop / "working").glob("*")) or service.waiting == 0)
        time.sleep(dice.random() * 0.06)
    service.kill()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory):
    service = Service(tmp_path_factory.mktemp("undisturbed"))
    for number, lines in enumerate(feeds()):
        service.put(f"feed-{number:03}.jsonl", lines)
    try:
        assert service.finish() == 0
    finally:
        service.clean_up()
    with service.opened() as left:
        yield service, left


def said(left: Installation) -> list[tuple]:
    """Findings without the time at which they were told, which the clock decides."""
    return [row._replace(raised_at=0)[:] for row in left.records.findings() if row.status != "withdrawn"]


def bodies(left: Installation, kind: str) -> list[dict]:
    return [orjson.loads(row.body) for row in left.records.entries() if row.kind == kind and row.body]


def test_no_event_is_lost_or_counted_twice_when_killed(killed):
    _, left = killed
    counted = Counter((body["source"], body["detail"]["event_id"]) for body in bodies(left, "event.accepted"))
    sent = {(each["source"], each["id"]) for lines in feeds() for line in lines if (each := _event(line))}
    refused = {
        (each["source"], each["id"]) for letter in left.records.dead_letters() if (each := _letter(left, letter))
    }
    assert set(counted.values()) == {1}
    assert counted.keys() | refused == sent


def _event(line: bytes) -> dict | None:
    return orjson.loads(line) if line.startswith(b"{") else None


def _letter(left: Installation, letter) -> dict | None:
    return _event(left.records.raw_of(letter.number, left.vault))


def test_findings_are_those_of_an_undisturbed_run_when_killed(killed, undisturbed):
    assert said(killed[1]) == said(undisturbed[1])
    assert len(said(killed[1])) > 50


def test_the_log_verifies_when_killed(killed):
    _, left = killed
    rows = [
        Row(row.leaf_index, leaf(row.salt, row.body), row.salt, row.body, row.leaf_hash)
        for row in left.records.entries()
        if row.salt is not None and row.body is not None
    ]
    report = verify_rows(rows, left.checkpointer.publish(), left.key.vkey)
    assert report.ok, report.problems
    assert report.entries == left.store.tree_size() > 500


def test_every_change_is_told_at_least_once_and_in_order_when_killed(killed):
    service, left = killed
    told = service.outbox_told()
    kinds = ("finding.", "message.", "access.", "assistance.")
    changes = [row for row in left.records.entries() if row.kind.startswith(kinds)]
    topics = ("findings" if row.kind.startswith("finding.") else "decisions" for row in changes)
    keys = [f"{topic}-{row.leaf_hash.hex()}" for topic, row in zip(topics, changes, strict=True)]
    assert list(dict.fromkeys(told)) == keys  # in the log's order
    assert left.records.outbox(1) == []


def test_every_file_is_put_aside_when_killed(killed):
    service, _ = killed
    done = {each.name for folder in ("processed", "refused") for each in (service.drop / folder).iterdir()}
    assert done == {*(f"feed-{number:03}.jsonl" for number in range(len(feeds()))), "zz-last.jsonl"}
    assert service.waiting == 0


def test_every_bad_line_is_kept_when_killed(killed):
    # because a file is read again from its start after a kill, it may be kept twice, never not at all
    _, left = killed
    kept = {left.records.raw_of(letter.number, left.vault) for letter in left.records.dead_letters()}
    assert {line for lines in feeds() for line in lines if not line.startswith(b"{")} <= kept
