"""``holdwatch doctor disk``: is there room, for how long, and is what is written there on the disk?"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from integration.bootstrap import packs_of
from integration.cli.doctor_database import connected, log_times
from integration.domain.instants import DAY
from integration.errors import HoldwatchError
from integration.policy.pack import PolicyPackError
from integration.services.doctor import Result, fault, judge_days, judge_room, note, ok, warning
from integration.settings import Settings

_FEWEST_FILES: Final = 1000
_VOLATILE: Final = {"tmpfs", "ramfs"}
_REMOTE: Final = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}


def check(settings: Settings) -> Iterator[Result]:
    """Look at the disk under the state folder."""
    folder = settings.site.state_dir
    if not folder.is_dir():
        yield fault("disk.folder", "the state folder is not there", "Is the disk mounted?")
        return
    room = os.statvfs(folder)
    used = room.f_blocks - room.f_bfree
    free = room.f_bavail * room.f_frsize
    yield judge_room(100.0 * used / max(1, used + room.f_bavail), free)
    if room.f_files and room.f_favail < _FEWEST_FILES:
        yield fault("disk.files", f"room for {room.f_favail} more files", "Remove small files elsewhere on this disk.")
    yield _written(folder)
    yield _kind(folder)
    yield from _days(settings, free)


def _written(folder: Path) -> Result:
    probe = folder / f".doctor-{os.getpid()}"
    try:
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, b"\0" * 4096)
            os.fsync(handle)
        finally:
            os.close(handle)
            probe.unlink()
    except OSError as error:
        return fault("disk.write", f"a small file cannot be written: {error.strerror}", "See docs/operations.md.")
    return ok("disk.write", "a small file was written and synced")


def _kind(folder: Path) -> Result:
    """Tell what file system the folder is on: a database wants one of this machine that survives it."""
    kind, longest = "unknown", -1
    place = str(folder.resolve())
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        _, mount, name, *_ = line.split(" ")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) > longest:
            kind, longest = name, len(mount)
    if kind in _VOLATILE:
        return fault("disk.kind", f"{kind}: gone when the machine stops", "Put site.state_dir on a disk.")
    if kind in _REMOTE:
        return warning("disk.kind", f"{kind}: SQLite's locks are not safe there", "Use a local disk, or PostgreSQL.")
    return ok("disk.kind", kind)


def _days(settings: Settings, free: int) -> Iterator[Result]:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        yield note("disk.days", "the database keeps its data elsewhere", "Watch the room of the database's own disk.")
        return
    try:
        with connected(settings) as connection:
            times = log_times(connection)
        retention = max(pack.retention.audit for pack in packs_of(settings)[1])
    except (HoldwatchError, PolicyPackError) as error:
        yield note("disk.days", f"cannot be projected: {next(iter(str(error).splitlines()))}")
        return
    size = sum(
        path.stat().st_size for path in Path(url.database or "").parent.glob(Path(url.database or "").name + "*")
    )
    over = times[1] - times[0] if times else 0
    least = settings.watch.disk_days_left
    yield judge_days(free, size, min(over, 36_500 * DAY), least=least, retention=retention)
