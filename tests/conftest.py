"""What every folder of tests may use: the real command line in a process of its own."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.loops import Policy

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-c", "from integration.cli import main; main()")
"""``holdwatch`` of this checkout, whatever is installed."""

_FIRST = ("tests/kafka/test_chaos.py",)
"""Files that take minutes whatever else is done: begun last, they would be waited for while the other core is idle."""

asyncio.set_event_loop_policy(Policy())

if settings.get_current_profile_name() in {"default", "ci"}:
    # How long an example takes is no property of it: a busy machine is not a fault.
    settings.register_profile("suite", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("suite")

Holdwatch = Callable[..., subprocess.CompletedProcess[bytes]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, then files with many tests before those with few; within a file as they stand."""
    paths = [item.path.relative_to(ROOT).as_posix() for item in items]
    many = Counter(paths)
    order = sorted(range(len(items)), key=lambda at: (paths[at] not in _FIRST, -many[paths[at]], paths[at], at))
    items[:] = [items[at] for at in order]


def environment() -> dict[str, str]:
    """The environment without settings, so that only files given by a test count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOLDWATCH_")}
    return kept | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture(scope="session")
def holdwatch() -> Holdwatch:
    """Run the command line and return what became of it. Arguments are those of the command line."""

    def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, env=environment(), timeout=120, check=False)

    return run
