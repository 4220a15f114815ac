"""A real installation, filled once by the real service, and copied for each test; the real command, run on it."""

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from integration.cli import main

SOURCE = "/jms/lansing-pd"
ORIGIN = "audit.example/test-2026"
HOLDWATCH = Path(sys.executable).with_name("holdwatch")
CANARIES = ("Quillfeather", "Zebulonia", "1987-11-23", "23 November 1987")
"""A name and a birth date in every input: none may ever come out of the log."""

SETTINGS = """
[site]
name = "test-jail"
state_dir = "{root}/state"
[log]
origin = "{origin}"
checkpoint_every_seconds = 0.2
[[facilities]]
source = "{source}"
zone = "America/Detroit"
packs = [{{ pack = "lansing-eo-2017-01" }}]
[[drop_folders]]
path = "{root}/drop"
"""


def event(number: int, kind: str, hour: str, data: dict[str, Any], *, booking: str = "B-1") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": SOURCE,
        "type": f"jail.{kind}.v1",
        "subject": booking,
        "time": f"2026-03-02T{hour}:00-05:00",
        "data": data,
    }


PERSON = {"family_name": "Quillfeather", "given_name": "Zebulonia", "birth_date": "1987-11-23"}
MESSAGE = {
    "message_id": "M-1",
    "channel": "smtp",
    "sender": {"user": "desk"},
    "recipients": [{"address": "intake@ice.example", "agency": "ICE ERO Detroit"}],
    "content": {"release_time": "soon"},
    "text": "Zebulonia Quillfeather, born 23 November 1987, leaves at four.",
}
EVENTS = [
    event(1, "booking.opened", "08:00", {"person": PERSON}),
    event(2, "hold.placed", "08:00", {"hold_id": "H-1", "kind": "arrest"}),
    event(3, "hold.placed", "09:00", {"hold_id": "H-2", "kind": "immigration_detainer"}),
    event(4, "message.requested", "09:30", MESSAGE),
    event(5, "release.due", "10:00", {"due_at": "2026-03-02T12:00:00-05:00", "reason": "charges_dropped"}),
    event(6, "booking.opened", "11:00", {"person": PERSON}, booking="B-2"),
    event(7, "hold.placed", "11:00", {"hold_id": "H-1", "kind": "arrest"}, booking="B-2"),
    event(8, "hold.lifted", "12:00", {"hold_id": "H-1"}, booking="B-2"),
    event(9, "release.completed", "20:00", {}, booking="B-2"),
]
REFUSED = [
    event(50, "booking.opened", "08:00", {"person": PERSON, "nickname": "Zebulonia"}, booking="B-5"),
    {**event(51, "booking.opened", "08:00", {"person": PERSON}, booking="B-6"), "source": "/jms/ingham"},
]
"""An unknown field; a feed that no facility is set up for (yet)."""


@dataclass(frozen=True)
class Ran:
    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


@dataclass(frozen=True)
class Site:
    root: Path

    @property
    def settings(self) -> Path:
        return self.root / "holdwatch.toml"

    @property
    def database(self) -> Path:
        return self.root / "state" / "holdwatch.sqlite"

    @property
    def anchor(self) -> Path:
        return self.root / "state" / "anchor"

    def write_settings(self, extra: str = "") -> None:
        self.settings.write_text(SETTINGS.format(root=self.root, origin=ORIGIN, source=SOURCE) + extra)

    def drop(self, name: str, events: list[dict[str, Any]]) -> Path:
        folder = self.root / "drop"
        folder.mkdir(exist_ok=True)
        hidden = folder / f".{name}"
        hidden.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in events))
        return hidden.rename(folder / name)

    def serve(self) -> subprocess.Popen:
        with (self.root / "service.log").open("ab") as log:
            return subprocess.Popen([HOLDWATCH, "run", "--settings", self.settings], stderr=log, stdout=log)

    def wait_for(self, name: str) -> None:
        """Wait until a dropped file has been read to its end."""
        done = [self.root / "drop" / folder / name for folder in ("processed", "refused")]
        until(lambda: any(path.exists() for path in done), (self.root / "service.log").read_text)


def until(true, told=str) -> None:
    over = time.monotonic() + 120
    while not true():
        if time.monotonic() > over:
            pytest.fail(f"nothing happened for two minutes: {told()}")
        time.sleep(0.05)


def end(service: subprocess.Popen) -> int:
    service.send_signal(signal.SIGTERM)
    try:
        return service.wait(timeout=60)
    except subprocess.TimeoutExpired:
        service.kill()
        raise


@pytest.fixture(scope="session")
def filled(tmp_path_factory) -> Site:
    """An installation whose service has read `EVENTS` and `REFUSED` and was stopped."""
    site = Site(tmp_path_factory.mktemp("filled"))
    site.write_settings()
    site.drop("day.jsonl", [*EVENTS[:-1], *REFUSED])
    service = site.serve()
    try:
        site.wait_for("day.jsonl")
        # Apart, so that what is open at first is closed by a later entry.
        site.drop("evening.jsonl", EVENTS[-1:])
        site.wait_for("evening.jsonl")
    finally:
        assert end(service) == 0
    return site


@pytest.fixture
def site(filled: Site, tmp_path: Path) -> Site:
    shutil.copytree(filled.root / "state", tmp_path / "state")
    copy = Site(tmp_path)
    copy.write_settings()
    return copy


@pytest.fixture
def holdwatch(monkeypatch, capsysbinary):
    """The command's own entry point, in this process: exit status, output, errors."""

    def run(*arguments: object) -> Ran:
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "argv", ["holdwatch", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
        told = capsysbinary.readouterr()
        return Ran(status, told.out, told.err.decode())

    yield run
    structlog.reset_defaults()


@pytest.fixture
def on_site(site: Site, holdwatch):
    """The command on this test's installation."""
    return lambda *arguments: holdwatch(*arguments, "--settings", site.settings)
