"""``holdwatch doctor audit``: is the database there, and does its log extend what was signed? Seconds, not minutes.

The whole log is `holdwatch audit verify`'s business; here its head is: the anchor's signature, the roots at the
anchor and at the end, and the last entries against their leaves.
"""

import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from integration.audit.anchor import AnchorError
from integration.audit.checkpoint import Checkpoint, verified
from integration.audit.merkle import TileError
from integration.audit.note import KeyFileError, NoteError, SigningKey
from integration.audit.proofs import root_at
from integration.cli.doctor_database import check_database, connected, log_size, log_times, newest_revision, revision_of
from integration.domain.instants import DAY
from integration.errors import HoldwatchError, TransientError
from integration.services.doctor import Result, fault, ok, warning
from integration.settings import Settings
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault

_LAST: Final = 256
"""Entries before the end that are compared with their leaves."""
_NOT_THIS: Final = "Do not start the service. Keep everything as it is, and see docs/operations.md, rolled_back."


def check(settings: Settings) -> Iterator[Result]:
    """Look at the database and at the log's head."""
    try:
        with connected(settings) as connection:
            yield from check_database(connection)
            if revision_of(connection) != newest_revision():
                return
            size, times = log_size(connection), log_times(connection)
    except TransientError as error:
        yield fault("audit.database", str(error), "Start the database; look at database.url and at its log.")
        return
    except HoldwatchError as error:
        yield fault("audit.database", str(error), "Do what it says; look at database.url.")
        return
    head = _anchored(settings)
    if isinstance(head, Result):
        yield head
        return
    yield ok("audit.anchor", f"a signed checkpoint over {head.size} entries")
    yield from _extends(settings, head, size)
    yield _behind(settings, head, size, times[1] if times else None)


def _anchored(settings: Settings) -> Checkpoint | Result:
    """Return the anchored checkpoint, or why there is none."""
    try:
        note = settings.anchor_file.read_bytes()
        return verified(note, SigningKey.load(settings.key_file("log"), settings.log.origin).vkey)
    except FileNotFoundError as error:
        return fault("audit.anchor", f"{error.filename} is missing", _NOT_THIS)
    except (OSError, KeyFileError, NoteError, ValueError) as error:
        return fault("audit.anchor", f"no checkpoint can be read: {error}", _NOT_THIS)


def _extends(settings: Settings, head: Checkpoint, size: int) -> Iterator[Result]:
    if size < head.size:
        text = f"the log has {size} entries, a checkpoint over {head.size} was signed"
        yield fault("audit.head", f"rolled back: {text}", _NOT_THIS)
        return
    store = SqlStore(open_engine(settings.database_url), Vault.throwaway())
    try:
        if root_at(head.size, store.tile) != head.root:
            yield fault("audit.head", "the entries under the checkpoint are not those it was signed over", _NOT_THIS)
            return
        root_at(size, store.tile)
        wrong = _wrong_leaves(Records(store.engine), size)
    except (TileError, AnchorError, ValueError) as error:
        yield fault("audit.head", f"the tree is not whole: {error}", _NOT_THIS)
        return
    finally:
        store.close()
    if wrong:
        yield fault("audit.head", f"entry {wrong[0]} is not what its leaf stands for ({len(wrong)} such)", _NOT_THIS)
    else:
        yield ok("audit.head", f"{size} entries extend the checkpoint; the last {min(size, _LAST)} are as hashed")


def _wrong_leaves(records: Records, size: int) -> list[int]:
    """Return the entries near the end whose salt and body do not give their leaf's hash."""
    wrong = []
    with records.snapshot() as moment:
        sealed = moment.sealed_leaves()
        for row in moment.entries(max(0, size - _LAST), size):
            if row.salt is None or row.body is None:
                leaf = sealed.get(row.leaf_index, b"")
            else:
                commit = sha256(_bytes(row.salt) + _bytes(row.body)).hexdigest().encode()
                leaf = b'{"alg":"sha256-salted","commit":"%s","v":1}' % commit
            if sha256(b"\x00" + leaf).digest() != row.leaf_hash:
                wrong.append(row.leaf_index)
    return wrong


def _bytes(value: object) -> bytes:
    """Read a column that should hold bytes: SQLite keeps whatever somebody puts there."""
    return value if isinstance(value, bytes) else str(value).encode()


def _behind(settings: Settings, head: Checkpoint, size: int, last_at: int | None) -> Result:
    """Judge how much no checkpoint covers, and for how long."""
    if size == head.size or last_at is None:
        return ok("audit.checkpoint", "covers every entry")
    waits = (time.time_ns() // 1000 - last_at) / 1e6
    text = f"{size - head.size} entries are not under a checkpoint, the last for {min(waits, DAY / 1e6):.0f} s"
    if waits > settings.watch.checkpoint_behind_after_seconds:
        return warning("audit.checkpoint", text, "Is the service running? Its log says what keeps the anchor.")
    return ok("audit.checkpoint", text)
