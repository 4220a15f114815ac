"""One look: what is on the disk, and a disk that does not answer, which must not hold the watchdog up."""

import asyncio
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from integration.runners.watch.bounded import Bounded, HangingError
from integration.runners.watch.looking import Looker
from integration.services.heartbeat import Stage
from integration.services.vitals import Seen, Written
from integration.store.pulse import Pulse
from tests.watch.sink import until


def looker(folder: Path, *, patience: float = 60.0, **other: Path) -> Looker:
    files = {"heartbeat": folder / "heartbeat", "state_dir": folder, "anchor": folder / "anchor"} | other
    return Looker(**files, patience=patience, longest=5.0)


async def look(made: Looker, **more) -> Seen:
    given = {"latest": 0, "trend": (), "steady": 0.0, "checks": {}, "channels": {}} | more
    return await made.look(1000, **given)


async def test_everything_is_seen_when_it_is_there(tmp_path):
    pulse = Pulse(tmp_path / "heartbeat")
    (tmp_path / "anchor").write_bytes(b"audit.example\n12\nroot\n\n-- sig\n")
    made = looker(tmp_path)
    pulse.loop(12, 0)
    seen = await look(made)
    assert (seen.anchored, seen.written, seen.unanchored_for) == (12, Written.DONE, 0.0)
    assert seen.beat is not None
    assert seen.process in {"R", "S", "D"}
    assert seen.disk is not None
    assert 0 < seen.disk.free <= seen.disk.total
    assert {each.name for each in tmp_path.iterdir()} == {"heartbeat", "anchor"}


async def test_a_heartbeat_stands_still_only_while_it_is_the_same(tmp_path):
    pulse, made, stretches = Pulse(tmp_path / "heartbeat"), looker(tmp_path), []
    for moved in (False, False, True, False):
        if moved:
            pulse.stage(Stage.SIGNING)
        await asyncio.sleep(0.02)
        stretches.append((await look(made)).beat_still_for)
    assert stretches[0] == stretches[2] == 0.0
    assert stretches[1] >= 0.02
    assert stretches[3] >= 0.02


async def test_time_that_was_slept_through_does_not_count(tmp_path, monkeypatch):
    made, clock = looker(tmp_path), [0.0]
    monkeypatch.setattr("integration.runners.watch.looking.time.monotonic", lambda: clock[0])
    Pulse(tmp_path / "heartbeat")
    await look(made)
    clock[0] = 36_000.0  # ten hours: the machine slept, and so did the engine
    assert (await look(made)).beat_still_for == 5.0


async def test_a_disk_that_hangs_does_not_hold_the_look_up(tmp_path):
    # A pipe that nobody writes to hangs whoever opens it, as a file on a dead network disk does.
    os.mkfifo(tmp_path / "pipe")
    made = looker(tmp_path, patience=0.3, heartbeat=tmp_path / "pipe", anchor=tmp_path / "pipe")
    for _ in range(2):
        seen = await look(made)
        assert (seen.beat, seen.anchored) == (None, None)

    def let_go() -> bool:
        with suppress(OSError):  # nobody is waiting to read at this moment
            os.close(os.open(tmp_path / "pipe", os.O_WRONLY | os.O_NONBLOCK))
        return not [each for each in threading.enumerate() if each.name.startswith("watch ")]

    until(let_go)


@pytest.mark.parametrize(
    ("state_dir", "written"),
    [("none", Written.MISSING), ("file/below", Written.MISSING), ("../../../../../../../sys", Written.READ_ONLY)],
)
async def test_it_is_told_why_when_nothing_can_be_written(tmp_path, state_dir, written):
    (tmp_path / "file").touch()
    seen = await look(looker(tmp_path, state_dir=tmp_path / state_dir))
    assert seen.written is written


async def test_the_log_lags_only_past_what_a_checkpoint_covers(tmp_path):
    pulse, made = Pulse(tmp_path / "heartbeat"), looker(tmp_path)

    async def lag(size: int, anchored: int) -> float:
        pulse.stage(Stage.SIGNING)
        pulse.loop(size, 0)
        (tmp_path / "anchor").write_bytes(b"o\n%d\n" % anchored)
        await asyncio.sleep(0.02)
        return (await look(made)).unanchored_for

    assert await lag(5, 5) == 0.0
    assert await lag(8, 5) == 0.0  # just seen
    assert (first := await lag(9, 5)) > 0
    assert await lag(12, 6) > first  # something is signed, but not what was there at first
    assert await lag(12, 9) == 0.0
    assert await lag(12, 12) == 0.0


async def test_a_clock_is_behind_when_a_later_time_was_seen(tmp_path):
    assert (await look(looker(tmp_path), latest=900)).clock_behind == 0
    assert (await look(looker(tmp_path), latest=1500)).clock_behind == 500


async def test_one_call_at_a_time_hangs(tmp_path):
    bounded, go = Bounded(), threading.Event()
    for _ in range(3):
        with pytest.raises(HangingError):
            await bounded.call("x", go.wait, 0.05)
    assert len([each for each in threading.enumerate() if each.name == "watch x"]) == 1
    go.set()
    until(lambda: not [each for each in threading.enumerate() if each.name == "watch x"])
    assert await bounded.call("x", lambda: 7, 60) == 7
    with pytest.raises(ZeroDivisionError):
        await bounded.call("x", lambda: 1 // 0, 60)
