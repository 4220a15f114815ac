"""One simulated half-year of a small jail, exported once for all tests."""

from pathlib import Path

import pytest

from tests.reports.logs import exported, known_at, simulated
from tests.reports.story import EVENTS


@pytest.fixture(scope="session")
def half_year(tmp_path_factory) -> Path:
    lines = simulated(seed=8, facilities=2, bookings_per_day=6.0, days=190, immigration=0.25, run_out=True)
    return exported(tmp_path_factory.mktemp("half_year") / "log", lines)


@pytest.fixture(scope="session")
def half_year_size(half_year: Path) -> int:
    return len((half_year / "audit.jsonl").read_bytes().splitlines())


@pytest.fixture(scope="session")
def story(tmp_path_factory) -> Path:
    return exported(tmp_path_factory.mktemp("story") / "log", sorted(EVENTS, key=known_at))


@pytest.fixture(scope="session")
def story_size(story: Path) -> int:
    return len((story / "audit.jsonl").read_bytes().splitlines())
