"""The last checkpoint, kept outside the database: a database put back to an older state is noticed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.audit.checkpoint import Checkpoint, verified
from integration.audit.merkle import TileReader
from integration.audit.proofs import root_at


class AnchorError(RuntimeError):
    """The log must not go on before a person has looked."""


class AnchorMissingError(AnchorError):
    """There is no anchor file: it was removed, or the log was never set up here."""


class AnchorConflictError(AnchorError):
    """Another sequencer has moved, or is moving, the anchor: only one may write."""


class RolledBackError(AnchorError):
    """The database does not extend the tree of the last checkpoint: restored from a backup, or changed."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last signed checkpoint in a small file beside the database, moved by compare-and-swap.

    Keep the file out of the database's backups: put back together with an old database it says nothing.

    Not detected: a tail cut off past the last checkpoint (no signature ever covered it); a database and an
    anchor put back together to the same older state; an anchor replaced by an older one of the same log.
    Checkpoints kept by somebody else (a witness, an inspector) find the last two.

    Attributes:
        path: The anchor file; a lock file ``<name>.lock`` stands beside it.
        vkey: The log's verifier key: an anchor with another signature is refused.
    """

    path: Path
    vkey: str

    def create(self, note: bytes) -> None:
        """Lay the first anchor, normally the checkpoint of the empty tree, when a log is set up.

        From then on a missing file is an error, so that removing it does not switch the check off.

        Raises:
            AnchorConflictError: There is one already.
            NoteError: The checkpoint is not one of this log.
        """
        verified(note, self.vkey)
        with self._locked():
            if self.path.exists():
                raise AnchorConflictError(f"{self.path} is there already: this log has been set up before")
            self._replace(note)

    def read(self) -> bytes:
        """Return the anchored note, its signature verified.

        Raises:
            AnchorMissingError: There is no file.
            NoteError: The file is not a checkpoint signed by this log.
        """
        try:
            note = self.path.read_bytes()
        except FileNotFoundError as error:
            raise AnchorMissingError(
                f"{self.path} is missing: the log cannot be told from a rolled-back one. Put it back, or in its place "
                "the newest checkpoint of this log that was kept elsewhere"
            ) from error
        verified(note, self.vkey)
        return note

    def check(self, size: int, read: TileReader) -> None:
        """Check that the stored tree of ``size`` leaves extends the anchored one; call it before any append.

        Raises:
            RolledBackError: The tree is smaller than the anchor, or had another root at the anchor's size.
            AnchorMissingError: There is no anchor.
            TileError: The store has fewer hashes than its size says.
        """
        _extends(verified(self.read(), self.vkey), size, read)

    def advance(self, seen: bytes, note: bytes, read: TileReader) -> None:
        """Replace the anchor ``seen`` by ``note``; publish and acknowledge only after this has returned.

        Args:
            seen: The anchor the caller last read or wrote.
            note: The new signed checkpoint.
            read: The tiles of the new tree, from which the root at the old size is worked out again.

        Raises:
            AnchorConflictError: The anchor is no longer ``seen``.
            RolledBackError: The new checkpoint is smaller, or does not extend the anchored tree.
            NoteError: ``note`` is not a checkpoint signed by this log.
        """
        new = verified(note, self.vkey)
        with self._locked():
            current = self.read()
            if current != seen:
                raise AnchorConflictError(f"{self.path} was moved by another sequencer")
            old = verified(current, self.vkey)
            _extends(old, new.size, read)
            if new.size == old.size and new.root != old.root:
                raise RolledBackError(f"two roots for {new.size} entries: the second is not signed into the anchor")
            self._replace(note)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self.path.with_name(self.path.name + ".lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AnchorConflictError(f"{self.path} is being moved by another sequencer") from error
            yield  # closing the file gives the lock back

    def _replace(self, note: bytes) -> None:
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        # Without this the new name may be gone after a power cut, and the old anchor back.
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _extends(old: Checkpoint, size: int, read: TileReader) -> None:
    if size < old.size:
        raise RolledBackError(f"the log has {size} entries, but a checkpoint over {old.size} was signed")
    if root_at(old.size, read) != old.root:
        raise RolledBackError(f"the first {old.size} entries are not those the last checkpoint was signed over")
