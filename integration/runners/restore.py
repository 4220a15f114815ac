"""Putting a backup back: verified before it counts, refused when it is older than what was signed, and logged.

Everything is made ready in a folder of its own; what the service looks at changes at the end only, in an order in which
a crash leaves either no installation or one that refuses to start. The same command then goes on where it was.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson
from sqlalchemy import URL, make_url

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.note import KeyFileError, SigningKey
from integration.audit.proofs import root_at
from integration.bootstrap import open_store
from integration.domain.instants import Instant
from integration.errors import FatalError, UsageError
from integration.runners.backup import KeySafe, digest_of, refuse_problems, sync
from integration.runners.configuration import PutBack, hash_of, put_back, try_out
from integration.runners.keysafe import put_keys, unlock_keys
from integration.runners.scanboxes import unpack_boxes
from integration.services.auditing import AuditDesk
from integration.services.backup import (
    CHECKPOINT,
    CONFIGURATION,
    DUMP,
    MANIFEST,
    RESTORING,
    SQLITE,
    Loss,
    Manifest,
    heads,
    loss_of,
    read_manifest,
    restored,
)
from integration.services.heartbeat import BeatError
from integration.services.letters import State
from integration.services.verification import verify_kept
from integration.store.database import open_engine
from integration.store.mailroom import SqlMailBook
from integration.store.occupied import processes_in
from integration.store.pulse import process_state, read_beat
from integration.store.queries import Records
from integration.store.snapshots import fold, has_tables, is_empty, load_postgresql, settle
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault

_DONE: Final = "restored"
"""Its name once it has ended; what is in it then is taken away."""
_READY: Final = "ready"
"""In it: the checkpoint that will be the anchor. From then on nothing is decided any more."""
_WAITING: Final = (State.TO_SEND.value, State.SENDING.value)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for."""

    backup: Path
    state: Path
    actor: str
    now: Callable[[], Instant]
    safe: KeySafe | None = None
    known: tuple[tuple[str, bytes], ...] = ()
    """Checkpoints that were kept elsewhere, with where."""
    accept: bytes | None = None
    """The checkpoint after which the loss is accepted."""
    database: str = ""
    """URL of an empty PostgreSQL database, for a backup of one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    manifest: Manifest
    size: int
    loss: Loss | None
    held: int
    """Messages that wait for a person now: see `integration.services.backup.restored`."""
    configuration: tuple[tuple[Path, PutBack], ...] = ()
    """Packs and mapping files, and what became of each."""
    tried: int = 0
    """Packs and mapping files that a drill loaded."""


def restore(order: Order) -> Restored:
    """Put a backup back.

    Raises:
        UsageError: the backup is not whole, is older than what was signed, a service is there, keys are missing.
        FatalError: the log does not verify, or the database fails.
    """
    manifest = _whole(order.backup)
    state = order.state
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(state):
        nobody_works(state)
        key = _key(order, manifest)
        shutil.rmtree(state / _DONE, ignore_errors=True)  # of an earlier restore that was killed after its end
        work = state / RESTORING
        target = _target(order, manifest)
        if (work / _READY).exists():
            done = Restored(manifest, 0, None, 0)  # A crash came between here and the end.
        else:
            _room(work, target)
            work.mkdir(exist_ok=True, mode=0o700)
            sync(state)
            done = _prepare(order, manifest, key, work, target)
        unpack_boxes(order.backup, state)
        configuration = _configuration(order.backup)
        files = put_back(configuration) if configuration else []
        size = _install(state, work, target)
        return Restored(manifest, size, done.loss, done.held, tuple(files))


def _whole(folder: Path) -> Manifest:
    """Read a backup's manifest, and see that every file is the one that it names."""
    try:
        manifest = read_manifest((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no whole backup: {MANIFEST} is missing") from None
    for name, told in manifest.files.items():
        path = folder / Path(name).name
        if not path.is_file():
            raise UsageError(f"{path} is missing")
        if digest_of(path) != told:
            raise UsageError(f"{path} is not the file that {MANIFEST} names: it was changed or damaged")
    return manifest


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    with (state / "opening.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another process opens {state} right now") from None
        yield


def nobody_works(state: Path) -> None:
    """See that nothing runs over a state folder: engine, alerting, gate, console, connectors. Raises UsageError.

    What runs says so by a heartbeat, or holds a file of the folder open, or is ours and works in it. Another user's
    processes show nothing of that unless root asks.
    """
    for path in sorted(state.glob("heartbeat*")):
        try:
            beat = read_beat(path)
        except (OSError, BeatError):
            continue
        if process_state(beat.pid, beat.process_started) is not None:
            raise UsageError(f"the service is running (process {beat.pid}): stop it first")
    for pid in processes_in(state):
        raise UsageError(f"process {pid} works in {state}: stop everything that runs over it first")


def _key(order: Order, manifest: Manifest) -> SigningKey:
    """Return the log's key: the one that is there, or the one that was backed up apart."""
    folder = order.state / "keys"
    folder.mkdir(exist_ok=True, mode=0o700)
    if order.safe is not None:
        keys = unlock_keys(order.safe.file, order.safe.passphrase)
        # Before they are written: keys that are there are never written over, the wrong ones neither.
        _see_that_they_are_the_logs(keys, manifest, order.safe.file)
        put_keys(keys, folder)
    missing = [name for name in ("log.key", "vault.key") if not (folder / name).exists()]
    if missing:
        raise UsageError(
            f"{folder} lacks {' and '.join(missing)}: put them there, or give --keys and --passphrase-file"
        )
    try:
        key = SigningKey.load(folder / "log.key", manifest.origin)
    except (KeyFileError, ValueError) as error:
        raise FatalError(str(error)) from error
    if key.vkey != manifest.vkey:
        raise UsageError(f"{folder}/log.key is not the key of this log ({manifest.vkey.rpartition('+')[0]})")
    return key


def _see_that_they_are_the_logs(keys: dict[str, bytes], manifest: Manifest, file: Path) -> None:
    """See that keys of a file are this log's. Raises UsageError."""
    with TemporaryDirectory(prefix="holdwatch-keys-") as folder:
        put_keys({name: content for name, content in keys.items() if name == "log.key"}, Path(folder))
        try:
            key = SigningKey.load(Path(folder) / "log.key", manifest.origin)
        except (KeyFileError, ValueError, OSError):
            raise UsageError(f"{file} holds no key of this log ({manifest.origin})") from None
    if key.vkey != manifest.vkey:
        raise UsageError(f"{file} holds the key of another log than this one ({manifest.vkey.rpartition('+')[0]})")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the database is made ready, and where it will be."""

    url: str
    file: Path | None
    """None: PostgreSQL, where both are the same."""
    final: Path | None


def _target(order: Order, manifest: Manifest) -> _Target:
    if manifest.database == "sqlite":
        if order.database:
            raise UsageError("this backup is one of SQLite: leave --database out")
        file = order.state / RESTORING / SQLITE
        return _Target(f"sqlite:///{file}", file, order.state / SQLITE)
    if not order.database:
        raise UsageError("this backup is one of PostgreSQL: give --database with the URL of an empty one")
    return _Target(order.database, None, None)


def _room(work: Path, target: _Target) -> None:
    """See that nothing would be written over. What an earlier attempt left is taken away.

    Raises:
        UsageError: there is a database that holds something.
    """
    begun = work.exists()
    if begun:
        shutil.rmtree(work)
    if target.final is not None and target.final.exists():
        engine = open_engine(f"sqlite:///{target.final}")
        try:
            empty = is_empty(engine)
        finally:
            engine.dispose()
        if not empty:
            raise UsageError(f"{target.final} holds a log: move it away first (never delete it), anchor and keys stay")
    if target.file is None:
        engine = open_engine(target.url)
        try:
            filled = has_tables(engine)
        finally:
            engine.dispose()
        if not filled:
            return
        if not begun:
            raise UsageError("the database is not empty: make a new one for the restore")


def drill(order: Order) -> Restored:
    """Try a backup: verify it whole and compare it with what was signed, in a folder that is thrown away.

    No key is needed, nothing is signed and no entry is written. Raises as `restore` does.
    """
    manifest = _whole(order.backup)
    with TemporaryDirectory(prefix="holdwatch-drill-") as folder:
        work = Path(folder) / RESTORING
        work.mkdir()
        target = _target(replace(order, state=Path(folder)), manifest)
        if target.file is None:
            _room(work, target)
        _load(order, target)
        store = open_store(target.url, Vault.throwaway())
        try:
            loss = _examined(order, store, manifest.vkey)
            configuration = _configuration(order.backup)
            tried = try_out(configuration) if configuration else 0
            return Restored(manifest, store.tree_size(), loss, 0, tried=tried)
        finally:
            store.close()


def _prepare(order: Order, manifest: Manifest, key: SigningKey, work: Path, target: _Target) -> Restored:
    """Make database and anchor ready: verified, compared with all that is known, the restore itself logged."""
    _load(order, target)
    store = open_store(target.url, Vault.open(order.state / "keys" / "vault.key"))
    try:
        loss = _examined(order, store, key.vkey)
        held = restored(
            AuditDesk(store, place=manifest.site, now=order.now),
            manifest,
            loss,
            lambda: SqlMailBook(store.engine).in_states(_WAITING),
            actor=order.actor,
            now=order.now,
            settle=settle,
            hold=SqlMailBook(store.engine).change,
        )
        size = store.tree_size()
        signed = sign_checkpoint(key.name, size, root_at(size, store.tile), key)
    finally:
        store.close()
    _make_ready(target, signed, work)
    return Restored(manifest, size, loss, held)


def _examined(order: Order, store: SqlStore, vkey: str) -> Loss | None:
    """Verify a backup's whole log and compare it with every checkpoint at hand; returns what would be lost.

    Raises:
        UsageError: a later checkpoint is known, and nobody accepts the loss.
        FatalError: the log does not verify.
    """
    note = (order.backup / CHECKPOINT).read_bytes()
    elsewhere = [*_anchor(order.state), *order.known]
    known = heads(elsewhere, vkey)
    [own] = heads([(CHECKPOINT, note)], vkey)
    accepted = heads([("--accept-loss-after", order.accept)], vkey)[0] if order.accept is not None else None
    records = Records(store.engine)
    size = records.log_size()
    loss = loss_of(size, own, known, accepted)
    earlier = [each for (_, each), head in zip(elsewhere, known, strict=True) if head.size <= size]
    refuse_problems(verify_kept(records.kept(), note, vkey, earlier=earlier))
    _named_by_the_log(records, _configuration(order.backup))
    return loss


def _configuration(backup: Path) -> bytes:
    """Return the backup's packs and mapping files; empty where it has none."""
    file = backup / CONFIGURATION
    return file.read_bytes() if file.exists() else b""


def _named_by_the_log(records: Records, configuration: bytes) -> None:
    """See that packs and mapping files are those that the log names.

    Raises:
        FatalError: they are not: they were put there, or changed, after the backup was made.
    """
    if not configuration:
        return
    made = (orjson.loads(row.body) for row in records.entries_of_kinds(["backup.made"]) if row.body is not None)
    if hash_of(configuration) not in {each["detail"].get("configuration") for each in made}:
        raise FatalError(f"{CONFIGURATION} is not the file that the log names: nothing of it is put back")


def _load(order: Order, target: _Target) -> None:
    if target.file is not None:
        shutil.copyfile(order.backup / SQLITE, target.file)
        target.file.chmod(0o600)
        return
    url: URL = make_url(target.url)
    engine = open_engine(target.url)
    try:
        filled = has_tables(engine)
    finally:
        engine.dispose()
    if not filled:  # An attempt that was killed may have loaded it: all of it, in one transaction.
        load_postgresql(url, order.backup / DUMP)


def _anchor(state: Path) -> Sequence[tuple[str, bytes]]:
    path = state / "anchor"
    return [(str(path), path.read_bytes())] if path.exists() else []


def _make_ready(target: _Target, signed: bytes, work: Path) -> None:
    """Write down that database and anchor are whole. From then on neither is made anew: two would be signed."""
    engine = open_engine(target.url)
    try:
        fold(engine)
    finally:
        engine.dispose()
    if target.file is not None:
        sync(target.file)
    fresh = work / f"{_READY}.new"
    fresh.write_bytes(signed)
    sync(fresh)
    fresh.rename(work / _READY)
    sync(work)


def _install(state: Path, work: Path, target: _Target) -> int:
    """Move what is ready to where the service looks; may be begun again at any point. Returns the log's size."""
    note = (work / _READY).read_bytes()
    anchor = state / "anchor"
    if anchor.exists() and anchor.read_bytes() != note:
        # Evidence of what was signed and lost, or simply the last one before.
        kept = state / f"anchor.before-restore-{_size(anchor.read_bytes())}"
        shutil.copyfile(anchor, kept)
        sync(kept)
    fresh = state / "anchor.new"
    fresh.write_bytes(note)
    sync(fresh)
    # The anchor first: with it and without the database the service refuses to start; the other way round it would
    # not know what was signed.
    fresh.rename(anchor)
    sync(state)
    if target.file is not None and target.final is not None and target.file.exists():
        for name in ("-wal", "-shm"):  # of an empty database that the service made meanwhile
            target.final.with_name(target.final.name + name).unlink(missing_ok=True)
        sync(target.file)
        target.file.rename(target.final)
        sync(state)
    # In one step: a folder half taken away would look like a restore that is not ready.
    done = state / _DONE
    work.rename(done)
    sync(state)
    shutil.rmtree(done)
    return _size(note)


def _size(note: bytes) -> int:
    return int(note.split(b"\n", 2)[1])
