"""The real ``holdwatch run`` over faults that come from below: what to break, running it, and what came of it."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from integration.cli.verifying import verify_installation
from integration.services.projections import DECISION_KINDS, FINDING_KINDS
from integration.settings import load_settings
from integration.store.database import open_engine
from integration.store.queries import Records
from tests.conftest import ROOT, environment

SHIM = Path(__file__).parent / "shim"
BATCH = 50
LIMIT = 60.0
"""Seconds that one run may take before it is killed, which no test allows."""

SETTINGS = """
[site]
name = "test"
state_dir = "{root}/state"
[log]
origin = "audit.example/test"
checkpoint_every_seconds = 0.000001
[[facilities]]
source = "/jms/a"
zone = "America/Detroit"
packs = [{{ pack = "ma-welcoming-community" }}]
[[drop_folders]]
path = "{root}/drop"
[intake]
batch_size = {batch}
[watch]
heartbeat_file = "{base}/heartbeat"
"""
"""The heartbeat lies outside the counted folder: it goes by the clock, and calls have to keep their numbers."""


def build(folder: Path) -> Path:
    """Compile the library that is preloaded.

    Raises:
        RuntimeError: there is no C compiler, or it fails.
    """
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise RuntimeError("fault injection needs a C compiler (cc, or the one that CC names)")
    library = folder / "faults.so"
    command = [compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, SHIM / "faults.c", "-ldl"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if made.returncode:
        raise RuntimeError(f"{compiler} does not compile {SHIM / 'faults.c'}: {made.stderr}")
    return library


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong (`shim/faults.c` says what each means); without a mode, calls are only counted."""

    mode: str = ""
    at: int = 0
    error: str = "EIO"
    onward: bool = False
    seconds: float = 0
    lose: bool = False
    clock_at: int = 0
    clock_file: Path | None = None
    clock_back: int = 0
    file: Path | None = None

    def environment(self, root: Path, trace: Path) -> dict[str, str]:
        told = {
            "ROOT": root,
            "TRACE": trace,
            "MODE": self.mode,
            "AT": self.at,
            "FILE": self.file or "",
            "ONWARD": int(self.onward),
            "ERRNO": self.error,
            "SECONDS": self.seconds,
            "LOSE": int(self.lose),
            "CLOCK_AT": self.clock_at,
            "CLOCK_FILE": self.clock_file or "",
            "CLOCK_BACK": self.clock_back,
        }
        return {f"FAULTS_{name}": str(value) for name, value in told.items()}

    def __str__(self) -> str:
        until = " and onward" if self.onward else ""
        error = f" {self.error}" if self.mode.startswith("fail") else ""
        return f"{self.mode}{error} at {self.at}{until}{', losing what was not synced' if self.lose else ''}"


NONE = Fault()


@dataclass(frozen=True)
class Call:
    """One counted call."""

    number: int
    nanoseconds: int
    operation: str
    path: str
    second: str
    """Where a rename or link leads to; how many bytes a write has."""


