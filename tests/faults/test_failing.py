"""A database put back, a full disk, a folder that cannot be written: it stops with one clear line and loses nothing."""

import resource
import shutil
from pathlib import Path

import orjson
import pytest

from tests.faults.service import Service
from tests.oracle.cases import ev, hold, numbered, opened


def events(count: int, first: int = 0) -> list[bytes]:
    made = []
    for number in range(first, first + count):
        each = numbered((opened(0), hold(0, "D", "immigration_detainer"), ev("bail.refused", 1)))
        made += [event | {"id": f"{number}-{event['id']}", "subject": f"B{number}"} for event in each]
    return [orjson.dumps(event) for event in made]


@pytest.fixture
def service(tmp_path: Path):
    made = Service(tmp_path)
    yield made
    made.clean_up()


def database(service: Service) -> list[Path]:
    return sorted((service.root / "state").glob("holdwatch.sqlite*"))


def last_line(service: Service) -> str:
    return service.told.read_text().strip().splitlines()[-1]


@pytest.mark.parametrize("how", ["older", "gone", "other"])
def test_it_refuses_to_start_when_the_database_was_put_back(service: Service, how, tmp_path):
    service.put("1.jsonl", events(5))
    service.finish()
    (kept := tmp_path / "kept").mkdir()
    for file in database(service):
        shutil.copy(file, kept)
    service.put("2.jsonl", events(5, 5))
    service.finish()
    for file in database(service):
        file.unlink()
    if how == "older":
        for file in kept.iterdir():
            shutil.copy(file, service.root / "state")
    if how == "other":
        another = Service(tmp_path / "another")
        another.put("1.jsonl", events(20, 50))
        another.finish()
        for file in database(another):
            shutil.copy(file, service.root / "state")
    assert service.start().wait(timeout=60) == 3
    assert last_line(service).startswith("holdwatch: the ")
    assert "Traceback" not in service.told.read_text()


def test_nothing_is_lost_when_files_may_not_grow(service: Service):
    # because a full disk refuses a write in the middle of a transaction
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    service.put("0.jsonl", events(2))
    service.finish()
    service.put("1.jsonl", events(400))
    assert service.start(preexec_fn=little_room).wait(timeout=60) == 3
    assert last_line(service).startswith("holdwatch: database failed: ")
    assert "Traceback" not in service.told.read_text()
    assert service.finish() == 0
    with service.opened() as left:
        assert left.records.counts()["events"] == 1200
        accepted = [row for row in left.records.entries() if row.kind == "event.accepted"]
        assert len(accepted) == 1200


def test_it_says_why_when_the_database_cannot_be_opened(service: Service):
    service.put("1.jsonl", events(2))
    service.finish()
    for file in database(service):
        file.write_bytes(b"garbage " * 1000)
    assert service.start().wait(timeout=60) == 3
    assert last_line(service).startswith("holdwatch: database failed: ")
    assert "Traceback" not in service.told.read_text()


def test_it_stops_when_told_and_loses_nothing(service: Service):
    service.put("1.jsonl", events(60))
    service.start()
    service.wait(lambda: any((service.drop / "working").glob("*")) or service.waiting == 0)
    assert service.stop() == 0
    assert service.finish() == 0
    with service.opened() as left:
        assert left.records.counts()["events"] == 180


def test_the_other_files_are_read_when_one_holds_only_bad_lines(service: Service):
    service.put("1.jsonl", [b"\xff\xfe", b"{", b"[]" * 40_000, b"\x00"])
    name = b"2-\xff.jsonl".decode(errors="surrogateescape")
    (service.drop / name).write_bytes(b"no event\n")
    service.put("3.jsonl", events(2))
    assert service.finish() == 0
    with service.opened() as left:
        counts = left.records.counts()
    assert (counts["events"], counts["dead_letters"]) == (6, 5)
