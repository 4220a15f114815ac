"""What every folder of tests may use: the real command line in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-c", "from integration.cli import main; main()")
"""``holdwatch`` of this checkout, whatever is installed."""

Holdwatch = Callable[..., subprocess.CompletedProcess[bytes]]


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
