"""One look at the engine and what it stands on: files only, never the database, and never longer than a moment."""

import asyncio
import errno
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from integration.domain.instants import Duration, Instant
from integration.runners.watch.bounded import Bounded, HangingError
from integration.runners.watch.hearts import Heart, Stretch
from integration.services.heartbeat import Beat
from integration.services.vitals import Checked, Disk, Part, Seen, Written

_ERRNOS: Final = {
    errno.ENOSPC: Written.FULL,
    errno.EDQUOT: Written.FULL,
    errno.EFBIG: Written.FULL,
    errno.EROFS: Written.READ_ONLY,
    errno.EACCES: Written.READ_ONLY,
    errno.EPERM: Written.READ_ONLY,
    errno.ENOENT: Written.MISSING,
    errno.ENOTDIR: Written.MISSING,
}
_PROBE: Final = ".watch-probe"
_BLOCK: Final = b"\0" * 4096


@dataclass(slots=True)
class Looker:
    """Looks at the files of one installation."""

    heartbeat: Path
    state_dir: Path
    anchor: Path
    patience: float
    """Seconds that one look may take."""
    longest: float
    """Seconds between two looks that count at the most."""
    beside: Mapping[Part, Path] = field(default_factory=dict)
    """Heartbeats of what is to be alive here besides the engine."""
    _bounded: Bounded = field(default_factory=Bounded)
    _looked: float | None = None
    _hearts: dict[Path, Heart] = field(default_factory=dict)
    _written: Stretch = field(default_factory=Stretch)
    _unavailable: Stretch = field(default_factory=Stretch)
    _unanchored: tuple[int, float] | None = None
    """A size of the log that no checkpoint has covered yet, and for how long."""

    async def look(
        self,
        at: Instant,
        *,
        latest: Instant,
        trend: Sequence[tuple[float, int]],
        steady: float,
        checks: Mapping[str, Checked],
        channels: Mapping[str, Instant],
    ) -> Seen:
        """Look once. Args: ``latest`` is the latest time that the watchdog has seen; the others as in `Seen`."""
        passed = self._passed()
        written, disk, anchored = await asyncio.gather(self._write(), self._room(), self._signed())
        engine, *others = await asyncio.gather(
            self._heart(self.heartbeat).look(passed), *(self._heart(path).look(passed) for path in self.beside.values())
        )
        beat = engine.beat
        unavailable = beat is not None and beat.unavailable_since is not None
        behind: Duration = max(0, latest - at)
        for_ = self._written.now(written[0], passed)
        return Seen(
            at=at,
            beat=beat,
            beat_still_for=engine.still_for,
            process=engine.process,
            gone=engine.gone,
            beside=dict(zip(self.beside, others, strict=True)),
            unavailable_for=self._unavailable.now(unavailable, passed) if unavailable else 0.0,
            anchored=anchored,
            unanchored_for=self._lag(beat, anchored, passed),
            disk=disk,
            written=written[0],
            written_for=max(for_, written[1]),
            trend=trend,
            steady=steady,
            clock_behind=behind,
            checks=checks,
            channels=channels,
        )

    def _heart(self, path: Path) -> Heart:
        return self._hearts.setdefault(path, Heart(path, self._bounded, self.patience))

    def _passed(self) -> float:
        now = time.monotonic()
        before, self._looked = self._looked, now
        return 0.0 if before is None else min(now - before, self.longest)

    async def _write(self) -> tuple[Written, float]:
        try:
            await self._bounded.call("write", lambda: _probe(self.state_dir), self.patience)
        except HangingError as hanging:
            return Written.HANGING, hanging.seconds
        except OSError as error:
            return _ERRNOS.get(error.errno or 0, Written.FAILING), 0.0
        return Written.DONE, 0.0

    async def _room(self) -> Disk | None:
        try:
            return await self._bounded.call("room", lambda: _disk(self.state_dir), self.patience)
        except (HangingError, OSError):
            return None  # writing tells what is wrong

    async def _signed(self) -> int | None:
        try:
            return await self._bounded.call("anchor", lambda: _anchored(self.anchor), self.patience)
        except (HangingError, OSError, ValueError, IndexError):
            return None  # none that can be read covers nothing

    def _lag(self, beat: Beat | None, anchored: int | None, passed: float) -> float:
        if beat is None or beat.log_size <= (anchored or 0):
            self._unanchored = None
        elif self._unanchored is None or self._unanchored[0] <= (anchored or 0):
            self._unanchored = (beat.log_size, 0.0)
        else:
            self._unanchored = (self._unanchored[0], self._unanchored[1] + passed)
        return self._unanchored[1] if self._unanchored else 0.0


def _probe(folder: Path) -> None:
    """Write, sync and remove a small file, as the database would have to."""
    path = folder / _PROBE
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, _BLOCK)
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()


def _disk(folder: Path) -> Disk:
    got = os.statvfs(folder)
    used = got.f_blocks - got.f_bfree
    # As df(1) does it: what is kept for the administrator is neither used nor free.
    percent = 100.0 * used / (used + got.f_bavail) if used + got.f_bavail else 100.0
    files = got.f_favail if got.f_files else None
    return Disk(got.f_blocks * got.f_frsize, got.f_bavail * got.f_frsize, percent, files)


def _anchored(anchor: Path) -> int:
    """Size of the last checkpoint: its second line (C2SP tlog-checkpoint). Its signature is the engine's business."""
    return int(anchor.read_bytes().split(b"\n", 2)[1])
