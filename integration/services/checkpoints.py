"""Signing the log's state and anchoring it, so that a rolled-back database is refused and never extended."""

import time
from pathlib import Path

from integration.audit.anchor import Anchor, AnchorConflictError, RolledBackError
from integration.audit.checkpoint import sign_checkpoint, verified
from integration.audit.merkle import EMPTY_ROOT
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.errors import FatalError, TransientError
from integration.services.ports import Store

_ATTEMPTS = 5
_PAUSE = 0.02
"""Seconds. Moving the anchor takes a few milliseconds."""


class Checkpointer:
    """Signs checkpoints of a store's log and keeps the last one in the anchor."""

    def __init__(self, store: Store, key: SigningKey, anchor_file: Path) -> None:
        """Check that the store extends the anchored log; lay the first anchor for an empty store.

        Raises:
            RolledBackError: the database is older than the last checkpoint, or not the same log.
            AnchorMissingError: the log has entries and the anchor is gone.
        """
        self._store = store
        self._key = key
        self._anchor = Anchor(anchor_file, key.vkey)
        if store.tree_size() == 0 and not anchor_file.exists():
            self._anchor.create(sign_checkpoint(key.name, 0, EMPTY_ROOT, key))
        self._check()
        self._seen = self._anchor.read()

    def _check(self) -> None:
        size = self._store.tree_size()
        while True:
            try:
                return self._anchor.check(size, self._store.tile)
            except RolledBackError:
                # A running service may have extended the log and moved the anchor since the size was read.
                before, size = size, self._store.tree_size()
                if size <= before:
                    raise

    @property
    def size(self) -> int:
        """Number of entries under the last checkpoint."""
        return verified(self._seen, self._key.vkey).size

    def publish(self) -> bytes:
        """Sign the log as it stands, move the anchor, and return the checkpoint.

        Several processes of one installation may do so: each signs an extension of what the others signed.

        Raises:
            TransientError: other processes keep moving the anchor.
            AnchorError: the store does not extend it.
        """
        for attempt in range(_ATTEMPTS):
            # First the anchor, then the size: entries are committed before a checkpoint covers them.
            self._seen = self._anchor.read()
            size = self._store.tree_size()
            if size == self.size:
                return self._seen
            note = sign_checkpoint(self._key.name, size, root_at(size, self._store.tile), self._key)
            try:
                self._anchor.advance(self._seen, note, self._store.tile)
            except AnchorConflictError as conflict:
                if attempt == _ATTEMPTS - 1:
                    raise TransientError(f"the checkpoint has to wait: {conflict}") from conflict
                time.sleep(_PAUSE)
            else:
                self._seen = note
                break
        return self._seen

    def hand_over(self, note: bytes) -> None:
        """Put the checkpoint as it stands into the anchor with a further signature: by the key that will follow.

        Raises:
            AnchorError: another process has moved it, or the note says something else.
        """
        self._anchor.advance(self._seen, note, self._store.tile)
        self._seen = note


def open_log_key(path: Path, origin: str) -> SigningKey:
    """Open the log's private key; make it, readable by its owner alone, if there is none.

    Raises:
        FatalError: the file can be read by others or holds no key.
    """
    if not path.exists():
        key = SigningKey.generate(origin)
        key.write(path)
        return key
    try:
        return SigningKey.load(path, origin)
    except (RuntimeError, ValueError) as error:
        raise FatalError(str(error)) from error
