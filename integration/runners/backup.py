"""Taking a backup: a folder that is whole or not there, verified before anybody relies on it."""

import os
import re
import shutil
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from integration.audit.checkpoint import parse
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
    if folder.exists():
        raise UsageError(f"{folder} is there already: a backup is a new folder")
    if safe is not None and folder.resolve() in safe.file.resolve().parents:
        raise UsageError("the keys go apart from the backup: whoever has both has everything")
    fresh = _begun(folder)
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
    _ended(fresh, folder)
    return manifest


def _begun(folder: Path) -> Path:
    """Make the folder in which a backup becomes whole."""
    fresh = folder.with_name(folder.name + ".partial")
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
