"""Drop folders on disks and shares that fail: for a moment, or for good. No event is lost, and no name is logged."""

import asyncio
import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import orjson
import pytest
from structlog.testing import capture_logs

from connectors.jms_files.naming import named, short_name, short_names
from integration.bootstrap import embedded_ports
from integration.clock import WallClock
from integration.runners import embedded
from integration.runners.embedded import Embedded
from tests.connectors.jms_csv.test_dumps import ALL, EXAMPLE, ROWS, SOURCES
from tests.connectors.running import Site

SOURCE = "/jms/example-county"
FOLDER = '[[drop_folders]]\npath = "{root}/drop"\n'
NAME = "Booking-Quillfeather-22May.jsonl"
CANARY = "Quillfeather"


def lines(count: int, first: int = 1) -> bytes:
    opened = {"specversion": "1.0", "source": SOURCE, "type": "jail.booking.opened.v1", "data": {}}
    return b"".join(
        orjson.dumps({**opened, "id": f"e-{n}", "subject": f"B-{n}", "time": "2026-03-02T08:00:00Z"}) + b"\n"
        for n in range(first, first + count)
    )


class Disk:
    """What reading a file of some name meets: an error, after some lines, for as many times as are left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: dict[str, tuple[int, int, int]] = {}
        self.met = 0
        real = Path.open

        def opened(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
            stream = real(path, mode, *rest, **more)
            return self._failing(path.name, stream) if mode == "rb" and path.name in self.faults else stream

        monkeypatch.setattr(Path, "open", opened)

    def fails(self, name: str, error: int, *, after: int = 0, times: int = 1) -> None:
        self.faults[name] = error, after, times

    def _failing(self, name: str, stream: Any) -> Any:
        error, after, times = self.faults[name]
        if times == 0:
            return stream
        self.faults[name] = error, after, times - 1

        class Failing:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                stream.close()

            def read(self) -> bytes:
                disk.met += 1
                raise OSError(error, "injected")

            def __iter__(self) -> Iterator[bytes]:
                for number, line in enumerate(stream):
                    if number == after:
                        disk.met += 1
                        raise OSError(error, "injected")
                    yield line

        disk = self
        return Failing()


@pytest.fixture
def disk(monkeypatch):
    monkeypatch.setattr(embedded, "_RETRY_AFTER", 0.01)
    return Disk(monkeypatch)


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, FOLDER.format(root=tmp_path), batch=100)


def put(site: Site, name: str, content: bytes) -> None:
    folder = site.root / "drop"
    folder.mkdir(exist_ok=True)
    (folder / f".{name}").write_bytes(content)
    (folder / f".{name}").rename(folder / name)


def lies_in(site: Site, below: str) -> list[str]:
    return sorted(each.name for each in (site.root / "drop" / below).iterdir() if each.is_file())


def run(site: Site, until: Callable[[], bool]) -> list[dict[str, Any]]:
    """Run the engine until something has come about; returns what it logged."""

    async def running() -> None:
        with site.opened() as installation:
            engine = Embedded(embedded_ports(installation, WallClock()))
            working = asyncio.create_task(engine.run())
            async with asyncio.timeout(30):
                while not until() and not working.done():  # noqa: ASYNC110  a file
                    await asyncio.sleep(0.01)
            engine.stop()
            await working

    with capture_logs() as logged:
        asyncio.run(running())
    return logged


@pytest.mark.parametrize("error", [errno.ESTALE, errno.EIO])
def test_no_event_is_lost_when_an_error_of_reading_passes(site, disk, error):
    put(site, NAME, lines(300))
    disk.fails(NAME, error, after=151, times=2)
    logged = run(site, lambda: bool(lies_in(site, "processed") + lies_in(site, "refused")))
    assert disk.met == 2
    assert (site.count(), lies_in(site, "processed"), lies_in(site, "refused")) == (300, [NAME], [])
    assert site.count("dead_letters") == 0
    assert [each["tries"] for each in logged if each["event"] == "file.unavailable"] == [1, 2]


def test_the_engine_waits_for_a_share_and_stops_for_a_disk_when_a_file_cannot_be_moved(site, disk, monkeypatch):
    put(site, NAME, lines(3))
    real, errors = Path.rename, [errno.ESTALE, errno.ETIMEDOUT, 0, errno.ESTALE]

    def rename(path, target):
        if path.name == NAME and errors and (error := errors.pop(0)):
            raise OSError(error, "injected")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    run(site, lambda: lies_in(site, "processed") == [NAME])
    assert (errors, site.count(), site.count("dead_letters")) == ([], 3, 0)
    errors.append(errno.EIO)
    put(site, NAME, lines(1, first=4))
    with pytest.raises(OSError, match="injected"):
        run(site, lambda: False)


def test_other_files_are_read_when_one_goes_on_failing(site, disk):
    put(site, "a.jsonl", lines(20))
    put(site, "b.jsonl", lines(20, first=21))
    disk.fails("a.jsonl", errno.EIO, after=10, times=-1)
    run(site, lambda: lies_in(site, "processed") == ["b.jsonl"])
    assert lies_in(site, "working") == ["a.jsonl"]  # kept for the next try, whatever happens to this process
    assert (site.count() >= 20, site.count("dead_letters")) == (True, 0)


def test_the_log_counts_a_file_and_a_dead_letter_names_it_when_it_may_not_be_read(site, disk):
    put(site, NAME, lines(150))
    disk.fails(NAME, errno.EACCES, after=120)
    run(site, lambda: lies_in(site, "refused") == [NAME])
    assert site.count() == 120  # what was read before counts
    [(body,)] = site.ask("SELECT body FROM entries WHERE kind = 'input.refused'")
    detail = orjson.loads(body)["detail"]
    assert detail["reason"] == "unreadable_file"
    assert detail["place"] == f"{site.root}/drop/{short_name(NAME)}"
    with site.opened() as installation:
        [letter] = installation.records.dead_letters()
        kept = orjson.loads(installation.vault.open_sealed(letter.sealed))
    assert kept["unreadable_file"] == NAME
    assert letter.message == "the file cannot be read: EACCES"


def test_each_is_refused_when_two_of_one_name_may_not_be_read(site, disk):
    disk.fails(NAME, errno.EACCES, times=-1)
    for count in (1, 2):
        put(site, NAME, lines(10))
        run(site, lambda count=count: len(lies_in(site, "refused")) == count)
    assert site.count("dead_letters") == 2


def test_no_name_of_a_file_comes_into_log_and_tables_when_its_lines_are_refused(site, tmp_path):
    put(site, NAME, lines(3) + b"no event\n")
    logged = run(site, lambda: lies_in(site, "refused") == [NAME])
    assert "file.read" in [each["event"] for each in logged]
    assert CANARY not in str(logged)
    columns = {"entries": "body", "dead_letters": "place || message || reason", "outbox": "key || payload"}
    for table, text in columns.items():
        assert not [row for row in site.ask(f"SELECT {text} FROM {table}") if CANARY in str(row[0])], table
    [(place,)] = site.ask("SELECT place FROM dead_letters")
    assert place == f"{tmp_path}/drop/{short_name(NAME)}:4"
    # Whoever has the folders finds it.
    assert named(place, short_names([tmp_path / "drop"])) == tmp_path / "drop" / "refused" / NAME


@pytest.fixture
def dumps(tmp_path):
    shutil.copy(EXAMPLE / "mapping.toml", tmp_path / "mapping.toml")
    made = Site(tmp_path, SOURCES.format(root=tmp_path))
    made.make()
    return made


@pytest.mark.parametrize(
    ("error", "below", "became"),
    [(errno.ESTALE, "processed", (ALL, [])), (errno.EACCES, "refused", (0, [("unreadable_file",)]))],
    ids=["passes", "stays"],
)
def test_a_dump_waits_or_is_refused_on_record_when_it_cannot_be_read(dumps, disk, error, below, became):
    name = NAME.replace("jsonl", "csv")
    put(dumps, name, "\n".join(ROWS).encode())
    disk.fails(name, error, times=1)
    with capture_logs() as logged:
        dumps.run(lambda: lies_in(dumps, below) == [name])
    assert disk.met == 1
    assert (dumps.count(), dumps.ask("SELECT reason FROM dead_letters")) == became
    places = dumps.ask("SELECT body FROM entries WHERE kind = 'input.refused'")
    assert CANARY not in f"{logged} {places} {dumps.ask('SELECT place, message FROM dead_letters')}"


def test_the_short_name_finds_a_file_when_a_number_was_put_behind_its_name(tmp_path):
    (tmp_path / "processed").mkdir()
    (tmp_path / "processed" / "day.jsonl.1").write_bytes(b"")
    names = short_names([tmp_path])
    assert named(f"{tmp_path}/{short_name('day.jsonl')}:7", names) == tmp_path / "processed" / "day.jsonl.1"
    assert named("topic[0]@3", names) is None
