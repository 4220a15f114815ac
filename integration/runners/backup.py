"""Taking a backup: a folder that is whole or not there, verified before anybody relies on it."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from integration.audit.checkpoint import parse
from integration.audit.private import private_folder
from integration.audit.verify import Report
from integration.bootstrap import OpenLog
from integration.domain.instants import Instant
from integration.errors import FatalError, UsageError
from integration.runners.keysafe import lock_keys
from integration.runners.scanboxes import pack_boxes
from integration.services.backup import (
    CHECKPOINT,
    CONFIGURATION,
    DUMP,
    FORMAT,
    MANIFEST,
    SETTINGS,
    SQLITE,
    VKEY,
    File,
    Keys,
    Manifest,
    stamp,
    write_manifest,
)
from integration.services.verification import verify_kept
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.snapshots import copy_sqlite, dump_postgresql, fold, moment_of_postgresql

_DATED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z", re.ASCII)
_PARTIAL: Final = ".partial"


@dataclass(frozen=True, slots=True)
class KeySafe:
    """Where keys go, encrypted: not into the backup's own folder."""

    file: Path
    passphrase: bytes


def take(
    log: OpenLog,
    folder: Path,
    note: bytes,
    *,
    now: Instant,
    safe: KeySafe | None,
    settings_file: Path,
    configuration: bytes = b"",
    verify: bool,
) -> Manifest:
    """Write a backup.

    Args:
        log: what is backed up. Others may go on writing to it.
        folder: a new one; it is there once all of it is on the disk.
        note: a checkpoint published before: the copy extends it.
        now: the current time.
        safe: where the keys go; None leaves them out.
        settings_file: copied along, unless a password stands in it.
        configuration: packs and mapping files, from `integration.runners.configuration.collect`; the log names its
            hash already.
        verify: whether to verify the copy's whole log (SQLite).

    Raises:
        UsageError: the folder is there already, or the key file lies in it or is there already.
        FatalError: the copy cannot be made or does not verify.
    """
    look_first(folder, safe)
    fresh = _begun(folder)
    try:
        manifest = _filled(
            log,
            fresh,
            note,
            now=now,
            safe=safe,
            settings_file=settings_file,
            configuration=configuration,
            verify=verify,
        )
        _ended(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)  # The installation has all that was in it.
        raise
    return manifest


def look_first(folder: Path, safe: KeySafe | None) -> None:
    """See that backup and keys can go where they are to go, before hours of copying. Raises UsageError."""
    if folder.exists():
        raise UsageError(f"{folder} is there already: a backup is a new folder")
    if safe is None:
        return
    if folder.resolve() in safe.file.resolve().parents:
        raise UsageError("the keys go apart from the backup: whoever has both has everything")
    if safe.file.exists():
        raise UsageError(f"{safe.file} is there already: keys are never written over")
    if not safe.file.parent.is_dir():
        raise UsageError(f"{safe.file.parent} is no folder: the keys cannot go there")


def _filled(
    log: OpenLog,
    fresh: Path,
    note: bytes,
    *,
    now: Instant,
    safe: KeySafe | None,
    settings_file: Path,
    configuration: bytes,
    verify: bool,
) -> Manifest:
    """Put everything into the folder, the manifest last."""
    (fresh / CHECKPOINT).write_bytes(note)
    (fresh / VKEY).write_text(log.key.vkey + "\n", encoding="utf-8")
    if not make_url(log.settings.database_url).password:
        shutil.copyfile(settings_file, fresh / SETTINGS)
    if configuration:
        (fresh / CONFIGURATION).write_bytes(configuration)
    pack_boxes(log.settings.site.state_dir, fresh)
    size, checked = _database(log, fresh, note, verify=verify)
    if safe is not None:
        lock_keys(log.settings.site.state_dir / "keys", safe.file, safe.passphrase)
    manifest = Manifest(
        format=FORMAT,
        version=version("holdwatch"),
        made_at=stamp(now),
        site=log.settings.site.name,
        origin=log.key.name,
        vkey=log.key.vkey,
        database=log.store.engine.dialect.name,
        size=size,
        checkpoint_size=parse(note).size,
        keys=Keys.LEFT_OUT if safe is None else Keys.APART,
        verified=checked,
        files={path.name: digest_of(path) for path in sorted(fresh.iterdir())},
    )
    (fresh / MANIFEST).write_bytes(write_manifest(manifest))
    return manifest