@dataclass(frozen=True)
class Ran:
    """What became of one run."""

    status: int
    seconds: float
    ended: int
    """Nanoseconds, on the calls' clock."""
    calls: tuple[Call, ...]
    told: str
    """Standard output and error."""

    def line(self) -> str:
        """What it said to the operator: everything that is not a JSON line of the log."""
        return "\n".join(line for line in self.told.splitlines() if line and not line.startswith("{"))

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of its own log with that name."""
        return [line for line in map(_json, self.told.splitlines()) if line.get("event") == name]


def _json(line: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}  # for the operator, or cut off by a kill
    return read


@dataclass
class Place:
    """One installation in a folder of its own: ``world/`` has state and drop folder, everything else lies beside."""

    base: Path
    runs: int = 0

    @property
    def root(self) -> Path:
        return self.base / "world"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def drop(self) -> Path:
        return self.root / "drop"

    @property
    def settings(self) -> Path:
        return self.base / "holdwatch.toml"

    def make(self, files: dict[str, bytes], batch: int = BATCH) -> "Place":
        self.drop.mkdir(parents=True)
        self.settings.write_text(SETTINGS.format(root=self.root, base=self.base, batch=batch))
        for name, content in files.items():
            self.put(name, content)
        return self

    def put(self, name: str, content: bytes) -> None:
        (self.drop / f"{name}.part").write_bytes(content)
        (self.drop / f"{name}.part").rename(self.drop / name)

    def told(self) -> Iterator[dict[str, Any]]:
        """Every line of its own log, over all runs."""
        for file in sorted(self.base.glob("told-*"), key=lambda each: int(each.name.split("-")[1])):
            yield from map(_json, file.read_text().splitlines())

    def outcome(self) -> "Outcome":
        return outcome(self)


class Nursery:
    """Runs commands one after another, each a fork of one process that has made the imports."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._process = subprocess.Popen(
            [sys.executable, SHIM / "nursery.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment() | {"LD_PRELOAD": str(library)},
            cwd=ROOT,
        )

    def run(self, place: Place, fault: Fault = NONE, *arguments: str, last: Path | None = None) -> Ran:
        """Run ``holdwatch run`` until no file waits, or the command given by its arguments.

        Args:
            place: the installation.
            fault: what goes wrong.
            arguments: another command, without ``--settings``.
            last: the run is not told to stop before this file exists.
        """
        place.runs += 1
        told, trace = place.base / f"told-{place.runs}", place.base / f"trace-{place.runs}"
        request = {
            "arguments": [*(arguments or ("run",)), "--settings", str(place.settings)],
            "environment": fault.environment(place.root, trace),
            "told": str(told),
            "drop": "" if arguments else str(place.drop),
            "limit": LIMIT,
            "last": str(last or ""),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        calls = tuple(_calls(trace))
        return Ran(answer["status"], answer["seconds"], answer["ended"], calls, told.read_text())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=LIMIT)
        self._process.stdout.close()


def _calls(trace: Path) -> Iterator[Call]:
    if trace.exists():
        for line in trace.read_text().splitlines():
            number, nanoseconds, operation, path, second = line.split("\t")
            yield Call(int(number), int(nanoseconds), operation, path, second)


@dataclass(frozen=True)
class Outcome:
    """What an installation holds, as far as two runs over the same files must agree."""

    findings: frozenset[tuple[str, str]]
    """Open and resolved ones: id and status."""
    accepted: Counter[tuple[str, str]] = field(hash=False)
    """Source and event id, by number of entries."""
    inbox: int
    refused: Counter[str] = field(hash=False)
    """Places, by number of dead letters."""
    untold: frozenset[str]
    """Keys of outcomes that the log has and nobody was told of, or the other way round, over all runs."""
    waiting: int
    """Rows of the outbox that nobody was told of."""
    verified: bool
    verdict: str = field(compare=False)

    @cached_property
    def doubled(self) -> dict[str, int]:
        return {str(key): count for key, count in (self.accepted + self.refused).items() if count > 1}


def outcome(place: Place) -> Outcome:
    """Read what an installation holds, and verify its log against its anchor."""
    settings = load_settings(place.settings)
    engine = open_engine(settings.database_url)
    try:
        with Records(engine).snapshot() as records:
            findings = frozenset(
                (row.finding_id, row.status) for row in records.findings() if row.status != "withdrawn"
            )
            bodies = [
                (row.source, orjson.loads(row.body or b"{}")) for row in records.entries_of_kinds(["event.accepted"])
            ]
            told_of = {f"findings-{row.leaf_hash.hex()}" for row in records.entries_of_kinds(FINDING_KINDS)}
            told_of |= {f"decisions-{row.leaf_hash.hex()}" for row in records.entries_of_kinds(DECISION_KINDS)}
            letters = Counter(letter.place.removeprefix(str(place.root)) for letter in records.dead_letters())
            waiting = len(records.outbox(1000))
        with engine.connect() as connection:
            inbox = connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one()
    finally:
        engine.dispose()
    verified = verify_installation(place.settings, None, [])
    return Outcome(
        findings,
        Counter((source, body["detail"]["event_id"]) for source, body in bodies),
        inbox,
        letters,
        frozenset(told_of ^ {line["key"] for line in place.told() if line.get("event") == "outbox.told"}),
        waiting,
        verified.report.ok,
        verified.verdict(),
    )
