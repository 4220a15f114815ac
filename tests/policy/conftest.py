"""Packs to test with: the shipped ones, and copies that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.policy.pack import Pack, load

PACKS = Path(__file__).parents[2] / "integration" / "policy" / "packs"

LANSING = "lansing-eo-2017-01"
MASSACHUSETTS = "ma-welcoming-community"
READ_WHOLE = (LANSING, MASSACHUSETTS)
"""The packs whose law was read whole. The further ones have tests of their own (test_further_packs.py)."""


@pytest.fixture(params=READ_WHOLE)
def pack(request: pytest.FixtureRequest) -> Pack:
    """Each pack whose law was read whole."""
    return load(request.param)


@pytest.fixture(params=READ_WHOLE)
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of each such pack's folder."""
    return Path(shutil.copytree(PACKS / request.param, tmp_path / request.param))


@pytest.fixture
def massachusetts(tmp_path: Path) -> Path:
    """A copy of the Massachusetts pack's folder."""
    return Path(shutil.copytree(PACKS / MASSACHUSETTS, tmp_path / MASSACHUSETTS))


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace text in a file of a copy; the text has to be there, so that no mutant is the original by accident."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
