"""What the figures were measured on, and how busy it was meanwhile."""

import os
import platform
import sqlite3
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.bench.section import ROOT, milliseconds, quantile

_LIBRARIES = ("pydantic", "orjson", "sqlalchemy", "cedarpy", "cryptography")
_WRITES = 200
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def described() -> list[tuple[str, str]]:
    """Name processor, memory, disk and versions."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return [
        ("commit", commit()),
        ("processor", f"{_first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores"),
        ("memory", f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}"),
        ("disk", f"{filesystem()}; 4 KiB appended and synced in {milliseconds(sync_time())} ms (median of {_WRITES})"),
        ("Python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"),
        ("libraries", libraries),
    ]


def commit() -> str:
    """Name what was measured."""
    if not (ROOT / ".git").exists():
        return "unknown: no repository here"

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    changed = git("status", "--porcelain", "--", "integration", "schemas", "connectors", "tests/bench")
    return git("rev-parse", "--short", "HEAD") + (" with changes that are not committed" if changed else "")


def filesystem() -> str:
    """Name what the scratch databases lie on: on one in memory no commit is durable, and the figures are too good."""
    mounts = Path("/proc/mounts")
    lines = mounts.read_text(encoding="utf-8").splitlines() if mounts.exists() else []
    scratch = Path(tempfile.gettempdir()).resolve()
    found = [line.split()[1:3] for line in lines if scratch.is_relative_to(line.split()[1])]
    kind = max(found, key=lambda each: len(each[0]), default=["", "an unknown file system"])[1]
    return f"**{kind}, which is memory: set TMPDIR to a folder on a disk**" if kind in _IN_MEMORY else kind


def load() -> float:
    """Return how many processes wanted to run, on average over the last minute."""
    return os.getloadavg()[0]


def sync_time() -> float:
    """Return the median seconds of an append that is on the disk when it returns: no durable commit is faster."""
    taken = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(_WRITES):
            started = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    return quantile(taken, 0.5)


def _first(path: str, name: str) -> str:
    """Return the first value under a name in one of the kernel's tables."""
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown 0")
