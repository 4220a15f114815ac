"""An older database, or none, beside the keys and the anchor of a longer log: refused, and nothing is extended."""

import shutil
from pathlib import Path

import pytest

from tests.faults.injection import Fault, Place
from tests.faults.sweep import CANNOT, Clean, Sweep


def database(place: Place) -> list[Path]:
    return sorted(place.state.glob("holdwatch.sqlite*"))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("older", "but a checkpoint over"),
        ("older, cut in the middle of a commit", "but a checkpoint over"),
        ("gone", "has 0 entries"),
    ],
)
def test_it_refuses_to_go_on_when_the_database_is_not_the_one_that_was_signed(sweep: Sweep, clean: Clean, how, words):
    place = sweep.place()
    step = "batch: write middle page to WAL" if "cut" in how else "reading: rename new anchor to anchor"
    numbers = clean.positions()[step]
    sweep.run(place, Fault("kill-before", numbers[len(numbers) // 2]))
    kept = {file.name: file.read_bytes() for file in database(place)}
    assert any(name.endswith("-wal") for name in kept)
    assert sweep.run(place).status == 0
    for file in database(place):
        file.unlink()
    if how != "gone":
        for name, content in kept.items():
            (place.state / name).write_bytes(content)
    place.put("late.jsonl", b"not json\n")
    anchor = (place.state / "anchor").read_bytes()
    for _ in range(2):
        ran = sweep.run(place, last=place.base / "never")
        assert (ran.status, len(ran.line().splitlines())) == (CANNOT, 1), ran.told
        assert words in ran.line()
    assert (place.state / "anchor").read_bytes() == anchor
    assert (place.drop / "late.jsonl").exists()
    shutil.rmtree(place.base)