def _begun(folder: Path) -> Path:
    """Make the folder in which a backup becomes whole."""
    fresh = folder.with_name(folder.name + _PARTIAL)
    if fresh.exists():
        shutil.rmtree(fresh)  # of an attempt that did not come to its end
    fresh.mkdir(parents=True, mode=0o700)
    return fresh


def _ended(fresh: Path, folder: Path) -> None:
    """Give it its name, once all of it is on the disk."""
    for path in fresh.iterdir():
        path.chmod(0o600)
        sync(path)
    sync(fresh)
    fresh.rename(folder)
    sync(folder.parent)


def _database(log: OpenLog, folder: Path, note: bytes, *, verify: bool) -> tuple[int, bool]:
    """Copy the database; returns the size of the copy's log, and whether it was verified."""
    url = make_url(log.settings.database_url)
    if url.get_backend_name() == "postgresql":
        with moment_of_postgresql(log.store.engine) as (moment, size):
            dump_postgresql(url, moment, folder / DUMP)
        return size, False
    copy_sqlite(Path(url.database or ""), folder / SQLITE)
    engine = open_engine(f"sqlite:///{folder / SQLITE}")
    try:
        records = Records(engine)
        size = records.log_size()
        if verify:
            refuse_problems(verify_kept(records.kept(), note, log.key.vkey))
        fold(engine)  # Opening it gave it a write-ahead log of its own: back to one file.
    finally:
        engine.dispose()
    return size, verify


def dated(now: Instant) -> str:
    """Return a name that sorts by time."""
    return f"{stamp(now)[:19].replace(':', '')}Z"


def dated_keys(file: Path, name: str) -> Path:
    """Return the key file that goes with a backup of a series: each night has one of its own."""
    return file.with_name(f"{file.stem}-{name}{file.suffix}")


@contextmanager
def series(folder: Path) -> Iterator[None]:
    """Work on a series of backups alone; what attempts that were killed left half done goes.

    Raises:
        UsageError: another backup is being made there.
    """
    private_folder(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another backup is being made in {folder}") from None
        for path in folder.glob(f"*{_PARTIAL}"):
            if _DATED.fullmatch(path.name.removesuffix(_PARTIAL)):
                shutil.rmtree(path)
        yield
    finally:
        os.close(handle)


def prune_keys(file: Path, keep: int) -> list[str]:
    """Remove the oldest key files of a series. Returns what is gone."""
    head, tail = f"{file.stem}-", file.suffix
    dated_files = [
        path
        for path in file.parent.glob("*")
        if path.name.startswith(head)
        and _DATED.fullmatch(path.name[len(head) : len(path.name) - len(tail)])
        and path.name.endswith(tail)
    ]
    gone = sorted(dated_files)[:-keep]
    for path in gone:
        path.unlink()
    return [path.name for path in gone]


def prune(folder: Path, keep: int) -> list[str]:
    """Remove the oldest whole backups of a series. What is no whole backup is left alone. Returns what is gone."""
    whole = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name) and (path / MANIFEST).is_file())
    gone = whole[:-keep]
    for path in gone:
        (path / MANIFEST).unlink()  # first, so that half of one is never taken for whole
        shutil.rmtree(path)
    return [path.name for path in gone]


def refuse_problems(report: Report) -> None:
    """See that a verified log has no problems.

    Raises:
        FatalError: it has; the first is named.
    """
    if report.problems:
        first = report.problems[0]
        place = "" if first.index is None else f"entry {first.index}: "
        more = len(report.problems) + report.unlisted - 1
        raise FatalError(f"the copy's log does not verify: {place}{first.text}{f' (and {more} more)' if more else ''}")


def digest_of(path: Path) -> File:
    """Return a file's hash and length."""
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return File(digest.hexdigest(), path.stat().st_size)


def sync(path: Path) -> None:
    """See that a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
